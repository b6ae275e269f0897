// SPDX-License-Identifier: Apache-2.0
// Trials of regions against tier 1 (runtime/engine/trial.c): what is concluded from what was counted, and that blocks
// are entered where they are to be while a trial runs, and afterwards.
#include <gtest/gtest.h>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/engine/ibtc.h"
#include "runtime/engine/trial.h"
}

namespace
{

using namespace machine;

// Windows are with, without, without, with, ...
bool Without(unsigned window) { return window % 4 == 1 || window % 4 == 2; }

// A meter of two blocks; in each window they are executed as often as count says.
template <class Count> trial_outcome Judge(Count count)
{
    trial_counts seen{};
    seen.blocks = 2;
    seen.windows = TRIAL_WINDOWS;
    for (unsigned w = 0; w < TRIAL_WINDOWS; w++) {
        seen.time[w] = 2000000;
        for (unsigned b = 0; b < 2; b++)
            seen.count[b][w] = static_cast<uint32_t>(count(b, w));
    }
    return trial_judge(&seen);
}

double Noise(unsigned w) { return 0.04 * ((w * 2654435761u >> 16) % 100 / 100.0 - 0.5); }

TEST(TrialJudge, FasterAndSlower)
{
    auto with = [](double gain) {
        return [gain](unsigned, unsigned w) { return 1000 * (1 + Noise(w)) * (Without(w) ? 1 : 1 + gain); };
    };
    EXPECT_EQ(Judge(with(0.1)).verdict, TRIAL_FASTER);
    EXPECT_NEAR(Judge(with(0.1)).gain, 0.1, 0.02);
    EXPECT_EQ(Judge(with(-0.1)).verdict, TRIAL_SLOWER);
    EXPECT_NEAR(Judge(with(-0.1)).gain, -0.1, 0.02);
    EXPECT_EQ(Judge(with(0)).verdict, TRIAL_OPEN);
}

TEST(TrialJudge, AGuestThatGetsSlowerByItselfSaysNothing)
{
    trial_outcome o = Judge([](unsigned, unsigned w) { return 2000 - 20.0 * w; });
    EXPECT_NE(o.verdict, TRIAL_SLOWER);
    EXPECT_NEAR(o.gain, 0, 0.01);
}

TEST(TrialJudge, ABlockOfOnePhaseWeighsNoMoreThanAnother)
{
    // The first is executed a thousand times as often, in the last windows only; the second says what is so.
    trial_outcome o = Judge([](unsigned b, unsigned w) {
        double other = w < TRIAL_WINDOWS - 4 ? 0 : 1e6;
        return b == 0 ? other : 1000 * (1 + Noise(w)) * (Without(w) ? 1 : 1.2);
    });
    EXPECT_GT(o.gain, 0.1);
}

TEST(TrialJudge, ThereHasToBeSomethingToTellItBy)
{
    EXPECT_EQ(Judge([](unsigned, unsigned) { return 0; }).verdict, TRIAL_UNKNOWN);
    EXPECT_EQ(Judge([](unsigned, unsigned) { return 1; }).verdict, TRIAL_UNKNOWN);
    // In the first windows there was: that is no verdict, either.
    trial_outcome o = Judge([](unsigned, unsigned w) { return w < 2 ? 1000 + 100 * w : 0; });
    EXPECT_EQ(o.verdict, TRIAL_UNKNOWN);
    EXPECT_EQ(o.gain, 0);
}

// A region of one block, and another block as the meter.
constexpr gaddr_t kMeter = kBase, kHead = kBase + 8;
constexpr uint32_t kCode[4] = {Jump(8), 0, Addi(10), kEcall};

struct Trial : ::testing::Test {
    Machine m{kCode};
    tb region{};
    trial t{};
    uint8_t host[4]{};
    void SetUp() override
    {
        m.Make(1);
        m.Translate(kMeter, 0);
        m.Translate(kHead, 0);
        for (gaddr_t pc : {kMeter, kHead})
            Locked([&] { tb_count_locked(Block(pc), false); });
        region.kind = TB_REGION;
        region.serial = 77;
        region.code.entry = Block(kHead)->code.rx + 4; // any place that an exit reaches
        region.part.head = Block(kHead);
        Locked([&] { tb_set_region_locked(m.e, Block(kHead), &region, region.code.entry); });
        t.region[0] = {kHead, 0, region.serial};
        t.regions = 1;
        t.meter[0] = {kMeter, 0, Block(kMeter)->serial};
        t.seen.blocks = 1;
    }
    void TearDown() override
    {
        Block(kHead)->region = nullptr;
        m.Destroy();
    }
    template <class Do> void Locked(Do what)
    {
        pthread_mutex_lock(&m.e->tbs->lock);
        what();
        pthread_mutex_unlock(&m.e->tbs->lock);
    }
    tb *Block(gaddr_t pc) { return tb_find(m.e, pc, 0); }
    const uint8_t *Chained() // where the meter's jump goes
    {
        const tb *from = Block(kMeter);
        for (uint32_t i = 0; i < from->code.exit_count; i++) {
            int32_t rel;
            const tcg_exit *x = &from->code.exits[i];
            if (x->pc != kHead)
                continue;
            memcpy(&rel, from->code.rx + x->jmp_off, sizeof rel);
            return from->code.rx + x->jmp_off + 4 + rel;
        }
        return nullptr;
    }
    // The meter's block, so often.
    void Execute(unsigned count) { Block(kMeter)->heat.counter -= int32_t(count); }
    void ExpectRestored()
    {
        EXPECT_FALSE(t.running);
        EXPECT_EQ(tb_entry(Block(kHead)), region.code.entry);
        EXPECT_EQ(Chained(), region.code.entry);
        EXPECT_EQ(tb_entry(Block(kMeter)), Block(kMeter)->code.rx);
        EXPECT_FALSE(Block(kMeter)->heat.counting);
    }
};

TEST_F(Trial, RegionIsSuspendedInTurn)
{
    trial_begin(&t, m.t);
    EXPECT_TRUE(t.running);
    EXPECT_EQ(tb_entry(Block(kMeter)), Block(kMeter)->code.rx + Block(kMeter)->code.counter_off);
    for (unsigned w = 0; w < TRIAL_WINDOWS; w++) {
        EXPECT_EQ(Chained(), Without(w) ? Block(kHead)->code.rx : region.code.entry) << w;
        EXPECT_EQ(Block(kHead)->region, &region);
        Execute(1000 + w);
        EXPECT_EQ(trial_advance(&t, m.t, 1000 + w), w + 1 == TRIAL_WINDOWS);
    }
    for (unsigned w = 0; w < TRIAL_WINDOWS; w++) {
        EXPECT_EQ(t.seen.count[0][w], 1000 + w);
        EXPECT_EQ(t.seen.time[w], 1000 + w);
    }
    ExpectRestored();
}

TEST_F(Trial, IsOverEarlyIfTheRegionIsPlainlyFaster)
{
    trial_begin(&t, m.t);
    unsigned windows = 0;
    do
        Execute(Without(windows) ? 1000 : 1300 + windows);
    while (!trial_advance(&t, m.t, 1000) && ++windows < TRIAL_WINDOWS);
    EXPECT_LT(windows, 10u);
    EXPECT_EQ(trial_judge(&t.seen).verdict, TRIAL_FASTER);
    ExpectRestored();
}

TEST_F(Trial, IsOverEarlyIfThereIsNothingToTellItBy)
{
    trial_begin(&t, m.t);
    unsigned windows = 1;
    while (!trial_advance(&t, m.t, 1000))
        windows++;
    EXPECT_LT(windows, 10u);
    EXPECT_EQ(trial_judge(&t.seen).verdict, TRIAL_UNKNOWN);
    ExpectRestored();
}

TEST_F(Trial, CancelledInAnyWindowAllIsAsBefore)
{
    for (unsigned stop = 0; stop < 4; stop++) {
        trial_begin(&t, m.t);
        for (unsigned w = 0; w < stop; w++)
            trial_advance(&t, m.t, 1000);
        trial_cancel(&t, m.e);
        ExpectRestored();
    }
    trial_cancel(&t, m.e);
    ExpectRestored();
}

TEST_F(Trial, AnotherRegionThatWasInstalledMeanwhileIsLeftAlone)
{
    trial_begin(&t, m.t);
    trial_advance(&t, m.t, 1000);
    EXPECT_EQ(Chained(), Block(kHead)->code.rx);
    tb other{};
    other.kind = TB_REGION;
    other.serial = 78;
    other.part.head = Block(kHead);
    other.code.entry = Block(kHead)->code.rx + 2;
    Locked([&] { tb_set_region_locked(m.e, Block(kHead), &other, other.code.entry); });
    while (!trial_advance(&t, m.t, 1000)) {
        EXPECT_EQ(Chained(), other.code.entry);
        Execute(1000);
    }
    EXPECT_EQ(Chained(), other.code.entry);
    Locked([&] { tb_set_region_locked(m.e, Block(kHead), &region, region.code.entry); });
}

TEST_F(Trial, IbtcOfTheThreadFollows)
{
    ibtc_remember(m.t, Block(kHead));
    const cpu_ibtc_entry *slot = &m.t->cpu->ibtc[cpu_ibtc_index(m.t->cpu, kHead)];
    EXPECT_EQ(slot->host, region.code.entry);
    trial_begin(&t, m.t);
    trial_advance(&t, m.t, 1000);
    EXPECT_EQ(slot->host, Block(kHead)->code.rx);
    trial_cancel(&t, m.e);
}

} // namespace
