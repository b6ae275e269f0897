/* SPDX-License-Identifier: Apache-2.0 */
/* rounding: interval arithmetic; the rounding mode changes twice for each step.
 * class fpenv; quick 100000 */
#include <fenv.h>

#include "bench.h"

struct interval {
    double low, high;
};

/* x * x * r + c, eight times. The compiler must not move operations across a change of mode. */
static double chain(double x, double r, double c)
{
    __asm__ volatile("" : "+m"(x));
    for (int i = 0; i < 8; i++)
        x = x * x * r + c;
    __asm__ volatile("" : "+m"(x));
    return x;
}

static void step(struct interval *x, double r, double c)
{
    fesetround(FE_DOWNWARD);
    x->low = chain(x->low, r, c);
    fesetround(FE_UPWARD);
    x->high = chain(x->high, r, c);
}

int main(int argc, char **argv)
{
    long size = bench_size(argc, argv, 36000000);
    uint64_t sum = 0;
    struct interval x = {0.3, 0.3};
    for (long i = 0; i < size; i++) {
        double c = 0.1 + 1e-9 * (double)(i & 1023);
        __asm__ volatile("" : "+m"(c));
        step(&x, 0.4, c);
        sum = bench_fold(sum, bench_bits(x.low) ^ bench_bits(x.high));
    }
    fesetround(FE_TONEAREST);
    return bench_report("rounding", sum);
}
