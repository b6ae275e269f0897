// SPDX-License-Identifier: Apache-2.0
// Makes operands. Derivations use the host's arithmetic: it only has to lead near the place that is meant, since what
// is expected there is computed by others.
#include "tests/fp/operands.h"

#include <cmath>
#include <cstring>

#include "tests/harness/random.h"

namespace
{

class Random
{
  public:
    explicit Random(uint64_t seed) : random_{seed} {}
    uint64_t bits() { return random_.next(); }
    uint64_t below(uint64_t n) { return static_cast<uint64_t>(static_cast<unsigned __int128>(bits()) * n >> 64); }
    long between(long low, long high) { return low + static_cast<long>(below(static_cast<uint64_t>(high - low + 1))); }
    bool one_in(unsigned n) { return below(n) == 0; }

  private:
    harness::Random random_;
};

// Numbers of one format as bits, with the host's arithmetic on them.
struct Maker {
    Random &r;
    const fp_format &f;

    uint64_t low_bits(unsigned n) { return n ? r.bits() >> (64 - n) : 0; }
    uint64_t random_sign() { return r.bits() & f.sign_bit(); }
    uint64_t mask() const { return f.width() == 64 ? ~uint64_t(0) : 0xffffffff; }

    // significand (leading one included) * 2^(exp - stored), exp brought into the normal range
    uint64_t make(uint64_t significand, long exp)
    {
        exp = exp < f.emin ? f.emin : exp > f.emax ? f.emax : exp;
        return (uint64_t(exp - f.emin + 1) << f.stored()) + (significand & (f.least_normal() - 1));
    }
    // A significand with the leading bit at the top and only bits bits used, the last of them one.
    uint64_t short_significand(unsigned bits)
    {
        uint64_t s = uint64_t(1) << (bits - 1) | low_bits(bits - 1) | 1;
        return s << (f.precision - bits);
    }
    uint64_t significand()
    {
        switch (r.below(5)) {
        case 0:
            return f.least_normal() + r.below(3);
        case 1:
            return 2 * f.least_normal() - 1 - r.below(3);
        case 2:
            return short_significand(1 + static_cast<unsigned>(r.below(f.precision)));
        default:
            return f.least_normal() | low_bits(f.stored());
        }
    }
    long exponent()
    {
        long p = f.precision;
        switch (r.below(6)) {
        case 0:
            return r.between(f.emin, f.emin + p);
        case 1:
            return r.between(f.emax - p, f.emax);
        case 2:
            return r.between(f.emin, f.emax);
        case 3: // the square of which is near the limits
            return (r.one_in(2) ? f.emin : f.emax) / 2 + r.between(-3, 3);
        default:
            return r.between(-p, p);
        }
    }
    uint64_t normal() { return make(significand(), exponent()) | random_sign(); }
    uint64_t subnormal()
    {
        uint64_t m = r.one_in(3)   ? 1 + r.below(4)
                     : r.one_in(2) ? f.least_normal() - 1 - r.below(4)
                                   : low_bits(f.stored());
        return m | random_sign();
    }
    uint64_t nan()
    {
        uint64_t payload = r.one_in(2) ? 1 + r.below(3) : low_bits(f.stored() - 1) | 1;
        return f.inf() | (r.one_in(2) ? f.least_normal() >> 1 : 0) | payload | random_sign();
    }
    // Limits of integers of n bits, as near as the format has them, and neighbours with halves.
    uint64_t integer_limit()
    {
        static const int powers[] = {0, 1, 7, 8, 15, 16, 31, 32, 52, 53, 62, 63, 64};
        double v = std::ldexp(1.0, powers[r.below(13)]) + 0.25 * static_cast<double>(r.between(-6, 6));
        return (from_double(v) + (r.one_in(2) ? static_cast<uint64_t>(r.between(-2, 2)) : 0)) | random_sign();
    }
    uint64_t fraction()
    {
        return from_double(std::ldexp(static_cast<double>(r.bits() >> r.below(63)), -2)) | random_sign();
    }
    uint64_t special()
    {
        switch (r.below(12)) {
        case 0:
            return random_sign();
        case 1:
            return f.inf() | random_sign();
        case 2:
            return nan();
        case 3:
            return subnormal();
        case 4:
            return (f.least_normal() + r.below(5) - 2) | random_sign();
        case 5:
            return (f.inf() - 1 - r.below(3)) | random_sign();
        case 6: // a power of two and its neighbours
            return ((make(0, exponent()) + r.below(5) - 2) & mask()) | random_sign();
        case 7:
            return (make(0, 0) + r.below(5) - 2) | random_sign();
        case 8:
            return integer_limit();
        default:
            return normal();
        }
    }
    uint64_t any()
    {
        uint64_t kind = r.below(8);
        return kind < 4 ? special() : kind < 7 ? normal() : r.bits() & mask();
    }
    uint64_t near(uint64_t v)
    {
        return ((v + static_cast<uint64_t>(r.between(-3, 3))) & (mask() >> 1)) | (v & f.sign_bit());
    }

    double to_double(uint64_t v) const
    {
        uint32_t low = static_cast<uint32_t>(v);
        float s;
        double d;
        memcpy(&s, &low, sizeof s);
        memcpy(&d, &v, sizeof d);
        return f.width() == 32 ? static_cast<double>(s) : d;
    }
    uint64_t from_double(double d) const { return from_wide(d); }
    uint64_t from_wide(long double w) const // rounded; NaN and infinity as they come
    {
        float s = static_cast<float>(w);
        double d = static_cast<double>(w);
        uint32_t low;
        uint64_t v;
        memcpy(&low, &s, sizeof s);
        memcpy(&v, &d, sizeof d);
        return f.width() == 32 ? low : v;
    }
    long exponent_of(uint64_t v) const
    {
        long e = static_cast<long>(f.magnitude(v) >> f.stored());
        return e ? e + f.emin - 1 : f.emin;
    }
    // A result that is hard to get right: limits, and numbers beside a power of two.
    uint64_t target()
    {
        switch (r.below(4)) {
        case 0:
            return (f.least_normal() + r.below(7) - 3) | random_sign();
        case 1:
            return (f.inf() - 1 - r.below(3)) | random_sign();
        case 2:
            return subnormal();
        default:
            return normal();
        }
    }
    // An odd number of bits bits with an exponent.
    uint64_t odd(unsigned bits, long exp) { return make(short_significand(bits), exp) | random_sign(); }
};

/* ---- derived operands: v[0], v[1], v[2] are any numbers before ---- */

// Half a unit in the last place of a number, or near it; cancellation; a sum near a limit.
void derive_sum(Maker *m, uint64_t *v)
{
    long at = m->exponent_of(v[0]);
    switch (m->r.below(4)) {
    case 0:
        v[1] =
            m->make(m->significand(), at - static_cast<long>(m->f.precision) + m->r.between(-2, 1)) | m->random_sign();
        break;
    case 1:
        v[1] = m->odd(1 + static_cast<unsigned>(m->r.below(3)),
                      at - static_cast<long>(m->f.precision) + m->r.between(-1, 2));
        break;
    case 2:
        v[1] = m->near(v[0]) ^ (m->r.one_in(2) ? m->f.sign_bit() : 0);
        break;
    default:
        v[1] = m->from_wide(static_cast<long double>(m->to_double(m->target())) - m->to_double(v[0]));
    }
}

// Factors of i and p + 1 - i bits: the product is a tie or exact. Exponents anywhere, or so that it is about a limit,
// with fewer bits so that it is a tie among the subnormal numbers.
void derive_product(Maker *m, uint64_t *v)
{
    const fp_format &f = m->f;
    if (m->r.one_in(3)) {
        long double t = static_cast<long double>(m->to_double(m->target()));
        v[1] = m->near(m->from_wide(t / m->to_double(v[0])));
        return;
    }
    unsigned bits = f.precision + 1;
    long sum = m->r.between(f.emin, f.emax);
    if (m->r.one_in(2)) {
        unsigned lost = static_cast<unsigned>(m->r.below(f.precision));
        bits = f.precision - lost + static_cast<unsigned>(m->r.below(3));
        sum = f.emin - static_cast<long>(lost) + m->r.between(-2, 1);
    } else if (m->r.one_in(3)) {
        sum = f.emax + m->r.between(-2, 1);
    }
    if (bits < 2)
        bits = 2;
    if (bits > f.precision + 1)
        bits = f.precision + 1;
    unsigned first = 1 + static_cast<unsigned>(m->r.below(bits - 1));
    long low = sum - f.emax > f.emin ? sum - f.emax : f.emin, high = sum - f.emin < f.emax ? sum - f.emin : f.emax;
    long exp = m->r.between(low, high);
    v[0] = m->odd(first, exp);
    v[1] = m->odd(bits - first, sum - exp);
}

// A quotient that is exact, or a tie among the subnormal numbers, or near a limit.
void derive_quotient(Maker *m, uint64_t *v)
{
    const fp_format &f = m->f;
    if (m->r.one_in(3)) {
        v[0] = m->near(m->from_wide(static_cast<long double>(m->to_double(m->target())) * m->to_double(v[1])));
        return;
    }
    unsigned q_bits = 1 + static_cast<unsigned>(m->r.below(f.precision - 1));
    unsigned d_bits = 1 + static_cast<unsigned>(m->r.below(f.precision - q_bits));
    long q_exp = m->r.one_in(2)
                     ? f.emin + static_cast<long>(q_bits) - static_cast<long>(f.precision) + m->r.between(-3, 1)
                     : m->r.between(-20, 20);
    uint64_t q = m->odd(q_bits, 0), d = m->odd(d_bits, 0);
    uint64_t n = m->from_wide(static_cast<long double>(m->to_double(q)) * m->to_double(d));
    long d_exp = m->r.between(0, f.emax / 2);
    v[1] = d + (uint64_t(d_exp) << f.stored());
    v[0] = m->make(n & (f.least_normal() - 1), m->exponent_of(n) + q_exp + d_exp) | (n & f.sign_bit());
}

void derive_square(Maker *m, uint64_t *v)
{
    unsigned bits = 1 + static_cast<unsigned>(m->r.below(m->f.precision / 2));
    double root = std::ldexp(m->to_double(m->odd(bits, 0)), static_cast<int>(m->r.between(m->f.emin, m->f.emax)) / 2);
    uint64_t square = m->f.magnitude(m->from_wide(static_cast<long double>(root) * root));
    v[0] = m->r.one_in(2) ? square : m->near(square);
}

void derive_fma(Maker *m, uint64_t *v)
{
    long double product;
    if (m->r.one_in(2))
        derive_product(m, v);
    product = static_cast<long double>(m->to_double(v[0])) * m->to_double(v[1]);
    switch (m->r.below(6)) {
    case 0: // what is left of a product that is taken away from itself
        v[2] = m->near(m->from_wide(-product));
        break;
    case 1:
        v[2] = m->from_wide(m->r.one_in(2) ? -product : product);
        break;
    case 2:
        v[2] = m->from_wide(static_cast<long double>(m->to_double(m->target())) - product);
        break;
    case 3: // the product is half a unit of the addend, or near it
        v[2] = m->make(m->significand(), m->exponent_of(m->from_wide(product)) + m->f.precision + m->r.between(-2, 2)) |
               m->random_sign();
        break;
    case 4: // the product is a part of a unit of an addend at the limit of normal numbers
    {
        long sum = m->f.emin - static_cast<long>(m->f.precision) + m->r.between(-3, 1),
             first = m->r.between(m->f.emin / 2, 0);
        v[0] = m->make(m->significand(), first) | m->random_sign();
        v[1] = m->make(m->significand(), sum - first) | m->random_sign();
        v[2] = (m->f.least_normal() - m->r.below(3)) | m->random_sign();
        break;
    }
    default: // the addend only decides which side of a tie the product is on
        v[2] = m->r.one_in(2)
                   ? m->subnormal()
                   : m->make(m->significand(), m->exponent_of(m->from_wide(product)) -
                                                   2 * static_cast<long>(m->f.precision) + m->r.between(-3, 3)) |
                         m->random_sign();
    }
}

// Doubles at, and beside, the middle of two singles; at the limits of singles.
void derive_narrowing(Maker *m, uint64_t *v)
{
    const unsigned extra = fp_double.precision - fp_single.precision;
    Maker narrow = {m->r, fp_single};
    uint64_t single = m->r.one_in(2) ? narrow.target() : narrow.special();
    uint64_t d = m->from_wide(static_cast<long double>(narrow.to_double(single)));
    unsigned lost = m->exponent_of(d) < fp_single.emin ? static_cast<unsigned>(fp_single.emin - m->exponent_of(d)) : 0;
    uint64_t half = uint64_t(1) << (extra - 1 + (lost < 23 ? lost : 23));
    d += m->r.one_in(2) ? half : -half;
    v[0] = m->r.one_in(2) ? d : m->near(d);
}

void derive(Maker *m, const fp_insn &i, uint64_t *v)
{
    switch (i.op) {
    case OP_ADD:
    case OP_SUB:
        derive_sum(m, v);
        break;
    case OP_MUL:
        derive_product(m, v);
        break;
    case OP_DIV:
        derive_quotient(m, v);
        break;
    case OP_SQRT:
        derive_square(m, v);
        break;
    case OP_FMA:
        derive_fma(m, v);
        break;
    case OP_TO_INT:
        v[0] = m->r.one_in(2) ? m->integer_limit() : m->fraction();
        break;
    case OP_CONVERT:
        if (i.from == &fp_double)
            derive_narrowing(m, v);
        break;
    default: // equal, opposite and neighbouring numbers
        v[1] = m->r.one_in(2) ? m->near(v[0]) : v[0] ^ m->f.sign_bit();
    }
}

uint64_t integer(Random *r, const fp_insn &i)
{
    switch (r->below(5)) {
    case 0:
        return r->bits();
    case 1: // around a power of two
        return ((uint64_t(1) << r->below(64)) + static_cast<uint64_t>(r->between(-3, 3))) * (r->one_in(2) ? 1 : -1);
    case 2: // a tie of the format, or beside it
    {
        unsigned p = i.to->precision, shift = static_cast<unsigned>(r->below(65 - p));
        uint64_t kept = uint64_t(1) << (p - 1) | r->bits() >> (65 - p);
        uint64_t v =
            (kept << shift) + (shift ? uint64_t(1) << (shift - 1) : 0) + static_cast<uint64_t>(r->between(-1, 1));
        return r->one_in(2) ? v : -v;
    }
    default:
        return static_cast<uint64_t>(static_cast<int64_t>(r->bits()) >> r->below(64));
    }
}

// Some singles are not boxed as they should be.
uint64_t to_register(Random *r, const fp_format &f, uint64_t v)
{
    if (f.width() == 64 || !r->one_in(32))
        return f.box(v);
    uint64_t high = r->one_in(2) ? r->bits() : r->one_in(2) ? 0 : 0xfffffffe;
    return v | high << 32;
}

} // namespace

void fp_fill_operands(const fp_insn &insn, uint64_t seed, uint64_t batch, uint64_t *operands, unsigned count)
{
    uint64_t hash = seed * 0x9e3779b97f4a7c15 + batch;
    for (char c : insn.name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    Random r(hash);
    Maker m = {r, insn.from ? *insn.from : *insn.to};
    for (uint64_t *v = operands; v < operands + 3 * count; v += 3) {
        v[0] = m.any(), v[1] = m.any(), v[2] = m.any();
        if (insn.operands && r.one_in(2)) {
            if (r.one_in(2))
                v[0] = m.normal();
            derive(&m, insn, v);
        }
        for (unsigned n = 0; n < 3; n++)
            v[n] = to_register(&r, m.f, v[n]);
        if (insn.op == OP_FROM_INT || insn.op == OP_MOVE_IN || insn.op == OP_LOAD)
            v[0] = insn.op == OP_FROM_INT ? integer(&r, insn) : r.one_in(2) ? v[0] : r.bits();
    }
}
