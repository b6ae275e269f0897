// SPDX-License-Identifier: Apache-2.0
// Values at which instructions change their behaviour: the corners of integers and of IEEE formats, and what lies near
// them.
#include "tests/harness/random.h"

namespace harness
{

namespace
{
const uint64_t kInts[] = {
    0,
    1,
    2,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x100000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0xffffffff80000000,
    0xffffffffffffffff,
    0xfffffffffffffffe,
};

const uint64_t kDoubles[] = {
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, // 0, 1
    0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000, // infinities, quiet NaNs
    0x7ff8000000000123, 0xfff8000000001234, 0x7ff0000000000001, 0xfff4000000000000, // payloads, signalling NaNs
    0x0000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff, // least and greatest
    0x41dfffffffc00000, 0x41dfffffffe00000, 0x41e0000000000000, 0xc1e0000000000000, // 2^31
    0xc1e0000000200000, 0x41efffffffe00000, 0x41f0000000000000, 0x43e0000000000000, // 2^32, 2^63
    0xc3e0000000000000, 0x43f0000000000000, 0x4340000000000001, 0x3fe0000000000000, // 2^64, 2^53, a half
    0xbfe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0xffffffff3f800000, // ties, boxed singles
    0xffffffff7fc00000, 0xffffffff7f800001, 0xffffffff80000000, 0xfffffffeffffffff, // and one that is not
};

const uint32_t kSingles[] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
    0x7f800001, 0x7fc00123, 0xffc01234, 0x00000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000,
    0xcf000000, 0x4f800000, 0x5f000000, 0xdf000000, 0x5f800000, 0x3f000000,
};

template <typename T, unsigned N> T one_of(const T (&values)[N], Random *r) { return values[r->below(N)]; }
} // namespace

uint64_t Random::interesting_int()
{
    switch (below(8)) {
    case 0:
        return one_of(kInts, this);
    case 1:
        return next() >> below(64);
    case 2:
        return uint64_t(int64_t(next()) >> below(64));
    case 3:
        return UINT64_C(1) << below(64);
    case 4:
        return (UINT64_C(1) << below(64)) - 1;
    case 5:
        return uint64_t(int64_t(int32_t(next())));
    case 6:
        return below(300) - UINT64_C(150);
    default:
        return next();
    }
}

uint64_t Random::interesting_f64()
{
    enum { BIAS = 1023, FRACTION_BITS = 52 };
    constexpr uint64_t EXPONENT = UINT64_C(0x7ff) << FRACTION_BITS;
    switch (below(5)) {
    case 0:
        return one_of(kDoubles, this);
    case 1:
        return UINT64_C(0xffffffff00000000) | interesting_f32();
    case 2: // near one
        return (next() & ~EXPONENT) | uint64_t(BIAS - 10 + below(21)) << FRACTION_BITS;
    case 3: // where conversions to integers begin and end
        return (next() & ~EXPONENT) | uint64_t(BIAS - 40 + below(110)) << FRACTION_BITS;
    default:
        return next();
    }
}

uint32_t Random::interesting_f32()
{
    enum { BIAS = 127, FRACTION_BITS = 23 };
    constexpr uint32_t EXPONENT = 0xffu << FRACTION_BITS;
    switch (below(4)) {
    case 0:
        return one_of(kSingles, this);
    case 1:
        return (uint32_t(next()) & ~EXPONENT) | uint32_t(BIAS - 10 + below(21)) << FRACTION_BITS;
    case 2:
        return (uint32_t(next()) & ~EXPONENT) | uint32_t(BIAS - 20 + below(90)) << FRACTION_BITS;
    default:
        return uint32_t(next());
    }
}

} // namespace harness
