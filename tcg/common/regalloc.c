/* SPDX-License-Identifier: Apache-2.0 */
/* Register allocation, done while the block is emitted, in one pass forward: values get scratch registers as they are
 * defined and give them back after their last use (found by liveness.c).
 *
 * I1  A pinned register holds its guest register between any two instructions, except that a hinted value (liveness.c
 *     I2) may be there before its PUT.
 * I2  A result may take over the register of an operand that dies here (host.h I2), never that of a temporary.
 */
#include "tcg/common/regalloc.h"

#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc_row.h"

/* ---- operands ---- */

void ra_load_into(struct tcg *t, int reg, ir_ref v)
{
    const struct tcg_val *x = &t->val[v];
    assert(!(x->flags & (TCG_VF_FUSED | TCG_VF_DEAD)));
    if (x->reg >= 0) {
        if (x->reg != reg)
            t->host->move(t, reg, x->reg);
    } else if (x->home != TCG_HOME_NONE) {
        t->host->load(t, ra_in_slot(t, v) && reg < TCG_FPR0 ? IR_I64 : x->type, reg, ra_home_mem(t, v));
    } else {
        assert(x->flags & TCG_VF_CONST);
        t->host->load_const(t, reg, v);
    }
}

int ra_load_value(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    int reg = ra_alloc(t, tcg_class(x->type), 0);
    t->locked |= tcg_bit(reg);
    ra_load_into(t, reg, v);
    t->locked &= ~(tcg_bit(reg));
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
    t->locked |= tcg_bit(reg);
    return reg;
}

/* ---- results ---- */

static bool hint_ok(const struct tcg *t, tcg_regset avoid)
{
    int p = t->val[t->cur].hint;
    return p >= 0 && !((avoid | t->temps) & tcg_bit(p)) && ra_all_dying(t, p);
}

static void set_pin_value(struct tcg *t, int reg, ir_ref v)
{
    for (unsigned k = 0; k < t->pin_count; k++)
        if (t->pin[k].reg == reg)
            t->pin[k].value = v;
}

static bool can_take_over(const struct tcg *t, int reg, tcg_regset avoid)
{
    return ra_is_scratch(t, reg) && !((avoid | t->temps) & tcg_bit(reg)) && ra_all_dying(t, reg) &&
           tcg_reg_class(reg) == (tcg_class(t->val[t->cur].type) == TCG_RC_FPR ? TCG_RC_FPR : TCG_RC_GPR);
}

static int take_over_any(const struct tcg *t, enum tcg_reg_class rc, tcg_regset avoid)
{
    for (tcg_regset s = t->scratch[rc] & t->locked & ~avoid; s; s &= s - 1)
        if (can_take_over(t, tcg_first_reg(s), avoid))
            return tcg_first_reg(s);
    return TCG_NO_REG;
}

int ra_def(struct tcg *t, int prefer, int prefer2, tcg_regset avoid)
{
    struct tcg_val *x = &t->val[t->cur];
    enum tcg_reg_class rc = tcg_class(x->type);
    int reg;
    if (x->uses == 0) {
        reg = ra_alloc(t, rc, avoid);
        ra_lock_tmp(t, reg);
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
        tcg_regset unused = ra_free_regs(t, t->scratch[rc] & ~avoid);
        reg = unused ? TCG_NO_REG : take_over_any(t, rc, avoid);
        if (reg < 0)
            reg = ra_alloc(t, rc, avoid);
    }
    ra_link(t, t->cur, reg);
    t->locked |= tcg_bit(reg);
    return reg;
}

void ra_def_in(struct tcg *t, int reg)
{
    if (t->val[t->cur].uses == 0)
        return;
    if (hint_ok(t, 0)) {
        int p = t->val[t->cur].hint;
        set_pin_value(t, p, IR_NO_REF);
        t->host->move(t, p, reg);
        reg = p;
    } else {
        assert(t->reg_head[reg] == IR_NO_REF);
        t->temps &= ~(tcg_bit(reg));
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
    assert(!ra_is_locked(t, reg));
    t->locked |= tcg_bit(reg);
    if (t->reg_head[reg] != IR_NO_REF) {
        tcg_regset unused = ra_free_regs(t, t->scratch[tcg_reg_class(reg)]);
        if (unused) {
            int to = ra_pick(t, unused);
            t->host->move(t, to, reg);
            ra_relink_all(t, reg, to);
        } else {
            ra_spill(t, reg);
        }
    }
    t->temps |= tcg_bit(reg);
}

void ra_take_copy(struct tcg *t, int reg, ir_ref v, bool keep)
{
    if (t->val[v].reg == reg) {
        bool sole = t->reg_head[reg] == v && t->val[v].next == IR_NO_REF;
        if (sole && !keep && tcg_dies(t, v)) {
            ra_unlink(t, v);
            ra_lock_tmp(t, reg);
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
    tcg_regset set = t->scratch[TCG_RC_GPR] | t->scratch[TCG_RC_FPR] | (all ? t->pinned : 0);
    for (; set; set &= set - 1) {
        int reg = tcg_first_reg(set);
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
    if (tcg_class(t->val[v].type) == TCG_RC_MEM)
        t->host->dead(t, v);
}

static void release_tree(struct tcg *t, const struct ir_insn *in)
{
    for (unsigned k = 0, n = ir_insn_arg_count(in); k < n; k++) {
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
    for (unsigned k = 0; in->op == IR_EXIT_IF && k < t->sunk_count; k++)
        release_tree(t, &t->insns[t->sunk[k]]);
    if (in->op == IR_EXIT_IF)
        t->sunk_count = 0;
    if (t->val[t->cur].uses == 0 && t->val[t->cur].type != IR_VOID)
        kill_value(t, t->cur);
}
