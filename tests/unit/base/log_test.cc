// SPDX-License-Identifier: Apache-2.0
#include "src/base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "src/base/background.h"
#include "src/base/status.h"

namespace
{
std::string read_file(const std::string &name)
{
    std::ifstream in(name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// A log file for one test.
class LogFile : public testing::Test
{
  protected:
    void SetUp() override
    {
        name_ = testing::TempDir() + "tandem_log_" + std::to_string(getpid());
        ASSERT_TRUE(log_open(name_.c_str()));
    }
    void TearDown() override
    {
        log_open(nullptr);
        unlink(name_.c_str());
    }
    std::string name_;
};

TEST(LogParse, NamesGiveBits)
{
    uint32_t mask;
    char bad[16];
    EXPECT_TRUE(log_parse("in_asm,op", &mask, bad, sizeof bad));
    EXPECT_EQ(mask, 1u << LOG_IN_ASM | 1u << LOG_OP);
    EXPECT_TRUE(log_parse("", &mask, bad, sizeof bad));
    EXPECT_EQ(mask, 0u);
    EXPECT_TRUE(log_parse("all", &mask, bad, sizeof bad));
    EXPECT_EQ(mask, (1u << LOG_CHANNEL_COUNT) - 1);
}

TEST(LogParse, NamesTheUnknown)
{
    uint32_t mask;
    char bad[8];
    EXPECT_FALSE(log_parse("op,frob,exec", &mask, bad, sizeof bad));
    EXPECT_STREQ(bad, "frob");
    EXPECT_FALSE(log_parse("in_as", &mask, bad, sizeof bad));
    EXPECT_FALSE(log_parse("averylongname", &mask, bad, sizeof bad));
    EXPECT_STREQ(bad, "averylo");
}

TEST(LogFilter, Ranges)
{
    EXPECT_TRUE(log_set_filter("0x1000+0x10,0x2000..0x200f,0x3000-0x10"));
    for (gaddr_t in : {0x1000, 0x100f, 0x2000, 0x200f, 0x3000, 0x2ff1})
        EXPECT_TRUE(log_in_filter(in)) << std::hex << in;
    for (gaddr_t out : {0xfff, 0x1010, 0x2010, 0x3001, 0x2ff0})
        EXPECT_FALSE(log_in_filter(out)) << std::hex << out;
    EXPECT_TRUE(log_set_filter(nullptr));
    EXPECT_TRUE(log_in_filter(0xfff));
}

TEST(LogFilter, RefusesBadSyntax)
{
    for (const char *bad : {"x", "0x1000", "0x1000+", "0x1000..", "0x2000..0x1000", "0x1000+1,", "0x1000+1x"})
        EXPECT_FALSE(log_set_filter(bad)) << bad;
    log_set_filter(nullptr);
}

TEST_F(LogFile, LinesAndPieces)
{
    log_printf("%s %d\n", "one", 1);
    FILE *f = log_begin();
    fprintf(f, "two\n");
    for (int i = 0; i < 1000; i++)
        fprintf(f, "%d,", i);
    log_printf("before the piece ends\n");
    fprintf(f, "\n");
    log_end(f);
    std::string text = read_file(name_);
    EXPECT_EQ(text.find("one 1\nbefore the piece ends\ntwo\n0,1,"), 0u) << text.substr(0, 100);
    EXPECT_EQ(text.substr(text.size() - 6), ",999,\n");
}

TEST_F(LogFile, LongLinesAreWhole)
{
    log_printf("%s\n", std::string(5000, 'x').c_str());
    EXPECT_EQ(read_file(name_), std::string(5000, 'x') + "\n");
}

TEST_F(LogFile, PiecesOfThreadsDoNotMix)
{
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([t] {
            for (int i = 0; i < 50; i++) {
                FILE *f = log_begin();
                for (int k = 0; k < 200; k++)
                    fputc('a' + t, f);
                fputc('\n', f);
                log_end(f);
            }
        });
    for (std::thread &t : threads)
        t.join();
    std::istringstream lines(read_file(name_));
    int count = 0;
    for (std::string line; std::getline(lines, line); count++)
        EXPECT_EQ(line, std::string(200, line[0]));
    EXPECT_EQ(count, 200);
}

// The descriptors of a guest are tandem's, too.
TEST_F(LogFile, WritesToNoFileOfTheGuests)
{
    const std::string other = name_ + "_guest";
    log_printf("one\n");
    const int guest = open(other.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int fd = 900; fd < 1000; fd++)
        if (fcntl(fd, F_GETFD) >= 0) {
            ASSERT_EQ(dup2(guest, fd), fd);
        }
    log_printf("two\n");
    syscall(SYS_close_range, 900, 1000, 0);
    FILE *piece = log_begin();
    fputs("three\n", piece);
    log_end(piece);
    EXPECT_EQ(read_file(name_), "one\ntwo\nthree\n");
    EXPECT_EQ(read_file(other), "");
    close(guest);
    unlink(other.c_str());
}

// STDERR_FILENO is a file of the thread's own, or none.
TEST(OutOfMemory, SaysSoOnThreadsWithDescriptorsOfTheirOwn)
{
    for (const bool other : {false, true}) {
        const auto end = [other] {
            std::thread([other] {
                background_own_descriptors();
                for (int fd = 0; other && fd <= STDERR_FILENO; fd++)
                    open("/dev/null", O_RDWR);
                out_of_memory("a test");
            }).join();
        };
        EXPECT_EXIT(end(), testing::ExitedWithCode(126), "tandem: out of memory for a test");
    }
}

TEST(LogOpen, ProcessIdInTheName)
{
    std::string base = testing::TempDir() + "tandem_pid_";
    ASSERT_TRUE(log_open((base + "%d.log").c_str()));
    log_printf("x\n");
    log_open(nullptr);
    std::string name = base + std::to_string(getpid()) + ".log";
    EXPECT_EQ(read_file(name), "x\n");
    unlink(name.c_str());
    EXPECT_FALSE(log_open("/nonexistent/directory/file"));
}

TEST(Message, HasThePrefix)
{
    testing::internal::CaptureStderr();
    message("%s: no", "prog");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "tandem: prog: no\n");
}

TEST(Status, EveryOneHasAText)
{
    for (unsigned s = 0; s < STATUS_COUNT; s++)
        EXPECT_STRNE(status_text(static_cast<enum status>(s)), "unknown status");
    EXPECT_STREQ(status_text(STATUS_COUNT), "unknown status");
}
} // namespace
