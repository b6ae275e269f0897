/* SPDX-License-Identifier: Apache-2.0 */
/* special: a stencil over data full of NaNs, infinities and subnormal numbers.
 * class fpenv; quick 200 */
#include "bench.h"

enum { COUNT = 4096 };

static void fill(double *a, uint64_t seed)
{
    for (int i = 0; i < COUNT; i++) {
        uint64_t r = bench_random(&seed), kind = r % 8;
        double v = (double)(r >> 12) * 0x1p-52;
        a[i] = kind == 0 ? __builtin_nan("") : kind == 1 ? __builtin_inf() : kind < 5 ? v * 0x1p-1024 : v;
    }
}

/* NaN payloads and signs differ between machines: a NaN counts as one. */
static uint64_t value_of(double x) { return x != x ? 1 : bench_bits(x); }

int main(int argc, char **argv)
{
    long size = bench_size(argc, argv, 80000);
    static double a[COUNT], b[COUNT];
    uint64_t sum = 0;
    fill(a, 3);
    for (long n = 0; n < size; n++) {
        for (int i = 1; i < COUNT - 1; i++)
            b[i] = a[i - 1] * 0.25 + a[i] * 0.5 - a[i + 1] * 0.25;
        sum = bench_fold(sum, value_of(b[n % COUNT]));
        if (n % 16 == 0)
            fill(a, (uint64_t)n + 3);
        else
            for (int i = 1; i < COUNT - 1; i++)
                a[i] = b[i] == b[i] && b[i] < 1e300 ? b[i] : a[i];
    }
    return bench_report("special", sum);
}
