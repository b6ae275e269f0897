// SPDX-License-Identifier: Apache-2.0
// Lifters of frontend/x86/sse: halves of registers, NaNs, conversions; legacy and VEX forms.
#include <gtest/gtest.h>

#include "tests/unit/frontend/x86/rows.h"

TEST(x86_lift_sse, moves)
{
    x86_expect_rows({
        {"movss xmm0, xmm1 merges", 64, "f3 0f 10 c1", "xmm0=1:2222222222222222 xmm1=3:4444444455555555",
         "xmm0=1:2222222255555555"},
        {"movss xmm0, [rsi] clears the rest", 64, "f3 0f 10 06", "xmm0=1:2 rsi=&0 m0=1122334455667788",
         "xmm0=55667788"},
        {"movups [rdi], xmm0", 64, "0f 11 07", "rdi=&1 xmm0=1:2", "m0=200 m1=100"},
        {"movaps needs alignment", 64, "0f 28 06", "rsi=&1", "pc=0 trap=privileged"},
        {"movd eax, xmm0", 64, "66 0f 7e c0", "rax=ffffffffffffffff xmm0=1:80000000", "rax=80000000"},
        {"movq xmm0, xmm1 clears the upper half", 64, "f3 0f 7e c1", "xmm0=1:2 xmm1=3:4", "xmm0=0:4"},
        {"movhps xmm0, [rsi]", 64, "0f 16 06", "rsi=&0 m0=5 xmm0=1:2", "xmm0=5:2"},
        {"movmskpd eax, xmm0", 64, "66 0f 50 c0", "xmm0=8000000000000000:0", "rax=2"},
        {"pmovmskb eax, xmm0", 64, "66 0f d7 c0", "xmm0=0:80000000000000ff", "rax=81"},
        {"vmovaps xmm0, xmm1 clears the upper half of ymm0", 64, "c5 f8 28 c1", "ymmh0=1:1 ymmh1=2:2 xmm1=3:4",
         "xmm0=3:4 ymmh0=0"},
        {"movaps xmm0, xmm1 keeps it", 64, "0f 28 c1", "ymmh0=1:1 ymmh1=2:2 xmm1=3:4", "xmm0=3:4"},
        {"vzeroupper", 64, "c5 f8 77", "ymmh0=1:1 ymmh3=1:1 xmm0=1:1", "ymmh0=0 ymmh3=0"},
    });
}

TEST(x86_lift_sse, integers)
{
    x86_expect_rows({
        {"paddb wraps", 64, "66 0f fc c1", "xmm0=0:ff01 xmm1=0:0102", "xmm0=0:3"},
        {"paddusb saturates", 64, "66 0f dc c1", "xmm0=0:ff01 xmm1=0:0102", "xmm0=0:ff03"},
        {"psubsw saturates", 64, "66 0f e9 c1", "xmm0=0:8000 xmm1=0:1", "xmm0=0:8000"},
        {"pcmpeqd", 64, "66 0f 76 c1", "xmm0=0:500000006 xmm1=0:500000007", "xmm0=ffffffffffffffff:ffffffff00000000"},
        {"pshufd xmm0, xmm1, 1bh reverses", 64, "66 0f 70 c1 1b", "xmm1=400000003:200000001",
         "xmm0=100000002:300000004"},
        {"pshufb clears where bit 7 is set", 64, "66 0f 38 00 c1",
         "xmm0=0:0807060504030201 xmm1=8080808080808080:8000010203040506", "xmm0=0:1020304050607"},
        {"psrldq xmm0, 4", 64, "66 0f 73 d8 04", "xmm0=400000003:200000001", "xmm0=4:300000002"},
        {"pslld by 32 gives 0", 64, "66 0f 72 f0 20", "xmm0=1:1", "xmm0=0"},
        {"psrad by 40 gives signs", 64, "66 0f 72 e0 28", "xmm0=0:8000000000000001", "xmm0=0:ffffffff00000000"},
        {"pmaddwd", 64, "66 0f f5 c1", "xmm0=0:00020003 xmm1=0:ffff0005", "xmm0=0:d"},
        {"pmuludq", 64, "66 0f f4 c1", "xmm0=0:1ffffffff xmm1=0:2", "xmm0=0:1fffffffe"},
        {"packuswb", 64, "66 0f 67 c1", "xmm0=0:ffff0100007f0001 xmm1=0", "xmm0=0:ff7f01"},
        {"pinsrw", 64, "66 0f c4 c3 01", "rbx=1234", "xmm0=0:12340000"},
        {"pextrb [rdi], xmm0, 1", 64, "66 0f 3a 14 07 01", "rdi=&0 xmm0=0:5566", "m0=55"},
        {"ptest", 64, "66 0f 38 17 c1", "xmm0=0:f0 xmm1=0:70 flags=SA", "flags=C"},
        {"vpaddd ymm0, ymm1, ymm2", 64, "c5 f5 fe c2", "xmm1=0:1 xmm2=0:2 ymmh1=0:3 ymmh2=0:4", "xmm0=0:3 ymmh0=0:7"},
        {"vpaddd xmm0, xmm1, xmm2 clears the upper half", 64, "c5 f1 fe c2", "xmm1=0:1 xmm2=0:2 ymmh0=5:5",
         "xmm0=0:3 ymmh0=0"},
    });
}

TEST(x86_lift_sse, strings)
{
    x86_expect_rows({
        {"pcmpistri: any of two", 64, "66 0f 3a 63 c1 00", "xmm0=0:6261 xmm1=617a7a7a7a7a7a7a:7a7a7a7a7a7a7a7a",
         "rcx=f flags=CS"},
        {"pcmpistri: none, and the text ends", 64, "66 0f 3a 63 c1 00", "xmm0=0:6261 xmm1=0:7a7a", "rcx=10 flags=ZS"},
        {"pcmpistri: equal each, negated, at the start", 64, "66 0f 3a 63 c1 18", "xmm0=0:6261 xmm1=0:6200",
         "rcx=0 flags=CZSO"},
        {"pcmpestri: lengths by their magnitude", 64, "66 0f 3a 61 c1 0c",
         "rax=fffffffe rdx=5 xmm0=0:6261 xmm1=0:62617a", "rcx=1 flags=CZS"},
        {"pcmpestri with REX.W: a length of 2^32 is a long one", 64, "66 48 0f 3a 61 c1 0c",
         "rax=2 rdx=100000000 xmm0=0:6261 xmm1=0:62617a", "rcx=1 flags=CS"},
        {"pcmpistrm: bits", 64, "66 0f 3a 62 c1 00", "xmm0=0:6261 xmm1=0:617a62", "xmm0=0:5 flags=CZSO"},
        {"pcmpistrm: bytes", 64, "66 0f 3a 62 c1 40", "xmm0=0:6261 xmm1=0:617a62", "xmm0=0:ff00ff flags=CZSO"},
    });
}

TEST(x86_lift_sse, floating_point)
{
    x86_expect_rows({
        {"addsd", 64, "f2 0f 58 c1", "xmm0=7:3ff0000000000000 xmm1=9:4000000000000000", "xmm0=7:4008000000000000"},
        {"addsd keeps the first NaN, made quiet", 64, "f2 0f 58 c1", "xmm0=0:7ff0000000000001 xmm1=0:fff8000000000002",
         "xmm0=0:7ff8000000000001"},
        {"inf - inf is the default NaN, which is negative", 64, "f2 0f 5c c1",
         "xmm0=0:7ff0000000000000 xmm1=0:7ff0000000000000", "xmm0=0:fff8000000000000"},
        {"minsd gives the second operand if one is a NaN", 64, "f2 0f 5d c1",
         "xmm0=0:7ff8000000000000 xmm1=0:3ff0000000000000", "xmm0=0:3ff0000000000000"},
        {"maxss of zeros gives the second", 64, "f3 0f 5f c1", "xmm0=0:0 xmm1=0:80000000", "xmm0=0:80000000"},
        {"ucomisd: less", 64, "66 0f 2e c1", "xmm0=0:3ff0000000000000 xmm1=0:4000000000000000 flags=OSA", "flags=C"},
        {"ucomisd: unordered", 64, "66 0f 2e c1", "xmm0=0:7ff8000000000000", "flags=CPZ"},
        {"ucomisd; jp", 64, "66 0f 2e c1 7a 10", "xmm0=0:7ff8000000000000", "flags=CPZ pc=16"},
        {"cmpltpd", 64, "66 0f c2 c1 01",
         "xmm0=3ff0000000000000:4000000000000000 xmm1=4000000000000000:3ff0000000000000", "xmm0=ffffffffffffffff:0"},
        {"cvttsd2si: what does not fit", 64, "f2 0f 2c c0", "xmm0=0:41e0000000000000", "rax=80000000"},
        {"cvttsd2si rax", 64, "f2 48 0f 2c c0", "xmm0=0:c1e0000000000000", "rax=ffffffff80000000"},
        {"cvtsi2sd xmm0, eax", 64, "f2 0f 2a c0", "rax=ffffffff xmm0=1:2", "xmm0=1:bff0000000000000"},
        {"cvtss2sd", 64, "f3 0f 5a c1", "xmm0=1:2 xmm1=0:3f800000", "xmm0=1:3ff0000000000000"},
        {"sqrtsd", 64, "f2 0f 51 c1", "xmm1=0:4010000000000000", "xmm0=0:4000000000000000"},
        {"roundsd up", 64, "66 0f 3a 0b c1 02", "xmm1=0:3ff8000000000000", "xmm0=0:4000000000000000"},
        {"haddpd", 64, "66 0f 7c c1", "xmm0=3ff0000000000000:3ff0000000000000 xmm1=4000000000000000:0",
         "xmm0=4000000000000000:4000000000000000"},
        {"vfmadd231sd xmm0, xmm1, xmm2", 64, "c4 e2 f1 b9 c2",
         "xmm0=5:3ff0000000000000 xmm1=0:4000000000000000 xmm2=0:4000000000000000", "xmm0=5:4014000000000000 ymmh0=0"},
    });
}

TEST(x86_lift_sse, text)
{
    x86_expect_texts({
        {"addsd is one operation on an element, with the x86 NaN rule", 64, 0, "f2 0f 58 c1", R"(
  insn 0x10000 {n=4}
  %1 = get v128 $xmm1
  %2 = vgete f64 %1 #0 {f64}
  %3 = get v128 $xmm0
  %4 = vgete f64 %3 #0 {f64}
  %5 = fadd f64 %4 %2 {dyn nan.x86}
  %6 = vsete v128 %3 %5 #0 {f64}
  put v128 %6 $xmm0
  jump 0x10004
)"},
        {"with FTZ and DAZ in the mode, it says so", 64, 6, "f2 0f 58 c1", R"(
  insn 0x10000 {n=4}
  %1 = get v128 $xmm1
  %2 = vgete f64 %1 #0 {f64}
  %3 = get v128 $xmm0
  %4 = vgete f64 %3 #0 {f64}
  %5 = fadd f64 %4 %2 {dyn nan.x86 daz ftz}
  %6 = vsete v128 %3 %5 #0 {f64}
  put v128 %6 $xmm0
  jump 0x10004
)"},
        {"vpaddd of 256 bits is two operations", 64, 0, "c5 f5 fe c2", R"(
  insn 0x10000 {n=4}
  %1 = get v128 $xmm2
  %2 = get v128 $ymmh2
  %3 = get v128 $xmm1
  %4 = get v128 $ymmh1
  %5 = vadd v128 %3 %1 {i32}
  %6 = vadd v128 %4 %2 {i32}
  put v128 %5 $xmm0
  put v128 %6 $ymmh0
  jump 0x10004
)"},
    });
}
