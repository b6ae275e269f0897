/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of Advanced SIMD on integers, element by element: sums, compares, bits, pairs, reductions. Rows share a
 * lifter and name the IR operation in their argument. Those of a scalar (bit 28) are the same; a64_vresult keeps
 * element 0. */
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"
#include "frontend/aarch64/a64_vec_args.h"

static ir_ref vn(struct a64_lift *l) { return a64_vget(l, a64_rn(l->i)); }
static ir_ref vd(struct a64_lift *l) { return a64_vget(l, a64_rd(l->i)); }

ir_ref a64_operand_m(struct a64_lift *l)
{
    const struct a64_insn *i = l->i;
    const unsigned h = a64_bits(i, 11, 1), low = a64_bits(i, 21, 1), m = a64_bits(i, 20, 1);
    if (!a64_bits(i, 24, 1))
        return a64_vget(l, a64_rm(i));
    switch (a64_size(i)) {
    case IR_I16:
        return a64_vdup(l, IR_I16, a64_vget(l, a64_rm(i) & 15), h << 2 | low << 1 | m);
    case IR_I32:
        return a64_vdup(l, IR_I32, a64_vget(l, a64_rm(i)), h << 1 | low);
    default:
        return a64_vdup(l, IR_I64, a64_vget(l, a64_rm(i)), h);
    }
}

/* ---- two operands ---- */

/* arg: the IR operation, and A64_VEC_*: of both operands, in the other order, added to or subtracted from Rd */
void a64_lift_v_same(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    const unsigned arg = i->row->arg;
    ir_ref n = vn(l), m = a64_operand_m(l);
    ir_ref v = arg & A64_VEC_SWAP ? a64_v2(l, A64_VEC_OP(arg), e, m, n) : a64_v2(l, A64_VEC_OP(arg), e, n, m);
    if (arg & (A64_VEC_ADD | A64_VEC_SUB))
        v = a64_v2(l, arg & A64_VEC_ADD ? IR_VADD : IR_VSUB, e, vd(l), v);
    a64_vresult(l, e, v);
}

void a64_lift_v_orn(struct a64_lift *l, const struct a64_insn *i)
{
    a64_vresult(l, IR_I64, a64_v2(l, IR_VOR, IR_I64, vn(l), a64_vnot(l, a64_vget(l, a64_rm(i)))));
}

/* arg: 0 bsl, 1 bit, 2 bif */
void a64_lift_v_select(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i)), d = vd(l);
    ir_ref v = i->row->arg == 0   ? a64_vselect(l, d, n, m)
               : i->row->arg == 1 ? a64_vselect(l, m, n, d)
                                  : a64_vselect(l, m, d, n);
    a64_vresult(l, IR_I64, v);
}

void a64_lift_v_cmtst(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref both = a64_v2(l, IR_VAND, e, vn(l), a64_vget(l, a64_rm(i)));
    a64_vresult(l, e, a64_vnot(l, a64_v2(l, IR_VCMP_EQ, e, both, a64_vzero(l))));
}

/* arg: a saturating sum or difference; A64_VEC_SUB: a difference */
void a64_lift_v_addsat(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    const unsigned arg = i->row->arg;
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i)), v = a64_v2(l, A64_VEC_OP(arg), e, n, m);
    ir_ref wrapped = a64_v2(l, arg & A64_VEC_SUB ? IR_VSUB : IR_VADD, e, n, m);
    a64_saturated(l, e, a64_v2(l, IR_VXOR, e, v, wrapped));
    a64_vresult(l, e, v);
}

/* Saturates where both factors are the smallest number. arg: VDMULH or VRDMULH */
void a64_lift_v_dmulh(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref n = vn(l), m = a64_operand_m(l), min = a64_vsplat(l, e, UINT64_C(1) << (ir_type_bits(e) - 1));
    ir_ref both = a64_v2(l, IR_VAND, e, a64_v2(l, IR_VCMP_EQ, e, n, min), a64_v2(l, IR_VCMP_EQ, e, m, min));
    a64_saturated(l, e, both);
    a64_vresult(l, e, a64_v2(l, A64_VEC_OP(i->row->arg), e, n, m));
}

/* By counts in a register, saturating: where a left shift does not give what it gives without, or does not go back to
 * what it was made of. arg: the operation, signed ones with A64_VEC_SIGNED */
void a64_lift_v_qshl(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    const unsigned w = ir_type_bits(e);
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i)), v = a64_v2(l, A64_VEC_OP(i->row->arg), e, n, m);
    ir_ref right = a64_v2(l, IR_VSUB, e, a64_vzero(l), m);
    const enum ir_op plain = i->row->arg & A64_VEC_SIGNED ? IR_VSHL_S : IR_VSHL_U;
    ir_ref back = a64_v2(l, IR_VXOR, e, a64_v2(l, plain, e, v, right), n);
    ir_ref wrapped = a64_v2(l, IR_VXOR, e, a64_v2(l, plain, e, n, m), v);
    ir_ref to_left = a64_v2(l, IR_VCMP_GTS, e, a64_vshift(l, IR_VSHL, e, m, w - 8), a64_vzero(l));
    a64_saturated(l, e, a64_v2(l, IR_VAND, e, to_left, a64_v2(l, IR_VOR, e, back, wrapped)));
    a64_vresult(l, e, v);
}

/* ---- pairs of neighbors ---- */

/* The even and the odd elements of Rn++Rm. */
static void neighbors(struct a64_lift *l, enum ir_type e, ir_ref *even, ir_ref *odd)
{
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(l->i));
    if (!a64_q(l->i)) {
        n = a64_vlows(l, n, m);
        m = n;
    }
    *even = a64_vunzip(l, e, n, m, false);
    *odd = a64_vunzip(l, e, n, m, true);
}

/* arg: the operation */
void a64_lift_v_pair(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref even, odd;
    neighbors(l, a64_size(i), &even, &odd);
    a64_vresult(l, a64_size(i), a64_v2(l, A64_VEC_OP(i->row->arg), a64_size(i), even, odd));
}

void a64_lift_v_addp_scalar(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l);
    a64_vput(l, a64_rd(i), a64_vlow(l, a64_v2(l, IR_VADD, IR_I64, n, a64_vhighs(l, n, n))));
}

/* Sums of neighbors in elements of twice the width. arg: A64_VEC_SIGNED, A64_VEC_ADD */
void a64_lift_v_addlp(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i), wide = a64_wider(e);
    const unsigned w = ir_type_bits(e);
    const bool is_signed = i->row->arg & A64_VEC_SIGNED;
    const enum ir_op down = is_signed ? IR_VSAR : IR_VSHR;
    ir_ref n = vn(l), odd = a64_vshift(l, down, wide, n, w);
    ir_ref even = is_signed ? a64_vshift(l, down, wide, a64_vshift(l, IR_VSHL, wide, n, w), w)
                            : a64_v2(l, IR_VAND, wide, n, a64_vsplat(l, wide, (UINT64_C(1) << w) - 1));
    ir_ref v = a64_v2(l, IR_VADD, wide, even, odd);
    if (i->row->arg & A64_VEC_ADD)
        v = a64_v2(l, IR_VADD, wide, vd(l), v);
    a64_vresult(l, wide, v);
}

/* ---- all elements ---- */

/* Element 0 is op of all elements; the vector is turned by half of what is left each time. */
static ir_ref reduce(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref v)
{
    for (unsigned bytes = 8; bytes >= ir_type_bits(e) / 8; bytes /= 2)
        v = a64_v2(l, op, e, v, bytes == 8 ? a64_vhighs(l, v, v) : a64_vext(l, v, v, bytes));
    return a64_vscalar(l, a64_vgete(l, e, v, 0));
}

/* arg: the operation */
void a64_lift_v_across(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_op op = A64_VEC_OP(i->row->arg);
    ir_ref n = vn(l);
    if (!a64_q(i))
        n = op == IR_VADD ? a64_vlow(l, n) : a64_vlows(l, n, n);
    a64_vput(l, a64_rd(i), reduce(l, op, a64_size(i), n));
}

/* arg: A64_VEC_SIGNED */
void a64_lift_v_addlv(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i), wide = a64_wider(e);
    const bool is_signed = i->row->arg & A64_VEC_SIGNED;
    ir_ref n = vn(l);
    if (e == IR_I8 && !is_signed) {
        ir_ref sums = a64_v2(l, IR_VSAD, IR_I8, a64_q(i) ? n : a64_vlow(l, n), a64_vzero(l));
        a64_vput(l, a64_rd(i), reduce(l, IR_VADD, IR_I64, sums));
        return;
    }
    ir_ref v = a64_vwiden(l, e, is_signed, false, n);
    if (a64_q(i))
        v = a64_v2(l, IR_VADD, wide, v, a64_vwiden(l, e, is_signed, true, n));
    a64_vput(l, a64_rd(i), reduce(l, IR_VADD, wide, v));
}

/* ---- one operand ---- */

/* arg: the operation; A64_VEC_BYTES: of bytes, whatever the size field says */
void a64_lift_v_unary(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = i->row->arg & A64_VEC_BYTES ? IR_I8 : a64_size(i);
    a64_vresult(l, e, a64_v1(l, A64_VEC_OP(i->row->arg), e, vn(l)));
}

void a64_lift_v_not(struct a64_lift *l, const struct a64_insn *i) { a64_vresult(l, IR_I8, a64_vnot(l, vn(l))); }

void a64_lift_v_neg(struct a64_lift *l, const struct a64_insn *i)
{
    a64_vresult(l, a64_size(i), a64_v2(l, IR_VSUB, a64_size(i), a64_vzero(l), vn(l)));
}

/* Bits behind the sign that equal it: zeros at the top of v ^ sign, less the sign. */
void a64_lift_v_cls(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref n = vn(l), rest = a64_v2(l, IR_VXOR, e, n, a64_v2(l, IR_VCMP_GTS, e, a64_vzero(l), n));
    a64_vresult(l, e, a64_v2(l, IR_VSUB, e, a64_v1(l, IR_VCLZ, e, rest), a64_vsplat(l, e, 1)));
}

/* With zero. arg: the operation; A64_VEC_SWAP: of 0 and Rn */
void a64_lift_v_cmp0(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    const enum ir_op op = A64_VEC_OP(i->row->arg);
    ir_ref n = vn(l), zero = a64_vzero(l);
    a64_vresult(l, e, i->row->arg & A64_VEC_SWAP ? a64_v2(l, op, e, zero, n) : a64_v2(l, op, e, n, zero));
}

/* The smallest number alone saturates. arg: 0 sqabs, 1 sqneg */
void a64_lift_v_qabs(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref n = vn(l), min = a64_vsplat(l, e, UINT64_C(1) << (ir_type_bits(e) - 1));
    ir_ref is_min = a64_v2(l, IR_VCMP_EQ, e, n, min);
    ir_ref v = i->row->arg ? a64_v2(l, IR_VSUB, e, a64_vzero(l), n) : a64_v1(l, IR_VABS, e, n);
    a64_saturated(l, e, is_min);
    a64_vresult(l, e, a64_v2(l, IR_VXOR, e, v, is_min));
}

/* Rd of one signedness plus Rn of the other. What the sum of the biased Rd is, is the biased result. arg: 0 suqadd: Rd
 * is signed, 1 usqadd */
void a64_lift_v_mixed_add(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    ir_ref n = vn(l), d = vd(l), v, wrapped = a64_v2(l, IR_VADD, e, d, n);
    ir_ref sign = a64_vsplat(l, e, UINT64_C(1) << (ir_type_bits(e) - 1)), zero = a64_vzero(l);
    if (i->row->arg) { /* a negative Rn is subtracted */
        ir_ref negative = a64_v2(l, IR_VCMP_GTS, e, zero, n);
        ir_ref less = a64_v2(l, IR_VSUBS_U, e, d, a64_v2(l, IR_VSUB, e, zero, n));
        v = a64_vselect(l, negative, less, a64_v2(l, IR_VADDS_U, e, d, n));
    } else {
        v = a64_v2(l, IR_VXOR, e, a64_v2(l, IR_VADDS_U, e, a64_v2(l, IR_VXOR, e, d, sign), n), sign);
    }
    a64_saturated(l, e, a64_v2(l, IR_VXOR, e, v, wrapped));
    a64_vresult(l, e, v);
}

/* Elements in the other order within units of arg bits. */
void a64_lift_v_rev(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i);
    const unsigned per_unit = i->row->arg / ir_type_bits(e);
    uint64_t picks = 0;
    for (unsigned n = 0; n < 128 / ir_type_bits(e); n++)
        picks |= (uint64_t)(n ^ (per_unit - 1)) << 4 * n;
    ir_ref n = vn(l);
    a64_vresult(l, e, a64_vshuf(l, e, n, n, picks));
}
