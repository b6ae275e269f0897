/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of Advanced SIMD on integers whose operands and results differ in width: long, wide, narrow, products of
 * twice the width, dot products.
 *
 * I1  Q says which half of the narrow side it is: that of operands (long), or of Rd (narrow).
 * I2  A scalar (bit 28) is element 0 of what a vector of 64 bits gives. */
#include "frontend/aarch64/a64_fns.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"
#include "frontend/aarch64/a64_vec_args.h"

static ir_ref vn(struct a64_lift *l) { return a64_vget(l, a64_rn(l->i)); }
static ir_ref vd(struct a64_lift *l) { return a64_vget(l, a64_rd(l->i)); }
static bool high_half(const struct a64_insn *i) { return a64_q(i) && !a64_is_scalar(i); }

/* Rd := v, all of it; of a scalar, element 0. */
static void result(struct a64_lift *l, enum ir_type e, ir_ref v)
{
    a64_vput(l, a64_rd(l->i), a64_is_scalar(l->i) ? a64_keep(l, e, v) : v);
}

/* v, added to or subtracted from Rd if the row says so */
static ir_ref accumulate(struct a64_lift *l, enum ir_type e, ir_ref v)
{
    const unsigned arg = l->i->row->arg;
    if (!(arg & (A64_VEC_ADD | A64_VEC_SUB)))
        return v;
    return a64_v2(l, arg & A64_VEC_ADD ? IR_VADD : IR_VSUB, e, vd(l), v);
}

/* ---- long and wide ---- */

/* arg: the operation on widened operands, A64_VEC_SIGNED */
void a64_lift_v_long(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i), wide = a64_wider(e);
    const bool is_signed = i->row->arg & A64_VEC_SIGNED, high = high_half(i);
    ir_ref n = a64_vwiden(l, e, is_signed, high, vn(l));
    ir_ref m = a64_vwiden(l, e, is_signed, high, a64_vget(l, a64_rm(i)));
    a64_vput(l, a64_rd(i), a64_v2(l, A64_VEC_OP(i->row->arg), wide, n, m));
}

/* The same; Rn is wide already. */
void a64_lift_v_wide(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref m = a64_vwiden(l, e, i->row->arg & A64_VEC_SIGNED, high_half(i), a64_vget(l, a64_rm(i)));
    a64_vput(l, a64_rd(i), a64_v2(l, A64_VEC_OP(i->row->arg), a64_wider(e), vn(l), m));
}

/* A difference's absolute value fits into the narrow element, unsigned. arg: VABD_*, A64_VEC_ADD */
void a64_lift_v_abdl(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref v = a64_v2(l, A64_VEC_OP(i->row->arg), e, vn(l), a64_vget(l, a64_rm(i)));
    v = a64_vwiden(l, e, false, high_half(i), v);
    a64_vput(l, a64_rd(i), accumulate(l, a64_wider(e), v));
}

/* arg: A64_VEC_SIGNED, A64_VEC_ADD, A64_VEC_SUB */
void a64_lift_v_mull(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref m = a64_operand_m(l);
    ir_ref v = a64_vmull(l, e, i->row->arg & A64_VEC_SIGNED, high_half(i), vn(l), m);
    a64_vput(l, a64_rd(i), accumulate(l, a64_wider(e), v));
}

/* Notes saturation of elements of which the instruction keeps all, or a scalar's one. */
static void saturated(struct a64_lift *l, enum ir_type e, ir_ref mask)
{
    if (!a64_is_scalar(l->i))
        mask = a64_v2(l, IR_VOR, IR_I64, mask, a64_vhighs(l, mask, mask));
    a64_saturated(l, a64_is_scalar(l->i) ? e : IR_I64, mask);
}

/* n + n, n + m or n - m, saturated */
static ir_ref saturating(struct a64_lift *l, enum ir_type e, ir_ref n, ir_ref m, bool subtract)
{
    ir_ref v = a64_v2(l, subtract ? IR_VSUBS_S : IR_VADDS_S, e, n, m);
    ir_ref wrapped = a64_v2(l, subtract ? IR_VSUB : IR_VADD, e, n, m);
    saturated(l, e, a64_v2(l, IR_VXOR, e, v, wrapped));
    return v;
}

/* Doubled products. arg: A64_VEC_ADD, A64_VEC_SUB */
void a64_lift_v_dmull(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i), wide = a64_wider(e);
    ir_ref m = a64_operand_m(l);
    ir_ref p = a64_vmull(l, e, true, high_half(i), vn(l), m);
    p = saturating(l, wide, p, p, false);
    if (i->row->arg & (A64_VEC_ADD | A64_VEC_SUB))
        p = saturating(l, wide, vd(l), p, i->row->arg & A64_VEC_SUB);
    result(l, wide, p);
}

void a64_lift_v_pmull(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i));
    if (a64_q(i)) {
        n = a64_vhighs(l, n, n);
        m = a64_vhighs(l, m, m);
    }
    a64_vput(l, a64_rd(i), a64_vcall(l, a64_size(i) == IR_I8 ? &a64_fn_pmull8 : &a64_fn_pmull64, n, m, IR_NO_REF));
}

void a64_lift_v_pmul(struct a64_lift *l, const struct a64_insn *i)
{
    a64_vresult(l, IR_I8, a64_vcall(l, &a64_fn_pmul8, vn(l), a64_vget(l, a64_rm(i)), IR_NO_REF));
}

/* ---- narrow ---- */

/* The upper halves of the wide elements of v, in its lower half. */
static ir_ref upper_halves(struct a64_lift *l, enum ir_type e, ir_ref v) { return a64_vunzip(l, e, v, v, true); }

/* Upper halves of sums. arg: VADD or VSUB, A64_VEC_ROUND */
void a64_lift_v_hn(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i), wide = a64_wider(e);
    ir_ref v = a64_v2(l, A64_VEC_OP(i->row->arg), wide, vn(l), a64_vget(l, a64_rm(i)));
    if (i->row->arg & A64_VEC_ROUND)
        v = a64_v2(l, IR_VADD, wide, v, a64_vsplat(l, wide, UINT64_C(1) << (ir_type_bits(e) - 1)));
    a64_vresult_half(l, upper_halves(l, e, v));
}

void a64_lift_v_xtn(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l);
    a64_vresult_half(l, a64_vunzip(l, a64_size(i), n, n, false));
}

/* Wide elements v, limited to what e holds. */
static ir_ref limited(struct a64_lift *l, enum ir_type e, unsigned arg, ir_ref v)
{
    const enum ir_type wide = a64_wider(e);
    const unsigned w = ir_type_bits(e);
    const bool to_signed = arg & A64_VEC_SIGNED && !(arg & A64_VEC_TO_UNSIGNED);
    const uint64_t most = ((UINT64_C(1) << (w - 1)) - 1) * 2 + 1;
    ir_ref max = a64_vsplat(l, wide, to_signed ? most >> 1 : most), min = a64_vsplat(l, wide, ~(most >> 1));
    const enum ir_op greater = arg & A64_VEC_SIGNED ? IR_VCMP_GTS : IR_VCMP_GTU;
    v = a64_vselect(l, a64_v2(l, greater, wide, v, max), max, v);
    if (to_signed)
        v = a64_vselect(l, a64_v2(l, greater, wide, min, v), min, v);
    else if (arg & A64_VEC_SIGNED)
        v = a64_v2(l, IR_VANDN, wide, a64_v2(l, IR_VCMP_GTS, wide, a64_vzero(l), v), v);
    return v;
}

void a64_vresult_saturated(struct a64_lift *l, enum ir_type e, unsigned arg, ir_ref v)
{
    const enum ir_type wide = a64_wider(e);
    ir_ref fits = limited(l, e, arg, v);
    ir_ref narrow = a64_vunzip(l, e, fits, fits, false);
    saturated(l, wide, a64_v2(l, IR_VXOR, wide, fits, v));
    if (a64_is_scalar(l->i))
        a64_vresult(l, e, narrow);
    else
        a64_vresult_half(l, narrow);
}

/* arg: A64_VEC_SIGNED, A64_VEC_TO_UNSIGNED */
void a64_lift_v_qxtn(struct a64_lift *l, const struct a64_insn *i)
{
    a64_vresult_saturated(l, a64_size(i), i->row->arg, vn(l));
}

void a64_lift_v_shll(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref n = vn(l);
    a64_vput(l, a64_rd(i), a64_v2(l, a64_q(i) ? IR_VZIPHI : IR_VZIPLO, e, a64_vzero(l), n));
}

/* ---- dot products: sums of four products of bytes, in words ---- */

/* The even (odd) bytes, extended to 16 bits. */
static ir_ref bytes_of(struct a64_lift *l, bool is_signed, bool odd, ir_ref v)
{
    if (!odd && !is_signed)
        return a64_v2(l, IR_VAND, IR_I16, v, a64_vsplat(l, IR_I16, 0xff));
    if (!odd)
        v = a64_vshift(l, IR_VSHL, IR_I16, v, 8);
    return a64_vshift(l, is_signed ? IR_VSAR : IR_VSHR, IR_I16, v, 8);
}

/* arg: A64_VEC_SIGNED */
void a64_lift_v_dot(struct a64_lift *l, const struct a64_insn *i)
{
    const bool is_signed = i->row->arg & A64_VEC_SIGNED;
    ir_ref n = vn(l), m = a64_operand_m(l), v = vd(l);
    for (unsigned odd = 0; odd < 2; odd++) {
        ir_ref p = a64_v2(l, IR_VDOT_S, IR_I16, bytes_of(l, is_signed, odd, n), bytes_of(l, is_signed, odd, m));
        v = a64_v2(l, IR_VADD, IR_I32, v, p);
    }
    a64_vresult(l, IR_I32, v);
}

/* Rounded doubled product's high half added to Rd in full, then saturated (RDM): in elements of twice the width, where
 * nothing but the sum of a product of two smallest numbers does not fit. arg: A64_VEC_ADD or A64_VEC_SUB */
void a64_lift_v_rdmlah(struct a64_lift *l, const struct a64_insn *i)
{
    const struct ir_vec_fn *fn = i->row->arg & A64_VEC_ADD ? &a64_fn_rdmlah : &a64_fn_rdmlsh;
    const enum ir_type e = a64_size(i);
    ir_ref n = vn(l), m = a64_operand_m(l), d = vd(l);
    const unsigned bits = ir_type_bits(e);
    ir_ref v = ir_emit(l->b, IR_VFN, IR_V128, (uint16_t)bits, n, m, d, (uint64_t)(uintptr_t)fn);
    ir_ref mask = ir_emit(l->b, IR_VFN, IR_V128, (uint16_t)(bits | A64_FN_MASK), n, m, d, (uint64_t)(uintptr_t)fn);
    a64_saturated(l, e, mask);
    a64_vresult(l, e, v);
}
