/* SPDX-License-Identifier: Apache-2.0 */
/* The profile of indirect jumps: which blocks have one, when it is taken, what it gives. */
#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

extern "C" {
#include "runtime/engine/profile.h"
#include "runtime/engine/tb.h"
#include "src/base/options.h"
#include "src/ir/build/builder.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/state.h"
}

namespace
{

const struct ir_state_row kRows[] = {{"x0", offsetof(struct cpu, guest), IR_I64}};
const struct ir_state kState = {kRows, 1, nullptr, 0, nullptr, 0, 0, nullptr, 0, 0, 0, 0};
constexpr gaddr_t kPc = 0x1000;

class Profile : public testing::Test
{
  protected:
    void SetUp() override
    {
        memset(&options, 0, sizeof options);
        engine = static_cast<struct engine *>(calloc(1, sizeof *engine));
        engine->hot_count = 10000;
        engine->options = &options;
        engine->tier = TIER_MIXED;
        arena_init(&arena);
    }
    void TearDown() override
    {
        arena_fini(&arena);
        free(engine);
    }

    /* A block that ends in a jump to x0, after a side exit to side if that is not 0. */
    const struct ir_block *jump(enum ir_hint hint, gaddr_t side = 0)
    {
        struct ir_builder b;
        ir_builder_init(&b, &arena, &kState, kPc, 0);
        ir_ref x = ir_get(&b, 0);
        if (side)
            ir_exit_if(&b, ir_icmp(&b, IR_EQ, x, ir_const(&b, IR_I64, 5)), side);
        ir_jump_reg(&b, hint, x);
        return ir_builder_seal(&b);
    }

    void init(const struct ir_block *block)
    {
        ASSERT_NE(block, nullptr);
        memset(&tb, 0, sizeof tb);
        memset(data, 0, sizeof data);
        struct cc_reservation r = {};
        r.data = data;
        r.data_capacity = sizeof data;
        tb.heat.counter = tb.heat.armed = engine->hot_count;
        profile_init(engine, &tb, block, &r);
    }

    struct options options;
    struct engine *engine;
    struct arena arena;
    struct tb tb;
    alignas(16) uint8_t data[4096];
};

TEST_F(Profile, IsForIndirectJumpsThatShowTheirTarget)
{
    init(jump(IR_HINT_NONE));
    EXPECT_NE(tb.heat.profile, nullptr);
    init(jump(IR_HINT_NONE, kPc + 0x100));
    EXPECT_NE(tb.heat.profile, nullptr);
    init(jump(IR_HINT_CALL));
    EXPECT_NE(tb.heat.profile, nullptr);
    init(jump(IR_HINT_RET));
    EXPECT_EQ(tb.heat.profile, nullptr);
    init(jump(IR_HINT_NONE, kPc)); /* polls before the jump does */
    EXPECT_EQ(tb.heat.profile, nullptr);
    engine->tier = TIER_1;
    init(jump(IR_HINT_NONE));
    EXPECT_EQ(tb.heat.profile, nullptr);
}

/* Lets the counter run out until the block is hot: the samples that were due. Entries must be counted as without. */
TEST_F(Profile, IsTakenBeforeTheBlockIsHot)
{
    for (int64_t threshold : {1, 100, 50000}) {
        engine->hot_count = static_cast<int32_t>(threshold);
        init(jump(IR_HINT_NONE));
        uint64_t entries = 0;
        unsigned samples = 0;
        for (;;) {
            entries += static_cast<uint64_t>(tb.heat.counter) + 1; /* down to -1 */
            tb.heat.counter = -1;
            EXPECT_EQ(tb_executions(&tb), entries);
            if (!profile_due(engine, &tb))
                break;
            ASSERT_LT(++samples, 1000u);
        }
        EXPECT_GE(samples, 16u);
        EXPECT_LE(entries, static_cast<uint64_t>(threshold) * 3 / 2 + 2 * samples);
        EXPECT_GE(entries, static_cast<uint64_t>(threshold) * 9 / 10);
    }
}

TEST_F(Profile, GivesTheMostFrequentTargetsFirst)
{
    init(jump(IR_HINT_NONE));
    gaddr_t pc[PROFILE_TARGETS + 1];
    EXPECT_EQ(profile_targets(&tb, pc, nullptr, PROFILE_TARGETS), 0u);
    for (unsigned i = 0; i < 60; i++)
        profile_add(&tb, 0x2000 + 0x100 * (i % 3 == 0 ? 0 : i % 5 == 0 ? 1 : 2));
    unsigned percent[PROFILE_TARGETS];
    ASSERT_EQ(profile_targets(&tb, pc, percent, PROFILE_TARGETS), 3u);
    EXPECT_EQ(percent[0], 53u); /* 32 of 60 */
    EXPECT_EQ(percent[1], 33u);
    EXPECT_EQ(percent[2], 13u);
    EXPECT_EQ(pc[0], 0x2200u);
    EXPECT_EQ(pc[1], 0x2000u);
    EXPECT_EQ(pc[2], 0x2100u);
    EXPECT_EQ(profile_targets(&tb, pc, nullptr, 2), 2u);
    for (unsigned i = 0; i < 2 * PROFILE_TARGETS; i++) /* more than there is room for */
        profile_add(&tb, 0x8000 + 0x10 * i);
    EXPECT_EQ(profile_targets(&tb, pc, nullptr, PROFILE_TARGETS + 1), static_cast<unsigned>(PROFILE_TARGETS));
    EXPECT_EQ(pc[0], 0x2200u);
}

TEST_F(Profile, IsSharedByThreads)
{
    init(jump(IR_HINT_NONE));
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; t++) {
        threads.emplace_back([this, t] {
            gaddr_t pc[PROFILE_TARGETS];
            for (unsigned i = 0; i < 1000; i++) {
                profile_add(&tb, 0x2000 + 0x100 * ((i + t) & 3));
                profile_due(engine, &tb);
                EXPECT_LE(profile_targets(&tb, pc, nullptr, PROFILE_TARGETS), 4u);
            }
        });
    }
    for (auto &thread : threads)
        thread.join();
    gaddr_t pc[PROFILE_TARGETS];
    EXPECT_EQ(profile_targets(&tb, pc, nullptr, PROFILE_TARGETS), 4u);
}

} // namespace
