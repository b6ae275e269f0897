/* SPDX-License-Identifier: Apache-2.0 */
/* Forward simplification, one instruction at a time, while a block is built: constants, identities of integer
 * arithmetic, compares. Rules for conversions are in simplify_conv.c, for state, memory and exits in simplify_state.c,
 * for vectors in simplify_vec.c.
 *
 * I1  A rule looks at the definitions of the operands and of their operands, never farther: constant time.
 * I2  A rule never removes what can be seen: faults, exits, FP flags.
 * I3  Before the rules, a constant operand of a commutative operation has been moved to the right.
 */
#include "src/ir/simplify/simplify.h"

#include "src/ir/simplify/expand_fp.h"
#include "src/ir/simplify/expand_int.h"
#include "src/ir/simplify/expand_vec.h"
#include "src/ir/simplify/look.h"
#include "src/ir/simplify/simplify_conv.h"
#include "src/ir/simplify/simplify_state.h"
#include "src/ir/simplify/simplify_vec.h"

static ir_ref emit1(struct ir_builder *b, enum ir_op op, enum ir_type type, ir_ref a)
{
    return ir_emit(b, op, type, 0, a, IR_NO_REF, IR_NO_REF, 0);
}

static ir_ref emit2(struct ir_builder *b, enum ir_op op, enum ir_type type, ir_ref a, ir_ref c)
{
    return ir_emit(b, op, type, 0, a, c, IR_NO_REF, 0);
}

static ir_ref constant(struct ir_builder *b, unsigned type, int_u128 bits)
{
    bits &= int_mask(ir_type_bits((enum ir_type)type));
    return ir_const128(b, (enum ir_type)type, (uint64_t)bits, (uint64_t)(bits >> 64));
}

/* --- addition and multiplication --- */

/* (x op c1) op c2 for associative op: leaves x op (c1 op c2) in *in. */
static void reassociate(struct ir_builder *b, struct ir_insn *in, int_u128 c2)
{
    const struct ir_insn *left = ir_def(b, in->arg[0]);
    int_u128 c1, folded;
    if (left->op != in->op || !ir_const_of(b, left->arg[1], &c1))
        return;
    ir_ref x = left->arg[0];
    ir_int_fold(in, 0, (int_u128[3]){c1, c2}, &folded);
    in->arg[1] = constant(b, in->type, folded);
    in->arg[0] = x;
}

static ir_ref rule_add(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    if (c == 0)
        return in->arg[0];
    reassociate(b, in, c);
    return ir_is_const_value(b, in->arg[1], 0) ? in->arg[0] : IR_NO_REF;
}

static ir_ref rule_sub(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    enum ir_type type = (enum ir_type)in->type;
    if (in->arg[0] == in->arg[1])
        return constant(b, type, 0);
    if (ir_const_of(b, in->arg[1], &c))
        return emit2(b, IR_ADD, type, in->arg[0], constant(b, type, -c));
    if (ir_is_const_value(b, in->arg[0], 0))
        return emit1(b, IR_NEG, type, in->arg[1]);
    return IR_NO_REF;
}

static ir_ref rule_mul(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    if (c == 0)
        return in->arg[1];
    if (c & (c - 1))
        return IR_NO_REF;
    return emit2(b, IR_SHL, (enum ir_type)in->type, in->arg[0], constant(b, in->type, int_ctz(c)));
}

static ir_ref rule_div_u(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (!ir_const_of(b, in->arg[1], &c) || c == 0 || (c & (c - 1)))
        return IR_NO_REF;
    return emit2(b, IR_SHR, (enum ir_type)in->type, in->arg[0], constant(b, in->type, int_ctz(c)));
}

static ir_ref rule_rem_u(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (!ir_const_of(b, in->arg[1], &c) || c == 0 || (c & (c - 1)))
        return IR_NO_REF;
    return emit2(b, IR_AND, (enum ir_type)in->type, in->arg[0], constant(b, in->type, c - 1));
}

/* --- logic --- */

static ir_ref rule_and(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    unsigned width = ir_type_bits((enum ir_type)in->type);
    if (in->arg[0] == in->arg[1])
        return in->arg[0];
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    if (c == 0 || c == int_mask(width))
        return c ? in->arg[0] : in->arg[1];
    reassociate(b, in, c);
    ir_const_of(b, in->arg[1], &c);
    const struct ir_insn *left = ir_def(b, in->arg[0]);
    if (left->op == IR_ZEXT && (c & int_mask(ir_type_bits(ir_type_of(b, left->arg[0])))) ==
                                   int_mask(ir_type_bits(ir_type_of(b, left->arg[0]))))
        return in->arg[0];
    if (width == 64 && c == 0xffffffff)
        return emit1(b, IR_ZEXT, IR_I64, emit1(b, IR_TRUNC, IR_I32, in->arg[0]));
    return IR_NO_REF;
}

static ir_ref rule_or(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (in->arg[0] == in->arg[1])
        return in->arg[0];
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    if (c == 0 || c == int_mask(ir_type_bits((enum ir_type)in->type)))
        return c ? in->arg[1] : in->arg[0];
    reassociate(b, in, c);
    return IR_NO_REF;
}

/* Inverts an i1: a compare is inverted in place of its result. */
static ir_ref invert(struct ir_builder *b, ir_ref v)
{
    const struct ir_insn d = *ir_def(b, v);
    if (d.op == IR_NOT)
        return d.arg[0];
    if (d.op != IR_ICMP)
        return IR_NO_REF;
    return ir_emit(b, IR_ICMP, (enum ir_type)d.type, ir_cond_inverse(d.aux), d.arg[0], d.arg[1], IR_NO_REF, 0);
}

static ir_ref rule_xor(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (in->arg[0] == in->arg[1])
        return constant(b, in->type, 0);
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    if (c == 0)
        return in->arg[0];
    if (c == int_mask(ir_type_bits((enum ir_type)in->type)))
        return emit1(b, IR_NOT, (enum ir_type)in->type, in->arg[0]);
    /* A truth value in a wider register, inverted. */
    const struct ir_insn left = *ir_def(b, in->arg[0]);
    if (c == 1 && left.op == IR_ZEXT && ir_type_of(b, left.arg[0]) == IR_I1)
        return emit1(b, IR_ZEXT, (enum ir_type)in->type, emit1(b, IR_NOT, IR_I1, left.arg[0]));
    reassociate(b, in, c);
    return ir_is_const_value(b, in->arg[1], 0) ? in->arg[0] : IR_NO_REF;
}

static ir_ref rule_not(struct ir_builder *b, struct ir_insn *in)
{
    if (in->type == IR_I1)
        return invert(b, in->arg[0]);
    const struct ir_insn *d = ir_def(b, in->arg[0]);
    return d->op == IR_NOT ? d->arg[0] : IR_NO_REF;
}

static ir_ref rule_neg(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *d = ir_def(b, in->arg[0]);
    return d->op == IR_NEG ? d->arg[0] : IR_NO_REF;
}

/* --- shifts --- */

static enum ir_type int_type(unsigned bits)
{
    return bits == 8 ? IR_I8 : bits == 16 ? IR_I16 : bits == 32 ? IR_I32 : bits == 64 ? IR_I64 : IR_VOID;
}

/* (x << n) >> n, where what is left has the width of a type: an extension. */
static ir_ref shift_pair(struct ir_builder *b, const struct ir_insn *in, unsigned n)
{
    const struct ir_insn left = *ir_def(b, in->arg[0]);
    enum ir_type narrow = int_type(ir_type_bits((enum ir_type)in->type) - n);
    if (left.op != IR_SHL || narrow == IR_VOID || !ir_is_const_value(b, left.arg[1], n))
        return IR_NO_REF;
    return emit1(b, in->op == IR_SAR ? IR_SEXT : IR_ZEXT, (enum ir_type)in->type,
                 emit1(b, IR_TRUNC, narrow, left.arg[0]));
}

/* (x op n) op m */
static ir_ref same_shift(struct ir_builder *b, struct ir_insn *in, unsigned m)
{
    const struct ir_insn left = *ir_def(b, in->arg[0]);
    unsigned width = ir_type_bits((enum ir_type)in->type);
    int_u128 c;
    if (left.op != in->op || !ir_const_of(b, left.arg[1], &c))
        return IR_NO_REF;
    unsigned n = (unsigned)(c % width) + m;
    if (n >= width && in->op != IR_SAR)
        return constant(b, in->type, 0);
    in->arg[0] = left.arg[0];
    in->arg[1] = constant(b, in->type, n >= width ? width - 1 : n);
    return IR_NO_REF;
}

static ir_ref rule_shift(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    unsigned width = ir_type_bits((enum ir_type)in->type);
    if (ir_is_const_value(b, in->arg[0], 0))
        return in->arg[0];
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    unsigned n = (unsigned)(c % width);
    if (n == 0)
        return in->arg[0];
    if (in->op == IR_ROTL || in->op == IR_ROTR)
        return IR_NO_REF;
    ir_ref r = in->op == IR_SHL ? IR_NO_REF : shift_pair(b, in, n);
    return r != IR_NO_REF ? r : same_shift(b, in, n);
}

/* --- compares and selection --- */

/* x == 0 or x != 0 */
static ir_ref compare_zero(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn d = *ir_def(b, in->arg[0]);
    if (d.op == IR_ZEXT && ir_type_of(b, d.arg[0]) == IR_I1)
        return in->aux == IR_NE ? d.arg[0] : emit1(b, IR_NOT, IR_I1, d.arg[0]);
    if (d.op == IR_XOR || d.op == IR_SUB) {
        in->arg[0] = d.arg[0];
        in->arg[1] = d.arg[1];
    }
    return IR_NO_REF;
}

static ir_ref rule_icmp(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (in->arg[0] == in->arg[1]) {
        bool holds = int_compare(0, 0, 8, in->aux);
        return constant(b, IR_I1, holds);
    }
    if (ir_def(b, in->arg[0])->op == IR_CONST) {
        ir_ref left = in->arg[0];
        in->arg[0] = in->arg[1];
        in->arg[1] = left;
        in->aux = ir_cond_swapped(in->aux);
    }
    if (!ir_const_of(b, in->arg[1], &c))
        return IR_NO_REF;
    if (c == 1 && (in->aux == IR_ULT || in->aux == IR_UGE)) {
        in->aux = in->aux == IR_ULT ? IR_EQ : IR_NE;
        in->arg[1] = constant(b, in->type, c = 0);
    }
    if (c != 0)
        return IR_NO_REF;
    if (in->aux == IR_ULT || in->aux == IR_UGE)
        return constant(b, IR_I1, in->aux == IR_UGE);
    if (in->aux == IR_ULE || in->aux == IR_UGT)
        in->aux = in->aux == IR_ULE ? IR_EQ : IR_NE;
    return in->aux == IR_EQ || in->aux == IR_NE ? compare_zero(b, in) : IR_NO_REF;
}

static ir_ref rule_select(struct ir_builder *b, struct ir_insn *in)
{
    int_u128 c;
    if (in->arg[1] == in->arg[2])
        return in->arg[1];
    if (ir_const_of(b, in->arg[0], &c))
        return in->arg[c ? 1 : 2];
    const struct ir_insn *cond = ir_def(b, in->arg[0]);
    if (cond->op == IR_NOT) {
        ir_ref yes = in->arg[1];
        in->arg[0] = cond->arg[0];
        in->arg[1] = in->arg[2];
        in->arg[2] = yes;
    }
    return IR_NO_REF;
}

/* --- the table --- */

static ir_rule *const rules[IR_OP_COUNT] = {
    [IR_ADD] = rule_add,
    [IR_SUB] = rule_sub,
    [IR_MUL] = rule_mul,
    [IR_CLMUL] = ir_expand_clmul,
    [IR_CLMULH] = ir_expand_clmul,
    [IR_DIV_U] = rule_div_u,
    [IR_REM_U] = rule_rem_u,
    [IR_AND] = rule_and,
    [IR_OR] = rule_or,
    [IR_XOR] = rule_xor,
    [IR_NOT] = rule_not,
    [IR_NEG] = rule_neg,
    [IR_SHL] = rule_shift,
    [IR_SHR] = rule_shift,
    [IR_SAR] = rule_shift,
    [IR_ROTL] = rule_shift,
    [IR_ROTR] = rule_shift,
    [IR_ICMP] = rule_icmp,
    [IR_SELECT] = rule_select,
    [IR_SEXT] = ir_rule_sext,
    [IR_ZEXT] = ir_rule_zext,
    [IR_TRUNC] = ir_rule_trunc,
    [IR_HIGH] = ir_rule_high,
    [IR_BITCAST] = ir_rule_bitcast,
    [IR_FUNBOX] = ir_rule_funbox,
    [IR_FCANON] = ir_rule_fcanon,
    [IR_VAND] = ir_rule_vself,
    [IR_VOR] = ir_rule_vself,
    [IR_VXOR] = ir_rule_vself,
    [IR_VANDN] = ir_rule_vself,
    [IR_VSUB] = ir_rule_vself,
    [IR_VCMP_EQ] = ir_rule_vself,
    [IR_VCMP_GTS] = ir_rule_vself,
    [IR_VGETE] = ir_rule_vgete,
    [IR_VSETE] = ir_rule_vsete,
    [IR_GET] = ir_rule_get,
    [IR_PUT] = ir_rule_put,
    [IR_CALL] = ir_rule_forget,
    [IR_DEAD_FLAGS] = ir_rule_dead_flags,
    [IR_LD] = ir_rule_memory,
    [IR_ST] = ir_rule_store,
    [IR_AMO] = ir_rule_memory,
    [IR_CAS] = ir_rule_memory,
    [IR_LL] = ir_rule_memory,
    [IR_SC] = ir_rule_memory,
    [IR_PREFETCH] = ir_rule_memory,
    [IR_X87_MEM] = ir_rule_memory,
    [IR_X87_LD] = ir_rule_memory,
    [IR_X87_ST] = ir_rule_memory,
    [IR_EXIT_IF] = ir_rule_side_exit,
    [IR_TRAP_IF] = ir_rule_side_exit,
    [IR_JUMP_REG] = ir_rule_jump_reg,
};

static bool fold(struct ir_builder *b, const struct ir_insn *in, unsigned count, ir_ref *result)
{
    int_u128 args[3] = {0}, r;
    for (unsigned i = 0; i < count; i++)
        if (!ir_const_of(b, in->arg[i], &args[i]))
            return false;
    if (!ir_int_fold(in, ir_type_bits(ir_type_of(b, in->arg[0])), args, &r))
        return false;
    struct ir_insn out = {.op = in->op, .type = in->type};
    *result = constant(b, ir_insn_result_type(&out), r);
    return true;
}

ir_ref ir_simplify(struct ir_builder *b, struct ir_insn *in)
{
    unsigned int_args = ir_int_args(in->op);
    ir_ref r;
    if (int_args && fold(b, in, int_args, &r))
        return r;
    const struct ir_op_facts *facts = &ir_op_facts[in->op];
    if (facts->traits & IR_COMMUTES && ir_def(b, in->arg[0])->op == IR_CONST) { /* I3 */
        ir_ref left = in->arg[0];
        in->arg[0] = in->arg[1];
        in->arg[1] = left;
    }
    if (b->fp_fast && (r = ir_simplify_fp_fast(b, in)) != IR_NO_REF)
        return r;
    if (facts->aux == IR_AUX_FP && (r = ir_expand_fp(b, in)) != IR_NO_REF)
        return r;
    ir_rule *rule = rules[in->op];
    if (rule)
        return rule(b, in);
    if (facts->aux == IR_AUX_VEC)
        return ir_expand_vec(b, in);
    if (facts->effects & IR_FX_FPFLAG || in->op == IR_FCLASS)
        ir_bypass_fcanon(b, in);
    return IR_NO_REF;
}
