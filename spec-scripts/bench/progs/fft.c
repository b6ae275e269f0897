/* SPDX-License-Identifier: Apache-2.0 */
/* fft: forward and backward fast Fourier transforms in place; strided double loads and stores, butterflies.
 * class fp; quick 4 */
#include "bench.h"

enum { LOG = 14, N = 1 << LOG };

static double re[N], im[N], wr[N / 2], wi[N / 2];

/* sin and cos of 2 pi k / N from the Taylor series: libm may round differently on another machine. */
static void make_twiddles(void)
{
    for (int k = 0; k < N / 2; k++) {
        double x = 6.283185307179586 * k / N, term = 1, c = 0, s = 0;
        for (int n = 0; n < 30; n += 2) {
            c += term;
            term *= x / (n + 1);
            s += term;
            term *= -x / (n + 2);
        }
        wr[k] = c;
        wi[k] = s;
    }
}

static void reorder(void)
{
    for (unsigned i = 0, j = 0; i < N; i++) {
        if (i < j) {
            double t = re[i];
            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
        unsigned bit = N >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
    }
}

static void transform(double sign)
{
    reorder();
    for (int half = 1; half < N; half *= 2) {
        int stride = N / (2 * half);
        for (int start = 0; start < N; start += 2 * half)
            for (int k = 0; k < half; k++) {
                int a = start + k, b = a + half;
                double cr = wr[k * stride], ci = sign * wi[k * stride];
                double tr = re[b] * cr - im[b] * ci, ti = re[b] * ci + im[b] * cr;
                re[b] = re[a] - tr;
                im[b] = im[a] - ti;
                re[a] += tr;
                im[a] += ti;
            }
    }
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 1700);
    uint64_t seed = 5, sum = 0;
    make_twiddles();
    for (int i = 0; i < N; i++) {
        re[i] = (double)(bench_random(&seed) >> 40) / 16777216.0;
        im[i] = 0;
    }
    for (long r = 0; r < rounds; r++) {
        transform(-1);
        transform(1);
        for (int i = 0; i < N; i++) {
            re[i] /= N;
            im[i] /= N;
        }
    }
    for (int i = 0; i < N; i++)
        sum = bench_fold(sum, bench_bits(re[i]));
    return bench_report("fft", sum);
}
