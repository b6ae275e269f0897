/* SPDX-License-Identifier: Apache-2.0 */
/* Short innermost loops are emitted several times in a row, and only the last copy's way back polls: a poll is a third
 * of such a loop. What a guest register that the loop only reads costs is shared by the copies, too.
 *
 * A loop is taken to be the blocks of the region from the address of its head to that of the last block that branches
 * to it. Its copies follow the region's blocks, in the order of the originals.
 *
 * I1  Copy 0 is the originals. Whatever comes from outside enters there: look-up by address alone finds it.
 * I2  From copy c, the head's address is copy c + 1; the last one goes back to copy 0, and that branch polls. So every
 *     cycle polls.
 * I3  No loop's head lies in another loop that is unrolled: each block is in one at most. Loops that lopt_vloop_emit
 *     takes are left to it.
 */
#include <string.h>

#include "llvm-opt/plan/vloop.h"

enum { MAX_BLOCKS = 4, MAX_LOOPS = 16, GROWN_INSNS = 30, MAX_COPIES = 16, COLD_RATIO = 16 };

struct loop {
    gaddr_t head, last; /* addresses of the first and of the last block */
    uint32_t mode;
    uint64_t weight;
    unsigned copies;
};

static bool is_member(const struct loop *loop, const struct ir_block *b)
{
    return b->mode == loop->mode && b->pc >= loop->head && b->pc <= loop->last;
}

/* Does the block go to pc? */
static bool branches_to(const struct ir_block *b, gaddr_t pc, uint32_t mode)
{
    for (uint32_t i = 0; i < b->count; i++) {
        const struct ir_insn *in = &b->insns[i];
        if ((in->op == IR_EXIT_IF || in->op == IR_JUMP) && in->aux == IR_HINT_NONE && in->imm == pc &&
            ir_exit_mode(b, i) == mode)
            return true;
    }
    return false;
}

static bool calls_or_jumps(const struct ir_block *b)
{
    const struct ir_insn *last = &b->insns[b->count - 1];
    return last->op != IR_JUMP || last->aux != IR_HINT_NONE;
}

/* The loop whose head is block h; false if there is none. */
static bool find_loop(const struct ir_region *region, unsigned h, struct loop *loop)
{
    const struct ir_block *head = region->blocks[h].block;
    *loop = (struct loop){.head = head->pc, .mode = head->mode, .weight = region->blocks[h].weight};
    for (unsigned i = 0; i < region->count; i++) {
        const struct ir_block *b = region->blocks[i].block;
        if (b->pc >= head->pc && b->pc >= loop->last && b->mode == head->mode && branches_to(b, head->pc, head->mode))
            loop->last = b->pc;
    }
    return loop->last != 0;
}

/* Is another member than the head the head of a loop, which may also end behind this one? */
static bool has_inner_loop(const struct ir_region *region, const struct loop *loop)
{
    for (unsigned i = 0; i < region->count; i++)
        for (unsigned k = 0; k < region->count; k++) {
            const struct ir_block *from = region->blocks[i].block, *to = region->blocks[k].block;
            if (is_member(loop, to) && to->pc != loop->head && to->pc <= from->pc &&
                branches_to(from, to->pc, to->mode))
                return true;
        }
    return false;
}

/* How many copies of the loop are worth it; 1: it stays as it is. */
static unsigned copies_of(struct lopt_emit *l, const struct loop *loop)
{
    const struct ir_region *region = l->region;
    unsigned blocks = 0, insns = 0;
    uint64_t hottest = 0;
    struct lopt_vloop v;
    for (unsigned i = 0; i < region->count; i++) {
        const struct ir_region_block *rb = &region->blocks[i];
        if (rb->weight > hottest)
            hottest = rb->weight;
        if (!is_member(loop, rb->block))
            continue;
        if (calls_or_jumps(rb->block) || lopt_vloop_find(l, rb->block, &v))
            return 1;
        blocks++;
        insns += rb->block->guest_insns;
    }
    if (blocks > MAX_BLOCKS || loop->weight < hottest / COLD_RATIO || has_inner_loop(region, loop))
        return 1;
    unsigned n = GROWN_INSNS / (insns ? insns : 1), most = l->opt->options.unroll;
    most = most > MAX_COPIES ? MAX_COPIES : most;
    return n < 1 ? 1 : n > most ? most : n;
}

static void copy_loop(struct lopt_emit *l, struct ir_region *r, struct ir_region_block *blocks, const struct loop *loop,
                      unsigned id)
{
    unsigned originals = l->region->count;
    for (unsigned c = 0; c < loop->copies; c++)
        for (unsigned i = 0; i < originals; i++) {
            if (!is_member(loop, blocks[i].block))
                continue;
            unsigned at = c ? r->count++ : i;
            blocks[at] = blocks[i];
            blocks[at].entry = c ? 0 : blocks[i].entry;
            l->copies[at] = (struct lopt_copy){
                .loop = (uint8_t)id, .copy = (uint8_t)c, .of = (uint8_t)loop->copies, .head = loop->head};
        }
}

void lopt_unroll(struct lopt_emit *l)
{
    struct loop loops[MAX_LOOPS];
    unsigned count = 0, most = l->region->count + MAX_LOOPS * MAX_BLOCKS * MAX_COPIES;
    l->copies = arena_alloc(&l->arena, most * sizeof *l->copies);
    memset(l->copies, 0, most * sizeof *l->copies);
    if (l->region->precise || !l->opt->options.polls || l->opt->options.unroll < 2)
        return;
    for (unsigned h = 0; h < l->region->count && count < MAX_LOOPS; h++) {
        if (!find_loop(l->region, h, &loops[count]))
            continue;
        loops[count].copies = copies_of(l, &loops[count]);
        count += loops[count].copies > 1;
    }
    if (!count)
        return;
    struct ir_region *r = arena_alloc(&l->arena, sizeof *r);
    struct ir_region_block *blocks = arena_alloc(&l->arena, most * sizeof *blocks);
    *r = *l->region;
    r->blocks = blocks;
    memcpy(blocks, l->region->blocks, r->count * sizeof *blocks);
    for (unsigned i = 0; i < count; i++)
        copy_loop(l, r, blocks, &loops[i], i + 1);
    l->region = r;
}

int lopt_find_target(const struct lopt_emit *l, const struct ir_region_block *rb, const struct ir_insn *in, gaddr_t pc)
{
    const struct ir_region *region = l->region;
    const struct lopt_copy *own = &l->copies[rb - region->blocks];
    uint32_t mode = ir_exit_mode(rb->block, (uint32_t)(in - rb->block->insns));
    unsigned copy = pc == own->head ? (own->copy + 1u) % (own->loop ? own->of : 1u) : own->copy;
    for (unsigned i = 0; own->loop && i < region->count; i++) {
        const struct ir_block *b = region->blocks[i].block;
        if (l->copies[i].loop == own->loop && l->copies[i].copy == copy && b->pc == pc && b->mode == mode)
            return (int)i;
    }
    return lopt_find_block(region, pc, mode);
}

bool lopt_polls(const struct lopt_emit *l, const struct ir_region_block *rb, unsigned to)
{
    const struct lopt_copy *own = &l->copies[rb - l->region->blocks], *its = &l->copies[to];
    bool next_copy = own->loop && its->loop == own->loop && its->copy == own->copy + 1;
    return !next_copy && l->region->blocks[to].block->pc <= rb->block->pc && l->opt->options.polls;
}
