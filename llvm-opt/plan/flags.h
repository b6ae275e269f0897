/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags that are written before they are read. */
#ifndef TANDEM_LLVM_OPT_PLAN_FLAGS_H
#define TANDEM_LLVM_OPT_PLAN_FLAGS_H

#include "llvm-opt/lopt.h"
#include "llvm-opt/plan/rows.h"
#include "src/ir/region.h"

/* Sets of flags: bit i is the row state->flags[i]. */
struct lopt_flags {
    const struct ir_region *region;
    const struct lopt_rows *rows;
    uint32_t *dead;         /* per block: what it writes before it can be seen */
    uint32_t *dead_outside; /* the same of region->outside */
};

TANDEM_BEGIN_DECLS
void lopt_flags_find(struct lopt_flags *flags, const struct ir_region *region, const struct lopt_rows *rows,
                     struct arena *arena);
/* Flags that are written before they are read from guest address pc on, as far as that is known. */
uint32_t lopt_flags_dead_at(const struct lopt_flags *flags, gaddr_t pc, uint32_t mode);
/* The same where the exit leads. */
uint32_t lopt_flags_dead_behind(const struct lopt_flags *flags, const struct lopt_exit *exit);
/* Those that the guest's code may read from instruction at of a block of the region on. */
uint32_t lopt_flags_live_before(const struct lopt_flags *flags, const struct ir_block *block, unsigned at);
TANDEM_END_DECLS

#endif
