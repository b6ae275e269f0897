/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point operations that hosts lack, in terms of those that they have, for all executors.
 *
 * I1  Conversions between vectors of floats and of integers are made element by element, but those that hosts have: of
 *     f32 cut off to i32, of i32 in the dynamic mode.
 * I2  Rounding to integral, ties away: x is cut off to t, and twice the rest, cut off, is -1, 0 or 1, which t is short
 *     of. All of it is exact, whatever the mode, and raises nothing. The rest of numbers that are integral by their
 *     magnitude, and of NaNs, is taken for 0. The sign is x's, also of a zero.
 * I3  Left alone is what x86's front end asks for (it asks for what x86 has), and what softfp computes anyway.
 */
#include "src/ir/simplify/expand_fp.h"

static bool is_float(enum ir_type t) { return t == IR_F32 || t == IR_F64; }
static enum ir_type int_of(enum ir_type t) { return t == IR_F64 ? IR_I64 : IR_I32; }

/* I1. Also of rounding. */
static ir_ref by_element(struct ir_builder *b, const struct ir_insn *in)
{
    const bool to_float = in->op == IR_FCVT_SF || in->op == IR_FCVT_UF, rounds = in->op == IR_FROUND;
    const enum ir_type f = ir_fp_elem(in->aux), i = int_of(f);
    const enum ir_type from = to_float ? i : f, to = to_float || rounds ? f : i;
    const enum ir_op op = (enum ir_op)in->op;
    const uint16_t aux = in->aux & (uint16_t)~IR_FP_ELEM;
    const ir_ref v = in->arg[0];
    ir_ref r = ir_const128(b, IR_V128, 0, 0);
    for (unsigned lane = 0; lane < ir_type_bits(IR_V128) / ir_type_bits(f); lane++) {
        ir_ref x = ir_emit(b, IR_VGETE, from, from, v, IR_NO_REF, IR_NO_REF, lane);
        x = ir_fp(b, op, to, aux, x, IR_NO_REF, IR_NO_REF);
        r = ir_emit(b, IR_VSETE, IR_V128, to, r, x, IR_NO_REF, lane);
    }
    return r;
}

/* I2. x as what can have a rest, or zero. */
static ir_ref fractional(struct ir_builder *b, enum ir_type t, ir_ref x)
{
    const enum ir_type i = int_of(t);
    const uint64_t limit = t == IR_F64 ? UINT64_C(0x433) << 52 : UINT64_C(0x4b) << 24; /* 2^52, 2^23 */
    ir_ref twice = ir_bini(b, IR_SHL, ir_conv(b, IR_BITCAST, i, x), 1);
    ir_ref below = ir_icmp(b, IR_ULT, twice, ir_const(b, i, limit << 1));
    return ir_select(b, below, x, ir_const(b, t, 0));
}

/* I2 */
static ir_ref round_away(struct ir_builder *b, const struct ir_insn *in)
{
    const enum ir_type t = (enum ir_type)in->type;
    const uint16_t cut = (in->aux & (uint16_t)~IR_FP_RM) | IR_RTZ, plain = IR_RDYN;
    const uint16_t dynamic = (in->aux & (uint16_t)~IR_FP_RM) | IR_RDYN;
    const ir_ref x = in->arg[0], part = fractional(b, t, x);
    ir_ref rest = ir_fp(b, IR_FROUND, t, IR_RTZ, part, IR_NO_REF, IR_NO_REF);
    rest = ir_fp(b, IR_FSUB, t, plain, part, rest, IR_NO_REF);
    rest = ir_fp(b, IR_FADD, t, plain, rest, rest, IR_NO_REF);
    rest = ir_fp(b, IR_FROUND, t, IR_RTZ, rest, IR_NO_REF, IR_NO_REF);
    ir_ref whole = ir_fp(b, IR_FROUND, t, cut, x, IR_NO_REF, IR_NO_REF);
    whole = ir_fp(b, IR_FADD, t, dynamic, whole, rest, IR_NO_REF);
    return ir_fp(b, IR_FCOPYSIGN, t, 0, whole, x, IR_NO_REF);
}

ir_ref ir_expand_fp(struct ir_builder *b, struct ir_insn *in)
{
    const enum ir_type elem = ir_fp_elem(in->aux), f = elem ? elem : (enum ir_type)in->type;
    const enum ir_rm rm = ir_fp_rm(in->aux);
    const bool vector = in->type == IR_V128 && is_float(elem), away = rm == IR_RMM && !(in->aux & IR_FP_EXACT);
    if (ir_fp_nan_rule(in->aux) == IR_NAN_X86 || in->aux & (IR_FP_DAZ | IR_FP_FTZ | IR_FP_TRAPS)) /* I3 */
        return IR_NO_REF;
    if (in->op == IR_FROUND && away)
        return vector ? by_element(b, in) : !elem && is_float(f) ? round_away(b, in) : (ir_ref)IR_NO_REF;
    const bool packed = (in->op == IR_FCVT_FS && rm == IR_RTZ) || (in->op == IR_FCVT_SF && rm == IR_RDYN);
    const bool converts = in->op == IR_FCVT_FS || in->op == IR_FCVT_FU || in->op == IR_FCVT_SF || in->op == IR_FCVT_UF;
    return converts && vector && !(packed && f == IR_F32) ? by_element(b, in) : (ir_ref)IR_NO_REF;
}
