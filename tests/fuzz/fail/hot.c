/* SPDX-License-Identifier: Apache-2.0 */
/* A program that gets hot in a moment, by several loops, calls and memory of its own; it prints a sum. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 60, WORDS = 20000 };

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(void)
{
    uint64_t sum = 1;
    for (int r = 0; r < ROUNDS; r++) {
        uint32_t *word = malloc(WORDS * sizeof *word);
        if (!word)
            return 1;
        for (int i = 0; i < WORDS; i++)
            word[i] = (uint32_t)(sum = sum * 6364136223846793005u + 1442695040888963407u) >> 3;
        if (r % 20 == 0)
            qsort(word, WORDS, sizeof *word, by_value);
        for (int i = 0; i < WORDS; i++)
            sum ^= (uint64_t)word[i] * (uint64_t)(i + 1);
        free(word);
    }
    printf("sum %llu\n", (unsigned long long)sum);
    return 3;
}
