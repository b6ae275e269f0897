// SPDX-License-Identifier: Apache-2.0
// Counts hard results. See coverage.h.
#include "tests/fp/coverage.h"

namespace
{

const char *const kNames[HARD_COUNT] = {"inexact",
                                        "tie",
                                        "overflow",
                                        "underflow",
                                        "subnormal",
                                        "division by zero",
                                        "invalid",
                                        "tiny before rounding only",
                                        "tiny though rounded to normal",
                                        "cancelled"};

constexpr unsigned bit(fp_hard h) { return 1u << h; }

// Kinds that the operation can give. A quotient is never so near below a power of two, nor tied unless it is subnormal;
// a sum is exact where it is small; a square root is never tied.
unsigned possible(const fp_insn &i)
{
    const unsigned small = bit(HARD_UNDERFLOW) | bit(HARD_SUBNORMAL),
                   limit = bit(HARD_TINY_BEFORE) | bit(HARD_TINY_AFTER);
    const unsigned rounded = bit(HARD_INEXACT) | bit(HARD_TIE), invalid = bit(HARD_INVALID);
    switch (i.op) {
    case OP_ADD:
    case OP_SUB:
        return rounded | invalid | bit(HARD_OVERFLOW) | bit(HARD_SUBNORMAL) | bit(HARD_CANCELLED);
    case OP_MUL:
        return rounded | invalid | bit(HARD_OVERFLOW) | small | limit;
    case OP_FMA:
        return rounded | invalid | bit(HARD_OVERFLOW) | small | limit | bit(HARD_CANCELLED);
    case OP_DIV:
        return rounded | invalid | bit(HARD_OVERFLOW) | small | bit(HARD_TINY_AFTER) | bit(HARD_DIV_ZERO);
    case OP_SQRT:
        return bit(HARD_INEXACT) | invalid;
    case OP_CONVERT:
        return i.to == &fp_single ? rounded | invalid | bit(HARD_OVERFLOW) | small | limit : invalid;
    case OP_TO_INT:
        return rounded | invalid;
    case OP_FROM_INT:
        return i.int_bits > i.to->precision ? rounded : 0;
    case OP_MIN:
    case OP_MAX:
    case OP_LE:
    case OP_LT:
    case OP_EQ:
        return invalid;
    default:
        return 0;
    }
}

// Of results that differ by the mode: kinds that the format's limits make.
unsigned at_limits(const fp_format &f, const fp_result results[FP_RMS])
{
    unsigned kinds = 0;
    uint64_t truncated = f.magnitude(f.unbox(results[FP_RTZ].value));
    for (unsigned rm = 0; rm < FP_RMS; rm++) {
        uint64_t m = f.magnitude(f.unbox(results[rm].value));
        bool up = truncated < f.least_normal() && m == f.least_normal();
        kinds |= m && m < f.least_normal() ? bit(HARD_SUBNORMAL) : 0;
        kinds |= up ? bit(results[rm].flags & FP_UNDERFLOW ? HARD_TINY_AFTER : HARD_TINY_BEFORE) : 0;
        kinds |= m == 0 && results[rm].value != results[FP_RNE].value && !results[rm].flags ? bit(HARD_CANCELLED) : 0;
    }
    return kinds;
}

} // namespace

void FpCoverage::note(const fp_insn &insn, const fp_result results[FP_RMS])
{
    unsigned kinds = insn.to ? at_limits(*insn.to, results) : 0, flags = 0;
    for (unsigned rm = 0; rm < FP_RMS; rm++)
        flags |= results[rm].flags;
    static const struct {
        uint8_t flag;
        fp_hard kind;
    } of_flag[] = {{FP_INEXACT, HARD_INEXACT},
                   {FP_UNDERFLOW, HARD_UNDERFLOW},
                   {FP_OVERFLOW, HARD_OVERFLOW},
                   {FP_DIV_ZERO, HARD_DIV_ZERO},
                   {FP_INVALID, HARD_INVALID}};
    for (const auto &f : of_flag)
        kinds |= flags & f.flag ? bit(f.kind) : 0;
    kinds |= insn.has_rm && results[FP_RNE].value != results[FP_RMM].value ? bit(HARD_TIE) : 0;
    for (unsigned h = 0; h < HARD_COUNT; h++)
        hits_[h] += kinds >> h & 1;
}

std::string FpCoverage::missing(const fp_insn &insn, uint64_t cases) const
{
    std::string text;
    for (unsigned h = 0; h < HARD_COUNT; h++) {
        if (possible(insn) >> h & 1 && hits_[h] < cases / 2000)
            text += std::string(text.empty() ? "" : ", ") + kNames[h] + " " + std::to_string(hits_[h]);
    }
    return text;
}
