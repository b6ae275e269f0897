/* SPDX-License-Identifier: Apache-2.0 */
/* Canonicalization that was put off. */
#ifndef TANDEM_LLVM_OPT_CANON_H
#define TANDEM_LLVM_OPT_CANON_H

#include "llvm-opt/emit/block.h"

/* Canonicalizes what this store and others after it store, with one branch for all. */
void lopt_canon_stores(struct lopt_block *blk, const struct ir_insn *st);

#endif
