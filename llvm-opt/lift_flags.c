/* SPDX-License-Identifier: Apache-2.0 */
/* Backward dataflow over the region's CFG: the status flags that a block writes before they can be seen. Polls leave the region
 * at such a block's head and need not store them; otherwise LLVM would compute the flags of a loop's end in each iteration, being
 * wanted in two places, at the poll and behind the loop.
 *
 * I1  Starts from all dead, and takes away until nothing changes. Ways out of the region see every flag.
 * I2  Faults see flags in a precise region only.
 */
#include <string.h>

#include "llvm-opt/lift.h"

static const struct ir_state *state_of(const struct lift *l) { return l->region->blocks[0].block->state; }

static uint32_t flag_bit(const struct ir_state *s, uint64_t row)
{
    for (unsigned i = 0; i < s->flag_count; i++) {
        if (s->flags[i] == row)
            return UINT32_C(1) << i;
    }
    return 0;
}

/* Live at guest address pc, to which the instruction goes. */
static uint32_t live_at(const struct lift *l, const struct ir_region_block *rb, const struct ir_insn *in, gaddr_t pc)
{
    int to = in->aux == IR_HINT_MODE ? -1 : lift_find_target(l, rb, in, pc);
    return to < 0 ? UINT32_MAX : ~l->dead_flags[to];
}

static uint32_t live_behind_exit(const struct lift *l, const struct ir_region_block *rb, const struct ir_insn *in)
{
    if ((in->op == IR_EXIT_IF || in->op == IR_JUMP) && !(in->aux == IR_HINT_CALL && rb->call_out))
        return live_at(l, rb, in, in->imm);
    return UINT32_MAX;
}

static uint32_t live_in(const struct lift *l, const struct ir_region_block *rb)
{
    const struct ir_state *s = state_of(l);
    uint32_t live = 0;
    for (unsigned i = rb->block->count; i-- > 0;) {
        const struct ir_insn *in = &rb->block->insns[i];
        unsigned fx = ir_insn_effects(in);
        if (fx & (IR_FX_EXIT | IR_FX_END))
            live |= live_behind_exit(l, rb, in);
        if (in->op == IR_PUT)
            live &= ~flag_bit(s, in->imm);
        else if (in->op == IR_GET)
            live |= flag_bit(s, in->imm);
        else if (fx & IR_FX_RSTATE || (l->region->precise && fx & IR_FX_FAULT))
            live = UINT32_MAX;
    }
    return live;
}

void lift_flags_init(struct lift *l)
{
    size_t bytes = l->region->count * sizeof *l->dead_flags;
    l->dead_flags = arena_alloc(&l->arena, bytes);
    memset(l->dead_flags, state_of(l)->flag_count ? 0xff : 0, bytes); /* I1 */
    for (bool changed = state_of(l)->flag_count; changed;) {
        changed = false;
        for (unsigned i = l->region->count; i-- > 0;) {
            uint32_t dead = l->dead_flags[i] & ~live_in(l, &l->region->blocks[i]);
            changed |= dead != l->dead_flags[i];
            l->dead_flags[i] = dead;
        }
    }
}

void lift_flags_drop(struct lift *l, unsigned index)
{
    const struct ir_state *s = state_of(l);
    for (unsigned i = 0; i < s->flag_count; i++) {
        const struct lift_row *r = &l->rows[s->flags[i]];
        if (l->dead_flags[index] >> i & 1 && r->used && !r->in_memory)
            l->ll->BuildStore(l->b, l->ll->GetUndef(lt(l, (enum ir_type)r->type)), r->d);
    }
}
