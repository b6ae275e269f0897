/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "llvm-opt/plan/region.h"
#include "src/ir/region.h"
#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
/* A block of that many guest instructions which goes to another one if z, else on. */
std::string branch(unsigned pc, unsigned to, unsigned next, unsigned insns)
{
    char text[160];
    snprintf(text, sizeof text, "block 0x%x insns=%u\n%%0 = get i1 $z\nexit.if %%0 0x%x\njump 0x%x\n", pc, insns, to,
             next);
    return text;
}
std::string loop(unsigned insns) { return branch(0x100, 0x100, 0x900, insns); }

/* Index of the block to which block i's instruction at goes. */
int target(const struct lopt_plan &plan, unsigned i, unsigned at)
{
    const struct ir_region_block *rb = &plan.region->blocks[i];
    return lopt_find_target(&plan.loops, rb, &rb->block->insns[at], rb->block->insns[at].imm);
}
} // namespace

TEST(PlanUnroll, ShortLoopsAreCopiedUntilTheyAreLong)
{
    const struct {
        unsigned insns, most, blocks;
    } rows[] = {{3, 4, 4}, {10, 4, 3}, {15, 4, 2}, {16, 4, 1}, {3, 1, 1}, {3, 0, 1}, {1, 30, 16}, {0, 2, 2}};
    for (auto &row : rows) {
        Plan p({{loop(row.insns), 100}});
        p.options.unroll = row.most;
        EXPECT_EQ(p.make().region->count, row.blocks) << row.insns << " instructions, at most " << row.most;
    }
}

TEST(PlanUnroll, ThereIsNothingToSaveWithoutPollsOrWhereEachAccessStores)
{
    Plan silent({{loop(3), 100}}), stores({{loop(3), 100}}, {}, true), maps({{loop(3), 100}}, {}, true);
    silent.options.polls = false;
    stores.options.maps = false;
    EXPECT_EQ(silent.make().region->count, 1u);
    EXPECT_EQ(stores.make().region->count, 1u);
    EXPECT_EQ(maps.make().region->count, 4u);
}

TEST(PlanUnroll, EachCopyGoesToTheNextAndTheLastOnePolls)
{
    Plan p({{loop(3), 100}});
    const struct lopt_plan &plan = p.make();
    ASSERT_EQ(plan.region->count, 4u);
    for (unsigned i = 0; i < 4; i++) {
        unsigned next = (i + 1) % 4;
        EXPECT_EQ(target(plan, i, 1), (int)next);
        EXPECT_EQ(lopt_polls(&plan.loops, &plan.region->blocks[i], next), i == 3) << i;
        EXPECT_EQ(target(plan, i, 2), -1) << "leaves from any copy";
    }
}

TEST(PlanUnroll, CopiesOfALoopOfTwoBlocksFollowInOrder)
{
    Plan p(
        {{branch(0x100, 0x900, 0x200, 4), 100}, {branch(0x200, 0x100, 0x300, 4), 100}, {"block 0x300\njump 0x900\n"}});
    const struct lopt_plan &plan = p.make();
    ASSERT_EQ(plan.region->count, 3u + 2 * 2);
    EXPECT_EQ(target(plan, 0, 2), 1);
    EXPECT_EQ(target(plan, 1, 1), 3) << "the head of copy 1";
    EXPECT_EQ(target(plan, 3, 2), 4) << "within copy 1";
    EXPECT_EQ(target(plan, 6, 1), 0) << "from the last copy back";
    EXPECT_EQ(target(plan, 6, 2), 2) << "blocks outside of the loop have no copies";
}

TEST(PlanUnroll, OnlyTheOriginalsAreEntries)
{
    Plan p({{"block 0x80\njump 0x100\n", 1}, {loop(3), 100, {}, 1}});
    const struct lopt_plan &plan = p.make();
    ASSERT_EQ(plan.region->count, 5u);
    EXPECT_EQ(plan.region->blocks[1].entry, 1);
    for (unsigned i = 2; i < 5; i++)
        EXPECT_EQ(plan.region->blocks[i].entry, 0);
    EXPECT_EQ(ir_region_find(plan.region, 0x100, 0), 1);
}

TEST(PlanUnroll, LoopsThatAreNotWorthItStay)
{
    const struct {
        const char *what;
        std::vector<Block> blocks;
    } rows[] = {
        {"cold: less than a sixteenth of the hottest block", {{"block 0x80\njump 0x100\n", 1700}, {loop(3), 100}}},
        {"has a call",
         {{"block 0x100 insns=3\n%0 = get i1 $z\nexit.if %0 0x100\ncall.hint 0x104\njump 0x800 {call}\n", 100}}},
        {"ends in an indirect jump",
         {{"block 0x100 insns=3\n%0 = get i1 $z\nexit.if %0 0x100\n%1 = get i64 $x0\njump.reg %1\n", 100}}},
        {"more than four blocks",
         {{branch(0x100, 0x900, 0x200, 1), 9},
          {branch(0x200, 0x900, 0x300, 1), 9},
          {branch(0x300, 0x900, 0x400, 1), 9},
          {branch(0x400, 0x900, 0x500, 1), 9},
          {branch(0x500, 0x100, 0x900, 1), 9}}},
        {"no loop", {{branch(0x100, 0x900, 0x200, 1), 9}, {branch(0x200, 0x900, 0x800, 1), 9}}},
    };
    for (auto &row : rows) {
        Plan p(row.blocks);
        EXPECT_EQ(p.make().region->count, row.blocks.size()) << row.what;
    }
}

TEST(PlanUnroll, InnerLoopsAreCopiedAndNotThoseAround)
{
    Plan p({{branch(0x100, 0x900, 0x200, 2), 50},
            {branch(0x200, 0x200, 0x300, 10), 100},
            {branch(0x300, 0x100, 0x900, 2), 50}});
    const struct lopt_plan &plan = p.make();
    ASSERT_EQ(plan.region->count, 3u + 2);
    EXPECT_EQ(plan.region->blocks[3].block->pc, 0x200u);
    EXPECT_EQ(plan.region->blocks[4].block->pc, 0x200u);
}
