/* SPDX-License-Identifier: Apache-2.0 */
/* Backward dataflow over the region's control flow: the status flags that a block writes before they can be seen. What
 * leaves the region where they are dead need not store them. Otherwise LLVM would compute the flags of a loop's end in
 * each iteration, since they would be wanted in two places: at the poll and behind the loop.
 *
 * I1  The analysis starts from all dead, and takes away until nothing changes.
 * I2  A block outside to which an exit leads counts as far as it is known (ir_region.outside). Whatever else the region
 *     leaves to sees every flag.
 * I3  A fault sees no flags: what a handler finds in those that are dead are older ones, as front ends have it, too.
 */
#include "llvm-opt/plan/flags.h"

#include <string.h>

#include "llvm-opt/plan/region.h"
#include "src/ir/region.h"

uint32_t lopt_flags_dead_at(const struct lopt_flags *flags, gaddr_t pc, uint32_t mode)
{
    int to = ir_region_find(flags->region, pc, mode);
    if (to >= 0)
        return flags->dead[to];
    for (unsigned i = 0; i < flags->region->outside_count; i++) {
        if (flags->region->outside[i]->pc == pc && flags->region->outside[i]->mode == mode)
            return flags->dead_outside[i];
    }
    return 0;
}

static uint32_t live_behind_exit(const struct lopt_flags *flags, const struct ir_block *block, const struct ir_insn *in)
{
    if (ir_insn_has_target(in) && in->aux != IR_HINT_MODE)
        return ~lopt_flags_dead_at(flags, in->imm, ir_exit_mode(block, (uint32_t)(in - block->insns)));
    return UINT32_MAX;
}

/* Alive before instruction at, if no value is known there. inside: it is a block of the region */
static uint32_t live_before(const struct lopt_flags *flags, const struct ir_block *block, unsigned at, bool inside)
{
    uint32_t live = 0;
    for (unsigned i = block->count; i-- > at;) {
        const struct ir_insn *in = &block->insns[i];
        unsigned fx = ir_insn_effects(in);
        if (fx & (IR_FX_EXIT | IR_FX_END))
            live |= inside ? live_behind_exit(flags, block, in) : UINT32_MAX;
        if (in->op == IR_DEAD_FLAGS)
            live &= ~(uint32_t)in->imm;
        else if (in->op == IR_PUT)
            live &= ~lopt_row_flag(flags->rows, in->imm);
        else if (in->op == IR_GET)
            live |= lopt_row_flag(flags->rows, in->imm);
        else if (fx & IR_FX_RSTATE)
            live = UINT32_MAX;
    }
    return live;
}

static uint32_t live_in(const struct lopt_flags *flags, const struct ir_block *block, bool inside)
{
    return live_before(flags, block, 0, inside);
}

uint32_t lopt_flags_live_before(const struct lopt_flags *flags, const struct ir_block *block, unsigned at)
{
    if (!lopt_region_state(flags->region)->flag_count)
        return 0;
    uint32_t live = live_before(flags, block, at, true);
    for (unsigned i = 0; i < at; i++) { /* a later read may have become a use of this value */
        if (block->insns[i].op == IR_PUT || block->insns[i].op == IR_GET)
            live |= lopt_row_flag(flags->rows, block->insns[i].imm);
    }
    return live;
}

void lopt_flags_find(struct lopt_flags *flags, const struct ir_region *region, const struct lopt_rows *rows,
                     struct arena *arena)
{
    size_t bytes = region->count * sizeof *flags->dead;
    unsigned flag_count = lopt_region_state(region)->flag_count;
    *flags = (struct lopt_flags){.region = region, .rows = rows, .dead = arena_alloc(arena, bytes)};
    memset(flags->dead, flag_count ? 0xff : 0, bytes); /* I1 */
    flags->dead_outside = arena_alloc(arena, (region->outside_count + 1) * sizeof *flags->dead_outside);
    for (unsigned i = 0; i < region->outside_count; i++)
        flags->dead_outside[i] = ~live_in(flags, region->outside[i], false);
    for (bool changed = flag_count; changed;) {
        changed = false;
        for (unsigned i = region->count; i-- > 0;) {
            uint32_t dead = flags->dead[i] & ~live_in(flags, region->blocks[i].block, true);
            changed |= dead != flags->dead[i];
            flags->dead[i] = dead;
        }
    }
}

uint32_t lopt_flags_dead_behind(const struct lopt_flags *flags, const struct lopt_exit *exit)
{
    if (ir_exit_facts[exit->kind].target == IR_TARGET_BLOCK)
        return lopt_flags_dead_at(flags, exit->pc, exit->mode);
    return exit->kind == IR_EXIT_RET_MATCHED ? UINT32_MAX : 0; /* cpu.h I4 */
}
