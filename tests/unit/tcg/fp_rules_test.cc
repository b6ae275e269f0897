/* SPDX-License-Identifier: Apache-2.0 */
/* Results that the host's instruction gives otherwise are found and computed again: values and flags. */
#include <gtest/gtest.h>

#include "tests/harness/fp_rules.h"
#include "tests/unit/tcg/harness.h"

using namespace tcg_test;

TEST(tcg_fp_rules, special_values)
{
    Cache cache;
    const std::vector<uint64_t> &values = harness::fp_rule_operands();
    for (const harness::FpRule &rule : harness::fp_rules())
        for (size_t i = 0; i < values.size(); i++)
            for (size_t j = 0; j < values.size(); j++) {
                Block block;
                struct ir_builder *b = block.b();
                ir_insn_start(b, kPc, 4);
                ir_ref zero = ir_bini(b, IR_AND, ir_get(b, X0 + 9), 0), operands[3]; /* so that nothing is constant */
                const uint64_t chosen[3] = {values[i], values[j], values[(i + 3 * j) % values.size()]};
                for (unsigned k = 0; k < 3; k++)
                    operands[k] = ir_bin(b, IR_OR, zero, ir_const(b, IR_I64, chosen[k]));
                ir_put(b, X0 + 10, harness::emit_fp_rule(b, rule, operands));
                ir_jump(b, IR_HINT_NONE, kPc + 4);
                std::string diff = compare(&cache, block.seal(), i ^ j, (i ^ j) & 1 ? 7 : 0); /* other registers, too */
                ASSERT_EQ(diff, "") << rule.op << " " << rule.type << " " << rule.packed << std::hex << " " << rule.aux
                                    << " " << chosen[0] << " " << chosen[1] << " " << chosen[2];
            }
}
