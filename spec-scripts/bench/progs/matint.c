/* SPDX-License-Identifier: Apache-2.0 */
/* matint: powers of an integer matrix modulo a prime; multiply, remainder, nested loops.
 * class int; quick 1 */
#include "bench.h"

enum { N = 160, PRIME = 2147483647 };

static uint32_t a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            uint64_t sum = 0;
            for (int k = 0; k < N; k++) {
                sum += (uint64_t)a[i][k] * b[k][j];
                sum = (sum & PRIME) + (sum >> 31);
            }
            c[i][j] = (uint32_t)(sum % PRIME);
        }
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 280);
    uint64_t seed = 7, sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (uint32_t)(bench_random(&seed) % PRIME);
            b[i][j] = (uint32_t)(bench_random(&seed) % PRIME);
        }
    for (long r = 0; r < rounds; r++) {
        multiply();
        memcpy(a, c, sizeof(a));
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            sum = bench_fold(sum, a[i][j]);
    return bench_report("matint", sum);
}
