// SPDX-License-Identifier: Apache-2.0
// Structures and arguments of 32-bit guests (base/layout.c, base/layout_structs.c, frontend/numbers/i386.def).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <time.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

extern "C" {
#include "runtime/linux/base/layout.h"
#include "runtime/linux/table/rows.h"
}

namespace
{

struct Abi32 : ::testing::Test {
    process proc{};
    thread t{};
    sys_ctx c{};
    TANDEM_ALIGNED(64) struct cpu cpu {
    };
    uint32_t guest[64] = {};

    Abi32()
    {
        proc.guest = guest_find_name("i386");
        t.proc = &proc;
        t.cpu = &cpu;
        c.t = &t;
    }
    void SetRegisters(std::initializer_list<uint32_t> values)
    {
        unsigned i = 0;
        for (uint32_t v : values)
            guest_set(&cpu, proc.guest, proc.guest->abi->call.arg[i++], v);
    }
    void Arguments(enum linux_call call, guest_call entry)
    {
        c.row = &sys_table.rows[call];
        abi_arguments(&c, &entry);
    }
};

TEST_F(Abi32, TimesAreSignedAndHaveTwoForms)
{
    timespec ts;
    guest[0] = 0xffffffff;
    guest[1] = 5;
    EXPECT_EQ(abi_get(&c, SYS_STRUCT_timespec, &ts, reinterpret_cast<gaddr_t>(guest)), 0);
    EXPECT_EQ(ts.tv_sec, -1);
    EXPECT_EQ(ts.tv_nsec, 5);
    EXPECT_EQ(abi_size(&c, SYS_STRUCT_timespec), 8u);
    c.wide = true;
    const uint32_t wide[4] = {1, 2, 7, 0xdeadbeef};
    EXPECT_EQ(abi_get(&c, SYS_STRUCT_timespec, &ts, reinterpret_cast<gaddr_t>(wide)), 0);
    EXPECT_EQ(ts.tv_sec, 0x200000001);
    EXPECT_EQ(ts.tv_nsec, 7) << "the upper half is not the guest's";
    EXPECT_EQ(abi_size(&c, SYS_STRUCT_timespec), 16u);
}

TEST_F(Abi32, SixtyFourBitFieldsAreAlignedToFour)
{
    struct flock lock = {F_WRLCK, SEEK_SET, 0x123456789, 5, 77};
    c.wide = true;
    EXPECT_EQ(abi_size(&c, SYS_STRUCT_flock), 24u);
    EXPECT_TRUE(abi_narrow(&c, SYS_STRUCT_flock, guest, &lock));
    EXPECT_EQ(guest[1], 0x23456789u);
    EXPECT_EQ(guest[2], 1u);
    EXPECT_EQ(guest[5], 77u);
    c.wide = false;
    EXPECT_EQ(abi_size(&c, SYS_STRUCT_flock), 16u);
}

TEST_F(Abi32, LimitsKnowInfinity)
{
    rlimit64 limit = {RLIM64_INFINITY, UINT64_C(0x100000000)}, back;
    abi_narrow(&c, SYS_STRUCT_rlimit, guest, &limit);
    EXPECT_EQ(guest[0], 0xffffffffu);
    EXPECT_EQ(guest[1], 0xffffffffu);
    EXPECT_EQ(abi_get(&c, SYS_STRUCT_rlimit, &back, reinterpret_cast<gaddr_t>(guest)), 0);
    EXPECT_EQ(back.rlim_cur, RLIM64_INFINITY);
    abi_narrow(&c, SYS_STRUCT_rlimit_old, guest, &limit);
    EXPECT_EQ(guest[0], 0x7fffffffu);
}

TEST_F(Abi32, WhatDoesNotFitIsSaid)
{
    struct statfs fs = {};
    struct stat st = {};
    fs.f_blocks = UINT64_C(0x100000000);
    EXPECT_FALSE(abi_narrow(&c, SYS_STRUCT_statfs, guest, &fs));
    fs.f_blocks = 5;
    fs.f_files = ~0ull;
    EXPECT_TRUE(abi_narrow(&c, SYS_STRUCT_statfs, guest, &fs));
    st.st_size = 0x80000000;
    EXPECT_FALSE(abi_narrow(&c, SYS_STRUCT_stat, guest, &st));
    c.wide = true;
    EXPECT_TRUE(abi_narrow(&c, SYS_STRUCT_stat, guest, &st));
    EXPECT_EQ(abi_size(&c, SYS_STRUCT_stat), 96u);
    EXPECT_EQ(abi_size(&c, SYS_STRUCT_statfs), 84u);
}

TEST_F(Abi32, SignalInformationGoesByItsKind)
{
    siginfo_t info = {}, back = {};
    info.si_signo = SIGCHLD;
    info.si_code = CLD_EXITED;
    info.si_pid = 10;
    info.si_uid = 20;
    info.si_status = 30;
    info.si_utime = 40;
    info.si_stime = 50;
    abi_narrow(&c, SYS_STRUCT_siginfo, guest, &info);
    for (unsigned i = 0; i < 5; i++)
        EXPECT_EQ(guest[3 + i], 10 * (i + 1)) << i;
    EXPECT_EQ(abi_get(&c, SYS_STRUCT_siginfo, &back, reinterpret_cast<gaddr_t>(guest)), 0);
    EXPECT_EQ(memcmp(&back, &info, sizeof info), 0);

    info = {};
    info.si_signo = SIGSEGV;
    info.si_code = SEGV_MAPERR;
    info.si_addr = (void *)0x12345678;
    abi_narrow(&c, SYS_STRUCT_siginfo, guest, &info);
    EXPECT_EQ(guest[3], 0x12345678u);

    info = {};
    info.si_signo = SIGRTMIN;
    info.si_code = SI_QUEUE;
    info.si_pid = 1;
    info.si_uid = 2;
    info.si_value.sival_int = 3;
    abi_narrow(&c, SYS_STRUCT_siginfo, guest, &info);
    EXPECT_EQ(guest[5], 3u);
}

TEST_F(Abi32, MemorySizesAreInPagesIfTheyAreLarge)
{
    struct sysinfo info = {};
    info.totalram = UINT64_C(1) << 34;
    info.freeram = UINT64_C(1) << 20;
    info.mem_unit = 1;
    info.uptime = 9;
    abi_narrow(&c, SYS_STRUCT_sysinfo, guest, &info);
    EXPECT_EQ(guest[0], 9u);
    EXPECT_EQ(guest[4], 1u << 22);
    EXPECT_EQ(guest[5], 1u << 8);
    EXPECT_EQ(guest[13], 4096u);
}

TEST_F(Abi32, ArgumentsAreWidenedByKind)
{
    SetRegisters({0xffffff9c, 0x80000000, 0xffffffff, 0, 0, 0});
    Arguments(LINUX_openat, {});
    EXPECT_EQ((int64_t)c.a[0], AT_FDCWD);
    EXPECT_EQ(c.a[1], 0x80000000u);
    SetRegisters({3, 0xfffffffb, 1, 0, 0, 0});
    Arguments(LINUX_lseek, {});
    EXPECT_EQ((int64_t)c.a[1], -5);
}

TEST_F(Abi32, LargeArgumentsComeInTwoRegisters)
{
    SetRegisters({3, 0x10, 0x20, 1, 2, 3});
    Arguments(LINUX_sync_file_range, {.name = 0, .split = 1 << 1 | 1 << 2, .ids = 0, .wide = false});
    EXPECT_EQ(c.a[1], UINT64_C(0x2000000010));
    EXPECT_EQ(c.a[2], UINT64_C(0x200000001));
    EXPECT_EQ(c.a[3], 3u);
    SetRegisters({3, 0x1000, 2, 0x80000000, 1, 7});
    Arguments(LINUX_preadv2, {});
    EXPECT_EQ(c.a[3], UINT64_C(0x180000000)) << "low and high are two of the row's arguments";
    EXPECT_EQ(c.a[5], 7u);
}

TEST_F(Abi32, ShortIdsKnowNoChange)
{
    SetRegisters({0x1000, 0xffff, 0x1234fffe, 0, 0, 0});
    Arguments(LINUX_chown, {.name = 0, .split = 0, .ids = 6, .wide = false});
    EXPECT_EQ((int)c.a[1], -1);
    EXPECT_EQ(c.a[2], 0xfffeu);
}

// The host's own header names the calls: a number here leads to a row of that name, or of the name without what marks a
// variant.
TEST_F(Abi32, NumbersAreTheKernels)
{
    FILE *f = fopen("/usr/include/x86_64-linux-gnu/asm/unistd_32.h", "r");
    if (!f)
        GTEST_SKIP() << "no asm/unistd_32.h";
    const std::map<std::string, std::string> renamed = {
        {"getrlimit", "old_getrlimit"}, {"ugetrlimit", "getrlimit"},  {"mmap", "old_mmap"},
        {"select", "old_select"},       {"_newselect", "select"},     {"fstatat64", "newfstatat"},
        {"fadvise64_64", "fadvise64"},  {"getgroups", "getgroups16"}, {"setgroups", "setgroups16"},
        {"getresuid", "getresuid16"},   {"getresgid", "getresgid16"},
    };
    char line[200], name[100];
    unsigned number, seen = 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "#define __NR_%99s %u", name, &number) != 2)
            continue;
        const sys_row *row = sys_find_row(guest_find_name("i386")->abi, number);
        std::string want = name, got = row ? row->name : "";
        if (!row)
            continue;
        seen++;
        if (renamed.count(want))
            want = renamed.at(want);
        for (const char *suffix : {"_time64", "64", "32"}) {
            const size_t at = want.size() - strlen(suffix);
            if (got != want && want.size() > strlen(suffix) && want.compare(at, std::string::npos, suffix) == 0)
                want.resize(at);
        }
        EXPECT_EQ(got, want) << number;
    }
    fclose(f);
    EXPECT_GT(seen, 400u);
}

} // namespace
