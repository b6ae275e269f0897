/* SPDX-License-Identifier: Apache-2.0 */
/* Short innermost loops are emitted several times in a row, and only the last copy's way back polls: a poll is a third
 * of such a loop. What a guest register that the loop only reads costs is shared by the copies, too.
 *
 * A loop is taken to be the blocks of the region from the address of its head to that of the last block that branches
 * to it. Its copies follow the region's blocks, in the order of the originals.
 *
 * I1  Copy 0 is the originals. Whatever comes from outside enters there: look-up by address alone finds it.
 * I2  From copy c, the head's address is copy c + 1. The last copy goes back to copy 0, and that branch polls. So every
 *     cycle polls.
 * I3  No loop's head lies in another loop that is unrolled: each block is in one at most.
 * I4  Vector loops (vloop.c) are left as they are.
 */
#include "llvm-opt/plan/unroll.h"

#include <string.h>

#include "llvm-opt/plan/region.h"

#include "src/ir/region.h"

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
        if (ir_insn_has_target(in) && in->aux == IR_HINT_NONE && in->imm == pc && ir_exit_mode(b, i) == mode)
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
static unsigned copies_of(const struct ir_region *region, const struct loop *loop,
                          const struct lopt_unroll_options *options)
{
    unsigned blocks = 0, insns = 0;
    uint64_t hottest = 0;
    for (unsigned i = 0; i < region->count; i++) {
        const struct ir_region_block *rb = &region->blocks[i];
        if (rb->weight > hottest)
            hottest = rb->weight;
        if (!is_member(loop, rb->block))
            continue;
        if (calls_or_jumps(rb->block) || options->keeps[i])
            return 1;
        blocks++;
        insns += rb->block->guest_insns;
    }
    if (blocks > MAX_BLOCKS || loop->weight < hottest / COLD_RATIO || has_inner_loop(region, loop))
        return 1;
    unsigned n = GROWN_INSNS / (insns ? insns : 1), most = options->most;
    most = most > MAX_COPIES ? MAX_COPIES : most;
    return n < 1 ? 1 : n > most ? most : n;
}

/* Appends the copies of a loop to blocks; *count: how many there are. */
static void copy_loop(struct ir_region_block *blocks, unsigned originals, unsigned *count, struct lopt_copy *copies,
                      const struct loop *loop, unsigned id)
{
    for (unsigned c = 0; c < loop->copies; c++)
        for (unsigned i = 0; i < originals; i++) {
            if (!is_member(loop, blocks[i].block))
                continue;
            unsigned at = c ? (*count)++ : i;
            blocks[at] = blocks[i];
            blocks[at].entry = c ? 0 : blocks[i].entry;
            copies[at] = (struct lopt_copy){
                .loop = (uint8_t)id, .copy = (uint8_t)c, .of = (uint8_t)loop->copies, .head = loop->head};
        }
}

static unsigned find_loops(const struct ir_region *region, const struct lopt_unroll_options *options,
                           struct loop loops[MAX_LOOPS])
{
    unsigned count = 0;
    if (!options->polls || options->most < 2)
        return 0;
    for (unsigned h = 0; h < region->count && count < MAX_LOOPS; h++) {
        if (!find_loop(region, h, &loops[count]))
            continue;
        loops[count].copies = copies_of(region, &loops[count], options);
        count += loops[count].copies > 1;
    }
    return count;
}

void lopt_unroll(struct lopt_loops *out, const struct ir_region *region, const struct lopt_unroll_options *options,
                 struct arena *arena)
{
    struct loop loops[MAX_LOOPS];
    unsigned count = find_loops(region, options, loops);
    unsigned most = region->count + count * MAX_BLOCKS * MAX_COPIES;
    struct lopt_copy *copies = arena_alloc(arena, most * sizeof *copies);
    memset(copies, 0, most * sizeof *copies);
    *out = (struct lopt_loops){.region = region, .copies = copies, .polls = options->polls};
    if (!count)
        return;
    struct ir_region *r = arena_alloc(arena, sizeof *r);
    struct ir_region_block *blocks = arena_alloc(arena, most * sizeof *blocks);
    *r = *region;
    r->blocks = blocks;
    memcpy(blocks, region->blocks, region->count * sizeof *blocks);
    for (unsigned i = 0; i < count; i++)
        copy_loop(blocks, region->count, &r->count, copies, &loops[i], i + 1);
    out->region = r;
}

int lopt_find_target(const struct lopt_loops *loops, const struct ir_region_block *rb, const struct ir_insn *in,
                     gaddr_t pc)
{
    const struct ir_region *region = loops->region;
    const struct lopt_copy *own = &loops->copies[rb - region->blocks];
    uint32_t mode = ir_exit_mode(rb->block, (uint32_t)(in - rb->block->insns));
    unsigned copy = pc == own->head ? (own->copy + 1u) % (own->loop ? own->of : 1u) : own->copy;
    for (unsigned i = 0; own->loop && i < region->count; i++) {
        const struct ir_block *b = region->blocks[i].block;
        if (loops->copies[i].loop == own->loop && loops->copies[i].copy == copy && b->pc == pc && b->mode == mode)
            return (int)i;
    }
    return ir_region_find(region, pc, mode);
}

bool lopt_polls(const struct lopt_loops *loops, const struct ir_region_block *rb, unsigned to)
{
    const struct lopt_copy *own = &loops->copies[rb - loops->region->blocks], *its = &loops->copies[to];
    bool next_copy = own->loop && its->loop == own->loop && its->copy == own->copy + 1;
    return !next_copy && loops->region->blocks[to].block->pc <= rb->block->pc && loops->polls;
}
