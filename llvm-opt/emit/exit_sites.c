/* SPDX-License-Identifier: Apache-2.0 */
/* Cold exits that leave by a map. In LLVM IR such an exit is a statepoint with the values of the rows that are dirty,
 * and nothing behind it. That is all the work that LLVM has with it. What the exit has to do with the values is written
 * behind the region's code, when the object is read and says where they are (stubs.c).
 *
 * I1  The first value is the address of struct cpu: LLVM may keep it anywhere.
 * I2  What is computed for an exit alone is computed in front of its statepoint: status flags, rows whose kind depends
 *     on the way taken. Rows of 80 bits are stored there, since the host's x87 stack is in no map, and so are vectors
 *     that the host has no registers for.
 * I3  A floating-point row that is of one kind is taken as it is held; the stub makes it exact.
 * I4  A statepoint sees struct cpu. LLVM takes code that ends in an unreachable place for never run, and would drop
 *     stores whose values only the exit wants.
 */
#include "llvm-opt/emit/exit_sites.h"

#include "llvm-opt/emit/stack_map.h"
#include "llvm-opt/emit/statepoint.h"

static bool uses_wide_vectors(const struct lopt_plan *plan)
{
    bool wide = false;
    for (unsigned i = 0; i < plan->region->count; i++)
        wide |= plan->vloops[i] != NULL;
    for (unsigned r = 0; r < plan->rows.count; r++)
        wide |= plan->rows.row[r].used && plan->rows.row[r].type == IR_V256;
    return wide;
}

void lopt_exit_sites_init(struct lopt_exit_sites *sites, struct lopt_build *b, const struct lopt_plan *plan)
{
    *sites =
        (struct lopt_exit_sites){.table = {.wide = uses_wide_vectors(plan), .three_operands = b->host->three_operands}};
    sites->values = arena_alloc(b->arena, (plan->rows.count * 2 + 1) * sizeof(LLVMValueRef));
}

static struct lopt_exit_site *add_site(struct lopt_exit_table *t, struct arena *arena)
{
    if (t->count == t->capacity)
        t->list = arena_grow(arena, t->list, t->count, &t->capacity, 32, sizeof *t->list);
    return &t->list[t->count++];
}

static void add_move(struct lopt_exit_table *t, struct arena *arena, struct lopt_stub_move move)
{
    if (t->move_count == t->move_capacity)
        t->moves = arena_grow(arena, t->moves, t->move_count, &t->move_capacity, 512, sizeof *t->moves);
    t->moves[t->move_count++] = move;
}

static void add_value(struct lopt_block *blk, struct lopt_stub_move move, LLVMValueRef value)
{
    add_move(&blk->sites->table, blk->b->arena, move);
    blk->sites->values[blk->sites->value_count++] = value;
}

static enum lopt_repair repair_of(const struct lopt_row *r, uint8_t kinds)
{
    if (r->type != IR_F64)
        return LOPT_REPAIR_NONE;
    switch (kinds) {
    case LOPT_K_RAW:
        return LOPT_REPAIR_RAW;
    case LOPT_K_BOX:
        return LOPT_REPAIR_BOX;
    case LOPT_K_RAWBOX:
        return LOPT_REPAIR_RAWBOX;
    default:
        return LOPT_REPAIR_NONE;
    }
}

static void take_halves(struct lopt_block *blk, unsigned row, struct lopt_stub_move move)
{
    struct lopt_val pair = lopt_row_pair(blk->s, row);
    move.bytes = 8;
    add_value(blk, move, pair.low);
    move.offset += 8;
    add_value(blk, move, pair.high);
}

/* A row that is dirty. */
static void take_row(struct lopt_block *blk, unsigned row, struct lopt_stub_move move)
{
    struct lopt_build *b = blk->b;
    const struct lopt_row *r = &blk->plan->rows.row[row];
    const struct lopt_slot *slot = &blk->s->slots[row];
    enum ir_type type = (enum ir_type)r->type;
    LLVMValueRef v;
    move.repair = (uint8_t)repair_of(r, blk->s->st[row] & LOPT_K_KINDS);
    switch ((enum lopt_repair)move.repair) {
    case LOPT_REPAIR_RAW:
        v = b->ll->BuildLoad2(b->ir, lopt_type(b, type), slot->d, "");
        break;
    case LOPT_REPAIR_BOX:
    case LOPT_REPAIR_RAWBOX:
        v = b->ll->BuildLoad2(b->ir, lopt_type(b, IR_F32), slot->s, "");
        type = IR_F32;
        break;
    default:
        v = lopt_row_value(blk->s, row);
        break;
    }
    if (type < IR_I32) /* of the width of a register */
        v = lopt_cast(b, LLVMZExt, v, lopt_type(b, IR_I32));
    unsigned bits = ir_type_bits(type);
    move.bytes = (uint8_t)(bits < 8 ? 1 : bits / 8);
    add_value(blk, move, v);
}

/* It is stored before the statepoint (I2). */
static bool is_stored(const struct lopt_block *blk, const struct lopt_row *r)
{
    return r->type == IR_F80 || r->type == IR_I128 || (r->type == IR_V256 && !blk->b->host->three_operands);
}

static void take_rows(struct lopt_block *blk)
{
    for (unsigned i = 0; i < blk->plan->rows.count; i++) {
        const struct lopt_row *r = &blk->plan->rows.row[i];
        bool dirty = lopt_row_is_held(r) && blk->s->st[i] & LOPT_K_DIRTY;
        struct lopt_stub_move move = {
            .offset = r->offset, .bytes = 8, .pin_gpr = r->pin_gpr, .pin_fpr = r->pin_fpr, .in_cpu = !dirty};
        if (!dirty && lopt_row_is_pinned(r))
            add_move(&blk->sites->table, blk->b->arena, move);
        else if (!dirty)
            continue;
        else if (is_stored(blk, r))
            lopt_row_store(blk->s, i, lopt_row_value(blk->s, i));
        else if (r->split)
            take_halves(blk, i, move);
        else
            take_row(blk, i, move);
    }
}

void lopt_exit_site_emit(struct lopt_block *blk, unsigned exit)
{
    struct lopt_exit_sites *sites = blk->sites;
    struct lopt_exit_table *t = &sites->table;
    struct lopt_exit_site *site = add_site(t, blk->b->arena);
    *site = (struct lopt_exit_site){.exit = exit, .first_move = t->move_count};
    sites->value_count = 0;
    sites->values[sites->value_count++] = blk->b->cpu; /* I1 */
    take_rows(blk);
    site->move_count = t->move_count - site->first_move;
    site->value_count = sites->value_count;
    lopt_statepoint_emit(blk->b, &(struct lopt_statepoint){.number = (t->count - 1) | LOPT_EXIT_SITE,
                                                           .patch_bytes = LOPT_STUB_JUMP_BYTES,
                                                           .sees_state = true,
                                                           .values = sites->values,
                                                           .count = sites->value_count});
    blk->b->ll->BuildUnreachable(blk->b->ir);
}
