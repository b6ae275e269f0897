/* SPDX-License-Identifier: Apache-2.0 */
/* Rare floating-point functions, by softfp; DDI 0487, shared/functions/float.
 *
 * I1  FPCR.FZ16 flushes operands of half precision without a flag (IDC).
 * I2  In conversions half precision is a format of storage: nothing flushes it (FPUnpackCV, FPRoundCV).
 * I3  Alternative half precision (FPCR.AHP) has neither infinities nor NaNs, but one more exponent. */
#include "frontend/aarch64/a64_fp_fns.h"

#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_half.h"
#include "src/ir/softfp/softfp_core.h"

struct call {
    struct softfp s;
    const struct sf_format *f;
    bool fz, ahp;
};

static const struct sf_format *format_of(unsigned width)
{
    return width == 64 ? &sf_format64 : width == 32 ? &sf_format32 : &sf_format16;
}
static uint64_t mask(unsigned bits) { return (uint64_t)int_mask(bits); }
static uint64_t sign_of(const struct sf_format *f, uint64_t v) { return v & UINT64_C(1) << (f->width - 1); }
static uint64_t exp_of(const struct sf_format *f, uint64_t v) { return v >> f->frac & mask(f->exp_bits); }

static bool is_nan(const struct sf_num *x) { return sf_is_nan(x); }

static uint64_t quiet_nan(struct call *c, uint64_t v)
{
    return (uint64_t)sf_choose_nan(&c->s, c->f, &(int_u128){v}, 1);
}

/* ---- products: infinity * 0 gives a number ---- */

static uint64_t number(const struct sf_format *f, uint64_t sign, unsigned exp, uint64_t top_bit)
{
    return sign | (uint64_t)(sf_bias(f) + (int32_t)exp) << f->frac | top_bit << (f->frac - 1);
}

static bool is_inf_times_zero(struct call *c, uint64_t a, uint64_t b)
{
    struct softfp quiet = c->s;
    struct sf_num x = sf_unpack(&quiet, c->f, a), y = sf_unpack(&quiet, c->f, b);
    if ((x.cls == SF_INF && y.cls == SF_ZERO) || (x.cls == SF_ZERO && y.cls == SF_INF)) {
        c->s.flags |= quiet.flags;
        return true;
    }
    return false;
}

static uint64_t fmulx(struct call *c, uint64_t a, uint64_t b)
{
    if (is_inf_times_zero(c, a, b))
        return number(c->f, sign_of(c->f, a ^ b), 1, 0);
    return (uint64_t)sf_mul(&c->s, c->f, a, b);
}

static uint64_t frecps(struct call *c, uint64_t a, uint64_t b)
{
    if (is_inf_times_zero(c, a, b))
        return number(c->f, 0, 1, 0);
    return (uint64_t)sf_fma(&c->s, c->f, a ^ UINT64_C(1) << (c->f->width - 1), b, number(c->f, 0, 1, 0));
}

/* (3 - ab) / 2 with one rounding: the factor of the larger exponent is halved, and 3 is. Two tiny ones need not be. */
static uint64_t frsqrts(struct call *c, uint64_t a, uint64_t b)
{
    const uint64_t one = UINT64_C(1) << c->f->frac, top = mask(c->f->exp_bits);
    uint64_t *larger = exp_of(c->f, a) >= exp_of(c->f, b) ? &a : &b;
    if (is_inf_times_zero(c, a, b))
        return number(c->f, 0, 0, 1);
    a ^= UINT64_C(1) << (c->f->width - 1);
    if (exp_of(c->f, a) != top && exp_of(c->f, b) != top && exp_of(c->f, *larger) > 1)
        *larger -= one;
    return (uint64_t)sf_fma(&c->s, c->f, a, b, number(c->f, 0, 0, 1));
}

/* ---- estimates ---- */

/* of 256..511, 512 / a in the same range */
static unsigned reciprocal(unsigned a) { return ((1u << 19) / (2 * a + 1) + 1) / 2; }

/* of 128..511 */
static unsigned reciprocal_root(unsigned a)
{
    unsigned b = 512;
    a = a < 256 ? 2 * a + 1 : ((a & ~1u) + 1) * 2;
    while ((uint64_t)a * (b + 1) * (b + 1) < UINT64_C(1) << 28)
        b++;
    return (b + 1) / 2;
}

/* The magnitude is too large for the format. */
static uint64_t overflowed(struct call *c, uint64_t sign)
{
    const bool to_inf = c->s.rm == IR_RNE || c->s.rm == (sign ? IR_RDN : IR_RUP);
    const uint64_t inf = mask(c->f->exp_bits) << c->f->frac;
    c->s.flags |= FP_OF | FP_NX;
    return sign | (to_inf ? inf : inf - 1);
}

static uint64_t frecpe(struct call *c, uint64_t v)
{
    const struct sf_format *f = c->f;
    struct sf_num x = sf_unpack(&c->s, f, v);
    const uint64_t sign = sign_of(f, v);
    if (is_nan(&x))
        return quiet_nan(c, v);
    if (x.cls == SF_INF)
        return sign;
    if (x.cls == SF_ZERO) {
        c->s.flags |= FP_DZ;
        return sign | mask(f->exp_bits) << f->frac;
    }
    if (x.exp < -sf_bias(f) - 1)
        return overflowed(c, sign);
    if (c->fz && x.exp >= sf_bias(f) - 1) {
        c->s.flags |= FP_UF;
        return sign;
    }
    const unsigned estimate = reciprocal((unsigned)(x.sig >> (SF_POINT - 8)));
    int32_t exp = sf_bias(f) - 1 - x.exp;
    uint64_t frac = (uint64_t)(estimate & 0xff) << (f->frac - 8);
    for (bool one = true; exp < 1; exp++, one = false) { /* the leading one becomes part of the fraction */
        frac = (one ? UINT64_C(1) << (f->frac - 1) : 0) | frac >> 1;
        if (exp == 0)
            break;
    }
    return sign | (uint64_t)(exp < 1 ? 0 : exp) << f->frac | frac;
}

static uint64_t frsqrte(struct call *c, uint64_t v)
{
    const struct sf_format *f = c->f;
    struct sf_num x = sf_unpack(&c->s, f, v);
    if (is_nan(&x))
        return quiet_nan(c, v);
    if (x.cls == SF_ZERO) {
        c->s.flags |= FP_DZ;
        return sign_of(f, v) | mask(f->exp_bits) << f->frac;
    }
    if (x.sign)
        return (uint64_t)sf_invalid(&c->s, f);
    if (x.cls == SF_INF)
        return 0;
    const int32_t biased = x.exp + sf_bias(f);
    const unsigned top = (unsigned)(x.sig >> (SF_POINT - 8));
    const unsigned estimate = reciprocal_root(biased & 1 ? top >> 1 : top);
    const int32_t exp = (3 * sf_bias(f) - 1 - biased) >> 1;
    return (uint64_t)exp << f->frac | (uint64_t)(estimate & 0xff) << (f->frac - 8);
}

static uint64_t frecpx(struct call *c, uint64_t v)
{
    const struct sf_format *f = c->f;
    struct sf_num x = sf_unpack(&c->s, f, v);
    const uint64_t top = mask(f->exp_bits), exp = x.cls == SF_ZERO ? 0 : exp_of(f, v);
    if (is_nan(&x))
        return quiet_nan(c, v);
    return sign_of(f, v) | (exp ? ~exp & top : top - 1) << f->frac;
}

static uint64_t urecpe(uint32_t v) { return v >> 31 ? (uint64_t)reciprocal(v >> 23) << 23 : UINT32_MAX; }
static uint64_t ursqrte(uint32_t v) { return v >> 30 ? (uint64_t)reciprocal_root(v >> 23) << 23 : UINT32_MAX; }

/* ---- half precision (I2, I3) ---- */

static uint64_t to_half(struct call *c, uint64_t v)
{
    struct softfp quiet = c->s;
    struct sf_num x = sf_unpack(&quiet, c->f, v);
    const uint64_t sign = x.sign ? 0x8000 : 0, large = UINT64_C(1) << c->f->frac;
    c->s.ftz = false;
    if (!c->ahp)
        return (uint64_t)sf_convert(&c->s, &sf_format16, c->f, v);
    if (is_nan(&x) || x.cls == SF_INF) {
        c->s.flags |= FP_NV;
        return sign | (is_nan(&x) ? 0 : 0x7fff);
    }
    if (x.cls == SF_ZERO || x.exp < 15)
        return (uint64_t)sf_convert(&c->s, &sf_format16, c->f, v);
    uint64_t h = ((uint64_t)sf_convert(&quiet, &sf_format16, c->f, v - large) & 0x7fff) + 0x400;
    const bool fits = x.exp < 17 && h < 0x8000;
    c->s.flags |= fits ? quiet.flags : FP_NV;
    return sign | (fits ? h : 0x7fff);
}

static uint64_t from_half(struct call *c, uint64_t h)
{
    c->s.daz = false;
    if (!c->ahp || (h & 0x7c00) != 0x7c00)
        return (uint64_t)sf_convert(&c->s, c->f, &sf_format16, h & 0xffff);
    return number(c->f, (h >> 15 & 1) << (c->f->width - 1), 16, 0) | (h & 0x3ff) << (c->f->frac - 10);
}

/* ---- the helper ---- */

static uint64_t run(struct call *c, unsigned which, uint64_t a, uint64_t b)
{
    switch ((enum a64_fp_fn)(which & 0xff)) {
    case A64_FN_FMULX:
        return fmulx(c, a, b);
    case A64_FN_FRECPS:
        return frecps(c, a, b);
    case A64_FN_FRSQRTS:
        return frsqrts(c, a, b);
    case A64_FN_FRECPE:
        return frecpe(c, a);
    case A64_FN_FRSQRTE:
        return frsqrte(c, a);
    case A64_FN_FRECPX:
        return frecpx(c, a);
    case A64_FN_URECPE:
        return urecpe((uint32_t)a);
    case A64_FN_URSQRTE:
        return ursqrte((uint32_t)a);
    case A64_FN_TO_HALF:
        return to_half(c, a);
    case A64_FN_FROM_HALF:
        return from_half(c, a);
    default:
        return a64_half_run(&c->s, which, a, b);
    }
}

/* Does DN make a NaN of the function's result, if it is one, the default one? */
static bool gives_float(unsigned fn, bool ahp)
{
    if (fn == A64_FN_URECPE || fn == A64_FN_URSQRTE || (fn == A64_FN_TO_HALF && ahp))
        return false;
    return fn < A64_HALF_EQ;
}

static uint64_t helper(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t which, uint64_t fpcr)
{
    static const uint8_t roundings[4] = {IR_RNE, IR_RUP, IR_RDN, IR_RTZ};
    const unsigned fn = which & 0xff, width = which >> A64_FN_WIDTH_SHIFT & 0xff;
    struct call c = {
        .f = format_of(width), .fz = fpcr & (width == 16 ? A64_FPCR_FZ16 : A64_FPCR_FZ), .ahp = fpcr & A64_FPCR_AHP};
    c.s = (struct softfp){.rm = (enum ir_rm)roundings[fpcr >> A64_FPCR_RMODE_SHIFT & 3],
                          .tiny_before = true,
                          .nan_rule = IR_NAN_ARM,
                          .daz = c.fz,
                          .ftz = c.fz};
    const struct sf_format *result = fn == A64_FN_TO_HALF ? &sf_format16 : c.f;
    uint64_t v = run(&c, (unsigned)which, a, b);
    cpu->fp_flags |= width == 16 ? c.s.flags & ~(unsigned)FP_DE : c.s.flags; /* I1 */
    if (fpcr & A64_FPCR_DN && gives_float(fn, c.ahp)) {
        struct sf_num x = sf_unpack(&(struct softfp){.rm = IR_RNE}, result, v);
        v = is_nan(&x) ? (uint64_t)sf_default_nan(&c.s, result) : v;
    }
    return v;
}

const struct ir_helper a64_fp_helper = {"a64_fp", helper, 4, IR_I64, IR_FX_FPOBS | IR_FX_FPFLAG};
