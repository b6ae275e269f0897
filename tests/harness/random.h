// SPDX-License-Identifier: Apache-2.0
// Random numbers that tests can repeat: splitmix64 from a seed, and values at which instructions change what they do.
#ifndef TANDEM_TESTS_HARNESS_RANDOM_H
#define TANDEM_TESTS_HARNESS_RANDOM_H

#include <cstdint>

namespace harness
{

struct Random {
    uint64_t state;
    uint64_t next()
    {
        uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
    }
    uint64_t operator()() { return next(); }
    unsigned below(unsigned n) { return unsigned(next() % n); }
    bool one_in(unsigned n) { return below(n) == 0; }
    // Corner values, few bits, small ones of both signs, and any.
    uint64_t interesting_int();
    // Corner values of every class, boxed singles, values whose sums and products stay in range, and any.
    uint64_t interesting_f64();
    uint32_t interesting_f32();
};

} // namespace harness

#endif
