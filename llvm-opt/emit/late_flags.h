/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags on the way out. */
#ifndef TANDEM_LLVM_OPT_LATE_FLAGS_H
#define TANDEM_LLVM_OPT_LATE_FLAGS_H

#include "llvm-opt/emit/block.h"

/* On the way out: stores the flags that are dirty, computed here as far as that is possible. */
void lopt_late_flags_store(struct lopt_block *blk);
/* After a PUT: notes what a flag is. */
void lopt_late_flags_note(struct lopt_block *blk, const struct ir_insn *put);

#endif
