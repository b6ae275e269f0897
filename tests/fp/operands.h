// SPDX-License-Identifier: Apache-2.0
// Hard operands for an instruction: limits, neighbours, NaNs, wrongly boxed singles, and operands derived so that the
// result is a tie, nearly overflows or underflows, or cancels.
#ifndef TANDEM_TESTS_FP_OPERANDS_H
#define TANDEM_TESTS_FP_OPERANDS_H

#include "tests/fp/fp_insn.h"

// Fills count cases of three registers each. The same seed and batch give the same cases, whatever was filled before.
void fp_fill_operands(const fp_insn &insn, uint64_t seed, uint64_t batch, uint64_t *operands, unsigned count);

#endif
