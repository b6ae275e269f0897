// SPDX-License-Identifier: Apache-2.0
// Counting exits (runtime/engine/edges.c): the counter's code, the shares that come of it, what is not counted.
#include <gtest/gtest.h>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/engine/chain.h"
#include "runtime/engine/edges.h"
#include "src/ir/region.h"
}

namespace
{

using namespace machine;

// A loop of one block, which is left to an ecall; and a jump to it from above.
constexpr gaddr_t kJump = kBase, kLoop = kBase + 8, kAfter = kBase + 16;
constexpr uint32_t kCode[6] = {Jump(8), 0, Addi(10), Bne(10, 11, -4), kEcall, 0};

unsigned calls;
void Called() { calls++; }

struct Edges : ::testing::Test {
    Machine m{kCode};
    edges s{};
    tb *loop = nullptr, *after = nullptr;
    void SetUp() override
    {
        m.o.block_branches = 0; // the block ends at the branch
        m.Make(1);
        for (gaddr_t pc : {kJump, kLoop, kAfter})
            m.Translate(pc, 0);
        loop = tb_find(m.e, kLoop, 0);
        after = tb_find(m.e, kAfter, 0);
        ASSERT_TRUE(edges_begin(m.e, &s));
    }
    void TearDown() override { m.Destroy(); }
    template <class F> auto Locked(F f)
    {
        pthread_mutex_lock(&m.e->tbs->lock);
        auto result = f();
        pthread_mutex_unlock(&m.e->tbs->lock);
        return result;
    }
    unsigned Watch(tb *block)
    {
        return Locked([&] { return edges_watch_locked(m.e, &s, block); });
    }
    void Settle(tb *block, unsigned watched)
    {
        Locked([&] { return edges_settle_locked(m.e, block, watched), 0; });
        edges_end(m.e, &s);
    }
    // The exit of the loop that goes to pc.
    tcg_exit *ExitTo(gaddr_t pc)
    {
        for (uint32_t i = 0; i < loop->code.exit_count; i++)
            if (loop->code.exits[i].pc == pc)
                return &loop->code.exits[i];
        ADD_FAILURE() << "no exit to " << pc;
        return nullptr;
    }
    const uint8_t *Goes(gaddr_t pc) { return tcg_exit_goes(loop->code.rx, ExitTo(pc)); }
    // The counter that the exit to pc goes through, or NULL.
    tcg_edge *Counter(gaddr_t pc)
    {
        size_t off = size_t(Goes(pc) - m.e->cc.near);
        return off < CC_NEAR / 2 ? reinterpret_cast<tcg_edge *>(m.e->cc.near + CC_NEAR / 2) + off / TCG_EDGE_BYTES
                                 : nullptr;
    }
    // As if the loop had been left to pc so many times.
    void Take(gaddr_t pc, uint64_t times) { Counter(pc)->count = times; }
    unsigned Share(gaddr_t pc) { return ExitTo(pc)->share; }
};

TEST_F(Edges, ACounterCountsAndGoesOn)
{
    ASSERT_EQ(Watch(loop), 2u);
    tcg_edge *edge = Counter(kLoop);
    ASSERT_NE(edge, nullptr);
    EXPECT_EQ(edge->target, loop->code.entry);
    EXPECT_EQ(Counter(kAfter)->target, after->code.entry);
    edge->target = reinterpret_cast<const uint8_t *>(&Called);
    union {
        const uint8_t *code;
        void (*run)();
    } u = {Goes(kLoop)};
    calls = 0;
    u.run();
    u.run();
    EXPECT_EQ(calls, 2u);
    EXPECT_EQ(edge->count, 2u);
    EXPECT_EQ(Counter(kAfter)->count, 0u);
}

TEST_F(Edges, SharesAreOfTheBlocksExecutions)
{
    unsigned watched = Watch(loop);
    Take(kLoop, 300);
    Take(kAfter, 100);
    Settle(loop, watched);
    EXPECT_EQ(Share(kLoop), 1u + (300 * IR_SHARE_ONE + 200) / 400);
    EXPECT_EQ(Share(kAfter), 1u + (100 * IR_SHARE_ONE + 200) / 400);
    EXPECT_EQ(Goes(kLoop), loop->code.entry);
    EXPECT_EQ(Goes(kAfter), after->code.entry);
}

TEST_F(Edges, FewExecutionsSayNothing)
{
    unsigned watched = Watch(loop);
    Take(kLoop, 20);
    Take(kAfter, 5);
    Settle(loop, watched);
    EXPECT_EQ(Share(kLoop), 0u);
    EXPECT_EQ(Goes(kLoop), loop->code.entry);
}

TEST_F(Edges, NothingIsSaidOfABlockWhoseExitsWereChanged)
{
    unsigned watched = Watch(loop);
    Take(kLoop, 300);
    Take(kAfter, 100);
    Locked([&] { return tb_retire_locked(m.e, after), 0; });
    Settle(loop, watched);
    EXPECT_EQ(Share(kLoop), 0u);
    EXPECT_EQ(Goes(kAfter), loop->code.rx + ExitTo(kAfter)->stub_off);
}

TEST_F(Edges, ABlockIsCountedAnewWhenOneOfItsExitsWasRedirected)
{
    Watch(loop);
    Take(kLoop, 300);
    Locked([&] { return tb_count_locked(after, !after->heat.counting), 0; });
    EXPECT_EQ(Counter(kAfter), nullptr);
    EXPECT_EQ(Watch(loop), 2u);
    EXPECT_EQ(Counter(kLoop)->count, 0u);
    EXPECT_EQ(Counter(kAfter)->target, after->code.entry);
}

TEST_F(Edges, CountersAreGivenToOthersAfterAGracePeriod)
{
    uint64_t section = 0;
    reclaim_register(m.e, &section);
    section_enter(m.e, &section); // a thread is in generated code
    Settle(loop, Watch(loop));
    EXPECT_FALSE(edges_begin(m.e, &s));
    section_leave(&section);
    EXPECT_TRUE(edges_begin(m.e, &s));
    reclaim_unregister(m.e, &section);
}

TEST_F(Edges, OfMoreBlocksThanThereAreCountersTheRestIsNotCounted)
{
    s.used = EDGES_MAX - 1;
    EXPECT_EQ(Watch(loop), 0u);
    EXPECT_EQ(Goes(kLoop), loop->code.entry);
}

} // namespace
