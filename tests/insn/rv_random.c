/* SPDX-License-Identifier: Apache-2.0 */
/* The random-instruction generator: random bits around a row's fixed ones, until the decoder takes the word for that
 * row. */
#include "tests/insn/rv_random.h"

/* splitmix64 */
uint64_t rv_rng_next(struct rv_rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t rv_random_word(struct rv_rng *rng, enum rv_op op)
{
    const struct rv_row *row = &rv_rows[op];
    struct rv_insn i;
    uint32_t word;

    do
        word = ((uint32_t)rv_rng_next(rng) & ~row->mask) | row->match;
    while (!rv_decode(word, RV_EXT_ALL, &i) || i.row != row);
    return i.raw;
}

static bool qualifies(const struct rv_row *row, uint64_t features, uint32_t kinds)
{
    return (row->ext & ~features) == 0 && (kinds >> row->kind & 1);
}

bool rv_random_insn(struct rv_rng *rng, uint64_t features, uint32_t kinds, struct rv_insn *i)
{
    unsigned count = 0, chosen;

    for (unsigned n = 0; n < RV_OP_COUNT; n++)
        count += qualifies(&rv_rows[n], features, kinds);
    if (!count)
        return false;
    chosen = (unsigned)(rv_rng_next(rng) % count);
    for (unsigned n = 0; n < RV_OP_COUNT; n++) {
        if (qualifies(&rv_rows[n], features, kinds) && chosen-- == 0)
            return rv_decode(rv_random_word(rng, (enum rv_op)n), RV_EXT_ALL, i);
    }
    return false;
}
