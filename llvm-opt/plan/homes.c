/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the integer registers that a region holds in values.
 *
 * The pinned ones come in registers, and fill most of the host's. Of the others, real programs touch a dozen or more in
 * a region, and each exit and each map keeps all of them alive that were written. LLVM's allocator then moves them
 * between stack and registers on every edge, which takes longer than an access to struct cpu where one is used, and its
 * time goes with the number of values, too. So only as many as there are registers for are held, those used most; the
 * others are loaded by each GET and stored by each PUT.
 *
 * I1  A register that a vector loop uses is held: vloop.c takes no others.
 * I2  Status flags are held: most PUTs of them are dead, which only LLVM finds.
 */
#include "llvm-opt/plan/homes.h"

#include "src/base/arena.h"
#include "src/ir/region.h"

enum { HELD_ROWS = 4 }; /* besides the pinned ones; measured, 3 to 7 differ little */

static bool is_candidate(const struct lopt_row *r)
{
    return lopt_row_is_held(r) && !lopt_row_is_pinned(r) && r->flag < 0 && r->type == IR_I64;
}

/* Executions of GETs and PUTs of each row; UINT64_MAX: I1. */
static void count_uses(const struct ir_region *region, const struct lopt_vloop *const *vloops, uint64_t *uses)
{
    for (unsigned i = 0; i < region->count; i++) {
        const struct ir_region_block *rb = &region->blocks[i];
        for (unsigned j = 0; j < rb->block->count; j++) {
            const struct ir_insn *in = &rb->block->insns[j];
            if (in->op != IR_GET && in->op != IR_PUT)
                continue;
            if (vloops[i] || uses[in->imm] == UINT64_MAX)
                uses[in->imm] = UINT64_MAX;
            else
                uses[in->imm] += rb->weight + 1;
        }
    }
}

/* The candidate that is used most, or the number of rows if there is none. */
static unsigned most_used(const struct lopt_rows *rows, const uint64_t *uses, const bool *held)
{
    unsigned best = rows->count;
    for (unsigned r = 0; r < rows->count; r++) {
        if (is_candidate(&rows->row[r]) && !held[r] && (best == rows->count || uses[r] > uses[best]))
            best = r;
    }
    return best;
}

void lopt_homes_choose(struct lopt_rows *rows, const struct lopt_vloop *const *vloops, struct arena *arena)
{
    uint64_t *uses = arena_alloc(arena, rows->count * sizeof *uses);
    bool *held = arena_alloc(arena, rows->count * sizeof *held);
    count_uses(rows->region, vloops, uses);
    unsigned count = 0, row = most_used(rows, uses, held);
    while (row < rows->count && (count < HELD_ROWS || uses[row] == UINT64_MAX)) {
        held[row] = true;
        count++;
        row = most_used(rows, uses, held);
    }
    for (unsigned r = 0; r < rows->count; r++)
        rows->row[r].in_memory |= is_candidate(&rows->row[r]) && !held[r];
}
