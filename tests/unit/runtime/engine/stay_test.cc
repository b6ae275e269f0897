// SPDX-License-Identifier: Apache-2.0
// How long the guest stays in a region (runtime/engine/stay.c).
#include <gtest/gtest.h>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/engine/lift.h"
#include "runtime/engine/stay.h"
}

namespace
{

using namespace machine;

// A loop of two blocks of two instructions each. Behind the second one, which jumps back, lies the block outside.
constexpr gaddr_t kHead = kBase, kInner = kBase + 0x10, kOther = kInner + 8;
constexpr uint32_t kCode[8] = {
    /* kHead */ Addi(10),  Jump(0xc),          0,      0,
    /* kInner */ Addi(12), Bne(10, 11, -0x14), kEcall, 0,
};

struct Stay : ::testing::Test {
    Machine m{kCode};
    arena memory;
    ir_region_block blocks[2] = {};
    const uint8_t *inner_shares = nullptr;
    void SetUp() override
    {
        arena_init(&memory);
        m.Make(1);
        for (gaddr_t pc : {kHead, kInner, kOther})
            m.Translate(pc, 0);
    }
    void TearDown() override
    {
        m.Destroy();
        arena_fini(&memory);
    }
    // The block at pc, executed so many times.
    ir_region_block Lift(gaddr_t pc, uint64_t weight)
    {
        ir_region_block b{};
        EXPECT_EQ(lift_block(m.e, pc, 0,
                             lift_code((const uint8_t *)kCode + (pc - kBase), sizeof kCode - (pc - kBase), 0), 64,
                             &memory, &b.block),
                  STATUS_OK);
        b.weight = weight;
        return b;
    }
    // Of the region of the first n of head and inner block; the block outside was executed so many times.
    uint64_t Expected(unsigned n, uint64_t weight, uint64_t outside)
    {
        tb *other = tb_find(m.e, kOther, 0);
        other->heat.executed = outside;
        other->heat.armed = other->heat.counter = 0;
        blocks[0] = Lift(kHead, weight);
        blocks[1] = Lift(kInner, weight);
        blocks[1].shares = inner_shares;
        ir_region region{};
        region.blocks = blocks;
        region.count = n;
        return stay_expected(m.e, &region);
    }
};

TEST_F(Stay, ALoopThatIsNeverLeftLastsForEver) { EXPECT_EQ(Expected(2, 1000, 0), UINT64_MAX); }

// Of 1000 executions of the inner block, 1000 * 250 / (250 + 1000) go out: a stay is 5 rounds of 4 instructions.
TEST_F(Stay, ALoopIsLeftAsOftenAsTheBlockOutsideSays) { EXPECT_EQ(Expected(2, 1000, 250), 20u); }

TEST_F(Stay, ABlockWithoutALoopIsLeftEachTime) { EXPECT_EQ(Expected(1, 1000, 250), 2u); }

TEST_F(Stay, WhatWasNotCountedIsExecutedOnce) { EXPECT_EQ(Expected(1, 0, 0), 2u); }

// Of the inner block's executions as many go out as were counted, whatever else the block outside did.
TEST_F(Stay, ALoopIsLeftAsOftenAsWasCounted)
{
    const uint8_t shares[1] = {IR_SHARE_ONE / 2}; // of the branch back
    inner_shares = shares;
    EXPECT_EQ(Expected(2, 1000, 100000), 8u);
}

TEST_F(Stay, MoreExecutionsOutsideMakeItShorter)
{
    EXPECT_GT(Expected(2, 1000, 10), Expected(2, 1000, 100));
    EXPECT_GE(Expected(2, 1000, 10), (uint64_t)STAY_LEAST);
    EXPECT_LT(Expected(2, 1000, 1000), (uint64_t)STAY_LEAST);
}

} // namespace
