/* SPDX-License-Identifier: Apache-2.0 */
/* Simplification of vector operations: an operand with itself (how x86 code makes constants), and elements that were
 * set or spread before. See simplify.c.
 *
 * I1  Only v128: constants of v256 have no second half.
 */
#include "src/ir/simplify/simplify_vec.h"

#include "src/ir/simplify/look.h"

static ir_ref constant(struct ir_builder *b, uint64_t bits) { return ir_const128(b, IR_V128, bits, bits); }

ir_ref ir_rule_vself(struct ir_builder *b, struct ir_insn *in)
{
    if (in->arg[0] != in->arg[1] || in->type != IR_V128)
        return IR_NO_REF;
    switch (in->op) {
    case IR_VAND:
    case IR_VOR:
        return in->arg[0];
    case IR_VCMP_EQ:
        return constant(b, UINT64_MAX);
    default: /* VXOR VANDN VSUB VCMP_GTS */
        return constant(b, 0);
    }
}

/* v as a scalar of the type, or IR_NO_REF */
static ir_ref as_scalar(struct ir_builder *b, enum ir_type type, ir_ref v)
{
    enum ir_type from = ir_type_of(b, v);
    if (from == type)
        return v;
    return ir_type_bits(from) == ir_type_bits(type) ? ir_conv(b, IR_BITCAST, type, v) : (ir_ref)IR_NO_REF;
}

static unsigned elem_bits(const struct ir_insn *in) { return ir_type_bits(ir_vec_elem(in->aux)); }

ir_ref ir_rule_vgete(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *v = ir_def(b, in->arg[0]);
    if ((v->op != IR_VSETE && v->op != IR_VSPLAT) || elem_bits(v) != elem_bits(in))
        return IR_NO_REF;
    if (v->op == IR_VSPLAT)
        return as_scalar(b, (enum ir_type)in->type, v->arg[0]);
    if (v->imm == in->imm)
        return as_scalar(b, (enum ir_type)in->type, v->arg[1]);
    in->arg[0] = v->arg[0];
    return IR_NO_REF;
}

/* An element set before is set again: only the last one counts. */
ir_ref ir_rule_vsete(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *v = ir_def(b, in->arg[0]);
    if (v->op == IR_VSETE && elem_bits(v) == elem_bits(in) && v->imm == in->imm)
        in->arg[0] = v->arg[0];
    return IR_NO_REF;
}
