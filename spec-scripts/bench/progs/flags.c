/* SPDX-License-Identifier: Apache-2.0 */
/* flags: sums that watch for inexact and overflow: reads the exception flags for each element, clears them now and
 * then. class fpenv; quick 200000 */
#include <fenv.h>

#include "bench.h"

enum { COUNT = 4096 };

int main(int argc, char **argv)
{
    long size = bench_size(argc, argv, 60000000);
    static double data[COUNT];
    uint64_t seed = 7, inexact = 0;
    volatile double total = 0; /* so that each addition comes before the flags are read */
    for (int i = 0; i < COUNT; i++)
        data[i] = (double)(bench_random(&seed) >> (i % 64 ? 40 : 11));
    for (long i = 0; i < size; i++) {
        total = total + data[i % COUNT];
        if (fetestexcept(FE_INEXACT | FE_OVERFLOW)) {
            inexact++;
            if (i % COUNT == 0) {
                feclearexcept(FE_ALL_EXCEPT);
                total = 0;
            }
        }
    }
    return bench_report("flags", bench_fold(inexact, bench_bits(total)));
}
