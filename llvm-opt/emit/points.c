/* SPDX-License-Identifier: Apache-2.0 */
/* Maps for faults. LLVM is told at the end of each segment (plan/segments.c) which values the guest's registers had at
 * its begin, and says in the object where they are. That takes one byte of code and no store.
 *
 * It is told by a statepoint (statepoint.c). Since the values are kept alive up to there, they are somewhere at each of
 * the segment's accesses, too. Where exactly is found in the code itself (host_x86_64_track.c).
 *
 * I1  A row that is not dirty is in struct cpu, and stays there until it is put.
 * I2  A floating-point row is taken in the kind in which it is held. lopt_recover makes it exact.
 * I3  Accesses and statepoints keep their order: the former are volatile, the latter touch guest memory for all that
 *     LLVM knows. They do not touch struct cpu.
 * I4  LLVM may make a value only behind an access: a sum of which the access uses the parts. If it can not be told from
 *     the code, the region is compiled again, guarded: with a statepoint in front of each segment, too.
 */
#include "llvm-opt/emit/points.h"

#include "llvm-opt/emit/stack_map.h"
#include "llvm-opt/emit/statepoint.h"

/* ---- lists ---- */

static struct lopt_point *add_point(struct lopt_points *p, struct arena *arena)
{
    if (p->count == p->capacity)
        p->list = arena_grow(arena, p->list, p->count, &p->capacity, 32, sizeof *p->list);
    return &p->list[p->count++];
}

static void add_place(struct lopt_points *p, struct arena *arena, struct lopt_place place, LLVMValueRef value)
{
    if (p->place_count == p->place_capacity)
        p->places = arena_grow(arena, p->places, p->place_count, &p->place_capacity, 256, sizeof *p->places);
    p->places[p->place_count++] = place;
    p->values[p->value_count++] = value;
}

/* ---- what is noted ---- */

static uint8_t bit_number(uint64_t mask) { return mask ? (uint8_t)__builtin_ctzll(mask) : 0; }

/* The tag bits say of rows with several kinds which it is. */
static bool needs_tags(const struct lopt_state *s, unsigned row)
{
    uint8_t kinds = s->st[row] & LOPT_K_KINDS;
    return kinds & (kinds - 1);
}

static void note_row(struct lopt_block *blk, unsigned row)
{
    struct lopt_build *b = blk->b;
    const struct lopt_row *r = &blk->plan->rows.row[row];
    const struct lopt_slot *slot = &blk->s->slots[row];
    struct lopt_place place = {.offset = r->offset,
                               .type = r->type,
                               .kinds = blk->s->st[row] & LOPT_K_KINDS,
                               .raw_bit = bit_number(r->raw),
                               .single_bit = bit_number(r->single)};
    if (r->split) {
        struct lopt_val pair = lopt_row_pair(blk->s, row);
        place.part = LOPT_PART_LOW;
        add_place(blk->points, b->arena, place, pair.low);
        place.part = LOPT_PART_HIGH;
        add_place(blk->points, b->arena, place, pair.high);
        return;
    }
    if (place.kinds & LOPT_K_DOUBLE) {
        LLVMValueRef v = b->ll->BuildLoad2(b->ir, lopt_type(b, (enum ir_type)r->type), slot->d, "");
        place.part = LOPT_PART_WIDE;
        if (r->type < IR_I32) /* of the width of a register */
            v = lopt_cast(b, LLVMZExt, v, lopt_type(b, IR_I32));
        add_place(blk->points, b->arena, place, v);
    }
    if (place.kinds & LOPT_K_SINGLE) {
        place.part = LOPT_PART_SINGLE;
        add_place(blk->points, b->arena, place, b->ll->BuildLoad2(b->ir, lopt_type(b, IR_F32), slot->s, ""));
    }
}

/* Is the row to be noted? live: flags whose value matters */
static bool is_noted(const struct lopt_block *blk, unsigned row, uint32_t live)
{
    const struct lopt_rows *rows = &blk->plan->rows;
    const struct lopt_row *r = &rows->row[row];
    return lopt_row_is_held(r) && blk->s->st[row] & LOPT_K_DIRTY && r->type != IR_F80 &&
           (r->flag < 0 || lopt_row_flag(rows, row) & live);
}

static void note_rows(struct lopt_block *blk, unsigned at)
{
    struct lopt_build *b = blk->b;
    const struct lopt_rows *rows = &blk->plan->rows;
    uint32_t live = lopt_flags_live_before(&blk->plan->flags, blk->block, at);
    bool tags = false;
    for (unsigned r = 0; r < rows->count; r++)
        tags |= is_noted(blk, r, live) && needs_tags(blk->s, r);
    if (tags)
        add_place(blk->points, b->arena, (struct lopt_place){.type = IR_I64, .part = LOPT_PART_TAGS},
                  b->ll->BuildLoad2(b->ir, lopt_type(b, IR_I64), blk->s->tags, ""));
    for (unsigned r = 0; r < rows->count; r++) {
        if (is_noted(blk, r, live))
            note_row(blk, r);
    }
}

static void emit_statepoint(struct lopt_block *blk, unsigned number)
{
    struct lopt_points *p = blk->points;
    lopt_statepoint_emit(blk->b, &(struct lopt_statepoint){
                                     .number = number, .patch_bytes = 1, .values = p->values, .count = p->value_count});
}

/* ---- segments ---- */

void lopt_points_init(struct lopt_points *p, struct lopt_build *b, const struct lopt_plan *plan, bool guarded)
{
    *p = (struct lopt_points){.guarded = guarded};
    p->segments = arena_alloc(b->arena, plan->max_insns * sizeof *p->segments);
    p->values = arena_alloc(b->arena, (plan->rows.count * 2 + 1) * sizeof(LLVMValueRef));
}

void lopt_points_begin_block(struct lopt_block *blk)
{
    struct lopt_points *p = blk->points;
    p->segment_count = lopt_segments_find(&blk->plan->rows, blk->block, p->segments);
    p->next = 0;
}

void lopt_points_open(struct lopt_block *blk, unsigned at, gaddr_t pc, unsigned replay_insns)
{
    struct lopt_points *p = blk->points;
    struct lopt_point *point = add_point(p, blk->b->arena);
    *point = (struct lopt_point){.pc = pc, .replay_insns = replay_insns, .first_place = p->place_count};
    p->value_count = 0;
    note_rows(blk, at);
    lopt_flush_wide(blk->s, true);
    point->place_count = p->value_count;
    if (p->guarded) /* I4 */
        emit_statepoint(blk, (p->count - 1) | LOPT_POINT_BEGIN);
}

void lopt_points_mark(struct lopt_block *blk) { emit_statepoint(blk, blk->points->count - 1); }

void lopt_points_before(struct lopt_block *blk, unsigned at)
{
    struct lopt_points *p = blk->points;
    if (p->next == p->segment_count || p->segments[p->next].first != at)
        return;
    lopt_points_open(blk, at, p->segments[p->next].pc, p->segments[p->next].guest_insns);
    p->open = true;
}

void lopt_points_after(struct lopt_block *blk, unsigned at)
{
    struct lopt_points *p = blk->points;
    if (!p->open || p->segments[p->next].last != at)
        return;
    lopt_points_mark(blk);
    p->next++;
    p->open = false;
}
