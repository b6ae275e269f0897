/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of floating-point arithmetic and compares, of scalars and of vectors alike (a64_fp.h).
 *
 * I1  Instructions that negate an operand negate NaNs, too: they are an FNEG and the operation without signs. */
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_fp.h"
#include "frontend/aarch64/a64_fp_args.h"
#include "frontend/aarch64/a64_fp_fns.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"

static ir_ref fn(struct a64_lift *l, struct a64_shape s) { return a64_fget(l, s, a64_rn(l->i)); }
static enum ir_type bits_of(struct a64_shape s) { return s.t == IR_F64 ? IR_I64 : IR_I32; }

/* ---- two operands ---- */

/* A divisor of 64 bits of vector: the elements above divide by one. */
static ir_ref divisor(struct a64_lift *l, struct a64_shape s, ir_ref m)
{
    const uint64_t one = s.t == IR_F64 ? 0x3ff0000000000000 : 0x3f8000003f800000;
    return s.vec && !a64_q(l->i) ? a64_v2(l, IR_VOR, IR_I64, m, a64_vconst(l, 0, one)) : m;
}

/* arg: the IR operation, A64_FP_NEG (the result), A64_FP_ABS (the result) */
void a64_lift_f_binary(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    const enum ir_op op = A64_FP_OP(i->row->arg);
    ir_ref n = fn(l, s), m = a64_fget_m(l, s);
    ir_ref v = a64_fop(l, s, op, n, op == IR_FDIV ? divisor(l, s, m) : m, IR_NO_REF);
    if (i->row->arg & A64_FP_NEG)
        v = a64_fneg(l, s, v);
    if (i->row->arg & A64_FP_ABS)
        v = a64_fabs(l, s, v);
    a64_fresult(l, s, v);
}

/* arg: A64_FP_MAX, A64_FP_NUM */
void a64_lift_f_minmax(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    const unsigned arg = i->row->arg;
    ir_ref n = fn(l, s), m = a64_fget(l, s, a64_rm(i));
    a64_fresult(l, s, a64_fminmax(l, s, arg & A64_FP_MAX, arg & A64_FP_NUM, n, m));
}

/* ---- multiply and add (I1) ---- */

/* arg: A64_FP_NEG the product, A64_FP_NEG_ADDEND */
void a64_lift_f_madd(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref n = fn(l, s), m = a64_fget(l, s, a64_rm(i)), a = a64_fget(l, s, a64_ra(i));
    n = i->row->arg & A64_FP_NEG ? a64_fneg(l, s, n) : n;
    a = i->row->arg & A64_FP_NEG_ADDEND ? a64_fneg(l, s, a) : a;
    a64_fresult(l, s, a64_fop(l, s, IR_FMA, n, m, a));
}

/* To Rd. arg: A64_FP_NEG the product */
void a64_lift_f_mla(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref n = fn(l, s), m = a64_fget_m(l, s), d = a64_fget(l, s, a64_rd(i));
    n = i->row->arg & A64_FP_NEG ? a64_fneg(l, s, n) : n;
    a64_fresult(l, s, a64_fop(l, s, IR_FMA, n, m, d));
}

/* ---- one operand ---- */

/* arg: FABS, FNEG or FSQRT; a move is 0 */
void a64_lift_f_unary(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    const enum ir_op op = A64_FP_OP(i->row->arg);
    ir_ref n = fn(l, s);
    a64_fresult(l, s,
                op == IR_FABS    ? a64_fabs(l, s, n)
                : op == IR_FNEG  ? a64_fneg(l, s, n)
                : op == IR_FSQRT ? a64_fop(l, s, op, n, IR_NO_REF, IR_NO_REF)
                                 : n);
}

/* arg: the rounding mode, and IR_FP_EXACT */
void a64_lift_f_round(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    const unsigned aux = a64_fp_aux(l, s, i->row->arg & IR_FP_RM) | (i->row->arg & IR_FP_EXACT);
    a64_fresult(l, s, a64_fop_rm(l, s, IR_FROUND, aux, fn(l, s)));
}

/* ---- compares ---- */

/* arg: A64_FP_ZERO: with zero; A64_FP_SIGNALING */
void a64_lift_f_cmp(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref n = fn(l, s), m = i->row->arg & A64_FP_ZERO ? a64_fconst(l, s, 0) : a64_fget(l, s, a64_rm(i));
    n = a64_fcompared(l, s, n);
    m = a64_fcompared(l, s, m);
    a64_flags_set_fcmp(l, a64_fcond(l, s, i->row->arg & A64_FP_SIGNALING), n, m, IR_NO_REF, 0);
}

/* The compare is made, and raises what it raises, only if the condition holds: of equal numbers otherwise. */
void a64_lift_f_ccmp(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref cond = a64_condition(l, a64_bits(i, 12, 4)), zero = a64_fconst(l, s, 0);
    ir_ref n = ir_select(l->b, cond, fn(l, s), zero), m = ir_select(l->b, cond, a64_fget(l, s, a64_rm(i)), zero);
    n = a64_fcompared(l, s, n);
    m = a64_fcompared(l, s, m);
    a64_flags_set_fcmp(l, a64_fcond(l, s, i->row->arg & A64_FP_SIGNALING), n, m, cond, a64_bits(i, 0, 4));
}

void a64_lift_f_csel(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref cond = a64_condition(l, a64_bits(i, 12, 4)), n = fn(l, s);
    a64_fresult(l, s, ir_select(l->b, cond, n, a64_fget(l, s, a64_rm(i))));
}

/* The result of a compare that holds, all ones, of a scalar too. */
static void mask_result(struct a64_lift *l, struct a64_shape s, ir_ref holds)
{
    if (!s.vec)
        holds = ir_un(l->b, IR_NEG, ir_conv(l->b, IR_ZEXT, bits_of(s), holds));
    a64_fresult(l, s, holds);
}

/* arg: the relation, A64_FP_SIGNALING, A64_FP_SWAP, A64_FP_ABS (of magnitudes), A64_FP_ZERO */
void a64_lift_f_cm(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    const unsigned arg = i->row->arg;
    ir_ref n = fn(l, s), m = arg & A64_FP_ZERO ? a64_fconst(l, s, 0) : a64_fget(l, s, a64_rm(i));
    if (arg & A64_FP_ABS) {
        n = a64_fabs(l, s, n);
        m = a64_fabs(l, s, m);
    }
    n = a64_fcompared(l, s, n);
    m = a64_fcompared(l, s, m);
    const unsigned fcond = a64_fcond(l, s, arg & A64_FP_SIGNALING) | A64_FP_OP(arg);
    mask_result(l, s, arg & A64_FP_SWAP ? a64_fcompare(l, s, fcond, m, n) : a64_fcompare(l, s, fcond, n, m));
}

/* ---- moves ---- */

void a64_lift_f_mov_imm(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    a64_fresult(l, s, a64_fconst(l, s, a64_fp_imm(ir_type_bits(s.t), a64_bits(i, 13, 8))));
}

/* arg: bits; 128: the upper half */
void a64_lift_f_mov_from(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned bits = i->row->arg;
    const enum ir_type e = bits == 16 ? IR_I16 : bits == 32 ? IR_I32 : IR_I64;
    a64_put(l, a64_rd(i), a64_vgete(l, e, a64_vget(l, a64_rn(i)), bits == 128));
}

void a64_lift_f_mov_to(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned bits = i->row->arg, d = a64_rd(i);
    const enum ir_type e = bits == 16 ? IR_I16 : bits == 32 ? IR_I32 : IR_I64;
    ir_ref v = ir_conv(l->b, IR_TRUNC, e, a64_get_x(l, a64_rn(i)));
    a64_vput(l, d, bits == 128 ? a64_vsete(l, a64_vget(l, d), v, 1) : a64_vscalar(l, v));
}

/* ---- pairs and reductions ---- */

/* arg: the operation, or 0 and A64_FP_MAX, A64_FP_NUM */
static ir_ref combine(struct a64_lift *l, struct a64_shape s, ir_ref a, ir_ref b)
{
    const unsigned arg = l->i->row->arg;
    if (A64_FP_OP(arg) == IR_FADD)
        return a64_fop(l, s, IR_FADD, a, b, IR_NO_REF);
    return a64_fminmax(l, s, arg & A64_FP_MAX, arg & A64_FP_NUM, a, b);
}

void a64_lift_f_pair(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref n = a64_vget(l, a64_rn(i)), m = a64_vget(l, a64_rm(i));
    if (!a64_q(i))
        n = m = a64_vlows(l, n, m);
    ir_ref even = a64_vunzip(l, bits_of(s), n, m, false), odd = a64_vunzip(l, bits_of(s), n, m, true);
    if (!a64_q(i)) {
        even = a64_vlow(l, even);
        odd = a64_vlow(l, odd);
    }
    a64_fresult(l, s, combine(l, s, even, odd));
}

void a64_lift_f_pair_scalar(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref n = a64_vget(l, a64_rn(i));
    a64_fresult(l, s, combine(l, s, a64_vgete(l, s.t, n, 0), a64_vgete(l, s.t, n, 1)));
}

/* Of four: the lower two, the upper two, those. */
void a64_lift_f_across(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = {IR_F32, false};
    ir_ref n = a64_vget(l, a64_rn(i)), v[4];
    for (unsigned k = 0; k < 4; k++)
        v[k] = a64_vgete(l, IR_F32, n, k);
    ir_ref low = combine(l, s, v[0], v[1]);
    a64_fresult(l, s, combine(l, s, low, combine(l, s, v[2], v[3])));
}

/* ---- what C functions do, element by element ---- */

/* arg: A64_FN_* of n and m (by element, too) */
void a64_lift_f_call(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    const unsigned arg = i->row->arg, bits = ir_type_bits(s.t);
    ir_ref n = fn(l, s), m = arg <= A64_FN_FRSQRTS ? a64_fget_m(l, s) : n, v;
    if (!s.vec) {
        a64_fresult(l, s, a64_fcall(l, s.t, arg, n, m));
        return;
    }
    v = a64_vzero(l);
    for (unsigned k = 0; k < (a64_q(i) ? 128 : 64) / bits; k++)
        v = a64_vsete(l, v, a64_fcall(l, s.t, arg, a64_vgete(l, s.t, n, k), a64_vgete(l, s.t, m, k)), k);
    a64_vput(l, a64_rd(i), v);
}
