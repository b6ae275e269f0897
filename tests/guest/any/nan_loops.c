/* SPDX-License-Identifier: Apache-2.0 */
/* NaNs in hot loops: RISC-V's results are the canonical NaN wherever they can be seen, and only moved ones keep a
 * payload. */
#include "tests/guest/guest_test.h"

static double from_bits(uint64_t b)
{
    double d;
    memcpy(&d, &b, 8);
    return d;
}

static uint64_t to_bits(double d)
{
    uint64_t b;
    memcpy(&b, &d, 8);
    return b;
}

static uint32_t float_bits(float f)
{
    uint32_t b;
    memcpy(&b, &f, 4);
    return b;
}

/* A NaN with payload enters after many turns; the sum's bits are seen by store, by move and by sign injection. */
__attribute__((noinline)) static uint64_t enter(const double *in, double *out, int n)
{
    double sum = 0;
    uint64_t h = 0;
    for (int i = 0; i < n; i++) {
        sum = sum * 0.5 + in[i];
        out[i & 15] = sum;
        if ((i & 255) == 0)
            h = mix(h, to_bits(sum));
        if ((i & 511) == 7)
            h = mix(h, to_bits(-sum));
    }
    return mix(h, to_bits(__builtin_copysign(sum, -1.0)));
}

/* Loads, moves and stores alone keep every payload. */
__attribute__((noinline)) static void move(const double *in, double *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = in[i] < 1e300 || in[i] != in[i] ? in[i] : -in[i];
}

__attribute__((noinline)) static uint64_t floats(const uint32_t *in, int n)
{
    uint64_t h = 0;
    float sum = 1, product = 1;
    for (int i = 0; i < n; i++) {
        float v;
        memcpy(&v, &in[i % 64], 4);
        sum += v;
        product = product * v - sum;
        if (i % 100 == 99) {
            h = mix(h, float_bits(sum) ^ (uint64_t)float_bits(product) << 32);
            h = mix(h, float_bits(-sum) ^ (uint64_t)float_bits(__builtin_fabsf(product)) << 32);
            sum = product = 1;
        }
    }
    return h;
}

int main(void)
{
    static double in[4096], out[4096];
    static uint32_t f[64];
    uint64_t seed = 5, h = 0;
    for (int i = 0; i < 4096; i++)
        in[i] = (double)(next_random(&seed) >> 40);
    print_hash("finite", enter(in, out, 4096));
    in[3000] = from_bits(0xfff8000000abcdef);
    print_hash("quiet in", enter(in, out, 4096));
    for (int i = 0; i < 16; i++)
        h = mix(h, to_bits(out[i]));
    in[3000] = from_bits(0x7ff0000000000077);
    print_hash("signalling in", enter(in, out, 4096));
    in[3000] = from_bits(0x7ff0000000000000);
    in[3001] = from_bits(0xfff0000000000000);
    print_hash("inf - inf", enter(in, out, 4096));
    for (int i = 0; i < 16; i++)
        h = mix(h, to_bits(out[i]));
    print_hash("stored", h);
    for (int i = 0; i < 4096; i++)
        in[i] = from_bits(next_random(&seed) | (i % 3 ? 0x7ff0000000000000 : 0));
    h = 0;
    for (int round = 0; round < 3; round++) {
        move(in, out, 4096);
        for (int i = 0; i < 4096; i++)
            h = mix(h, to_bits(out[i]));
    }
    print_hash("moved", h);
    for (int i = 0; i < 64; i++)
        f[i] = i == 60 ? 0xffc12345 : i == 30 ? 0x7f800001 : (uint32_t)(0x3f800000 + i * 0x1111);
    print_hash("floats", floats(f, 30000));
    f[60] = f[30] = 0x40000000;
    print_hash("finite floats", floats(f, 30000));
    return 0;
}
