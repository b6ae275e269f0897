/* SPDX-License-Identifier: Apache-2.0 */
/* What every benchmark shares: its size argument, a fixed pseudo-random sequence and the checksum that it prints.
 * The output depends on the size alone, so that the same program built for another machine must print the same. */
#ifndef BENCH_H
#define BENCH_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The size argument, or the default. */
static inline long bench_size(int argc, char **argv, long fallback)
{
    return argc > 1 ? strtol(argv[1], NULL, 10) : fallback;
}

/* xorshift64*: the next number of the sequence whose state is *state (never 0). */
static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(2685821657736338717);
}

/* Folds one value into a checksum. */
static inline uint64_t bench_fold(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * UINT64_C(0x100000001b3) + (sum >> 29);
}

static inline uint64_t bench_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static inline int bench_report(const char *name, uint64_t sum)
{
    printf("%s %016" PRIx64 "\n", name, sum);
    return 0;
}

#endif
