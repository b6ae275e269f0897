/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions, comparisons and classification of softfp. IEEE 754-2019 sections 5.3.1, 5.4.1, 5.4.2, 5.6.1, 5.7.2, 9.6.
 */
#include "src/ir/softfp/softfp_core.h"

/* --- to integral values --- */

/* |x| rounded to an integer, x finite and below 2^64; *inexact is set if it was none. */
static int_u128 round_magnitude(struct softfp *s, const struct sf_num *x, bool *inexact)
{
    int_u128 sig = x->exp < 0 ? sf_shift_jam(x->sig, -x->exp) : x->sig;
    unsigned drop = SF_POINT - (x->exp < 0 ? 0 : (unsigned)x->exp);
    *inexact = sig & int_mask(drop);
    int_u128 rounded = sf_round_at(sig, drop, x->sign, s->rm);
    s->rounded_up = rounded > sig;
    return rounded >> drop;
}

int_u128 sf_round_int(struct softfp *s, const struct sf_format *f, int_u128 a, bool exact)
{
    struct sf_num x = sf_unpack(s, f, a);
    bool inexact;
    if (sf_is_nan(&x))
        return sf_choose_nan(s, f, &a, 1);
    if (f->explicit_one) /* frndint; roundss and the like do not report subnormal operands */
        sf_note_subnormal(s, &x);
    if (x.cls == SF_ZERO)
        return sf_zero(f, x.sign);
    if (x.cls != SF_FINITE || x.exp >= f->frac)
        return a;
    int_u128 n = round_magnitude(s, &x, &inexact);
    if (inexact && exact)
        s->flags |= FP_NX;
    if (!n)
        return sf_zero(f, x.sign);
    bool up = s->rounded_up;
    int_u128 r = sf_round_pack(s, f, x.sign, 63, n << (SF_POINT - 63)); /* exact */
    s->rounded_up = up;
    return r;
}

static uint64_t saturate(struct softfp *s, unsigned bits, bool is_signed, bool negative)
{
    s->flags |= FP_NV;
    uint64_t all = (uint64_t)int_mask(bits);
    if (s->nan_rule == IR_NAN_X86) /* the integer indefinite value */
        return is_signed ? all ^ all >> 1 : all;
    if (!is_signed)
        return negative ? 0 : all;
    return negative ? all ^ all >> 1 : all >> 1;
}

uint64_t sf_to_int(struct softfp *s, const struct sf_format *f, int_u128 a, unsigned bits, bool is_signed)
{
    struct sf_num x = sf_unpack(s, f, a);
    bool inexact;
    if (sf_is_nan(&x))
        return saturate(s, bits, is_signed, false);
    if (x.cls == SF_ZERO)
        return 0;
    if (x.cls == SF_INF || x.exp >= 64)
        return saturate(s, bits, is_signed, x.sign);
    int_u128 n = round_magnitude(s, &x, &inexact);
    int_u128 limit = !is_signed ? x.sign ? 0 : int_mask(bits) : int_mask(bits - 1) + x.sign;
    if (n > limit)
        return saturate(s, bits, is_signed, x.sign);
    if (inexact)
        s->flags |= FP_NX;
    return (uint64_t)((x.sign ? -n : n) & int_mask(bits));
}

int_u128 sf_from_int(struct softfp *s, const struct sf_format *f, uint64_t value, bool is_signed)
{
    bool sign = is_signed && value >> 63;
    if (!value)
        return sf_zero(f, false);
    return sf_round_pack(s, f, sign, 63, (int_u128)(sign ? -value : value) << (SF_POINT - 63));
}

/* --- between formats --- */

/* Keeps the sign and the leading bits of the payload. */
static int_u128 convert_nan(struct softfp *s, const struct sf_format *to, const struct sf_format *from, int_u128 a)
{
    int_u128 nan = sf_choose_nan(s, from, &a, 1);
    if (s->nan_rule == IR_NAN_ANY)
        return sf_default_nan(s, to);
    int_u128 payload = nan & int_mask(from->frac);
    payload = to->frac > from->frac ? payload << (to->frac - from->frac) : payload >> (from->frac - to->frac);
    return sf_inf(to, nan >> (from->width - 1) & 1) | payload;
}

int_u128 sf_convert(struct softfp *s, const struct sf_format *to, const struct sf_format *from, int_u128 a)
{
    struct sf_num x = sf_unpack(s, from, a);
    if (sf_is_nan(&x))
        return convert_nan(s, to, from, a);
    sf_note_subnormal(s, &x);
    if (x.cls == SF_FINITE)
        return sf_round_pack(s, to, x.sign, x.exp, x.sig);
    return x.cls == SF_INF ? sf_inf(to, x.sign) : sf_zero(to, x.sign);
}

/* --- order --- */

/* -1, 0, 1: x below, equal to, above y; neither is a NaN. */
static int compare(const struct sf_num *x, const struct sf_num *y)
{
    if (x->cls == SF_ZERO && y->cls == SF_ZERO)
        return 0;
    int xs = x->cls == SF_ZERO ? 0 : x->sign ? -1 : 1, ys = y->cls == SF_ZERO ? 0 : y->sign ? -1 : 1;
    if (xs != ys)
        return xs < ys ? -1 : 1;
    if (x->cls != y->cls)
        return x->cls < y->cls ? -xs : xs; /* finite against infinite */
    if (x->exp != y->exp)
        return x->exp < y->exp ? -xs : xs;
    return x->sig == y->sig ? 0 : x->sig < y->sig ? -xs : xs;
}

bool sf_cmp(struct softfp *s, const struct sf_format *f, unsigned fcond, int_u128 a, int_u128 b)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b);
    if (sf_is_nan(&x) || sf_is_nan(&y)) {
        if ((fcond & IR_FCOND_SIGNALING) || x.cls >= SF_SNAN || y.cls >= SF_SNAN)
            s->flags |= FP_NV;
        return (fcond & IR_FCOND_MASK) == IR_FUNO;
    }
    sf_note_subnormal(s, &x);
    sf_note_subnormal(s, &y);
    int order = compare(&x, &y);
    switch (fcond & IR_FCOND_MASK) {
    case IR_FEQ:
        return order == 0;
    case IR_FLT:
        return order < 0;
    case IR_FLE:
        return order <= 0;
    default:
        return false;
    }
}

/* minss, maxss (SDM volume 2): the second operand unless the first is less (greater). */
static int_u128 x86_min_or_max(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b, int wanted)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b);
    if (s->daz && x.cls == SF_ZERO) /* it may have been subnormal */
        a = sf_zero(f, x.sign);
    if (s->daz && y.cls == SF_ZERO)
        b = sf_zero(f, y.sign);
    return sf_cmp(s, f, IR_FLT | IR_FCOND_SIGNALING, wanted < 0 ? a : b, wanted < 0 ? b : a) ? a : b;
}

static int_u128 min_or_max(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b, int wanted)
{
    struct sf_num x = sf_unpack(s, f, a), y = sf_unpack(s, f, b);
    if (s->nan_rule == IR_NAN_X86)
        return x86_min_or_max(s, f, a, b, wanted);
    if (x.cls >= SF_SNAN || y.cls >= SF_SNAN)
        s->flags |= FP_NV;
    if (sf_is_nan(&x) && sf_is_nan(&y))
        return sf_choose_nan(s, f, (int_u128[]){a, b}, 2);
    if (sf_is_nan(&x) || sf_is_nan(&y))
        return sf_is_nan(&x) ? b : a;
    int order = compare(&x, &y);
    if (order == 0) /* -0 is below +0 */
        return x.sign == (wanted < 0) ? a : b;
    return order == wanted ? a : b;
}

int_u128 sf_min(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b)
{
    return min_or_max(s, f, a, b, -1);
}

int_u128 sf_max(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b)
{
    return min_or_max(s, f, a, b, 1);
}

/* --- classification --- */

unsigned sf_classify(const struct sf_format *f, int_u128 a)
{
    struct softfp s = {.rm = IR_RNE};
    struct sf_num x = sf_unpack(&s, f, a);
    switch (x.cls) {
    case SF_INF:
        return x.sign ? 1 << 0 : 1 << 7;
    case SF_FINITE:
        return x.subnormal ? x.sign ? 1 << 2 : 1 << 5 : x.sign ? 1 << 1 : 1 << 6;
    case SF_ZERO:
        return x.sign ? 1 << 3 : 1 << 4;
    case SF_QNAN:
        return 1 << 9;
    default:
        return 1 << 8;
    }
}
