/* SPDX-License-Identifier: Apache-2.0 */
/* Chance that follows from a seed (chance_state, never 0), for fuzzers that are one program. Handlers may use it. */
#ifndef FUZZ_CHANCE_H
#define FUZZ_CHANCE_H

#include <stdint.h>

static uint64_t chance_state;

/* 32 bits. */
static inline uint64_t chance_bits(void)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return chance_state * UINT64_C(0x2545f4914f6cdd1d) >> 32;
}

static inline unsigned chance(unsigned n) { return (unsigned)(chance_bits() % n); }
static inline int one_in(unsigned n) { return chance(n) == 0; }

#define CHOOSE(list) ((list)[chance(sizeof(list) / sizeof((list)[0]))])

#endif
