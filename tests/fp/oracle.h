// SPDX-License-Identifier: Apache-2.0
// What an instruction gives, by MPFR and the manual, and by nothing of this project.
#ifndef TANDEM_TESTS_FP_ORACLE_H
#define TANDEM_TESTS_FP_ORACLE_H

#include "tests/fp/fp_insn.h"

struct fp_result {
    uint64_t value; // the whole destination register, or the stored doubleword
    uint8_t flags;
};

enum { FP_RMS = 5 };

// The results in all five rounding modes (the same five times where the instruction has none). operands: registers.
void fp_oracle(const fp_insn &insn, const uint64_t operands[3], fp_result results[FP_RMS]);
// The result in one mode.
fp_result fp_oracle_in(const fp_insn &insn, const uint64_t operands[3], fp_rm rm);
// The fclass bits of a number.
uint64_t fp_classify(const fp_format &f, uint64_t v);
// Computes the arithmetic again by MPFR's own rounding (mpfr_subnormalize) where it has the mode. False: the oracle is
// wrong.
bool fp_oracle_agrees(const fp_insn &insn, const uint64_t operands[3], const fp_result results[FP_RMS]);

#endif
