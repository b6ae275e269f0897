/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are found again, whole or not at all, whatever has become of the files. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/runtime/store/place.h"

using namespace store_test;

namespace
{
/* Bytes that tell which entry they are. */
Bytes Content(gaddr_t pc, size_t size = 100)
{
    Bytes b(size);
    for (size_t i = 0; i < size; i++)
        b[i] = (uint8_t)(pc * 31 + i * 7 + (pc >> 8));
    return b;
}
} // namespace

TEST(Store, AnotherProcessFindsWhatWasPut)
{
    Place place;
    {
        Store s(place);
        for (gaddr_t pc = 1; pc <= 300; pc++)
            ASSERT_EQ(s.Put(pc, Content(pc, pc * 3)), STORE_PUT_OK);
        EXPECT_EQ(s.Get(17), Content(17, 51)); /* and so does the process itself */
    }
    Store s(place);
    EXPECT_EQ(store_look(s.store, kFile, 1, 0), STORE_UNKNOWN);
    for (gaddr_t pc = 1; pc <= 300; pc++)
        ASSERT_EQ(s.Get(pc), Content(pc, pc * 3));
    EXPECT_EQ(store_look(s.store, kFile, 1, 0), STORE_PRESENT);
    EXPECT_EQ(store_look(s.store, kFile, 301, 0), STORE_ABSENT);
    EXPECT_TRUE(s.Get(1, kFile, 1).empty()); /* another mode */
    EXPECT_TRUE(s.Get(1, kOther).empty());
}

TEST(Store, TheNewestEntryComesFirst)
{
    Place place;
    Store s(place);
    ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    ASSERT_EQ(s.Put(1, Content(2)), STORE_PUT_OK);
    EXPECT_EQ(s.Get(1), Content(2));
    Store again(place);
    EXPECT_EQ(again.Get(1), Content(2));
    uint32_t at = STORE_NEWEST;
    store_record r;
    ASSERT_TRUE(store_find(again.store, kFile, 1, 0, &at, &r));
    ASSERT_TRUE(store_find(again.store, kFile, 1, 0, &at, &r));
    EXPECT_FALSE(store_find(again.store, kFile, 1, 0, &at, &r));
}

TEST(Store, WhatAnotherProcessHasPutMeanwhileIsNotPutAgain)
{
    Place place;
    Store a(place), b(place);
    ASSERT_EQ(a.Put(1, Content(1)), STORE_PUT_OK);
    ASSERT_EQ(b.Put(2, Content(2)), STORE_PUT_OK); /* b has read the index */
    ASSERT_EQ(a.Put(3, Content(3)), STORE_PUT_OK);
    EXPECT_EQ(b.Put(3, Content(3)), STORE_PUT_NEEDLESS);
    EXPECT_EQ(b.Get(3), Content(3));
    EXPECT_EQ(a.Get(2), Content(2));
}

TEST(Store, OtherKeysHaveOtherEntries)
{
    Place place;
    Store a(place), b(place, 0, [](void *) { return hash128{{8, 8}}; });
    ASSERT_EQ(a.Put(1, Content(1)), STORE_PUT_OK);
    EXPECT_TRUE(b.Get(1).empty());
}

TEST(Store, NoWrongByteIsEverGivenOut)
{
    Place place;
    {
        Store s(place);
        ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
        ASSERT_EQ(s.Put(2, Content(2)), STORE_PUT_OK);
    }
    for (const char *suffix : {".idx", ".dat"}) {
        const std::string name = place.File(suffix);
        const Bytes good = ReadFile(name);
        for (size_t i = 0; i < good.size(); i++) {
            Bytes bad = good;
            bad[i] ^= (uint8_t)(1 << i % 8);
            WriteFile(name, bad);
            Store s(place);
            unsigned found = 0;
            for (gaddr_t pc : {1, 2}) {
                Bytes got = s.Get(pc);
                ASSERT_TRUE(got.empty() || got == Content(pc)) << suffix << i;
                found += !got.empty();
            }
            /* A byte of an entry or a record costs that one; a byte of the header costs the file. */
            EXPECT_EQ(found, i < STORE_SLOT && suffix[1] == 'i' ? 0u : 1u) << suffix << i;
        }
        WriteFile(name, good);
    }
}

TEST(Store, ATruncatedFileLosesOnlyWhatIsGone)
{
    Place place;
    {
        Store s(place);
        ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
        ASSERT_EQ(s.Put(2, Content(2)), STORE_PUT_OK);
    }
    for (const char *suffix : {".idx", ".dat"}) {
        const std::string name = place.File(suffix);
        const Bytes good = ReadFile(name);
        for (size_t n = 0; n < good.size(); n++) {
            WriteFile(name, Bytes(good.begin(), good.begin() + (std::ptrdiff_t)n));
            Store s(place);
            bool first = suffix[1] == 'i' ? n >= 2 * STORE_SLOT : n >= 100;
            EXPECT_EQ(s.Get(1), first ? Content(1) : Bytes()) << suffix << n;
            EXPECT_TRUE(s.Get(2).empty());
        }
        WriteFile(name, good);
    }
}

TEST(Store, WritersHealWhatAKilledOneLeft)
{
    Place place;
    {
        Store s(place);
        ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    }
    const std::string idx = place.File(".idx"), dat = place.File(".dat");
    const Bytes good_idx = ReadFile(idx), good_dat = ReadFile(dat);
    for (size_t n = 0; n <= STORE_SLOT + 10; n++) { /* part of a record, with and without its data */
        Bytes torn_idx = good_idx, torn_dat = good_dat;
        torn_idx.insert(torn_idx.end(), n, 0xee);
        torn_dat.insert(torn_dat.end(), n % 3 * 10, 0xdd);
        WriteFile(idx, torn_idx);
        WriteFile(dat, torn_dat);
        {
            Store s(place);
            ASSERT_EQ(s.Put(2, Content(2)), STORE_PUT_OK);
            ASSERT_EQ(s.Get(2), Content(2));
        }
        Store s(place);
        ASSERT_EQ(s.Get(1), Content(1)) << n;
        ASSERT_EQ(s.Get(2), Content(2)) << n;
    }
    for (size_t n : {size_t(0), size_t(5), size_t(STORE_SLOT)}) { /* not even a header */
        WriteFile(idx, Bytes(n, 0xee));
        Store s(place);
        ASSERT_EQ(s.Put(3, Content(3)), STORE_PUT_OK);
        Store again(place);
        ASSERT_EQ(again.Get(3), Content(3));
    }
}

TEST(Store, AHeldLockIsNotWaitedFor)
{
    Place place;
    Store s(place), writer(place);
    ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    int fd = open(place.File(".idx").c_str(), O_RDONLY);
    ASSERT_EQ(flock(fd, LOCK_EX), 0);
    EXPECT_EQ(writer.Put(2, Content(2)), STORE_PUT_BUSY);
    EXPECT_EQ(writer.Get(1), Content(1)); /* readers need none */
    close(fd);
    EXPECT_EQ(writer.Put(2, Content(2)), STORE_PUT_OK);
}

TEST(Store, RemovedFilesAreMadeAnew)
{
    Place place;
    Store s(place);
    ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    EXPECT_GT(store_evict(place.root.c_str(), 0), 0u);
    EXPECT_TRUE(place.Files().empty());
    EXPECT_EQ(s.Get(1), Content(1)); /* it has them open */
    enum store_put put;
    for (unsigned i = 0; (put = s.Put(2, Content(2))) == STORE_PUT_BUSY && i < 5;)
        i++;
    EXPECT_EQ(put, STORE_PUT_OK);
    Store again(place);
    EXPECT_EQ(again.Get(2), Content(2));
    EXPECT_TRUE(again.Get(1).empty());
}

/* The limit of a file's size is what a full disk is, without one. */
TEST(Store, AFullDiskLeavesWhatWasThere)
{
    Place place;
    {
        Store s(place);
        ASSERT_EQ(s.Put(1, Content(1, 5000)), STORE_PUT_OK);
    }
    const Bytes idx = ReadFile(place.File(".idx")), dat = ReadFile(place.File(".dat"));
    signal(SIGXFSZ, SIG_IGN);
    rlimit old, low;
    getrlimit(RLIMIT_FSIZE, &old);
    low = old;
    low.rlim_cur = 6000;
    setrlimit(RLIMIT_FSIZE, &low);
    Store s(place);
    EXPECT_EQ(s.Put(2, Content(2, 5000)), STORE_PUT_FAILED);
    EXPECT_EQ(s.Put(3, Content(3, 10)), STORE_PUT_FAILED); /* it does not try again */
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    EXPECT_EQ(ReadFile(place.File(".idx")), idx);
    EXPECT_EQ(ReadFile(place.File(".dat")), dat);
    EXPECT_EQ(s.Get(1), Content(1, 5000));
}

TEST(Store, FilesThatOthersMayWriteAreNotUsed)
{
    Place place;
    {
        Store s(place);
        ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    }
    for (const std::string &name : {place.File(".idx"), place.File(".dat"),
                                    std::filesystem::path(place.File(".idx")).parent_path().string(), place.root}) {
        struct stat st;
        ASSERT_EQ(stat(name.c_str(), &st), 0);
        chmod(name.c_str(), 0777);
        {
            Store s(place);
            EXPECT_TRUE(s.Get(1).empty()) << name;
            EXPECT_EQ(s.Put(2, Content(2)), STORE_PUT_FAILED) << name;
        }
        chmod(name.c_str(), st.st_mode & 07777);
        Store s(place);
        EXPECT_EQ(s.Get(1), Content(1)) << name;
    }
}

TEST(Store, FilesOfAnotherUserAreNotUsed)
{
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can give files away";
    Place place;
    {
        Store s(place);
        ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    }
    for (const std::string &name : {place.File(".idx"), place.File(".dat"), place.root}) {
        ASSERT_EQ(chown(name.c_str(), 12345, (gid_t)-1), 0);
        Store s(place);
        EXPECT_TRUE(s.Get(1).empty()) << name;
        EXPECT_EQ(s.Put(2, Content(2)), STORE_PUT_FAILED) << name;
        ASSERT_EQ(chown(name.c_str(), 0, (gid_t)-1), 0);
    }
}

TEST(Store, LinksInPlaceOfFilesAreNotFollowed)
{
    Place place, other;
    for (Place *p : {&place, &other}) {
        Store s(*p);
        ASSERT_EQ(s.Put(1, Content(1)), STORE_PUT_OK);
    }
    const std::string idx = place.File(".idx");
    ASSERT_EQ(unlink(idx.c_str()), 0);
    ASSERT_EQ(symlink(other.File(".idx").c_str(), idx.c_str()), 0);
    Store s(place);
    EXPECT_TRUE(s.Get(1).empty());
    EXPECT_EQ(s.Put(2, Content(2)), STORE_PUT_FAILED);
}

TEST(Store, NothingIsMadeUnderAnotherRoot)
{
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can change it";
    Place place, jail;
    const std::string jailed = jail.root + place.root;
    pid_t pid = fork();
    if (pid == 0) {
        Store s(place);
        std::filesystem::create_directories(std::filesystem::path(jailed).parent_path());
        bool ok = chroot(jail.root.c_str()) == 0 && chdir("/") == 0;
        _exit(ok && s.Put(1, Content(1)) == STORE_PUT_FAILED ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(std::filesystem::exists(jailed));
}

/* Processes that put entries are killed at any moment, again and again. */
TEST(Store, AStormOfKillsLosesNothingThatWasPut)
{
    Place place;
    constexpr unsigned kWriters = 8, kRounds = 12;
    int report[2];
    ASSERT_EQ(pipe(report), 0);
    for (unsigned round = 0; round < kRounds; round++) {
        pid_t pids[kWriters];
        for (unsigned w = 0; w < kWriters; w++) {
            pids[w] = fork();
            if (pids[w] == 0) {
                Store s(place);
                for (uint32_t i = 0;; i++) {
                    uint32_t pc = (round * kWriters + w) << 12 | (i & 0xfff);
                    if (s.Put(pc, Content(pc, 64 + i % 512)) == STORE_PUT_OK &&
                        write(report[1], &pc, sizeof pc) != sizeof pc)
                        _exit(1);
                }
            }
        }
        pollfd first = {report[0], POLLIN, 0}; // at least one has put something
        ASSERT_EQ(poll(&first, 1, 60000), 1);
        usleep(round * 500);
        for (pid_t pid : pids)
            kill(pid, SIGKILL);
        for (pid_t pid : pids)
            waitpid(pid, nullptr, 0);
        fcntl(report[0], F_SETFL, O_NONBLOCK);
        Store s(place);
        uint32_t pc;
        unsigned count = 0;
        for (; read(report[0], &pc, sizeof pc) == sizeof pc; count++)
            ASSERT_EQ(s.Get(pc), Content(pc, 64 + (pc & 0xfff) % 512));
        EXPECT_GT(count, 0u);
    }
    close(report[0]);
    close(report[1]);
}
