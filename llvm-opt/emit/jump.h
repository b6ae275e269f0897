/* SPDX-License-Identifier: Apache-2.0 */
/* Branches between the blocks of a region. */
#ifndef TANDEM_LLVM_OPT_JUMP_H
#define TANDEM_LLVM_OPT_JUMP_H

#include "llvm-opt/emit/block.h"

/* Goes to block index, at bb, from the current place, polling first if that is backward. */
void lopt_branch(struct lopt_block *blk, unsigned index, LLVMBasicBlockRef bb);

#endif
