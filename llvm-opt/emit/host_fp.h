/* SPDX-License-Identifier: Apache-2.0 */
/* Operations with the x86 NaN rule: each host has its own forms of them (host_<machine>_fp.c). */
#ifndef TANDEM_LLVM_OPT_HOST_FP_H
#define TANDEM_LLVM_OPT_HOST_FP_H

#include "llvm-opt/emit/block.h"

/* Scalars and 128-bit vectors of f32 and f64 under that rule. */
bool lopt_is_x86_rule(const struct ir_insn *in);
LLVMValueRef lopt_x86_arith(struct lopt_block *blk, const struct ir_insn *in, unsigned id);
LLVMValueRef lopt_x86_minmax(struct lopt_block *blk, const struct ir_insn *in, unsigned max);
LLVMValueRef lopt_x86_fma(struct lopt_block *blk, const struct ir_insn *in);
LLVMValueRef lopt_x86_to_int(struct lopt_block *blk, const struct ir_insn *in);
LLVMValueRef lopt_x86_from_int(struct lopt_block *blk, const struct ir_insn *in);

#endif
