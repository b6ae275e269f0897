/* SPDX-License-Identifier: Apache-2.0 */
/* recurse: Ackermann, Takeuchi and Hofstadter functions; deep and irregular recursion.
 * class call; quick 1 */
#include "bench.h"

#define PLAIN __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls")))

PLAIN static int ackermann(int m, int n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

PLAIN static int takeuchi(int x, int y, int z)
{
    if (y >= x)
        return z;
    return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static int male(int n);

PLAIN static int female(int n) { return n ? n - male(female(n - 1)) : 1; }
PLAIN static int male(int n) { return n ? n - female(male(n - 1)) : 0; }

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 80);
    uint64_t sum = 0;
    for (long r = 0; r < rounds; r++) {
        sum = bench_fold(sum, (uint64_t)ackermann(2, 300 + (int)(r & 3)));
        sum = bench_fold(sum, (uint64_t)ackermann(3, 8));
        sum = bench_fold(sum, (uint64_t)takeuchi(18, 12, (int)(5 + (r & 1))));
        sum = bench_fold(sum, (uint64_t)male(100 + (int)(r & 7)));
    }
    return bench_report("recurse", sum);
}
