/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of softfp: add, multiply, divide, square root, fused multiply-add. IEEE 754-2019 section 5.4.1.
 *
 * I1  Each function deals with NaNs, then infinities and zeros, and computes an exact or jammed significand of finite
 *     operands that sf_round_pack rounds once.
 * I2  mantissa() gives the 64 leading bits of a significand: exact, since no format has more.
 */
#include "src/ir/softfp/softfp_core.h"

static uint64_t mantissa(const struct sf_num *x) { return (uint64_t)(x->sig >> (SF_POINT - 63)); } /* I2 */

static int_u128 round_num(struct softfp *s, const struct sf_format *f, const struct sf_num *x)
{
    return sf_round_pack(s, f, x->sign, x->exp, x->sig);
}

static void note2(struct softfp *s, const struct sf_num *x, const struct sf_num *y)
{
    sf_note_subnormal(s, x);
    sf_note_subnormal(s, y);
}

/* The sign of an exact zero that is the sum of numbers with different signs. */
static int_u128 cancelled(const struct softfp *s, const struct sf_format *f) { return sf_zero(f, s->rm == IR_RDN); }

/* --- addition --- */

/* Finite and not zero. The operand with less weight is jammed: when its exponent is smaller by two or more, at most one
 * bit of the difference cancels, so the lost bits stay far below the precision; when it is smaller by one, no bit is
 * lost. */
static int_u128 add_finite(struct softfp *s, const struct sf_format *f, const struct sf_num *x, const struct sf_num *y)
{
    if (x->exp < y->exp || (x->exp == y->exp && x->sig < y->sig)) {
        const struct sf_num *t = x;
        x = y;
        y = t;
    }
    int_u128 small = sf_shift_jam(y->sig, x->exp - y->exp);
    int_u128 sig = x->sign == y->sign ? x->sig + small : x->sig - small;
    return sig ? sf_round_pack(s, f, x->sign, x->exp, sig) : cancelled(s, f);
}

/* Neither is a NaN. */
static int_u128 add_num(struct softfp *s, const struct sf_format *f, const struct sf_num *x, const struct sf_num *y)
{
    if (x->cls == SF_INF || y->cls == SF_INF) {
        if (x->cls == y->cls && x->sign != y->sign)
            return sf_invalid(s, f);
        note2(s, x, y);
        return sf_inf(f, x->cls == SF_INF ? x->sign : y->sign);
    }
    note2(s, x, y);
    if (x->cls == SF_ZERO && y->cls == SF_ZERO)
        return x->sign == y->sign ? sf_zero(f, x->sign) : cancelled(s, f);
    if (x->cls == SF_ZERO || y->cls == SF_ZERO)
        return round_num(s, f, x->cls == SF_ZERO ? y : x);
    return add_finite(s, f, x, y);
}

static int_u128 add_or_sub(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b, bool negate)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b);
    if (sf_is_nan(&x) || sf_is_nan(&y))
        return sf_choose_nan(s, f, (int_u128[]){a, b}, 2);
    y.sign ^= negate;
    return add_num(s, f, &x, &y);
}

int_u128 sf_add(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b)
{
    return add_or_sub(s, f, a, b, false);
}

int_u128 sf_sub(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b)
{
    return add_or_sub(s, f, a, b, true);
}

/* --- multiplication --- */

static bool is_inf_times_zero(const struct sf_num *x, const struct sf_num *y)
{
    return (x->cls == SF_INF && y->cls == SF_ZERO) || (x->cls == SF_ZERO && y->cls == SF_INF);
}

/* The exact product of finite numbers or zeros or infinities, infinity times zero excluded; not normalized. */
static struct sf_num multiply(const struct sf_num *x, const struct sf_num *y)
{
    struct sf_num p = {.cls = SF_FINITE, .sign = x->sign ^ y->sign, .exp = x->exp + y->exp};
    if (x->cls == SF_INF || y->cls == SF_INF)
        p.cls = SF_INF;
    else if (x->cls == SF_ZERO || y->cls == SF_ZERO)
        p.cls = SF_ZERO;
    else
        p.sig = (int_u128)mantissa(x) * mantissa(y);
    return p;
}

int_u128 sf_mul(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b);
    if (sf_is_nan(&x) || sf_is_nan(&y))
        return sf_choose_nan(s, f, (int_u128[]){a, b}, 2);
    if (is_inf_times_zero(&x, &y))
        return sf_invalid(s, f);
    note2(s, &x, &y);
    struct sf_num p = multiply(&x, &y);
    if (p.cls == SF_FINITE)
        return round_num(s, f, &p);
    return p.cls == SF_INF ? sf_inf(f, p.sign) : sf_zero(f, p.sign);
}

/* The NaN of a fused multiply-add, or of infinity times zero plus a quiet NaN, which x86 does not call invalid. Arm
 * hands on a signaling addend all the same (DDI 0487, FPMulAdd). */
static int_u128 fma_nan(struct softfp *s, const struct sf_format *f, const int_u128 *bits, bool bad_product)
{
    const bool hands_on = s->nan_rule == IR_NAN_ARM && sf_unpack(s, f, bits[2]).cls == SF_SNAN;
    if (bad_product && s->nan_rule != IR_NAN_X86 && !hands_on)
        return sf_choose_nan(s, f, bits, 3), sf_invalid(s, f);
    if (s->nan_rule == IR_NAN_ARM) /* Arm looks at the addend first */
        return sf_choose_nan(s, f, (int_u128[]){bits[2], bits[0], bits[1]}, 3);
    return sf_choose_nan(s, f, bits, 3);
}

int_u128 sf_fma(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b, int_u128 c)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b), z = sf_unpack(s, f, c);
    bool bad_product = is_inf_times_zero(&x, &y);
    if (sf_is_nan(&x) || sf_is_nan(&y) || sf_is_nan(&z))
        return fma_nan(s, f, (int_u128[]){a, b, c}, bad_product);
    if (bad_product)
        return sf_invalid(s, f);
    struct sf_num p = multiply(&x, &y);
    if (p.cls == SF_FINITE && p.sig >> (SF_POINT + 1)) { /* exact: the product has at most 106 bits */
        p.sig >>= 1;
        p.exp++;
    }
    if (!(p.cls == SF_INF && z.cls == SF_INF && p.sign != z.sign))
        note2(s, &x, &y);
    return add_num(s, f, &p, &z);
}

/* --- division and square root --- */

/* Finite and not zero. 128 bits of the quotient of two 64-bit mantissas, jammed. */
static int_u128 div_finite(struct softfp *s, const struct sf_format *f, const struct sf_num *x, const struct sf_num *y)
{
    uint64_t n = mantissa(x), d = mantissa(y);
    int_u128 high = ((int_u128)n << 64) / d, rest = ((int_u128)n << 64) % d;
    int_u128 low = (rest << 63) / d;
    int_u128 sig = (high << 63) + low;
    if ((rest << 63) % d)
        sig |= 1;
    return sf_round_pack(s, f, x->sign ^ y->sign, x->exp - y->exp - 1, sig);
}

int_u128 sf_div(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b);
    bool sign = x.sign ^ y.sign;
    if (sf_is_nan(&x) || sf_is_nan(&y))
        return sf_choose_nan(s, f, (int_u128[]){a, b}, 2);
    if (x.cls == y.cls && x.cls != SF_FINITE)
        return sf_invalid(s, f);
    if (y.cls == SF_ZERO && x.cls == SF_FINITE) {
        s->flags |= FP_DZ;
        return sf_inf(f, sign);
    }
    note2(s, &x, &y);
    if (x.cls == SF_INF || y.cls == SF_ZERO)
        return sf_inf(f, sign);
    if (x.cls == SF_ZERO || y.cls == SF_INF)
        return sf_zero(f, sign);
    return div_finite(s, f, &x, &y);
}

/* Digit by digit: each step brings down two bits of the radicand and finds one bit of the root. */
static int_u128 sqrt_finite(struct softfp *s, const struct sf_format *f, const struct sf_num *x)
{
    unsigned digits = f->frac + 3u;
    int_u128 radicand = (int_u128)mantissa(x) << (x->exp & 1 ? 64 : 63), root = 0, rest = 0;
    for (unsigned i = 0; i < digits; i++) {
        rest = rest << 2 | radicand >> 126;
        radicand <<= 2;
        int_u128 trial = root << 2 | 1;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1;
        }
    }
    int_u128 sig = root << (SF_POINT + 1 - digits);
    if (rest || radicand)
        sig |= 1;
    return sf_round_pack(s, f, false, x->exp >> 1, sig);
}

int_u128 sf_sqrt(struct softfp *s, const struct sf_format *f, int_u128 a)
{
    struct sf_num x = sf_unpack(s, f, a);
    if (sf_is_nan(&x))
        return sf_choose_nan(s, f, &a, 1);
    if (x.cls == SF_ZERO)
        return sf_zero(f, x.sign);
    if (x.sign)
        return sf_invalid(s, f);
    sf_note_subnormal(s, &x);
    return x.cls == SF_INF ? sf_inf(f, false) : sqrt_finite(s, f, &x);
}
