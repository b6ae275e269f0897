// SPDX-License-Identifier: Apache-2.0
// Lifters of frontend/x86/system, and what leaves user code.
#include <gtest/gtest.h>

#include "tests/unit/frontend/x86/rows.h"

TEST(x86_lift_system, flags_as_a_whole)
{
    x86_expect_rows({
        {"pushfq", 64, "9c", "rsp=&8 flags=CZ", "rsp=&0 m0=243"},
        {"popfq leaves IF and IOPL, takes DF and ID", 64, "9d", "rsp=&0 m0=203cd5",
         "rsp=&8 flags=CPAZSO fl_d=ffffffffffffffff fl_x=200000"},
        {"lahf", 64, "9f", "rax=11220044 flags=CPS", "rax=11228744"},
        {"sahf leaves O", 64, "9e", "rax=4100 flags=OS", "flags=CZO"},
        {"std", 64, "fd", "", "fl_d=ffffffffffffffff"},
        {"cld", 64, "fc", "fl_d=ffffffffffffffff", "fl_d=1"},
        {"cmc", 64, "f5", "flags=CZ", "flags=Z"},
    });
}

TEST(x86_lift_system, traps)
{
    x86_expect_rows({
        {"syscall", 64, "0f 05", "flags=Z", "rcx=10002 r11=242 trap=syscall"},
        {"int 80h in 32-bit code", 32, "cd 80", "", "trap=syscall"},
        {"int 80h in 64-bit code", 64, "cd 80", "", "pc=0 trap=privileged"},
        {"int3 reports the place behind it", 64, "cc", "", "trap=breakpoint"},
        {"ud2", 64, "0f 0b", "", "pc=0 trap=illegal"},
        {"hlt", 64, "f4", "", "pc=0 trap=privileged"},
        {"in al, dx", 64, "ec", "", "pc=0 trap=privileged"},
        {"push es does not exist in 64-bit code", 64, "06", "", "pc=0 trap=illegal"},
        {"syscall does not exist in 32-bit code", 32, "0f 05", "", "pc=0 trap=illegal"},
        {"lock add eax, ebx", 64, "f0 01 d8", "", "pc=0 trap=illegal"},
        {"mov cs, ax", 64, "8e c8", "", "pc=0 trap=illegal"},
    });
}

// Answers that no host has a say in. Leaf 9 takes the place of leaf 0dh, subleaf 2, where answers are kept.
TEST(x86_lift_system, cpuid_answers_the_same_again)
{
    x86_expect_rows({
        {"the same again, then another", 64,
         "0f a2 89 c6 b8 0d 00 00 00 b9 02 00 00 00 0f a2 89 df b8 09 00 00 00 0f a2", "rax=d rcx=2",
         "rax=0 rbx=0 rcx=0 rdx=0 rsi=100 rdi=240"},
        {"another in between", 64, "0f a2 b8 09 00 00 00 0f a2 89 c6 b8 0d 00 00 00 b9 02 00 00 00 0f a2",
         "rax=d rcx=2 rsi=7", "rax=100 rbx=240 rcx=0 rdx=0 rsi=0"},
    });
}

TEST(x86_lift_system, segments_and_far_transfers)
{
    x86_expect_rows({
        {"mov eax, fs:[rbx]", 64, "64 8b 03", "fs_base=&0 rbx=8 m1=77", "rax=77"},
        {"gs and a wrapped offset in 32-bit code", 32, "65 8b 03", "gs_base=&8 rbx=fffffff8 m0=77", "rax=77"},
        {"rdfsbase rax", 64, "f3 48 0f ae c0", "fs_base=123456789a", "rax=123456789a"},
        {"wrgsbase rax", 64, "f3 48 0f ae d8", "rax=123456789a", "gs_base=123456789a"},
        {"mov eax, cs", 64, "8c c8", "", "rax=33"},
        {"mov eax, cs in 32-bit code", 32, "8c c8", "", "rax=23"},
        {"retf to another segment", 64, "cb", "rsp=&0 m0=1000000020", "pc=0 trap=privileged"},
        {"retf to its own: two of 32 bits are popped", 64, "cb", "rsp=&0 m0=3300010020", "rsp=&8 pc=20"},
    });
}

TEST(x86_lift_system, mxcsr_is_part_of_the_mode)
{
    x86_expect_rows({
        {"stmxcsr", 64, "0f ae 1f", "rdi=&0", "m0=1f80"},
        {"ldmxcsr with FTZ and DAZ: another mode", 64, "0f ae 16", "rsi=&0 m0=9fc0", "mode=6"},
        {"ldmxcsr with a reserved bit", 64, "0f ae 16", "rsi=&0 m0=11f80", "pc=0 trap=privileged"},
    });
}
