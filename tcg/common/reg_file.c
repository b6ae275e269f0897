/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the host's registers while a block is translated: which values are in each, which place in memory is a
 * value's home, and which register is taken next.
 *
 * I1  A value lives in at most one register and at most one home (spill slot or state row); a constant may live in
 *     neither.
 * I2  A register holds any number of values that have the same 64 bits: its list (reg_head, next).
 * I3  Each row is the home of at most one value (row_val).
 */
#include "tcg/common/reg_file.h"

#include "src/ir/state.h"

static unsigned random_next(struct tcg *t)
{
    t->random ^= t->random << 13, t->random ^= t->random >> 17, t->random ^= t->random << 5;
    return t->random;
}

void ra_init(struct tcg *t)
{
    memset(t->reg_head, 0xff, sizeof t->reg_head);
    t->slots = (1u << TCG_FIRST_SPILL_SLOT) - 1;
    t->random = t->req->random_seed * 2654435761u;
}

/* ---- lists of values in registers (I2) ---- */

void ra_link(struct tcg *t, ir_ref v, int reg)
{
    t->val[v].reg = (int8_t)reg;
    t->val[v].next = t->reg_head[reg];
    t->reg_head[reg] = v;
}

void ra_unlink(struct tcg *t, ir_ref v)
{
    int reg = t->val[v].reg;
    if (reg < 0)
        return;
    ir_ref *at = &t->reg_head[reg];
    while (*at != v)
        at = &t->val[*at].next;
    *at = t->val[v].next;
    t->val[v].reg = TCG_NO_REG;
}

void ra_relink_all(struct tcg *t, int from, int to)
{
    while (t->reg_head[from] != IR_NO_REF) {
        ir_ref v = t->reg_head[from];
        ra_unlink(t, v);
        ra_link(t, v, to);
    }
}

bool ra_all_dying(const struct tcg *t, int reg)
{
    for (ir_ref v = t->reg_head[reg]; v != IR_NO_REF; v = t->val[v].next)
        if (!tcg_dies(t, v))
            return false;
    return true;
}

/* ---- homes ---- */

static struct tcg_mem slot_mem(const struct tcg *t, unsigned slot)
{
    return TCG_MEM(t->host->cpu_reg, TCG_CPU_OFF(spill) + TCG_SLOT_BYTES * (int)slot);
}

struct tcg_mem ra_row_mem(const struct tcg *t, unsigned row)
{
    return TCG_MEM(t->host->cpu_reg, t->block->state->rows[row].offset);
}

struct tcg_mem ra_mem_of_home(const struct tcg *t, unsigned home)
{
    return home >= TCG_HOME_ROW ? ra_row_mem(t, home - TCG_HOME_ROW) : slot_mem(t, home - 1);
}

struct tcg_mem ra_home_mem(const struct tcg *t, ir_ref v) { return ra_mem_of_home(t, t->val[v].home); }

bool ra_in_slot(const struct tcg *t, ir_ref v)
{
    return t->val[v].home != TCG_HOME_NONE && t->val[v].home < TCG_HOME_ROW;
}

unsigned ra_slot_count(unsigned type) { return type == IR_V256 ? 2 : 1; }
static uint64_t slot_bits(unsigned type, unsigned slot) { return (ra_slot_count(type) == 2 ? 3ull : 1ull) << slot; }

void ra_take_slot(struct tcg *t, ir_ref v)
{
    unsigned type = t->val[v].type, n = ra_slot_count(type);
    for (unsigned s = TCG_FIRST_SPILL_SLOT; s + n <= CPU_SPILL_SLOTS; s++)
        if (!(t->slots & slot_bits(type, s))) {
            t->slots |= slot_bits(type, s);
            t->val[v].home = (uint16_t)(1 + s);
            return;
        }
    tcg_fail(t, STATUS_TOO_LARGE);
    t->val[v].home = 1 + TCG_FIRST_SPILL_SLOT;
}

void ra_drop_home(struct tcg *t, ir_ref v)
{
    unsigned h = t->val[v].home;
    if (h >= TCG_HOME_ROW)
        t->row_val[h - TCG_HOME_ROW] = IR_NO_REF;
    else if (h)
        t->slots &= ~slot_bits(t->val[v].type, h - 1);
    t->val[v].home = TCG_HOME_NONE;
}

/* Integers are kept whole, so that TCG_VF_ZX stays true. */
void ra_save_value(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    if (x->home != TCG_HOME_NONE || x->flags & TCG_VF_CONST)
        return;
    ra_take_slot(t, v);
    t->host->store(t, tcg_class(x->type) == TCG_RC_GPR ? IR_I64 : x->type, ra_home_mem(t, v), x->reg);
}

void ra_spill(struct tcg *t, int reg)
{
    while (t->reg_head[reg] != IR_NO_REF) {
        ir_ref v = t->reg_head[reg];
        ra_save_value(t, v);
        ra_unlink(t, v);
    }
}

/* ---- choice of registers ---- */

int ra_pick(struct tcg *t, tcg_regset set)
{
    if (!t->random)
        return tcg_first_reg(set);
    unsigned skip = random_next(t) % (unsigned)__builtin_popcountll(set);
    while (skip--)
        set &= set - 1;
    return tcg_first_reg(set);
}

tcg_regset ra_free_regs(const struct tcg *t, tcg_regset set)
{
    tcg_regset result = 0;
    for (tcg_regset s = set & ~t->locked; s; s &= s - 1)
        if (t->reg_head[tcg_first_reg(s)] == IR_NO_REF)
            result |= s & -s;
    return result;
}

/* What it costs to lose a register: nothing if all its values have homes; else, the nearer the last use the more. */
static unsigned spill_cost(const struct tcg *t, int reg)
{
    unsigned cost = 0;
    for (ir_ref v = t->reg_head[reg]; v != IR_NO_REF; v = t->val[v].next) {
        bool clean = t->val[v].home != TCG_HOME_NONE || t->val[v].flags & TCG_VF_CONST;
        unsigned c = (clean ? 0 : 0x20000) + 0x10000u - t->val[v].last;
        cost = c > cost ? c : cost;
    }
    return cost;
}

int ra_alloc(struct tcg *t, enum tcg_reg_class rc, tcg_regset avoid)
{
    tcg_regset set = t->scratch[rc] & ~avoid, unused = ra_free_regs(t, set);
    if (unused)
        return ra_pick(t, unused);
    int best = TCG_NO_REG;
    unsigned best_cost = ~0u;
    for (tcg_regset s = set & ~t->locked; s; s &= s - 1) {
        int reg = tcg_first_reg(s);
        unsigned cost = t->random ? random_next(t) >> 1 : spill_cost(t, reg);
        if (cost < best_cost)
            best = reg, best_cost = cost;
    }
    assert(best != TCG_NO_REG && "an emitter locks too many registers");
    ra_spill(t, best);
    return best;
}

void ra_lock_tmp(struct tcg *t, int reg) { t->locked |= tcg_bit(reg), t->temps |= tcg_bit(reg); }

int ra_tmp(struct tcg *t, enum tcg_reg_class rc)
{
    int reg = ra_alloc(t, rc, 0);
    ra_lock_tmp(t, reg);
    return reg;
}

void ra_unlock(struct tcg *t, int reg)
{
    t->locked &= ~tcg_bit(reg);
    t->temps &= ~tcg_bit(reg);
}
