/* SPDX-License-Identifier: Apache-2.0 */
/* bintree: builds, walks and frees many binary trees; malloc, free and recursion over pointers.
 * class call; quick 10 */
#include "bench.h"

struct tree {
    struct tree *left, *right;
    uint64_t key;
};

static struct tree *build(int depth, uint64_t key)
{
    struct tree *t = malloc(sizeof(*t));
    if (!t)
        exit(1);
    *t = (struct tree){NULL, NULL, key};
    if (depth > 0) {
        t->left = build(depth - 1, 2 * key);
        t->right = build(depth - 1, 2 * key + 1);
    }
    return t;
}

static uint64_t walk(const struct tree *t) { return t->left ? walk(t->left) * 3 + walk(t->right) + t->key : t->key; }

static void destroy(struct tree *t)
{
    if (t->left) {
        destroy(t->left);
        destroy(t->right);
    }
    free(t);
}

int main(int argc, char **argv)
{
    int deepest = (int)bench_size(argc, argv, 18);
    uint64_t sum = 0;
    struct tree *lasting = build(deepest, 1);
    for (int depth = 4; depth <= deepest; depth += 2) {
        long rounds = 1L << (deepest - depth + 4);
        for (long r = 0; r < rounds; r++) {
            struct tree *t = build(depth, (uint64_t)r);
            sum = bench_fold(sum, walk(t));
            destroy(t);
        }
    }
    sum = bench_fold(sum, walk(lasting));
    destroy(lasting);
    return bench_report("bintree", sum);
}
