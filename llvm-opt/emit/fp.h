/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point, for the other classes of operations. */
#ifndef TANDEM_LLVM_OPT_FP_H
#define TANDEM_LLVM_OPT_FP_H

#include "llvm-opt/emit/block.h"

/* The arithmetic operation on lanes, vectors of the operation's type: the host's instruction. operands has room for two
 * more. */
LLVMValueRef lopt_lanes(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef *operands);
/* Emits the checks that were put off. To be called before flags can be seen. */
void lopt_fp_settle(struct lopt_block *blk);

#endif
