/* SPDX-License-Identifier: Apache-2.0 */
/* Which integer registers are held outside of struct cpu. */
#ifndef TANDEM_LLVM_OPT_PLAN_HOMES_H
#define TANDEM_LLVM_OPT_PLAN_HOMES_H

#include "llvm-opt/plan/rows.h"
#include "llvm-opt/plan/vloop.h"

struct arena;

/* Leaves in struct cpu (in_memory) what is used least. vloops: per block of the region, its vector loop or NULL. */
void lopt_homes_choose(struct lopt_rows *rows, const struct lopt_vloop *const *vloops, struct arena *arena);

#endif
