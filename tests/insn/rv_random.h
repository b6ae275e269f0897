/* SPDX-License-Identifier: Apache-2.0 */
/* Random instructions from the decode table, for fuzzers. Any thread; the generator's state is the caller's. */
#ifndef TANDEM_TESTS_INSN_RV_RANDOM_H
#define TANDEM_TESTS_INSN_RV_RANDOM_H

#include "frontend/riscv/rv_decode.h"

struct rv_rng {
    uint64_t state; /* any seed */
};

TANDEM_BEGIN_DECLS
/* 64 random bits; the same sequence for the same seed on every machine. */
uint64_t rv_rng_next(struct rv_rng *rng);
/* A legal instruction of a random row among those whose extensions are in features (enum rv_ext bits) and whose kind is
 * in kinds (1 << enum rv_kind): operands are random but legal. Rows are equally likely, so rare instructions are not
 * rare. i gets the decoded instruction; the word is i->raw. False if no row qualifies. */
bool rv_random_insn(struct rv_rng *rng, uint64_t features, uint32_t kinds, struct rv_insn *i);
/* A random word with a legal encoding of this row. */
uint32_t rv_random_word(struct rv_rng *rng, enum rv_op op);
TANDEM_END_DECLS

#endif
