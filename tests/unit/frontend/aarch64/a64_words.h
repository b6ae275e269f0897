// SPDX-License-Identifier: Apache-2.0
// Random A64 instructions, made from the decode table.
#ifndef TANDEM_TESTS_UNIT_FRONTEND_AARCH64_A64_WORDS_H
#define TANDEM_TESTS_UNIT_FRONTEND_AARCH64_A64_WORDS_H

#include <cstdint>
#include <random>

#include "frontend/aarch64/a64_decode.h"

// A word that decodes as the row; 0 if chance finds none.
inline uint32_t a64_random_word(unsigned op, std::mt19937 &random)
{
    const struct a64_row *row = &a64_rows[op];
    for (unsigned tries = 0; tries < 1000; tries++) {
        struct a64_insn i;
        uint32_t word = row->match | (uint32_t(random()) & ~row->mask);
        if (a64_decode(word, A64_FEAT_ALL, &i) && i.row == row)
            return word;
    }
    return 0;
}

#endif
