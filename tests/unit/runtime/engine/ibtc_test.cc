// SPDX-License-Identifier: Apache-2.0
// The indirect-branch translation cache as the dispatcher fills it (runtime/engine/ibtc.c).
#include <gtest/gtest.h>

#include <vector>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/engine/ibtc.h"
}

namespace
{

using namespace machine;

// Two blocks whose addresses share a pair of slots, and one elsewhere.
constexpr gaddr_t kFirst = kBase, kSecond = kBase + 2, kPlain = kBase + 8;
constexpr uint32_t kNops = 0x00010001; // two of 16 bits
constexpr uint32_t kCode[6] = {kNops, kEcall, Addi(11), kEcall, 0, 0};

struct Ibtc : ::testing::Test {
    Machine m{kCode};
    void SetUp() override { m.Make(1); }
    void TearDown() override { m.Destroy(); }
    tb *Make(gaddr_t pc)
    {
        m.Translate(pc, 0);
        return tb_find(m.e, pc, 0);
    }
    // What an indirect jump to pc finds, as the glue looks for it.
    const void *Find(gaddr_t pc)
    {
        unsigned slot = cpu_ibtc_index(m.t->cpu, pc);
        for (unsigned at : {slot, cpu_ibtc_other(slot)})
            if (m.t->cpu->ibtc[at].pc == pc)
                return m.t->cpu->ibtc[at].host;
        return nullptr;
    }
    void Count(tb *block, bool on)
    {
        pthread_mutex_lock(&m.e->tbs->lock);
        tb_count_locked(block, on);
        pthread_mutex_unlock(&m.e->tbs->lock);
    }
};

TEST_F(Ibtc, KeepsTheNewestTwoOfAPair)
{
    tb *first = Make(kFirst), *second = Make(kSecond);
    ASSERT_EQ(cpu_ibtc_index(m.t->cpu, kFirst) ^ 1, cpu_ibtc_index(m.t->cpu, kSecond));
    ibtc_remember(m.t, first);
    ibtc_remember(m.t, second);
    EXPECT_EQ(Find(kFirst), tb_entry(first));
    EXPECT_EQ(Find(kSecond), tb_entry(second));
    EXPECT_EQ(Find(kPlain), nullptr);
    ibtc_empty(m.t);
    EXPECT_EQ(Find(kFirst), nullptr);
    EXPECT_EQ(Find(kSecond), nullptr);
}

TEST_F(Ibtc, IsCorrectedWhenABlockIsEnteredElsewhere)
{
    tb *first = Make(kFirst), *plain = Make(kPlain);
    Count(first, false);
    ibtc_remember(m.t, first);
    EXPECT_EQ(Find(kFirst), first->code.rx);
    Count(first, true);
    EXPECT_EQ(Find(kFirst), first->code.rx); // still right, but nothing is counted
    ibtc_correct(m.t, first);
    EXPECT_EQ(Find(kFirst), first->code.rx + first->code.counter_off);
    ibtc_correct(m.t, plain); // was never in it
    EXPECT_EQ(Find(kPlain), nullptr);
}

TEST_F(Ibtc, IsCorrectedInTheOtherSlotOfAPair)
{
    tb *first = Make(kFirst);
    Count(first, false);
    ibtc_remember(m.t, first);
    unsigned slot = cpu_ibtc_index(m.t->cpu, kFirst);
    cpu_ibtc_entry *ibtc = m.t->cpu->ibtc;
    ibtc[cpu_ibtc_other(slot)] = ibtc[slot]; // as if a newer one had come
    ibtc[slot].pc = cpu_ibtc_empty(slot);
    Count(first, true);
    ibtc_correct(m.t, first);
    EXPECT_EQ(Find(kFirst), tb_entry(first));
}

TEST_F(Ibtc, GrowsBeforeManyShareAPair)
{
    constexpr unsigned kBlocks = CPU_IBTC_SIZE / 4 + 1;
    std::vector<tb> blocks(kBlocks);
    for (unsigned i = 0; i < kBlocks; i++) {
        blocks[i].pc = kBase + 8 * i;
        blocks[i].code.entry = reinterpret_cast<const uint8_t *>(&blocks[i]);
        EXPECT_EQ(cpu_ibtc_size(m.t->cpu), unsigned{CPU_IBTC_SIZE});
        ibtc_remember(m.t, &blocks[i]);
    }
    EXPECT_EQ(cpu_ibtc_size(m.t->cpu), CPU_IBTC_SIZE * 2u);
    EXPECT_EQ(Find(blocks[0].pc), nullptr); // it has to come anew
    for (tb &block : blocks)
        ibtc_remember(m.t, &block);
    for (tb &block : blocks)
        EXPECT_EQ(Find(block.pc), &block);
    EXPECT_EQ(cpu_ibtc_size(m.t->cpu), CPU_IBTC_SIZE * 2u);
    ibtc_empty(m.t);
    EXPECT_EQ(cpu_ibtc_size(m.t->cpu), CPU_IBTC_SIZE * 2u);
    for (tb &block : blocks)
        EXPECT_EQ(Find(block.pc), nullptr);
}

TEST_F(Ibtc, GrowsNoFurtherThanItsMemory)
{
    std::vector<tb> blocks(CPU_IBTC_MAX_SIZE * 2);
    for (size_t i = 0; i < blocks.size(); i++) {
        blocks[i].pc = kBase + 8 * i;
        blocks[i].code.entry = reinterpret_cast<const uint8_t *>(&blocks[i]);
        ibtc_remember(m.t, &blocks[i]);
    }
    EXPECT_EQ(cpu_ibtc_size(m.t->cpu), unsigned{CPU_IBTC_MAX_SIZE});
    EXPECT_EQ(Find(blocks.back().pc), &blocks.back());
}

} // namespace
