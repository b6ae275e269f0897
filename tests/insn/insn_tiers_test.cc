// SPDX-License-Identifier: Apache-2.0
// Every instruction row in generated code.
#include "tests/insn/insn_tiers.h"

#include <gtest/gtest.h>

namespace
{

// All rows, or those of one group.
void run_all(insn_executor &executor, const std::string &group = "")
{
    unsigned failures = 0;
    for (const insn_row &row : insn_rows()) {
        if (!group.empty() && group != row.group)
            continue;
        std::string difference = insn_run_row(row, executor, 64);
        EXPECT_EQ(difference, "") << executor.name() << ", " << row.group << ": " << row.text;
        failures += !difference.empty();
        ASSERT_LT(failures, 20u) << "and more";
    }
}

TEST(InsnTiers, EveryRowInTier1)
{
    insn_tier1 executor(guest_find_name("riscv64")->state);
    run_all(executor);
}

TEST(InsnTiers, EveryRowInTier2)
{
    insn_tier2 executor(guest_find_name("riscv64")->state);
    run_all(executor);
}

// As on a host that lacks fused multiply-add.
TEST(InsnTiers, FusedRowsInTier1WithoutHostFma)
{
    insn_tier1 executor(guest_find_name("riscv64")->state);
    executor.lose_features(TCG_HAS_FMA);
    run_all(executor, "fma");
}

TEST(InsnTiers, FusedRowsInTier2WithoutHostFma)
{
    insn_tier2 executor(guest_find_name("riscv64")->state, false, true);
    run_all(executor, "fma");
}

} // namespace
