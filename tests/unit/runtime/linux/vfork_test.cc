// SPDX-License-Identifier: Apache-2.0
// What a vfork child that ends hands to its parent (runtime/linux/generic/vfork.c).
#include <gtest/gtest.h>

#include <sys/mman.h>

#include <cstring>

extern "C" {
#include "runtime/linux/generic/vfork.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
}

namespace
{

constexpr int kRw = PROT_READ | PROT_WRITE, kAnon = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr uint64_t kPage = MEM_PAGE_SIZE, kUsed = 100; // bytes between the stack pointer and the stack's end

// A guest's stack of two pages, and behind it a page of tandem's.
struct Vfork : ::testing::Test {
    process proc{};
    thread t{};
    linux_thread lx{};
    fork_shared *shared = vfork_shared_create();
    char *stack = nullptr, *foreign = nullptr;
    Vfork()
    {
        EXPECT_EQ(mem_create(&proc.mem, nullptr, nullptr), STATUS_OK);
        long at = mem_mmap(proc.mem, 0, 3 * kPage, kRw, kAnon, -1, 0);
        gaddr_t end = static_cast<gaddr_t>(at) + 2 * kPage;
        stack = static_cast<char *>(mem_host(proc.mem, static_cast<gaddr_t>(at)));
        EXPECT_EQ(mem_munmap(proc.mem, end, kPage), 0);
        foreign = static_cast<char *>(mmap(stack + 2 * kPage, kPage, kRw, kAnon | MAP_FIXED, -1, 0));
        EXPECT_EQ(foreign, stack + 2 * kPage);
        t.proc = &proc;
        t.lx = &lx;
        lx.vfork = shared;
        shared->window_start = end - kUsed;
    }
    ~Vfork() override
    {
        vfork_shared_drop(shared);
        munmap(foreign, kPage);
        mem_destroy(proc.mem);
    }
};

TEST_F(Vfork, HandsOverTheGuestsStackAlone)
{
    memset(stack, 'c', 2 * kPage);
    memset(foreign, 'c', kPage);
    vfork_report(&t);
    EXPECT_EQ(shared->window_size, kUsed);
    memset(stack, 'p', 2 * kPage);
    memset(foreign, 'p', kPage);
    vfork_take(&t, shared);
    EXPECT_EQ(stack[2 * kPage - kUsed - 1], 'p');
    EXPECT_EQ(stack[2 * kPage - kUsed], 'c');
    EXPECT_EQ(stack[2 * kPage - 1], 'c');
    EXPECT_EQ(foreign[0], 'p');
}

TEST_F(Vfork, HandsOverNothingThatTheGuestCannotWrite)
{
    gaddr_t last = shared->window_start + kUsed - kPage;
    EXPECT_EQ(mem_mprotect(proc.mem, last, kPage, PROT_READ), 0);
    vfork_report(&t);
    EXPECT_EQ(shared->window_size, 0u);
}

TEST_F(Vfork, TakesNoMoreThanTheWindowHolds)
{
    long at = mem_mmap(proc.mem, 0, 2 * VFORK_WINDOW, kRw, kAnon, -1, 0);
    shared->window_start = static_cast<gaddr_t>(at) + 8;
    vfork_report(&t);
    EXPECT_EQ(shared->window_size, static_cast<uint64_t>(VFORK_WINDOW));
}

} // namespace
