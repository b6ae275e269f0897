// SPDX-License-Identifier: Apache-2.0
// Whether the operands led where they should: how often each kind of hard result came up.
#ifndef TANDEM_TESTS_FP_COVERAGE_H
#define TANDEM_TESTS_FP_COVERAGE_H

#include "tests/fp/oracle.h"

enum fp_hard {
    HARD_INEXACT,
    HARD_TIE,
    HARD_OVERFLOW,
    HARD_UNDERFLOW,
    HARD_SUBNORMAL,
    HARD_DIV_ZERO,
    HARD_INVALID,
    HARD_TINY_BEFORE, // below the least normal number, but not after rounding: no underflow
    HARD_TINY_AFTER,  // rounded to the least normal number, and an underflow all the same
    HARD_CANCELLED,   // an exact zero whose sign depends on the rounding mode
    HARD_COUNT
};

class FpCoverage
{
  public:
    void note(const fp_insn &insn, const fp_result results[FP_RMS]);
    // What came up less often than in one of 2000 cases, though it can; empty: nothing.
    std::string missing(const fp_insn &insn, uint64_t cases) const;

  private:
    uint64_t hits_[HARD_COUNT] = {};
};

#endif
