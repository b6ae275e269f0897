// SPDX-License-Identifier: Apache-2.0
// Host calls that signals interrupt, structures that differ between guest and host, masks.
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <memory>

extern "C" {
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/convert.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/signal_state.h"
#include "src/host/call.h"
}

namespace
{

struct HostCall : ::testing::Test {
    cpu c{};
    linux_thread lx{}; // blocks nothing
    thread t{};
    HostCall()
    {
        t.cpu = &c;
        t.lx = &lx;
    }
};

TEST_F(HostCall, GivesResultOrNegativeErrno)
{
    EXPECT_EQ(host_call(LINUX_getpid, 0, 0, 0, 0, 0, 0), getpid());
    EXPECT_EQ(host_call(LINUX_close, ~0u, 0, 0, 0, 0, 0), -EBADF);
    EXPECT_EQ(host_call_intr(&t, LINUX_getppid, 0, 0, 0, 0, 0, 0), getppid());
}

TEST_F(HostCall, PassesSixArguments)
{
    char from[] = "0123456789", to[16] = "";
    iovec local{to, 4}, remote{from + 3, 4};
    EXPECT_EQ(
        host_call_intr(&t, LINUX_process_vm_readv, (uint64_t)getpid(), (uintptr_t)&local, 1, (uintptr_t)&remote, 1, 0),
        4);
    EXPECT_STREQ(to, "3456");
    EXPECT_EQ(host_call(LINUX_process_vm_readv, (uint64_t)getpid(), (uintptr_t)&local, 1, (uintptr_t)&remote, 1, 1),
              -EINVAL);
}

TEST_F(HostCall, IsNotBegunWhenSomethingIsPending)
{
    c.pending = 1;
    EXPECT_EQ(host_call_intr(&t, LINUX_getppid, 0, 0, 0, 0, 0, 0), LX_RESTARTNOINTR);
}

thread *interrupted;
void Interrupt(int, siginfo_t *, void *context)
{
    interrupted->cpu->pending = 1;
    host_call_interrupt(static_cast<ucontext_t *>(context));
}

TEST_F(HostCall, ThatBlocksIsInterruptedAsTheKernelWouldRestartIt)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer holds signals back until a call that it intercepts; this one it does not";
#endif
    struct sigaction a {
    }, old;
    a.sa_sigaction = Interrupt;
    a.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(SIGALRM, &a, &old);
    interrupted = &t;
    int fds[2];
    char byte;
    ASSERT_EQ(pipe(fds), 0);
    ualarm(20000, 0);
    EXPECT_EQ(host_call_intr(&t, LINUX_read, (unsigned)fds[0], (uintptr_t)&byte, 1, 0, 0, 0), LX_RESTARTSYS);
    c.pending = 0;
    timespec ts{5, 0};
    ualarm(20000, 0);
    EXPECT_EQ(host_call_intr(&t, LINUX_nanosleep, (uintptr_t)&ts, 0, 0, 0, 0, 0), -EINTR);
    c.pending = 0;
    for (int i = 0; i < 300; i++) { /* wherever the signal hits, the call must not block */
        ualarm(1 + static_cast<useconds_t>(i % 20), 0);
        timespec one{1, 0}, begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        for (volatile int spin = i * 7; spin > 0; spin = spin - 1) {
        }
        long r = host_call_intr(&t, LINUX_nanosleep, (uintptr_t)&one, 0, 0, 0, 0, 0);
        clock_gettime(CLOCK_MONOTONIC, &end);
        ASSERT_TRUE(r == -EINTR || r == LX_RESTARTNOINTR) << r;
        ASSERT_LT((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000, 900);
        c.pending = 0;
    }
    close(fds[0]);
    close(fds[1]);
    sigaction(SIGALRM, &old, nullptr);
}

void Resume(int, siginfo_t *, void *context) { host_call_resume(static_cast<ucontext_t *>(context)); }

TEST_F(HostCall, ThatWasResumedEndsAsIfNoSignalHadCome)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer holds signals back until a call that it intercepts; this one it does not";
#endif
    struct sigaction a {
    }, old;
    a.sa_sigaction = Resume;
    a.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(SIGALRM, &a, &old);
    for (int i = 0; i < 100; i++) {
        ualarm(1 + static_cast<useconds_t>(i), 0);
        timespec ts{0, 2000000};
        ASSERT_EQ(host_call_intr(&t, LINUX_nanosleep, (uintptr_t)&ts, 0, 0, 0, 0, 0), 0);
    }
    a.sa_sigaction = [](int signo, siginfo_t *, void *context) { /* another signal while the call is made again */
                                                                 Resume(signo, nullptr, context);
                                                                 Interrupt(signo, nullptr, context);
    };
    sigaction(SIGALRM, &a, nullptr);
    interrupted = &t;
    ualarm(20000, 0);
    timespec ts{5, 0};
    EXPECT_EQ(host_call_intr(&t, LINUX_nanosleep, (uintptr_t)&ts, 0, 0, 0, 0, 0), -EINTR);
    c.pending = 0;
    sigaction(SIGALRM, &old, nullptr);
}

TEST_F(HostCall, CopiesGuestMemory)
{
    process proc{};
    t.proc = &proc;
    char text[] = "a string", buf[16];
    EXPECT_EQ(guest_string(&t, buf, sizeof buf, (uintptr_t)text), 8);
    EXPECT_STREQ(buf, text);
    EXPECT_EQ(guest_string(&t, buf, 4, (uintptr_t)text), -ENAMETOOLONG);
    EXPECT_EQ(guest_read(&t, buf, 0xffffffffffff0000, 4), -EFAULT);
    EXPECT_EQ(guest_write(&t, 0x800000000000, buf, 4), -EFAULT);
}

TEST(Convert, StatHasTheGenericLayout)
{
    EXPECT_EQ(offsetof(generic_stat, mode), 16u);
    EXPECT_EQ(offsetof(generic_stat, rdev), 32u);
    EXPECT_EQ(offsetof(generic_stat, size), 48u);
    EXPECT_EQ(offsetof(generic_stat, blocks), 64u);
    EXPECT_EQ(offsetof(generic_stat, ctime_nsec), 112u);
    struct stat h {
    };
    h.st_ino = 123456789012;
    h.st_mode = 0100644;
    h.st_nlink = 3;
    h.st_size = 1ll << 40;
    h.st_mtim = {5, 6};
    generic_stat g;
    convert_stat(&g, &h);
    EXPECT_EQ(g.ino, 123456789012u);
    EXPECT_EQ(g.mode, 0100644u);
    EXPECT_EQ(g.nlink, 3u);
    EXPECT_EQ(g.size, 1ll << 40);
    EXPECT_EQ(g.mtime_sec, 5);
    EXPECT_EQ(g.mtime_nsec, 6);
}

TEST(Signal, AlternateStackIsUsedFromItsTop)
{
    linux_thread lx{};
    EXPECT_EQ(signal_altstack_flags(&lx, 0x5000), (uint32_t)SS_DISABLE);
    lx.alt_sp = 0x1000;
    lx.alt_size = 0x1000;
    EXPECT_FALSE(signal_on_altstack(&lx, 0x1000));
    EXPECT_TRUE(signal_on_altstack(&lx, 0x1001));
    EXPECT_TRUE(signal_on_altstack(&lx, 0x2000));
    EXPECT_FALSE(signal_on_altstack(&lx, 0x2001));
    EXPECT_EQ(signal_altstack_flags(&lx, 0x1800), (uint32_t)SS_ONSTACK);
}

TEST(Signal, MaskOfOneCallComesBackUnlessAHandlerIsNext)
{
    auto of_process = std::make_unique<linux_process>(); // nothing waits for it
    process p{};
    cpu c{};
    thread t{};
    linux_thread lx{};
    p.lx = of_process.get();
    p.thread_count = 1;
    t.proc = &p;
    t.cpu = &c;
    t.lx = &lx;
    lx.mask = 5;
    signal_mask_temporary(&t, ~0ull);
    EXPECT_EQ(lx.mask, ~(lx_sigbit(SIGKILL) | lx_sigbit(SIGSTOP)));
    signal_mask_restore(&t, -EINTR);
    EXPECT_TRUE(lx.has_saved);
    EXPECT_TRUE(c.pending) << "the handler is looked for";
    signal_mask_restore(&t, 1);
    EXPECT_EQ(lx.mask, 5u);
    EXPECT_FALSE(lx.has_saved);
}

TEST(Signal, DefaultsAreTheKernels)
{
    for (int s : {SIGTERM, SIGSEGV, SIGALRM, SIGPIPE, SIGXCPU, SIGSYS, 34, 64})
        EXPECT_TRUE(signal_default_kills(s)) << s;
    for (int s : {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU})
        EXPECT_FALSE(signal_default_kills(s)) << s;
}

} // namespace
