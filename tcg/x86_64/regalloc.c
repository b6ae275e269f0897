/* SPDX-License-Identifier: Apache-2.0 */
/* Register allocation, done while the block is emitted, in one pass forward: values get scratch registers as they are
 * defined and give them back after their last use (found by liveness.c).
 *
 * I1  A value lives in at most one register and at most one home (spill slot or state row); a constant may live in neither.
 * I2  A register holds any number of values that have the same 64 bits: its list (reg_head, next).
 * I3  A state row in memory always has what the last PUT stored. A value whose home is a row is moved before a PUT changes
 *     the row. Each row is the home of at most one value (row_val).
 * I4  A pinned register holds its guest register between any two instructions, except that a hinted value (liveness.c
 *     I3) may be there before its PUT.
 * I5  Moves, loads and stores made here leave the flags alone, so that compares and their consumers can be apart.
 * I6  Emitters get all operands (ra_use) before the result (ra_def), which may take over an operand's register.
 */
#include "tcg/x86_64/internal.h"

#define SCRATCH_GPR ((1u << RAX) | (1u << RCX) | (1u << RDX) | (1u << R10) | (1u << R11))
#define SCRATCH_XMM (0xff81u << XMM0)

static uint32_t scratch_of(enum reg_class rc) { return rc == RC_GPR ? SCRATCH_GPR : SCRATCH_XMM; }
static bool is_scratch(int reg) { return reg >= 0 && (SCRATCH_GPR | SCRATCH_XMM) >> reg & 1; }

static unsigned random_next(struct tcg *t)
{
    t->random ^= t->random << 13, t->random ^= t->random >> 17, t->random ^= t->random << 5;
    return t->random;
}

void ra_init(struct tcg *t)
{
    memset(t->reg_head, 0xff, sizeof t->reg_head);
    t->slots = (1u << FIRST_SPILL_SLOT) - 1;
    t->random = t->req->random_seed * 2654435761u;
}

/* ---- lists of values in registers (I2) ---- */

static void link_reg(struct tcg *t, ir_ref v, int reg)
{
    t->val[v].reg = (int8_t)reg;
    t->val[v].next = t->reg_head[reg];
    t->reg_head[reg] = v;
}

static void unlink_reg(struct tcg *t, ir_ref v)
{
    int reg = t->val[v].reg;
    if (reg < 0)
        return;
    ir_ref *at = &t->reg_head[reg];
    while (*at != v)
        at = &t->val[*at].next;
    *at = t->val[v].next;
    t->val[v].reg = NO_REG;
}

static void relink_all(struct tcg *t, int from, int to)
{
    while (t->reg_head[from] != IR_NO_REF) {
        ir_ref v = t->reg_head[from];
        unlink_reg(t, v);
        link_reg(t, v, to);
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

static struct x_mem slot_mem(unsigned slot) { return MEM(R13, CPU_OFF(spill) + 16 * (int)slot); }

struct x_mem ra_row_mem(const struct tcg *t, unsigned row) { return MEM(R13, t->block->state->rows[row].offset); }

static struct x_mem home_mem(const struct tcg *t, ir_ref v)
{
    unsigned h = t->val[v].home;
    return h >= HOME_ROW ? ra_row_mem(t, h - HOME_ROW) : slot_mem(h - 1);
}

static bool in_slot(const struct tcg *t, ir_ref v) { return t->val[v].home != HOME_NONE && t->val[v].home < HOME_ROW; }
static unsigned slot_count(unsigned type) { return type == IR_V256 ? 2 : 1; }
static uint64_t slot_bits(unsigned type, unsigned slot) { return (slot_count(type) == 2 ? 3ull : 1ull) << slot; }

static void take_slot(struct tcg *t, ir_ref v)
{
    unsigned type = t->val[v].type, n = slot_count(type);
    for (unsigned s = FIRST_SPILL_SLOT; s + n <= CPU_SPILL_SLOTS; s++)
        if (!(t->slots & slot_bits(type, s))) {
            t->slots |= slot_bits(type, s);
            t->val[v].home = (uint16_t)(1 + s);
            return;
        }
    tcg_fail(t, STATUS_TOO_LARGE);
    t->val[v].home = 1 + FIRST_SPILL_SLOT;
}

static void drop_home(struct tcg *t, ir_ref v)
{
    unsigned h = t->val[v].home;
    if (h >= HOME_ROW)
        t->row_val[h - HOME_ROW] = IR_NO_REF;
    else if (h)
        t->slots &= ~slot_bits(t->val[v].type, h - 1);
    t->val[v].home = HOME_NONE;
}

/* Makes sure that v, which is in a register, survives its loss. Integers are kept whole, so that VF_ZX stays true. */
static void save_value(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    if (x->home != HOME_NONE || x->flags & VF_CONST)
        return;
    take_slot(t, v);
    ra_store_mem(t, tcg_class(x->type) == RC_GPR ? IR_I64 : x->type, home_mem(t, v), x->reg);
}

static void spill_reg(struct tcg *t, int reg)
{
    while (t->reg_head[reg] != IR_NO_REF) {
        ir_ref v = t->reg_head[reg];
        save_value(t, v);
        unlink_reg(t, v);
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
        bool clean = t->val[v].home != HOME_NONE || t->val[v].flags & VF_CONST;
        unsigned c = (clean ? 0 : 0x20000) + 0x10000u - t->val[v].last;
        cost = c > cost ? c : cost;
    }
    return cost;
}

static int alloc_reg(struct tcg *t, enum reg_class rc, uint32_t avoid)
{
    uint32_t set = scratch_of(rc) & ~avoid, unused = free_regs(t, set);
    if (unused)
        return pick(t, unused);
    int best = NO_REG;
    unsigned best_cost = ~0u;
    for (uint32_t s = set & ~t->locked; s; s &= s - 1) {
        int reg = __builtin_ctz(s);
        unsigned cost = t->random ? random_next(t) >> 1 : spill_cost(t, reg);
        if (cost < best_cost)
            best = reg, best_cost = cost;
    }
    assert(best != NO_REG && "an emitter locks too many registers");
    spill_reg(t, best);
    return best;
}

int ra_tmp(struct tcg *t, enum reg_class rc)
{
    int reg = alloc_reg(t, rc, 0);
    t->locked |= 1u << reg, t->temps |= 1u << reg;
    return reg;
}

void ra_unlock(struct tcg *t, int reg)
{
    t->locked &= ~(1u << reg);
    t->temps &= ~(1u << reg);
}

/* ---- operands ---- */

static void load_const(struct tcg *t, int reg, unsigned type, uint64_t bits)
{
    if (reg < XMM0) {
        x_mov_ri(&t->a, (unsigned)reg, bits);
    } else if (bits == 0) {
        tcg_fp3(t, X_XORPS, reg, reg, reg);
    } else {
        int tmp = ra_tmp(t, RC_GPR);
        x_mov_ri(&t->a, (unsigned)tmp, bits);
        tcg_fp2(t, X_MOVD_XR, type == IR_F64, reg, tmp);
        ra_unlock(t, tmp);
    }
}

void ra_load_into(struct tcg *t, int reg, ir_ref v)
{
    const struct tcg_val *x = &t->val[v];
    assert(!(x->flags & (VF_FUSED | VF_DEAD)));
    if (x->reg >= 0) {
        if (x->reg != reg)
            ra_move(t, reg, x->reg);
    } else if (x->home != HOME_NONE) {
        ra_load_mem(t, in_slot(t, v) && reg < XMM0 ? IR_I64 : x->type, reg, home_mem(t, v));
    } else {
        assert(x->flags & VF_CONST);
        load_const(t, reg, x->type, t->insns[v].imm);
    }
}

static int load_value(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    int reg = alloc_reg(t, tcg_class(x->type), 0);
    t->locked |= 1u << reg;
    ra_load_into(t, reg, v);
    t->locked &= ~(1u << reg);
    if (x->home >= HOME_ROW || x->flags & VF_CONST)
        x->flags |= VF_ZX;
    link_reg(t, v, reg);
    return reg;
}

int ra_use(struct tcg *t, ir_ref v)
{
    int reg = t->val[v].reg;
    if (reg < 0)
        reg = load_value(t, v);
    t->locked |= 1u << reg;
    return reg;
}

int ra_use_rm(struct tcg *t, ir_ref v, struct x_mem *m)
{
    const struct tcg_val *x = &t->val[v];
    if (x->reg >= 0 || x->home == HOME_NONE || !tcg_dies(t, v))
        return ra_use(t, v);
    *m = home_mem(t, v);
    return NO_REG;
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
    return is_scratch(reg) && !((avoid | t->temps) >> reg & 1) && all_dying(t, reg) &&
           (reg >= XMM0) == (tcg_class(t->val[t->cur].type) == RC_XMM);
}

static int take_over_any(const struct tcg *t, enum reg_class rc, uint32_t avoid)
{
    for (uint32_t s = scratch_of(rc) & t->locked & ~avoid; s; s &= s - 1)
        if (can_take_over(t, __builtin_ctz(s), avoid))
            return __builtin_ctz(s);
    return NO_REG;
}

int ra_def(struct tcg *t, int prefer, int prefer2, uint32_t avoid)
{
    struct tcg_val *x = &t->val[t->cur];
    enum reg_class rc = tcg_class(x->type);
    int reg;
    if (x->uses == 0) {
        reg = alloc_reg(t, rc, avoid);
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
        uint32_t unused = free_regs(t, scratch_of(rc) & ~avoid);
        reg = unused ? NO_REG : take_over_any(t, rc, avoid);
        if (reg < 0)
            reg = alloc_reg(t, rc, avoid);
    }
    link_reg(t, t->cur, reg);
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
    link_reg(t, t->cur, reg);
}

void ra_def_alias(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[t->cur], *from = &t->val[v];
    if (x->uses == 0)
        return;
    x->flags |= from->flags & VF_ZX && from->type <= x->type ? VF_ZX : 0;
    if (from->reg < 0 && from->home != HOME_NONE && tcg_dies(t, v) && x->type <= from->type) {
        /* only in memory: the low bytes are at the same place (little-endian) */
        x->home = from->home, from->home = HOME_NONE;
        if (x->home >= HOME_ROW)
            t->row_val[x->home - HOME_ROW] = t->cur;
        return;
    }
    link_reg(t, t->cur, ra_use(t, v));
}

struct x_mem ra_def_mem(struct tcg *t)
{
    take_slot(t, t->cur);
    return home_mem(t, t->cur);
}

/* ---- particular registers ---- */

void ra_take(struct tcg *t, int reg)
{
    assert(!(t->locked >> reg & 1));
    t->locked |= 1u << reg;
    if (t->reg_head[reg] != IR_NO_REF) {
        uint32_t unused = free_regs(t, scratch_of(reg < XMM0 ? RC_GPR : RC_XMM));
        if (unused) {
            int to = pick(t, unused);
            ra_move(t, to, reg);
            relink_all(t, reg, to);
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
            unlink_reg(t, v);
            t->locked |= 1u << reg, t->temps |= 1u << reg;
            return;
        }
        ra_take(t, reg); /* the register still has the bits */
        return;
    }
    ra_take(t, reg);
    ra_load_into(t, reg, v);
}

/* ---- wide values ---- */

static void copy_wide(struct tcg *t, unsigned type, struct x_mem to, struct x_mem from)
{
    if (type == IR_F80) {
        int g = ra_tmp(t, RC_GPR);
        for (unsigned size = SZ64; size; size = size == SZ64 ? SZ16 : 0) {
            x_load(&t->a, size, false, size == SZ64, (unsigned)g, from);
            x_store(&t->a, size, to, (unsigned)g);
            from.disp += 8, to.disp += 8;
        }
        ra_unlock(t, g);
        return;
    }
    int x = ra_tmp(t, RC_XMM);
    for (unsigned k = 0; k < slot_count(type); k++) {
        tcg_fp2_m(t, X_MOVUPS_RM, x, from);
        tcg_fp2_m(t, X_MOVUPS_MR, x, to);
        from.disp += 16, to.disp += 16;
    }
    ra_unlock(t, x);
}

struct x_mem ra_wide(struct tcg *t, ir_ref v)
{
    const struct ir_insn *in = &t->insns[v];
    if (t->val[v].home != HOME_NONE)
        return home_mem(t, v);
    assert(t->val[v].flags & VF_CONST);
    take_slot(t, v);
    struct x_mem m = home_mem(t, v);
    uint64_t part[4] = {in->imm, in->arg[0] | (uint64_t)in->arg[1] << 16 | (uint64_t)in->arg[2] << 32 | (uint64_t)in->arg[3] << 48};
    int g = ra_tmp(t, RC_GPR);
    for (unsigned k = 0; k < 2 * slot_count(in->type); k++) {
        x_mov_ri(&t->a, (unsigned)g, part[k]);
        x_store(&t->a, SZ64, MEM(R13, m.disp + 8 * k), (unsigned)g);
    }
    ra_unlock(t, g);
    return m;
}

/* A value whose home is a state row gets another one (or a register), because the row changes. */
static void leave_row(struct tcg *t, ir_ref v, bool to_slot)
{
    struct tcg_val *x = &t->val[v];
    struct x_mem from = home_mem(t, v);
    if (tcg_class(x->type) == RC_MEM) {
        drop_home(t, v);
        take_slot(t, v);
        copy_wide(t, x->type, home_mem(t, v), from);
        return;
    }
    if (x->reg < 0)
        load_value(t, v);
    drop_home(t, v);
    if (to_slot)
        save_value(t, v);
}

void ra_flush(struct tcg *t, bool all)
{
    if (all) {
        for (unsigned r = 0; r < t->block->state->count; r++)
            if (t->row_val[r] != IR_NO_REF && !tcg_dies(t, t->row_val[r]))
                leave_row(t, t->row_val[r], true);
        for (unsigned k = 0; k < t->pin_count; k++)
            t->pin[k].value = IR_NO_REF;
    }
    uint32_t set = SCRATCH_GPR | SCRATCH_XMM | (all ? t->pinned_mask : 0);
    for (; set; set &= set - 1) {
        int reg = __builtin_ctz(set);
        while (t->reg_head[reg] != IR_NO_REF) {
            ir_ref v = t->reg_head[reg];
            if (!tcg_dies(t, v))
                save_value(t, v);
            unlink_reg(t, v);
        }
    }
    t->locked = t->temps = 0;
}

/* ---- guest registers ---- */

void ra_get_row(struct tcg *t, unsigned row)
{
    struct tcg_val *x = &t->val[t->cur];
    if (x->uses == 0)
        return;
    if (t->row_pin[row] >= 0) {
        struct tcg_pin *p = &t->pin[t->row_pin[row]];
        link_reg(t, t->cur, p->reg);
        if (p->value == IR_NO_REF)
            p->value = t->cur;
        return;
    }
    if (t->row_val[row] == IR_NO_REF) {
        t->row_val[row] = t->cur;
        x->home = (uint16_t)(HOME_ROW + row);
    } else if (tcg_class(x->type) == RC_MEM) {
        struct x_mem to = ra_def_mem(t);
        copy_wide(t, x->type, to, ra_row_mem(t, row));
    } else {
        x->flags |= VF_ZX;
        ra_load_mem(t, x->type, ra_def(t, NO_REG, NO_REG, 0), ra_row_mem(t, row));
    }
}

/* Values in pinned register p that live on go elsewhere: to another pinned register with the same content, or a scratch one. */
static void evict_pin(struct tcg *t, const struct tcg_pin *p)
{
    if (t->reg_head[p->reg] == IR_NO_REF)
        return;
    for (unsigned k = 0; k < t->pin_count && p->value != IR_NO_REF; k++)
        if (&t->pin[k] != p && t->pin[k].value == p->value && (t->pin[k].reg >= XMM0) == (p->reg >= XMM0)) {
            relink_all(t, p->reg, t->pin[k].reg);
            return;
        }
    int to = alloc_reg(t, p->reg < XMM0 ? RC_GPR : RC_XMM, 0);
    ra_move(t, to, p->reg);
    relink_all(t, p->reg, to);
}

static void put_pinned(struct tcg *t, struct tcg_pin *p, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    if (x->reg != p->reg) {
        if (x->reg >= 0)
            t->locked |= 1u << x->reg;
        evict_pin(t, p);
        ra_load_into(t, p->reg, v);
        if (!tcg_dies(t, v) && (x->reg < 0 || is_scratch(x->reg))) {
            unlink_reg(t, v);
            link_reg(t, v, p->reg);
        }
    }
    p->value = v;
}

static void put_memory(struct tcg *t, unsigned row, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    struct x_mem m = ra_row_mem(t, row);
    unsigned size = tcg_size(x->type);
    int32_t imm;
    if (tcg_class(x->type) == RC_MEM)
        copy_wide(t, x->type, m, ra_wide(t, v));
    else if (x->reg < 0 && tcg_class(x->type) == RC_GPR && tcg_imm32(t, v, x->type, &imm))
        x_mov_mi(&t->a, size, m, imm);
    else
        ra_store_mem(t, x->type, m, ra_use(t, v));
}

void ra_put_row(struct tcg *t, unsigned row, ir_ref v)
{
    if (t->row_pin[row] >= 0) {
        put_pinned(t, &t->pin[t->row_pin[row]], v);
        return;
    }
    ir_ref w = t->row_val[row];
    if (w == v)
        return;
    if (w != IR_NO_REF)
        leave_row(t, w, false);
    put_memory(t, row, v);
    struct tcg_val *x = &t->val[v];
    if (x->home == HOME_NONE && !(x->flags & VF_CONST) && !tcg_dies(t, v)) {
        x->home = (uint16_t)(HOME_ROW + row);
        t->row_val[row] = v;
    }
}

/* ---- end of an instruction ---- */

static void kill_value(struct tcg *t, ir_ref v)
{
    unlink_reg(t, v);
    drop_home(t, v);
    t->val[v].flags |= VF_DEAD;
}

static void release_tree(struct tcg *t, const struct ir_insn *in)
{
    for (unsigned k = 0, n = tcg_nargs(in); k < n; k++) {
        ir_ref v = in->arg[k];
        if (t->val[v].flags & VF_FUSED)
            release_tree(t, &t->insns[v]);
        else if (tcg_dies(t, v) && !(t->val[v].flags & VF_DEAD))
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
}
