/* SPDX-License-Identifier: Apache-2.0 */
/* The register allocator's view of guest state: GET and PUT of rows, pinned or in memory, and values wider than 64
 * bits, which live in memory only. The invariants are those of regalloc.c. */
#include "tcg/common/regalloc.h"

struct tcg_mem ra_row_mem(const struct tcg *t, unsigned row)
{
    return TCG_MEM(HX_R13, t->block->state->rows[row].offset);
}

/* ---- wide values ---- */

void ra_copy_wide(struct tcg *t, unsigned type, struct tcg_mem to, struct tcg_mem from)
{
    if (type == IR_F80) {
        int g = ra_tmp(t, TCG_RC_GPR);
        for (unsigned size = TCG_SZ64; size; size = size == TCG_SZ64 ? TCG_SZ16 : 0) {
            hx_load(&t->a, size, false, size == TCG_SZ64, (unsigned)g, from);
            hx_store(&t->a, size, to, (unsigned)g);
            from.disp += 8, to.disp += 8;
        }
        ra_unlock(t, g);
        return;
    }
    int x = ra_tmp(t, TCG_RC_FPR);
    for (unsigned k = 0; k < ra_slot_count(type); k++) {
        tcg_fp2_m(t, HX_MOVUPS_RM, x, from);
        tcg_fp2_m(t, HX_MOVUPS_MR, x, to);
        from.disp += 16, to.disp += 16;
    }
    ra_unlock(t, x);
}

struct tcg_mem ra_wide(struct tcg *t, ir_ref v)
{
    const struct ir_insn *in = &t->insns[v];
    if (t->val[v].home != TCG_HOME_NONE)
        return ra_home_mem(t, v);
    assert(t->val[v].flags & TCG_VF_CONST);
    ra_take_slot(t, v);
    struct tcg_mem m = ra_home_mem(t, v);
    uint64_t part[4] = {0};
    tcg_const_vec(t, v, &part[0], &part[1]);
    int g = ra_tmp(t, TCG_RC_GPR);
    for (unsigned k = 0; k < 2 * ra_slot_count(in->type); k++) {
        hx_mov_ri(&t->a, (unsigned)g, part[k]);
        hx_store(&t->a, TCG_SZ64, TCG_MEM(HX_R13, m.disp + 8 * k), (unsigned)g);
    }
    ra_unlock(t, g);
    return m;
}

void ra_leave_row(struct tcg *t, ir_ref v, bool to_slot)
{
    struct tcg_val *x = &t->val[v];
    struct tcg_mem from = ra_home_mem(t, v);
    if (tcg_class(x->type) == TCG_RC_MEM) {
        ra_drop_home(t, v);
        ra_take_slot(t, v);
        ra_copy_wide(t, x->type, ra_home_mem(t, v), from);
        return;
    }
    if (x->reg < 0)
        ra_load_value(t, v);
    ra_drop_home(t, v);
    if (to_slot)
        ra_save_value(t, v);
}

/* ---- guest registers ---- */

void ra_get_row(struct tcg *t, unsigned row)
{
    struct tcg_val *x = &t->val[t->cur];
    if (x->uses == 0)
        return;
    if (x->type == IR_F80)
        xs_before_get(t, row);
    if (t->row_pin[row] >= 0) {
        struct tcg_pin *p = &t->pin[t->row_pin[row]];
        ra_link(t, t->cur, p->reg);
        if (p->value == IR_NO_REF)
            p->value = t->cur;
        return;
    }
    if (t->row_val[row] == IR_NO_REF) {
        t->row_val[row] = t->cur;
        x->home = (uint16_t)(TCG_HOME_ROW + row);
    } else if (tcg_class(x->type) == TCG_RC_MEM) {
        struct tcg_mem to = ra_def_mem(t);
        ra_copy_wide(t, x->type, to, ra_row_mem(t, row));
    } else {
        x->flags |= TCG_VF_ZX;
        ra_load_mem(t, x->type, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), ra_row_mem(t, row));
    }
}

/* Values in pinned register p that live on go elsewhere: to another pinned register with the same content, or a scratch
 * one. */
static void evict_pin(struct tcg *t, const struct tcg_pin *p)
{
    if (t->reg_head[p->reg] == IR_NO_REF)
        return;
    for (unsigned k = 0; k < t->pin_count && p->value != IR_NO_REF; k++)
        if (&t->pin[k] != p && t->pin[k].value == p->value && (t->pin[k].reg >= HX_XMM0) == (p->reg >= HX_XMM0)) {
            ra_relink_all(t, p->reg, t->pin[k].reg);
            return;
        }
    int to = ra_alloc(t, p->reg < HX_XMM0 ? TCG_RC_GPR : TCG_RC_FPR, 0);
    ra_move(t, to, p->reg);
    ra_relink_all(t, p->reg, to);
}

static void put_pinned(struct tcg *t, struct tcg_pin *p, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    if (x->reg != p->reg) {
        if (x->reg >= 0)
            t->locked |= 1u << x->reg;
        evict_pin(t, p);
        ra_load_into(t, p->reg, v);
        if (!tcg_dies(t, v) && (x->reg < 0 || ra_is_scratch(t, x->reg))) {
            ra_unlink(t, v);
            ra_link(t, v, p->reg);
        }
    }
    p->value = v;
}

static void put_memory(struct tcg *t, unsigned row, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    struct tcg_mem m = ra_row_mem(t, row);
    unsigned size = tcg_size(x->type);
    int32_t imm;
    if (tcg_class(x->type) == TCG_RC_MEM)
        ra_copy_wide(t, x->type, m, ra_wide(t, v));
    else if (x->reg < 0 && tcg_class(x->type) == TCG_RC_GPR && tcg_imm32(t, v, x->type, &imm))
        hx_mov_mi(&t->a, size, m, imm);
    else
        ra_store_mem(t, x->type, m, ra_use(t, v));
}

/* Only one element changes (liveness.c I4). */
static void put_element(struct tcg *t, unsigned row, const struct ir_insn *set)
{
    ir_ref s = set->arg[1];
    struct tcg_mem m = ra_row_mem(t, row);
    int32_t imm;
    m.disp += (int64_t)set->imm * ir_type_bits((enum ir_type)t->val[s].type) / 8;
    if (t->row_val[row] != IR_NO_REF)
        ra_leave_row(t, t->row_val[row], false);
    if (t->val[s].reg < 0 && tcg_class(t->val[s].type) == TCG_RC_GPR && tcg_imm32(t, s, t->val[s].type, &imm))
        hx_mov_mi(&t->a, tcg_size(t->val[s].type), m, imm);
    else
        ra_store_mem(t, t->val[s].type, m, ra_use(t, s));
}

void ra_put_row(struct tcg *t, unsigned row, ir_ref v)
{
    if (t->row_pin[row] >= 0) {
        put_pinned(t, &t->pin[t->row_pin[row]], v);
        return;
    }
    if (t->val[v].flags & TCG_VF_FUSED) {
        put_element(t, row, &t->insns[v]);
        return;
    }
    if (row == t->block->state->mode_row && t->val[v].flags & TCG_VF_CONST)
        xs_put_mode(t, (uint32_t)t->insns[v].imm);
    if (t->val[v].type == IR_F80 && xs_put(t, row, v))
        return;
    ir_ref w = t->row_val[row];
    if (w == v)
        return;
    if (w != IR_NO_REF)
        ra_leave_row(t, w, false);
    put_memory(t, row, v);
    struct tcg_val *x = &t->val[v];
    if (x->home == TCG_HOME_NONE && !(x->flags & TCG_VF_CONST) && !tcg_dies(t, v)) {
        x->home = (uint16_t)(TCG_HOME_ROW + row);
        t->row_val[row] = v;
    }
}
