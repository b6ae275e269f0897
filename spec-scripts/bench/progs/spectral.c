/* SPDX-License-Identifier: Apache-2.0 */
/* spectral: spectral norm of an infinite matrix by the power method; division and integer-to-double conversion.
 * class fp; quick 150 */
#include <math.h>

#include "bench.h"

enum { MAX = 8192 };

static double u[MAX], v[MAX], w[MAX];

static double element(int i, int j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(int n, const double *from, double *to)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += element(i, j) * from[j];
        to[i] = sum;
    }
}

static void times_transposed(int n, const double *from, double *to)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += element(j, i) * from[j];
        to[i] = sum;
    }
}

int main(int argc, char **argv)
{
    int n = (int)bench_size(argc, argv, 5000);
    if (n > MAX)
        return 1;
    for (int i = 0; i < n; i++)
        u[i] = 1;
    for (int i = 0; i < 10; i++) {
        times(n, u, w);
        times_transposed(n, w, v);
        times(n, v, w);
        times_transposed(n, w, u);
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    printf("norm %.15f\n", sqrt(uv / vv));
    return bench_report("spectral", bench_bits(uv) ^ bench_bits(vv) << 1);
}
