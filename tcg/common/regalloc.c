/* SPDX-License-Identifier: Apache-2.0 */
/* Register allocation, done while the block is emitted, in one pass forward: values get scratch registers as they are
 * defined and give them back after their last use (found by liveness.c).
 *
 * I1  A value lives in at most one register and at most one home (spill slot or state row); a constant may live in
 * neither. I2  A register holds any number of values that have the same 64 bits: its list (reg_head, next). I3  A state
 * row in memory always has what the last PUT stored. A value whose home is a row is moved before a PUT changes the row.
 * Each row is the home of at most one value (row_val). I4  A pinned register holds its guest register between any two
 * instructions, except that a hinted value (liveness.c I3) may be there before its PUT. I5  Moves, loads and stores
 * made here leave the flags alone, so that compares and their consumers can be apart. I6  Emitters get all operands
 * (ra_use) before the result (ra_def), which may take over an operand's register.
 */
#include "tcg/common/regalloc.h"

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

/* Everything in reg is used by the current instruction for the last time (or nothing is there). */
static bool all_dying(const struct tcg *t, int reg)
{
    for (ir_ref v = t->reg_head[reg]; v != IR_NO_REF; v = t->val[v].next)
        if (!tcg_dies(t, v))
            return false;
    return true;
}

/* ---- homes ---- */

static struct tcg_mem slot_mem(unsigned slot) { return TCG_MEM(HX_R13, TCG_CPU_OFF(spill) + 16 * (int)slot); }

struct tcg_mem ra_home_mem(const struct tcg *t, ir_ref v)
{
    unsigned h = t->val[v].home;
    return h >= TCG_HOME_ROW ? ra_row_mem(t, h - TCG_HOME_ROW) : slot_mem(h - 1);
}

static bool in_slot(const struct tcg *t, ir_ref v)
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

/* Makes sure that v, which is in a register, survives its loss. Integers are kept whole, so that TCG_VF_ZX stays
 * true. */
void ra_save_value(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    if (x->home != TCG_HOME_NONE || x->flags & TCG_VF_CONST)
        return;
    ra_take_slot(t, v);
    ra_store_mem(t, tcg_class(x->type) == TCG_RC_GPR ? IR_I64 : x->type, ra_home_mem(t, v), x->reg);
}

static void spill_reg(struct tcg *t, int reg)
{
    while (t->reg_head[reg] != IR_NO_REF) {
        ir_ref v = t->reg_head[reg];
        ra_save_value(t, v);
        ra_unlink(t, v);
    }
}

/* ---- choice of registers ---- */

static int pick(struct tcg *t, uint32_t set)
{
    if (!t->random)
        return __builtin_ctz(set);
    unsigned skip = random_next(t) % (unsigned)__builtin_popcount(set);
    while (skip--)
        set &= set - 1;
    return __builtin_ctz(set);
}

static uint32_t free_regs(const struct tcg *t, uint32_t set)
{
    uint32_t result = 0;
    for (uint32_t s = set & ~t->locked; s; s &= s - 1)
        if (t->reg_head[__builtin_ctz(s)] == IR_NO_REF)
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

int ra_alloc(struct tcg *t, enum tcg_reg_class rc, uint32_t avoid)
{
    uint32_t set = ra_scratch_of(t, rc) & ~avoid, unused = free_regs(t, set);
    if (unused)
        return pick(t, unused);
    int best = TCG_NO_REG;
    unsigned best_cost = ~0u;
    for (uint32_t s = set & ~t->locked; s; s &= s - 1) {
        int reg = __builtin_ctz(s);
        unsigned cost = t->random ? random_next(t) >> 1 : spill_cost(t, reg);
        if (cost < best_cost)
            best = reg, best_cost = cost;
    }
    assert(best != TCG_NO_REG && "an emitter locks too many registers");
    spill_reg(t, best);
    return best;
}

int ra_tmp(struct tcg *t, enum tcg_reg_class rc)
{
    int reg = ra_alloc(t, rc, 0);
    t->locked |= 1u << reg, t->temps |= 1u << reg;
    return reg;
}

void ra_unlock(struct tcg *t, int reg)
{
    t->locked &= ~(1u << reg);
    t->temps &= ~(1u << reg);
}

/* ---- operands ---- */

/* 16 bytes that the instruction whose displacement ends at x loads. */
static void cold_vec_const(struct tcg *t, const struct tcg_cold *c)
{
    while ((uintptr_t)tcg_buf_here(&t->a) & 15)
        hx_u8(&t->a, 0xcc);
    hx_bind(&t->a, c->x);
    uint64_t lo = 0, hi = 0;
    tcg_const_vec(t, (ir_ref)c->imm, &lo, &hi);
    hx_u64(&t->a, lo), hx_u64(&t->a, hi);
}

static void load_vec_const(struct tcg *t, int reg, ir_ref v)
{
    uint64_t lo = 0, hi = 0;
    tcg_const_vec(t, v, &lo, &hi);
    if ((lo | hi) == 0) {
        tcg_fp3(t, HX_XORPS, reg, reg, reg);
    } else if ((lo & hi) == UINT64_MAX) {
        tcg_fp3(t, HX_PCMPEQD, reg, reg, reg);
    } else {
        tcg_fp2_m(t, HX_MOVUPS_RM, reg, HX_ADDR(tcg_buf_here(&t->a)));
        struct tcg_cold *c = tcg_cold_add(t, cold_vec_const, 0);
        c->x = (uint32_t)tcg_buf_off(&t->a), c->imm = v;
    }
}

static void load_const(struct tcg *t, int reg, unsigned type, uint64_t bits)
{
    if (reg < HX_XMM0) {
        hx_mov_ri(&t->a, (unsigned)reg, bits);
    } else if (bits == 0) {
        tcg_fp3(t, HX_XORPS, reg, reg, reg);
    } else {
        int tmp = ra_tmp(t, TCG_RC_GPR);
        hx_mov_ri(&t->a, (unsigned)tmp, bits);
        tcg_fp2(t, HX_MOVD_XR, type == IR_F64, reg, tmp);
        ra_unlock(t, tmp);
    }
}

void ra_load_into(struct tcg *t, int reg, ir_ref v)
{
    const struct tcg_val *x = &t->val[v];
    assert(!(x->flags & (TCG_VF_FUSED | TCG_VF_DEAD)));
    if (x->reg >= 0) {
        if (x->reg != reg)
            ra_move(t, reg, x->reg);
    } else if (x->home != TCG_HOME_NONE) {
        ra_load_mem(t, in_slot(t, v) && reg < HX_XMM0 ? IR_I64 : x->type, reg, ra_home_mem(t, v));
    } else {
        assert(x->flags & TCG_VF_CONST);
        if (x->type == IR_V128)
            load_vec_const(t, reg, v);
        else
            load_const(t, reg, x->type, t->insns[v].imm);
    }
}

int ra_load_value(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    int reg = ra_alloc(t, tcg_class(x->type), 0);
    t->locked |= 1u << reg;
    ra_load_into(t, reg, v);
    t->locked &= ~(1u << reg);
    if (x->home >= TCG_HOME_ROW || x->flags & TCG_VF_CONST)
        x->flags |= TCG_VF_ZX;
    ra_link(t, v, reg);
    return reg;
}

int ra_use(struct tcg *t, ir_ref v)
{
    int reg = t->val[v].reg;
    if (reg < 0)
        reg = ra_load_value(t, v);
    t->locked |= 1u << reg;
    return reg;
}

int ra_use_rm(struct tcg *t, ir_ref v, struct tcg_mem *m)
{
    const struct tcg_val *x = &t->val[v];
    if (tcg_is_fused_load(t, v)) {
        *m = tcg_address(t, t->insns[v].arg[0], (int64_t)t->insns[v].imm);
        return TCG_NO_REG;
    }
    if (x->reg >= 0 || x->home == TCG_HOME_NONE || !tcg_dies(t, v))
        return ra_use(t, v);
    *m = ra_home_mem(t, v);
    return TCG_NO_REG;
}

/* ---- results ---- */

static bool hint_ok(const struct tcg *t, uint32_t avoid)
{
    int p = t->val[t->cur].hint;
    return p >= 0 && !((avoid | t->temps) >> p & 1) && all_dying(t, p);
}

static void set_pin_value(struct tcg *t, int reg, ir_ref v)
{
    for (unsigned k = 0; k < t->pin_count; k++)
        if (t->pin[k].reg == reg)
            t->pin[k].value = v;
}

static bool can_take_over(const struct tcg *t, int reg, uint32_t avoid)
{
    return ra_is_scratch(t, reg) && !((avoid | t->temps) >> reg & 1) && all_dying(t, reg) &&
           (reg >= HX_XMM0) == (tcg_class(t->val[t->cur].type) == TCG_RC_FPR);
}

static int take_over_any(const struct tcg *t, enum tcg_reg_class rc, uint32_t avoid)
{
    for (uint32_t s = ra_scratch_of(t, rc) & t->locked & ~avoid; s; s &= s - 1)
        if (can_take_over(t, __builtin_ctz(s), avoid))
            return __builtin_ctz(s);
    return TCG_NO_REG;
}

int ra_def(struct tcg *t, int prefer, int prefer2, uint32_t avoid)
{
    struct tcg_val *x = &t->val[t->cur];
    enum tcg_reg_class rc = tcg_class(x->type);
    int reg;
    if (x->uses == 0) {
        reg = ra_alloc(t, rc, avoid);
        t->locked |= 1u << reg, t->temps |= 1u << reg;
        return reg;
    }
    if (hint_ok(t, avoid)) {
        reg = x->hint;
        set_pin_value(t, reg, IR_NO_REF);
    } else if (can_take_over(t, prefer, avoid)) {
        reg = prefer;
    } else if (can_take_over(t, prefer2, avoid)) {
        reg = prefer2;
    } else {
        uint32_t unused = free_regs(t, ra_scratch_of(t, rc) & ~avoid);
        reg = unused ? TCG_NO_REG : take_over_any(t, rc, avoid);
        if (reg < 0)
            reg = ra_alloc(t, rc, avoid);
    }
    ra_link(t, t->cur, reg);
    t->locked |= 1u << reg;
    return reg;
}

void ra_def_in(struct tcg *t, int reg)
{
    if (t->val[t->cur].uses == 0)
        return;
    if (hint_ok(t, 0)) {
        int p = t->val[t->cur].hint;
        set_pin_value(t, p, IR_NO_REF);
        ra_move(t, p, reg);
        reg = p;
    } else {
        assert(t->reg_head[reg] == IR_NO_REF);
        t->temps &= ~(1u << reg);
    }
    ra_link(t, t->cur, reg);
}

void ra_def_alias(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[t->cur], *from = &t->val[v];
    if (x->uses == 0)
        return;
    x->flags |= from->flags & TCG_VF_ZX && from->type <= x->type ? TCG_VF_ZX : 0;
    if (from->reg < 0 && from->home != TCG_HOME_NONE && tcg_dies(t, v) && x->type <= from->type) {
        /* only in memory: the low bytes are at the same place (little-endian) */
        x->home = from->home, from->home = TCG_HOME_NONE;
        if (x->home >= TCG_HOME_ROW)
            t->row_val[x->home - TCG_HOME_ROW] = t->cur;
        return;
    }
    ra_link(t, t->cur, ra_use(t, v));
}

struct tcg_mem ra_def_mem(struct tcg *t)
{
    ra_take_slot(t, t->cur);
    return ra_home_mem(t, t->cur);
}

/* ---- particular registers ---- */

void ra_take(struct tcg *t, int reg)
{
    assert(!(t->locked >> reg & 1));
    t->locked |= 1u << reg;
    if (t->reg_head[reg] != IR_NO_REF) {
        uint32_t unused = free_regs(t, ra_scratch_of(t, reg < HX_XMM0 ? TCG_RC_GPR : TCG_RC_FPR));
        if (unused) {
            int to = pick(t, unused);
            ra_move(t, to, reg);
            ra_relink_all(t, reg, to);
        } else {
            spill_reg(t, reg);
        }
    }
    t->temps |= 1u << reg;
}

void ra_take_copy(struct tcg *t, int reg, ir_ref v, bool keep)
{
    if (t->val[v].reg == reg) {
        bool sole = t->reg_head[reg] == v && t->val[v].next == IR_NO_REF;
        if (sole && !keep && tcg_dies(t, v)) {
            ra_unlink(t, v);
            t->locked |= 1u << reg, t->temps |= 1u << reg;
            return;
        }
        ra_take(t, reg); /* the register still has the bits */
        return;
    }
    ra_take(t, reg);
    ra_load_into(t, reg, v);
}

void ra_flush(struct tcg *t, bool all)
{
    if (all) {
        for (unsigned r = 0; r < t->block->state->count; r++)
            if (t->row_val[r] != IR_NO_REF && !tcg_dies(t, t->row_val[r]))
                ra_leave_row(t, t->row_val[r], true);
        for (unsigned k = 0; k < t->pin_count; k++)
            t->pin[k].value = IR_NO_REF;
    }
    uint32_t set = HX_SCRATCH_GPR | t->scratch_xmm | (all ? t->pinned_mask : 0);
    for (; set; set &= set - 1) {
        int reg = __builtin_ctz(set);
        while (t->reg_head[reg] != IR_NO_REF) {
            ir_ref v = t->reg_head[reg];
            if (!tcg_dies(t, v))
                ra_save_value(t, v);
            ra_unlink(t, v);
        }
    }
    t->locked = t->temps = 0;
}

/* ---- end of an instruction ---- */

static void kill_value(struct tcg *t, ir_ref v)
{
    ra_unlink(t, v);
    ra_drop_home(t, v);
    t->val[v].flags |= TCG_VF_DEAD;
    if (t->x87.depth)
        xs_kill(t, v);
}

static void release_tree(struct tcg *t, const struct ir_insn *in)
{
    for (unsigned k = 0, n = tcg_nargs(in); k < n; k++) {
        ir_ref v = in->arg[k];
        if (t->val[v].flags & TCG_VF_FUSED)
            release_tree(t, &t->insns[v]);
        else if (tcg_dies(t, v) && !(t->val[v].flags & TCG_VF_DEAD))
            kill_value(t, v);
    }
}

void ra_end(struct tcg *t)
{
    const struct ir_insn *in = &t->insns[t->cur];
    t->locked = t->temps = 0;
    release_tree(t, in);
    if (t->val[t->cur].uses == 0 && t->val[t->cur].type != IR_VOID)
        kill_value(t, t->cur);
    xs_end(t);
}
