/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about a region's blocks. */
#include "llvm-opt/plan/region.h"

#include "src/ir/region.h"
#include "src/ir/state.h"

const struct ir_state *lopt_region_state(const struct ir_region *region) { return region->blocks[0].block->state; }

uint64_t lopt_weight_of(const struct ir_region *region, gaddr_t pc, uint32_t mode)
{
    int i = ir_region_find(region, pc, mode);
    return i < 0 ? 0 : region->blocks[i].weight;
}

uint64_t lopt_final_weight(const struct ir_region *region, const struct ir_region_block *rb)
{
    const struct ir_insn *last = &rb->block->insns[rb->block->count - 1];
    uint32_t mode = ir_exit_mode(rb->block, rb->block->count);
    uint64_t w = 0;
    if (last->op == IR_JUMP)
        return lopt_weight_of(region, last->imm, mode);
    for (unsigned i = 0; last->op == IR_JUMP_REG && i < rb->target_count; i++)
        w += lopt_weight_of(region, rb->targets[i], mode);
    return w;
}

bool lopt_exit_share(const struct ir_region_block *rb, const struct ir_insn *in, unsigned *taken, unsigned *on)
{
    const uint8_t *share = rb->shares;
    unsigned rest = *on = IR_SHARE_ONE;
    *taken = 0;
    for (const struct ir_insn *i = rb->block->insns; share && i <= in; i++) {
        if (i->op != IR_EXIT_IF)
            continue;
        *taken = *share < rest ? *share : rest;
        *on = rest -= *taken;
        share++;
    }
    return share;
}

bool lopt_exit_is_cold(const struct ir_region *region, const struct ir_region_block *rb, const struct ir_insn *in)
{
    if (in->op == IR_EXIT_IF) { /* nearly all executions go on */
        unsigned taken, rest;
        if (lopt_exit_share(rb, in, &taken, &rest))
            return taken <= (taken + rest) / 32;
        uint64_t on = lopt_final_weight(region, rb);
        return rb->weight && on >= rb->weight - rb->weight / 32;
    }
    if (in->op == IR_JUMP_REG) {
        for (unsigned i = 0; i < rb->target_count; i++) {
            if (ir_region_find(region, rb->targets[i], ir_exit_mode(rb->block, rb->block->count)) >= 0)
                return true;
        }
    }
    return in->op == IR_TRAP_IF;
}

uint32_t lopt_leave_mode(const struct ir_block *block, const struct ir_insn *in)
{
    return ir_insn_changes_mode(in) ? UINT32_MAX : ir_exit_mode(block, (uint32_t)(in - block->insns));
}

bool lopt_row_is_empty(const struct ir_region *region, unsigned row, uint32_t mode)
{
    return ir_row_is_empty(lopt_region_state(region), row, mode);
}
