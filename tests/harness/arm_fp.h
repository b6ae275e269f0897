// SPDX-License-Identifier: Apache-2.0
// Operations with Arm's floating-point rules, and operands for which these differ from other hosts': NaNs of all kinds,
// and factors whose product is rounded to the smallest normal number, which is tiny before rounding only.
#ifndef TANDEM_TESTS_HARNESS_ARM_FP_H
#define TANDEM_TESTS_HARNESS_ARM_FP_H

#include "src/ir/build/builder.h"

namespace harness
{

const uint64_t kArmDoubles[] = {0x3ff0000000000001, 0x000fffffffffffff, 0x3ff0000000000000, 0xbfe0000000000000,
                                0x8000000000000000, 0x7ff0000000000000, 0x7ff8000000000001, 0xfff8000000000002,
                                0x7ff0000000000003, 0xfff4000000000004, 0x0010000000000000, 0xc008000000000000};
// In the lower half and the upper one: two elements of a vector.
const uint64_t kArmSingles[] = {0x3f8000013f800001, 0x007fffff007fffff, 0x3f8000003f800000, 0xbf0000007fc00001,
                                0x8000000080000000, 0x7f8000007f800000, 0x3f8000007fc00001, 0xffc0000240000000,
                                0x7f8000037f800003, 0xffa000043f800000, 0x0080000000800000, 0xc0400000ff800000};

struct ArmOp {
    enum ir_op op;
    unsigned args;
};
const ArmOp kArmOps[] = {{IR_FADD, 2}, {IR_FSUB, 2},  {IR_FMUL, 2},   {IR_FDIV, 2},
                         {IR_FMA, 3},  {IR_FSQRT, 1}, {IR_FROUND, 1}, {IR_FCVT_FF, 1}};

inline uint16_t arm_aux(enum ir_type elem)
{
    return static_cast<uint16_t>(IR_RDYN | ir_fp_nan(IR_NAN_ARM) | IR_FP_TINY_BEFORE | ir_fp_elem_bits(elem));
}

// op of doubles x, y, y; as singles, their lower halves; as vectors of either, all of both. A conversion is from them
// to the other format. Puts results into rows f and f + 1, or f and v.
inline void arm_scalar(struct ir_builder *b, const ArmOp &o, bool f64, unsigned f)
{
    const enum ir_type t = f64 ? IR_F64 : IR_F32, to = o.op != IR_FCVT_FF ? t : f64 ? IR_F32 : IR_F64;
    ir_ref arg[3] = {IR_NO_REF, IR_NO_REF, IR_NO_REF};
    for (unsigned n = 0; n < o.args; n++) {
        ir_ref bits = ir_conv(b, IR_BITCAST, IR_I64, ir_get(b, f + (n > 0)));
        arg[n] = f64 ? ir_get(b, f + (n > 0)) : ir_conv(b, IR_BITCAST, IR_F32, ir_conv(b, IR_TRUNC, IR_I32, bits));
    }
    ir_ref v = ir_fp(b, o.op, to, arm_aux(IR_VOID), arg[0], arg[1], arg[2]);
    if (to == IR_F32)
        v = ir_conv(b, IR_BITCAST, IR_F64, ir_conv(b, IR_ZEXT, IR_I64, ir_conv(b, IR_BITCAST, IR_I32, v)));
    ir_put(b, f + 2, v);
}

inline void arm_vector(struct ir_builder *b, const ArmOp &o, bool f64, unsigned f, unsigned v)
{
    ir_ref arg[3] = {IR_NO_REF, IR_NO_REF, IR_NO_REF};
    for (unsigned n = 0; n < o.args; n++)
        arg[n] = ir_emit(b, IR_VSPLAT, IR_V128, IR_F64, ir_get(b, f + (n > 0)), IR_NO_REF, IR_NO_REF, 0);
    ir_put(b, v, ir_fp(b, o.op, IR_V128, arm_aux(f64 ? IR_F64 : IR_F32), arg[0], arg[1], arg[2]));
}

} // namespace harness

#endif
