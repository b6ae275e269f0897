/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point while lifting; see a64_fp.h.
 *
 * I1  FPCR's FZ and DN are part of the translation mode, its rounding mode is the environment's (a64_fpenv.c). So is
 *     FZ before the program has looked at its flags: then the host flushes, whose flags differ (a flushed result is
 *     inexact, a flushed operand is not noticed). Its results differ for what rounding makes the smallest normal number
 *     (IR_FP_TINY_BEFORE). Afterwards softfp flushes.
 * I2  Minimum and maximum do not know FZ, nor do compares when softfp flushes: with it, their operands are flushed
 *     before, by a product with one, which raises what they would.
 * I3  With DN the operations are the same, for their flags, and any NaN becomes the default one afterwards.
 * I4  Tininess is detected before rounding; sums and roots are exact where they are tiny, so it makes no difference
 *     there. Elsewhere it makes one in the flags alone, for results that are rounded up to the smallest normal number:
 *     nobody cares before the program has looked at its flags (A64_MODE_FPSR).
 * I5  NaN tests and signs of vectors are integer operations, which raise nothing and are inline everywhere. Minimum and
 *     maximum get no NaNs, so any rule will do. */
#include "frontend/aarch64/a64_fp.h"

#include "frontend/aarch64/a64_fp_fns.h"
#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_vec.h"

uint64_t a64_fp_imm(unsigned bits, unsigned imm8)
{
    const unsigned exp_bits = bits == 16 ? 5 : bits == 32 ? 8 : 11, frac = bits - exp_bits - 1;
    const uint64_t sign = imm8 >> 7 & 1, b6 = imm8 >> 6 & 1;
    const uint64_t repeated = b6 ? (UINT64_C(1) << (exp_bits - 3)) - 1 : 0;
    const uint64_t exp = (b6 ^ 1) << (exp_bits - 1) | repeated << 2 | (imm8 >> 4 & 3);
    return sign << (bits - 1) | exp << frac | (uint64_t)(imm8 & 15) << (frac - 4);
}

struct a64_shape a64_shape_of(const struct a64_lift *l)
{
    return (struct a64_shape){a64_bits(l->i, 22, 1) ? IR_F64 : IR_F32, !a64_is_scalar(l->i)};
}

/* ---- registers ---- */

ir_ref a64_fget(struct a64_lift *l, struct a64_shape s, unsigned n)
{
    ir_ref v = a64_vget(l, n);
    if (!s.vec)
        return a64_vgete(l, s.t, v, 0);
    return a64_q(l->i) ? v : a64_vlow(l, v);
}

ir_ref a64_fget_m(struct a64_lift *l, struct a64_shape s)
{
    const struct a64_insn *i = l->i;
    if (!a64_bits(i, 24, 1))
        return a64_fget(l, s, a64_rm(i));
    const unsigned h = a64_bits(i, 11, 1), index = s.t == IR_F64 ? h : h << 1 | a64_bits(i, 21, 1);
    ir_ref v = a64_vget(l, a64_rm(i));
    if (!s.vec)
        return a64_vgete(l, s.t, v, index);
    v = a64_vdup(l, s.t == IR_F64 ? IR_I64 : IR_I32, v, index);
    return a64_q(i) ? v : a64_vlow(l, v);
}

void a64_fresult(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    a64_vput(l, a64_rd(l->i), !s.vec ? a64_vscalar(l, v) : a64_q(l->i) ? v : a64_vlow(l, v));
}

/* ---- operations ---- */

static enum ir_type type_of(struct a64_shape s) { return s.vec ? IR_V128 : s.t; }
static enum ir_type elem_of(struct a64_shape s) { return s.vec ? s.t : IR_VOID; }

uint16_t a64_fp_aux(const struct a64_lift *l, struct a64_shape s, unsigned rm)
{
    unsigned aux = rm | ir_fp_nan(IR_NAN_ARM) | ir_fp_elem_bits(elem_of(s));
    const bool soft = l->req->mode & A64_MODE_FZ && !a64_host_flushes(l->req->mode);
    return (uint16_t)(aux | (soft ? IR_FP_DAZ | IR_FP_FTZ : 0));
}

/* I4, I1 */
unsigned a64_fp_tiny(const struct a64_lift *l)
{
    return l->req->mode & (A64_MODE_FPSR | A64_MODE_FZ) ? IR_FP_TINY_BEFORE : 0;
}

uint16_t a64_fcond(const struct a64_lift *l, struct a64_shape s, bool signaling)
{
    return (uint16_t)((signaling ? IR_FCOND_SIGNALING : 0) | (a64_host_flushes(l->req->mode) ? IR_FCOND_DAZ : 0) |
                      ir_fp_elem_bits(elem_of(s)));
}

/* I3 */
static ir_ref canon(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    if (!(l->req->mode & A64_MODE_DN))
        return v;
    return ir_fp(l->b, IR_FCANON, type_of(s), ir_fp_elem_bits(elem_of(s)), v, IR_NO_REF, IR_NO_REF);
}

ir_ref a64_fop(struct a64_lift *l, struct a64_shape s, enum ir_op op, ir_ref a, ir_ref b, ir_ref c)
{
    const bool may_be_tiny = op == IR_FMUL || op == IR_FDIV || op == IR_FMA;
    const unsigned aux = a64_fp_aux(l, s, IR_RDYN) | (may_be_tiny ? a64_fp_tiny(l) : 0u);
    return canon(l, s, ir_fp(l->b, op, type_of(s), (uint16_t)aux, a, b, c));
}

ir_ref a64_fop_rm(struct a64_lift *l, struct a64_shape s, enum ir_op op, unsigned aux, ir_ref a)
{
    return canon(l, s, ir_fp(l->b, op, type_of(s), (uint16_t)aux, a, IR_NO_REF, IR_NO_REF));
}

/* v, flushed if FPCR.FZ says so. */
static ir_ref flushed(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    if (!(l->req->mode & A64_MODE_FZ))
        return v;
    ir_ref one = a64_fconst(l, s, s.t == IR_F64 ? 0x3ff0000000000000 : 0x3f800000);
    return ir_fp(l->b, IR_FMUL, type_of(s), a64_fp_aux(l, s, IR_RDYN), v, one, IR_NO_REF);
}

static enum ir_type int_of(struct a64_shape s) { return s.t == IR_F64 ? IR_I64 : IR_I32; }
static uint64_t sign_of(struct a64_shape s) { return s.t == IR_F64 ? UINT64_C(1) << 63 : UINT64_C(1) << 31; }

ir_ref a64_fneg(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    if (s.vec) /* I5 */
        return a64_v2(l, IR_VXOR, int_of(s), v, a64_fconst(l, s, sign_of(s)));
    return ir_fp(l->b, IR_FNEG, type_of(s), ir_fp_elem_bits(elem_of(s)), v, IR_NO_REF, IR_NO_REF);
}

ir_ref a64_fabs(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    if (s.vec)
        return a64_v2(l, IR_VANDN, int_of(s), a64_fconst(l, s, sign_of(s)), v);
    return ir_fp(l->b, IR_FABS, type_of(s), ir_fp_elem_bits(elem_of(s)), v, IR_NO_REF, IR_NO_REF);
}

ir_ref a64_fconst(struct a64_lift *l, struct a64_shape s, uint64_t bits)
{
    return s.vec ? a64_vsplat(l, s.t == IR_F64 ? IR_I64 : IR_I32, bits) : ir_const(l->b, s.t, bits);
}

ir_ref a64_fcompared(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    return a64_host_flushes(l->req->mode) ? v : flushed(l, s, v);
}

ir_ref a64_fcompare(struct a64_lift *l, struct a64_shape s, unsigned fcond, ir_ref a, ir_ref b)
{
    if (!s.vec)
        return ir_fcmp(l->b, fcond, a, b);
    fcond |= ir_fp_elem_bits(s.t);
    return ir_emit(l->b, IR_VFCMP, IR_V128, (uint16_t)fcond, a, b, IR_NO_REF, 0);
}

static ir_ref a64_fselect(struct a64_lift *l, struct a64_shape s, ir_ref mask, ir_ref yes, ir_ref no)
{
    return s.vec ? a64_vselect(l, mask, yes, no) : ir_select(l->b, mask, yes, no);
}

/* ---- minimum and maximum ---- */

ir_ref a64_fnan(struct a64_lift *l, struct a64_shape s, ir_ref v)
{
    if (!s.vec)
        return ir_fcmp(l->b, IR_FUNO | IR_FCOND_NOEXC, v, v);
    ir_ref inf = a64_fconst(l, s, s.t == IR_F64 ? 0x7ff0000000000000 : 0x7f800000);
    return a64_v2(l, IR_VCMP_GTS, int_of(s), a64_fabs(l, s, v), inf); /* I5 */
}

static ir_ref either_nan(struct a64_lift *l, struct a64_shape s, ir_ref a, ir_ref b)
{
    if (!s.vec)
        return ir_fcmp(l->b, IR_FUNO | IR_FCOND_NOEXC, a, b);
    return a64_v2(l, IR_VOR, IR_I64, a64_fnan(l, s, a), a64_fnan(l, s, b));
}

/* All ones where v is a quiet NaN and other is none. */
static ir_ref loses(struct a64_lift *l, struct a64_shape s, ir_ref v, ir_ref other)
{
    const enum ir_type e = int_of(s);
    const uint64_t quiet = s.t == IR_F64 ? 0x7ff8000000000000 : 0x7fc00000;
    if (s.vec) {
        ir_ref bits = a64_vsplat(l, e, quiet),
               is_quiet = a64_v2(l, IR_VCMP_EQ, e, a64_v2(l, IR_VAND, e, v, bits), bits);
        return a64_v2(l, IR_VANDN, e, a64_fnan(l, s, other), is_quiet);
    }
    ir_ref masked = ir_bini(l->b, IR_AND, ir_conv(l->b, IR_BITCAST, e, v), quiet);
    ir_ref is_quiet = ir_icmp(l->b, IR_EQ, masked, ir_const(l->b, e, quiet));
    return ir_bin(l->b, IR_AND, is_quiet, ir_un(l->b, IR_NOT, a64_fnan(l, s, other)));
}

/* I5. Of equal elements of vectors, which may be zeros of both signs: the bits of both, or those that both have. */
static ir_ref of_numbers(struct a64_lift *l, struct a64_shape s, bool max, ir_ref a, ir_ref b)
{
    if (!s.vec)
        return ir_fp(l->b, max ? IR_FMAX : IR_FMIN, s.t, 0, a, b, IR_NO_REF);
    ir_ref less = a64_fcompare(l, s, IR_FLT, a, b), equal = a64_fcompare(l, s, IR_FEQ, a, b);
    ir_ref v = a64_fselect(l, s, less, max ? b : a, max ? a : b);
    return a64_fselect(l, s, equal, a64_v2(l, max ? IR_VAND : IR_VOR, IR_I64, a, b), v);
}

/* Where one is a NaN, that of their sum, with its flags; the other operation then gets numbers. */
ir_ref a64_fminmax(struct a64_lift *l, struct a64_shape s, bool max, bool num, ir_ref a, ir_ref b)
{
    if (num) {
        ir_ref a_loses = loses(l, s, a, b), b_loses = loses(l, s, b, a), old = a;
        a = a64_fselect(l, s, a_loses, b, a);
        b = a64_fselect(l, s, b_loses, old, b);
    }
    ir_ref nan = either_nan(l, s, a, b), zero = a64_fconst(l, s, 0);
    ir_ref sum = a64_fop(l, s, IR_FADD, a64_fselect(l, s, nan, a, zero), a64_fselect(l, s, nan, b, zero), IR_NO_REF);
    a = flushed(l, s, a64_fselect(l, s, nan, zero, a));
    b = flushed(l, s, a64_fselect(l, s, nan, zero, b));
    ir_ref v = of_numbers(l, s, max, a, b);
    return a64_fselect(l, s, nan, sum, v);
}

/* ---- C functions ---- */

static ir_ref call(struct a64_lift *l, unsigned fn, unsigned width, ir_ref a, ir_ref b)
{
    ir_ref which = ir_const(l->b, IR_I64, fn | width << A64_FN_WIDTH_SHIFT);
    return ir_call(l->b, &a64_fp_helper, a, b, which, ir_get(l->b, A64_ROW_fpcr));
}

ir_ref a64_fcall(struct a64_lift *l, enum ir_type t, unsigned fn, ir_ref a, ir_ref b)
{
    const enum ir_type e = ir_type_bits(t) == 64 ? IR_I64 : IR_I32;
    ir_ref v = call(l, fn, ir_type_bits(t), a, b == IR_NO_REF ? a : b);
    return ir_conv(l->b, IR_BITCAST, t, ir_conv(l->b, IR_TRUNC, e, v));
}

ir_ref a64_from_half(struct a64_lift *l, enum ir_type t, ir_ref h) { return a64_fcall(l, t, A64_FN_FROM_HALF, h, h); }

ir_ref a64_to_half(struct a64_lift *l, ir_ref v)
{
    return ir_conv(l->b, IR_TRUNC, IR_I16, call(l, A64_FN_TO_HALF, ir_type_bits(ir_type_of(l->b, v)), v, v));
}
