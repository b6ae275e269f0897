/* SPDX-License-Identifier: Apache-2.0 */
/* The backward pass over a block: last uses, which values their only consumer emits itself (fusion), and which values
 * should be computed straight into the host register of a pinned guest register.
 *
 * I1  Only pure operations, compares and loads are fused, and a compare that may raise FP flags only over pure
 *     operations.
 * I2  The operands of a fused value live until its consumer.
 * A load is fused if nothing but reads of guest registers is between it and its consumer, within one guest instruction:
 * then it faults with the same state.
 * I3  A value is hinted to pinned register p if a PUT of p takes it and nothing between its definition and that PUT can
 * see the old content of p: no GET or other PUT of p, nothing that may fault or leave, no call that reads or writes
 * state.
 */
#include "tcg/x86_64/internal.h"

unsigned tcg_effects(const struct ir_insn *in)
{
    if (in->op == IR_CALL)
        return ((const struct ir_helper *)(uintptr_t)in->imm)->effects;
    return tcg_facts[in->op].effects;
}

static void use_tree(struct tcg *t, ir_ref v, ir_ref at)
{
    struct tcg_val *x = &t->val[v];
    if (x->flags & TCG_VF_FUSED) {
        const struct ir_insn *in = &t->insns[v];
        for (unsigned k = in->op == IR_VSETE, n = tcg_nargs(in); k < n; k++)
            use_tree(t, in->arg[k], at);
    }
    if (x->last < at)
        x->last = at;
}

static bool single_use(const struct tcg *t, ir_ref v, enum ir_op op)
{
    return t->val[v].uses == 1 && t->insns[v].op == op;
}

static bool is_index(const struct tcg *t, ir_ref v, unsigned type)
{
    uint64_t c;
    return single_use(t, v, IR_SHL) && t->insns[v].type == type && tcg_const_of(t, t->insns[v].arg[1], &c) && c >= 1 &&
           c <= 3 && !(t->val[t->insns[v].arg[0]].flags & TCG_VF_CONST);
}

/* x + (y << 1..3): the shift becomes part of a lea or address. */
static bool fuse_index(struct tcg *t, const struct ir_insn *add)
{
    for (unsigned k = 0; k < 2; k++)
        if (is_index(t, add->arg[k], add->type)) {
            t->val[add->arg[k]].flags |= TCG_VF_FUSED;
            return true;
        }
    return false;
}

static void fuse_address(struct tcg *t, ir_ref v, int64_t disp)
{
    int32_t c;
    if (!single_use(t, v, IR_ADD) || t->insns[v].type != IR_I64)
        return;
    const struct ir_insn *add = &t->insns[v];
    bool is_const = tcg_imm32(t, add->arg[1], IR_I64, &c);
    if (t->val[add->arg[0]].flags & TCG_VF_CONST || (!is_const && t->val[add->arg[1]].flags & TCG_VF_CONST))
        return;
    if (!is_const) {
        t->val[v].flags |= TCG_VF_FUSED;
        fuse_index(t, add);
    } else if (tcg_fits32(disp + c)) {
        t->val[v].flags |= TCG_VF_FUSED;
        fuse_address(t, add->arg[0], disp + c);
    }
}

/* Nothing between value v and its consumer can tell when v was computed, FP flags included. */
static bool pure_between(const struct tcg *t, ir_ref v, ir_ref at)
{
    if (at - v > 8)
        return false;
    for (ir_ref k = v + 1; k < at; k++)
        if (tcg_effects(&t->insns[k]) & ~(unsigned)(IR_FX_RSTATE | IR_FX_WSTATE) || t->insns[k].op == IR_CALL)
            return false;
    return true;
}

/* The load v becomes the memory operand of the instruction emitted at `at`. */
static bool fuse_load(struct tcg *t, ir_ref v, ir_ref at)
{
    const struct ir_insn *in = &t->insns[v];
    if (!single_use(t, v, IR_LD) || at - v > 8 || ir_mem_type(in->aux) != in->type || in->type > IR_V128 ||
        tcg_class(in->type) == TCG_RC_MEM || in->aux & (IR_MEM_BIG | IR_MEM_ALIGNED) || ir_mem_order(in->aux) > 1)
        return false;
    for (ir_ref k = v + 1; k < at; k++)
        if (tcg_effects(&t->insns[k]) & ~(unsigned)IR_FX_RSTATE || t->insns[k].op == IR_INSN ||
            t->insns[k].op == IR_CALL)
            return false;
    t->val[v].flags |= TCG_VF_FUSED;
    fuse_address(t, in->arg[0], (int64_t)in->imm);
    return true;
}

static bool is_const(const struct tcg *t, ir_ref v) { return t->val[v].flags & TCG_VF_CONST; }

/* a & b against 0, by its sign and zero */
static bool fuse_test(struct tcg *t, const struct ir_insn *cmp)
{
    uint64_t zero;
    if (cmp->aux > IR_SGE || !tcg_const_of(t, cmp->arg[1], &zero) || zero || !single_use(t, cmp->arg[0], IR_AND))
        return false;
    t->val[cmp->arg[0]].flags |= TCG_VF_FUSED;
    return true;
}

static void fuse_compare(struct tcg *t, const struct ir_insn *cmp, ir_ref at, bool loads)
{
    if (cmp->type < IR_I8 || cmp->type > IR_I64 || fuse_test(t, cmp) || !loads)
        return;
    if (is_const(t, cmp->arg[1]) || !fuse_load(t, cmp->arg[1], at))
        fuse_load(t, cmp->arg[0], at);
}

/* loads: there are registers to spare for the address of a load that is compared. */
static void fuse_cond(struct tcg *t, ir_ref v, ir_ref at, bool loads)
{
    const struct ir_insn *in = &t->insns[v];
    if (t->val[v].uses != 1)
        return;
    if (in->op == IR_NOT && in->type == IR_I1) {
        t->val[v].flags |= TCG_VF_FUSED;
        fuse_cond(t, in->arg[0], at, loads);
    } else if (in->op == IR_ICMP && in->type >= IR_I8 && in->type <= IR_I64) {
        t->val[v].flags |= TCG_VF_FUSED;
        fuse_compare(t, in, at, loads);
    } else if (tcg_is_flag(in) && (in->op == IR_PARITY || is_const(t, in->arg[2]))) {
        t->val[v].flags |= TCG_VF_FUSED;
    } else if (in->op == IR_FCMP && (in->type == IR_F32 || in->type == IR_F64) && pure_between(t, v, at)) {
        t->val[v].flags |= TCG_VF_FUSED;
    }
}

/* A commutative integer operation with one operand in memory */
static void fuse_either(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    if ((in->type != IR_I32 && in->type != IR_I64) || is_const(t, in->arg[0]) || is_const(t, in->arg[1]))
        return;
    if (!fuse_load(t, in->arg[1], i))
        fuse_load(t, in->arg[0], i);
}

/* Vectors and floats: the second operand, where the host's instruction takes any address. A load must not fault while
 * MXCSR has another rounding mode. */
static void fuse_second(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    bool scalar = in->type == IR_F32 || in->type == IR_F64;
    if (scalar ? (in->aux & IR_FP_RM) != IR_RDYN : in->type != IR_V128 || !(t->features & TCG_HAS_AVX))
        return;
    bool minmax = in->op == IR_FMIN || in->op == IR_FMAX;
    if (in->arg[0] != in->arg[1] && !(minmax && !(in->aux & IR_FP_NAN)))
        fuse_load(t, in->arg[1], i);
}

static bool takes_memory(unsigned op)
{
    return (op >= IR_FADD && op <= IR_FDIV) || op == IR_FMIN || op == IR_FMAX || (op >= IR_VADD && op <= IR_VANDN) ||
           op == IR_VCMP_EQ || op == IR_VCMP_GTS || op == IR_VTBL || (op >= IR_VZIPLO && op <= IR_VPACK_SU) ||
           (op >= IR_VMULE_S && op <= IR_VSAD);
}

static void fuse(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    if (takes_memory(in->op))
        fuse_second(t, in, i);
    switch (in->op) {
    case IR_LD:
    case IR_ST:
    case IR_X87_MEM:
    case IR_X87_LD:
    case IR_X87_ST:
        fuse_address(t, in->arg[0], (int64_t)in->imm);
        break;
    case IR_ADD:
        if ((in->type == IR_I64 || in->type == IR_I32) && fuse_index(t, in))
            break;
        fuse_either(t, in, i);
        break;
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_MUL:
        fuse_either(t, in, i);
        break;
    case IR_SUB:
        if ((in->type == IR_I32 || in->type == IR_I64) && in->arg[0] != in->arg[1])
            fuse_load(t, in->arg[1], i);
        break;
    case IR_ICMP:
        fuse_compare(t, in, i, true);
        break;
    case IR_SEXT:
    case IR_ZEXT:
        if (t->val[in->arg[0]].type == IR_I1 && in->op == IR_ZEXT && in->type <= IR_I64)
            fuse_cond(t, in->arg[0], i, true);
        else if (in->type <= IR_I64)
            fuse_load(t, in->arg[0], i);
        break;
    case IR_SELECT:
        if (tcg_class(in->type) != TCG_RC_MEM)
            fuse_cond(t, in->arg[0], i, false);
        break;
    case IR_EXIT_IF:
    case IR_TRAP_IF:
        fuse_cond(t, in->arg[0], i, true);
        break;
    }
}

bool tcg_is_quiet(const struct tcg *t, ir_ref v)
{
    return tcg_facts[t->insns[v].op].effects & IR_FX_FPFLAG && t->insns[v].op != IR_FCMP;
}

bool tcg_is_raw(const struct tcg *t, ir_ref v) { return tcg_is_quiet(t, v) && !(t->insns[v].aux & IR_FP_NAN); }

/* The result will most likely be in its operand's register. */
static bool shares_register(const struct tcg *t, const struct ir_insn *in)
{
    return in->op == IR_TRUNC || in->op == IR_ZEXT || (in->op == IR_FCANON && tcg_is_raw(t, in->arg[0]));
}

/* want[p]: the value that the next PUT of pin p (going forward) stores, if I3 holds up to here; val[].hint names the
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
    } else if (tcg_effects(in) & (IR_FX_FAULT | IR_FX_EXIT | IR_FX_RSTATE | IR_FX_WSTATE)) {
        forget(h);
    }
}

/* True if there is a VSETE. */
static bool count_uses(struct tcg *t)
{
    bool sets = false;
    for (uint32_t i = 0; i < t->block->count; i++) {
        const struct ir_insn *in = &t->insns[i];
        const struct tcg_fact *f = &tcg_facts[in->op];
        unsigned type = f->result == IR_TYPE_COUNT ? in->type : f->result;
        t->val[i] = (struct tcg_val){.next = IR_NO_REF,
                                     .reg = TCG_NO_REG,
                                     .hint = TCG_NO_REG,
                                     .type = (uint8_t)type,
                                     .flags = in->op == IR_CONST ? TCG_VF_CONST
                                              : type == IR_I1    ? TCG_VF_ZX
                                                                 : 0};
        for (unsigned k = 0, n = tcg_nargs(in); k < n; k++)
            t->val[in->arg[k]].uses++;
        sets |= in->op == IR_VSETE;
    }
    return sets;
}

/* ---- elements ---- */

static uint16_t elem_mask(const struct ir_insn *in)
{
    unsigned bytes = ir_type_bits((enum ir_type)(in->aux & IR_VEC_ELEM)) / 8;
    return (uint16_t)(((1u << bytes) - 1) << (bytes * in->imm));
}

/* Each row's content as the loop below goes: the value row_val[] but for the bytes of other[] */
struct row_content {
    ir_ref *value;
    uint16_t other[TCG_MAX_TRACKED_ROWS];
};

static bool stores_element(const struct tcg *t, const struct row_content *c, const struct ir_insn *put)
{
    const struct ir_insn *set = &t->insns[put->arg[0]];
    return single_use(t, put->arg[0], IR_VSETE) && set->type == IR_V128 && c->value[put->imm] == set->arg[0] &&
           tcg_elem_index(set->aux & IR_VEC_ELEM) >= 0 && !(c->other[put->imm] & ~elem_mask(set));
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

/* I4  A VSETE whose vector is in the row that the PUT stores it to, but for that element, becomes a store of the
 *     element
 * there; it does not use the vector. */
static void fuse_element_puts(struct tcg *t)
{
    struct row_content c = {.value = t->row_val};
    size_t bytes = t->block->state->count * sizeof *t->row_val;
    if (t->block->state->count > TCG_MAX_TRACKED_ROWS)
        return;
    for (uint32_t i = 0; i < t->block->count; i++) {
        const struct ir_insn *in = &t->insns[i];
        if (in->op == IR_GET)
            c.value[in->imm] = (ir_ref)i, c.other[in->imm] = 0;
        else if (in->op == IR_PUT)
            track_put(t, &c, in);
        else if (tcg_effects(in) & IR_FX_WSTATE)
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
        fuse(t, in, i);
        for (unsigned k = 0, args = tcg_nargs(in); k < args; k++) {
            use_tree(t, in->arg[k], i);
            if (tcg_is_fused_load(t, in->arg[k]))
                forget(&h); /* it may fault here */
        }
    }
}
