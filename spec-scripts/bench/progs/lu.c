/* SPDX-License-Identifier: Apache-2.0 */
/* lu: matrix product and LU decomposition with pivoting in double precision; long regular inner loops.
 * class fp; quick 1 */
#include <math.h>

#include "bench.h"

enum { N = 240 };

static double a[N][N], b[N][N], c[N][N];

static void product(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            c[i][j] = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            double f = a[i][k];
            for (int j = 0; j < N; j++)
                c[i][j] += f * b[k][j];
        }
}

static int decompose(void)
{
    int swaps = 0;
    for (int k = 0; k < N; k++) {
        int pivot = k;
        for (int i = k + 1; i < N; i++)
            if (fabs(c[i][k]) > fabs(c[pivot][k]))
                pivot = i;
        if (pivot != k) {
            for (int j = 0; j < N; j++) {
                double t = c[k][j];
                c[k][j] = c[pivot][j];
                c[pivot][j] = t;
            }
            swaps++;
        }
        for (int i = k + 1; i < N; i++) {
            double f = c[i][k] /= c[k][k];
            for (int j = k + 1; j < N; j++)
                c[i][j] -= f * c[k][j];
        }
    }
    return swaps;
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 300);
    uint64_t seed = 3, sum = 0;
    for (long r = 0; r < rounds; r++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                a[i][j] = (double)(bench_random(&seed) >> 44) / 65536.0 - 8;
                b[i][j] = (double)(bench_random(&seed) >> 44) / 65536.0 - 8;
            }
        product();
        sum = bench_fold(sum, (uint64_t)decompose());
        for (int i = 0; i < N; i++)
            sum = bench_fold(sum, bench_bits(c[i][i]));
    }
    return bench_report("lu", sum);
}
