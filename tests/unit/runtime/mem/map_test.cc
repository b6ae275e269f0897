// SPDX-License-Identifier: Apache-2.0
// The mmap family as the guest sees it (runtime/mem/mem_calls.c, mem_map.c, guest_mem.c, mem_shm.c, mem_list.c).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

extern "C" {
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_list.h"
#include "runtime/mem/mem_shm.h"
#include "runtime/mem/mem_stack.h"
}

namespace
{

constexpr int kRw = PROT_READ | PROT_WRITE, kAnon = MAP_PRIVATE | MAP_ANONYMOUS;

struct Map : ::testing::Test {
    guest_mem *mem = nullptr;
    Map() { EXPECT_EQ(mem_create(&mem, nullptr, nullptr), STATUS_OK); }
    ~Map() override { mem_destroy(mem); }
    long New(uint64_t len, int prot = kRw, int flags = kAnon) { return mem_mmap(mem, 0, len, prot, flags, -1, 0); }
    char *Host(long at) { return static_cast<char *>(mem_host(mem, static_cast<gaddr_t>(at))); }
    std::vector<std::string> List()
    {
        std::vector<std::string> lines;
        mem_foreach(
            mem,
            [](const mem_region *r, void *arg) {
                char text[400];
                snprintf(text, sizeof text, "%llx-%llx %d %s", (unsigned long long)r->start, (unsigned long long)r->end,
                         r->prot, r->name);
                static_cast<std::vector<std::string> *>(arg)->push_back(text);
                return true;
            },
            &lines);
        return lines;
    }
};

// Rights of the host's page, from /proc/self/maps.
std::string HostRights(long at)
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[600], rights[5];
    unsigned long start, end;
    std::string found;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3 && start <= (unsigned long)at &&
            (unsigned long)at < end)
            found = rights;
    fclose(f);
    return found;
}

TEST_F(Map, MmapGivesZeroedMemoryThatTheGuestOwns)
{
    long at = New(5000);
    ASSERT_GT(at, 0);
    EXPECT_EQ(Host(at)[8191], 0);
    EXPECT_TRUE(mem_is_writable(mem, at, 8192));
    EXPECT_FALSE(mem_is_writable(mem, at, 8193));
    EXPECT_FALSE(mem_is_writable(mem, at - 1, 2));
    EXPECT_TRUE(mem_is_writable(mem, 1, 0));
    EXPECT_FALSE(mem_is_writable(mem, ~0ull, 2));
}

TEST_F(Map, BadArgumentsGetTheKernelsErrors)
{
    EXPECT_EQ(New(0), -EINVAL);
    EXPECT_EQ(New(~0ull), -ENOMEM);
    EXPECT_EQ(New(1ull << 47), -ENOMEM);
    EXPECT_EQ(mem_mmap(mem, 0x10001, 4096, kRw, kAnon | MAP_FIXED, -1, 0), -EINVAL);
    EXPECT_EQ(mem_mmap(mem, ~0xfffull, 4096, kRw, kAnon | MAP_FIXED, -1, 0), -ENOMEM);
    EXPECT_EQ(mem_mmap(mem, 0, 4096, kRw, MAP_PRIVATE, -1, 0), -EBADF);
    EXPECT_EQ(New(4096, kRw, MAP_ANONYMOUS), -EINVAL);
    EXPECT_EQ(mem_munmap(mem, 0x10001, 4096), -EINVAL);
    EXPECT_EQ(mem_munmap(mem, 0x10000, 0), -EINVAL);
    EXPECT_EQ(mem_mprotect(mem, 0x10001, 4096, kRw), -EINVAL);
    EXPECT_EQ(mem_mprotect(mem, 0x10000, 4096, kRw), -ENOMEM);
    EXPECT_EQ(mem_mprotect(mem, 0x10000, 0, kRw), 0);
    EXPECT_EQ(mem_mprotect(mem, 0x10000, 4096, 0x80), -EINVAL);
    EXPECT_EQ(mem_msync(mem, 0x10000, 4096, MS_SYNC), -ENOMEM);
    EXPECT_EQ(mem_madvise(mem, 0x10000, 4096, MADV_DONTNEED), -ENOMEM);
    EXPECT_EQ(mem_madvise(mem, 0x10000, 0, 12345), -EINVAL);
    EXPECT_EQ(mem_mremap(mem, 0x10000, 4096, 8192, 0, 0), -EFAULT);
    EXPECT_EQ(mem_mremap(mem, 0x10000, 4096, 0, 0, 0), -EINVAL);
}

TEST_F(Map, GuestCodeIsDataForTheHost)
{
    long at = New(4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    EXPECT_EQ(HostRights(at), "rw-p");
    EXPECT_EQ(mem_mprotect(mem, at, 4096, PROT_EXEC), 0);
    EXPECT_EQ(HostRights(at), "r--p");
    EXPECT_EQ(mem_prot_at(mem, at), PROT_EXEC);
    const uint8_t *code;
    size_t avail;
    ASSERT_TRUE(mem_fetch(mem, at + 4, &code, &avail));
    EXPECT_EQ(avail, 4092u);
    EXPECT_EQ(mem_mprotect(mem, at, 4096, PROT_NONE), 0);
    EXPECT_FALSE(mem_fetch(mem, at + 4, &code, &avail));
    EXPECT_EQ(mem_prot_at(mem, at), PROT_NONE);
    EXPECT_EQ(mem_prot_at(mem, at), PROT_NONE);
    EXPECT_TRUE(mem_is_mapped(mem, at));
}

TEST_F(Map, FixedReplacesWhatTheGuestOwnsAndFreeAddressesOnly)
{
    long at = New(3 * 4096);
    Host(at)[4096] = 1;
    ASSERT_EQ(mem_munmap(mem, at, 4096), 0);
    EXPECT_EQ(mem_mmap(mem, at, 2 * 4096, kRw, kAnon | MAP_FIXED, -1, 0), at);
    EXPECT_EQ(Host(at)[4096], 0);
    EXPECT_EQ(mem_mmap(mem, at, 4096, kRw, kAnon | MAP_FIXED_NOREPLACE, -1, 0), -EEXIST);
}

TEST_F(Map, NothingOfTandemsOwnIsTouched)
{
    char *ours = static_cast<char *>(mmap(nullptr, 3 * 4096, kRw, kAnon, -1, 0));
    const auto at = reinterpret_cast<gaddr_t>(ours);
    ASSERT_EQ(munmap(ours, 4096), 0);
    ours[4096] = 42;
    EXPECT_EQ(mem_mmap(mem, at, 2 * 4096, kRw, kAnon | MAP_FIXED, -1, 0), -ENOMEM);
    EXPECT_EQ(mem_mmap(mem, at, 4096, kRw, kAnon | MAP_FIXED_NOREPLACE, -1, 0), (long)at)
        << "the free page was given back";
    EXPECT_EQ(mem_munmap(mem, at, 3 * 4096), 0);
    EXPECT_EQ(mem_mprotect(mem, at + 4096, 4096, PROT_NONE), -ENOMEM);
    EXPECT_EQ(mem_madvise(mem, at + 4096, 4096, MADV_DONTNEED), -ENOMEM);
    EXPECT_EQ(mem_mremap(mem, at + 4096, 4096, 8192, MREMAP_MAYMOVE, 0), -EFAULT);
    long other = New(4096);
    EXPECT_EQ(mem_mremap(mem, other, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at + 4096), -ENOMEM);
    EXPECT_EQ(ours[4096], 42);
    munmap(ours + 4096, 2 * 4096);
}

TEST_F(Map, AFailedFixedMappingLeavesNoReservation)
{
    long at = New(4096);
    ASSERT_EQ(mem_munmap(mem, at, 4096), 0);
    EXPECT_EQ(mem_mmap(mem, at, 4096, kRw, MAP_PRIVATE | MAP_FIXED, 12345, 0), -EBADF);
    EXPECT_EQ(HostRights(at), "");
}

TEST_F(Map, MprotectWorksAcrossAreasAndStopsAtAGap)
{
    long at = New(4 * 4096);
    ASSERT_EQ(mem_mprotect(mem, at + 4096, 4096, PROT_READ), 0);
    ASSERT_EQ(mem_munmap(mem, at + 3 * 4096, 4096), 0);
    EXPECT_EQ(mem_mprotect(mem, at, 4 * 4096, PROT_NONE), -ENOMEM);
    EXPECT_EQ(mem_prot_at(mem, at), PROT_NONE);
    EXPECT_EQ(mem_prot_at(mem, at + 2 * 4096), PROT_NONE);
}

TEST_F(Map, MprotectOfAStackGoesDownToItsStart)
{
    long at = mem_mmap(mem, 0, 4 * 4096, kRw, kAnon | MAP_GROWSDOWN, -1, 0);
    ASSERT_GT(at, 0);
    EXPECT_EQ(mem_mprotect(mem, at + 2 * 4096, 4096, kRw | PROT_EXEC | PROT_GROWSDOWN), 0);
    EXPECT_EQ(mem_prot_at(mem, at), kRw | PROT_EXEC);
    EXPECT_EQ(mem_prot_at(mem, at + 3 * 4096), kRw);
    long other = New(4096);
    EXPECT_EQ(mem_mprotect(mem, other, 4096, kRw | PROT_GROWSDOWN), -EINVAL);
}

TEST_F(Map, WhatGrewIsSeenAlsoBehindWhatBecameOne)
{
    const int flags = kAnon | MAP_GROWSDOWN | MAP_FIXED;
    long at = New(12 * 4096);
    ASSERT_EQ(mem_munmap(mem, at, 12 * 4096), 0);
    for (long page : {0, 2, 9})
        ASSERT_EQ(mem_mmap(mem, at + page * 4096, 4096, kRw, flags, -1, 0), at + page * 4096);
    Host(at)[1 * 4096] = 1; // the second grows up to the first
    Host(at)[8 * 4096] = 1;
    auto lines = List();
    char text[2][64];
    snprintf(text[0], sizeof text[0], "%lx-%lx 3 ", at, at + 3 * 4096);
    snprintf(text[1], sizeof text[1], "%lx-%lx 3 ", at + 8 * 4096, at + 10 * 4096);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), text[0]), 1);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), text[1]), 1);
}

TEST_F(Map, WhatGrewIsKnownToWhoAsks)
{
    struct mem_stack want = {16 * 4096, 8 << 20, 1, kRw};
    long at = mem_map_stack(mem, &want);
    ASSERT_GT(at, 0);
    EXPECT_EQ(mem_mapped_end(mem, at), at + want.size);
    EXPECT_EQ(mem_covered(mem, at - 8192, at), gaddr_t(at - 8192));
    *static_cast<char *>(mem_host(mem, at - 8192)) = 1;
    EXPECT_EQ(mem_covered(mem, at - 8192, at + 4096), gaddr_t(at + 4096));
    EXPECT_TRUE(mem_is_writable(mem, at - 8192, 3 * 4096));
    EXPECT_FALSE(mem_is_mapped(mem, at - 8193));
    EXPECT_EQ(mem_munmap(mem, at - 8192, 8192), 0);
    EXPECT_FALSE(mem_is_mapped(mem, at - 4096));
}

TEST_F(Map, MremapGrowsMovesAndShrinks)
{
    long at = New(4096);
    strcpy(Host(at), "hello");
    long moved = mem_mremap(mem, at, 4096, 64 * 4096, MREMAP_MAYMOVE, 0);
    ASSERT_GT(moved, 0);
    EXPECT_STREQ(Host(moved), "hello");
    EXPECT_TRUE(mem_is_writable(mem, moved, 64 * 4096));
    EXPECT_EQ(mem_mremap(mem, moved, 64 * 4096, 4096, 0, 0), moved);
    EXPECT_FALSE(mem_is_mapped(mem, moved + 4096));
    long target = New(8192);
    EXPECT_EQ(mem_mremap(mem, moved, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, target), target);
    EXPECT_STREQ(Host(target), "hello");
    EXPECT_FALSE(mem_is_mapped(mem, moved));
    EXPECT_EQ(mem_mremap(mem, target, 8192, 8192, MREMAP_FIXED, moved), -EINVAL);
    EXPECT_EQ(mem_mremap(mem, target, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, target + 4096), -EINVAL);
}

TEST_F(Map, MremapOfASharedMappingWithLengthZeroMakesASecondOne)
{
    long at = New(4096, kRw, MAP_SHARED | MAP_ANONYMOUS);
    long twin = mem_mremap(mem, at, 0, 4096, MREMAP_MAYMOVE, 0);
    ASSERT_GT(twin, 0);
    Host(at)[5] = 5;
    EXPECT_EQ(Host(twin)[5], 5);
    EXPECT_TRUE(mem_is_writable(mem, at, 4096));
    EXPECT_TRUE(mem_is_writable(mem, twin, 4096));
}

TEST_F(Map, BrkGrowsShrinksAndStopsAtWhatIsThere)
{
    long room = New(8 * 4096, PROT_NONE);
    ASSERT_EQ(mem_munmap(mem, room, 4 * 4096), 0);
    mem_set_brk(mem, room);
    EXPECT_EQ(mem_brk(mem, 0), room);
    EXPECT_EQ(mem_brk(mem, room + 5000), room + 5000);
    EXPECT_TRUE(mem_is_writable(mem, room, 8192));
    Host(room)[5000] = 1;
    EXPECT_EQ(mem_brk(mem, room + 5 * 4096), room + 5000) << "somebody else's page";
    EXPECT_EQ(mem_brk(mem, room - 1), room + 5000);
    EXPECT_EQ(mem_brk(mem, room + 100), room + 100);
    EXPECT_FALSE(mem_is_mapped(mem, room + 4096));
    EXPECT_EQ(mem_brk(mem, room + 8192), room + 8192);
    EXPECT_EQ(Host(room)[5000], 0);
}

TEST_F(Map, ListShowsRightsNamesAndLabels)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    long file = mem_mmap(mem, 0, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 4096);
    close(fd);
    long anon = New(2 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    mem_set_label(mem, anon + 4096, anon + 8192, "[stack]");
    mem_protect_code(mem, anon, anon + 1); // splits the host's mapping, which must not be seen
    char exe[400] = "", text[600];
    ASSERT_GT(readlink("/proc/self/exe", exe, sizeof exe - 1), 0);
    auto lines = List();
    ASSERT_EQ(lines.size(), 3u);
    std::vector<std::string> want;
    snprintf(text, sizeof text, "%lx-%lx 5 %s", file, file + 8192, exe);
    want.push_back(text);
    snprintf(text, sizeof text, "%lx-%lx 7 ", anon, anon + 4096);
    want.push_back(text);
    snprintf(text, sizeof text, "%lx-%lx 7 [stack]", anon + 4096, anon + 8192);
    want.push_back(text);
    std::sort(lines.begin(), lines.end());
    std::sort(want.begin(), want.end());
    EXPECT_EQ(lines, want);
}

TEST_F(Map, SharedMemorySegmentsAttachAndDetach)
{
    int id = shmget(IPC_PRIVATE, 5000, 0600);
    if (id < 0)
        GTEST_SKIP() << "no System V shared memory here";
    long at = mem_shmat(mem, id, 0, 0);
    ASSERT_GT(at, 0);
    EXPECT_TRUE(mem_is_writable(mem, at, 8192));
    long again = mem_shmat(mem, id, 0, SHM_RDONLY);
    Host(at)[1] = 7;
    EXPECT_EQ(Host(again)[1], 7);
    EXPECT_FALSE(mem_is_writable(mem, again, 1));
    EXPECT_EQ(mem_shmdt(mem, at), 0);
    EXPECT_FALSE(mem_is_mapped(mem, at));
    EXPECT_EQ(mem_shmdt(mem, at), -EINVAL);
    EXPECT_EQ(mem_shmdt(mem, again), 0);
    EXPECT_EQ(mem_shmat(mem, id, 0x10001, 0), -EINVAL);
    shmctl(id, IPC_RMID, nullptr);
}

// The kernel detaches by places in the segment. Two parts that lie the wrong way round are one area for us.
TEST_F(Map, PartsOfASegmentAreDetachedWhereTheyBelong)
{
    int id = shmget(IPC_PRIVATE, 3 * 4096, 0600);
    if (id < 0)
        GTEST_SKIP() << "no System V shared memory here";
    long at = mem_shmat(mem, id, 0, 0), to = New(2 * 4096);
    ASSERT_GT(at, 0);
    const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    ASSERT_EQ(mem_mremap(mem, at + 2 * 4096, 4096, 4096, flags, to), to);
    ASSERT_EQ(mem_mremap(mem, at + 4096, 4096, 4096, flags, to + 4096), to + 4096);
    EXPECT_EQ(mem_shmdt(mem, to), 0);
    EXPECT_TRUE(mem_is_mapped(mem, to));
    EXPECT_FALSE(mem_is_mapped(mem, to + 4096));
    EXPECT_EQ(mem_shmdt(mem, at), 0);
    EXPECT_FALSE(mem_is_mapped(mem, at));
    mem_munmap(mem, to, 4096);
    shmctl(id, IPC_RMID, nullptr);
}

TEST_F(Map, TheLockWorksInAForkedChild)
{
    long at = New(4096);
    mem_fork_prepare(mem);
    pid_t pid = fork();
    if (pid == 0) {
        mem_fork_child(mem);
        _exit(mem_munmap(mem, at, 4096) == 0 && !mem_is_mapped(mem, at) ? 0 : 1);
    }
    mem_fork_parent(mem);
    int status = -1;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(mem_is_mapped(mem, at));
}

} // namespace
