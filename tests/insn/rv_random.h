/* SPDX-License-Identifier: Apache-2.0 */
/* Random instructions from the decode table, for fuzzers. Any thread; the generator's state is the caller's. */
#ifndef TANDEM_TESTS_INSN_RV_RANDOM_H
#define TANDEM_TESTS_INSN_RV_RANDOM_H

#include "frontend/riscv/rv_decode.h"
#include "tests/harness/random.h"

/* A legal instruction of a random row among those whose extensions are in features (enum rv_ext bits) and whose kind is
 * in kinds (1 << enum rv_kind): operands are random but legal. Rows are equally likely, so rare instructions are not
 * rare. i gets the decoded instruction; the word is i->raw. False if no row qualifies. */
bool rv_random_insn(harness::Random *rng, uint64_t features, uint32_t kinds, struct rv_insn *i);
/* A random word with a legal encoding of this row. */
uint32_t rv_random_word(harness::Random *rng, enum rv_op op);

#endif
