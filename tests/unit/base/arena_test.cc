// SPDX-License-Identifier: Apache-2.0
#include "src/base/arena.h"

#include <gtest/gtest.h>

#include <cstring>

namespace
{
struct Arena : arena {
    Arena() { arena_init(this); }
    ~Arena() { arena_fini(this); }
};

TEST(Arena, GivesClearedAlignedMemoryThatDoesNotOverlap)
{
    Arena a;
    for (size_t size : {1, 15, 16, 17, 1000, 70000, 0, 3}) {
        auto *p = static_cast<unsigned char *>(arena_alloc(&a, size));
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 16, 0u);
        for (size_t i = 0; i < size; i++)
            ASSERT_EQ(p[i], 0) << "size " << size << " byte " << i;
        memset(p, 0xff, size);
    }
}

TEST(Arena, KeepsWhatWasAllocatedWhenItGrows)
{
    Arena a;
    auto *first = static_cast<int *>(arena_alloc(&a, sizeof(int)));
    *first = 42;
    for (int i = 0; i < 1000; i++)
        arena_alloc(&a, 1000);
    EXPECT_EQ(*first, 42);
    EXPECT_GE(a.total, 1000000u);
}

TEST(Arena, ResetHandsTheFirstChunkOutAgainCleared)
{
    Arena a;
    void *first = arena_alloc(&a, 100);
    memset(first, 0xff, 100);
    for (int i = 0; i < 1000; i++)
        arena_alloc(&a, 1000);
    size_t grown = a.total;
    arena_reset(&a);
    EXPECT_LT(a.total, grown);
    auto *again = static_cast<unsigned char *>(arena_alloc(&a, 100));
    EXPECT_EQ(again, first);
    for (int i = 0; i < 100; i++)
        ASSERT_EQ(again[i], 0);
    arena_reset(&a);
    arena_reset(&a);
}

TEST(Arena, ResetOfAnEmptyOne)
{
    Arena a;
    arena_reset(&a);
    EXPECT_EQ(a.total, 0u);
}

TEST(Arena, Printf)
{
    Arena a;
    EXPECT_STREQ(arena_printf(&a, "%s-%d", "x", 7), "x-7");
    EXPECT_STREQ(arena_printf(&a, "%s", ""), "");
    EXPECT_EQ(strlen(arena_printf(&a, "%*d", 5000, 1)), 5000u);
}
TEST(Arena, ListsGrowWithWhatIsInUse)
{
    struct arena a;
    arena_init(&a);
    unsigned capacity = 0;
    int *list = nullptr;
    for (unsigned n = 0; n < 100; n++) {
        if (n == capacity)
            list = static_cast<int *>(arena_grow(&a, list, n, &capacity, 3, sizeof *list));
        list[n] = int(n);
    }
    EXPECT_EQ(capacity, 192u);
    for (int n = 0; n < 100; n++)
        EXPECT_EQ(list[n], n);
    arena_fini(&a);
}

} // namespace
