// SPDX-License-Identifier: Apache-2.0
// fork() with other flags and exit signals, while other threads take memory.
#include "src/host/fork.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "src/host/call.h"
#include "gtest/gtest.h"

namespace
{

enum { RESTORER = 0x04000000, ROUNDS = 10 };

struct kernel_action {
    void (*handler)(int, siginfo_t *, void *);
    uint64_t flags;
    void (*restorer)();
    uint64_t mask;
};

std::atomic<int> alarms{0};

void on_signal(int signo, siginfo_t *info, void *context)
{
    if (host_fork_signal(signo, info, static_cast<ucontext_t *>(context)))
        return;
    if (signo != SIGALRM)
        abort();
    alarms += getppid() > 0; // a system call
    host_fork_signal_end();
}

class HostFork : public testing::TestWithParam<bool>
{
  protected:
    void SetUp() override
    {
        for (int signo : {SIGSYS, SIGTRAP, SIGALRM}) {
            const kernel_action a = {on_signal, SA_SIGINFO | RESTORER, host_sigreturn, ~UINT64_C(0)};
            syscall(SYS_rt_sigaction, signo, &a, nullptr, 8);
        }
        for (int i = 0; i < 3; i++)
            threads.emplace_back([this] {
                while (!stop)
                    free(malloc(100000));
            });
    }
    void TearDown() override
    {
        stop = true;
        for (auto &t : threads)
            t.join();
        signal(SIGSYS, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
    }
    // The child's exit status, or -errno.
    static int make(host_fork_args f, void (*child)())
    {
        int status = 0;
        f.by_steps = GetParam();
        const long pid = host_fork(&f);
        if (pid == 0) {
            child();
            _exit(7);
        }
        if (pid < 0)
            return static_cast<int>(pid);
        while (waitpid(static_cast<pid_t>(pid), &status, __WALL) < 0)
            if (errno != EINTR)
                return -1000;
        return status >> 8;
    }
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
};

void use_the_library()
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) // threads that begin there hang, or may
    free(malloc(100000));
#else
    std::thread([] { free(malloc(100000)); }).join();
#endif
    FILE *f = fopen("/dev/null", "w");
    fputs("text", f);
    fclose(f);
}

int shared_fd;

TEST_P(HostFork, ChildCanUseTheLibrary)
{
    host_fork_args f = {};
    f.exit_signal = SIGURG;
    for (int i = 0; i < ROUNDS; i++)
        ASSERT_EQ(make(f, use_the_library), 7);
    f.flags = CLONE_FS | CLONE_SYSVSEM;
    ASSERT_EQ(make(f, use_the_library), 7);
}

TEST_P(HostFork, FlagsReachTheKernel)
{
    int pidfd = -1;
    host_fork_args f = {};
    f.flags = CLONE_FILES | CLONE_PIDFD;
    f.exit_signal = SIGCHLD;
    f.pidfd = &pidfd;
    shared_fd = open("/dev/null", O_RDONLY);
    ASSERT_EQ(make(f, [] { close(shared_fd); }), 7);
    EXPECT_EQ(fcntl(shared_fd, F_GETFD), -1);
    EXPECT_EQ(close(pidfd), 0);
    f = {};
    const int own = getpid();
    f.set_tid = &own;
    f.set_tid_count = 1;
    const int taken = make(f, [] {});
    EXPECT_TRUE(taken == -EEXIST || taken == -EPERM || taken == -EINVAL) << taken;
    f = {};
    f.flags = CLONE_SIGHAND;
    EXPECT_EQ(make(f, [] {}), -EINVAL);
    EXPECT_FALSE(host_fork_runs());
}

TEST_P(HostFork, OtherSignalsMayCome)
{
    const itimerval often = {{0, 50}, {0, 50}}, never = {};
    host_fork_args f = {};
    f.flags = CLONE_FS;
    setitimer(ITIMER_REAL, &often, nullptr);
    for (int i = 0; i < ROUNDS; i++)
        EXPECT_EQ(make(f, [] {}), 7);
    setitimer(ITIMER_REAL, &never, nullptr);
    EXPECT_GT(alarms, 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, HostFork, testing::Bool());

} // namespace
