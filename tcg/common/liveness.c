/* SPDX-License-Identifier: Apache-2.0 */
/* The backward pass over a block: last uses, which values their only consumer emits itself (fusion.c), and which values
 * should be computed straight into the host register of a pinned guest register.
 *
 * I1  The operands of a fused value live until its consumer.
 * I2  A value is hinted to pinned register p if a PUT of p takes it and nothing between its definition and that PUT can
 *     see the old content of p: no GET or other PUT of p, nothing that may fault or leave, no call that reads or writes
 *     state.
 * I3  A VSETE whose vector is in the row that the PUT stores it to, but for that element, becomes a store of the
 *     element there; it does not use the vector.
 */
#include "tcg/common/liveness.h"

#include "tcg/common/facts.h"
#include "tcg/common/fusion.h"
#include "tcg/common/host.h"
#include "tcg/common/sink.h"

static void use_tree(struct tcg *t, ir_ref v, ir_ref at)
{
    struct tcg_val *x = &t->val[v];
    if (x->flags & TCG_VF_FUSED) {
        const struct ir_insn *in = &t->insns[v];
        for (unsigned k = in->op == IR_VSETE, n = ir_insn_arg_count(in); k < n; k++)
            use_tree(t, in->arg[k], at);
    }
    if (x->last < at)
        x->last = at;
}

/* The result will most likely be in its operand's register. */
static bool shares_register(const struct tcg *t, const struct ir_insn *in)
{
    return in->op == IR_TRUNC || in->op == IR_ZEXT || (in->op == IR_FCANON && tcg_is_raw(t, in->arg[0]));
}

/* want[p]: the value that the next PUT of pin p (going forward) stores, if I2 holds up to here; val[].hint names the
 * pin's register from that PUT on, and is confirmed or taken back at the value's definition. */
struct hints {
    ir_ref want[TCG_MAX_PINNED];
    int8_t pin_of[TCG_HOST_REGS];
    bool any;
};

static void want_value(struct tcg *t, struct hints *h, unsigned pin, ir_ref v)
{
    h->want[pin] = v;
    h->any = true;
    t->val[v].hint = t->pin[pin].reg;
}

static void forget(struct hints *h)
{
    if (h->any)
        memset(h->want, 0xff, sizeof h->want);
    h->any = false;
}

/* The definition of a value that some PUT would like to have in its register. */
static void confirm_hint(struct tcg *t, struct hints *h, const struct ir_insn *in, ir_ref i)
{
    unsigned pin = (unsigned)h->pin_of[t->val[i].hint];
    if (h->want[pin] != i || in->op == IR_GET) {
        t->val[i].hint = TCG_NO_REG;
        return;
    }
    h->want[pin] = IR_NO_REF;
    if (shares_register(t, in))
        want_value(t, h, pin, in->arg[0]);
}

static void track_hints(struct tcg *t, struct hints *h, const struct ir_insn *in, ir_ref i)
{
    if (t->val[i].hint >= 0)
        confirm_hint(t, h, in, i);
    if (in->op == IR_GET || in->op == IR_PUT) {
        int pin = t->row_pin[in->imm];
        if (pin >= 0 && in->op == IR_PUT)
            want_value(t, h, (unsigned)pin, in->arg[0]);
        else if (pin >= 0)
            h->want[pin] = IR_NO_REF;
    } else if (ir_insn_effects(in) & (IR_FX_FAULT | IR_FX_EXIT | IR_FX_RSTATE | IR_FX_WSTATE)) {
        forget(h);
    }
}

/* True if there is a VSETE. */
static bool count_uses(struct tcg *t)
{
    bool sets = false;
    for (uint32_t i = 0; i < t->block->count; i++) {
        const struct ir_insn *in = &t->insns[i];
        unsigned type = ir_insn_result_type(in);
        t->val[i] = (struct tcg_val){.next = IR_NO_REF,
                                     .reg = TCG_NO_REG,
                                     .hint = TCG_NO_REG,
                                     .type = (uint8_t)type,
                                     .flags = in->op == IR_CONST ? TCG_VF_CONST
                                              : type == IR_I1    ? TCG_VF_ZX
                                                                 : 0};
        for (unsigned k = 0, n = ir_insn_arg_count(in); k < n; k++)
            t->val[in->arg[k]].uses++;
        sets |= in->op == IR_VSETE;
    }
    return sets;
}

/* ---- elements ---- */

enum { MAX_TRACKED_ROWS = 256 };

static uint16_t elem_mask(const struct ir_insn *in)
{
    unsigned bytes = ir_type_bits(ir_vec_elem(in->aux)) / 8;
    return (uint16_t)(((1u << bytes) - 1) << (bytes * in->imm));
}

/* Each row's content as the loop below goes: the value row_val[] but for the bytes of other[] */
struct row_content {
    ir_ref *value;
    uint16_t other[MAX_TRACKED_ROWS];
};

static bool stores_element(const struct tcg *t, const struct row_content *c, const struct ir_insn *put)
{
    const struct ir_insn *set = &t->insns[put->arg[0]];
    return tcg_single_use(t, put->arg[0], IR_VSETE) && set->type == IR_V128 && c->value[put->imm] == set->arg[0] &&
           tcg_elem_index(ir_vec_elem(set->aux)) >= 0 && !(c->other[put->imm] & ~elem_mask(set));
}

static void track_put(struct tcg *t, struct row_content *c, const struct ir_insn *put)
{
    if (stores_element(t, c, put)) {
        const struct ir_insn *set = &t->insns[put->arg[0]];
        t->val[put->arg[0]].flags |= TCG_VF_FUSED;
        t->val[set->arg[0]].uses--;
        c->other[put->imm] = elem_mask(set);
    } else {
        c->value[put->imm] = put->arg[0];
        c->other[put->imm] = 0;
    }
}

/* I3 */
static void fuse_element_puts(struct tcg *t)
{
    struct row_content c = {.value = t->row_val};
    size_t bytes = t->block->state->count * sizeof *t->row_val;
    if (t->block->state->count > MAX_TRACKED_ROWS)
        return;
    for (uint32_t i = 0; i < t->block->count; i++) {
        const struct ir_insn *in = &t->insns[i];
        if (in->op == IR_GET)
            c.value[in->imm] = (ir_ref)i, c.other[in->imm] = 0;
        else if (in->op == IR_PUT)
            track_put(t, &c, in);
        else if (ir_insn_effects(in) & IR_FX_WSTATE)
            memset(c.value, 0xff, bytes);
    }
    memset(t->row_val, 0xff, bytes);
}

void tcg_liveness(struct tcg *t)
{
    struct hints h = {.any = true};
    forget(&h);
    for (unsigned k = 0; k < t->pin_count; k++)
        h.pin_of[t->pin[k].reg] = (int8_t)k;
    if (count_uses(t))
        fuse_element_puts(t);
    for (uint32_t n = t->block->count; n-- > 0;) {
        ir_ref i = (ir_ref)n;
        const struct ir_insn *in = &t->insns[i];
        if (in->op == IR_CONST || t->val[i].flags & TCG_VF_FUSED)
            continue;
        track_hints(t, &h, in, i);
        if (in->op == IR_EXIT_IF && in->aux == IR_HINT_NONE)
            tcg_find_sunk(t, i);
        const ir_ref at = t->val[i].flags & TCG_VF_SUNK ? t->val[i].last : i;
        if (t->host->ops[in->op].fusion != TCG_FUSE_NONE)
            tcg_fuse(t, in, i);
        for (unsigned k = 0, args = ir_insn_arg_count(in); k < args; k++) {
            use_tree(t, in->arg[k], at);
            if (tcg_is_fused_load(t, in->arg[k]))
                forget(&h); /* it may fault here */
        }
    }
}
