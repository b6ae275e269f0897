/* SPDX-License-Identifier: Apache-2.0 */
/* mandel: escape times of the Mandelbrot set; a tight double loop ended by a compare.
 * class fp; quick 100 */
#include "bench.h"

static unsigned escape(double cr, double ci)
{
    double r = 0, i = 0, r2 = 0, i2 = 0;
    unsigned n = 0;
    while (n < 400 && r2 + i2 <= 4) {
        i = 2 * r * i + ci;
        r = r2 - i2 + cr;
        r2 = r * r;
        i2 = i * i;
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    long size = bench_size(argc, argv, 2600);
    uint64_t sum = 0;
    for (long y = 0; y < size; y++)
        for (long x = 0; x < size; x++)
            sum = bench_fold(sum, escape(-2.0 + 2.6 * (double)x / (double)size, -1.3 + 2.6 * (double)y / (double)size));
    return bench_report("mandel", sum);
}
