/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking, rounding and packing for every format; the choice of NaNs. All other softfp code is built on it.
 *
 * I1  Rounding happens in one place, sf_round_pack, so that all operations agree on ties, overflow and tininess.
 */
#include "src/ir/softfp/softfp_core.h"

const struct sf_format sf_format16 = {.width = 16, .frac = 10, .exp_bits = 5};
const struct sf_format sf_format32 = {.width = 32, .frac = 23, .exp_bits = 8};
const struct sf_format sf_format64 = {.width = 64, .frac = 52, .exp_bits = 11};
const struct sf_format sf_format80 = {.width = 80, .frac = 63, .exp_bits = 15, .explicit_one = true};

/* Bits below the exponent field. */
static unsigned stored_bits(const struct sf_format *f) { return f->frac + f->explicit_one; }

static int_u128 exp_mask(const struct sf_format *f) { return int_mask(f->exp_bits); }

/* --- unpacking --- */

static enum sf_class class_of_top(const struct sf_format *f, int_u128 stored)
{
    if (f->explicit_one && !(stored >> f->frac))
        return SF_UNSUPPORTED;
    int_u128 frac = stored & int_mask(f->frac);
    if (!frac)
        return SF_INF;
    return frac >> (f->frac - 1) ? SF_QNAN : SF_SNAN;
}

/* exp: biased and not the largest; stored: the bits below it, not all zero if exp is 0 */
static void unpack_finite(const struct sf_format *f, int32_t biased, int_u128 stored, struct sf_num *x)
{
    if (biased && !f->explicit_one)
        stored |= (int_u128)1 << f->frac;
    unsigned shift = int_clz128(stored) - (127 - SF_POINT);
    x->cls = SF_FINITE;
    x->sig = stored << shift;
    x->exp = (biased ? biased : 1) - sf_bias(f) + (SF_POINT - (int32_t)shift) - f->frac;
}

struct sf_num sf_unpack(struct softfp *s, const struct sf_format *f, int_u128 bits)
{
    struct sf_num x = {.sign = bits >> (f->width - 1) & 1};
    int32_t biased = (int32_t)(bits >> stored_bits(f) & exp_mask(f));
    int_u128 stored = bits & int_mask(stored_bits(f));
    if (biased == (int32_t)exp_mask(f)) {
        x.cls = class_of_top(f, stored);
        return x;
    }
    if (biased && f->explicit_one && !(stored >> f->frac)) {
        x.cls = SF_UNSUPPORTED;
        return x;
    }
    x.subnormal = !biased && stored;
    if (x.subnormal && s->daz) {
        if (s->nan_rule == IR_NAN_ARM)
            s->flags |= FP_DE;
        x.subnormal = false;
        stored = 0;
    }
    if (!biased && !stored)
        x.cls = SF_ZERO;
    else
        unpack_finite(f, biased, stored, &x);
    return x;
}

void sf_note_subnormal(struct softfp *s, const struct sf_num *x)
{
    if (x->subnormal && s->nan_rule == IR_NAN_X86)
        s->flags |= FP_DE;
}

/* --- special results --- */

static int_u128 pack(const struct sf_format *f, bool sign, int_u128 biased, int_u128 stored)
{
    return (int_u128)sign << (f->width - 1) | biased << stored_bits(f) | (stored & int_mask(stored_bits(f)));
}

int_u128 sf_zero(const struct sf_format *f, bool sign) { return pack(f, sign, 0, 0); }

int_u128 sf_inf(const struct sf_format *f, bool sign) { return pack(f, sign, exp_mask(f), (int_u128)1 << f->frac); }

int_u128 sf_default_nan(const struct softfp *s, const struct sf_format *f)
{
    return pack(f, s->nan_rule == IR_NAN_X86, exp_mask(f), (int_u128)3 << (f->frac - 1));
}

int_u128 sf_invalid(struct softfp *s, const struct sf_format *f)
{
    s->flags |= FP_NV;
    return sf_default_nan(s, f);
}

static int_u128 quiet(const struct sf_format *f, int_u128 bits) { return bits | (int_u128)1 << (f->frac - 1); }

/* The x87 rule: the larger significand wins, then the positive one. */
static int_u128 larger_nan(const struct sf_format *f, int_u128 a, int_u128 b)
{
    int_u128 fa = a & int_mask(f->frac + 1u), fb = b & int_mask(f->frac + 1u);
    if (fa != fb)
        return fa > fb ? a : b;
    return a >> (f->width - 1) ? b : a;
}

int_u128 sf_choose_nan(struct softfp *s, const struct sf_format *f, const int_u128 *bits, unsigned count)
{
    int_u128 first_nan = 0, first_signaling = 0;
    bool any = false, signaling = false, unsupported = false;
    for (unsigned i = 0; i < count; i++) {
        struct sf_num x = sf_unpack(s, f, bits[i]);
        if (!sf_is_nan(&x))
            continue;
        unsupported |= x.cls == SF_UNSUPPORTED;
        if (x.cls == SF_SNAN && !signaling)
            first_signaling = bits[i];
        signaling |= x.cls == SF_SNAN;
        first_nan = !any ? bits[i] : f->explicit_one ? larger_nan(f, first_nan, bits[i]) : first_nan;
        any = true;
    }
    if (signaling || unsupported)
        s->flags |= FP_NV;
    if (s->nan_rule == IR_NAN_ANY || unsupported)
        return sf_default_nan(s, f);
    return quiet(f, s->nan_rule == IR_NAN_ARM && signaling ? first_signaling : first_nan);
}

/* --- rounding --- */

int_u128 sf_round_at(int_u128 sig, unsigned drop, bool sign, enum ir_rm rm)
{
    int_u128 unit = (int_u128)1 << drop, half = unit >> 1, rest = sig & (unit - 1), base = sig - rest;
    bool up = false;
    if (!rest)
        return sig;
    switch (rm) {
    case IR_RNE:
        up = rest > half || (rest == half && (base & unit));
        break;
    case IR_RMM:
        up = rest >= half;
        break;
    case IR_RDN:
        up = sign;
        break;
    case IR_RUP:
        up = !sign;
        break;
    case IR_ROD:
        return base | unit;
    default:
        break;
    }
    return up ? base + unit : base;
}

/* Bits of a normalized significand that rounding drops. */
static unsigned dropped(const struct softfp *s, const struct sf_format *f)
{
    return SF_POINT + 1u - (s->precision ? s->precision : f->frac + 1u);
}

static int_u128 overflow(struct softfp *s, const struct sf_format *f, bool sign)
{
    unsigned zeros = dropped(s, f) - (SF_POINT - f->frac);
    s->flags |= FP_OF | FP_NX;
    bool to_inf = s->rm == IR_RNE || s->rm == IR_RMM || s->rm == (sign ? IR_RDN : IR_RUP);
    s->rounded_up = to_inf;
    return to_inf ? sf_inf(f, sign) : pack(f, sign, exp_mask(f) - 1, ~(int_u128)0 << zeros);
}

/* Is a normalized number below the smallest exponent tiny? After rounding: not if rounding it as if the exponent had no
 * limit reaches the smallest normal number. */
static bool is_tiny(const struct softfp *s, const struct sf_format *f, bool sign, int32_t below, int_u128 sig)
{
    if (below <= 0)
        return false;
    if (s->tiny_before || below > 1)
        return true;
    return !(sf_round_at(sig, dropped(s, f), sign, s->rm) >> (SF_POINT + 1));
}

/* A tiny result under FTZ: Arm flushes before rounding and raises underflow alone. */
static int_u128 flush(struct softfp *s, const struct sf_format *f, bool sign)
{
    s->flags |= s->nan_rule == IR_NAN_ARM ? FP_UF : FP_UF | FP_NX;
    return sf_zero(f, sign);
}

int_u128 sf_round_pack(struct softfp *s, const struct sf_format *f, bool sign, int32_t exp, int_u128 sig)
{
    int32_t shift = (int32_t)int_clz128(sig) - (127 - SF_POINT);
    sig = shift < 0 ? sf_shift_jam(sig, 1) : sig << shift;
    exp -= shift;
    int32_t below = 1 - sf_bias(f) - exp;
    unsigned drop = dropped(s, f);
    bool tiny = is_tiny(s, f, sign, below, sig);
    s->tiny |= tiny;
    bool exact = !(sig & int_mask(drop));
    s->exact_scaled = tiny && exact;
    if (s->ftz && tiny)
        return flush(s, f, sign);
    if (below > 0) {
        sig = sf_shift_jam(sig, below);
        exp += below;
    }
    if (sig & int_mask(drop))
        s->flags |= tiny ? FP_NX | FP_UF : FP_NX;
    int_u128 rounded = sf_round_at(sig, drop, sign, s->rm);
    s->rounded_up = rounded > sig;
    rounded >>= SF_POINT - f->frac;
    if (rounded >> (f->frac + 1)) {
        rounded >>= 1;
        exp++;
    }
    int32_t biased = rounded >> f->frac ? exp + sf_bias(f) : 0;
    if (biased < (int32_t)exp_mask(f))
        return pack(f, sign, (int_u128)biased, rounded);
    s->exact_scaled = exact;
    return overflow(s, f, sign);
}
