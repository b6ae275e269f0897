/* SPDX-License-Identifier: Apache-2.0 */
/* See fp_rules.h. */
#include "tests/harness/fp_rules.h"

namespace harness
{

namespace
{

/* The special value of the other format that the double's bits stand for, as IR. */
ir_ref to_single(struct ir_builder *b, ir_ref d)
{
    const auto bits = [&](ir_ref v, unsigned shift, uint64_t mask) {
        return ir_bini(b, IR_AND, ir_bini(b, IR_SHR, v, shift), mask);
    };
    ir_ref top = bits(d, 32, 0xc0000000), rest = bits(d, 29, 0x3fffffff), low = bits(d, 0, 3);
    ir_ref v = ir_bin(b, IR_OR, ir_bin(b, IR_OR, top, rest), low);
    return ir_conv(b, IR_BITCAST, IR_F32, ir_conv(b, IR_TRUNC, IR_I32, v));
}

ir_ref scalar(struct ir_builder *b, enum ir_type type, ir_ref d)
{
    return type == IR_F64 ? ir_conv(b, IR_BITCAST, IR_F64, d) : to_single(b, d);
}

/* The value in the first element, another one in the others. */
ir_ref vector(struct ir_builder *b, enum ir_type type, ir_ref d)
{
    ir_ref all =
        ir_emit(b, IR_VSPLAT, IR_V128, type == IR_F64 ? IR_I64 : IR_I32,
                ir_const(b, type == IR_F64 ? IR_I64 : IR_I32, type == IR_F64 ? 0x4008000000000000 : 0x40400000),
                IR_NO_REF, IR_NO_REF, 0);
    return ir_emit(b, IR_VSETE, IR_V128, type, all, scalar(b, type, d), IR_NO_REF, 0);
}

} // namespace

std::vector<FpRule> fp_rules()
{
    const enum ir_op ops[] = {IR_FADD, IR_FSUB, IR_FMUL, IR_FDIV, IR_FSQRT, IR_FMA, IR_FCVT_FF};
    const uint16_t rules[] = {ir_fp_nan(IR_NAN_ARM), IR_FP_TINY_BEFORE,
                              (uint16_t)(ir_fp_nan(IR_NAN_ARM) | IR_FP_TINY_BEFORE)};
    std::vector<FpRule> all;
    for (enum ir_op op : ops)
        for (enum ir_type type : {IR_F32, IR_F64})
            for (uint16_t rule : rules)
                for (bool packed : {false, true})
                    if (!packed || (op != IR_FCVT_FF && ir_fp_nan_rule(rule)))
                        for (unsigned signs : {0u, (unsigned)IR_FP_NEG_PRODUCT, (unsigned)IR_FP_NEG_ADDEND})
                            if (!signs || op == IR_FMA)
                                all.push_back({op, type, packed, (uint16_t)(IR_RDYN | rule | signs)});
    return all;
}

const std::vector<uint64_t> &fp_rule_operands()
{
    static const std::vector<uint64_t> all = {
        0x3ff0000000000000,
        0x8000000000000000,
        0x7ff0000000000000,
        0xfff0000000000000,
        0x7ff8000000000003,
        0xfff8000020000001,
        0x7ff0000000000001,
        0xfff4000000000002,
        0xc00c000000000000,
        /* products and conversions that round up to the smallest normal number */
        0x0010000000000001,
        0x3feffffffffffffe,
        0x3810000000000001,
        0x380ffffffffff000,
    };
    return all;
}

ir_ref emit_fp_rule(struct ir_builder *b, const FpRule &rule, const ir_ref operands[3])
{
    const enum ir_type from = rule.op == IR_FCVT_FF ? (rule.type == IR_F64 ? IR_F32 : IR_F64) : rule.type;
    const unsigned count = rule.op == IR_FSQRT || rule.op == IR_FCVT_FF ? 1 : rule.op == IR_FMA ? 3 : 2;
    ir_ref a[3] = {IR_NO_REF, IR_NO_REF, IR_NO_REF};
    for (unsigned i = 0; i < count; i++)
        a[i] = rule.packed ? vector(b, from, operands[i]) : scalar(b, from, operands[i]);
    const uint16_t elem = rule.packed ? ir_fp_elem_bits(rule.type) : 0;
    ir_ref v = ir_fp(b, rule.op, rule.packed ? IR_V128 : rule.type, (uint16_t)(rule.aux | elem), a[0], a[1], a[2]);
    if (!ir_fp_nan_rule(rule.aux))
        v = ir_fp(b, IR_FCANON, rule.type, 0, v, IR_NO_REF, IR_NO_REF);
    if (rule.packed)
        return ir_emit(b, IR_VGETE, IR_I64, IR_I64, v, IR_NO_REF, IR_NO_REF, 0);
    v = ir_conv(b, IR_BITCAST, rule.type == IR_F64 ? IR_I64 : IR_I32, v);
    return ir_conv(b, IR_ZEXT, IR_I64, v);
}

} // namespace harness
