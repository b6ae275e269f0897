/* SPDX-License-Identifier: Apache-2.0 */
/* Fusion: values that their only consumer emits as a part of its own instruction (addresses, memory operands,
 * conditions). What a host can fuse is in its record of each operation (enum tcg_fusion) and in struct tcg_host.
 *
 * I1  Only pure operations, compares and loads are fused, and a compare that may raise FP flags only over pure
 *     operations.
 * I2  A load is fused if nothing but reads of guest registers is between it and its consumer, within one guest
 *     instruction: then it faults with the same state.
 */
#include "tcg/common/fusion.h"

#include "tcg/common/facts.h"
#include "tcg/common/host.h"

enum { MAX_DISTANCE = 8 }; /* instructions from a value to its consumer, so that looking between them stays cheap */

bool tcg_single_use(const struct tcg *t, ir_ref v, enum ir_op op)
{
    return t->val[v].uses == 1 && t->insns[v].op == op;
}

static bool is_const(const struct tcg *t, ir_ref v) { return t->val[v].flags & TCG_VF_CONST; }

static void mark(struct tcg *t, ir_ref v) { t->val[v].flags |= TCG_VF_FUSED; }

/* ---- addresses ---- */

static bool is_index(const struct tcg *t, ir_ref v, unsigned type)
{
    uint64_t c;
    return tcg_single_use(t, v, IR_SHL) && t->insns[v].type == type && tcg_const_of(t, t->insns[v].arg[1], &c) &&
           c >= 1 && c <= t->host->max_index_shift && !is_const(t, t->insns[v].arg[0]);
}

/* x + (y << n): the shift becomes part of a sum or an address. */
static bool fuse_index(struct tcg *t, const struct ir_insn *add)
{
    for (unsigned k = 0; k < 2; k++)
        if (is_index(t, add->arg[k], add->type)) {
            mark(t, add->arg[k]);
            return true;
        }
    return false;
}

static void fuse_address(struct tcg *t, ir_ref v, int64_t disp)
{
    uint64_t c;
    if (!tcg_single_use(t, v, IR_ADD) || t->insns[v].type != IR_I64)
        return;
    const struct ir_insn *add = &t->insns[v];
    bool is_imm = tcg_const_of(t, add->arg[1], &c) && t->host->is_imm(IR_I64, c);
    if (is_const(t, add->arg[0]) || (!is_imm && is_const(t, add->arg[1])))
        return;
    if (!is_imm) {
        mark(t, v);
        fuse_index(t, add);
    } else if (t->host->is_disp(disp + (int64_t)c)) {
        mark(t, v);
        fuse_address(t, add->arg[0], disp + (int64_t)c);
    }
}

/* ---- loads ---- */

static bool may_be_operand(const struct tcg *t, const struct ir_insn *load)
{
    return ir_mem_type(load->aux) == load->type && load->type <= IR_V128 && tcg_class(load->type) != TCG_RC_MEM &&
           !(load->aux & (IR_MEM_BIG | IR_MEM_ALIGNED)) && ir_mem_order(load->aux) <= t->host->max_load_order;
}

/* The load v becomes the memory operand of the instruction emitted at `at` (I2). */
static bool fuse_load(struct tcg *t, ir_ref v, ir_ref at)
{
    const struct ir_insn *in = &t->insns[v];
    if (!tcg_single_use(t, v, IR_LD) || at - v > MAX_DISTANCE || !may_be_operand(t, in))
        return false;
    for (ir_ref k = v + 1; k < at; k++)
        if (ir_insn_effects(&t->insns[k]) & ~(unsigned)IR_FX_RSTATE || t->insns[k].op == IR_INSN ||
            t->insns[k].op == IR_CALL)
            return false;
    mark(t, v);
    fuse_address(t, in->arg[0], (int64_t)in->imm);
    return true;
}

static bool is_word(const struct ir_insn *in) { return in->type == IR_I32 || in->type == IR_I64; }

/* A commutative integer operation with one operand in memory */
static void fuse_either(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    if (!is_word(in) || is_const(t, in->arg[0]) || is_const(t, in->arg[1]))
        return;
    if (!fuse_load(t, in->arg[1], i))
        fuse_load(t, in->arg[0], i);
}

/* A load must not fault while the host has another rounding mode. */
static void fuse_vector(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    bool scalar = in->type == IR_F32 || in->type == IR_F64;
    if (scalar ? ir_fp_rm(in->aux) != IR_RDYN : in->type != IR_V128 || !t->host->vector_from_memory(t))
        return;
    if (ir_op_facts[in->op].aux == IR_AUX_FP && ir_fp_nan_rule(in->aux) == IR_NAN_ARM)
        return; /* a host that has other rules needs the operands once more */
    bool minmax = in->op == IR_FMIN || in->op == IR_FMAX;
    if (in->arg[0] != in->arg[1] && !(minmax && !ir_fp_nan_rule(in->aux)))
        fuse_load(t, in->arg[1], i);
}

/* ---- conditions ---- */

/* Nothing between value v and its consumer can tell when v was computed, FP flags included. */
static bool pure_between(const struct tcg *t, ir_ref v, ir_ref at)
{
    if (at - v > MAX_DISTANCE)
        return false;
    for (ir_ref k = v + 1; k < at; k++)
        if (ir_insn_effects(&t->insns[k]) & ~(unsigned)(IR_FX_RSTATE | IR_FX_WSTATE) || t->insns[k].op == IR_CALL)
            return false;
    return true;
}

/* a & b against 0, by its sign and zero */
static bool fuse_test(struct tcg *t, const struct ir_insn *cmp)
{
    uint64_t zero;
    if (cmp->aux > IR_SGE || !tcg_const_of(t, cmp->arg[1], &zero) || zero || !tcg_single_use(t, cmp->arg[0], IR_AND))
        return false;
    mark(t, cmp->arg[0]);
    return true;
}

static bool is_int(const struct ir_insn *in) { return in->type >= IR_I8 && in->type <= IR_I64; }

static void fuse_compare(struct tcg *t, const struct ir_insn *cmp, ir_ref at, bool loads)
{
    if (!is_int(cmp) || fuse_test(t, cmp) || !loads)
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
        mark(t, v);
        fuse_cond(t, in->arg[0], at, loads);
    } else if (in->op == IR_ICMP && is_int(in)) {
        mark(t, v);
        fuse_compare(t, in, at, loads);
    } else if (tcg_is_flag(in) && (in->op == IR_PARITY || is_const(t, in->arg[2]))) {
        mark(t, v);
    } else if (in->op == IR_FCMP && (in->type == IR_F32 || in->type == IR_F64) && pure_between(t, v, at)) {
        mark(t, v);
    }
}

static void fuse_extend(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    if (t->val[in->arg[0]].type == IR_I1 && in->op == IR_ZEXT && in->type <= IR_I64)
        fuse_cond(t, in->arg[0], i, true);
    else if (in->type <= IR_I64)
        fuse_load(t, in->arg[0], i);
}

/* ---- by the operation's record ---- */

void tcg_fuse(struct tcg *t, const struct ir_insn *in, ir_ref i)
{
    switch ((enum tcg_fusion)t->host->ops[in->op].fusion) {
    case TCG_FUSE_NONE:
        break;
    case TCG_FUSE_ADDRESS:
        fuse_address(t, in->arg[0], (int64_t)in->imm);
        break;
    case TCG_FUSE_SUM:
        if (!is_word(in) || !fuse_index(t, in))
            fuse_either(t, in, i);
        break;
    case TCG_FUSE_EITHER:
        fuse_either(t, in, i);
        break;
    case TCG_FUSE_SECOND:
        if (is_word(in) && in->arg[0] != in->arg[1])
            fuse_load(t, in->arg[1], i);
        break;
    case TCG_FUSE_VECTOR:
        fuse_vector(t, in, i);
        break;
    case TCG_FUSE_COMPARE:
        fuse_compare(t, in, i, true);
        break;
    case TCG_FUSE_EXTEND:
        fuse_extend(t, in, i);
        break;
    case TCG_FUSE_SELECT:
        if (tcg_class(in->type) != TCG_RC_MEM)
            fuse_cond(t, in->arg[0], i, false);
        break;
    case TCG_FUSE_BRANCH:
        fuse_cond(t, in->arg[0], i, true);
        break;
    }
}
