// SPDX-License-Identifier: Apache-2.0
// The oracle. An arithmetic operation is computed once by MPFR with 64 bits, truncated, and its last bit set where
// anything was lost ("rounded to odd"). That is at least eleven bits more than a result has, so one more rounding, in
// each of the five modes, gives what rounding the exact result gives. The rounding is written here from IEEE 754-2019,
// section 4.3 and 7: MPFR has no ties-away for results of this kind, and no tininess after rounding.
//
// Numbers are registers' bits; a NaN result is the canonical NaN (RISC-V manual, F, "NaN Generation and Propagation").
#include "tests/fp/oracle.h"

#include <mpfr.h>

#include <cstring>

namespace
{

enum { kBits = 64 };

struct Number { // MPFR variable, made once
    mpfr_t v;
    explicit Number(mpfr_prec_t precision) { mpfr_init2(v, precision); }
    ~Number() { mpfr_clear(v); }
    Number(const Number &) = delete;
};

struct Scratch {
    Number x{53}, y{53}, z{53}, r{kBits};
};

Scratch &scratch()
{
    static Scratch s;
    return s;
}

void set(Number *n, const fp_format &f, uint64_t v)
{
    double d;
    float s;
    uint32_t low = static_cast<uint32_t>(v);
    memcpy(&d, &v, sizeof d);
    memcpy(&s, &low, sizeof s);
    if (f.width() == 64)
        mpfr_set_d(n->v, d, MPFR_RNDN);
    else
        mpfr_set_flt(n->v, s, MPFR_RNDN);
}

// A result before rounding.
struct Exact {
    enum { FINITE, ZERO, INF, NAN_ } kind;
    bool negative;
    bool zero_by_mode; // an exact zero sum of different signs: -0 when rounding down
    uint64_t sig;      // FINITE: leading bit set, last bit sticky; value = sig * 2^(exp - 63)
    long exp;
    uint8_t flags;
};

Exact nan_result(bool invalid) { return {Exact::NAN_, false, false, 0, 0, uint8_t(invalid ? FP_INVALID : 0)}; }

Exact from_mpfr(const Number &n, int ternary)
{
    if (mpfr_nan_p(n.v))
        return nan_result(true);
    bool negative = mpfr_signbit(n.v);
    if (mpfr_inf_p(n.v))
        return {Exact::INF, negative, false, 0, 0, 0};
    if (mpfr_zero_p(n.v))
        return {Exact::ZERO, negative, false, 0, 0, 0};
    uint64_t sig = *static_cast<const mp_limb_t *>(mpfr_custom_get_significand(n.v));
    return {Exact::FINITE, negative, false, sig | (ternary != 0), mpfr_get_exp(n.v) - 1, 0};
}

// sig without its last drop bits (1 or more), rounded.
uint64_t round_bits(uint64_t sig, unsigned drop, bool negative, unsigned rm, bool *inexact)
{
    uint64_t kept = drop < 64 ? sig >> drop : 0, rest = drop < 64 ? sig & ((uint64_t(1) << drop) - 1) : sig;
    uint64_t half = drop <= 64 ? uint64_t(1) << (drop - 1) : 0;
    bool above = half && rest > half, tie = half && rest == half;
    *inexact = rest != 0;
    switch (rm) {
    case FP_RNE:
        return kept + (above || (tie && (kept & 1)));
    case FP_RMM:
        return kept + (above || tie);
    case FP_RDN:
        return kept + (*inexact && negative);
    case FP_RUP:
        return kept + (*inexact && !negative);
    default:
        return kept;
    }
}

fp_result overflow(const fp_format &f, bool negative, unsigned rm)
{
    bool to_inf = rm == FP_RNE || rm == FP_RMM || rm == (negative ? FP_RDN : FP_RUP);
    return {f.inf() - !to_inf, FP_OVERFLOW | FP_INEXACT};
}

// A finite number, rounded into the format; without its sign.
fp_result round_finite(const fp_format &f, const Exact &x, unsigned rm)
{
    unsigned drop = kBits - f.precision;
    bool inexact, ignored;
    bool carried = round_bits(x.sig, drop, x.negative, rm, &ignored) >> f.precision;
    bool tiny = x.exp + carried < f.emin; // after rounding with unlimited exponents
    if (x.exp < f.emin) {
        long shift = f.emin - x.exp;
        uint64_t q = round_bits(x.sig, drop + static_cast<unsigned>(shift < 70 ? shift : 70), x.negative, rm, &inexact);
        return {q, uint8_t(inexact ? tiny ? FP_UNDERFLOW | FP_INEXACT : FP_INEXACT : 0)};
    }
    if (x.exp + carried > f.emax)
        return overflow(f, x.negative, rm);
    uint64_t q = round_bits(x.sig, drop, x.negative, rm, &inexact);
    return {(uint64_t(x.exp - f.emin) << f.stored()) + q, uint8_t(inexact ? FP_INEXACT : 0)};
}

fp_result finish(const fp_format &f, const Exact &x, unsigned rm)
{
    fp_result r = {0, 0};
    bool negative = x.negative || (x.zero_by_mode && rm == FP_RDN);
    if (x.kind == Exact::NAN_)
        return {f.box(f.nan()), x.flags};
    if (x.kind == Exact::INF)
        r.value = f.inf();
    else if (x.kind == Exact::FINITE)
        r = round_finite(f, x, rm);
    r.value = f.box(r.value | (negative ? f.sign_bit() : 0));
    r.flags |= x.flags;
    return r;
}

/* ---- arithmetic ---- */

Exact add(const fp_format &f, uint64_t a, uint64_t b)
{
    Scratch &s = scratch();
    set(&s.x, f, a);
    set(&s.y, f, b);
    int t = mpfr_add(s.r.v, s.x.v, s.y.v, MPFR_RNDZ);
    Exact x = from_mpfr(s.r, t);
    x.zero_by_mode = x.kind == Exact::ZERO && f.negative(a) != f.negative(b);
    return x;
}

Exact fma(const fp_insn &i, const fp_format &f, const uint64_t *v)
{
    Scratch &s = scratch();
    uint64_t a = v[0] ^ (i.negate_product ? f.sign_bit() : 0), c = v[2] ^ (i.negate_addend ? f.sign_bit() : 0);
    set(&s.x, f, a);
    set(&s.y, f, v[1]);
    set(&s.z, f, c);
    int t = mpfr_fma(s.r.v, s.x.v, s.y.v, s.z.v, MPFR_RNDZ);
    Exact x = from_mpfr(s.r, t);
    x.zero_by_mode = x.kind == Exact::ZERO && (f.negative(a) ^ f.negative(v[1])) != f.negative(c);
    return x;
}

Exact other(const fp_insn &i, const fp_format &f, const uint64_t *v)
{
    Scratch &s = scratch();
    set(&s.x, f, v[0]);
    if (i.op == OP_SQRT)
        return from_mpfr(s.r, mpfr_sqrt(s.r.v, s.x.v, MPFR_RNDZ));
    set(&s.y, f, v[1]);
    int t = i.op == OP_MUL ? mpfr_mul(s.r.v, s.x.v, s.y.v, MPFR_RNDZ) : mpfr_div(s.r.v, s.x.v, s.y.v, MPFR_RNDZ);
    Exact x = from_mpfr(s.r, t);
    if (i.op == OP_DIV && f.is_zero(v[1]) && !f.is_inf(v[0]) && x.kind == Exact::INF)
        x.flags |= FP_DIV_ZERO;
    return x;
}

Exact arithmetic(const fp_insn &i, const uint64_t *v)
{
    const fp_format &f = *i.from;
    bool nan = false, signaling = false;
    for (unsigned n = 0; n < i.operands; n++) {
        nan |= f.is_nan(v[n]);
        signaling |= f.is_signaling(v[n]);
    }
    if (nan) { // infinity times zero is invalid whatever is added
        bool product = i.op == OP_FMA && ((f.is_inf(v[0]) && f.is_zero(v[1])) || (f.is_zero(v[0]) && f.is_inf(v[1])));
        return nan_result(signaling || product);
    }
    switch (i.op) {
    case OP_ADD:
        return add(f, v[0], v[1]);
    case OP_SUB:
        return add(f, v[0], v[1] ^ f.sign_bit());
    case OP_FMA:
        return fma(i, f, v);
    case OP_CONVERT:
        set(&scratch().x, f, v[0]);
        mpfr_set(scratch().r.v, scratch().x.v, MPFR_RNDZ);
        return from_mpfr(scratch().r, 0);
    default:
        return other(i, f, v);
    }
}

Exact from_int(const fp_insn &i, uint64_t v)
{
    Scratch &s = scratch();
    if (i.int_bits == 32)
        v = i.int_signed ? static_cast<uint64_t>(static_cast<int32_t>(v)) : static_cast<uint32_t>(v);
    if (i.int_signed)
        mpfr_set_si(s.r.v, static_cast<long>(v), MPFR_RNDZ);
    else
        mpfr_set_ui(s.r.v, v, MPFR_RNDZ);
    return from_mpfr(s.r, 0);
}

/* ---- to integers ---- */

void round_integer(Number *out, const Number &x, unsigned rm)
{
    switch (rm) {
    case FP_RNE:
        mpfr_roundeven(out->v, x.v);
        break;
    case FP_RTZ:
        mpfr_trunc(out->v, x.v);
        break;
    case FP_RDN:
        mpfr_floor(out->v, x.v);
        break;
    case FP_RUP:
        mpfr_ceil(out->v, x.v);
        break;
    default:
        mpfr_round(out->v, x.v);
    }
}

// Results of 32 bits are sign-extended, the unsigned ones, too.
uint64_t extend(const fp_insn &i, uint64_t v)
{
    return i.int_bits == 32 ? static_cast<uint64_t>(static_cast<int32_t>(v)) : v;
}

fp_result to_int(const fp_insn &i, uint64_t v, unsigned rm)
{
    Scratch &s = scratch();
    uint64_t top = uint64_t(1) << (i.int_bits - 1), largest = i.int_signed ? top - 1 : top - 1 + top;
    uint64_t least = i.int_signed ? -top : 0;
    if (i.from->is_nan(v))
        return {extend(i, largest), FP_INVALID};
    set(&s.x, *i.from, v);
    round_integer(&s.r, s.x, rm);
    if (mpfr_cmp_ui(s.r.v, largest) > 0)
        return {extend(i, largest), FP_INVALID};
    if (mpfr_cmp_si(s.r.v, static_cast<long>(least)) < 0)
        return {extend(i, least), FP_INVALID};
    uint64_t n = i.int_signed ? static_cast<uint64_t>(mpfr_get_si(s.r.v, MPFR_RNDZ)) : mpfr_get_ui(s.r.v, MPFR_RNDZ);
    return {extend(i, n), uint8_t(mpfr_equal_p(s.r.v, s.x.v) ? 0 : FP_INEXACT)};
}

/* ---- no rounding ---- */

fp_result compare(const fp_insn &i, uint64_t a, uint64_t b)
{
    const fp_format &f = *i.from;
    Scratch &s = scratch();
    if (f.is_nan(a) || f.is_nan(b)) {
        bool invalid = i.op != OP_EQ || f.is_signaling(a) || f.is_signaling(b);
        return {0, uint8_t(invalid ? FP_INVALID : 0)};
    }
    set(&s.x, f, a);
    set(&s.y, f, b);
    int order = mpfr_cmp(s.x.v, s.y.v);
    return {i.op == OP_EQ ? order == 0 : i.op == OP_LT ? order < 0 : order <= 0, 0};
}

fp_result min_max(const fp_insn &i, uint64_t a, uint64_t b)
{
    const fp_format &f = *i.from;
    Scratch &s = scratch();
    uint8_t flags = f.is_signaling(a) || f.is_signaling(b) ? FP_INVALID : 0;
    if (f.is_nan(a) || f.is_nan(b))
        return {f.box(f.is_nan(a) && f.is_nan(b) ? f.nan() : f.is_nan(a) ? b : a), flags};
    set(&s.x, f, a);
    set(&s.y, f, b);
    int order = mpfr_cmp(s.x.v, s.y.v);
    if (order == 0)
        order = f.negative(b) - f.negative(a); // -0 is less than +0
    return {f.box((order < 0) == (i.op == OP_MIN) ? a : b), flags};
}

fp_result inject_sign(const fp_insn &i, uint64_t a, uint64_t b)
{
    const fp_format &f = *i.from;
    uint64_t sign = i.op == OP_SGNJ ? b : i.op == OP_SGNJN ? ~b : a ^ b;
    return {f.box(f.magnitude(a) | (sign & f.sign_bit())), 0};
}

// registers: as they are; v: unboxed
fp_result unrounded(const fp_insn &i, const uint64_t *registers, const uint64_t *v)
{
    uint64_t low = registers[0] & 0xffffffff;
    bool single = (i.from ? i.from : i.to)->width() == 32;
    switch (i.op) {
    case OP_LOAD:
        return {single ? fp_single.box(low) : registers[0], 0};
    case OP_STORE:
        return {single ? low : registers[0], 0};
    case OP_MOVE_OUT:
        return {single ? static_cast<uint64_t>(static_cast<int32_t>(low)) : registers[0], 0};
    case OP_MOVE_IN:
        return {single ? fp_single.box(low) : registers[0], 0};
    case OP_CLASS:
        return {fp_classify(*i.from, v[0]), 0};
    case OP_SGNJ:
    case OP_SGNJN:
    case OP_SGNJX:
        return inject_sign(i, v[0], v[1]);
    case OP_MIN:
    case OP_MAX:
        return min_max(i, v[0], v[1]);
    default:
        return compare(i, v[0], v[1]);
    }
}

void unbox(const fp_insn &i, const uint64_t *registers, uint64_t *v)
{
    for (unsigned n = 0; n < 3; n++)
        v[n] = n < i.operands && i.from ? i.from->unbox(registers[n]) : registers[n];
}

// Results in the modes from first to last.
void judge(const fp_insn &i, const uint64_t *registers, unsigned first, unsigned last, fp_result *results)
{
    uint64_t v[3];
    unbox(i, registers, v);
    bool rounds = (i.op >= OP_ADD && i.op <= OP_FMA) || i.op == OP_CONVERT || i.op == OP_FROM_INT;
    Exact x = {};
    if (rounds)
        x = i.op == OP_FROM_INT ? from_int(i, v[0]) : arithmetic(i, v);
    for (unsigned rm = first; rm <= last; rm++) {
        if (rounds)
            results[rm - first] = finish(*i.to, x, rm);
        else if (i.op == OP_TO_INT)
            results[rm - first] = to_int(i, v[0], rm);
        else
            results[rm - first] = rm > first ? results[0] : unrounded(i, registers, v);
    }
}

} // namespace

void fp_oracle(const fp_insn &insn, const uint64_t operands[3], fp_result results[FP_RMS])
{
    judge(insn, operands, FP_RNE, FP_RMM, results);
}

fp_result fp_oracle_in(const fp_insn &insn, const uint64_t operands[3], fp_rm rm)
{
    fp_result r;
    judge(insn, operands, rm, rm, &r);
    return r;
}

uint64_t fp_classify(const fp_format &f, uint64_t v)
{
    bool negative = f.negative(v);
    uint64_t m = f.magnitude(v);
    if (f.is_nan(v))
        return f.is_signaling(v) ? 1 << 8 : 1 << 9;
    unsigned kind = m == f.inf() ? 0 : m >= f.least_normal() ? 1 : m ? 2 : 3;
    return uint64_t(1) << (negative ? kind : 7 - kind);
}

bool fp_oracle_agrees(const fp_insn &insn, const uint64_t operands[3], const fp_result results[FP_RMS])
{
    static const mpfr_rnd_t modes[] = {MPFR_RNDN, MPFR_RNDZ, MPFR_RNDD, MPFR_RNDU};
    if (insn.op < OP_ADD || insn.op > OP_FMA)
        return true;
    const fp_format &f = *insn.from;
    uint64_t v[3];
    unbox(insn, operands, v);
    if (insn.negate_product)
        v[0] ^= f.sign_bit();
    if (insn.negate_addend)
        v[2] ^= f.sign_bit();
    Number x(f.precision), y(f.precision), z(f.precision), r(f.precision), expected(f.precision);
    set(&x, f, v[0]);
    set(&y, f, v[1]);
    set(&z, f, v[2]);
    mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
    bool same = true;
    for (unsigned rm = 0; rm < 4; rm++) {
        mpfr_set_emin(f.emin + 2 - static_cast<int>(f.precision)); // MPFR's significands are below 1
        mpfr_set_emax(f.emax + 1);
        int t = insn.op == OP_ADD    ? mpfr_add(r.v, x.v, y.v, modes[rm])
                : insn.op == OP_SUB  ? mpfr_sub(r.v, x.v, y.v, modes[rm])
                : insn.op == OP_MUL  ? mpfr_mul(r.v, x.v, y.v, modes[rm])
                : insn.op == OP_DIV  ? mpfr_div(r.v, x.v, y.v, modes[rm])
                : insn.op == OP_SQRT ? mpfr_sqrt(r.v, x.v, modes[rm])
                                     : mpfr_fma(r.v, x.v, y.v, z.v, modes[rm]);
        t = mpfr_subnormalize(r.v, t, modes[rm]);
        mpfr_set_emin(emin);
        mpfr_set_emax(emax);
        uint64_t value = f.unbox(results[rm].value);
        set(&expected, f, value);
        bool nan = mpfr_nan_p(r.v);
        same &= nan == f.is_nan(value) &&
                (nan || (mpfr_equal_p(r.v, expected.v) && bool(mpfr_signbit(r.v)) == f.negative(value)));
        same &= nan || (t != 0) == bool(results[rm].flags & FP_INEXACT);
    }
    return same;
}
