/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of floating-point conversions: to and from integers, with fraction bits or without, and between formats.
 *
 * I1  A NaN becomes 0; the IR's operations give the largest integer.
 * I2  Numbers with f fraction bits: an integer times 2^-f is exact, since no format's smallest number is near. The
 *     other way a factor of 2^f may overflow, but only what is far too large for the integer anyway; it is replaced by
 *     something smaller that is too large, too. */
#include "frontend/aarch64/a64_fp.h"
#include "frontend/aarch64/a64_fp_fns.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"

static ir_ref fn(struct a64_lift *l, struct a64_shape s) { return a64_fget(l, s, a64_rn(l->i)); }
static enum ir_type bits_of(struct a64_shape s) { return s.t == IR_F64 ? IR_I64 : IR_I32; }

/* 2^n */
static ir_ref power(struct a64_lift *l, struct a64_shape s, int n)
{
    return a64_fconst(l, s, s.t == IR_F64 ? (uint64_t)(1023 + n) << 52 : (uint64_t)(127 + n) << 23);
}

/* ---- to integers; arg: the rounding mode, 8: unsigned ---- */

/* aux of conversions from and to integers. No rule for NaNs is asked for, but with what flushes: that is Arm's. */
static unsigned int_aux(const struct a64_lift *l, struct a64_shape s, unsigned rm, unsigned flush)
{
    const unsigned aux = a64_fp_aux(l, s, rm);
    return aux & flush ? (aux & ~(unsigned)IR_FP_FTZ) : aux & ~(unsigned)(IR_FP_NAN | IR_FP_DAZ | IR_FP_FTZ);
}

/* I1 */
static ir_ref to_int(struct a64_lift *l, struct a64_shape s, enum ir_type to, ir_ref v)
{
    const unsigned arg = l->i->row->arg, aux = int_aux(l, s, arg & 7, IR_FP_DAZ);
    ir_ref c =
        ir_fp(l->b, arg & 8 ? IR_FCVT_FU : IR_FCVT_FS, s.vec ? IR_V128 : to, (uint16_t)aux, v, IR_NO_REF, IR_NO_REF);
    ir_ref nan = a64_fnan(l, s, v);
    if (s.vec)
        return a64_v2(l, IR_VANDN, IR_I64, nan, c);
    return ir_select(l->b, nan, ir_const(l->b, to, 0), c);
}

void a64_lift_f_to_int(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    a64_put(l, a64_rd(i), to_int(l, s, a64_type(a64_sf(i)), fn(l, s)));
}

/* The integer in the vector register. */
void a64_lift_f_to_int_vec(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    a64_fresult(l, s, to_int(l, s, bits_of(s), fn(l, s)));
}

/* v, or 2^n with its sign if it is a number of that magnitude or more. Of vectors by integer operations. */
static ir_ref limited(struct a64_lift *l, struct a64_shape s, ir_ref v, int n)
{
    ir_ref big = power(l, s, n), size = a64_fabs(l, s, v);
    if (!s.vec) {
        ir_ref is_big = ir_fcmp(l->b, IR_FLE | IR_FCOND_NOEXC, big, size);
        return ir_select(l->b, is_big, ir_fp(l->b, IR_FCOPYSIGN, s.t, 0, big, v, IR_NO_REF), v);
    }
    const enum ir_type e = bits_of(s);
    ir_ref below = a64_v2(l, IR_VCMP_GTS, e, big, size);
    ir_ref keep = a64_v2(l, IR_VOR, e, below, a64_fnan(l, s, v));
    ir_ref sign = a64_v2(l, IR_VXOR, e, v, size);
    return a64_vselect(l, keep, v, a64_v2(l, IR_VOR, e, big, sign));
}

/* I2. What would become 2^64 or more in magnitude becomes that. A subnormal is flushed by the product as by the
 * conversion. */
static ir_ref scaled_up(struct a64_lift *l, struct a64_shape s, ir_ref v, int bits)
{
    v = limited(l, s, v, 64 - bits);
    const unsigned aux = a64_fp_aux(l, s, IR_RNE);
    return ir_fp(l->b, IR_FMUL, s.vec ? IR_V128 : s.t, (uint16_t)aux, v, power(l, s, bits), IR_NO_REF);
}

void a64_lift_f_to_fixed(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref v = scaled_up(l, s, fn(l, s), 64 - (int)a64_bits(i, 10, 6));
    a64_put(l, a64_rd(i), to_int(l, s, a64_type(a64_sf(i)), v));
}

/* ---- from integers; arg: 8: unsigned ---- */

static ir_ref from_int(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    const unsigned aux = int_aux(l, s, IR_RDYN, 0);
    return ir_fp(l->b, l->i->row->arg & 8 ? IR_FCVT_UF : IR_FCVT_SF, s.vec ? IR_V128 : s.t, (uint16_t)aux, v, IR_NO_REF,
                 IR_NO_REF);
}

static ir_ref scaled_down(struct a64_lift *l, struct a64_shape s, ir_ref v, int bits)
{
    const unsigned aux = a64_fp_aux(l, s, IR_RNE) & ~(unsigned)(IR_FP_DAZ | IR_FP_FTZ);
    return ir_fp(l->b, IR_FMUL, s.vec ? IR_V128 : s.t, (uint16_t)aux, v, power(l, s, -bits), IR_NO_REF);
}

void a64_lift_f_from_int(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    a64_fresult(l, s, from_int(l, s, a64_get(l, a64_sf(i), a64_rn(i))));
}

/* Integers in the vector register, of the float's width. */
static ir_ref int_operand(struct a64_lift *l, struct a64_shape s)
{
    ir_ref v = a64_vget(l, a64_rn(l->i));
    if (!s.vec)
        return a64_vgete(l, bits_of(s), v, 0);
    return a64_q(l->i) ? v : a64_vlow(l, v);
}

void a64_lift_f_from_int_vec(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    a64_fresult(l, s, from_int(l, s, int_operand(l, s)));
}

void a64_lift_f_from_fixed(struct a64_lift *l, const struct a64_insn *i)
{
    const struct a64_shape s = a64_shape_of(l);
    ir_ref v = from_int(l, s, a64_get(l, a64_sf(i), a64_rn(i)));
    a64_fresult(l, s, scaled_down(l, s, v, 64 - (int)a64_bits(i, 10, 6)));
}

/* immh:immb says type and fraction bits. */
static struct a64_shape fixed_shape(const struct a64_insn *i, int *bits)
{
    const int imm = (int)a64_bits(i, 16, 7);
    const bool wide = imm & 64;
    *bits = (wide ? 128 : 64) - imm;
    return (struct a64_shape){wide ? IR_F64 : IR_F32, !a64_is_scalar(i)};
}

void a64_lift_f_to_fixed_vec(struct a64_lift *l, const struct a64_insn *i)
{
    int bits;
    const struct a64_shape s = fixed_shape(i, &bits);
    ir_ref v = scaled_up(l, s, fn(l, s), bits);
    a64_fresult(l, s, to_int(l, s, bits_of(s), v));
}

void a64_lift_f_from_fixed_vec(struct a64_lift *l, const struct a64_insn *i)
{
    int bits;
    const struct a64_shape s = fixed_shape(i, &bits);
    a64_fresult(l, s, scaled_down(l, s, from_int(l, s, int_operand(l, s)), bits));
}

/* ---- between formats ---- */

static ir_ref convert(struct a64_lift *l, enum ir_type to, unsigned rm, ir_ref v)
{
    const struct a64_shape s = {to, false};
    const unsigned tiny = to == IR_F32 ? a64_fp_tiny(l) : 0;
    return a64_fop_rm(l, s, IR_FCVT_FF, a64_fp_aux(l, s, rm) | tiny, v);
}

/* arg: bits of the operand, bits of the result << 8 */
void a64_lift_f_cvt(struct a64_lift *l, const struct a64_insn *i)
{
    static const uint8_t types[5] = {IR_VOID, IR_I16, IR_F32, IR_VOID, IR_F64};
    const unsigned from = i->row->arg & 0xff, to = i->row->arg >> 8;
    ir_ref v = a64_vgete(l, (enum ir_type)types[from / 16], a64_vget(l, a64_rn(i)), 0);
    if (from == 16)
        v = a64_from_half(l, (enum ir_type)types[to / 16], v);
    else if (to == 16)
        v = a64_to_half(l, v);
    else
        v = convert(l, (enum ir_type)types[to / 16], IR_RDYN, v);
    a64_vput(l, a64_rd(i), a64_vscalar(l, v));
}

/* To twice the width: sz 0 from half precision, 1 from single. */
void a64_lift_f_cvtl(struct a64_lift *l, const struct a64_insn *i)
{
    const bool single = a64_bits(i, 22, 1);
    const unsigned count = single ? 2 : 4;
    ir_ref n = a64_vget(l, a64_rn(i)), v = a64_vzero(l);
    for (unsigned k = 0; k < count; k++) {
        const unsigned from = a64_q(i) ? k + count : k;
        ir_ref e = a64_vgete(l, single ? IR_F32 : IR_I16, n, from);
        v = a64_vsete(l, v, single ? convert(l, IR_F64, IR_RDYN, e) : a64_from_half(l, IR_F32, e), k);
    }
    a64_vput(l, a64_rd(i), v);
}

/* The reverse. arg: IR_RDYN or IR_ROD (fcvtxn) */
void a64_lift_f_cvtn(struct a64_lift *l, const struct a64_insn *i)
{
    const bool single = a64_bits(i, 22, 1);
    const unsigned count = a64_is_scalar(i) ? 1 : single ? 2 : 4;
    ir_ref n = a64_vget(l, a64_rn(i)), v = a64_vzero(l);
    for (unsigned k = 0; k < count; k++) {
        ir_ref e = a64_vgete(l, single ? IR_F64 : IR_F32, n, k);
        v = a64_vsete(l, v, single ? convert(l, IR_F32, i->row->arg, e) : a64_to_half(l, e), k);
    }
    if (a64_is_scalar(i))
        a64_vput(l, a64_rd(i), v);
    else
        a64_vresult_half(l, v);
}
