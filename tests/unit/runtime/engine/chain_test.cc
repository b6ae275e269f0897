// SPDX-License-Identifier: Apache-2.0
// Chaining (runtime/engine/chain.c): what is chained when a block is published, what waits, what retirement undoes.
#include <gtest/gtest.h>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/engine/chain.h"
#include "src/base/log.h"
}

namespace
{

using namespace machine;

// A jump forward, to a loop of one block that is left to an ecall.
constexpr gaddr_t kJump = kBase, kLoop = kBase + 8, kAfter = kBase + 16;
constexpr uint32_t kCode[6] = {Jump(8), 0, Addi(10), Bne(10, 11, -4), kEcall, 0};

struct Chain : ::testing::Test {
    Machine m{kCode};
    void SetUp() override { m.Make(1); }
    void TearDown() override
    {
        log_mask = 0;
        m.Destroy();
    }
    tb *Block(gaddr_t pc) { return tb_find(m.e, pc, 0); }
    tb *Make(gaddr_t pc)
    {
        m.Translate(pc, 0);
        return Block(pc);
    }
    // The only exit of the block that goes to pc.
    tcg_exit *ExitTo(tb *from, gaddr_t pc)
    {
        tcg_exit *found = nullptr;
        for (uint32_t i = 0; i < from->code.exit_count; i++) {
            if (from->code.exits[i].pc != pc)
                continue;
            EXPECT_EQ(found, nullptr);
            found = &from->code.exits[i];
        }
        EXPECT_NE(found, nullptr);
        return found;
    }
    // Where the jump of the exit goes.
    const uint8_t *Goes(const tcg_exit *x)
    {
        const tb *owner = static_cast<const tb *>(x->owner);
        int32_t rel;
        memcpy(&rel, owner->code.rx + x->jmp_off, sizeof rel);
        return owner->code.rx + x->jmp_off + 4 + rel;
    }
    const uint8_t *Stub(const tcg_exit *x) { return static_cast<const tb *>(x->owner)->code.rx + x->stub_off; }
    unsigned Waiting(gaddr_t pc)
    {
        unsigned n = 0;
        for (const tcg_exit *x = tbs_bucket(m.e->tbs, pc, 0)->waiting; x; x = x->next)
            n += x->pc == pc;
        return n;
    }
    void Retire(tb *block)
    {
        pthread_mutex_lock(&m.e->tbs->lock);
        tb_retire_locked(m.e, block);
        pthread_mutex_unlock(&m.e->tbs->lock);
    }
};

TEST_F(Chain, ExitIsChainedToTheBlockThatIsThere)
{
    tb *loop = Make(kLoop), *jump = Make(kJump);
    const tcg_exit *x = ExitTo(jump, kLoop);
    EXPECT_EQ(x->target, loop);
    EXPECT_EQ(loop->links.incoming->owner, jump); // the newest first
    EXPECT_EQ(Goes(x), loop->code.entry);
}

TEST_F(Chain, ExitWaitsForItsTarget)
{
    tb *jump = Make(kJump);
    const tcg_exit *x = ExitTo(jump, kLoop);
    EXPECT_TRUE(x->waits);
    EXPECT_EQ(Waiting(kLoop), 1u);
    EXPECT_EQ(Goes(x), Stub(x));
    const tb *loop = Make(kLoop);
    EXPECT_FALSE(x->waits);
    EXPECT_EQ(Waiting(kLoop), 0u);
    EXPECT_EQ(x->target, loop);
    EXPECT_EQ(Goes(x), loop->code.entry);
}

TEST_F(Chain, ExitGoesToTheCounterWhileItsTargetCounts)
{
    tb *loop = Make(kLoop);
    const tcg_exit *own = ExitTo(loop, kLoop), *other = ExitTo(Make(kJump), kLoop);
    for (bool counts : {false, true, false}) {
        pthread_mutex_lock(&m.e->tbs->lock);
        tb_count_locked(loop, counts);
        pthread_mutex_unlock(&m.e->tbs->lock);
        const uint8_t *entry = loop->code.rx + (counts ? loop->code.counter_off : 0);
        EXPECT_EQ(tb_entry(loop), entry);
        EXPECT_EQ(Goes(own), entry);
        EXPECT_EQ(Goes(other), entry);
    }
    EXPECT_GT(loop->code.counter_off, 0u);
}

TEST_F(Chain, ExitGoesToTheRegionWhetherItsTargetCountsOrNot)
{
    tb *loop = Make(kLoop);
    const tcg_exit *x = ExitTo(Make(kJump), kLoop);
    tb region{};
    const uint8_t *host = loop->code.rx + 4;
    pthread_mutex_lock(&m.e->tbs->lock);
    tb_set_region_locked(m.e, loop, &region, host);
    for (bool counts : {false, true}) {
        tb_count_locked(loop, counts);
        EXPECT_EQ(Goes(x), host);
    }
    tb_set_region_locked(m.e, loop, nullptr, nullptr);
    EXPECT_EQ(Goes(x), loop->code.rx + loop->code.counter_off);
    tb_count_locked(loop, false);
    EXPECT_EQ(Goes(x), loop->code.rx);
    pthread_mutex_unlock(&m.e->tbs->lock);
}

TEST_F(Chain, BlockIsChainedToItselfAndMarkedAsHead)
{
    tb *loop = Make(kLoop);
    EXPECT_EQ(ExitTo(loop, kLoop)->target, loop);
    EXPECT_TRUE(loop->heat.head_like);
    EXPECT_EQ(Waiting(kAfter), 1u);
    EXPECT_FALSE(Make(kAfter)->heat.head_like);
}

TEST_F(Chain, ExitsOfRetiredBlockDoNotWait)
{
    Retire(Make(kJump));
    EXPECT_EQ(Waiting(kLoop), 0u);
    Retire(Make(kLoop)); // chained to itself, too
    EXPECT_EQ(Waiting(kLoop), 0u);
    EXPECT_EQ(Waiting(kAfter), 0u);
}

TEST_F(Chain, ExitsToRetiredBlockWaitForTheNextOne)
{
    tb *jump = Make(kJump), *loop = Make(kLoop);
    const tcg_exit *x = ExitTo(jump, kLoop);
    Retire(loop);
    EXPECT_EQ(x->target, nullptr);
    EXPECT_EQ(Goes(x), Stub(x));
    EXPECT_EQ(Waiting(kLoop), 1u);
    tb *next = Make(kLoop);
    ASSERT_NE(next, loop);
    EXPECT_EQ(x->target, next);
    Retire(jump);
    for (const tcg_exit *in = next->links.incoming; in; in = in->next)
        EXPECT_EQ(in->owner, next);
}

TEST_F(Chain, WithNochainNothingIsChainedAndNothingWaits)
{
    log_mask = 1u << LOG_NOCHAIN;
    tb *jump = Make(kJump), *loop = Make(kLoop);
    tcg_exit *x = ExitTo(jump, kLoop);
    EXPECT_EQ(x->target, nullptr);
    EXPECT_FALSE(x->waits);
    EXPECT_EQ(ExitTo(loop, kLoop)->target, nullptr);
    chain_taken(m.e, x, loop);
    EXPECT_EQ(x->target, loop);
}

TEST_F(Chain, ExitThatWasTakenWaitsNoMore)
{
    tb *jump = Make(kJump);
    log_mask = 1u << LOG_NOCHAIN; // so that the loop does not wake it
    tb *loop = Make(kLoop);
    tcg_exit *x = ExitTo(jump, kLoop);
    EXPECT_TRUE(x->waits);
    chain_taken(m.e, x, loop);
    EXPECT_FALSE(x->waits);
    EXPECT_EQ(Waiting(kLoop), 0u);
    EXPECT_EQ(x->target, loop);
}

TEST(Buckets, AreEnumeratedWhereBlocksAre)
{
    Machine m{kCode};
    m.Make(1);
    for (gaddr_t pc : {kJump, kLoop, kAfter})
        m.Translate(pc, 0);
    unsigned blocks = 0, buckets = 0;
    for (struct tbs_bucket *b = nullptr; (b = tbs_next(m.e->tbs, b)); buckets++)
        for (const tb *block = b->first; block; block = block->links.hash_next)
            blocks++;
    EXPECT_EQ(blocks, 3u);
    EXPECT_EQ(buckets, 1u << TBS_GROUP_BITS); // they are on one page
    m.Destroy();
}

} // namespace
