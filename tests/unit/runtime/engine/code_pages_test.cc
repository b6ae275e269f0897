// SPDX-License-Identifier: Apache-2.0
// Pages of the code cache (runtime/engine/code_pages.c): what is written stays when huge pages take the place of small.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

extern "C" {
#include "runtime/engine/code_pages.h"
}

namespace
{

struct CodePages : ::testing::Test {
    code_cache cc{};
    cc_chunk *affinity = nullptr;
    void SetUp() override { ASSERT_EQ(cc_init(&cc, 64 << 20), STATUS_OK); }
    void TearDown() override { cc_fini(&cc); }
    // Takes that much code and metadata, and fills both with the byte.
    cc_reservation Take(size_t code, size_t data, uint8_t byte)
    {
        cc_reservation r;
        cc_chunk *victim;
        EXPECT_TRUE(cc_check_out(&cc, &affinity, code, data, &r, &victim));
        memset(r.rw, byte, code);
        memset(cc_data(&r, data), byte, data);
        cc_commit(&cc, &r, code);
        return r;
    }
};

void ExpectAll(const uint8_t *at, size_t size, uint8_t byte)
{
    for (size_t i = 0; i < size; i++)
        ASSERT_EQ(at[i], byte) << i;
}

TEST_F(CodePages, ViewsAndMetadataBeginAtHugePages)
{
    for (const uint8_t *at : {cc.rx, static_cast<const uint8_t *>(cc.rw), static_cast<const uint8_t *>(cc.data)})
        EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % CODE_PAGES_HUGE, 0u);
}

// Metadata of neighbours lies on one huge page: it comes as far as it is used.
TEST_F(CodePages, HugePagesOfMetadataComeWhenTheyAreNeeded)
{
    Take(4096, 300 << 10, 1);
    cc_reservation first = Take(4096, 300 << 10, 2);
    const size_t end = CODE_PAGES_HUGE - (uintptr_t)first.chunk->data % CODE_PAGES_HUGE;
    if (!first.chunk->data_huge)
        GTEST_SKIP() << "this kernel makes no huge pages on request";
    EXPECT_EQ(first.chunk->data_touched, end);
    cc_chunk *first_chunk = first.chunk;
    Take(cc.chunk_size - cc.chunk_size / 32, 4096, 3); // the next chunk, on the same page at first
    Take(cc.chunk_size - cc.chunk_size / 32, 900 << 10, 4);
    Take(4096, 500 << 10, 5);
    ExpectAll(first.data - (300 << 10), 300 << 10, 2);
    EXPECT_EQ(first_chunk->data_touched, end);
}

TEST_F(CodePages, SmallUseHasSmallPages)
{
    Take(4096, 16384, 1);
    Take(4096, 16384, 2);
    EXPECT_FALSE(affinity->huge);
    EXPECT_LE(affinity->data_touched, size_t(256) << 10);
    EXPECT_LE(affinity->touched, size_t(64) << 10);
}

TEST_F(CodePages, WhatWasWrittenStaysWhenHugePagesCome)
{
    cc_reservation first = Take(5000, 300 << 10, 0x5a);
    EXPECT_FALSE(affinity->huge);
    cc_reservation second = Take(5000, 300 << 10, 0xa5);
    EXPECT_TRUE(affinity->huge);
    ASSERT_EQ(first.chunk, second.chunk);
    ExpectAll(first.rx, 5000, 0x5a);
    ExpectAll(first.rw, 5000, 0x5a);
    ExpectAll(first.data - (300 << 10), 300 << 10, 0x5a);
    ExpectAll(second.rx, 5000, 0xa5);
    second.rw[1] = 0x77;
    EXPECT_EQ(second.rx[1], 0x77); // still the same memory
}

TEST_F(CodePages, ThreadThatFilledAChunkGetsHugePagesAtOnce)
{
    cc_chunk *old = nullptr;
    cc_reservation r = Take(cc.chunk_size - cc.chunk_size / 32, 4096, 1);
    old = r.chunk;
    EXPECT_FALSE(old->huge);
    r = Take(cc.chunk_size / 16, 4096, 2);
    ASSERT_NE(r.chunk, old);
    EXPECT_TRUE(r.chunk->huge);
    ExpectAll(old->rx, cc.chunk_size - cc.chunk_size / 32, 1); // it may be on the same huge page
    ExpectAll(r.rx, cc.chunk_size / 16, 2);
}

} // namespace
