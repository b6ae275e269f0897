// SPDX-License-Identifier: Apache-2.0
// Lifters of frontend/x86/x87: the register stack is in the translation mode: bits 3 to 5 are TOP, bits 6 to 13 say
// which physical registers (r0 .. r7) are not empty, bit 0 says that they are MMX registers.
#include <gtest/gtest.h>

#include "tests/unit/frontend/x86/rows.h"

TEST(x86_lift_x87, the_stack_is_in_the_mode)
{
    x86_expect_rows({
        {"fld1 pushes: TOP 7, register 7 full", 64, "d9 e8", "", "mode=2038 r7=3fff:8000000000000000"},
        {"fldz; fld1", 64, "d9 ee d9 e8", "", "mode=3030 r6=3fff:8000000000000000"},
        {"fstp st(0) pops: the mode is empty again", 64, "dd d8", "mode=2038 r7=3fff:8000000000000000", "mode=0"},
        {"faddp", 64, "de c1", "mode=3030 r6=3fff:8000000000000000 r7=4000:8000000000000000",
         "mode=2038 r7=4000:c000000000000000"},
        {"fxch", 64, "d9 c9", "mode=3030 r6=3fff:8000000000000000 r7=4000:8000000000000000",
         "r7=3fff:8000000000000000 r6=4000:8000000000000000"},
        {"fchs", 64, "d9 e0", "mode=2038 r7=3fff:8000000000000000", "r7=bfff:8000000000000000"},
        {"fabs", 64, "d9 e1", "mode=2038 r7=bfff:8000000000000000", "r7=3fff:8000000000000000"},
        {"fincstp moves TOP alone", 64, "d9 f7", "mode=2030", "mode=2038"},
        {"ffree st(0) empties", 64, "dd c0", "mode=2038", "mode=38"},
        {"fninit", 64, "db e3", "mode=3030 fp_cw=27f", "mode=0 fp_cw=37f"},
    });
}

TEST(x86_lift_x87, memory)
{
    x86_expect_rows({
        {"fld qword [rsi]", 64, "dd 06", "rsi=&0 m0=4008000000000000", "mode=2038 r7=4000:c000000000000000"},
        {"fild dword [rsi]", 64, "db 06", "rsi=&0 m0=fffffffe", "mode=2038 r7=c000:8000000000000000"},
        {"fstp dword [rdi]", 64, "d9 1f", "rdi=&0 mode=2038 r7=4000:c000000000000000", "m0=40400000 mode=0"},
        {"fistp dword [rdi] rounds to even", 64, "db 1f", "rdi=&0 mode=2038 r7=4000:a000000000000000", "m0=2 mode=0"},
        {"fisttp truncates", 64, "db 0f", "rdi=&0 mode=2038 r7=4000:e000000000000000", "m0=3 mode=0"},
        {"cmp; fisttp of an empty register, which may end the block; jz", 64, "39 d8 db 0f 74 02 31 c0 31 db",
         "rax=1 rbx=1 rdi=&0", "m0=80000000 mode=8 fp_sw=41 rbx=0 flags=PZ?A"},
        {"fnstcw [rdi]", 64, "d9 3f", "rdi=&0", "m0=37f"},
        {"fnstsw ax shows TOP", 64, "df e0", "mode=3030", "rax=3000"},
    });
}

TEST(x86_lift_x87, compares)
{
    x86_expect_rows({
        {"fcomi: less", 64, "db f1", "mode=3030 r6=3fff:8000000000000000 r7=4000:8000000000000000", "flags=C"},
        {"fucomip pops", 64, "df e9", "mode=3030 r6=3fff:8000000000000000 r7=3fff:8000000000000000",
         "flags=Z mode=2038"},
        {"fcmovb", 64, "da c1", "mode=3030 r6=3fff:8000000000000000 r7=4000:8000000000000000 flags=C",
         "r6=4000:8000000000000000"},
    });
}

TEST(x86_lift_x87, mmx)
{
    x86_expect_rows({
        {"movd mm0, eax: MMX mode, all registers full", 64, "0f 6e c0", "rax=5", "mm0=5 r0=ffff:0 mode=3fc1"},
        {"paddb mm0, mm1", 64, "0f fc c1", "mode=3fc1 mm0=ff01 mm1=102", "mm0=3 r0=ffff:0"},
        {"emms: x87 mode, all empty", 64, "0f 77", "mode=3fc1", "mode=0"},
    });
}

TEST(x86_lift_x87, text)
{
    x86_expect_texts({
        {"a push and a pop in one block only count", 64, 0, "d9 e8 dd d8", R"(
  insn 0x10000 {n=2}
  %1 = const f80 0x3fff:0x8000000000000000
  put f80 %1 $r7
  insn 0x10002 {n=2}
  %4 = const i32 0x0
  put i32 %4 $mode
  jump 0x10004
)"},
        {"fld1; faddp", 64, 0x2038, "d9 e8 de c1", R"(
  insn 0x10000 {n=2}
  %1 = const f80 0x3fff:0x8000000000000000
  put f80 %1 $r6
  insn 0x10002 {n=2}
  %4 = get f80 $r7
  %5 = x87.bin f80 %4 %1 {fn=10}
  put f80 %5 $r7
  %7 = const i32 0x2038
  put i32 %7 $mode
  jump 0x10004
)"},
    });
}
