/* SPDX-License-Identifier: Apache-2.0 */
/* queens: counts the solutions of the n-queens problem with bit sets and an explicit stack; logic and backtracking.
 * class int; quick 10 */
#include "bench.h"

struct level {
    uint32_t columns, left, right, free;
};

static uint64_t solve(int n)
{
    struct level stack[32];
    uint32_t all = (1u << n) - 1;
    uint64_t solutions = 0;
    int depth = 0;
    stack[0] = (struct level){0, 0, 0, all};
    while (depth >= 0) {
        struct level *s = &stack[depth];
        if (!s->free) {
            depth--;
            continue;
        }
        uint32_t bit = s->free & -s->free;
        s->free ^= bit;
        uint32_t columns = s->columns | bit;
        if (columns == all) {
            solutions++;
            continue;
        }
        uint32_t left = (s->left | bit) << 1, right = (s->right | bit) >> 1;
        stack[++depth] = (struct level){columns, left, right, all & ~(columns | left | right)};
    }
    return solutions;
}

int main(int argc, char **argv)
{
    long size = bench_size(argc, argv, 15);
    uint64_t sum = 0;
    for (int n = 1; n <= size; n++)
        sum = bench_fold(sum, solve(n));
    return bench_report("queens", sum);
}
