/* SPDX-License-Identifier: Apache-2.0 */
/* sha256: SHA-256 of a 64 KiB message, chained; rotates, adds and a constant table.
 * class int; quick 60 */
#include "bench.h"

static uint32_t round_constant[64];

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

/* t * t * t / 2^96, for t < 2^35 */
static uint64_t cube_high(uint64_t t)
{
    uint32_t x[4] = {(uint32_t)t, (uint32_t)(t >> 32), 0, 0};
    for (int times = 0; times < 2; times++) {
        uint32_t y[4] = {0, 0, 0, 0};
        for (int i = 0; i < 2; i++) {
            uint64_t digit = i ? t >> 32 : (uint32_t)t, carry = 0;
            for (int k = 0; k + i < 4; k++) {
                carry += y[k + i] + x[k] * digit;
                y[k + i] = (uint32_t)carry;
                carry >>= 32;
            }
        }
        memcpy(x, y, sizeof(x));
    }
    return x[3];
}

/* The fractional bits of the cube roots of the first 64 primes, found with integers alone. */
static void make_constants(void)
{
    int count = 0;
    for (uint64_t p = 2; count < 64; p++) {
        int prime = 1;
        for (uint64_t d = 2; d * d <= p; d++)
            prime &= p % d != 0;
        if (!prime)
            continue;
        uint64_t root = 0; /* floor(cbrt(p) * 2^32) */
        for (int bit = 34; bit >= 0; bit--) {
            uint64_t t = root | UINT64_C(1) << bit;
            if (cube_high(t) < p)
                root = t;
        }
        round_constant[count++] = (uint32_t)root;
    }
}

static void compress(uint32_t h[8], const uint8_t *block)
{
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] =
            w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    memcpy(s, h, sizeof(s));
    for (int i = 0; i < 64; i++) {
        uint32_t e = s[4], a = s[0];
        uint32_t t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
                      round_constant[i] + w[i];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof(s[0]));
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        h[i] += s[i];
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 2600);
    static uint8_t message[65536];
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    make_constants();
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(i * 7 + (i >> 8));
    for (long r = 0; r < rounds; r++) {
        for (size_t at = 0; at < sizeof(message); at += 64)
            compress(h, message + at);
        memcpy(message + r % 1024 * 64, h, sizeof(h));
    }
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++)
        sum = bench_fold(sum, h[i]);
    return bench_report("sha256", sum);
}
