/* SPDX-License-Identifier: Apache-2.0 */
/* fprem, fprem1 and fscale (SDM volume 2). Their results are not rounded to the precision of the control word. */
#include "src/ir/softfp/f80_env.h"

static uint64_t mantissa(const struct sf_num *x) { return (uint64_t)(x->sig >> (SF_POINT - 63)); }

static int_u128 rounded(struct softfp *s, const struct sf_num *x)
{
    return sf_round_pack(s, &sf_format80, x->sign, x->exp, x->sig);
}

/* ---- remainders ---- */

/* rest * 2^(exp - 63) is what is left of a number */
struct division {
    int_u128 rest, divisor;
    int32_t exp;
    uint64_t quotient; /* its low bits */
};

/* steps + 1 bits of the quotient of x by y, whose exponents differ by `difference` >= steps */
static struct division divide(const struct sf_num *x, const struct sf_num *y, int32_t difference, int32_t steps)
{
    struct division d = {.rest = mantissa(x), .divisor = mantissa(y), .exp = y->exp + difference - steps};
    for (int32_t n = 0; n <= steps; n++) {
        d.rest <<= n > 0;
        bool bit = d.rest >= d.divisor;
        d.rest -= bit ? d.divisor : 0;
        d.quotient = d.quotient << 1 | bit;
    }
    return d;
}

/* The quotient to nearest, ties to even: true if that is the next one. */
static bool to_nearest(struct division *d)
{
    int_u128 twice = d->rest << 1;
    if (twice < d->divisor || (twice == d->divisor && !(d->quotient & 1)))
        return false;
    d->rest = d->divisor - d->rest;
    d->quotient++;
    return true;
}

static uint16_t quotient_codes(uint64_t q)
{
    return (uint16_t)((q & 4 ? F80_C0 : 0) | (q & 2 ? F80_C3 : 0) | (q & 1 ? F80_C1 : 0));
}

/* Finite numbers that are not zero. More than 63 bits of the quotient take several rounds, of which C2 tells. */
static int_u128 remainder_finite(struct f80 *u, struct softfp *s, const struct sf_num *x, const struct sf_num *y,
                                 bool nearest)
{
    enum { ROUND_BITS = 32, ROUND_MASK = 31, LAST_ROUND = 63 };
    int32_t difference = x->exp - y->exp;
    bool sign = x->sign, partial = difference > LAST_ROUND;
    struct division d;
    if (difference < (nearest ? -1 : 0))
        return rounded(s, x);
    if (difference < 0)
        d = (struct division){.rest = mantissa(x), .divisor = (int_u128)mantissa(y) << 1, .exp = x->exp};
    else
        d = divide(x, y, difference, partial ? (difference & ROUND_MASK) | ROUND_BITS : difference);
    if (nearest && !partial)
        sign ^= to_nearest(&d);
    u->status |= partial ? F80_C2 : quotient_codes(d.quotient);
    if (!d.rest)
        return sf_zero(&sf_format80, x->sign);
    return sf_round_pack(s, &sf_format80, sign, d.exp, d.rest << (SF_POINT - 63)); /* exact */
}

int_u128 f80_remainder(struct f80 *u, int_u128 a, int_u128 b, bool nearest)
{
    struct softfp s = f80_begin(u);
    struct sf_num x = sf_unpack(&s, &sf_format80, a), y = sf_unpack(&s, &sf_format80, b);
    int_u128 r;
    if (sf_is_nan(&x) || sf_is_nan(&y)) {
        r = sf_choose_nan(&s, &sf_format80, (int_u128[]){a, b}, 2);
    } else if (x.cls == SF_INF || y.cls == SF_ZERO) {
        r = sf_invalid(&s, &sf_format80);
    } else {
        sf_note_subnormal(&s, &x);
        sf_note_subnormal(&s, &y);
        if (x.cls == SF_ZERO)
            r = sf_zero(&sf_format80, x.sign);
        else
            r = y.cls == SF_INF ? rounded(&s, &x) : remainder_finite(u, &s, &x, &y, nearest);
    }
    f80_end(u, &s);
    return r;
}

/* ---- fscale ---- */

/* Toward zero; what is beyond all exponents is one that is. */
static int32_t exponent_of(const struct sf_num *y)
{
    enum { BEYOND = 0x10000, BEYOND_EXP = 16 };
    if (y->cls == SF_ZERO || y->exp < 0)
        return 0;
    int32_t n = y->exp >= BEYOND_EXP ? BEYOND : (int32_t)(y->sig >> (SF_POINT - y->exp));
    return y->sign ? -n : n;
}

static int_u128 scale(struct softfp *s, const struct sf_num *x, const struct sf_num *y)
{
    if (y->cls == SF_INF && (y->sign ? x->cls == SF_INF : x->cls == SF_ZERO))
        return sf_invalid(s, &sf_format80);
    sf_note_subnormal(s, x);
    sf_note_subnormal(s, y);
    if (x->cls == SF_INF || (x->cls == SF_FINITE && y->cls == SF_INF && !y->sign))
        return sf_inf(&sf_format80, x->sign);
    if (x->cls == SF_ZERO || y->cls == SF_INF)
        return sf_zero(&sf_format80, x->sign);
    return sf_round_pack(s, &sf_format80, x->sign, x->exp + exponent_of(y), x->sig);
}

int_u128 f80_scale(struct f80 *u, int_u128 a, int_u128 b)
{
    struct softfp s = f80_begin(u);
    struct sf_num x = sf_unpack(&s, &sf_format80, a), y = sf_unpack(&s, &sf_format80, b);
    bool nan = sf_is_nan(&x) || sf_is_nan(&y);
    int_u128 r = nan ? sf_choose_nan(&s, &sf_format80, (int_u128[]){a, b}, 2) : scale(&s, &x, &y);
    f80_end(u, &s);
    return r;
}
