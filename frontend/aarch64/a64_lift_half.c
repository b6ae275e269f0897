/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of half precision (FEAT_FP16): a C call an element (a64_half.h); moves, signs and selection are inline. The
 * arguments of rows are those of a64_half_args.h. */
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_fp.h"
#include "frontend/aarch64/a64_fp_fns.h"
#include "frontend/aarch64/a64_half.h"
#include "frontend/aarch64/a64_half_args.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"

enum { WIDTH = 16 << A64_FN_WIDTH_SHIFT, SIGN = 0x8000 };

static ir_ref vn(struct a64_lift *l) { return a64_vget(l, a64_rn(l->i)); }
static ir_ref element(struct a64_lift *l, ir_ref v, unsigned n) { return a64_vgete(l, IR_I16, v, n); }
static ir_ref first(struct a64_lift *l, unsigned n) { return element(l, a64_vget(l, n), 0); }
static void result(struct a64_lift *l, ir_ref h) { a64_vput(l, a64_rd(l->i), a64_vscalar(l, h)); }

/* Elements that the instruction has. */
static unsigned count(const struct a64_lift *l) { return a64_is_scalar(l->i) ? 1 : a64_q(l->i) ? 8 : 4; }

/* The function of the row, or fn; more: bits of a64_half.h. i64; a, b: integers */
static ir_ref call64(struct a64_lift *l, unsigned fn, unsigned rm, uint64_t more, ir_ref a, ir_ref b)
{
    ir_ref what = ir_const(l->b, IR_I64, fn | WIDTH | rm << A64_HALF_RM_SHIFT | more);
    return ir_call(l->b, &a64_fp_helper, a, b, what, ir_get(l->b, A64_ROW_fpcr));
}

static ir_ref call(struct a64_lift *l, unsigned fn, ir_ref a, ir_ref b)
{
    return ir_conv(l->b, IR_TRUNC, IR_I16, call64(l, fn, IR_RDYN, 0, a, b));
}

static ir_ref flip(struct a64_lift *l, ir_ref h) { return ir_bini(l->b, IR_XOR, h, SIGN); }
static ir_ref magnitude(struct a64_lift *l, ir_ref h) { return ir_bini(l->b, IR_AND, h, SIGN - 1); }

/* Rm, or one element of it in all places (by element, bit 24): H:L:M. */
static ir_ref operand_m(struct a64_lift *l)
{
    const struct a64_insn *i = l->i;
    if (!a64_bits(i, 24, 1))
        return a64_vget(l, a64_rm(i));
    const unsigned index = a64_bits(i, 11, 1) << 2 | a64_bits(i, 21, 1) << 1 | a64_bits(i, 20, 1);
    return a64_vdup(l, IR_I16, a64_vget(l, a64_rm(i) & 15), index);
}

/* ---- arithmetic ---- */

static ir_ref binary(struct a64_lift *l, ir_ref a, ir_ref b)
{
    const unsigned arg = l->i->row->arg, fn = arg & A64_HALF_FN;
    if (arg & A64_HALF_MAGNITUDES) {
        a = magnitude(l, a);
        b = magnitude(l, b);
    }
    ir_ref v = arg & A64_HALF_SWAP ? call(l, fn, b, a) : call(l, fn, a, b);
    return arg & A64_HALF_NEG ? flip(l, v) : arg & A64_HALF_ABS ? magnitude(l, v) : v;
}

void a64_lift_h_binary(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), m = i->row->arg & A64_HALF_ZERO ? a64_vzero(l) : operand_m(l), v = a64_vzero(l);
    for (unsigned k = 0; k < count(l); k++)
        v = a64_vsete(l, v, binary(l, element(l, n, k), element(l, m, k)), k);
    a64_vput(l, a64_rd(i), v);
}

/* The helper has two operands: the addend goes with a. */
static ir_ref multiply_add(struct a64_lift *l, ir_ref a, ir_ref b, ir_ref addend)
{
    ir_ref both = ir_emit(l->b, IR_CONCAT, IR_I32, 0, a, addend, IR_NO_REF, 0);
    return call(l, A64_HALF_FMA, both, b);
}

void a64_lift_h_madd(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = first(l, a64_rn(i)), a = first(l, a64_ra(i));
    n = i->row->arg & A64_HALF_NEG ? flip(l, n) : n;
    a = i->row->arg & A64_HALF_NEG_ADDEND ? flip(l, a) : a;
    result(l, multiply_add(l, n, first(l, a64_rm(i)), a));
}

void a64_lift_h_mla(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), m = operand_m(l), d = a64_vget(l, a64_rd(i)), v = a64_vzero(l);
    for (unsigned k = 0; k < count(l); k++) {
        ir_ref a = element(l, n, k);
        a = i->row->arg & A64_HALF_NEG ? flip(l, a) : a;
        v = a64_vsete(l, v, multiply_add(l, a, element(l, m, k), element(l, d, k)), k);
    }
    a64_vput(l, a64_rd(i), v);
}

void a64_lift_h_unary(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned arg = i->row->arg, fn = arg & A64_HALF_FN;
    const unsigned rm = fn == A64_HALF_ROUND ? arg >> A64_HALF_MODE_SHIFT & 7 : (unsigned)IR_RDYN;
    const uint64_t exact = fn == A64_HALF_ROUND && arg & A64_HALF_INEXACT ? A64_HALF_EXACT : 0;
    ir_ref n = vn(l), v = a64_vzero(l);
    for (unsigned k = 0; k < count(l); k++) {
        ir_ref a = element(l, n, k);
        v = a64_vsete(l, v, ir_conv(l->b, IR_TRUNC, IR_I16, call64(l, fn, rm, exact, a, a)), k);
    }
    a64_vput(l, a64_rd(i), v);
}

/* Moves, FABS, FNEG */
void a64_lift_h_sign(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = vn(l), sign = a64_vsplat(l, IR_I16, SIGN);
    if (i->row->arg & A64_HALF_NEG)
        v = a64_v2(l, IR_VXOR, IR_I16, v, sign);
    if (i->row->arg & A64_HALF_ABS)
        v = a64_v2(l, IR_VANDN, IR_I16, sign, v);
    a64_vresult(l, IR_I16, v);
}

/* ---- compares, selection, immediates ---- */

static ir_ref compared(struct a64_lift *l)
{
    const unsigned arg = l->i->row->arg;
    ir_ref n = first(l, a64_rn(l->i));
    ir_ref m = arg & A64_HALF_ZERO ? ir_const(l->b, IR_I16, 0) : first(l, a64_rm(l->i));
    return call64(l, A64_HALF_NZCV, IR_RDYN, arg & A64_HALF_ANY_NAN ? A64_HALF_SIGNALING : 0, n, m);
}

void a64_lift_h_cmp(struct a64_lift *l, const struct a64_insn *i) { a64_flags_set_nzcv(l, compared(l)); }

/* The compare is of zeros if it is not to be made. */
void a64_lift_h_ccmp(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref cond = a64_condition(l, a64_bits(i, 12, 4)), zero = ir_const(l->b, IR_I16, 0);
    ir_ref n = ir_select(l->b, cond, first(l, a64_rn(i)), zero), m = ir_select(l->b, cond, first(l, a64_rm(i)), zero);
    const uint64_t more = i->row->arg & A64_HALF_ANY_NAN ? A64_HALF_SIGNALING : 0;
    ir_ref flags = call64(l, A64_HALF_NZCV, IR_RDYN, more, n, m);
    ir_ref other = ir_const(l->b, IR_I64, (uint64_t)a64_bits(i, 0, 4) << A64_NZCV_SHIFT);
    a64_flags_set_nzcv(l, ir_select(l->b, cond, flags, other));
}

void a64_lift_h_csel(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref cond = a64_condition(l, a64_bits(i, 12, 4)), n = first(l, a64_rn(i));
    result(l, ir_select(l->b, cond, n, first(l, a64_rm(i))));
}

void a64_lift_h_mov_imm(struct a64_lift *l, const struct a64_insn *i)
{
    result(l, ir_const(l->b, IR_I16, a64_fp_imm(16, a64_bits(i, 13, 8))));
}

/* ---- integers ---- */

/* Fraction bits: of general registers in bits 15 to 10, of vectors in immh:immb. */
static uint64_t int_format(const struct a64_lift *l, unsigned bits)
{
    const struct a64_insn *i = l->i;
    uint64_t fraction = 0;
    if (i->row->arg & A64_HALF_FIXED)
        fraction = bits == 16 ? 32 - a64_bits(i, 16, 7) : 64 - a64_bits(i, 10, 6);
    return (uint64_t)__builtin_ctz(bits) << A64_HALF_INT_SHIFT | fraction << A64_HALF_FRACTION_SHIFT;
}

static unsigned mode_of(const struct a64_insn *i) { return i->row->arg >> A64_HALF_MODE_SHIFT & 7; }

void a64_lift_h_to_int(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned bits = a64_sf(i) ? 64 : 32;
    ir_ref a = first(l, a64_rn(i));
    ir_ref v = call64(l, i->row->arg & A64_HALF_FN, mode_of(i), int_format(l, bits), a, a);
    a64_put(l, a64_rd(i), ir_conv(l->b, IR_TRUNC, a64_type(a64_sf(i)), v));
}

void a64_lift_h_from_int(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i));
    ir_ref v = call64(l, i->row->arg & A64_HALF_FN, IR_RDYN, int_format(l, a64_sf(i) ? 64 : 32), a, a);
    result(l, ir_conv(l->b, IR_TRUNC, IR_I16, v));
}

/* Both in vector registers. */
void a64_lift_h_int_vec(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned fn = i->row->arg & A64_HALF_FN;
    const unsigned rm = fn == A64_HALF_TO_S || fn == A64_HALF_TO_U ? mode_of(i) : (unsigned)IR_RDYN;
    ir_ref n = vn(l), v = a64_vzero(l);
    for (unsigned k = 0; k < count(l); k++) {
        ir_ref a = element(l, n, k);
        v = a64_vsete(l, v, ir_conv(l->b, IR_TRUNC, IR_I16, call64(l, fn, rm, int_format(l, 16), a, a)), k);
    }
    a64_vput(l, a64_rd(i), v);
}

/* ---- pairs, reductions ---- */

void a64_lift_h_pair(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned fn = i->row->arg & A64_HALF_FN, half = count(l) / 2;
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i)), v = a64_vzero(l);
    for (unsigned k = 0; k < count(l); k++) {
        ir_ref from = k < half ? n : m;
        const unsigned at = k % half * 2;
        v = a64_vsete(l, v, call(l, fn, element(l, from, at), element(l, from, at + 1)), k);
    }
    a64_vput(l, a64_rd(i), v);
}

void a64_lift_h_pair_scalar(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l);
    result(l, call(l, i->row->arg & A64_HALF_FN, element(l, n, 0), element(l, n, 1)));
}

/* Neighbors, then neighbors of those. */
void a64_lift_h_across(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), v[8];
    for (unsigned k = 0; k < count(l); k++)
        v[k] = element(l, n, k);
    for (unsigned left = count(l) / 2; left; left /= 2)
        for (unsigned k = 0; k < left; k++)
            v[k] = call(l, i->row->arg & A64_HALF_FN, v[2 * k], v[2 * k + 1]);
    result(l, v[0]);
}
