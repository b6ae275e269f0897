/* SPDX-License-Identifier: Apache-2.0 */
/* long double is a 128-bit quad in software on RISC-V: long carry chains, wide shifts and multiplications. */
#include <math.h>

#include "tests/guest/guest_test.h"

static uint64_t bits(long double v)
{
    uint64_t w[2];
    memcpy(w, &v, sizeof(w));
    return mix(w[0], w[1]);
}

int main(void)
{
    static const long double values[] = {0.0L,     -0.0L,       1.0L,
                                         -1.5L,    3.25L,       1e30L,
                                         -1e-30L,  0x1p-16494L, 0x1.ffffp16383L,
                                         1.0L / 3, INFINITY,    -INFINITY,
                                         NAN,      0.1L,        123456789.987654321L};
    uint64_t hash = 0;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t j = 0; j < COUNT_OF(values); j++) {
            long double a = values[i], b = values[j];
            hash = mix(hash, bits(a + b));
            hash = mix(hash, bits(a - b));
            hash = mix(hash, bits(a * b));
            hash = mix(hash, bits(a / b));
            hash = mix(hash, (uint64_t)((a < b) | (a == b) << 1 | (a > b) << 2));
        }
    print_hash("quad", hash);
    long double pi = 0, term = 1;
    for (int k = 0; k < 60; k++, term /= 16)
        pi += term * (4.0L / (8 * k + 1) - 2.0L / (8 * k + 4) - 1.0L / (8 * k + 5) - 1.0L / (8 * k + 6));
    printf("pi %.33Lf\n", pi);
    printf("sqrt2 %.33Lf exp %.30Lf\n", sqrtl(2.0L), expl(1.0L));
    long double f = 1;
    for (int i = 1; i <= 60; i++)
        f *= i;
    printf("60! %.0Lf as double %.17g as int %ld\n", f, (double)f, (long)(f / 1e70L));
    unsigned __int128 product = (unsigned __int128)0xfedcba9876543210u * 0x123456789abcdef0u;
    printf("%016" PRIx64 "%016" PRIx64 " %" PRIu64 "\n", (uint64_t)(product >> 64), (uint64_t)product,
           (uint64_t)(product / 1000000007u % 1000000));
    return 0;
}
