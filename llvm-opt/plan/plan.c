/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the plan of a region: one step after the other, each using what those before it found. */
#include "llvm-opt/plan/plan.h"

#include "llvm-opt/plan/homes.h"
#include "llvm-opt/plan/scan.h"
#include "llvm-opt/plan/split.h"
#include "src/ir/region.h"

/* Can a fault in a vector loop be led back to the group's begin? (emit/vloop.c I5) */
static bool may_have_vloops(const struct lopt_rows *rows)
{
    return !rows->region->precise || (rows->maps && !rows->region->ordered);
}

/* Vector loops among the region's blocks. keeps: per block, whether it is one. */
static const struct lopt_vloop **find_vloops(const struct lopt_rows *rows, const struct ir_region *region,
                                             const struct lopt_plan_options *options, bool *keeps, struct arena *arena)
{
    const struct lopt_vloop **found = arena_alloc(arena, region->count * sizeof *found);
    for (unsigned i = 0; i < region->count; i++) {
        found[i] = NULL;
        if (options->vector_loops && may_have_vloops(rows))
            found[i] = lopt_vloop_find(rows, region->blocks[i].block, options->has_fma, arena);
        keeps[i] = found[i] != NULL;
    }
    return found;
}

/* The blocks of the region with copies: the copies, which come last, are no vector loops (unroll.c I4). */
static void spread_vloops(struct lopt_plan *plan, const struct lopt_vloop *const *found, unsigned count,
                          struct arena *arena)
{
    plan->vloops = arena_alloc(arena, plan->region->count * sizeof *plan->vloops);
    for (unsigned i = 0; i < plan->region->count; i++)
        plan->vloops[i] = i < count ? found[i] : NULL;
}

enum status lopt_plan_make(struct lopt_plan *plan, const struct ir_region *region,
                           const struct lopt_plan_options *options, struct arena *arena)
{
    *plan = (struct lopt_plan){0};
    lopt_rows_init(&plan->rows, region, arena);
    plan->rows.maps = region->precise && options->maps;
    plan->rows.stores = region->precise && !options->maps;
    plan->rows.shared_exit = options->shared_exit;
    plan->rows.access_bits = options->access_bits;
    lopt_scan(&plan->rows, region);
    bool *keeps = arena_alloc(arena, region->count * sizeof *keeps);
    const struct lopt_vloop **found = find_vloops(&plan->rows, region, options, keeps, arena);
    lopt_homes_choose(&plan->rows, found, arena);
    struct lopt_unroll_options unroll = {
        .most = plan->rows.stores ? 1 : options->unroll, .polls = options->polls, .keeps = keeps};
    lopt_unroll(&plan->loops, region, &unroll, arena);
    plan->region = plan->loops.region;
    spread_vloops(plan, found, region->count, arena);
    for (unsigned i = 0; i < region->count; i++) {
        if (region->blocks[i].block->count > plan->max_insns)
            plan->max_insns = region->blocks[i].block->count;
    }
    lopt_split_choose(&plan->rows);
    lopt_flags_find(&plan->flags, plan->region, &plan->rows, arena);
    return lopt_flow_find(&plan->flow, &plan->loops, &plan->rows, &plan->flags, arena);
}
