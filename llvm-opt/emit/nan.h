/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point values by their bits: NaN tests, the canonical NaN, singles boxed in doubles; and compares. */
#ifndef TANDEM_LLVM_OPT_NAN_H
#define TANDEM_LLVM_OPT_NAN_H

#include "llvm-opt/emit/build.h"

/* NaN test of the bits of x: no flag, whatever x is. */
LLVMValueRef lopt_is_nan_bits(struct lopt_build *b, LLVMValueRef x);
/* x, or the canonical NaN if it is one (and cond, if not NULL). quiet: x is no signaling NaN. */
LLVMValueRef lopt_canon(struct lopt_build *b, LLVMValueRef x, LLVMValueRef cond, bool quiet);
/* RISC-V's NaN boxing: a single in a double's register, the upper half all ones. */
LLVMValueRef lopt_box(struct lopt_build *b, LLVMValueRef f32);
/* The single in a double's register; the canonical NaN if it is not boxed. */
LLVMValueRef lopt_unbox(struct lopt_build *b, LLVMValueRef f64);
/* Compares; cond: oeq, olt, ole, ogt, uno. signaling: raises invalid for quiet NaNs, too. */
LLVMValueRef lopt_fcmp(struct lopt_build *b, const char *cond, bool signaling, LLVMValueRef x, LLVMValueRef y);
/* The same without a say in which flags are raised, or when. */
LLVMValueRef lopt_fcmp_plain(struct lopt_build *b, const char *cond, LLVMValueRef x, LLVMValueRef y);

#endif
