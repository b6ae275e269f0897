// SPDX-License-Identifier: Apache-2.0
// softfp against MPFR: every operation in every rounding mode, on hard operands (limits, powers of two and their
// neighbours, subnormals, NaNs) in all pairs and on random ones; results and flags.
//
// The judge computes the operation with enough precision to be exact or, where there is no exact result, rounded to odd
// by truncation (an inexact result gets a last bit of one), and then rounds once by rules written here from IEEE 754
// for results of any exponent. MPFR's own rounding modes are not used, since it has neither ties-away nor to-odd.
#include <gtest/gtest.h>
#include <mpfr.h>

#include <functional>
#include <vector>

#include "src/host/fpenv.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/softfp/softfp_core.h"
#include "tests/harness/random.h"

namespace
{
using u128 = unsigned __int128;

std::string hex(u128 v)
{
    char text[40];
    snprintf(text, sizeof text, "%lx:%016lx", static_cast<unsigned long>(v >> 64), static_cast<unsigned long>(v));
    return text;
}

const ir_rm modes[] = {IR_RNE, IR_RTZ, IR_RDN, IR_RUP, IR_RMM, IR_ROD};

struct Format {
    const sf_format *f;
    unsigned frac, exp_bits, width;
    int bias() const { return (1 << (exp_bits - 1)) - 1; }
    unsigned stored() const { return width == 80 ? 64 : frac; }
    u128 bits(bool sign, u128 biased, u128 frac_bits) const // frac_bits with the leading one of f80
    {
        return static_cast<u128>(sign) << (width - 1) | biased << stored() |
               (frac_bits & ((static_cast<u128>(1) << stored()) - 1));
    }
    u128 top() const { return (static_cast<u128>(1) << exp_bits) - 1; }
    u128 one() const { return static_cast<u128>(1) << frac; }
    u128 inf(bool sign) const { return bits(sign, top(), one()); }
    u128 nan() const { return bits(false, top(), one() | one() >> 1); }
    u128 max(bool sign) const { return bits(sign, top() - 1, ~static_cast<u128>(0)); }
    bool sign(u128 v) const { return v >> (width - 1) & 1; }
    u128 biased(u128 v) const { return v >> stored() & top(); }
    u128 fraction(u128 v) const { return v & (one() - 1); }
    bool is_nan(u128 v) const { return biased(v) == top() && fraction(v); }
    bool is_snan(u128 v) const { return is_nan(v) && !(fraction(v) >> (frac - 1)); }
    bool is_inf(u128 v) const { return biased(v) == top() && !fraction(v); }
    bool is_zero(u128 v) const { return !(v & ~(static_cast<u128>(1) << (width - 1))); }
};

const Format f32{&sf_format32, 23, 8, 32}, f64{&sf_format64, 52, 11, 64}, f80{&sf_format80, 63, 15, 80};

struct Mpfr {
    mpfr_t v;
    explicit Mpfr(mpfr_prec_t precision = 512) { mpfr_init2(v, precision); }
    ~Mpfr() { mpfr_clear(v); }
    Mpfr(const Mpfr &) = delete;
};

// A finite pattern as a number.
void to_mpfr(const Format &f, u128 v, Mpfr *out)
{
    int biased = static_cast<int>(f.biased(v));
    u128 sig = f.fraction(v) | (biased ? f.one() : 0);
    mpfr_set_uj(out->v, static_cast<uintmax_t>(sig >> 32), MPFR_RNDN);
    mpfr_mul_2si(out->v, out->v, 32, MPFR_RNDN);
    mpfr_add_ui(out->v, out->v, static_cast<unsigned long>(sig & 0xffffffff), MPFR_RNDN);
    mpfr_mul_2si(out->v, out->v, (biased ? biased : 1) - f.bias() - static_cast<int>(f.frac), MPFR_RNDN);
    if (f.sign(v))
        mpfr_neg(out->v, out->v, MPFR_RNDN);
}

struct Judged {
    u128 bits;
    unsigned flags;
};

// |x| / 2^unit_exp rounded to an integer; x may have been jammed.
u128 round_to_unit(const Mpfr &x, long unit_exp, ir_rm rm, bool *inexact)
{
    Mpfr scaled, whole, rest;
    bool sign = mpfr_signbit(x.v);
    mpfr_abs(scaled.v, x.v, MPFR_RNDN);
    mpfr_mul_2si(scaled.v, scaled.v, -unit_exp, MPFR_RNDN);
    mpfr_floor(whole.v, scaled.v);
    mpfr_sub(rest.v, scaled.v, whole.v, MPFR_RNDN);
    int half = mpfr_cmp_d(rest.v, 0.5);
    *inexact = !mpfr_zero_p(rest.v);
    Mpfr high, low;
    mpfr_mul_2si(high.v, whole.v, -64, MPFR_RNDN);
    mpfr_floor(high.v, high.v);
    mpfr_mul_2si(low.v, high.v, 64, MPFR_RNDN);
    mpfr_sub(low.v, whole.v, low.v, MPFR_RNDN);
    u128 n = static_cast<u128>(mpfr_get_uj(high.v, MPFR_RNDZ)) << 64 | mpfr_get_uj(low.v, MPFR_RNDZ);
    if (!*inexact)
        return n;
    switch (rm) {
    case IR_RNE:
        return n + (half > 0 || (half == 0 && (n & 1)));
    case IR_RMM:
        return n + (half >= 0);
    case IR_RDN:
        return n + sign;
    case IR_RUP:
        return n + !sign;
    case IR_ROD:
        return n | 1;
    default:
        return n;
    }
}

// Rounds a non-zero number into the format.
Judged round_to(const Format &f, const Mpfr &x, ir_rm rm, bool tiny_before)
{
    bool sign = mpfr_signbit(x.v), inexact, ignored;
    long exp = mpfr_get_exp(x.v) - 1, emin = 1 - f.bias(); // 2^exp <= |x| < 2^(exp+1)
    bool tiny = exp < emin;
    if (tiny && !tiny_before) {
        u128 unlimited = round_to_unit(x, exp - f.frac, rm, &ignored);
        tiny = exp < emin - 1 || unlimited < f.one() * 2;
    }
    long at = exp < emin ? emin : exp;
    u128 n = round_to_unit(x, at - f.frac, rm, &inexact);
    unsigned flags = inexact ? tiny ? FP_NX | FP_UF : FP_NX : 0;
    if (n >= f.one() * 2) {
        n >>= 1;
        at++;
    }
    if (at > f.bias()) {
        bool to_inf = rm == IR_RNE || rm == IR_RMM || rm == (sign ? IR_RDN : IR_RUP);
        return {to_inf ? f.inf(sign) : f.max(sign), FP_OF | FP_NX};
    }
    return {f.bits(sign, n >= f.one() ? static_cast<u128>(at + f.bias()) : 0, n), flags};
}

// MPFR's truncated result plus a bit that says whether anything was lost.
void jam(Mpfr *x, int ternary)
{
    if (!ternary || mpfr_zero_p(x->v))
        return;
    mpfr_exp_t exp = mpfr_get_exp(x->v);
    Mpfr tail;
    mpfr_set_ui_2exp(tail.v, 1, exp - mpfr_get_prec(x->v) - 1, MPFR_RNDN); // half of its last bit
    if (mpfr_signbit(x->v))
        mpfr_neg(tail.v, tail.v, MPFR_RNDN);
    Mpfr wide(512);
    mpfr_add(wide.v, x->v, tail.v, MPFR_RNDN);
    mpfr_set_prec(x->v, 512);
    mpfr_set(x->v, wide.v, MPFR_RNDN);
}

enum Op { ADD, SUB, MUL, DIV, SQRT, FMA };

// Results that no rounding is needed for: NaNs, infinities, zeros. False: compute.
bool judge_special(const Format &f, Op op, u128 a, u128 b, u128 c, ir_rm rm, Judged *out)
{
    bool binary = op != SQRT, ternary = op == FMA;
    bool snan = f.is_snan(a) || (binary && f.is_snan(b)) || (ternary && f.is_snan(c));
    bool nan = f.is_nan(a) || (binary && f.is_nan(b)) || (ternary && f.is_nan(c));
    bool inf_zero = (f.is_inf(a) && f.is_zero(b)) || (f.is_zero(a) && f.is_inf(b));
    unsigned nv = snan || (op == FMA && inf_zero) ? FP_NV : 0;
    auto give = [&](u128 bits, unsigned flags) {
        *out = {bits, flags};
        return true;
    };
    if (nan)
        return give(f.nan(), nv);
    bool sign = f.sign(a) ^ f.sign(b), other = f.sign(b) ^ (op == SUB);
    bool down = rm == IR_RDN;
    switch (op) {
    case ADD:
    case SUB:
        if (f.is_inf(a) && f.is_inf(b) && f.sign(a) != other)
            return give(f.nan(), FP_NV);
        if (f.is_inf(a) || f.is_inf(b))
            return give(f.inf(f.is_inf(a) ? f.sign(a) : other), 0);
        if (f.is_zero(a) && f.is_zero(b))
            return give(f.bits(f.sign(a) == other ? other : down, 0, 0), 0);
        return false;
    case MUL:
        if (inf_zero)
            return give(f.nan(), FP_NV);
        if (f.is_inf(a) || f.is_inf(b))
            return give(f.inf(sign), 0);
        return f.is_zero(a) || f.is_zero(b) ? give(f.bits(sign, 0, 0), 0) : false;
    case DIV:
        if ((f.is_inf(a) && f.is_inf(b)) || (f.is_zero(a) && f.is_zero(b)))
            return give(f.nan(), FP_NV);
        if (f.is_inf(a) || f.is_zero(b))
            return give(f.inf(sign), f.is_inf(a) ? 0 : FP_DZ);
        return f.is_zero(a) || f.is_inf(b) ? give(f.bits(sign, 0, 0), 0) : false;
    case SQRT:
        if (f.is_zero(a))
            return give(a, 0);
        if (f.sign(a))
            return give(f.nan(), FP_NV);
        return f.is_inf(a) ? give(a, 0) : false;
    case FMA:
        if (inf_zero || ((f.is_inf(a) || f.is_inf(b)) && f.is_inf(c) && sign != f.sign(c)))
            return give(f.nan(), FP_NV);
        if (f.is_inf(a) || f.is_inf(b) || f.is_inf(c))
            return give(f.inf(f.is_inf(c) ? f.sign(c) : sign), 0);
        if ((f.is_zero(a) || f.is_zero(b)) && f.is_zero(c))
            return give(f.bits(sign == f.sign(c) ? sign : down, 0, 0), 0);
        return false;
    }
    return false;
}

// Exact or jammed.
void compute(Op op, const Mpfr &x, const Mpfr &y, const Mpfr &z, Mpfr *r)
{
    int t = 0;
    mpfr_set_prec(r->v, 256);
    switch (op) {
    case ADD:
        mpfr_set_prec(r->v, 40000), t = mpfr_add(r->v, x.v, y.v, MPFR_RNDZ);
        break;
    case SUB:
        mpfr_set_prec(r->v, 40000), t = mpfr_sub(r->v, x.v, y.v, MPFR_RNDZ);
        break;
    case MUL:
        t = mpfr_mul(r->v, x.v, y.v, MPFR_RNDZ);
        break;
    case DIV:
        t = mpfr_div(r->v, x.v, y.v, MPFR_RNDZ);
        break;
    case SQRT:
        t = mpfr_sqrt(r->v, x.v, MPFR_RNDZ);
        break;
    case FMA:
        mpfr_set_prec(r->v, 8000), t = mpfr_fma(r->v, x.v, y.v, z.v, MPFR_RNDZ);
        break;
    }
    if (op == ADD || op == SUB || op == FMA) {
        // To a precision that later steps work with, keeping what is below as a last bit.
        Mpfr exact(mpfr_get_prec(r->v));
        mpfr_set(exact.v, r->v, MPFR_RNDN);
        ASSERT_EQ(t, 0);
        mpfr_set_prec(r->v, 256);
        t = mpfr_set(r->v, exact.v, MPFR_RNDZ);
    }
    jam(r, t);
}

Judged judge(const Format &f, Op op, u128 a, u128 b, u128 c, ir_rm rm, bool tiny_before)
{
    Judged result;
    if (judge_special(f, op, a, b, c, rm, &result))
        return result;
    Mpfr x, y, z, r;
    to_mpfr(f, a, &x);
    if (op != SQRT)
        to_mpfr(f, b, &y);
    if (op == FMA)
        to_mpfr(f, c, &z);
    compute(op, x, y, z, &r);
    if (mpfr_zero_p(r.v)) // an exact cancellation
        return {f.bits(rm == IR_RDN, 0, 0), 0};
    return round_to(f, r, rm, tiny_before);
}

u128 soft(const Format &f, Op op, softfp *s, u128 a, u128 b, u128 c)
{
    switch (op) {
    case ADD:
        return sf_add(s, f.f, a, b);
    case SUB:
        return sf_sub(s, f.f, a, b);
    case MUL:
        return sf_mul(s, f.f, a, b);
    case DIV:
        return sf_div(s, f.f, a, b);
    case SQRT:
        return sf_sqrt(s, f.f, a);
    case FMA:
        return sf_fma(s, f.f, a, b, c);
    }
    return 0;
}

// --- operands ---

std::vector<u128> hard_operands(const Format &f)
{
    std::vector<u128> v;
    u128 one = f.one(), half = one >> 1;
    for (bool sign : {false, true}) {
        for (u128 frac : {u128(0), u128(1), one - 1, half, half + 1, half - 1})
            for (u128 biased : {u128(1), u128(f.bias() - 1), u128(f.bias()), u128(f.bias() + f.frac), f.top() - 1})
                v.push_back(f.bits(sign, biased, one | frac));
        for (u128 frac : {u128(0), u128(1), u128(2), half, one - 1})
            v.push_back(f.bits(sign, 0, frac));
        v.push_back(f.inf(sign));
        v.push_back(f.bits(sign, f.top(), one | half | 5));
        v.push_back(f.bits(sign, f.top(), one | 5));
    }
    return v;
}

// Random patterns, of which many have an exponent near that of others, near the limits, or few bits set.
class Random
{
  public:
    explicit Random(unsigned seed) : engine_{seed} {}
    u128 pattern(const Format &f)
    {
        u128 frac = (static_cast<u128>(next()) << 32 | next()) & (f.one() - 1);
        if (next() % 3 == 0) // a run of zeros or ones
            frac = (next() & 1 ? ~u128(0) << next() % f.frac : (u128(1) << next() % f.frac) - 1) & (f.one() - 1);
        u128 biased;
        switch (next() % 5) {
        case 0:
            biased = next() % (f.top() + 1);
            break;
        case 1:
            biased = next() % 4;
            break;
        case 2:
            biased = f.top() - 1 - next() % 3;
            break;
        default:
            biased = f.bias() - f.frac + next() % (2 * f.frac);
            break;
        }
        return f.bits(next() & 1, biased, frac | (biased ? f.one() : 0));
    }
    uint32_t next() { return static_cast<uint32_t>(engine_.next()); }

  private:
    harness::Random engine_;
};

void check(const Format &f, Op op, u128 a, u128 b, u128 c, ir_rm rm, bool tiny_before)
{
    static const char *const names[] = {"add", "sub", "mul", "div", "sqrt", "fma"};
    softfp s = {};
    s.rm = rm;
    s.tiny_before = tiny_before;
    u128 got = soft(f, op, &s, a, b, c);
    Judged want = judge(f, op, a, b, c, rm, tiny_before);
    ASSERT_TRUE(got == want.bits && s.flags == want.flags)
        << names[op] << " f" << f.width << " rm " << rm << (tiny_before ? " tiny before: " : ": ") << hex(a) << " "
        << hex(b) << " " << hex(c) << "\n got " << hex(got) << " flags " << s.flags << "\nwant " << hex(want.bits)
        << " flags " << want.flags;
}

class SoftfpArithmetic : public testing::TestWithParam<std::tuple<const Format *, Op>>
{
};

TEST_P(SoftfpArithmetic, HardOperandsInAllPairs)
{
    const Format &f = *std::get<0>(GetParam());
    Op op = std::get<1>(GetParam());
    std::vector<u128> v = hard_operands(f);
    unsigned n = 0;
    for (u128 a : v)
        for (u128 b : v) {
            if (op == SQRT && b != v[0])
                continue;
            for (ir_rm rm : modes) {
                check(f, op, a, b, v[n * 31 % v.size()], rm, n % 5 == 0);
                n++;
            }
            if (HasFatalFailure())
                return;
        }
}

TEST_P(SoftfpArithmetic, RandomOperands)
{
    const Format &f = *std::get<0>(GetParam());
    Op op = std::get<1>(GetParam());
    Random random(op * 3 + f.width);
    for (unsigned i = 0; i < 36000; i++) {
        u128 a = random.pattern(f), b = random.pattern(f), c = random.pattern(f);
        check(f, op, a, b, c, modes[i % 6], i % 11 == 0);
        if (HasFatalFailure())
            return;
    }
}

INSTANTIATE_TEST_SUITE_P(All, SoftfpArithmetic,
                         testing::Combine(testing::Values(&f32, &f64), testing::Values(ADD, SUB, MUL, DIV, SQRT, FMA)));
INSTANTIATE_TEST_SUITE_P(X87, SoftfpArithmetic,
                         testing::Combine(testing::Values(&f80), testing::Values(ADD, SUB, MUL, DIV, SQRT)));

// Products that nearly cancel against the addend.
TEST(SoftfpFma, NearCancellation)
{
    Random random(99);
    for (const Format *f : {&f32, &f64})
        for (unsigned i = 0; i < 20000; i++) {
            u128 a = random.pattern(*f), b = random.pattern(*f);
            softfp s = {};
            s.rm = IR_RTZ;
            u128 c = sf_mul(&s, f->f, a, b) ^ u128(1) << (f->width - 1);
            if (random.next() & 1)
                c ^= random.next() & 3;
            check(*f, FMA, a, b, c, modes[i % 6], false);
            if (HasFatalFailure())
                return;
        }
}

// --- conversions ---

TEST(SoftfpConvert, BetweenFormats)
{
    Random random(7);
    const Format *formats[] = {&f32, &f64, &f80};
    for (const Format *from : formats)
        for (const Format *to : formats) {
            std::vector<u128> v = hard_operands(*from);
            for (unsigned i = 0; i < 5000; i++)
                v.push_back(random.pattern(*from));
            for (unsigned i = 0; i < v.size() * (from == to ? 0 : 6); i++) {
                u128 a = v[i / 6];
                softfp s = {};
                s.rm = modes[i % 6];
                u128 got = sf_convert(&s, to->f, from->f, a);
                Judged want = {to->nan(), from->is_snan(a) ? static_cast<unsigned>(FP_NV) : 0u};
                if (from->is_inf(a) || from->is_zero(a)) {
                    want = {from->is_inf(a) ? to->inf(from->sign(a)) : to->bits(from->sign(a), 0, 0), 0};
                } else if (!from->is_nan(a)) {
                    Mpfr x;
                    to_mpfr(*from, a, &x);
                    want = round_to(*to, x, s.rm, false);
                }
                ASSERT_TRUE(got == want.bits && s.flags == want.flags)
                    << "f" << from->width << " to f" << to->width << " rm " << s.rm << ": " << hex(a) << "\n got "
                    << hex(got) << " flags " << s.flags << "\nwant " << hex(want.bits) << " flags " << want.flags;
            }
        }
}

TEST(SoftfpConvert, ToIntegers)
{
    Random random(8);
    for (const Format *f : {&f32, &f64, &f80})
        for (unsigned i = 0; i < 60000; i++) {
            u128 a = random.pattern(*f);
            unsigned bits = 8u << random.next() % 4;
            bool is_signed = random.next() & 1;
            softfp s = {};
            s.rm = modes[i % 6];
            uint64_t got = sf_to_int(&s, f->f, a, bits, is_signed), want;
            unsigned flags = 0;
            u128 all = (u128(1) << bits) - 1, most = is_signed ? all >> 1 : all, least = is_signed ? (all >> 1) + 1 : 0;
            bool nan = f->is_nan(a), negative = f->sign(a) && !nan, inexact = false;
            u128 n = 0;
            bool huge = nan || f->is_inf(a) || f->biased(a) > static_cast<u128>(f->bias() + 70);
            if (!huge && !f->is_zero(a)) {
                Mpfr x;
                to_mpfr(*f, a, &x);
                n = round_to_unit(x, 0, s.rm, &inexact);
            }
            if (huge || n > (negative ? least : most)) {
                want = static_cast<uint64_t>(negative ? least : most);
                flags = FP_NV;
            } else {
                want = static_cast<uint64_t>((negative ? -n : n) & all);
                flags = inexact ? FP_NX : 0;
            }
            ASSERT_TRUE(got == want && s.flags == flags)
                << "f" << f->width << " to " << (is_signed ? "i" : "u") << bits << " rm " << s.rm << ": " << hex(a)
                << "\n got " << std::hex << got << " flags " << s.flags << "\nwant " << want << " flags " << flags;
        }
}

TEST(SoftfpConvert, FromIntegers)
{
    Random random(9);
    for (const Format *f : {&f32, &f64, &f80})
        for (unsigned i = 0; i < 30000; i++) {
            uint64_t v = (static_cast<uint64_t>(random.next()) << 32 | random.next()) >> random.next() % 64;
            bool is_signed = random.next() & 1;
            if (random.next() & 1)
                v = -v;
            softfp s = {};
            s.rm = modes[i % 6];
            u128 got = sf_from_int(&s, f->f, v, is_signed);
            Judged want = {0, 0};
            if (v) {
                Mpfr x;
                if (is_signed)
                    mpfr_set_sj(x.v, static_cast<intmax_t>(v), MPFR_RNDN);
                else
                    mpfr_set_uj(x.v, v, MPFR_RNDN);
                want = round_to(*f, x, s.rm, false);
            }
            ASSERT_TRUE(got == want.bits && s.flags == want.flags)
                << (is_signed ? "i64" : "u64") << " to f" << f->width << " rm " << s.rm << ": " << std::hex << v;
        }
}

TEST(SoftfpRound, ToIntegralValues)
{
    Random random(10);
    for (const Format *f : {&f32, &f64, &f80})
        for (unsigned i = 0; i < 30000; i++) {
            u128 a = random.pattern(*f);
            bool exact = random.next() & 1, inexact = false;
            softfp s = {};
            s.rm = modes[i % 6];
            u128 got = sf_round_int(&s, f->f, a, exact);
            Judged want = {a, 0};
            if (f->is_nan(a)) {
                want = {f->nan(), f->is_snan(a) ? static_cast<unsigned>(FP_NV) : 0u};
            } else if (!f->is_zero(a) && f->biased(a) < static_cast<u128>(f->bias() + 64)) {
                Mpfr x, r;
                to_mpfr(*f, a, &x);
                u128 n = round_to_unit(x, 0, s.rm, &inexact);
                mpfr_set_uj(r.v, static_cast<uintmax_t>(n >> 32), MPFR_RNDN);
                mpfr_mul_2ui(r.v, r.v, 32, MPFR_RNDN);
                mpfr_add_ui(r.v, r.v, static_cast<unsigned long>(n & 0xffffffff), MPFR_RNDN);
                if (f->sign(a))
                    mpfr_neg(r.v, r.v, MPFR_RNDN);
                want = n ? round_to(*f, r, IR_RNE, false) : Judged{f->bits(f->sign(a), 0, 0), 0};
                want.flags = inexact && exact ? FP_NX : 0;
            }
            ASSERT_TRUE(got == want.bits && s.flags == want.flags)
                << "f" << f->width << " rm " << s.rm << ": " << hex(a) << " got " << hex(got) << " want "
                << hex(want.bits);
        }
}

// --- order ---

TEST(SoftfpCompare, AgreesWithMpfrOnAllHardPairs)
{
    for (const Format *f : {&f32, &f64, &f80})
        for (u128 a : hard_operands(*f))
            for (u128 b : hard_operands(*f)) {
                bool nan = f->is_nan(a) || f->is_nan(b), snan = f->is_snan(a) || f->is_snan(b);
                Mpfr x, y;
                auto number = [&](u128 v, Mpfr *out) {
                    if (f->is_inf(v))
                        mpfr_set_inf(out->v, f->sign(v) ? -1 : 1);
                    else
                        to_mpfr(*f, v, out);
                };
                if (!nan) {
                    number(a, &x);
                    number(b, &y);
                }
                int order = nan ? 2 : mpfr_cmp(x.v, y.v);
                for (unsigned signaling : {0u, static_cast<unsigned>(IR_FCOND_SIGNALING)}) {
                    const bool want[4] = {order == 0, order < 0, order <= 0, order == 2};
                    for (unsigned cond = 0; cond < 4; cond++) {
                        softfp s = {};
                        EXPECT_EQ(sf_cmp(&s, f->f, cond | signaling, a, b), want[cond])
                            << hex(a) << " " << hex(b) << " cond " << cond;
                        EXPECT_EQ(s.flags, snan || (nan && signaling) ? static_cast<unsigned>(FP_NV) : 0u);
                    }
                }
                softfp s = {};
                u128 min = sf_min(&s, f->f, a, b), max = sf_max(&s, f->f, a, b);
                EXPECT_EQ(s.flags, snan ? static_cast<unsigned>(FP_NV) : 0u);
                if (nan) {
                    u128 other = f->is_nan(a) ? f->is_nan(b) ? f->nan() : b : a;
                    EXPECT_TRUE(min == other && max == other) << hex(a) << " " << hex(b);
                } else {
                    bool a_first = order < 0 || (order == 0 && f->sign(a));
                    EXPECT_TRUE(min == (a_first ? a : b) && max == (a_first ? b : a)) << hex(a) << " " << hex(b);
                }
            }
}

TEST(HostFpEnv, FieldsGoBothWays)
{
    for (ir_rm rm : {IR_RNE, IR_RTZ, IR_RDN, IR_RUP}) {
        EXPECT_EQ(host_fp_rounding(host_fp_with_rounding(0x1f80, rm)), static_cast<unsigned>(rm));
        EXPECT_EQ(host_fp_with_rounding(host_fp_with_rounding(0x1fbf, rm), IR_RNE), 0x1fbfu);
    }
    for (unsigned flags = 0; flags <= FP_ALL_FLAGS; flags++) {
        EXPECT_EQ(host_fp_unmasked(host_fp_unmask(host_fp_default(), flags)), flags);
        EXPECT_EQ(host_fp_flags(host_fp_clear(0x1fbf, flags)), FP_ALL_FLAGS & ~flags);
    }
    EXPECT_EQ(host_fp_flags(0x1f80 | 1), static_cast<unsigned>(FP_NV));
    EXPECT_EQ(host_fp_flags(0x1f80 | 0x3d), static_cast<unsigned>(FP_NV | FP_DZ | FP_OF | FP_UF | FP_NX));
}
} // namespace
