// SPDX-License-Identifier: Apache-2.0
// The system-call table: numbers, argument descriptions.
#include <gtest/gtest.h>

#include <sys/syscall.h>

#include <set>
#include <string>

extern "C" {
#include "runtime/linux/base/host_numbers.h"
#include "runtime/linux/table/rows.h"
#include "runtime/linux/table/strace.h"
}

// Numbers that the kernel's headers here may be too old for: Linux 6.5, 6.6, 6.7, 6.8, 6.13.
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_futex_wake
#define SYS_futex_wake    454
#define SYS_futex_wait    455
#define SYS_futex_requeue 456
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#define SYS_listmount 458
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat    463
#define SYS_getxattrat    464
#define SYS_listxattrat   465
#define SYS_removexattrat 466
#endif

namespace
{

const sys_row *Row(uint64_t number) { return sys_find_row(guest_find_name("riscv64")->abi, number); }

TEST(SysTable, FindsRowsByTheGuestsNumber)
{
    ASSERT_NE(Row(63), nullptr);
    EXPECT_STREQ(Row(63)->name, "read");
    EXPECT_EQ(host_number(Row(63)->host), SYS_read);
    EXPECT_STREQ(Row(222)->name, "mmap");
    EXPECT_STREQ(Row(435)->name, "clone3");
    EXPECT_STREQ(Row(258)->name, "riscv_hwprobe");
    EXPECT_EQ(host_number(Row(258)->host), -1);
}

TEST(SysTable, HasNoRowForOtherNumbers)
{
    EXPECT_EQ(Row(244), nullptr);
    EXPECT_EQ(Row(511), nullptr);
    EXPECT_EQ(Row(512), nullptr);
    EXPECT_EQ(Row(~0ull), nullptr);
}

TEST(SysTable, EveryRowIsCompleteAndNamedOnce)
{
    std::set<std::string> names;
    for (uint64_t n = 0; n < 512; n++) {
        const sys_row *row = Row(n);
        if (!row)
            continue;
        EXPECT_TRUE(names.insert(row->name).second) << row->name;
        EXPECT_NE(row->fn, nullptr) << row->name;
    }
    EXPECT_GT(names.size(), 270u);
}

// The host's header is a table that nobody here wrote.
TEST(SysTable, NumbersOfTheHostAreTheKernels)
{
#define NR(number, name) EXPECT_EQ(SYS_##name, number) << #name;
#ifdef __x86_64__
#include "frontend/numbers/x86_64.def"
#endif
#undef NR
}

TEST(SysTable, SizeArgumentsLieWithinTheCall)
{
    for (uint64_t n = 0; n < 512; n++) {
        const sys_row *row = Row(n);
        for (unsigned i = 0; row && i < sys_arg_count(row); i++) {
            unsigned param = sys_arg_param(row->arg[i]);
            switch (sys_arg_kind(row->arg[i])) {
            case ARG_IN:
            case ARG_OUT:
            case ARG_IOV_IN:
            case ARG_IOV_OUT:
            case ARG_ADDR_IN:
            case ARG_ADDR_OUT:
                EXPECT_LT(param, sys_arg_count(row)) << row->name;
                EXPECT_NE(param, i) << row->name;
                break;
            case ARG_FLAGS:
            case ARG_ENUM:
                EXPECT_LT(param, static_cast<unsigned>(STRACE_FLAGS_COUNT)) << row->name;
                break;
            case ARG_S_IN:
            case ARG_S_OUT:
            case ARG_S_INOUT:
                EXPECT_GT(sys_struct_size(static_cast<sys_struct>(param)), 0u) << row->name;
                break;
            default:
                break;
            }
        }
    }
}

} // namespace
