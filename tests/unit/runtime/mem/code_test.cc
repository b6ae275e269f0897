// SPDX-License-Identifier: Apache-2.0
// Code pages: protection, write faults, generations, volatility (runtime/mem/mem_code.c, mem_forget.c).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_writers.h"
}

namespace
{

constexpr int kRwx = PROT_READ | PROT_WRITE | PROT_EXEC, kAnon = MAP_PRIVATE | MAP_ANONYMOUS;

struct Range {
    gaddr_t start, end;
};
// What the hook is called with lands in the fixture.
struct Code : ::testing::Test {
    guest_mem *mem = nullptr;
    std::vector<Range> dropped;
    bool record = true; // off where several threads write
    static Code *current;
    Code()
    {
        current = this;
        dropped.reserve(1024); // the hook runs in a signal handler
        EXPECT_EQ(mem_create(&mem, Hook, this), STATUS_OK);
    }
    ~Code() override { mem_destroy(mem); }
    static void Hook(void *p, gaddr_t start, gaddr_t end)
    {
        auto *self = static_cast<Code *>(p);
        if (self->record)
            self->dropped.push_back({start, end});
    }
    gaddr_t New(uint64_t len, int prot = kRwx, int flags = kAnon)
    {
        return static_cast<gaddr_t>(mem_mmap(mem, 0, len, prot, flags, -1, 0));
    }
    volatile char *Host(gaddr_t at) { return static_cast<volatile char *>(mem_host(mem, at)); }
};
Code *Code::current;

void OnFault(int, siginfo_t *info, void *)
{
    if (!mem_handle_write_fault(Code::current->mem, reinterpret_cast<gaddr_t>(info->si_addr)))
        _exit(99);
}

struct FaultHandler {
    struct sigaction old {
    };
    FaultHandler()
    {
        struct sigaction sa {
        };
        sa.sa_sigaction = OnFault;
        sa.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &sa, &old);
    }
    ~FaultHandler() { sigaction(SIGSEGV, &old, nullptr); }
};

TEST_F(Code, AWriteFaultsOnceAndDropsTranslations)
{
    FaultHandler handler;
    gaddr_t at = New(3 * 4096);
    uint64_t before = mem_protect_code(mem, at + 4090, at + 4100);
    EXPECT_EQ(mem_generation(mem, at + 4090, at + 4100), before);
    Host(at)[8192] = 1;
    EXPECT_TRUE(dropped.empty()) << "a page without code";
    Host(at)[4096] = 1;
    ASSERT_EQ(dropped.size(), 1u);
    EXPECT_EQ(dropped[0].start, at + 4096);
    EXPECT_EQ(dropped[0].end, at + 8192);
    EXPECT_NE(mem_generation(mem, at + 4090, at + 4100), before);
    Host(at)[4097] = 1;
    EXPECT_EQ(dropped.size(), 1u);
    EXPECT_EQ(mem_generation(mem, at, at + 1), mem_protect_code(mem, at, at + 1)) << "the first page is as it was";
}

TEST_F(Code, PagesThatFaultOftenBecomeVolatile)
{
    FaultHandler handler;
    gaddr_t at = New(4096);
    constexpr size_t kLimit = 8;
    mem_set_fault_limit(mem, kLimit);
    for (size_t i = 0; i < kLimit; i++) {
        EXPECT_FALSE(mem_code_is_volatile(mem, at)) << i;
        mem_protect_code(mem, at, at + 4);
        Host(at)[i] = 1;
    }
    EXPECT_TRUE(mem_code_is_volatile(mem, at));
    EXPECT_EQ(dropped.size(), kLimit);
    mem_protect_code(mem, at, at + 4);
    Host(at)[100] = 1;
    EXPECT_EQ(dropped.size(), kLimit);
    uint64_t generation = mem_generation(mem, at, at + 4);
    EXPECT_EQ(mem_munmap(mem, at, 4096), 0);
    EXPECT_EQ(dropped.size(), kLimit + 1);
    EXPECT_NE(mem_generation(mem, at, at + 4), generation);
    EXPECT_FALSE(mem_code_is_volatile(mem, at));
}

TEST_F(Code, SharedMappingsAreVolatileAtOnce)
{
    gaddr_t at = New(4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS);
    EXPECT_FALSE(mem_code_is_volatile(mem, at));
    mem_protect_code(mem, at, at + 4);
    EXPECT_TRUE(mem_code_is_volatile(mem, at));
}

TEST_F(Code, FaultsThatAreNotOursAreRefused)
{
    gaddr_t at = New(4096, PROT_READ | PROT_EXEC);
    mem_protect_code(mem, at, at + 4);
    EXPECT_FALSE(mem_handle_write_fault(mem, at));
    EXPECT_FALSE(mem_handle_write_fault(mem, 0));
    EXPECT_FALSE(mem_handle_write_fault(mem, ~0ull));
    EXPECT_FALSE(mem_handle_write_fault(mem, New(4096)));
}

TEST_F(Code, EveryWayToChangeCodeDropsIt)
{
    gaddr_t at = New(4096);
    auto changes = [&](auto change) {
        uint64_t before = mem_protect_code(mem, at, at + 4);
        dropped.clear();
        change();
        return dropped.size() == 1 && dropped[0].start == at && mem_generation(mem, at, at + 4) != before;
    };
    EXPECT_TRUE(changes([&] { mem_mprotect(mem, at, 4096, PROT_READ | PROT_WRITE); }));
    EXPECT_TRUE(changes([&] { mem_mprotect(mem, at, 4096, kRwx); }));
    EXPECT_TRUE(changes([&] { mem_madvise(mem, at, 4096, MADV_DONTNEED); }));
    EXPECT_TRUE(changes([&] { EXPECT_TRUE(mem_prepare_write(mem, at + 4095, 1)); }));
    EXPECT_TRUE(changes([&] { mem_mmap(mem, at, 4096, kRwx, kAnon | MAP_FIXED, -1, 0); }));
    EXPECT_TRUE(changes([&] {
        long moved = mem_mremap(mem, at, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, New(4096));
        EXPECT_EQ(mem_mremap(mem, moved, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at), (long)at);
    }));
    EXPECT_FALSE(changes([&] { mem_madvise(mem, at, 4096, MADV_NORMAL); }));
    EXPECT_TRUE(changes([&] { mem_munmap(mem, at, 4096); }));
}

TEST_F(Code, PrepareWriteLetsTheKernelWrite)
{
    gaddr_t at = New(8192);
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    ASSERT_EQ(write(fds[1], "abcdefgh", 8), 8);
    EXPECT_FALSE(mem_prepare_write(mem, at, 8192));
    mem_protect_code(mem, at + 4096, at + 4100);
    EXPECT_EQ(read(fds[0], mem_host(mem, at + 4096), 8), -1) << "the protected page stops it";
    EXPECT_FALSE(mem_prepare_write(mem, at, 4096));
    EXPECT_TRUE(mem_prepare_write(mem, at + 4094, 8));
    EXPECT_EQ(read(fds[0], mem_host(mem, at + 4094), 8), 8);
    close(fds[0]);
    close(fds[1]);
}

TEST_F(Code, FetchGoesAcrossAreasAndEndsWithExecutability)
{
    gaddr_t at = New(4 * 4096, PROT_READ | PROT_EXEC);
    mem_mprotect(mem, at + 4096, 4096, kRwx);
    mem_mprotect(mem, at + 3 * 4096, 4096, PROT_READ);
    const uint8_t *code;
    size_t avail;
    ASSERT_TRUE(mem_fetch(mem, at + 10, &code, &avail));
    EXPECT_EQ(avail, 4096u);
    ASSERT_TRUE(mem_fetch(mem, at + 3 * 4096 - 2, &code, &avail));
    EXPECT_EQ(avail, 2u);
    EXPECT_FALSE(mem_fetch(mem, at + 3 * 4096, &code, &avail));
    EXPECT_FALSE(mem_fetch(mem, 0, &code, &avail));
}

// What a translator reads may change under its hands: not a race that a sanitizer should report.
__attribute__((no_sanitize("thread"))) unsigned ReadCode(const void *at)
{
    return *static_cast<const volatile unsigned *>(at);
}

// Writers and a translator at once: what was read under a generation that goes on holding must be what is there. A new
// mapping is in place for a moment before the old one's generation ends; what was translated meanwhile is dropped then.
TEST_F(Code, NoWriteIsMissedUnderContention)
{
    FaultHandler handler;
    record = false;
    gaddr_t at = New(4096);
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (unsigned i = 1; i < 20000; i++) {
            __atomic_store_n((unsigned *)mem_host(mem, at), i, __ATOMIC_SEQ_CST);
            if (i % (MEM_VOLATILE_FAULTS / 2) == 0) // volatility would end the test
                mem_mmap(mem, at, 4096, kRwx, kAnon | MAP_FIXED, -1, 0);
        }
        stop = true;
    });
    while (!stop) {
        uint64_t generation = mem_protect_code(mem, at, at + 4);
        if (mem_code_is_volatile(mem, at))
            continue;
        unsigned first = ReadCode(mem_host(mem, at)), second = ReadCode(mem_host(mem, at));
        if (mem_generation(mem, at, at + 4) != generation || mem_code_is_volatile(mem, at) || first == second)
            continue;
        while (mem_generation(mem, at, at + 4) == generation && !stop)
            std::this_thread::yield();
        EXPECT_NE(mem_generation(mem, at, at + 4), generation) << first << " " << second;
    }
    writer.join();
}

TEST_F(Code, AFileThatCanBeWrittenChangesItsPrivateMappings)
{
    int fd = memfd_create("code", 0);
    ASSERT_EQ(ftruncate(fd, 4096), 0);
    std::string path = "/proc/self/fd/" + std::to_string(fd);
    int reader = open(path.c_str(), O_RDONLY);
    ASSERT_GE(reader, 0);
    dup2(reader, fd);
    close(reader);
    gaddr_t at = mem_mmap(mem, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    uint64_t generation = mem_protect_code(mem, at, at + 4);
    EXPECT_FALSE(mem_code_is_volatile(mem, at));
    mem_note_descriptor(mem, fd);
    EXPECT_EQ(mem_generation(mem, at, at + 4), generation);
    int writer = open(path.c_str(), O_RDWR);
    mem_note_descriptor(mem, writer);
    EXPECT_NE(mem_generation(mem, at, at + 4), generation);
    mem_protect_code(mem, at, at + 4);
    EXPECT_TRUE(mem_code_is_volatile(mem, at));
    close(writer);
    close(fd);
}

} // namespace
