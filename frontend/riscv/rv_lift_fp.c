/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of F and D.
 *
 * I1  f registers are f64 rows of 64 raw bits. A single-precision operand is FUNBOX of the row (anything not properly
 *     boxed reads as the default NaN), a single-precision result is FBOXed.
 * I2  Every arithmetic result goes through FCANON: RISC-V gives the default NaN only. Moves, sign injection, loads and
 *     stores keep bits as they are.
 * I3  A dynamic rounding mode is IR_RDYN if the host's FP environment can express it. Else the block's translation mode
 *     says what frm is (rv_state.h): RMM is spelled out, and with an invalid frm the instruction is illegal. */
#include "frontend/riscv/rv_lift_fp.h"

#include "frontend/riscv/rv_lifters.h"

/* The format of an OP-FP or FMA instruction: bits 26..25. */
static enum ir_type fp_type(const struct rv_insn *i) { return i->raw >> 25 & 1 ? IR_F64 : IR_F32; }

static ir_ref get_f(struct rv_lift *l, enum ir_type type, unsigned n)
{
    ir_ref raw = ir_get(l->b, rv_row_f(n));

    return type == IR_F64 ? raw : ir_conv(l->b, IR_FUNBOX, IR_F32, raw);
}

static void put_f(struct rv_lift *l, unsigned n, ir_ref v)
{
    ir_put(l->b, rv_row_f(n), ir_type_of(l->b, v) == IR_F64 ? v : ir_conv(l->b, IR_FBOX, IR_F64, v));
}

static void put_canonical(struct rv_lift *l, unsigned n, ir_ref v)
{
    put_f(l, n, ir_fp(l->b, IR_FCANON, ir_type_of(l->b, v), 0, v, IR_NO_REF, IR_NO_REF));
}

/* The instruction's rounding mode as an IR_FP_RM; false (and the block ended): illegal. The encodings of RISC-V and of
 * the IR are the same for 0..4 and 7. */
static bool rounding(struct rv_lift *l, const struct rv_insn *i, uint16_t *aux)
{
    unsigned rm = rv_rm(i);

    if (rm == RV_RM_DYN && l->req->mode == RV_MODE_INVALID_RM) {
        rv_lift_illegal(l);
        return false;
    }
    *aux = (uint16_t)(rm == RV_RM_DYN && l->req->mode == RV_MODE_RMM ? IR_RMM : rm);
    return true;
}

void rv_lift_farith(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i);
    uint16_t rm;

    if (!rounding(l, i, &rm))
        return;
    ir_ref a = get_f(l, type, i->rs1), c = get_f(l, type, i->rs2);
    put_canonical(l, i->rd, ir_fp(l->b, (enum ir_op)i->row->arg, type, rm, a, c, IR_NO_REF));
}

void rv_lift_fsqrt(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i);
    uint16_t rm;

    if (!rounding(l, i, &rm))
        return;
    put_canonical(l, i->rd, ir_fp(l->b, IR_FSQRT, type, rm, get_f(l, type, i->rs1), IR_NO_REF, IR_NO_REF));
}

/* arg: IR_FP_NEG_* */
void rv_lift_fma(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i);
    uint16_t rm;

    if (!rounding(l, i, &rm))
        return;
    ir_ref a = get_f(l, type, i->rs1), c = get_f(l, type, i->rs2), addend = get_f(l, type, i->rs3);
    put_canonical(l, i->rd, ir_fp(l->b, IR_FMA, type, rm | i->row->arg, a, c, addend));
}

void rv_lift_fminmax(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i);
    ir_ref a = get_f(l, type, i->rs1), c = get_f(l, type, i->rs2);

    put_canonical(l, i->rd, ir_fp(l->b, (enum ir_op)i->row->arg, type, 0, a, c, IR_NO_REF));
}

static ir_ref fp_unary(struct rv_lift *l, enum ir_op op, ir_ref a)
{
    return ir_fp(l->b, op, ir_type_of(l->b, a), 0, a, IR_NO_REF, IR_NO_REF);
}
static ir_ref copy_sign(struct rv_lift *l, ir_ref magnitude, ir_ref sign)
{
    return ir_fp(l->b, IR_FCOPYSIGN, ir_type_of(l->b, magnitude), 0, magnitude, sign, IR_NO_REF);
}

/* rs1 = rs2: fmv */
void rv_lift_fsgnj(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i);
    ir_ref a = get_f(l, type, i->rs1);

    put_f(l, i->rd, i->rs1 == i->rs2 ? a : copy_sign(l, a, get_f(l, type, i->rs2)));
}

/* rs1 = rs2: fneg */
void rv_lift_fsgnjn(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i);
    ir_ref a = get_f(l, type, i->rs1);
    ir_ref negated = fp_unary(l, IR_FNEG, get_f(l, type, i->rs2));

    put_f(l, i->rd, i->rs1 == i->rs2 ? negated : copy_sign(l, a, negated));
}

/* rs1 = rs2: fabs */
void rv_lift_fsgnjx(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = fp_type(i), bits = type == IR_F64 ? IR_I64 : IR_I32;
    uint64_t sign = type == IR_F64 ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
    ir_ref a = get_f(l, type, i->rs1);

    if (i->rs1 == i->rs2) {
        put_f(l, i->rd, fp_unary(l, IR_FABS, a));
        return;
    }
    ir_ref other = ir_conv(l->b, IR_BITCAST, bits, get_f(l, type, i->rs2));
    ir_ref flip = ir_bini(l->b, IR_AND, other, sign);
    ir_ref result = ir_bin(l->b, IR_XOR, ir_conv(l->b, IR_BITCAST, bits, a), flip);
    put_f(l, i->rd, ir_conv(l->b, IR_BITCAST, type, result));
}

static void compare(struct rv_lift *l, const struct rv_insn *i, unsigned fcond)
{
    enum ir_type type = fp_type(i);
    ir_ref a = get_f(l, type, i->rs1);
    ir_ref cond = ir_fcmp(l->b, fcond, a, get_f(l, type, i->rs2));

    rv_put_x(l, i->rd, ir_conv(l->b, IR_ZEXT, IR_I64, cond));
}

/* arg: enum ir_fcond */
void rv_lift_fcmp(struct rv_lift *l, const struct rv_insn *i) { compare(l, i, i->row->arg); }

void rv_lift_fcmp_noexc(struct rv_lift *l, const struct rv_insn *i)
{
    compare(l, i, (i->row->arg & IR_FCOND_MASK) | IR_FCOND_NOEXC);
}

void rv_lift_fclass(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref value = get_f(l, fp_type(i), i->rs1);

    rv_put_x(l, i->rd, ir_fp(l->b, IR_FCLASS, IR_I64, 0, value, IR_NO_REF, IR_NO_REF));
}

void rv_lift_fmv_x_d(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_x(l, i->rd, ir_conv(l->b, IR_BITCAST, IR_I64, ir_get(l->b, rv_row_f(i->rs1))));
}

/* The low half as it is: no unboxing. */
void rv_lift_fmv_x_w(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref bits = ir_conv(l->b, IR_BITCAST, IR_I64, ir_get(l->b, rv_row_f(i->rs1)));

    rv_put_w(l, i->rd, ir_conv(l->b, IR_TRUNC, IR_I32, bits));
}

void rv_lift_fmv_d_x(struct rv_lift *l, const struct rv_insn *i)
{
    ir_put(l->b, rv_row_f(i->rd), ir_conv(l->b, IR_BITCAST, IR_F64, rv_get_x(l, i->rs1)));
}

void rv_lift_fmv_w_x(struct rv_lift *l, const struct rv_insn *i)
{
    put_f(l, i->rd, ir_conv(l->b, IR_BITCAST, IR_F32, rv_get_w(l, i->rs1)));
}

static enum ir_op cvt_op(const struct rv_insn *i) { return (enum ir_op)(i->row->arg >> 4); }
static enum ir_type cvt_type(const struct rv_insn *i) { return (enum ir_type)(i->row->arg & 15); }

/* Float to integer; a word result is sign-extended, also the unsigned one. arg: RV_CVT */
void rv_lift_fcvt_xf(struct rv_lift *l, const struct rv_insn *i)
{
    uint16_t rm;

    if (!rounding(l, i, &rm))
        return;
    ir_ref value = get_f(l, fp_type(i), i->rs1);
    rv_put_w(l, i->rd, ir_fp(l->b, cvt_op(i), cvt_type(i), rm, value, IR_NO_REF, IR_NO_REF));
}

/* Integer to float. arg: RV_CVT */
void rv_lift_fcvt_fx(struct rv_lift *l, const struct rv_insn *i)
{
    uint16_t rm;

    if (!rounding(l, i, &rm))
        return;
    ir_ref value = ir_conv(l->b, IR_TRUNC, cvt_type(i), rv_get_x(l, i->rs1));
    put_f(l, i->rd, ir_fp(l->b, cvt_op(i), fp_type(i), rm, value, IR_NO_REF, IR_NO_REF));
}

/* Between formats. arg: the source's type */
void rv_lift_fcvt_ff(struct rv_lift *l, const struct rv_insn *i)
{
    uint16_t rm;

    if (!rounding(l, i, &rm))
        return;
    ir_ref value = get_f(l, (enum ir_type)i->row->arg, i->rs1);
    put_canonical(l, i->rd, ir_fp(l->b, IR_FCVT_FF, fp_type(i), rm, value, IR_NO_REF, IR_NO_REF));
}
