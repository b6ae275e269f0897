/* SPDX-License-Identifier: Apache-2.0 */
/* The random-instruction generator: random bits around a row's fixed ones, until the decoder takes the word for that
 * row. */
#include "tests/insn/rv_random.h"

uint32_t rv_random_word(harness::Random *rng, enum rv_op op)
{
    const struct rv_row *row = &rv_rows[op];
    struct rv_insn i;
    uint32_t word;

    do
        word = ((uint32_t)rng->next() & ~row->mask) | row->match;
    while (!rv_decode(word, RV_EXT_ALL, &i) || i.row != row);
    return i.raw;
}

static bool qualifies(const struct rv_row *row, uint64_t features, uint32_t kinds)
{
    return (row->ext & ~features) == 0 && (kinds >> row->kind & 1);
}

bool rv_random_insn(harness::Random *rng, uint64_t features, uint32_t kinds, struct rv_insn *i)
{
    unsigned count = 0, chosen;

    for (unsigned n = 0; n < RV_OP_COUNT; n++)
        count += qualifies(&rv_rows[n], features, kinds);
    if (!count)
        return false;
    chosen = (unsigned)(rng->next() % count);
    for (unsigned n = 0; n < RV_OP_COUNT; n++) {
        if (qualifies(&rv_rows[n], features, kinds) && chosen-- == 0)
            return rv_decode(rv_random_word(rng, (enum rv_op)n), RV_EXT_ALL, i);
    }
    return false;
}
