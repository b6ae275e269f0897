// SPDX-License-Identifier: Apache-2.0
// Which code is hot (runtime/engine/sample.c, heat.c): whose a sample is, the window around a hot block, what pays.
#include <gtest/gtest.h>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/engine/heat.h"
#include "runtime/engine/region.h"
#include "runtime/engine/sample.h"
}

namespace
{

using namespace machine;

// A loop of two blocks, and one of a single block.
constexpr gaddr_t kHead = kBase, kInner = kBase + 0x10, kOther = kBase + 0x20;
constexpr uint32_t kCode[16] = {
    /* kHead */ Addi(10),  Jump(0xc),          0,      0,
    /* kInner */ Addi(12), Bne(10, 11, -0x14), kEcall, 0,
    /* kOther */ Addi(13), Bne(13, 11, -4),    kEcall, 0,
};
constexpr gaddr_t kBranch = kInner + 4; // the jump back to kHead
constexpr uint64_t kEnough = 1000000000;

struct Heat : ::testing::Test {
    Machine m{kCode};
    void SetUp() override
    {
        m.o.opt_after = 100;
        m.Make(1);
        m.e->sampled = kEnough; // worth loading libLLVM
        for (gaddr_t pc : {kHead, kInner, kOther, kBranch})
            m.Translate(pc, 0);
    }
    void TearDown() override { m.Destroy(); }
    tb *Block(gaddr_t pc) { return tb_find(m.e, pc, 0); }
    // The thread has polled in the code of from and left to pc.
    void Sample(const tb *from, gaddr_t pc)
    {
        section_enter(m.e, &m.t->section);
        m.registers.pc = pc;
        m.registers.polled_from = from ? (uintptr_t)from->code.rx + 8 : 0;
        m.t->sampled = 0; // all of its time
        sample_take(m.t);
        section_leave(&m.t->section);
    }
    bool CountOut(tb *block)
    {
        section_enter(m.e, &m.t->section);
        bool stays = sample_counted_out(m.t, block);
        section_leave(&m.t->section);
        return stays;
    }
    // A plan of the two blocks.
    bool Pays(tb *head)
    {
        struct tb_identity identities[2] = {{kHead, 0, Block(kHead)->serial, {}},
                                            {kInner, 0, Block(kInner)->serial, {}}};
        region_plan plan{};
        plan.region.count = 2;
        plan.identities = identities;
        plan.guest_insns = 4;
        return heat_pays(m.e, &plan, head);
    }
};

TEST_F(Heat, IsMeasuredByDefaultAndCountedIfAsked)
{
    EXPECT_TRUE(m.e->sampling);
    Machine counts{kCode};
    counts.o.hot_threshold = 20;
    counts.Make(1);
    EXPECT_FALSE(counts.e->sampling);
    EXPECT_EQ(counts.e->hot_count, 20);
    counts.Translate(kHead, 0);
    EXPECT_TRUE(tb_find(counts.e, kHead, 0)->heat.counting);
    counts.Destroy();
}

TEST_F(Heat, IsOfTheBlockThatThePollGoesTo)
{
    Sample(Block(kOther), kHead);
    EXPECT_GT(Block(kHead)->heat.time, 0u);
    EXPECT_EQ(Block(kOther)->heat.time, 0u);
}

TEST_F(Heat, IsOfTheLoopIfAConditionalJumpHasPolledBeforeIt)
{
    Sample(Block(kInner), kBranch);
    EXPECT_GT(Block(kHead)->heat.time, 0u);
    EXPECT_EQ(Block(kBranch)->heat.time, 0u);
}

TEST_F(Heat, IsOfTheBlockBeforeARegion)
{
    tb region{};
    Block(kHead)->region = &region;
    Sample(Block(kOther), kHead);
    EXPECT_EQ(Block(kHead)->heat.time, 0u);
    EXPECT_GT(Block(kOther)->heat.time, 0u);
    Block(kHead)->region = nullptr;
}

TEST_F(Heat, IsOfNobodyIfNothingPolled)
{
    Sample(nullptr, kHead);
    EXPECT_EQ(Block(kHead)->heat.time, 0u);
}

TEST_F(Heat, HasTheBlocksAroundCount)
{
    for (gaddr_t pc : {kHead, kInner, kOther}) {
        Block(pc)->heat.time = kEnough;
        pthread_mutex_lock(&m.e->tbs->lock);
        tb_count_locked(Block(pc), false);
        pthread_mutex_unlock(&m.e->tbs->lock);
    }
    Sample(Block(kInner), kHead);
    EXPECT_TRUE(Block(kHead)->heat.counting);
    EXPECT_TRUE(Block(kInner)->heat.counting);
    EXPECT_FALSE(Block(kOther)->heat.counting);
    EXPECT_EQ(tb_executions(Block(kHead)), 0u);
    // The inner block counts on for the exits that lead to it; the head ends a round, then the window.
    EXPECT_TRUE(CountOut(Block(kInner)));
    EXPECT_TRUE(Block(kInner)->heat.counting);
    Block(kHead)->heat.counter = -1;
    EXPECT_TRUE(CountOut(Block(kHead)));
    EXPECT_TRUE(Block(kHead)->heat.counting);
    EXPECT_FALSE(Block(kHead)->heat.queued);
    m.e->no_llvm = true; // no optimizer thread is started
    Block(kHead)->heat.counter = -1;
    EXPECT_TRUE(CountOut(Block(kHead)));
    EXPECT_FALSE(Block(kHead)->heat.counting);
    EXPECT_FALSE(Block(kInner)->heat.counting);
    EXPECT_GT(tb_executions(Block(kHead)), 500u);
    EXPECT_FALSE(Block(kInner)->heat.counted); // it hardly ran meanwhile: as a head, it gets a window of its own
    EXPECT_TRUE(Block(kHead)->heat.counted);
}

TEST_F(Heat, IsNotLookedAtBeforeItIsWorthLoadingLlvm)
{
    m.e->sampled = 0;
    EXPECT_FALSE(heat_is_worth_llvm(m.e));
    Block(kHead)->heat.time = kEnough;
    Sample(Block(kInner), kHead);
    EXPECT_FALSE(Block(kHead)->heat.counted);
    m.e->sampled = kEnough;
    EXPECT_TRUE(heat_is_worth_llvm(m.e));
    Sample(Block(kInner), kHead);
    EXPECT_TRUE(Block(kHead)->heat.counted);
}

TEST_F(Heat, PaysWhenTheTimeOfAllBlocksReachesTheCost)
{
    tb *head = Block(kHead), *inner = Block(kInner);
    for (int i = 0; i < 100; i++)
        heat_learn(m.e, 1, 1000000); // 1 ms an instruction: 4 ms for these
    head->heat.time = 1000000;
    inner->heat.time = 1000000;
    EXPECT_FALSE(Pays(head));
    EXPECT_EQ(head->heat.due, 1500000u + HEAT_TICK); // at least half as much again
    inner->heat.time = 2900000;
    EXPECT_FALSE(Pays(head));
    inner->heat.time = 3100000;
    EXPECT_TRUE(Pays(head));
    m.e->cpu_percent = 100; // no CPU for the optimizer beside the thread
    m.e->running = 1;
    EXPECT_FALSE(Pays(head));
    m.e->running = 0;
    EXPECT_TRUE(Pays(head));
    m.o.opt_after = 200;
    EXPECT_FALSE(Pays(head));
    m.o.opt_after = 0;
    head->heat.time = inner->heat.time = 0;
    EXPECT_TRUE(Pays(head));
}

TEST_F(Heat, IsPaidForByTheRegion)
{
    tb *head = Block(kHead);
    head->heat.time = head->heat.due = kEnough;
    heat_paid(m.e, head);
    EXPECT_EQ(head->heat.time, 0u);
    EXPECT_EQ(head->heat.due, 0u);
    heat_wait(m.e, head, 2);
    EXPECT_GT(head->heat.due, 1000000u);
}

} // namespace
