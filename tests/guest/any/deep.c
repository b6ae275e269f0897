/* SPDX-License-Identifier: Apache-2.0 */
/* Recursion far deeper than any return stack, and longjmp out of its middle, again and again. */
#include <setjmp.h>

#include "tests/guest/guest_test.h"

static jmp_buf out;

__attribute__((noinline)) static uint64_t down(uint64_t depth, uint64_t hash)
{
    volatile uint64_t keep = depth * 3;
    if (depth == 0)
        return hash;
    uint64_t r = down(depth - 1, mix(hash, depth));
    return mix(r, keep);
}

__attribute__((noinline)) static uint64_t leap(uint64_t depth, uint64_t at)
{
    volatile uint64_t keep = depth;
    if (depth == at)
        longjmp(out, (int)(depth & 0xff) + 1);
    if (depth == 0)
        return 0;
    return leap(depth - 1, at) + keep;
}

__attribute__((noinline)) static uint64_t tree(uint64_t depth)
{
    return depth < 2 ? 1 : tree(depth - 1) + tree(depth - 2) + 1;
}

int main(void)
{
    uint64_t hash = 0;
    for (int i = 0; i < 20; i++)
        hash = mix(hash, down(2000 + 500 * (uint64_t)i, hash));
    print_hash("deep", down(60000, hash));
    volatile uint64_t sum = 0;
    for (volatile int i = 0; i < 300; i++) {
        int v = setjmp(out);
        if (v == 0)
            leap(200 + (uint64_t)i, (uint64_t)i);
        sum = mix(sum, (uint64_t)v + tree(8));
    }
    print_hash("longjmp", sum);
    printf("tree %" PRIu64 "\n", tree(21));
    return 0;
}
