// SPDX-License-Identifier: Apache-2.0
// Names of guest code (runtime/loader/symbols.c): this test program itself stands in for a guest's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <vector>

extern "C" {
#include "runtime/loader/symbols.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
__attribute__((noinline, used)) int loader_symbols_test_marker(int x) { return x * 7 + 3; }
}

#include "tests/harness/random.h"

namespace
{

struct Symbols : ::testing::Test {
    guest_mem *mem = nullptr;
    symbols *s = nullptr;
    uint64_t size = 0;
    Symbols()
    {
        EXPECT_EQ(mem_create(&mem, nullptr, nullptr), STATUS_OK);
        s = symbols_create(mem);
    }
    ~Symbols() override
    {
        symbols_destroy(s);
        mem_destroy(mem);
    }
    gaddr_t MapFile(const char *path)
    {
        int fd = open(path, O_RDONLY);
        struct stat st;
        fstat(fd, &st);
        size = static_cast<uint64_t>(st.st_size);
        long at = mem_mmap(mem, 0, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
        close(fd);
        EXPECT_GT(at, 0);
        return static_cast<gaddr_t>(at);
    }
};

TEST_F(Symbols, NamesLeadToCodeAndBack)
{
    MapFile("/proc/self/exe");
    gaddr_t at = 0;
    ASSERT_TRUE(symbols_address(s, "loader_symbols_test_marker", &at));
    EXPECT_EQ(memcmp(mem_host(mem, at), reinterpret_cast<void *>(loader_symbols_test_marker), 4), 0);
    char text[200];
    EXPECT_TRUE(symbols_name(s, at, text, sizeof text));
    EXPECT_STREQ(text, "loader_symbols_test_marker");
    EXPECT_TRUE(symbols_name(s, at + 1, text, sizeof text));
    EXPECT_STREQ(text, "loader_symbols_test_marker+0x1");
    EXPECT_FALSE(symbols_address(s, "no_such_symbol", &at));
}

TEST_F(Symbols, AddressesOutsideOfFilesHaveNoName)
{
    char text[20] = "x";
    long at = mem_mmap(mem, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_FALSE(symbols_name(s, at, text, sizeof text));
    EXPECT_STREQ(text, "");
    EXPECT_FALSE(symbols_name(s, 0x123456, text, sizeof text));
}

TEST_F(Symbols, CorruptedTablesNeverCrash)
{
    std::vector<char> good;
    int fd = open("/proc/self/exe", O_RDONLY);
    char buffer[65536];
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
        good.insert(good.end(), buffer, buffer + n);
    close(fd);
    char path[] = "/tmp/tandem-symbols-XXXXXX";
    fd = mkstemp(path);
    ASSERT_EQ(write(fd, good.data(), good.size()), (ssize_t)good.size());
    uint64_t sections = 0;
    memcpy(&sections, good.data() + 40, 8); // e_shoff
    harness::Random random{5};
    for (int round = 0; round < 60; round++) {
        uint64_t places[4], value;
        for (uint64_t &at : places) {
            at = random() % 3 ? sections + random() % (good.size() - sections - 8) : 16 + random() % 400;
            value = random() % 2 ? random() : ~0ull >> random() % 64;
            ASSERT_EQ(pwrite(fd, &value, 8, at), 8);
        }
        long mapped = mem_mmap(mem, 0, good.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
        symbols *fresh = symbols_create(mem);
        gaddr_t found;
        char text[100];
        symbols_address(fresh, "no_such_symbol", &found);
        for (int i = 0; i < 20; i++)
            symbols_name(fresh, mapped + random() % good.size(), text, sizeof text);
        symbols_destroy(fresh);
        mem_munmap(mem, mapped, good.size());
        for (uint64_t at : places)
            ASSERT_EQ(pwrite(fd, good.data() + at, 8, at), 8);
    }
    close(fd);
    unlink(path);
}

} // namespace
