/* SPDX-License-Identifier: Apache-2.0 */
/* Operations out of line, by the interpreter's evaluation. */
#ifndef TANDEM_LLVM_OPT_EVAL_H
#define TANDEM_LLVM_OPT_EVAL_H

#include "llvm-opt/emit/op_fns.h"

/* Calls ir_eval for in with these operand values. */
LLVMValueRef lopt_eval_values(struct lopt_block *blk, const struct ir_insn *in, const LLVMValueRef *values);
/* A side path on which ir_eval computes in; to be closed by lopt_side_end. */
struct lopt_diamond lopt_side_eval(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef cond);

#endif
