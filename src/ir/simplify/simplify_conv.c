/* SPDX-License-Identifier: Apache-2.0 */
/* Simplification of conversions: chains of extensions and truncations, NaN boxes, canonical NaNs. See simplify.c.
 *
 * I1  FCANON(x) may be replaced by x where the user treats all quiet NaNs alike and x is never a signalling NaN (which
 *     would raise invalid in the user), that is, where x is the result of arithmetic.
 */
#include "src/ir/simplify/simplify_conv.h"

#include "src/ir/simplify/look.h"

static ir_ref emit1(struct ir_builder *b, enum ir_op op, unsigned type, ir_ref a)
{
    return ir_emit(b, op, (enum ir_type)type, 0, a, IR_NO_REF, IR_NO_REF, 0);
}

static unsigned bits_of(const struct ir_builder *b, ir_ref v) { return ir_type_bits(ir_type_of(b, v)); }

/* v equals the sign extension of its low `bits` bits. */
static bool is_sign_extended(const struct ir_builder *b, ir_ref v, unsigned bits)
{
    const struct ir_insn *d = ir_def(b, v);
    int_u128 c;
    switch (d->op) {
    case IR_SEXT:
        return bits_of(b, d->arg[0]) <= bits;
    case IR_ZEXT:
        return bits_of(b, d->arg[0]) < bits;
    case IR_LD: {
        unsigned mem = ir_type_bits(ir_mem_type(d->aux));
        return d->aux & IR_MEM_SIGNED ? mem <= bits : mem < bits;
    }
    case IR_SAR:
        return ir_const_of(b, d->arg[1], &c) && c < 64 && c >= ir_type_bits((enum ir_type)d->type) - bits;
    case IR_SHR:
        return ir_const_of(b, d->arg[1], &c) && c < 64 && c > ir_type_bits((enum ir_type)d->type) - bits;
    case IR_AND:
        return ir_const_of(b, d->arg[1], &c) && c <= int_mask(bits - 1);
    default:
        return false;
    }
}

/* v equals the zero extension of its low `bits` bits. */
static bool is_zero_extended(const struct ir_builder *b, ir_ref v, unsigned bits)
{
    const struct ir_insn *d = ir_def(b, v);
    int_u128 c;
    switch (d->op) {
    case IR_ZEXT:
        return bits_of(b, d->arg[0]) <= bits;
    case IR_LD:
        return !(d->aux & IR_MEM_SIGNED) && ir_type_bits(ir_mem_type(d->aux)) <= bits;
    case IR_SHR:
        return ir_const_of(b, d->arg[1], &c) && c < 64 && c >= ir_type_bits((enum ir_type)d->type) - bits;
    case IR_AND:
        return ir_const_of(b, d->arg[1], &c) && c <= int_mask(bits);
    default:
        return false;
    }
}

ir_ref ir_rule_sext(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn d = *ir_def(b, in->arg[0]);
    if (d.op == IR_SEXT || d.op == IR_ZEXT)
        return emit1(b, (enum ir_op)d.op, in->type, d.arg[0]);
    if (d.op == IR_TRUNC && ir_type_of(b, d.arg[0]) == in->type &&
        is_sign_extended(b, d.arg[0], ir_type_bits((enum ir_type)d.type)))
        return d.arg[0];
    return IR_NO_REF;
}

ir_ref ir_rule_zext(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn d = *ir_def(b, in->arg[0]);
    if (d.op == IR_ZEXT)
        return emit1(b, IR_ZEXT, in->type, d.arg[0]);
    if (d.op == IR_TRUNC && ir_type_of(b, d.arg[0]) == in->type &&
        is_zero_extended(b, d.arg[0], ir_type_bits((enum ir_type)d.type)))
        return d.arg[0];
    return IR_NO_REF;
}

/* The low bits of an extension: of its operand, or a shorter extension of it. */
static ir_ref trunc_of_extension(struct ir_builder *b, const struct ir_insn *in, const struct ir_insn *ext)
{
    unsigned from = bits_of(b, ext->arg[0]), to = ir_type_bits((enum ir_type)in->type);
    if (from == to)
        return ext->arg[0];
    return emit1(b, from > to ? IR_TRUNC : (enum ir_op)ext->op, in->type, ext->arg[0]);
}

ir_ref ir_rule_trunc(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn d = *ir_def(b, in->arg[0]);
    unsigned to = ir_type_bits((enum ir_type)in->type);
    switch (d.op) {
    case IR_SEXT:
    case IR_ZEXT:
        return trunc_of_extension(b, in, &d);
    case IR_TRUNC:
        return emit1(b, IR_TRUNC, in->type, d.arg[0]);
    case IR_CONCAT:
        return bits_of(b, d.arg[0]) == to  ? d.arg[0]
               : bits_of(b, d.arg[0]) > to ? emit1(b, IR_TRUNC, in->type, d.arg[0])
                                           : IR_NO_REF;
    case IR_BITCAST: { /* the low word of a box is what is in it */
        const struct ir_insn box = *ir_def(b, d.arg[0]);
        return box.op == IR_FBOX && to == 32 ? emit1(b, IR_BITCAST, IR_I32, box.arg[0]) : IR_NO_REF;
    }
    default:
        return IR_NO_REF;
    }
}

ir_ref ir_rule_high(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *d = ir_def(b, in->arg[0]);
    return d->op == IR_CONCAT ? d->arg[1] : IR_NO_REF;
}

ir_ref ir_rule_bitcast(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn d = *ir_def(b, in->arg[0]);
    if (ir_type_of(b, in->arg[0]) == in->type)
        return in->arg[0];
    if (d.op == IR_BITCAST)
        return ir_type_of(b, d.arg[0]) == in->type ? d.arg[0] : emit1(b, IR_BITCAST, in->type, d.arg[0]);
    if (d.op == IR_CONST && ir_type_bits((enum ir_type)in->type) <= 64)
        return ir_const(b, (enum ir_type)in->type, d.imm);
    return IR_NO_REF;
}

ir_ref ir_rule_funbox(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *d = ir_def(b, in->arg[0]);
    return d->op == IR_FBOX ? d->arg[0] : IR_NO_REF;
}

/* --- canonical NaNs --- */

ir_ref ir_rule_fcanon(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *d = ir_def(b, in->arg[0]);
    bool canonical = ir_op_facts[d->op].traits & IR_CANONICAL;
    return canonical && ir_fp_elem(d->aux) == ir_fp_elem(in->aux) ? in->arg[0] : IR_NO_REF;
}

ir_ref ir_simplify_fp_fast(struct ir_builder *b, struct ir_insn *in)
{
    switch (in->op) {
    case IR_FCANON:
        return in->arg[0];
    case IR_FFLAGS:
        return ir_const(b, IR_I32, 0);
    case IR_FCMP:
    case IR_VFCMP:
        in->aux &= (uint16_t) ~(IR_FCOND_SIGNALING | IR_FCOND_NOEXC);
        return IR_NO_REF;
    default:
        return IR_NO_REF;
    }
}

void ir_bypass_fcanon(const struct ir_builder *b, struct ir_insn *in)
{
    bool is_compare = ir_op_facts[in->op].aux == IR_AUX_FCOND, of_int = in->op == IR_FCVT_SF || in->op == IR_FCVT_UF;
    if (of_int || (!is_compare && ir_fp_nan_rule(in->aux)))
        return; /* payloads are seen */
    for (unsigned i = 0; i < 3 && in->arg[i] != IR_NO_REF; i++) {
        const struct ir_insn *canon = ir_def(b, in->arg[i]);
        if (canon->op != IR_FCANON || ir_fp_elem(canon->aux) != ir_fp_elem(in->aux))
            continue;
        const struct ir_insn *source = ir_def(b, canon->arg[0]);
        if (ir_insn_is_quiet(source) && ir_fp_elem(source->aux) == ir_fp_elem(in->aux)) /* I1 */
            in->arg[i] = canon->arg[0];
    }
}
