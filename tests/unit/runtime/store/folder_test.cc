/* SPDX-License-Identifier: Apache-2.0 */
/* The folder as a whole: where it is, what is in it, and what goes when it is full. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/runtime/store/place.h"

using namespace store_test;

namespace
{
/* Stores an entry of so many bytes for file number n, last used at that many seconds. */
void Fill(const Place &place, uint64_t n, size_t size)
{
    Store s(place);
    ASSERT_EQ(s.Put(1, Bytes(size, (uint8_t)n), hash128{{n, n}}), STORE_PUT_OK);
    char text[HASH128_TEXT];
    hash128_text(hash128{{n, n}}, text);
    const timespec times[2] = {{(time_t)n, 0}, {(time_t)n, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, place.File(std::string(text) + ".idx").c_str(), times, 0), 0);
}
} // namespace

TEST(StoreFolder, IsWhereTheEnvironmentSays)
{
    setenv("XDG_CACHE_HOME", "/x/cache", 1);
    setenv("HOME", "/home/user", 1);
    auto path = [](const char *dir) {
        char *p = store_root_path(dir);
        std::string s = p ? p : "nowhere";
        free(p);
        return s;
    };
    EXPECT_EQ(path(nullptr), "/x/cache/tandem");
    EXPECT_EQ(path("/some/where"), "/some/where");
    EXPECT_EQ(path(""), "nowhere");
    EXPECT_EQ(path("here"), std::filesystem::current_path().string() + "/here");
    setenv("XDG_CACHE_HOME", "relative", 1); /* not valid, says the standard */
    EXPECT_EQ(path(nullptr), "/home/user/.cache/tandem");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    EXPECT_EQ(path(nullptr), "nowhere");
}

TEST(StoreFolder, IsMadeForTheUserAlone)
{
    Place place;
    mode_t old = umask(0);
    Fill(place, 1, 10);
    umask(old);
    struct stat st;
    ASSERT_EQ(stat(place.root.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0700u);
    ASSERT_EQ(stat(place.File(".idx").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST(StoreFolder, SumsUpWhatIsThere)
{
    Place place;
    store_sums sums;
    const char *why;
    EXPECT_FALSE(store_sum(place.root.c_str(), &sums, &why));
    EXPECT_EQ(why, nullptr);
    Fill(place, 1, 1000);
    Fill(place, 2, 500);
    ASSERT_TRUE(store_sum(place.root.c_str(), &sums, &why));
    EXPECT_EQ(sums.folders, 1u);
    EXPECT_EQ(sums.files, 2u);
    EXPECT_EQ(sums.entries, 2u);
    EXPECT_EQ(sums.bytes, 1500u + 4 * STORE_SLOT);
}

TEST(StoreFolder, WhatWasNotUsedForLongestGoesFirst)
{
    Place place;
    for (uint64_t n : {3, 1, 4, 2})
        Fill(place, n, 10000);
    EXPECT_EQ(store_evict(place.root.c_str(), 50000), 0u);
    EXPECT_GT(store_evict(place.root.c_str(), 30000), 0u); /* down to 7/8 of that: two go */
    Store s(place);
    for (uint64_t n = 1; n <= 4; n++)
        EXPECT_EQ(s.Get(1, hash128{{n, n}}).size(), n <= 2 ? 0u : 10000u) << n;
}

TEST(StoreFolder, UseMakesAFileYoung)
{
    Place place;
    Fill(place, 1, 10000);
    Fill(place, 2, 10000);
    {
        Store s(place);
        EXPECT_FALSE(s.Get(1, hash128{{1, 1}}).empty());
    }
    store_evict(place.root.c_str(), 15000);
    Store s(place);
    EXPECT_FALSE(s.Get(1, hash128{{1, 1}}).empty());
    EXPECT_TRUE(s.Get(1, hash128{{2, 2}}).empty());
}

TEST(StoreFolder, WritersKeepToTheLimit)
{
    Place place;
    constexpr uint64_t kLimit = 4 << 20;
    Store s(place, kLimit);
    for (uint64_t n = 1; n <= 40; n++)
        ASSERT_EQ(s.Put(1, Bytes(300000, (uint8_t)n), hash128{{n, n}}), STORE_PUT_OK);
    store_sums sums;
    const char *why;
    ASSERT_TRUE(store_sum(place.root.c_str(), &sums, &why));
    EXPECT_LT(sums.bytes, kLimit + (2 << 20)); /* looked at every MiB */
    EXPECT_FALSE(s.Get(1, hash128{{40, 40}}).empty());
}

TEST(StoreFolder, NothingElseIsRemoved)
{
    Place place;
    Fill(place, 1, 100);
    const std::string inside = std::filesystem::path(place.File(".idx")).parent_path();
    WriteFile(place.root + "/notes.txt", {1});
    WriteFile(inside + "/notes.idx", {1});
    store_evict(place.root.c_str(), 0);
    EXPECT_EQ(place.Files().size(), 2u);
    EXPECT_EQ(place.File("notes.txt"), place.root + "/notes.txt");
    EXPECT_EQ(place.File("notes.idx"), inside + "/notes.idx");
}

TEST(StoreFolder, WhatIsBeingWrittenStays)
{
    Place place;
    Fill(place, 1, 100);
    int fd = open(place.File(".idx").c_str(), O_RDONLY);
    ASSERT_EQ(flock(fd, LOCK_EX), 0);
    EXPECT_EQ(store_evict(place.root.c_str(), 0), 0u);
    close(fd);
    EXPECT_GT(store_evict(place.root.c_str(), 0), 0u);
    EXPECT_FALSE(std::filesystem::exists(place.root + "/x"));
    EXPECT_TRUE(place.Files().empty());
}
