// SPDX-License-Identifier: Apache-2.0
// The instruction rows in the reference interpreter: what the lifters say must be what qemu-riscv64 did (tests/insn).
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_dispatch.h"
#include "tests/insn/insn_runner.h"

class rv_insn_rows : public testing::TestWithParam<const char *>
{
};

TEST_P(rv_insn_rows, rows_give_what_qemu_gives)
{
    insn_interpreter interpreter;
    int shown = 0, rows = 0;
    for (const insn_row &row : insn_rows()) {
        if (std::string(row.group) != GetParam())
            continue;
        rows++;
        for (unsigned max_insns : {64u, 1u}) {
            std::string difference = insn_run_row(row, interpreter, max_insns);
            if (!difference.empty() && shown++ < 20)
                ADD_FAILURE() << row.text << " (" << max_insns << " a block): " << difference;
        }
    }
    EXPECT_GT(rows, 0);
    EXPECT_EQ(shown, 0);
}

INSTANTIATE_TEST_SUITE_P(groups, rv_insn_rows,
                         testing::Values("i", "m", "a", "f", "d", "fma", "quiet", "c", "zicsr", "b", "zicond"),
                         [](const auto &info) { return std::string(info.param); });

TEST(rv_insn_coverage, rows_cover_each_instruction_three_times)
{
    std::map<const struct rv_row *, int> seen;
    for (const insn_row &row : insn_rows()) {
        for (const uint32_t *w = row.code; *w; w++) {
            struct rv_insn i;
            ASSERT_TRUE(rv_decode(*w, RV_EXT_ALL, &i)) << row.text;
            seen[i.row]++;
        }
    }
    for (unsigned op = 0; op < RV_OP_COUNT; op++) {
        const struct rv_row *row = &rv_rows[op];
        bool hint = rv_lifter(row) == rv_lift_nop;
        // traps and fences: rv_lift_test.cc; hints do nothing
        if (row->kind != RV_KIND_SYS && !hint) {
            EXPECT_GE(seen[row], 3) << row->name;
        }
    }
}
