/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point operations with rules that the host does not have (Arm's NaNs, tininess before rounding), and operands
 * for which that makes a difference. */
#ifndef TANDEM_TESTS_HARNESS_FP_RULES_H
#define TANDEM_TESTS_HARNESS_FP_RULES_H

#include <cstdint>
#include <vector>

#include "src/ir/build/builder.h"

namespace harness
{

struct FpRule {
    enum ir_op op;
    enum ir_type type; /* of the result, or of its elements */
    bool packed;
    uint16_t aux;
};

std::vector<FpRule> fp_rules();
/* Their operands, as doubles; for singles the same special values. */
const std::vector<uint64_t> &fp_rule_operands();
/* The operation on three operands, i64 each in the double's format; its result, as i64. */
ir_ref emit_fp_rule(struct ir_builder *b, const FpRule &rule, const ir_ref operands[3]);

} // namespace harness

#endif
