/* SPDX-License-Identifier: Apache-2.0 */
/* Emits instructions by the table ops.def. */
#ifndef TANDEM_LLVM_OPT_INSN_H
#define TANDEM_LLVM_OPT_INSN_H

#include "llvm-opt/emit/block.h"

/* The state at the head of block index, with no value made yet. */
void lopt_begin_block(struct lopt_block *blk, unsigned index);
/* Emits instruction at of the block, at once or when FP results before it have been looked at (fp_chain.h). */
void lopt_emit_insn(struct lopt_block *blk, unsigned at);
void lopt_emit_now(struct lopt_block *blk, ir_ref at);
/* The value of the instruction, built (once more) from what its operands are now. Only for those that are one LLVM
 * value. */
LLVMValueRef lopt_emit_value(struct lopt_block *blk, ir_ref ref);

#endif
