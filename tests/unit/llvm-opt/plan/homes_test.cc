/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
/* Reads so many registers from x2 on, and one again. */
std::string reads(unsigned count, unsigned again)
{
    std::string s;
    for (unsigned i = 0; i < count; i++) {
        std::string row = std::to_string(2 + i), value = "%" + std::to_string(i);
        s += value + " = get i64 $x" + row + "\nput i64 $x0 " + value + "\n";
    }
    std::string value = "%" + std::to_string(count);
    return s + value + " = get i64 $x" + std::to_string(again) + "\nput i64 $x1 " + value + "\n";
}

std::string block(const char *pc, const std::string &body, const char *next)
{
    return std::string("block ") + pc + "\n" + body + "jump " + next + "\n";
}

std::string in_memory(const struct lopt_plan &plan)
{
    std::string s;
    for (unsigned r = 0; r < ROW_COUNT; r++)
        s += plan.rows.row[r].in_memory ? kState.rows[r].name : "";
    return s;
}
} // namespace

TEST(PlanHomes, FourRegistersAreHeldBesideThePinnedOnes)
{
    Plan four({{block("0x100", reads(4, 2), "0x900")}});
    EXPECT_EQ(in_memory(four.make()), "");
    Plan five({{block("0x100", reads(5, 6), "0x900")}});
    EXPECT_EQ(in_memory(five.make()), "x5") << "of those used least, the last one";
}

TEST(PlanHomes, ExecutionsCountNotInstructions)
{
    Plan p({{block("0x100", reads(5, 6) + "%9 = get i64 $x2\nput i64 $x1 %9\n", "0x200"), 1},
            {block("0x200", "%0 = get i64 $x5\nput i64 $x1 %0\n", "0x900"), 100}});
    EXPECT_EQ(in_memory(p.make()), "x4");
}

TEST(PlanHomes, PutsCountLikeGets)
{
    Plan p({{block("0x100", reads(5, 2), "0x200")}, {block("0x200", "%0 = const i64 1\nput i64 $x6 %0\n", "0x900")}});
    EXPECT_EQ(in_memory(p.make()), "x5");
}

TEST(PlanHomes, WhatAVectorLoopUsesIsHeld)
{
    const std::string loop = "block 0x100 insns=8\n%0 = get i64 $x0\n%2 = const i64 3\n%3 = shl i64 %0 %2\n"
                             "%4 = get i64 $x6\n%6 = add i64 %4 %3\n%1 = ld f64 %6 {f64}\n%5 = fadd f64 %1 %1 {dyn}\n"
                             "st f64 %6 %5 {f64}\n%90 = const i64 1\n%91 = add i64 %0 %90\nput i64 $x0 %91\n"
                             "%92 = get i64 $x1\n%93 = icmp i64 %91 %92 {ne}\nexit.if %93 0x100\njump 0x200\n";
    Plan p({{loop, 1}, {block("0x200", reads(5, 2), "0x900"), 100}});
    const struct lopt_plan &plan = p.make();
    EXPECT_NE(plan.vloops[0], nullptr);
    EXPECT_EQ(in_memory(plan), "x5");
}

TEST(PlanHomes, StatusFlagsAndFloatsAreHeld)
{
    Plan p({{block("0x100", reads(5, 2), "0x200"), 100},
            {"block 0x200\n%0 = get f64 $f1\nput f64 $f2 %0\n%1 = const i1 1\nput i1 $c %1\njump 0x900\n"}});
    EXPECT_EQ(in_memory(p.make()), "x6");
}
