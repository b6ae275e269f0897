/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
/* v0's lower f64 := itself + f0, as addsd does it */
const char kScalar[] = "%0 = get v128 $v0\n%1 = vgete f64 %0 #0 {f64}\n%2 = get f64 $f0\n%3 = fadd f64 %1 %2 {dyn}\n"
                       "%4 = vsete v128 %0 %3 #0 {f64}\nput v128 $v0 %4\n";
const char kUpper[] =
    "%0 = get v128 $v0\n%1 = vgete f64 %0 #1 {f64}\n%4 = vsete v128 %0 %1 #1 {f64}\nput v128 $v0 %4\n";
const char kVector[] = "%5 = get v128 $v0\n%6 = vadd v128 %5 %5 {i64}\nput v128 $v0 %6\n";
const char kLoad[] = "%7 = get i64 $x0\n%8 = ld v128 %7 {v128}\nput v128 $v0 %8\n";
const char kStore[] = "%7 = get i64 $x0\n%8 = get v128 $v0\nst v128 %7 %8 {v128}\n";
const char kCopy[] = "%9 = get v128 $v1\nput v128 $v0 %9\n";
const char kZero[] = "%10 = const v128 0\nput v128 $v0 %10\n";
} // namespace

TEST(PlanSplit, RowsWhoseLowerElementIsMostlyChangedAloneAreSplit)
{
    const std::string s = kScalar;
    const struct {
        const char *what;
        std::string body;
        bool split;
    } rows[] = {
        {"a scalar operation", s, true},
        {"vectors only", kVector, false},
        {"the upper element", kUpper, false},
        {"one of each", s + kLoad, false},
        {"two of three", s + s + kLoad, true},
        {"a vector operation is a read and a put", s + s + kVector, false},
        {"stores read vectors", s + kStore, false},
        {"copies do not count", s + kCopy, true},
        {"constants do not count", s + kZero, true},
        {"nothing", "", false},
    };
    for (auto &row : rows) {
        Plan p({{"block 0x100\n" + row.body + "jump 0x900\n"}});
        EXPECT_EQ(p.make().rows.row[V0].split, row.split) << row.what;
        EXPECT_FALSE(p.make().rows.row[V1].split) << row.what;
    }
}

TEST(PlanSplit, ExecutionsCountNotInstructions)
{
    for (uint64_t loads : {10u, 1000u}) {
        Plan p({{std::string("block 0x100\n") + kScalar + "jump 0x200\n", 100},
                {std::string("block 0x200\n") + kLoad + "jump 0x900\n", loads}});
        EXPECT_EQ(p.make().rows.row[V0].split, loads == 10) << loads;
    }
}
