/* SPDX-License-Identifier: Apache-2.0 */
/* Code cache: mapping, reservations, eviction, many threads. */
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include "runtime/engine/evict.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
}

namespace
{

const struct engine_os kNoThreads = {nullptr, nullptr, nullptr, [](void *, engine_visit_fn, void *) {},
                                     nullptr, nullptr};

class CodeCache : public testing::Test
{
  protected:
    void SetUp() override
    {
        engine = static_cast<struct engine *>(calloc(1, sizeof *engine));
        engine->os = &kNoThreads;
        engine->section_seq = 1;
        ASSERT_EQ(tbs_create(&engine->tbs), STATUS_OK);
        ASSERT_EQ(cc_init(&engine->cc, 1), STATUS_OK); /* the smallest there is */
    }
    void TearDown() override
    {
        cc_fini(&engine->cc);
        tbs_destroy(engine->tbs);
        free(engine);
    }

    struct engine *engine;
};

TEST_F(CodeCache, WritesThroughOneViewAppearInTheOther)
{
    struct cc_chunk *affinity = nullptr;
    struct cc_reservation r;
    ASSERT_EQ(cc_reserve(engine, &affinity, 64, 64, &r), STATUS_OK);
    r.rw[0] = 0xc3;
    EXPECT_EQ(r.rx[0], 0xc3);
    cc_commit(&engine->cc, &r, 1);
}

TEST_F(CodeCache, NoPageIsWritableAndExecutable)
{
    std::ifstream maps("/proc/self/maps");
    std::string line;
    while (std::getline(maps, line))
        EXPECT_EQ(line.find("rwx"), std::string::npos) << line;
}

TEST_F(CodeCache, RefusesMoreThanAChunk)
{
    struct cc_chunk *affinity = nullptr;
    struct cc_reservation r;
    EXPECT_EQ(cc_reserve(engine, &affinity, engine->cc.chunk_size + 1, 0, &r), STATUS_TOO_LARGE);
    EXPECT_EQ(cc_reserve(engine, &affinity, 16, engine->cc.data_size + 1, &r), STATUS_TOO_LARGE);
}

TEST_F(CodeCache, DataIsZeroedAndBounded)
{
    struct cc_chunk *affinity = nullptr;
    struct cc_reservation r;
    ASSERT_EQ(cc_reserve(engine, &affinity, 64, 256, &r), STATUS_OK);
    auto *p = static_cast<unsigned char *>(cc_data(&r, 256));
    memset(p, 0xff, 256);
    cc_abort(&engine->cc, &r);
    ASSERT_EQ(cc_reserve(engine, &affinity, 64, 256, &r), STATUS_OK);
    auto *q = static_cast<unsigned char *>(cc_data(&r, 256));
    EXPECT_EQ(p, q);
    for (int i = 0; i < 256; i++)
        EXPECT_EQ(q[i], 0);
    EXPECT_EQ(cc_data(&r, engine->cc.data_size), nullptr);
    cc_abort(&engine->cc, &r);
}

TEST_F(CodeCache, AffinityGivesTheSameChunkAgain)
{
    struct cc_chunk *a = nullptr, *b = nullptr;
    struct cc_reservation ra, rb;
    ASSERT_EQ(cc_reserve(engine, &a, 64, 64, &ra), STATUS_OK);
    ASSERT_EQ(cc_reserve(engine, &b, 64, 64, &rb), STATUS_OK);
    EXPECT_NE(a, b);
    cc_commit(&engine->cc, &ra, 64);
    cc_commit(&engine->cc, &rb, 64);
    struct cc_chunk *first = a;
    ASSERT_EQ(cc_reserve(engine, &a, 64, 64, &ra), STATUS_OK);
    EXPECT_EQ(a, first);
    cc_abort(&engine->cc, &ra);
}

TEST_F(CodeCache, EvictsTheOldestWhenFull)
{
    struct cc_chunk *affinity = nullptr;
    struct cc_reservation r;
    const size_t piece = engine->cc.chunk_size / 4;
    const unsigned fits = engine->cc.chunk_count * 4;
    for (unsigned i = 0; i < 3 * fits; i++) {
        ASSERT_EQ(cc_reserve(engine, &affinity, piece, 64, &r), STATUS_OK);
        memset(r.rw, (int)i, piece);
        cc_commit(&engine->cc, &r, piece);
    }
    EXPECT_GE(engine->cc.evictions, fits / 4);
}

TEST_F(CodeCache, EvictionRetiresTheBlocksOfTheChunk)
{
    struct cc_chunk *affinity = nullptr;
    struct cc_reservation r;
    ASSERT_EQ(cc_reserve(engine, &affinity, 64, 1024, &r), STATUS_OK);
    auto *tb = static_cast<struct tb *>(cc_data(&r, sizeof(struct tb)));
    tb->pc = 0x1000;
    tb->code.rw = r.rw;
    tb->code.rx = tb->code.entry = r.rx;
    tb->code.size = 64;
    tb_commit(engine, &r, 64, tb);
    EXPECT_EQ(tb_insert(engine, tb, 0), tb);
    EXPECT_EQ(tb_find(engine, 0x1000, 0), tb);
    EXPECT_EQ(tb_find_host(engine, (uintptr_t)tb->code.rx + 63), tb);
    EXPECT_EQ(tb_find_host(engine, (uintptr_t)tb->code.rx + 64), nullptr);
    for (unsigned i = 0; i < 8 * engine->cc.chunk_count; i++) {
        ASSERT_EQ(cc_reserve(engine, &affinity, engine->cc.chunk_size / 4, 64, &r), STATUS_OK);
        cc_commit(&engine->cc, &r, engine->cc.chunk_size / 4);
    }
    EXPECT_EQ(tb_find(engine, 0x1000, 0), nullptr);
}

/* More threads than chunks: nobody waits for ever, and no two write to the same bytes. */
TEST_F(CodeCache, ManyThreadsShareFewChunks)
{
    std::atomic<unsigned> clashes{0};
    auto work = [&](unsigned id) {
        struct cc_chunk *affinity = nullptr;
        struct cc_reservation r;
        for (unsigned i = 0; i < 2000; i++) {
            size_t n = 64 + (i * 97 + id * 31) % 1024;
            ASSERT_EQ(cc_reserve(engine, &affinity, n, 64, &r), STATUS_OK);
            memset(r.rw, (int)id, n);
            std::this_thread::yield();
            for (size_t k = 0; k < n; k++)
                clashes += r.rx[k] != (uint8_t)id;
            cc_commit(&engine->cc, &r, n);
        }
    };
    std::vector<std::thread> threads;
    for (unsigned id = 1; id <= 24; id++)
        threads.emplace_back(work, id);
    for (auto &t : threads)
        t.join();
    EXPECT_EQ(clashes.load(), 0u);
}

/* A grace period ends only after every section that was open has ended. */
TEST_F(CodeCache, GracePeriodWaitsForOpenSections)
{
    uint64_t section = 0;
    std::atomic<bool> done{false};
    reclaim_register(engine, &section);
    section_enter(engine, &section);
    std::thread waiter([&] {
        reclaim_wait(engine);
        done = true;
    });
    for (int i = 0; i < 1000; i++)
        std::this_thread::yield();
    EXPECT_FALSE(done.load());
    section_leave(&section);
    waiter.join();
    EXPECT_TRUE(done.load());
    /* one that begins after the wait does not hold it up */
    section_enter(engine, &section);
    section_leave(&section);
    reclaim_unregister(engine, &section);
}

} // namespace
