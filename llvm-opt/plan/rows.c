/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the table of rows.
 *
 * I1  A row that names a field of cpu->resv stays in struct cpu: LL and SC run out of line and have it there.
 */
#include "llvm-opt/plan/rows.h"

#include "llvm-opt/plan/region.h"
#include "src/ir/region.h"
#include "src/ir/state.h"

static bool overlaps_reservation(const struct lopt_row *r)
{
    return r->offset >= offsetof(struct cpu, resv) &&
           r->offset < offsetof(struct cpu, resv) + sizeof(struct cpu_reservation);
}

static void pin_rows(struct lopt_rows *rows, const struct ir_state *state)
{
    for (unsigned i = 0; i < CPU_PINNED_GPRS; i++) {
        rows->pin_gpr[i] = i < state->pinned_gpr_count ? state->pinned_gpr[i] : rows->count;
        if (i < state->pinned_gpr_count)
            rows->row[state->pinned_gpr[i]].pin_gpr = (int8_t)i, rows->row[state->pinned_gpr[i]].used = true;
    }
    for (unsigned i = 0; i < CPU_PINNED_FPRS; i++) {
        rows->pin_fpr[i] = i < state->pinned_fpr_count ? state->pinned_fpr[i] : rows->count;
        if (i < state->pinned_fpr_count)
            rows->row[state->pinned_fpr[i]].pin_fpr = (int8_t)i, rows->row[state->pinned_fpr[i]].used = true;
    }
}

void lopt_rows_init(struct lopt_rows *rows, const struct ir_region *region, struct arena *arena)
{
    const struct ir_state *state = lopt_region_state(region);
    *rows = (struct lopt_rows){.count = state->count, .region = region};
    rows->row = arena_alloc(arena, rows->count * sizeof *rows->row);
    for (unsigned r = 0; r < state->count; r++) {
        rows->row[r] = (struct lopt_row){.offset = state->rows[r].offset, .type = state->rows[r].type};
        rows->row[r].in_memory = overlaps_reservation(&rows->row[r]);
    }
    for (unsigned r = 0; r < rows->count; r++) {
        rows->row[r].pin_gpr = rows->row[r].pin_fpr = rows->row[r].flag = -1;
        rows->row[r].all_kinds = LOPT_K_EXACT;
    }
    for (unsigned i = 0; i < state->flag_count; i++)
        rows->row[state->flags[i]].flag = (int8_t)i;
    pin_rows(rows, state);
}
