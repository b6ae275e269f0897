// SPDX-License-Identifier: Apache-2.0
// Lifters of frontend/x86/int, and flags: what they compute, and how lazily.
#include <gtest/gtest.h>

#include "tests/unit/frontend/x86/rows.h"

TEST(x86_lift_int, moves_and_parts_of_registers)
{
    x86_expect_rows({
        {"mov eax, ebx clears the upper half", 64, "89 d8", "rax=1111111122222222 rbx=3333333344444444",
         "rax=44444444"},
        {"mov rax, rbx", 64, "48 89 d8", "rbx=3333333344444444", "rax=3333333344444444"},
        {"mov ax, bx keeps the rest", 64, "66 89 d8", "rax=1111111122222222 rbx=4444", "rax=1111111122224444"},
        {"mov ah, bl", 64, "88 dc", "rax=1111111122222222 rbx=44", "rax=1111111122224422"},
        {"mov sil, ah needs no REX: mov dh, ah", 64, "88 e6", "rax=5500 rdx=22", "rdx=5522"},
        {"movsx eax, bl", 64, "0f be c3", "rax=ffffffffffffffff rbx=80", "rax=ffffff80"},
        {"movsxd rax, ebx", 64, "48 63 c3", "rbx=80000000", "rax=ffffffff80000000"},
        {"movzx eax, word [rsi+2]", 64, "0f b7 46 02", "rsi=&0 m0=12345678", "rax=1234"},
        {"mov [rdi+rcx*8+8], eax", 64, "89 44 cf 08", "rdi=&0 rcx=1 rax=ffffffffabcdef01 m2=5500000000",
         "m2=55abcdef01"},
        {"lea eax, [rbx+rcx*4+10h]", 64, "8d 44 8b 10", "rbx=100000000 rcx=3", "rax=1c"},
        {"lea wraps at 4 GiB in 32-bit code", 32, "8d 44 8b 10", "rbx=fffffff0 rcx=3", "rax=c"},
        {"xchg [rsi], eax", 64, "87 06", "rsi=&0 m0=1122334455667788 rax=1", "m0=1122334400000001 rax=55667788"},
        {"bswap rax", 64, "48 0f c8", "rax=102030405060708", "rax=807060504030201"},
        {"cdq", 64, "99", "rax=80000000 rdx=1", "rdx=ffffffff"},
        {"cbw", 64, "66 98", "rax=11111180", "rax=1111ff80"},
    });
}

TEST(x86_lift_int, arithmetic_sets_flags)
{
    x86_expect_rows({
        {"add al, bl: carry, overflow, zero", 64, "00 d8", "rax=80 rbx=80", "rax=0 flags=CPZO"},
        {"add eax, [rsi]", 64, "03 06", "rax=1 rsi=&0 m0=ffffffff", "rax=0 flags=CPAZ"},
        {"add [rsi], eax", 64, "01 06", "rax=1 rsi=&0 m0=7fffffff", "m0=80000000 flags=PASO"},
        {"adc eax, ebx takes the carry", 64, "11 d8", "rax=ffffffff rbx=0 flags=C", "rax=0 flags=CPAZ"},
        {"sbb eax, eax spreads the carry", 64, "19 c0", "rax=5 flags=C", "rax=ffffffff flags=CPAS"},
        {"sub rax, rbx", 64, "48 29 d8", "rax=0 rbx=1", "rax=ffffffffffffffff flags=CPAS"},
        {"cmp eax, imm8 is signed", 64, "83 f8 ff", "rax=ffffffff", "flags=PZ"},
        {"and clears C and O", 64, "21 d8", "rax=f0 rbx=80 flags=CO", "rax=80 flags=?A"},
        {"inc keeps C", 64, "ff c0", "rax=7fffffff flags=C", "rax=80000000 flags=CPASO"},
        {"dec of 32-bit code keeps C", 32, "48", "rax=1 flags=C", "rax=0 flags=CPZ"},
        {"xor eax, eax", 64, "31 c0", "rax=1111111122222222 flags=CO", "rax=0 flags=PZ?A"},
        {"sbb al, al", 64, "18 c0", "rax=1111 flags=C", "rax=11ff flags=CPAS"},
        {"and ah, ah", 64, "20 e4", "rax=8011 flags=C", "flags=S?A"},
        {"cmp rbx, rbx", 64, "48 39 db", "rbx=80 flags=C", "flags=PZ"},
        {"add ah, al are two registers", 64, "00 c4", "rax=102", "rax=302 flags=P"},
        {"neg", 64, "f7 d8", "rax=1", "rax=ffffffff flags=CPAS"},
        {"neg 0: no carry", 64, "f7 d8", "rax=0 flags=C", "rax=0 flags=PZ"},
        {"not touches no flag", 64, "f7 d0", "rax=1 flags=CZ", "rax=fffffffe"},
        {"lock xadd [rsi], eax", 64, "f0 0f c1 06", "rax=2 rsi=&0 m0=3", "rax=3 m0=5 flags=P"},
        {"cmpxchg [rsi], ebx: equal", 64, "0f b1 1e", "rax=3 rbx=9 rsi=&0 m0=3", "m0=9 flags=PZ"},
        {"cmpxchg [rsi], ebx: not equal", 64, "0f b1 1e", "rax=2 rbx=9 rsi=&0 m0=3", "rax=3 flags=CPAS"},
        {"imul eax, ebx, 16", 64, "6b c3 10", "rbx=10000000", "rax=0 flags=CO?P?A?Z?S"},
        {"mul ebx", 64, "f7 e3", "rax=80000000 rbx=2 rdx=7", "rax=0 rdx=1 flags=CO?P?A?Z?S"},
        {"div ebx", 64, "f7 f3", "rax=7 rdx=0 rbx=2", "rax=3 rdx=1 flags=?C?P?A?Z?S?O"},
        {"div by zero", 64, "f7 f3", "rax=7", "pc=0 trap=div_zero"},
        {"idiv that does not fit", 64, "f7 fb", "rax=80000000 rdx=ffffffff rbx=ffffffff", "pc=0 trap=div_zero"},
        {"div rbx of 128 bits", 64, "48 f7 f3", "rdx=1 rax=2 rbx=3", "rax=5555555555555556 rdx=0 flags=?C?P?A?Z?S?O"},
        {"div rbx that does not fit", 64, "48 f7 f3", "rdx=3 rbx=3", "pc=0 trap=div_zero"},
        {"idiv rbx of 128 bits, rounded to 0", 64, "48 f7 fb", "rdx=fffffffffffffffe rax=fffffffffffffffc rbx=3",
         "rax=aaaaaaaaaaaaaaaa rdx=fffffffffffffffe flags=?C?P?A?Z?S?O"},
        {"idiv rbx that does not fit", 64, "48 f7 fb", "rdx=8000000000000000 rbx=7fffffffffffffff",
         "pc=0 trap=div_zero"},
        {"idiv rbx: the smallest quotient", 64, "48 f7 fb", "rdx=ffffffffffffffff rax=1 rbx=2",
         "rax=8000000000000001 rdx=ffffffffffffffff flags=?C?P?A?Z?S?O"},
        {"daa", 32, "27", "rax=9b", "rax=1 flags=CA?O"},
    });
}

TEST(x86_lift_int, shifts_and_bits)
{
    x86_expect_rows({
        {"shl eax, 1", 64, "d1 e0", "rax=c0000000", "rax=80000000 flags=CPS?A"},
        {"shl eax, cl with a count of 32 changes nothing but the upper half", 64, "d3 e0",
         "rax=ffffffff00000001 rcx=20 flags=CZ", "rax=1"},
        {"sar eax, 4", 64, "c1 f8 04", "rax=80000008", "rax=f8000000 flags=CPS?A?O"},
        {"rol al, 4 keeps SZAP", 64, "c0 c0 04", "rax=81 flags=ZS", "rax=18 flags=ZS?O"},
        {"rcr eax, 1", 64, "d1 d8", "rax=1 flags=C", "rax=80000000 flags=CO"},
        {"shld eax, ebx, 8", 64, "0f a4 d8 08", "rax=11223344 rbx=55667788", "rax=22334455 flags=CP?A?O"},
        {"bt [rsi], ebx reaches beyond the operand", 64, "0f a3 1e", "rsi=&0 rbx=41 m1=2", "flags=C?P?A?S?O"},
        {"bts eax, 3", 64, "0f ba e8 03", "rax=0 flags=C", "rax=8 flags=?P?A?S?O"},
        {"bsf of 0 keeps the register", 64, "0f bc c3", "rax=7", "flags=Z?C?P?A?S?O"},
        {"tzcnt", 64, "f3 0f bc c3", "rbx=8", "rax=3 flags=?P?A?S?O"},
        {"popcnt", 64, "f3 0f b8 c3", "rbx=f0f0 flags=C", "rax=8 flags="},
        {"andn", 64, "c4 e2 60 f2 c1", "rbx=f rcx=ff", "rax=f0 flags=?P?A"},
        {"pext", 64, "c4 e2 e2 f5 c1", "rbx=abcd rcx=f0f0", "rax=ac"},
        {"shlx touches no flag", 64, "c4 e2 71 f7 c3", "rbx=1 rcx=4 flags=C", "rax=10"},
    });
}

TEST(x86_lift_int, conditions_and_jumps)
{
    x86_expect_rows({
        {"cmp; jb taken", 64, "39 d8 72 10", "rax=1 rbx=2", "pc=14 flags=CPAS"},
        {"cmp; jb not taken", 64, "39 d8 72 10", "rax=2 rbx=1", "flags="},
        {"cmp; inc; jb: inc leaves the carry of cmp", 64, "39 d8 ff c1 72 10", "rax=1 rbx=2", "rcx=1 pc=16 flags=C"},
        {"test; jle by a logical result", 64, "85 c0 7e 10", "rax=80000000", "pc=14 flags=PS?A"},
        {"add; jo", 64, "01 d8 70 10", "rax=7fffffff rbx=1", "rax=80000000 pc=14 flags=PASO"},
        {"add; jp", 64, "01 d8 7a 10", "rax=1 rbx=2", "rax=3 pc=14 flags=P"},
        {"dec; jnz of a loop", 64, "ff c9 75 fc", "rcx=3", "rcx=0 flags=PZ"},
        {"setg after cmp", 64, "39 d8 0f 9f c1", "rax=1 rbx=ffffffff rcx=77", "rcx=1 flags=CA"},
        {"cmovz clears the upper half also where it does not move", 64, "0f 44 c3", "rax=ffffffff00000001 rbx=2",
         "rax=1"},
        {"call pushes the way back", 64, "e8 10 00 00 00", "rsp=&10", "rsp=&8 m1=10005 pc=15"},
        {"call in 32-bit code", 32, "e8 10 00 00 00", "rsp=&10 m1=1111111122222222", "rsp=&c m1=1000522222222 pc=15"},
        {"ret 8", 64, "c2 08 00", "rsp=&0 m0=10020", "rsp=&10 pc=20"},
        {"jmp [rsi]", 64, "ff 26", "rsi=&0 m0=10030", "pc=30"},
        {"jrcxz", 64, "e3 10", "rcx=0", "pc=12"},
        {"loop", 64, "e2 10", "rcx=1", "rcx=0"},
        {"push imm8 is signed", 64, "6a ff", "rsp=&8", "rsp=&0 m0=ffffffffffffffff"},
        {"pop [rsp] uses the new rsp", 64, "8f 04 24", "rsp=&0 m0=5", "rsp=&8 m1=5"},
        {"leave", 64, "c9", "rbp=&8 m1=123", "rsp=&10 rbp=123"},
    });
}

TEST(x86_lift_int, strings)
{
    x86_expect_rows({
        {"movsb", 64, "a4", "rsi=&0 rdi=&8 m0=11", "rsi=&1 rdi=&9 m1=11"},
        {"movsd goes down", 64, "a5", "rsi=&4 rdi=&c m0=1122334455667788 fl_d=ffffffffffffffff",
         "rsi=&0 rdi=&8 m1=1122334400000000"},
        {"rep stosb", 64, "f3 aa", "rdi=&1 rcx=3 rax=ff", "rdi=&4 rcx=0 m0=ffffff00"},
        {"rep movsq", 64, "f3 48 a5", "rsi=&0 rdi=&20 rcx=2 m0=1 m1=2", "rsi=&10 rdi=&30 rcx=0 m4=1 m5=2"},
        {"repne scasb finds", 64, "f2 ae", "rdi=&0 rcx=5 rax=33 m0=44332211", "rdi=&3 rcx=2 flags=PZ"},
        {"repe cmpsb differs", 64, "f3 a6", "rsi=&0 rdi=&8 rcx=5 m0=332211 m1=442211", "rsi=&3 rdi=&b rcx=2 flags=CAS"},
        {"repe cmpsb of nothing keeps flags", 64, "f3 a6", "rsi=&0 rdi=&8 rcx=0 flags=CZ", ""},
        {"lodsw", 32, "66 ad", "rsi=&2 m0=aabb0000 rax=11110000", "rsi=&4 rax=1111aabb"},
    });
}

// Behind a jump whose target nobody knew the flags are read as a number: what was left is a record.
TEST(x86_lift_int, flags_are_read_behind_an_unknown_jump)
{
    x86_expect_rows({
        {"sub", 64, "29 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=0 rbx=1 rsp=&40",
         "rax=ffffffff rdx=1000b rcx=297 m7=297 flags=CPAS"},
        {"cmp of bytes", 64, "38 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=80 rbx=1 rsp=&40",
         "rdx=1000b rcx=a12 m7=a12 flags=AO"},
        {"add of words", 64, "66 01 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=7fff rbx=1 rsp=&40",
         "rax=8000 rdx=1000c rcx=a96 m7=a96 flags=PASO"},
        {"add of quads", 64, "48 01 d8 48 8d 15 02 00 00 00 ff e2 9c 59",
         "rax=8000000000000000 rbx=8000000000000000 rsp=&40", "rax=0 rdx=1000c rcx=a47 m7=a47 flags=CPZO"},
        {"and", 64, "21 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=80000003 rbx=80000003 flags=CO rsp=&40",
         "rdx=1000b rcx=286 m7=286 flags=PS"},
        {"test al, 81h", 64, "a8 81 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=80 flags=CO rsp=&40",
         "rdx=1000b rcx=282 m7=282 flags=S"},
        {"test ax, bx", 64, "66 85 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=ffff0f0f rbx=ffff00ff flags=C rsp=&40",
         "rdx=1000c rcx=206 m7=206 flags=P"},
        {"test ah, dl", 64, "84 d4 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=1200 rdx=12 rsp=&40",
         "rdx=1000b rcx=206 m7=206 flags=P"},
        {"inc keeps the carry from before", 64, "ff c0 48 8d 15 02 00 00 00 ff e2 9c 59",
         "rax=7fffffff flags=C rsp=&40", "rax=80000000 rdx=1000b rcx=a97 m7=a97 flags=CPASO"},
        {"dec of a byte keeps the carry of cmp", 64, "38 d8 fe c8 48 8d 15 02 00 00 00 ff e2 9c 59",
         "rax=80 rbx=81 rsp=&40", "rax=7f rdx=1000d rcx=a13 m7=a13 flags=CAO"},
        {"shl leaves its carry", 64, "c1 e0 04 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=1fffffff rsp=&40",
         "rax=fffffff0 rdx=1000c rcx=287 m7=287 flags=CPS"},
        {"neg", 64, "f7 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=1 rsp=&40",
         "rax=ffffffff rdx=1000b rcx=297 m7=297 flags=CPAS"},
        {"adc", 64, "11 d8 48 8d 15 02 00 00 00 ff e2 9c 59", "rax=ffffffff rbx=0 flags=C rsp=&40",
         "rax=0 rdx=1000b rcx=257 m7=257 flags=CPAZ"},
    });
}

// As above; what comes behind the jump writes some flags and keeps the others.
TEST(x86_lift_int, flags_are_kept_behind_an_unknown_jump)
{
    x86_expect_rows({
        {"clc", 64, "29 d8 48 8d 15 02 00 00 00 ff e2 f8", "rax=0 rbx=1", "rax=ffffffff rdx=1000b flags=PAS"},
        {"inc", 64, "29 d8 48 8d 15 02 00 00 00 ff e2 ff c1", "rax=0 rbx=1 rcx=f",
         "rax=ffffffff rdx=1000b rcx=10 flags=CA"},
        {"a shift by 0", 64, "29 d8 48 8d 15 02 00 00 00 ff e2 d3 e3", "rax=0 rbx=1",
         "rax=ffffffff rdx=1000b flags=CPAS"},
        {"cmovc", 64, "29 d8 48 8d 15 02 00 00 00 ff e2 0f 42 cb", "rax=0 rbx=1",
         "rax=ffffffff rdx=1000b rcx=1 flags=CPAS"},
    });
}

TEST(x86_lift_int, flags_are_lazy)
{
    x86_expect_texts({
        {"a compare that is followed by its branch is one compare, and flags are stored for what comes", 64, 0,
         "39 d8 72 10", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = icmp i32 %4 %2 {ult}
  put i64 %3 $fl_p
  put i64 %1 $fl_q
  %9 = const i8 0xe
  put i8 %9 $fl_op
  dead.flags 0x1f
  exit.if %6 0x10014
  jump 0x10004
)"},
        {"flags that are written again are not computed", 64, 0, "01 d8 01 c8 f7 d1 01 c8 c3", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  %5 = add i32 %4 %2
  insn 0x10002 {n=2}
  %7 = get i64 $rcx
  %8 = trunc i32 %7
  %9 = add i32 %5 %8
  insn 0x10004 {n=2}
  %11 = trunc i32 %7
  %12 = not i32 %11
  %13 = zext i64 %12
  put i64 %13 $rcx
  insn 0x10006 {n=2}
  %16 = add i32 %9 %12
  %17 = zext i64 %16
  put i64 %17 $rax
  %19 = zext i64 %16
  put i64 %19 $fl_p
  %21 = zext i64 %12
  put i64 %21 $fl_q
  %23 = const i8 0x6
  put i8 %23 $fl_op
  insn 0x10008 {n=1}
  %26 = get i64 $rsp
  %27 = ld i64 %26 {i64 ordered}
  %28 = const i64 0x8
  %29 = add i64 %26 %28
  put i64 %29 $rsp
  jump.reg %27 {ret}
)"},
        {"flags that are dead behind a load are not stored before it", 64, 0, "39 d8 8b 06 39 d8 eb fe", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  insn 0x10002 {n=2}
  %3 = get i64 $rsi
  %4 = ld i32 %3 {i32 ordered}
  %5 = zext i64 %4
  put i64 %5 $rax
  insn 0x10004 {n=2}
  %8 = zext i64 %4
  put i64 %8 $fl_p
  put i64 %1 $fl_q
  %11 = const i8 0xe
  put i8 %11 $fl_op
  insn 0x10006 {n=2}
  dead.flags 0x1f
  jump 0x10006
)"},
        {"flags that are alive behind a load are stored before it", 64, 0, "39 d8 8b 06 72 10", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  put i64 %3 $fl_p
  put i64 %1 $fl_q
  %7 = const i8 0xe
  put i8 %7 $fl_op
  insn 0x10002 {n=2}
  %10 = get i64 $rsi
  %11 = ld i32 %10 {i32 ordered}
  %12 = zext i64 %11
  put i64 %12 $rax
  insn 0x10004 {n=2}
  %15 = icmp i32 %4 %2 {ult}
  dead.flags 0x1f
  exit.if %15 0x10016
  jump 0x10006
)"},
        {"flags that both ways of a branch write first are dead behind it", 64, 0, "39 d8 72 02 31 c0 31 d2", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = icmp i32 %4 %2 {ult}
  dead.flags 0xff
  exit.if %6 0x10006
  jump 0x10004
)"},
        {"inc keeps the carry of cmp by value", 64, 0, "39 d8 ff c1 72 f8", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = const i32 0x1
  %7 = get i64 $rcx
  %8 = trunc i32 %7
  %9 = add i32 %8 %6
  %10 = zext i64 %9
  put i64 %10 $rcx
  %12 = icmp i32 %4 %2 {ult}
  insn 0x10004 {n=2}
  put i1 %12 $fl_c
  %15 = zext i64 %9
  put i64 %15 $fl_p
  %17 = const i8 0x16
  put i8 %17 $fl_op
  dead.flags 0x1b
  exit.if %12 0xfffe
  jump 0x10006
)"},
    });
}

// With what comes behind a branch in the same block.
TEST(x86_lift_int, blocks_go_on_behind_forward_branches)
{
    x86_expect_texts({
        {"flags alive only where the branch goes to are stored for it, and dead on the way on", 64, 0,
         "39 d8 72 10 31 c0 eb fe", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = icmp i32 %4 %2 {ult}
  put i64 %3 $fl_p
  put i64 %1 $fl_q
  %9 = const i8 0xe
  put i8 %9 $fl_op
  dead.flags 0x1f
  exit.if %6 0x10014
  dead.flags 0xff
  insn 0x10004 {n=2}
  %15 = const i64 0x0
  put i64 %15 $rax
  %17 = const i64 0x0
  put i64 %17 $fl_p
  %19 = const i8 0x12
  put i8 %19 $fl_op
  insn 0x10006 {n=2}
  dead.flags 0x1f
  jump 0x10006
)",
         1},
        {"flags alive only on the way on are stored there, before what may fault", 64, 0,
         "39 d8 72 06 8b 06 74 02 31 c0 31 c0 eb fe", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = icmp i32 %4 %2 {ult}
  dead.flags 0xff
  exit.if %6 0x1000a
  put i64 %3 $fl_p
  put i64 %1 $fl_q
  %11 = const i8 0xe
  put i8 %11 $fl_op
  insn 0x10004 {n=2}
  %14 = get i64 $rsi
  %15 = ld i32 %14 {i32 ordered}
  %16 = zext i64 %15
  put i64 %16 $rax
  insn 0x10006 {n=2}
  %19 = icmp i32 %4 %2 {eq}
  dead.flags 0xff
  exit.if %19 0x1000a
  jump 0x10008
)",
         1},
        {"a second branch on the same compare needs no flag stored", 64, 0, "39 d8 72 04 74 02 31 c0 31 c0 eb fe", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = icmp i32 %4 %2 {ult}
  dead.flags 0xff
  exit.if %6 0x10008
  insn 0x10004 {n=2}
  %10 = icmp i32 %4 %2 {eq}
  dead.flags 0xff
  exit.if %10 0x10008
  insn 0x10006 {n=2}
  insn 0x10008 {n=2}
  %15 = const i64 0x0
  put i64 %15 $rax
  %17 = const i64 0x0
  put i64 %17 $fl_p
  %19 = const i8 0x12
  put i8 %19 $fl_op
  insn 0x1000a {n=2}
  dead.flags 0x1f
  jump 0x1000a
)",
         8},
        {"two exits that need the same flags store them each", 64, 0, "39 d8 72 10 74 10 31 c0 eb fe", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rbx
  %2 = trunc i32 %1
  %3 = get i64 $rax
  %4 = trunc i32 %3
  insn 0x10002 {n=2}
  %6 = icmp i32 %4 %2 {ult}
  put i64 %3 $fl_p
  put i64 %1 $fl_q
  %9 = const i8 0xe
  put i8 %9 $fl_op
  dead.flags 0x1f
  exit.if %6 0x10014
  dead.flags 0xff
  insn 0x10004 {n=2}
  %15 = icmp i32 %4 %2 {eq}
  put i64 %3 $fl_p
  put i64 %1 $fl_q
  %18 = const i8 0xe
  put i8 %18 $fl_op
  dead.flags 0x1f
  exit.if %15 0x10016
  dead.flags 0xff
  insn 0x10006 {n=2}
  %24 = const i64 0x0
  put i64 %24 $rax
  %26 = const i64 0x0
  put i64 %26 $fl_p
  %28 = const i8 0x12
  put i8 %28 $fl_op
  insn 0x10008 {n=2}
  dead.flags 0x1f
  jump 0x10008
)",
         8},
        {"a compare of floats raises before an exit that does not look at it", 64, 0,
         "66 0f 2e c1 e3 04 74 02 31 c0 31 c0 eb fe", R"(
  insn 0x10000 {n=4}
  %1 = get v128 $xmm1
  %2 = vgete f64 %1 #0 {f64}
  %3 = get v128 $xmm0
  %4 = vgete f64 %3 #0 {f64}
  insn 0x10004 {n=2}
  %6 = get i64 $rcx
  %7 = const i64 0x0
  %8 = icmp i64 %6 %7 {eq}
  %9 = fcmp f64 %2 %4 {fle x86}
  dead.flags 0xff
  exit.if %8 0x1000a
  insn 0x10006 {n=2}
  %13 = fcmp f64 %4 %2 {funo x86}
  %14 = fcmp f64 %4 %2 {feq x86}
  %15 = or i1 %14 %13
  dead.flags 0xff
  exit.if %15 0x1000a
  insn 0x10008 {n=2}
  insn 0x1000a {n=2}
  %20 = const i64 0x0
  put i64 %20 $rax
  %22 = const i64 0x0
  put i64 %22 $fl_p
  %24 = const i8 0x12
  put i8 %24 $fl_op
  insn 0x1000c {n=2}
  dead.flags 0x1f
  jump 0x1000c
)",
         8},
        {"the last of as many as may be ends the block", 64, 0, "72 04 74 02 31 c0 31 c0 eb fe", R"(
  insn 0x10000 {n=2}
  %1 = const i8 0x0
  %2 = get i8 $fl_op
  %3 = icmp i8 %2 %1 {ne}
  trap.if %3 0x10000 {settle}
  %5 = get i1 $fl_c
  dead.flags 0xfe
  exit.if %5 0x10006
  insn 0x10002 {n=2}
  %9 = const i64 0x0
  %10 = get i64 $fl_z
  %11 = icmp i64 %10 %9 {eq}
  dead.flags 0xff
  exit.if %11 0x10006
  jump 0x10004
)",
         1},
        {"a backward one ends the block", 64, 0, "31 c0 e3 fc 31 c0", R"(
  insn 0x10000 {n=2}
  %1 = const i64 0x0
  put i64 %1 $rax
  insn 0x10002 {n=2}
  %4 = get i64 $rcx
  %5 = const i64 0x0
  %6 = icmp i64 %4 %5 {eq}
  dead.flags 0xff
  exit.if %6 0x10000
  jump 0x10004
)",
         8},
        {"an indirect jump is in a block without branches", 64, 0, "e3 02 ff e0", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rcx
  %2 = const i64 0x0
  %3 = icmp i64 %1 %2 {eq}
  exit.if %3 0x10004
  jump 0x10002
)",
         8},
        {"a return is not", 64, 0, "e3 02 c3", R"(
  insn 0x10000 {n=2}
  %1 = get i64 $rcx
  %2 = const i64 0x0
  %3 = icmp i64 %1 %2 {eq}
  exit.if %3 0x10004
  insn 0x10002 {n=1}
  %6 = get i64 $rsp
  %7 = ld i64 %6 {i64 ordered}
  %8 = const i64 0x8
  %9 = add i64 %6 %8
  put i64 %9 $rsp
  jump.reg %7 {ret}
)",
         8},
        {"what is known to be taken ends the block", 64, 0, "31 c0 31 c0 74 02 31 c0 31 c0", R"(
  insn 0x10000 {n=2}
  insn 0x10002 {n=2}
  %2 = const i64 0x0
  put i64 %2 $rax
  insn 0x10004 {n=2}
  %5 = const i1 0x1
  dead.flags 0xff
  exit.if %5 0x10008
  jump 0x10006
)",
         8},
    });
}
