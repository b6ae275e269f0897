/* SPDX-License-Identifier: Apache-2.0 */
/* The register allocator's view of guest state: GET and PUT of rows, pinned or in memory, and values of class
 * TCG_RC_MEM, which live in memory only.
 *
 * I1  A state row in memory always has what the last PUT stored. A value whose home is a row is moved before a PUT
 *     changes the row.
 */
#include "tcg/common/regalloc_row.h"

#include "src/ir/state.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"

void ra_init_rows(struct tcg *t)
{
    const struct ir_state *s = t->block->state;
    memset(t->row_pin, -1, s->count * sizeof *t->row_pin);
    memset(t->row_val, 0xff, s->count * sizeof *t->row_val);
    for (unsigned k = 0; k < CPU_PINNED_GPRS + CPU_PINNED_FPRS; k++) {
        bool fp = k >= CPU_PINNED_GPRS;
        unsigned n = fp ? k - CPU_PINNED_GPRS : k;
        if (n >= (fp ? s->pinned_fpr_count : s->pinned_gpr_count))
            continue;
        unsigned row = fp ? s->pinned_fpr[n] : s->pinned_gpr[n];
        t->row_pin[row] = (int8_t)t->pin_count;
        t->pin[t->pin_count] = (struct tcg_pin){.reg = fp ? t->host->pinned_fprs[n] : t->host->pinned_gprs[n],
                                                .row = (uint16_t)row,
                                                .disp = s->rows[row].offset,
                                                .value = IR_NO_REF};
        t->pinned |= tcg_bit(t->pin[t->pin_count++].reg);
    }
    t->scratch[TCG_RC_GPR] = t->host->scratch_gprs;
    t->scratch[TCG_RC_FPR] = t->host->fprs & ~t->pinned;
}

/* ---- wide values ---- */

struct tcg_mem ra_wide(struct tcg *t, ir_ref v)
{
    if (t->val[v].home != TCG_HOME_NONE)
        return ra_home_mem(t, v);
    assert(t->val[v].flags & TCG_VF_CONST);
    ra_take_slot(t, v);
    struct tcg_mem m = ra_home_mem(t, v);
    t->host->write_const(t, m, v);
    return m;
}

void ra_leave_row(struct tcg *t, ir_ref v, bool to_slot)
{
    struct tcg_val *x = &t->val[v];
    struct tcg_mem from = ra_home_mem(t, v);
    if (tcg_class(x->type) == TCG_RC_MEM) {
        ra_drop_home(t, v);
        ra_take_slot(t, v);
        t->host->copy_wide(t, x->type, ra_home_mem(t, v), from);
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
    if (tcg_class(x->type) == TCG_RC_MEM)
        t->host->before_get(t, row);
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
        t->host->copy_wide(t, x->type, to, ra_row_mem(t, row));
    } else {
        x->flags |= TCG_VF_ZX;
        t->host->load(t, x->type, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), ra_row_mem(t, row));
    }
}

/* Values in pinned register p that live on go elsewhere: to another pinned register with the same content, or a scratch
 * one. */
static void evict_pin(struct tcg *t, const struct tcg_pin *p)
{
    if (t->reg_head[p->reg] == IR_NO_REF)
        return;
    for (unsigned k = 0; k < t->pin_count && p->value != IR_NO_REF; k++)
        if (&t->pin[k] != p && t->pin[k].value == p->value && tcg_reg_class(t->pin[k].reg) == tcg_reg_class(p->reg)) {
            ra_relink_all(t, p->reg, t->pin[k].reg);
            return;
        }
    int to = ra_alloc(t, tcg_reg_class(p->reg), 0);
    t->host->move(t, to, p->reg);
    ra_relink_all(t, p->reg, to);
}

static void put_pinned(struct tcg *t, struct tcg_pin *p, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    if (x->reg != p->reg) {
        if (x->reg >= 0)
            t->locked |= tcg_bit(x->reg);
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
    if (tcg_class(x->type) == TCG_RC_MEM)
        t->host->copy_wide(t, x->type, m, ra_wide(t, v));
    else if (x->reg >= 0 || !t->host->store_const(t, m, v))
        t->host->store(t, x->type, m, ra_use(t, v));
}

/* Only one element changes (liveness.c I3). */
static void put_element(struct tcg *t, unsigned row, const struct ir_insn *set)
{
    ir_ref s = set->arg[1];
    struct tcg_mem m = ra_row_mem(t, row);
    m.disp += (int64_t)set->imm * ir_type_bits((enum ir_type)t->val[s].type) / 8;
    if (t->row_val[row] != IR_NO_REF)
        ra_leave_row(t, t->row_val[row], false);
    if (t->val[s].reg >= 0 || !t->host->store_const(t, m, s))
        t->host->store(t, t->val[s].type, m, ra_use(t, s));
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
        t->host->put_mode(t, (uint32_t)t->insns[v].imm);
    if (tcg_class(t->val[v].type) == TCG_RC_MEM && t->host->put(t, row, v))
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
