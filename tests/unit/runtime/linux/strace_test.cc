// SPDX-License-Identifier: Apache-2.0
// -strace lines: arguments by kind, results, errors.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

extern "C" {
#include "runtime/linux/base/state.h"
#include "runtime/linux/table/rows.h"
#include "runtime/linux/table/strace.h"
#include "src/base/log.h"
}

namespace
{

struct Strace : ::testing::Test {
    process proc{};
    thread t{};
    char log_name[32] = "/tmp/strace_test_XXXXXX";

    Strace()
    {
        proc.guest = guest_find_name("riscv64");
        t.proc = &proc;
        t.tid = 77;
        int fd = mkstemp(log_name);
        close(fd);
        log_open(log_name);
    }
    ~Strace() override
    {
        log_open(nullptr);
        unlink(log_name);
    }
    template <typename... Args> std::string Line(uint64_t number, long result, Args... args)
    {
        sys_ctx c{};
        c.t = &t;
        c.table = &sys_table;
        c.row = sys_find_row(proc.guest->abi, number);
        uint64_t values[] = {(uint64_t)args..., 0};
        for (size_t i = 0; i < sizeof...(args); i++)
            c.a[i] = values[i];
        strace_line line;
        strace_end(&line, &c, result);
        return line.text;
    }
};

TEST_F(Strace, ShowsStringsFlagsAndModes)
{
    EXPECT_EQ(Line(56, 3, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC, 0),
              "77 openat(AT_FDCWD,\"/etc/passwd\",O_CLOEXEC,0000) = 3");
    EXPECT_EQ(Line(56, 4, 5, "x", O_WRONLY | O_CREAT | O_TRUNC, 0644),
              "77 openat(5,\"x\",O_WRONLY|O_CREAT|O_TRUNC,0644) = 4");
    EXPECT_EQ(Line(62, 10, 3, -5, 2), "77 lseek(3,-5,SEEK_END) = 10");
}

TEST_F(Strace, ShowsErrorsByName)
{
    EXPECT_EQ(Line(57, -EBADF, -1), "77 close(-1) = -1 EBADF (Bad file descriptor)");
    EXPECT_EQ(Line(63, LX_RESTARTSYS, 0, 0, 1), "77 read(0,NULL,1) = ? (interrupted by a signal)");
}

TEST_F(Strace, ShowsBuffersAsFarAsTheyWereFilled)
{
    char text[] = "abc\ndef";
    EXPECT_EQ(Line(63, 4, 0, text, 100), "77 read(0,\"abc\\n\",100) = 4");
    EXPECT_EQ(Line(64, 7, 1, text, 7), "77 write(1,\"abc\\ndef\",7) = 7");
    std::string longer(200, 'x');
    EXPECT_EQ(Line(64, 200, 1, longer.c_str(), 200), "77 write(1,\"" + std::string(48, 'x') + "\"...,200) = 200");
}

TEST_F(Strace, ShowsStructures)
{
    timespec ts{1, 500};
    EXPECT_EQ(Line(101, 0, &ts, 0), "77 nanosleep({tv_sec=1,tv_nsec=500},NULL) = 0");
    int fds[2] = {3, 4};
    EXPECT_EQ(Line(59, 0, fds, O_CLOEXEC), "77 pipe2([3,4],O_CLOEXEC) = 0");
    uint64_t set = 1ull << (SIGINT - 1) | 1ull << (SIGUSR1 - 1);
    EXPECT_EQ(Line(135, 0, SIG_BLOCK, &set, 0, 8), "77 rt_sigprocmask(SIG_BLOCK,[INT USR1],NULL,8) = 0");
    char one[] = "one", two[] = "two";
    iovec v[2] = {{one, 3}, {two, 3}};
    EXPECT_EQ(Line(66, 6, 1, v, 2), "77 writev(1,[{\"one\",3},{\"two\",3}],2) = 6");
}

TEST_F(Strace, ShowsMappings)
{
    EXPECT_EQ(Line(222, 0x7f0000001000, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
              "77 mmap(NULL,4096,PROT_READ|PROT_WRITE,MAP_PRIVATE|MAP_ANONYMOUS,-1,0) = 0x7f0000001000");
}

TEST_F(Strace, CutsWhatIsTooLong)
{
    std::vector<char> path(3000, 'p');
    path.push_back(0);
    EXPECT_EQ(Line(49, 0, path.data()).size(), sizeof(strace_line::text) - 1);
}

} // namespace
