/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
const char kPutZ[] = "%1 = get i64 $x0\n%2 = icmp i64 %1 %1 {eq}\nput i1 $z %2\n";
const char kPutC[] = "%3 = get i64 $x1\n%4 = icmp i64 %3 %3 {ult}\nput i1 $c %4\n";
const char kReadZ[] = "%5 = get i1 $z\nexit.if %5 0x900\n";
const char kLoad[] = "%6 = get i64 $x0\n%7 = ld i64 %6 {i64}\n";

std::string block(const std::string &body, const std::string &end, unsigned pc = 0x100)
{
    char head[32];
    snprintf(head, sizeof head, "block 0x%x\n", pc);
    return head + body + end;
}
} // namespace

TEST(PlanFlags, DeadIsWhatIsWrittenBeforeItCanBeSeen)
{
    const std::string leave = "jump 0x900\n";
    const struct {
        const char *what;
        std::string text;
        uint32_t dead;
        bool precise;
    } rows[] = {
        {"nothing is written", block("", leave), 0, false},
        {"z is written", block(kPutZ, leave), FLAG_Z, false},
        {"both are written", block(std::string(kPutZ) + kPutC, leave), FLAGS, false},
        {"z is read first", block(std::string(kReadZ) + kPutZ + kPutC, leave), 0, false},
        {"z is read behind its write", block(std::string(kPutZ) + kReadZ + kPutC, leave), FLAG_Z, false},
        {"the front end says so", block("dead.flags 2\n", leave), FLAG_C, false},
        {"a helper may read flags", block(std::string("call @f {rstate}\n") + kPutZ, leave), 0, false},
        {"a helper that reads no state does not", block(std::string("call @f {fpflag}\n") + kPutZ, leave), FLAG_Z,
         false},
        {"faults see nothing", block(std::string(kLoad) + kPutZ, leave), FLAG_Z, false},
        {"those of precise regions do not, either", block(std::string(kLoad) + kPutZ, leave), FLAG_Z, true},
        {"traps see flags", block("", "trap 0x100 {illegal}\n"), 0, false},
        {"an indirect jump leads anywhere", block(kPutC, "%8 = get i64 $x0\njump.reg %8\n"), FLAG_C, false},
    };
    for (auto &row : rows) {
        Plan p({{row.text}}, {}, row.precise);
        EXPECT_EQ(p.make().flags.dead[0] & FLAGS, row.dead) << row.what;
    }
}

TEST(PlanFlags, FollowsBranchesInsideTheRegion)
{
    Plan p({{block("", "jump 0x200\n")}, {block(kPutZ, "jump 0x900\n", 0x200)}});
    EXPECT_EQ(p.make().flags.dead[0] & FLAGS, (uint32_t)FLAG_Z);
}

TEST(PlanFlags, BothWaysOfASideExitCount)
{
    const std::string branch = block("%0 = get i64 $x0\n%9 = icmp i64 %0 %0 {ne}\nexit.if %9 0x300\n", "jump 0x200\n");
    Plan p(
        {{branch}, {block(std::string(kPutZ) + kPutC, "jump 0x900\n", 0x200)}, {block(kPutC, "jump 0x900\n", 0x300)}});
    EXPECT_EQ(p.make().flags.dead[0] & FLAGS, (uint32_t)FLAG_C);
}

TEST(PlanFlags, LoopsThatNeverLookAreDeadAllTheWay)
{
    const std::string spin = block("%0 = get i64 $x0\n%9 = icmp i64 %0 %0 {ne}\nexit.if %9 0x100\n", "jump 0x200\n");
    Plan p({{spin}, {block(std::string(kPutZ) + kPutC, "jump 0x900\n", 0x200)}});
    p.options.unroll = 1;
    EXPECT_EQ(p.make().flags.dead[0] & FLAGS, (uint32_t)FLAGS);
}

TEST(PlanFlags, BlocksOutsideCountAsFarAsTheyAreKnown)
{
    Plan p({{block("", "jump 0x900\n")}, {block("", "jump 0xa00\n", 0x200)}},
           {block(kPutZ, "jump 0x300\n", 0x900), block(kReadZ, "jump 0x300\n", 0xa00)});
    const struct lopt_flags &flags = p.make().flags;
    EXPECT_EQ(flags.dead[0] & FLAGS, (uint32_t)FLAG_Z);
    EXPECT_EQ(flags.dead[1] & FLAGS, 0u);
    EXPECT_EQ(lopt_flags_dead_at(&flags, 0x900, 0) & FLAGS, (uint32_t)FLAG_Z);
    EXPECT_EQ(lopt_flags_dead_at(&flags, 0x900, 1), 0u) << "another mode";
    EXPECT_EQ(lopt_flags_dead_at(&flags, 0xb00, 0), 0u);
}

TEST(PlanFlags, DeadBehindAnExitDependsOnItsKind)
{
    Plan p({{block(kPutZ, "jump 0x900\n")}});
    const struct lopt_flags &flags = p.make().flags;
    const struct {
        enum ir_exit_kind kind;
        uint32_t dead;
    } rows[] = {{IR_EXIT_DIRECT, FLAG_Z}, {IR_EXIT_CALL, FLAG_Z},       {IR_EXIT_POLL, FLAG_Z}, {IR_EXIT_IND, 0},
                {IR_EXIT_RET, 0},         {IR_EXIT_RET_MATCHED, FLAGS}, {IR_EXIT_TRAP, 0},      {IR_EXIT_LOOKUP, 0}};
    for (auto &row : rows) {
        struct lopt_exit exit = {};
        exit.kind = (uint8_t)row.kind, exit.pc = 0x100;
        EXPECT_EQ(lopt_flags_dead_behind(&flags, &exit) & FLAGS, row.dead) << row.kind;
    }
}

TEST(PlanFlags, DeadFlagsAreNotCarriedIntoABlock)
{
    Plan p({{block(std::string(kPutZ) + kPutC, "jump 0x200\n")}, {block(kPutZ, "jump 0x900\n", 0x200)}});
    const struct lopt_flow &flow = p.make().flow;
    EXPECT_EQ(flow.in[1][Z], LOPT_K_EXACT | LOPT_K_ABSENT);
    EXPECT_EQ(flow.in[1][C], LOPT_K_EXACT | LOPT_K_DIRTY);
}
