/* SPDX-License-Identifier: Apache-2.0 */
/* Results that the host's instruction gives otherwise are found and computed again: values and flags. */
#include <gtest/gtest.h>

#include "tests/harness/fp_rules.h"
#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

TEST(LoptFpRules, SpecialValues)
{
    const std::vector<uint64_t> &values = fp_rule_operands();
    for (const FpRule &rule : fp_rules()) {
        Region r;
        struct ir_builder *b = r.begin();
        const ir_ref operands[3] = {ir_get(b, X0 + 1), ir_get(b, X0 + 2), ir_get(b, X0 + 3)};
        ir_put(b, X0 + 4, emit_fp_rule(b, rule, operands));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end();
        Code code(r.get());
        for (size_t i = 0; i < values.size(); i++)
            for (size_t j = 0; j < values.size(); j++) {
                Cpu cpu(3);
                const uint64_t chosen[3] = {values[i], values[j], values[(i + 3 * j) % values.size()]};
                for (unsigned k = 0; k < 3; k++)
                    cpu.set_x(k + 1, chosen[k]);
                ASSERT_EQ(compare_code(r.get(), code, cpu.get()), "")
                    << rule.op << " " << rule.type << " " << rule.packed << std::hex << " " << rule.aux << " "
                    << chosen[0] << " " << chosen[1] << " " << chosen[2] << "\n"
                    << print(r.get()) << code.disassembly();
            }
    }
}
