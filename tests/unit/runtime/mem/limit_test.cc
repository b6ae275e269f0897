// SPDX-License-Identifier: Apache-2.0
// Guests whose addresses end below the host's (runtime/mem/mem_place.c and what uses it).
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include <cerrno>
#include <cstring>

extern "C" {
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_shm.h"
}

namespace
{

constexpr int kRw = PROT_READ | PROT_WRITE, kAnon = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr gaddr_t kLimit = 0xffffe000, kTop = 0xf0000000;

struct Limit : ::testing::Test {
    guest_mem *mem = nullptr;
    void SetUp() override
    {
        gaddr_t in_the_way;
        ASSERT_EQ(mem_create(&mem, nullptr, nullptr), STATUS_OK);
        if (mem_set_limit(mem, kLimit, kTop, &in_the_way) != STATUS_OK)
            GTEST_SKIP() << "this process has something at " << std::hex << in_the_way << " (a sanitizer's shadow?)";
    }
    void TearDown() override { mem_destroy(mem); }
    long New(uint64_t len, gaddr_t hint = 0, int flags = kAnon) { return mem_mmap(mem, hint, len, kRw, flags, -1, 0); }
};

TEST_F(Limit, MappingsGoBelowTheTopOneBelowTheOther)
{
    EXPECT_EQ(New(0x3000), (long)(kTop - 0x3000));
    EXPECT_EQ(New(0x1000), (long)(kTop - 0x4000));
    EXPECT_EQ(mem_munmap(mem, kTop - 0x2000, 0x1000), 0);
    EXPECT_EQ(New(0x2000), (long)(kTop - 0x6000)) << "the hole is too small";
    EXPECT_EQ(New(0x1000), (long)(kTop - 0x2000)) << "the hole fits";
}

TEST_F(Limit, AHintCountsIfItsPlaceIsFreeAndInReach)
{
    EXPECT_EQ(New(0x1000, 0x20000000), 0x20000000);
    EXPECT_NE(New(0x1000, 0x20000000), 0x20000000);
    EXPECT_EQ(New(0x1000, kLimit - 0x1000), (long)(kLimit - 0x1000));
    EXPECT_LT(New(0x2000, kLimit - 0x1000), (long)kTop);
    EXPECT_LT(New(0x1000, UINT64_C(0x4000000000)), (long)kTop);
}

TEST_F(Limit, WhatIsFixedCannotLieBeyond)
{
    EXPECT_EQ(New(0x1000, kLimit - 0x1000, kAnon | MAP_FIXED), (long)(kLimit - 0x1000));
    EXPECT_EQ(New(0x2000, kLimit - 0x1000, kAnon | MAP_FIXED), -ENOMEM);
    EXPECT_EQ(New(0x1000, UINT64_C(0x100000000), kAnon | MAP_FIXED), -ENOMEM);
    EXPECT_EQ(New(UINT64_C(0x100000000)), -ENOMEM);
    EXPECT_EQ(mem_munmap(mem, kLimit, 0x1000), -EINVAL);
}

TEST_F(Limit, RoomAboveTheTopIsTheLastResort)
{
    ASSERT_EQ(New(kTop - 0x10000, 0x10000, kAnon | MAP_FIXED | MAP_NORESERVE), 0x10000);
    EXPECT_EQ(New(0x1000), (long)(kLimit - 0x1000));
    EXPECT_EQ(New(UINT64_C(0x20000000)), -ENOMEM);
}

TEST_F(Limit, PlacesOfTheHostAreLeftOut)
{
    void *at = mmap((void *)(kTop - 0x1000), 0x1000, kRw, kAnon | MAP_FIXED_NOREPLACE, -1, 0);
    ASSERT_EQ((gaddr_t)at, kTop - 0x1000);
    const long got = New(0x2000);
    EXPECT_GT(got, 0);
    EXPECT_LE(got, (long)(kTop - 0x3000));
    EXPECT_EQ(New(0x1000, kTop - 0x1000, kAnon | MAP_FIXED), -ENOMEM);
    munmap(at, 0x1000);
}

TEST_F(Limit, RemappingMovesWithinReach)
{
    const long a = New(0x2000), b = New(0x1000);
    strcpy((char *)mem_host(mem, (gaddr_t)b), "moved");
    const long c = mem_mremap(mem, (gaddr_t)b, 0x1000, 0x3000, MREMAP_MAYMOVE, 0);
    EXPECT_EQ(b + 0x1000, a) << "no room to grow";
    EXPECT_LT((gaddr_t)c, kTop);
    EXPECT_STREQ((char *)mem_host(mem, (gaddr_t)c), "moved");
    EXPECT_FALSE(mem_is_mapped(mem, (gaddr_t)b));
    EXPECT_EQ(mem_mremap(mem, (gaddr_t)c, 0x3000, 0x5000, 0, 0), -ENOMEM);
    EXPECT_EQ(mem_mremap(mem, (gaddr_t)c, 0x3000, 0x1000, MREMAP_MAYMOVE | MREMAP_FIXED, kLimit), -EINVAL);
}

TEST_F(Limit, SharedMemoryAndTheBreakStayInReach)
{
    const int id = shmget(IPC_PRIVATE, 0x2000, 0600);
    ASSERT_GE(id, 0);
    EXPECT_EQ(mem_shmat(mem, id, 0, 0), (long)(kTop - 0x2000));
    EXPECT_EQ(mem_shmdt(mem, kTop - 0x2000), 0);
    shmctl(id, IPC_RMID, nullptr);
    mem_set_brk(mem, kLimit - 0x2000);
    EXPECT_EQ(mem_brk(mem, kLimit), (long)kLimit);
    EXPECT_EQ(mem_brk(mem, kLimit + 1), (long)kLimit);
}

TEST_F(Limit, AHostThatIsInTheWayIsNamed)
{
    guest_mem *other;
    gaddr_t in_the_way = 0;
    ASSERT_EQ(New(0x1000, 0x30000000), 0x30000000);
    ASSERT_EQ(mem_create(&other, nullptr, nullptr), STATUS_OK);
    EXPECT_EQ(mem_set_limit(other, kLimit, kTop, &in_the_way), STATUS_NO_MEMORY);
    EXPECT_EQ(in_the_way, 0x30000000u);
    mem_destroy(other);
}

} // namespace
