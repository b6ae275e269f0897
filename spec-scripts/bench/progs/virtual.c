/* SPDX-License-Identifier: Apache-2.0 */
/* virtual: a scene of shapes behind method tables; indirect calls whose target changes from object to object.
 * class indirect; quick 20 */
#include "bench.h"

struct shape;

struct methods {
    int64_t (*area)(const struct shape *);
    void (*move)(struct shape *, int64_t);
    const struct methods *(*next)(const struct shape *);
};

struct shape {
    const struct methods *methods;
    int64_t a, b;
};

enum { KINDS = 6, SHAPES = 4096 };
static const struct methods table[KINDS];

#define KIND(n, area_expression, move_statement)                                                                       \
    static int64_t area##n(const struct shape *s) { return area_expression; }                                          \
    static void move##n(struct shape *s, int64_t d) { move_statement; }                                                \
    static const struct methods *next##n(const struct shape *s) { return &table[(n + (s->a & 3) + 1) % KINDS]; }

KIND(0, s->a * s->b, s->a += d)
KIND(1, s->a * s->a, s->b = s->a ^ d)
KIND(2, (s->a * s->b) >> 1, s->a = s->b - d)
KIND(3, s->a * 355 / 113, s->a += s->b & d)
KIND(4, (s->a + s->b) << 2, s->b += 3 * d)
KIND(5, s->a ^ s->b, s->a = (s->a & 0xffff) | d)

#define ROW(n)                                                                                                         \
    {                                                                                                                  \
        area##n, move##n, next##n                                                                                      \
    }
static const struct methods table[KINDS] = {ROW(0), ROW(1), ROW(2), ROW(3), ROW(4), ROW(5)};

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 26000);
    static struct shape shapes[SHAPES];
    uint64_t seed = 99, sum = 0;
    for (int i = 0; i < SHAPES; i++) {
        uint64_t r = bench_random(&seed);
        shapes[i] = (struct shape){&table[r % KINDS], (int64_t)(r >> 40 & 0xfff), (int64_t)(r >> 20 & 0xfff)};
    }
    for (long r = 0; r < rounds; r++) {
        for (int i = 0; i < SHAPES; i++) {
            struct shape *s = &shapes[i];
            sum += (uint64_t)s->methods->area(s);
            if (((r + i) & 7) == 0) {
                s->methods->move(s, r & 0xff);
                s->methods = s->methods->next(s);
            }
        }
    }
    return bench_report("virtual", sum);
}
