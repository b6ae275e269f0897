/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "llvm-opt/plan/region.h"
#include "src/ir/region.h"
#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
const struct ir_insn *last(const struct ir_region *r, unsigned block)
{
    const struct ir_block *b = r->blocks[block].block;
    return &b->insns[b->count - 1];
}
const char kSideExit[] = "block 0x100\n%0 = get i1 $z\nexit.if %0 0x900\njump 0x200\n";
} // namespace

TEST(PlanRegion, FindsBlocksByAddressAndMode)
{
    Plan p({{"block 0x100\njump 0x200\n"}, {"block 0x200\njump 0x100\n"}, {"block 0x200 mode=1\njump 0x100\n"}});
    EXPECT_EQ(ir_region_find(p.region(), 0x200, 0), 1);
    EXPECT_EQ(ir_region_find(p.region(), 0x200, 1), 2);
    EXPECT_EQ(ir_region_find(p.region(), 0x200, 2), -1);
    EXPECT_EQ(ir_region_find(p.region(), 0x300, 0), -1);
}

TEST(PlanRegion, FinalWeightIsThatOfTheTargetsInside)
{
    Plan p({{"block 0x100\njump 0x200\n", 10},
            {"block 0x200\n%0 = get i64 $x0\njump.reg %0\n", 7, {0x100, 0x300, 0x800}},
            {"block 0x300\njump 0x900\n", 5}});
    EXPECT_EQ(lopt_final_weight(p.region(), &p.region()->blocks[0]), 7u);
    EXPECT_EQ(lopt_final_weight(p.region(), &p.region()->blocks[1]), 15u);
    EXPECT_EQ(lopt_final_weight(p.region(), &p.region()->blocks[2]), 0u);
}

TEST(PlanRegion, SideExitIsColdIfNearlyAllExecutionsGoOn)
{
    const struct {
        uint64_t own, next;
        bool cold;
    } rows[] = {{3200, 3200, true}, {3200, 3100, true}, {3200, 3099, false}, {3200, 0, false}, {0, 0, false}};
    for (auto &row : rows) {
        Plan p({{kSideExit, row.own}, {"block 0x200\njump 0x900\n", row.next}});
        const struct ir_region_block *rb = &p.region()->blocks[0];
        EXPECT_EQ(lopt_exit_is_cold(p.region(), rb, &rb->block->insns[1]), row.cold) << row.own << " " << row.next;
    }
}

TEST(PlanRegion, SharesOfSideExitsAreOfWhatComesToThem)
{
    Plan p({{"block 0x100\n%0 = get i1 $z\nexit.if %0 0x900\nexit.if %0 0x800\njump 0x200\n", 1000}});
    struct ir_region_block rb = p.region()->blocks[0];
    unsigned taken, on;
    EXPECT_FALSE(lopt_exit_share(&rb, &rb.block->insns[1], &taken, &on));
    const uint8_t shares[2] = {IR_SHARE_ONE - 100, 3};
    rb.shares = shares;
    EXPECT_TRUE(lopt_exit_share(&rb, &rb.block->insns[1], &taken, &on));
    EXPECT_EQ(taken, unsigned{IR_SHARE_ONE} - 100);
    EXPECT_EQ(on, 100u);
    EXPECT_TRUE(lopt_exit_share(&rb, &rb.block->insns[2], &taken, &on));
    EXPECT_EQ(taken, 3u);
    EXPECT_EQ(on, 97u);
    EXPECT_FALSE(lopt_exit_is_cold(p.region(), &rb, &rb.block->insns[1]));
    EXPECT_TRUE(lopt_exit_is_cold(p.region(), &rb, &rb.block->insns[2])); // 3 of 100
}

TEST(PlanRegion, RestOfAnIndirectJumpIsColdIfATargetIsInside)
{
    const struct {
        std::vector<gaddr_t> targets;
        bool cold;
    } rows[] = {{{}, false}, {{0x800}, false}, {{0x800, 0x200}, true}};
    for (auto &row : rows) {
        Plan p({{"block 0x100\n%0 = get i64 $x0\njump.reg %0\n", 0, row.targets}, {"block 0x200\njump 0x900\n"}});
        EXPECT_EQ(lopt_exit_is_cold(p.region(), &p.region()->blocks[0], last(p.region(), 0)), row.cold);
    }
}

TEST(PlanRegion, TrapsInPassingAreColdAndFinalOnesAreNot)
{
    Plan p({{"block 0x100\n%0 = get i1 $z\ntrap.if %0 0x100 {illegal}\ntrap 0x100 {illegal}\n"}});
    const struct ir_region_block *rb = &p.region()->blocks[0];
    EXPECT_TRUE(lopt_exit_is_cold(p.region(), rb, &rb->block->insns[1]));
    EXPECT_FALSE(lopt_exit_is_cold(p.region(), rb, &rb->block->insns[2]));
}

TEST(PlanRegion, ModeBehindAModeHintIsNotKnown)
{
    Plan p({{"block 0x100 mode=3\njump 0x200 {mode}\n"}, {"block 0x200 mode=3\njump 0x900\n"}});
    EXPECT_EQ(lopt_leave_mode(p.region()->blocks[0].block, last(p.region(), 0)), UINT32_MAX);
    EXPECT_EQ(lopt_leave_mode(p.region()->blocks[1].block, last(p.region(), 1)), 3u);
}

TEST(PlanRegion, TaggedRowsAreEmptyByTheMode)
{
    Plan p({{"block 0x100\njump 0x900\n"}});
    EXPECT_TRUE(lopt_row_is_empty(p.region(), T0, 2));
    EXPECT_FALSE(lopt_row_is_empty(p.region(), T1, 2));
    EXPECT_FALSE(lopt_row_is_empty(p.region(), X0, 0));
}
