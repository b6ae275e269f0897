/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations, or their element types, that hosts lack are made of those that they have, once for all executors:
 * a table of operation and element type.
 *
 * I1  Only v128. What has no entry here, v256 above all, is left to the executors, which may call the interpreter's.
 * I2  An expansion uses operations of the same element type that are not expanded into it again: no circles.
 * I3  Floats as elements are their bits.
 */
#include "src/ir/simplify/expand_vec.h"

#include "src/ir/simplify/look.h"

/* The instruction that is expanded. */
struct x {
    struct ir_builder *b;
    enum ir_type e;
    unsigned w;
    ir_ref p, q; /* operands */
};

/* ---- shorthands ---- */

static ir_ref op2(const struct x *x, enum ir_op op, enum ir_type e, ir_ref p, ir_ref q)
{
    return ir_emit(x->b, op, IR_V128, (uint16_t)e, p, q, IR_NO_REF, 0);
}

/* An operation on the elements of the instruction. */
static ir_ref op(const struct x *x, enum ir_op o, ir_ref p, ir_ref q) { return op2(x, o, x->e, p, q); }

static ir_ref shift_as(const struct x *x, enum ir_op o, enum ir_type e, ir_ref p, unsigned count)
{
    return op2(x, o, e, p, ir_const(x->b, IR_I8, count));
}

static ir_ref shift(const struct x *x, enum ir_op o, ir_ref p, unsigned count)
{
    return shift_as(x, o, x->e, p, count);
}

static ir_ref splat(const struct x *x, enum ir_type e, uint64_t v)
{
    unsigned w = ir_type_bits(e);
    for (v &= (uint64_t)int_mask(w); w < 64; w *= 2)
        v |= v << w;
    return ir_const128(x->b, IR_V128, v, v);
}

static ir_ref all(const struct x *x, uint64_t v) { return splat(x, x->e, v); }
static ir_ref zero(const struct x *x) { return ir_const128(x->b, IR_V128, 0, 0); }
static ir_ref flip(const struct x *x, ir_ref p) { return op(x, IR_VXOR, p, splat(x, IR_I64, UINT64_MAX)); }
/* p with its signs inverted: signed and unsigned numbers become each other, in order. */
static ir_ref bias(const struct x *x, ir_ref p) { return op(x, IR_VXOR, p, all(x, UINT64_C(1) << (x->w - 1))); }
static ir_ref signs(const struct x *x, ir_ref p) { return op(x, IR_VCMP_GTS, zero(x), p); }

/* mask ? yes : no */
static ir_ref blend(const struct x *x, ir_ref mask, ir_ref yes, ir_ref no)
{
    return op(x, IR_VOR, op(x, IR_VANDN, mask, no), op(x, IR_VAND, mask, yes));
}

/* p, or -p where the mask is set */
static ir_ref negate_where(const struct x *x, ir_ref mask, ir_ref p)
{
    return op(x, IR_VSUB, op(x, IR_VXOR, p, mask), mask);
}

typedef ir_ref expand_fn(const struct x *x);

/* ---- compares ---- */

static ir_ref cmp_ges(const struct x *x) { return op(x, IR_VCMP_EQ, op(x, IR_VMAX_S, x->p, x->q), x->p); }
static ir_ref cmp_ges64(const struct x *x) { return flip(x, op(x, IR_VCMP_GTS, x->q, x->p)); }
static ir_ref cmp_geu(const struct x *x) { return op(x, IR_VCMP_EQ, op(x, IR_VMAX_U, x->p, x->q), x->p); }
static ir_ref cmp_gtu(const struct x *x) { return flip(x, op(x, IR_VCMP_EQ, op(x, IR_VMAX_U, x->p, x->q), x->q)); }
static ir_ref cmp_gtu64(const struct x *x) { return op(x, IR_VCMP_GTS, bias(x, x->p), bias(x, x->q)); }
static ir_ref cmp_geu64(const struct x *x) { return flip(x, op(x, IR_VCMP_GTS, bias(x, x->q), bias(x, x->p))); }

/* ---- differences ---- */

static ir_ref abd_u(const struct x *x)
{
    return op(x, IR_VSUB, op(x, IR_VMAX_U, x->p, x->q), op(x, IR_VMIN_U, x->p, x->q));
}
static ir_ref abd_s(const struct x *x)
{
    return op(x, IR_VSUB, op(x, IR_VMAX_S, x->p, x->q), op(x, IR_VMIN_S, x->p, x->q));
}
static ir_ref abd_u64(const struct x *x)
{
    return negate_where(x, op(x, IR_VCMP_GTU, x->q, x->p), op(x, IR_VSUB, x->p, x->q));
}
static ir_ref abd_s64(const struct x *x)
{
    return negate_where(x, op(x, IR_VCMP_GTS, x->q, x->p), op(x, IR_VSUB, x->p, x->q));
}
static ir_ref vabs(const struct x *x) { return op(x, IR_VMAX_S, x->p, op(x, IR_VSUB, zero(x), x->p)); }
static ir_ref vabs64(const struct x *x) { return negate_where(x, signs(x, x->p), x->p); }

/* ---- halves: a + b = 2(a & b) + (a ^ b) = 2(a | b) - (a ^ b) ---- */

static ir_ref half(const struct x *x, enum ir_op whole, enum ir_op sum, enum ir_op sh)
{
    return op(x, sum, op(x, whole, x->p, x->q), shift(x, sh, op(x, IR_VXOR, x->p, x->q), 1));
}

static ir_ref hadd_u(const struct x *x) { return half(x, IR_VAND, IR_VADD, IR_VSHR); }
static ir_ref hadd_s(const struct x *x) { return half(x, IR_VAND, IR_VADD, IR_VSAR); }
static ir_ref avg_u(const struct x *x) { return half(x, IR_VOR, IR_VSUB, IR_VSHR); }
static ir_ref avg_s(const struct x *x) { return half(x, IR_VOR, IR_VSUB, IR_VSAR); }
static ir_ref avg_s_narrow(const struct x *x) { return bias(x, op(x, IR_VAVG_U, bias(x, x->p), bias(x, x->q))); }
/* (a + (2^w - 1 - b) + 1) >> 1 = ((a - b) >> 1) + 2^(w-1) */
static ir_ref hsub_u(const struct x *x) { return bias(x, op(x, IR_VAVG_U, x->p, flip(x, x->q))); }
static ir_ref hsub_s(const struct x *x) { return bias(x, op(x, IR_VAVG_U, bias(x, x->p), flip(x, bias(x, x->q)))); }

/* ---- saturation of 32 and 64 bits ---- */

/* The result, unless the sign of overflow is set. */
static ir_ref saturated(const struct x *x, ir_ref result, ir_ref overflow)
{
    ir_ref limit = op(x, IR_VXOR, signs(x, x->p), all(x, (uint64_t)int_mask(x->w - 1)));
    return blend(x, signs(x, overflow), limit, result);
}

static ir_ref adds_s(const struct x *x)
{
    ir_ref sum = op(x, IR_VADD, x->p, x->q);
    return saturated(x, sum, op(x, IR_VAND, op(x, IR_VXOR, sum, x->p), op(x, IR_VXOR, sum, x->q)));
}
static ir_ref subs_s(const struct x *x)
{
    ir_ref diff = op(x, IR_VSUB, x->p, x->q);
    return saturated(x, diff, op(x, IR_VAND, op(x, IR_VXOR, x->p, x->q), op(x, IR_VXOR, diff, x->p)));
}
static ir_ref adds_u(const struct x *x)
{
    ir_ref sum = op(x, IR_VADD, x->p, x->q);
    return op(x, IR_VOR, sum, op(x, IR_VCMP_GTU, x->p, sum));
}
static ir_ref subs_u(const struct x *x) { return op(x, IR_VSUB, op(x, IR_VMAX_U, x->p, x->q), x->q); }
static ir_ref subs_u64(const struct x *x)
{
    return op(x, IR_VANDN, op(x, IR_VCMP_GTU, x->q, x->p), op(x, IR_VSUB, x->p, x->q));
}

/* ---- products ---- */

static ir_ref mul8(const struct x *x)
{
    ir_ref even = op2(x, IR_VMUL, IR_I16, x->p, x->q), high = splat(x, IR_I16, 0xff00);
    ir_ref odd = op2(x, IR_VMUL, IR_I16, shift_as(x, IR_VSHR, IR_I16, x->p, 8), op2(x, IR_VAND, IR_I16, x->q, high));
    return op(x, IR_VOR, op(x, IR_VANDN, high, even), odd);
}

/* min * min alone saturates: its doubled product's high half is min, whose bits are those of max inverted. */
static ir_ref mend_min(const struct x *x, ir_ref product)
{
    ir_ref min = all(x, UINT64_C(1) << (x->w - 1));
    ir_ref both = op(x, IR_VAND, op(x, IR_VCMP_EQ, x->p, min), op(x, IR_VCMP_EQ, x->q, min));
    return op(x, IR_VXOR, product, both);
}

static ir_ref dmulh16(const struct x *x)
{
    ir_ref hi = op(x, IR_VMULH_S, x->p, x->q), lo = op(x, IR_VMUL, x->p, x->q);
    return mend_min(x, op(x, IR_VADD, op(x, IR_VADD, hi, hi), shift(x, IR_VSHR, lo, 15)));
}

static ir_ref rdmulh16(const struct x *x)
{
    ir_ref hi = op(x, IR_VMULH_S, x->p, x->q), lo = op(x, IR_VMUL, x->p, x->q);
    ir_ref low_bits = op(x, IR_VAVG_U, shift(x, IR_VSHR, lo, 14), zero(x));
    return mend_min(x, op(x, IR_VADD, op(x, IR_VADD, hi, hi), low_bits));
}

/* The high half of each even element's doubled product, plus more, in the high half of 64 bits. */
static ir_ref dmulh_even(const struct x *x, ir_ref p, ir_ref q, uint64_t more)
{
    ir_ref twice = shift_as(x, IR_VSHL, IR_I64, op(x, IR_VMULE_S, p, q), 1);
    return more ? op2(x, IR_VADD, IR_I64, twice, splat(x, IR_I64, more)) : twice;
}

static ir_ref dmulh32_rounded(const struct x *x, uint64_t more)
{
    ir_ref even = dmulh_even(x, x->p, x->q, more);
    ir_ref odd = dmulh_even(x, shift_as(x, IR_VSHR, IR_I64, x->p, 32), shift_as(x, IR_VSHR, IR_I64, x->q, 32), more);
    odd = op2(x, IR_VAND, IR_I64, odd, splat(x, IR_I64, UINT64_C(0xffffffff00000000)));
    return mend_min(x, op2(x, IR_VOR, IR_I64, odd, shift_as(x, IR_VSHR, IR_I64, even, 32)));
}

static ir_ref dmulh32(const struct x *x) { return dmulh32_rounded(x, 0); }
static ir_ref rdmulh32(const struct x *x) { return dmulh32_rounded(x, UINT64_C(1) << 31); }

/* ---- shifts by one count, if it is constant ---- */

static bool count_of(const struct x *x, unsigned *n)
{
    int_u128 c;
    if (!ir_const_of(x->b, x->q, &c))
        return false;
    *n = (unsigned)c;
    return true;
}

static ir_ref shl8(const struct x *x)
{
    unsigned n;
    if (!count_of(x, &n))
        return IR_NO_REF;
    return n > 7 ? zero(x) : op(x, IR_VAND, shift_as(x, IR_VSHL, IR_I16, x->p, n), all(x, 0xffu << n));
}

static ir_ref shr8_by(const struct x *x, unsigned n)
{
    return op(x, IR_VAND, shift_as(x, IR_VSHR, IR_I16, x->p, n), all(x, 0xffu >> n));
}

static ir_ref shr8(const struct x *x)
{
    unsigned n;
    if (!count_of(x, &n))
        return IR_NO_REF;
    return n > 7 ? zero(x) : shr8_by(x, n);
}

/* The sign is at bit 7 - n afterwards: s ^ m - m extends it. */
static ir_ref sar8(const struct x *x)
{
    unsigned n;
    if (!count_of(x, &n))
        return IR_NO_REF;
    if (n >= 7)
        return signs(x, x->p);
    ir_ref m = all(x, 0x80u >> n);
    return op(x, IR_VSUB, op(x, IR_VXOR, shr8_by(x, n), m), m);
}

static ir_ref sar64(const struct x *x)
{
    unsigned n;
    if (!count_of(x, &n))
        return IR_NO_REF;
    if (n == 0 || n >= 63)
        return n ? signs(x, x->p) : x->p;
    return op(x, IR_VOR, shift(x, IR_VSHR, x->p, n), shift(x, IR_VSHL, signs(x, x->p), 64 - n));
}

/* ---- shifts by signed counts per element, of 32 and 64 bits: a count in 128..255 shifts everything out ---- */

static ir_ref low_byte(const struct x *x, ir_ref p) { return op(x, IR_VAND, p, all(x, 0xff)); }
static ir_ref left_part(const struct x *x) { return op(x, IR_VSHLV, x->p, low_byte(x, x->q)); }

/* How many bits to the right, less some; 128 and more where the count is positive. */
static ir_ref right_count(const struct x *x, unsigned less)
{
    ir_ref count = low_byte(x, op(x, IR_VSUB, zero(x), x->q));
    return less ? low_byte(x, op(x, IR_VSUB, count, all(x, less))) : count;
}

static ir_ref signed_right(const struct x *x, ir_ref sign, ir_ref count)
{
    return op(x, IR_VXOR, op(x, IR_VSHRV, op(x, IR_VXOR, x->p, sign), count), sign);
}

static ir_ref shl_u(const struct x *x) { return op(x, IR_VOR, left_part(x), op(x, IR_VSHRV, x->p, right_count(x, 0))); }

static ir_ref negative_count(const struct x *x) { return signs(x, shift(x, IR_VSHL, x->q, x->w - 8)); }

static ir_ref shl_s(const struct x *x)
{
    ir_ref right = signed_right(x, signs(x, x->p), right_count(x, 0));
    return op(x, IR_VOR, left_part(x), op(x, IR_VAND, right, negative_count(x)));
}

/* The last bit that is shifted out is added. */
static ir_ref rshl_u(const struct x *x)
{
    ir_ref last = op(x, IR_VAND, op(x, IR_VSHRV, x->p, right_count(x, 1)), all(x, 1));
    return op(x, IR_VADD, shl_u(x), last);
}

static ir_ref rshl_s(const struct x *x)
{
    ir_ref sign = signs(x, x->p);
    ir_ref last = op(x, IR_VAND, signed_right(x, sign, right_count(x, 1)), all(x, 1));
    ir_ref right = op(x, IR_VADD, signed_right(x, sign, right_count(x, 0)), last);
    return op(x, IR_VOR, left_part(x), op(x, IR_VAND, right, negative_count(x)));
}

/* ---- bits: tables of 16 entries, the low nibble's and the high one's ---- */

static ir_ref nibble(const struct x *x, unsigned high)
{
    ir_ref v = high ? shift_as(x, IR_VSHR, IR_I16, x->p, 4) : x->p;
    return op(x, IR_VAND, v, splat(x, IR_I8, 0x0f));
}

static ir_ref look_up(const struct x *x, uint64_t lo, uint64_t hi, ir_ref index)
{
    return op2(x, IR_VTBL, IR_I8, ir_const128(x->b, IR_V128, lo, hi), index);
}

static ir_ref popcnt8(const struct x *x)
{
    const uint64_t lo = 0x0302020102010100, hi = 0x0403030203020201;
    return op(x, IR_VADD, look_up(x, lo, hi, nibble(x, 0)), look_up(x, lo, hi, nibble(x, 1)));
}

static ir_ref bitrev8(const struct x *x)
{
    ir_ref to_high = look_up(x, 0xe060a020c0408000, 0xf070b030d0509010, nibble(x, 0));
    return op(x, IR_VOR, to_high, look_up(x, 0x0e060a020c040800, 0x0f070b030d050901, nibble(x, 1)));
}

static ir_ref clz8(const struct x *x)
{
    const uint64_t lo = 0x0101010102020304;
    ir_ref high = nibble(x, 1), low = look_up(x, lo, 0, nibble(x, 0));
    low = op(x, IR_VAND, low, op(x, IR_VCMP_EQ, high, zero(x)));
    return op(x, IR_VADD, look_up(x, lo, 0, high), low);
}

/* Of the halves: the upper one's, and the lower one's if the upper is zero. */
static ir_ref clz_of_halves(const struct x *x)
{
    enum ir_type e = (enum ir_type)(x->e - 1);
    unsigned w = x->w / 2;
    ir_ref counts = ir_emit(x->b, IR_VCLZ, IR_V128, (uint16_t)e, x->p, IR_NO_REF, IR_NO_REF, 0);
    ir_ref upper_zero = shift(x, IR_VSHR, op2(x, IR_VCMP_EQ, e, x->p, zero(x)), w);
    return op(x, IR_VADD, shift(x, IR_VSHR, counts, w), op(x, IR_VAND, counts, upper_zero));
}

/* Shifts of narrow elements by counts of their own: as elements of twice the width, odd and even ones. What is shifted
 * out there is shifted out here, and a count's byte is where the operation expects it. */
static ir_ref widened(const struct x *x, enum ir_op o, enum ir_op extend)
{
    const enum ir_type wide = (enum ir_type)(x->e + 1);
    ir_ref even = shift_as(x, extend, wide, shift_as(x, IR_VSHL, wide, x->p, x->w), x->w);
    ir_ref odd = shift_as(x, extend, wide, x->p, x->w), odd_count = shift_as(x, IR_VSHR, wide, x->q, x->w);
    even = op2(x, o, wide, even, x->q);
    odd = op2(x, o, wide, odd, odd_count);
    even = op2(x, IR_VAND, wide, even, splat(x, wide, (UINT64_C(1) << x->w) - 1));
    return op2(x, IR_VOR, wide, even, shift_as(x, IR_VSHL, wide, odd, x->w));
}

static ir_ref shl_u_narrow(const struct x *x) { return widened(x, IR_VSHL_U, IR_VSHR); }
static ir_ref shl_s_narrow(const struct x *x) { return widened(x, IR_VSHL_S, IR_VSAR); }
static ir_ref rshl_u_narrow(const struct x *x) { return widened(x, IR_VRSHL_U, IR_VSHR); }
static ir_ref rshl_s_narrow(const struct x *x) { return widened(x, IR_VRSHL_S, IR_VSAR); }

/* ---- the table ---- */

/* by width: 8, 16, 32, 64 bits */
static expand_fn *const expansions[IR_OP_COUNT][4] = {
    [IR_VCMP_GES] = {cmp_ges, cmp_ges, cmp_ges, cmp_ges64},
    [IR_VCMP_GTU] = {cmp_gtu, cmp_gtu, cmp_gtu, cmp_gtu64},
    [IR_VCMP_GEU] = {cmp_geu, cmp_geu, cmp_geu, cmp_geu64},
    [IR_VABD_U] = {abd_u, abd_u, abd_u, abd_u64},
    [IR_VABD_S] = {abd_s, abd_s, abd_s, abd_s64},
    [IR_VABS] = {vabs, vabs, vabs, vabs64},
    [IR_VHADD_U] = {hadd_u, hadd_u, hadd_u, hadd_u},
    [IR_VHADD_S] = {hadd_s, hadd_s, hadd_s, hadd_s},
    [IR_VHSUB_U] = {hsub_u, hsub_u, hsub_u, hsub_u},
    [IR_VHSUB_S] = {hsub_s, hsub_s, hsub_s, hsub_s},
    [IR_VAVG_U] = {NULL, NULL, avg_u, avg_u},
    [IR_VAVG_S] = {avg_s_narrow, avg_s_narrow, avg_s, avg_s},
    [IR_VADDS_S] = {NULL, NULL, adds_s, adds_s},
    [IR_VADDS_U] = {NULL, NULL, adds_u, adds_u},
    [IR_VSUBS_S] = {NULL, NULL, subs_s, subs_s},
    [IR_VSUBS_U] = {NULL, NULL, subs_u, subs_u64},
    [IR_VMUL] = {mul8, NULL, NULL, NULL},
    [IR_VDMULH] = {NULL, dmulh16, dmulh32, NULL},
    [IR_VRDMULH] = {NULL, rdmulh16, rdmulh32, NULL},
    [IR_VSHL] = {shl8, NULL, NULL, NULL},
    [IR_VSHR] = {shr8, NULL, NULL, NULL},
    [IR_VSAR] = {sar8, NULL, NULL, sar64},
    [IR_VSHL_U] = {shl_u_narrow, shl_u_narrow, shl_u, shl_u},
    [IR_VSHL_S] = {shl_s_narrow, shl_s_narrow, shl_s, shl_s},
    [IR_VRSHL_U] = {rshl_u_narrow, rshl_u_narrow, rshl_u, rshl_u},
    [IR_VRSHL_S] = {rshl_s_narrow, rshl_s_narrow, rshl_s, rshl_s},
    [IR_VPOPCNT] = {popcnt8, NULL, NULL, NULL},
    [IR_VBITREV] = {bitrev8, NULL, NULL, NULL},
    [IR_VCLZ] = {clz8, clz_of_halves, clz_of_halves, clz_of_halves},
};

ir_ref ir_expand_vec(struct ir_builder *b, struct ir_insn *in)
{
    enum ir_type e = ir_vec_elem(in->aux);
    e = e == IR_F32 ? IR_I32 : e == IR_F64 ? IR_I64 : e; /* I3 */
    if (in->type != IR_V128 || e < IR_I8 || e > IR_I64)
        return IR_NO_REF;
    expand_fn *fn = expansions[in->op][e - IR_I8];
    const struct x x = {b, e, ir_type_bits(e), in->arg[0], in->arg[1]};
    return fn ? fn(&x) : (ir_ref)IR_NO_REF;
}
