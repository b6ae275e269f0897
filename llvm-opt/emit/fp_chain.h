/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar FP operations whose NaN is found later: at the operation that uses their result, or together with others. */
#ifndef TANDEM_LLVM_OPT_FP_CHAIN_H
#define TANDEM_LLVM_OPT_FP_CHAIN_H

#include "llvm-opt/emit/block.h"

/* Finds the chains of the block that begins; on the compile's own thread, like all of emit/. */
void lopt_fp_chain_plan(struct lopt_block *blk);
/* May the result of this instruction be a NaN other than the guest's, which its users look for? */
bool lopt_fp_is_put_off(const struct lopt_block *blk, const struct ir_insn *in);
/* A side path on which ir_eval computes in, and before it what it uses that was put off; to be closed by
 * lopt_side_end. */
struct lopt_diamond lopt_fp_chain_side(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef cond);
/* Behind its emission: may it wait with other results to be looked at? Then the caller does not look. */
bool lopt_fp_wait(struct lopt_block *blk, const struct ir_insn *in);
/* Is the instruction to be emitted later, behind a look? Looks at what waits if it cannot wait any longer. */
bool lopt_fp_is_late(struct lopt_block *blk, unsigned at);

#endif
