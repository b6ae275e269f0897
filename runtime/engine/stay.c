/* SPDX-License-Identifier: Apache-2.0 */
/* What goes over an edge is the exit's share, if it was counted (edges.h); else a conditional exit shares a block's
 * executions between its two targets as their own counts do. */
#include "runtime/engine/stay.h"

#include "runtime/engine/profile.h"
#include "runtime/engine/tb.h"

enum { SCALE = 256 }; /* of executions, so that parts of one count */

struct flow {
    struct engine *e;
    const struct ir_region *region;
    const struct ir_region_block *at;
    uint64_t all;    /* executions of the block */
    uint64_t rest;   /* executions that have not left the block yet */
    unsigned sides;  /* side exits of the block so far */
    uint64_t leaves; /* of the region */
};

static bool is_inside(const struct flow *f, gaddr_t pc, uint32_t mode)
{
    return ir_region_find(f->region, pc, mode) >= 0;
}

static uint64_t executions(const struct flow *f, gaddr_t pc, uint32_t mode)
{
    int at = ir_region_find(f->region, pc, mode);
    const struct tb *tb = at < 0 ? tb_find(f->e, pc, mode) : NULL;
    return at >= 0 ? f->region->blocks[at].weight : tb ? tb_executions(tb) : 0;
}

/* Executions of where the block goes in the end; those of the block itself if that is not one place. */
static uint64_t final_executions(const struct flow *f)
{
    const struct ir_block *b = f->at->block;
    const struct ir_insn *last = &b->insns[b->count - 1];
    if (!ir_insn_has_target(last))
        return f->at->weight;
    return executions(f, last->imm, ir_exit_mode(b, b->count - 1));
}

static void side_exit(struct flow *f, const struct ir_insn *in)
{
    uint32_t mode = ir_exit_mode(f->at->block, (uint32_t)(in - f->at->block->insns));
    uint64_t there = executions(f, in->imm, mode), here = final_executions(f);
    uint64_t taken = there + here ? f->rest * there / (there + here) : f->rest / 2;
    if (f->at->shares) {
        taken = f->all * f->at->shares[f->sides++] / IR_SHARE_ONE;
        taken = taken < f->rest ? taken : f->rest;
    }
    f->rest -= taken;
    if (!is_inside(f, in->imm, mode))
        f->leaves += taken;
}

/* Per cent of the indirect jump's targets that are inside. */
static unsigned known_share(const struct flow *f)
{
    gaddr_t pc[PROFILE_TARGETS];
    unsigned share[PROFILE_TARGETS], sum = 0;
    const struct ir_block *b = f->at->block;
    const struct tb *tb = tb_find(f->e, b->pc, b->mode);
    unsigned n = tb ? profile_targets(tb, pc, share, PROFILE_TARGETS) : 0;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < f->at->target_count; k++)
            sum += f->at->targets[k] == pc[i] ? share[i] : 0;
    return sum < 100 ? sum : 100;
}

static void final_exit(struct flow *f, const struct ir_insn *in)
{
    bool stays = false;
    if (in->op == IR_JUMP)
        stays = !f->at->call_out && is_inside(f, in->imm, ir_exit_mode(f->at->block, f->at->block->count - 1));
    else if (in->op == IR_JUMP_REG && in->aux == IR_HINT_RET)
        stays = f->at->target_count != 0;
    else if (in->op == IR_JUMP_REG)
        f->rest -= f->rest * known_share(f) / 100;
    f->leaves += stays ? 0 : f->rest;
}

uint64_t stay_expected(struct engine *e, const struct ir_region *region)
{
    struct flow f = {.e = e, .region = region};
    uint64_t insns = 0;
    for (unsigned i = 0; i < region->count; i++) {
        f.at = &region->blocks[i];
        f.all = f.rest = SCALE * (f.at->weight ? f.at->weight : 1);
        f.sides = 0;
        insns += f.rest * f.at->block->guest_insns;
        for (unsigned k = 0; k < f.at->block->count; k++) {
            const struct ir_insn *in = &f.at->block->insns[k];
            if (in->op == IR_EXIT_IF)
                side_exit(&f, in);
            else if (ir_op_facts[in->op].effects & IR_FX_END)
                final_exit(&f, in);
        }
    }
    return f.leaves ? insns / f.leaves : UINT64_MAX;
}
