/* SPDX-License-Identifier: Apache-2.0 */
/* Forward dataflow over the region's control flow: which registers may be out of date in struct cpu, and in which kinds
 * floating-point rows are held, at the head of each block.
 *
 * I1  The state of a row is a set of LOPT_K_* bits. Joining is union, so the analysis ends.
 * I2  A row that the region has not written yet stays in struct cpu (LOPT_K_ABSENT). Its uses load it where they are,
 *     and nothing is loaded at the entry that the way taken does not need.
 * I3  Where a way on which a row was written joins others, the others load it.
 * I4  A row that is empty in the mode of a block (ir_state.tagged) is LOPT_K_ABSENT there, whatever was written to it.
 * I5  A row whose kind depends on the way taken costs instructions where its exact value is read. If such reads are
 *     frequent, against its PUTs, it is made exact at each PUT instead (eager).
 * I6  Where each access stores the rows, pinned ones are stored at the entry, once. Otherwise each access in a loop
 *     would store those that the loop does not write, since on the way from the entry they are out of date.
 */
#include "llvm-opt/plan/flow.h"

#include <string.h>

#include "llvm-opt/plan/kinds.h"
#include "llvm-opt/plan/region.h"
#include "src/ir/region.h"

struct work {
    struct lopt_flow *flow;
    const struct lopt_loops *loops;
    struct lopt_rows *rows;
    const struct lopt_flags *flags;
    uint8_t *st, *get_kinds; /* the state in the block that is looked at */
};

/* mode: where the state goes on; dead: flags there */
static bool merge(const struct work *w, uint8_t *into, const uint8_t *st, uint32_t mode, uint32_t dead)
{
    bool changed = false, cold = into == w->flow->cold;
    for (unsigned r = 0; r < w->rows->count; r++) {
        bool before = cold && (w->rows->row[r].type == IR_F80 ||
                               w->rows->row[r].flag >= 0); /* it is stored before the shared way out */
        bool stays = before || lopt_row_is_empty(w->loops->region, r, mode) || (lopt_row_flag(w->rows, r) & dead);
        uint8_t v = into[r] | (stays ? LOPT_K_EXACT | LOPT_K_ABSENT : st[r]);
        changed |= v != into[r];
        into[r] = v;
    }
    return changed;
}

static void leave_cold(struct work *w, const uint8_t *st, uint32_t mode)
{
    merge(w, w->flow->cold, st, mode, 0);
    w->flow->cold_sites++;
}

/* The state goes from rb to guest address pc; false if that is outside. */
static bool flow_edge(struct work *w, const struct ir_region_block *rb, const struct ir_insn *in, gaddr_t pc,
                      const uint8_t *st, bool *changed)
{
    int to = lopt_find_target(w->loops, rb, in, pc);
    if (to < 0)
        return false;
    uint32_t mode = w->loops->region->blocks[to].block->mode;
    if (lopt_polls(w->loops, rb, (unsigned)to))
        leave_cold(w, st, mode);
    *changed |= merge(w, w->flow->in[to], st, mode, w->flags->dead[to]);
    return true;
}

/* Where control may go from this instruction. */
static void flow_exits(struct work *w, const struct ir_region_block *rb, const struct ir_insn *in, const uint8_t *st,
                       bool *changed)
{
    bool inside = false;
    if (ir_insn_has_target(in))
        inside = in->aux != IR_HINT_MODE && flow_edge(w, rb, in, in->imm, st, changed);
    for (unsigned t = 0; in->op == IR_JUMP_REG && t < rb->target_count; t++)
        flow_edge(w, rb, in, rb->targets[t], st, changed);
    if (!inside && lopt_exit_is_cold(w->loops->region, rb, in))
        leave_cold(w, st, lopt_leave_mode(rb->block, in));
}

void lopt_flow_head(const struct lopt_flow *flow, const struct lopt_rows *rows, unsigned index, uint8_t *st)
{
    memcpy(st, flow->in[index], rows->count);
    for (unsigned r = 0; r < rows->count; r++) {
        if (st[r] & LOPT_K_DIRTY) /* I3 */
            st[r] &= (uint8_t)~LOPT_K_ABSENT;
    }
}

static bool flow_block(struct work *w, unsigned index, uint8_t *st, uint8_t *get_kinds)
{
    const struct ir_region_block *rb = &w->loops->region->blocks[index];
    bool changed = false;
    lopt_flow_head(w->flow, w->rows, index, st);
    for (unsigned i = 0; i < rb->block->count; i++) {
        const struct ir_insn *in = &rb->block->insns[i];
        if (ir_insn_checks_alignment(in))
            leave_cold(w, st, lopt_leave_mode(rb->block, in));
        lopt_kinds_step(w->rows, rb->block, i, st, get_kinds);
        if (in->op == IR_PUT) {
            w->rows->row[in->imm].all_kinds |= st[in->imm] & LOPT_K_KINDS;
            if (lopt_kinds_are_mixed(st[in->imm])) /* a copy */
                w->rows->row[in->imm].tagging = LOPT_TAG_ALWAYS;
        }
        if (ir_op_facts[in->op].effects & IR_FX_EXIT)
            flow_exits(w, rb, in, st, &changed);
    }
    return changed;
}

/* Gives tag bits to the rows whose kind is open somewhere. */
static enum status assign_tags(struct work *w)
{
    unsigned bit = 0;
    for (unsigned r = 0; r < w->rows->count; r++) {
        struct lopt_row *row = &w->rows->row[r];
        if (row->tagging == LOPT_TAG_NONE && w->rows->shared_exit && w->flow->cold_sites >= LOPT_COLD_SITES &&
            lopt_kinds_are_mixed(w->flow->cold[r]))
            row->tagging = LOPT_TAG_AT_EXIT;
        for (unsigned i = 0; i < w->loops->region->count; i++) {
            if (lopt_kinds_are_mixed(w->flow->in[i][r]))
                row->tagging = LOPT_TAG_ALWAYS;
        }
        if (row->tagging == LOPT_TAG_NONE)
            continue;
        if (bit > 62)
            return STATUS_UNSUPPORTED;
        row->raw = UINT64_C(1) << bit++;
        if (row->all_kinds & LOPT_K_SINGLE)
            row->single = UINT64_C(1) << bit++;
    }
    return STATUS_OK;
}

static void start(struct work *w)
{
    for (unsigned i = 0; i < w->loops->region->count; i++)
        memset(w->flow->in[i], 0, w->rows->count);
    memset(w->flow->cold, 0, w->rows->count);
    for (unsigned r = 0; r < w->rows->count; r++) {
        bool dirty = lopt_row_is_pinned(&w->rows->row[r]) && !w->rows->stores; /* I6 */
        w->rows->row[r].all_kinds = LOPT_K_EXACT;
        w->rows->row[r].tagging = LOPT_TAG_NONE;
        bool held = lopt_row_is_pinned(&w->rows->row[r]) || w->rows->row[r].need_s || w->rows->row[r].at_entry;
        w->flow->entry[r] = LOPT_K_EXACT | (dirty ? LOPT_K_DIRTY : held ? 0 : LOPT_K_ABSENT);
    }
    for (unsigned i = 0; i < w->loops->region->count; i++) {
        if (i == 0 || w->loops->region->blocks[i].entry)
            merge(w, w->flow->in[i], w->flow->entry, w->loops->region->blocks[i].block->mode, w->flags->dead[i]);
    }
}

/* I5: true if a row was found. */
static bool choose_eager(struct work *w)
{
    enum {
        READ_COST = 10,
        PUT_COST = 3
    }; /* host instructions: to find out the kind and convert; to canonicalize and box */
    bool found = false;
    for (unsigned r = 0; r < w->rows->count; r++) {
        struct lopt_row *row = &w->rows->row[r];
        bool mixed = row->tagging == LOPT_TAG_ALWAYS;
        for (unsigned i = 0; i < w->loops->region->count && !mixed; i++)
            mixed = lopt_kinds_are_mixed(w->flow->in[i][r]);
        if (mixed && !row->eager && row->exact_reads * READ_COST > row->soft_puts * PUT_COST)
            row->eager = found = true;
    }
    return found;
}

static void iterate(struct work *w)
{
    start(w);
    for (bool changed = true; changed;) {
        changed = false;
        w->flow->cold_sites = 0;
        for (unsigned i = 0; i < w->loops->region->count; i++) {
            if (w->flow->in[i][0])
                changed |= flow_block(w, i, w->st, w->get_kinds);
        }
    }
}

/* Longest block of the region, in IR instructions. */
static unsigned max_insns(const struct ir_region *region)
{
    unsigned most = 0;
    for (unsigned i = 0; i < region->count; i++)
        most = region->blocks[i].block->count > most ? region->blocks[i].block->count : most;
    return most;
}

enum status lopt_flow_find(struct lopt_flow *flow, const struct lopt_loops *loops, struct lopt_rows *rows,
                           const struct lopt_flags *flags, struct arena *arena)
{
    const struct ir_region *region = loops->region;
    struct work w = {.flow = flow, .loops = loops, .rows = rows, .flags = flags};
    flow->in = arena_alloc(arena, region->count * sizeof *flow->in);
    for (unsigned i = 0; i < region->count; i++)
        flow->in[i] = arena_alloc(arena, rows->count);
    flow->cold = arena_alloc(arena, rows->count);
    flow->entry = arena_alloc(arena, rows->count);
    w.st = arena_alloc(arena, rows->count);
    w.get_kinds = arena_alloc(arena, max_insns(region));
    iterate(&w);
    while (choose_eager(&w))
        iterate(&w);
    return assign_tags(&w);
}
