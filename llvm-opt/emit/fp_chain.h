/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar FP operations whose NaN is found at the operation that uses their result. */
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

#endif
