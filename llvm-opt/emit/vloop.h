/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that run several iterations at once. */
#ifndef TANDEM_LLVM_OPT_VLOOP_H
#define TANDEM_LLVM_OPT_VLOOP_H

#include "llvm-opt/emit/block.h"

/* Where the plan says so, code for several iterations at the head of block index; the block itself then begins at
 * blk->again[index]. */
void lopt_vloop_emit(struct lopt_block *blk, unsigned index);

#endif
