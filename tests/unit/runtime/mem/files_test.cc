// SPDX-License-Identifier: Apache-2.0
// Identities of mapped files, and the addresses that follow from them (runtime/mem/mem_files.c).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

extern "C" {
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_files.h"
}

namespace
{

constexpr uint64_t kSize = 0x5000;

// A file of kSize bytes that begins like an ELF file and goes on with c.
class File
{
  public:
    explicit File(char c, const char *magic = "\177ELF", size_t size = kSize)
    {
        char name[] = "/tmp/tandem_file_XXXXXX";
        fd = mkstemp(name);
        unlink(name);
        std::string bytes(size, c);
        bytes.replace(0, 4, magic);
        EXPECT_EQ(write(fd, bytes.data(), size), (ssize_t)size);
    }
    ~File() { close(fd); }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    int fd;
};

// The memory of one process. Two of them in one process of the host cannot both have a file at its place.
struct Memory {
    explicit Memory(bool noted = true, bool placed = true)
    {
        EXPECT_EQ(mem_create(&mem, nullptr, nullptr), STATUS_OK);
        mem_set_files(mem, noted, placed);
    }
    ~Memory() { mem_destroy(mem); }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    gaddr_t Map(const File &f, int prot = PROT_READ, int flags = MAP_PRIVATE, gaddr_t at = 0, uint64_t offset = 0) const
    {
        long result = mem_mmap(mem, at, kSize, prot, flags, f.fd, offset);
        EXPECT_GE(result, 0);
        return (gaddr_t)result;
    }
    bool Knows(gaddr_t at) const
    {
        uint64_t id[2];
        return mem_file_at(mem, at, id);
    }
    guest_mem *mem;
};

// The window may be what a sanitizer keeps for itself.
struct Files : ::testing::Test {
    void SetUp() override
    {
        Memory m;
        File probe('p');
        uint64_t id[2];
        ASSERT_TRUE(mem_file_id(m.mem, probe.fd, id));
        if (m.Map(probe) != mem_file_place(m.mem, id, 0))
            GTEST_SKIP() << "this process has something in the window";
    }
};

TEST_F(Files, EachHasItsAddressWhateverIsMappedBefore)
{
    File a('a'), b('b'), same('a');
    gaddr_t first, second;
    {
        Memory m;
        first = m.Map(a);
        second = m.Map(b);
    }
    EXPECT_NE(first, second);
    Memory m;
    EXPECT_EQ(m.Map(b), second);
    EXPECT_EQ(m.Map(same), first) << "another file with the same contents";
}

TEST_F(Files, WhereSomethingIsAlreadyTheyGoElsewhere)
{
    File a('a');
    Memory m;
    gaddr_t first = m.Map(a);
    std::vector<gaddr_t> all = {first};
    for (int i = 0; i < MEM_FILE_ATTEMPTS + 2; i++) {
        all.push_back(m.Map(a));
        EXPECT_EQ(std::count(all.begin(), all.end(), all.back()), 1);
        EXPECT_TRUE(m.Knows(all.back())) << i;
    }
    EXPECT_EQ(mem_munmap(m.mem, first, kSize), 0);
    EXPECT_EQ(m.Map(a), first);
}

TEST_F(Files, SizeAndFirstPageAreTheIdentity)
{
    Memory m;
    uint64_t a[2], other[2];
    ASSERT_TRUE(mem_file_id(m.mem, File('a').fd, a));
    ASSERT_TRUE(mem_file_id(m.mem, File('a').fd, other));
    EXPECT_EQ(memcmp(a, other, sizeof a), 0);
    ASSERT_TRUE(mem_file_id(m.mem, File('b').fd, other));
    EXPECT_NE(memcmp(a, other, sizeof a), 0);
    ASSERT_TRUE(mem_file_id(m.mem, File('a', "\177ELF", kSize + 1).fd, other));
    EXPECT_NE(memcmp(a, other, sizeof a), 0);
    EXPECT_FALSE(mem_file_id(m.mem, File('a', "text").fd, other));
    EXPECT_FALSE(mem_file_id(m.mem, File('a', "\177ELF", 8).fd, other));
    EXPECT_FALSE(mem_file_id(m.mem, -1, other));
    int null = open("/dev/null", O_RDONLY);
    EXPECT_FALSE(mem_file_id(m.mem, null, other));
    close(null);
}

TEST_F(Files, OnlyCodeWithoutAWishIsPlaced)
{
    File a('a');
    Memory m;
    gaddr_t place = m.Map(a);
    EXPECT_EQ(mem_munmap(m.mem, place, kSize), 0);
    EXPECT_NE(m.Map(a, PROT_READ | PROT_WRITE), place);
    EXPECT_NE(m.Map(a, PROT_READ, MAP_SHARED), place);
    EXPECT_NE(m.Map(a, PROT_READ, MAP_PRIVATE, 0, 0x1000), place);
    gaddr_t wish = place + 0x100000;
    EXPECT_EQ(m.Map(a, PROT_READ, MAP_PRIVATE, wish), wish);
    EXPECT_TRUE(m.Knows(wish)) << "where it is does not matter for what it is";
    EXPECT_EQ(m.Map(a), place);
}

TEST_F(Files, WhatIsUnmappedIsForgotten)
{
    File a('a');
    Memory m;
    gaddr_t at = m.Map(a);
    EXPECT_FALSE(m.Knows(at - 1));
    EXPECT_TRUE(m.Knows(at));
    EXPECT_TRUE(m.Knows(at + kSize - 1));
    EXPECT_FALSE(m.Knows(at + kSize));
    EXPECT_EQ(mem_munmap(m.mem, at, 0x1000), 0);
    EXPECT_TRUE(m.Knows(at + 0x1000)) << "the rest is still there";
    EXPECT_EQ(mem_munmap(m.mem, at, kSize), 0);
    EXPECT_FALSE(m.Knows(at + 0x1000));
}

TEST_F(Files, AddressesAreTheKernelsUnlessAskedFor)
{
    File a('a');
    gaddr_t place;
    {
        Memory m;
        place = m.Map(a);
    }
    Memory noted(true, false), plain(false, true);
    gaddr_t at = noted.Map(a);
    EXPECT_NE(at, place);
    EXPECT_TRUE(noted.Knows(at));
    EXPECT_EQ(mem_vdso_place(noted.mem), 0u);
    at = plain.Map(a);
    EXPECT_NE(at, place);
    EXPECT_FALSE(plain.Knows(at));
    EXPECT_EQ(mem_vdso_place(plain.mem), 0u);
}

} // namespace
