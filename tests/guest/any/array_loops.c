/* SPDX-License-Identifier: Apache-2.0 */
/* Loops over arrays of floating-point numbers, which may be run several iterations at once: all lengths, arrays that
 * lie at every distance from each other, special values in any place, every rounding mode; results and flags.
 * build: -fno-math-errno */
#include <fenv.h>

#include "tests/guest/guest_test.h"

enum { N = 64, PAD = 20 };

#define KERNELS(T, suffix, root, fused)                                                                                \
    __attribute__((noinline)) static void add_##suffix(T *out, const T *x, const T *y, T a, int n)                     \
    {                                                                                                                  \
        for (int i = 0; i < n; i++)                                                                                    \
            out[i] = x[i] * a + y[i];                                                                                  \
    }                                                                                                                  \
    __attribute__((noinline)) static void update_##suffix(T *out, const T *x, const T *y, T a, int n)                  \
    {                                                                                                                  \
        (void)y;                                                                                                       \
        for (int i = 0; i < n; i++)                                                                                    \
            out[i] -= a * x[i];                                                                                        \
    }                                                                                                                  \
    __attribute__((noinline)) static void root_##suffix(T *out, const T *x, const T *y, T a, int n)                    \
    {                                                                                                                  \
        for (int i = 0; i < n; i++)                                                                                    \
            out[i] = root(x[i] / a) - y[i];                                                                            \
    }                                                                                                                  \
    __attribute__((noinline)) static void fused_##suffix(T *out, const T *x, const T *y, T a, int n)                   \
    {                                                                                                                  \
        for (int i = 0; i < n; i++)                                                                                    \
            out[i] = -fused(x[i], a, -y[i]);                                                                           \
    }                                                                                                                  \
    __attribute__((noinline)) static void signs_##suffix(T *out, const T *x, const T *y, T a, int n)                   \
    {                                                                                                                  \
        T *other = out + n;                                                                                            \
        for (int i = 0; i < n; i++) {                                                                                  \
            out[i] = -(x[i] + a);                                                                                      \
            other[i] = fused(y[i], a, out[i]);                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    __attribute__((noinline)) static void move_##suffix(T *out, const T *x, const T *y, T a, int n)                    \
    {                                                                                                                  \
        (void)y, (void)a;                                                                                              \
        for (long i = 0; i < n; i++) {                                                                                 \
            out[i] = x[i];                                                                                             \
            __asm__ volatile("" ::: "memory"); /* not memmove */                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    typedef void kernel_##suffix(T *, const T *, const T *, T, int);                                                   \
    static kernel_##suffix *const kernels_##suffix[] = {add_##suffix,   update_##suffix, root_##suffix,                \
                                                        fused_##suffix, signs_##suffix,  move_##suffix};

KERNELS(double, d, __builtin_sqrt, __builtin_fma)
KERNELS(float, s, __builtin_sqrtf, __builtin_fmaf)

static double doubles[4 * N];
static float floats[4 * N];

/* Numbers, and in some runs a special value somewhere. */
static void fill(uint64_t *seed, int special)
{
    for (int i = 0; i < 4 * N; i++) {
        doubles[i] = (double)(int64_t)next_random(seed) * 0x1p-50;
        floats[i] = (float)doubles[i];
    }
    for (int i = 0; i < special; i++) {
        unsigned at = (unsigned)(next_random(seed) % (4 * N));
        memcpy(&doubles[at], &corner_doubles[next_random(seed) % COUNT_OF(corner_doubles)], 8);
        memcpy(&floats[at], &corner_floats[next_random(seed) % COUNT_OF(corner_floats)], 4);
    }
}

static uint64_t mix_all(uint64_t h)
{
    for (int i = 0; i < 4 * N; i++) {
        uint64_t d;
        uint32_t f;
        memcpy(&d, &doubles[i], 8);
        memcpy(&f, &floats[i], 4);
        h = mix(mix(h, d), f);
    }
    return mix(h, (uint64_t)fetestexcept(FE_ALL_EXCEPT));
}

static uint64_t run(unsigned kernel, uint64_t *seed, int rounds)
{
    static const int modes[4] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    uint64_t h = 0;
    for (int i = 0; i < rounds; i++) {
        fill(seed, i % 4 ? 0 : 3);
        unsigned n = (unsigned)(next_random(seed) % N), out = (unsigned)(next_random(seed) % N);
        unsigned x = i % 2 ? 2 * N : out + (unsigned)(next_random(seed) % PAD), y = i % 3 ? 3 * N : x;
        fesetround(modes[i / 16 % 4]);
        feclearexcept(FE_ALL_EXCEPT);
        kernels_d[kernel](doubles + out, doubles + x, doubles + y, doubles[7], (int)n);
        kernels_s[kernel](floats + x, floats + out, floats + y, floats[7], (int)n);
        fesetround(FE_TONEAREST);
        h = mix_all(h);
    }
    return h;
}

int main(void)
{
    static const char *const names[] = {"add", "update", "root", "fused", "signs", "move"};
    uint64_t seed = 9;
    for (unsigned k = 0; k < COUNT_OF(names); k++)
        print_hash(names[k], run(k, &seed, 400));
    return 0;
}
