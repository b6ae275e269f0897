// SPDX-License-Identifier: Apache-2.0
// softfp against this machine's FPU, for what MPFR has no opinion on: the x86 rules of NaN payloads, denormal-operand
// flags, DAZ and FTZ (SSE), and f80 (x87). The host is an x86-64, else the tests are skipped.
#include <gtest/gtest.h>

#include <cstring>

#include "src/host/fpenv.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/softfp/softfp_core.h"
#include "tests/harness/random.h"

#ifdef __x86_64__
#include <immintrin.h>

namespace
{
constexpr unsigned DAZ = 1 << 6, FTZ = 1 << 15;

template <typename T> T pattern(harness::Random &engine)
{
    constexpr unsigned frac = sizeof(T) == 4 ? 23 : 52, width = sizeof(T) * 8;
    constexpr T top = (T(1) << (width - 1 - frac)) - 1, bias = top / 2;
    T biased;
    switch (engine() % 6) {
    case 0:
        biased = 0;
        break;
    case 1:
        biased = 1 + engine() % 2;
        break;
    case 2:
        biased = top - engine() % 2;
        break;
    case 3:
        biased = static_cast<T>(engine()) & top;
        break;
    default:
        biased = bias - 30 + engine() % 60;
        break;
    }
    T fraction = static_cast<T>(engine()) & ((T(1) << frac) - 1);
    switch (engine() % 4) {
    case 0:
        fraction = 0;
        break;
    case 1:
        fraction >>= engine() % frac;
        break;
    default:
        break;
    }
    return static_cast<T>(engine() & 1) << (width - 1) | biased << frac | fraction;
}

struct Result {
    uint64_t bits;
    unsigned flags;
};

// Runs one SSE instruction under the given MXCSR.
#define SSE(insn, reg_type, left, right)                                                                               \
    ({                                                                                                                 \
        reg_type x = left;                                                                                             \
        unsigned saved = _mm_getcsr(), during;                                                                         \
        __asm__ __volatile__("ldmxcsr %[m]\n\t" insn " %[b], %[x]\n\tstmxcsr %[d]"                                     \
                             : [x] "+x"(x), [d] "=m"(during)                                                           \
                             : [b] "x"(right), [m] "m"(mxcsr));                                                        \
        _mm_setcsr(saved);                                                                                             \
        uint64_t bits = 0;                                                                                             \
        memcpy(&bits, &x, sizeof x);                                                                                   \
        Result{bits, host_fp_flags(during)};                                                                           \
    })

Result host(unsigned op, uint32_t a, uint32_t b, unsigned mxcsr)
{
    float fa, fb;
    memcpy(&fa, &a, 4);
    memcpy(&fb, &b, 4);
    switch (op) {
    case 0:
        return SSE("addss", float, fa, fb);
    case 1:
        return SSE("subss", float, fa, fb);
    case 2:
        return SSE("mulss", float, fa, fb);
    case 3:
        return SSE("divss", float, fa, fb);
    default:
        return SSE("sqrtss", float, fa, fa);
    }
}

Result host(unsigned op, uint64_t a, uint64_t b, unsigned mxcsr)
{
    double fa, fb;
    memcpy(&fa, &a, 8);
    memcpy(&fb, &b, 8);
    switch (op) {
    case 0:
        return SSE("addsd", double, fa, fb);
    case 1:
        return SSE("subsd", double, fa, fb);
    case 2:
        return SSE("mulsd", double, fa, fb);
    case 3:
        return SSE("divsd", double, fa, fb);
    default:
        return SSE("sqrtsd", double, fa, fa);
    }
}

int_u128 soft(unsigned op, softfp *s, const sf_format *f, int_u128 a, int_u128 b)
{
    switch (op) {
    case 0:
        return sf_add(s, f, a, b);
    case 1:
        return sf_sub(s, f, a, b);
    case 2:
        return sf_mul(s, f, a, b);
    case 3:
        return sf_div(s, f, a, b);
    default:
        return sf_sqrt(s, f, a);
    }
}

template <typename T> void compare_with_sse(const sf_format *f, unsigned seed)
{
    const ir_rm modes[] = {IR_RNE, IR_RTZ, IR_RDN, IR_RUP};
    harness::Random engine{seed};
    for (unsigned i = 0; i < 300000; i++) {
        T a = pattern<T>(engine), b = pattern<T>(engine);
        unsigned op = i % 5;
        softfp s = {};
        s.rm = modes[engine() % 4];
        s.nan_rule = IR_NAN_X86;
        s.daz = engine() & 1;
        s.ftz = engine() & 1;
        unsigned mxcsr = host_fp_with_rounding(host_fp_default(), s.rm) | (s.daz ? DAZ : 0u) | (s.ftz ? FTZ : 0u);
        Result want = host(op, a, b, mxcsr);
        T got = static_cast<T>(soft(op, &s, f, a, b));
        ASSERT_TRUE(got == want.bits && s.flags == want.flags)
            << "op " << op << std::hex << " mxcsr " << mxcsr << ": " << a << " " << b << "\n got " << got << " flags "
            << s.flags << "\nwant " << want.bits << " flags " << want.flags;
    }
}

TEST(SoftfpHost, Sse32) { compare_with_sse<uint32_t>(&sf_format32, 1); }
TEST(SoftfpHost, Sse64) { compare_with_sse<uint64_t>(&sf_format64, 2); }

// --- x87 ---

int_u128 pattern80(harness::Random &engine)
{
    uint64_t sig = engine() >> (engine() % 3 ? 0 : engine() % 64);
    unsigned kind = engine() % 6, biased = kind == 0   ? 0
                                           : kind == 1 ? 1
                                           : kind == 2 ? 0x7fff - engine() % 2
                                                       : 0x3fff - 70 + engine() % 140;
    if (engine() % 16) // else maybe not an encoding
        sig = biased ? sig | UINT64_C(1) << 63 : sig & ~(UINT64_C(1) << 63);
    if (engine() % 4 == 0)
        sig &= UINT64_C(7) << 61;
    return static_cast<int_u128>(engine() & 1) << 79 | static_cast<int_u128>(biased) << 64 | sig;
}

struct Result80 {
    int_u128 bits;
    unsigned flags;
};

#define X87(insn)                                                                                                      \
    __asm__ __volatile__("fnclex\n\tfldt %[b]\n\tfldt %[a]\n\tfnclex\n\t" insn                                         \
                         "\n\tfnstsw %[s]\n\tfstpt %[r]\n\tfnclex"                                                     \
                         : [r] "=m"(r), [s] "=a"(status)                                                               \
                         : [a] "m"(a), [b] "m"(b)                                                                      \
                         : "memory", "st", "st(1)")

Result80 host80(unsigned op, int_u128 x, int_u128 y, ir_rm rm)
{
    long double a, b, r;
    uint16_t control = static_cast<uint16_t>(0x37f | (host_fp_with_rounding(0, rm) >> 13) << 10), saved, status;
    memcpy(&a, &x, 10);
    memcpy(&b, &y, 10);
    memset(&r, 0, sizeof r);
    __asm__ __volatile__("fnstcw %0\n\tfldcw %1" : "=m"(saved) : "m"(control));
    switch (op) {
    case 0:
        X87("faddp");
        break;
    case 1:
        X87("fsub %%st(1), %%st\n\tfstp %%st(1)");
        break;
    case 2:
        X87("fmulp");
        break;
    case 3:
        X87("fdiv %%st(1), %%st\n\tfstp %%st(1)");
        break;
    default:
        X87("fsqrt\n\tfstp %%st(1)");
        break;
    }
    __asm__ __volatile__("fldcw %0" : : "m"(saved));
    int_u128 bits = 0;
    memcpy(&bits, &r, 10);
    return {bits, host_fp_flags(status & 0x3f)};
}

TEST(SoftfpHost, X87)
{
    const ir_rm modes[] = {IR_RNE, IR_RTZ, IR_RDN, IR_RUP};
    harness::Random engine{3};
    for (unsigned i = 0; i < 300000; i++) {
        int_u128 a = pattern80(engine), b = pattern80(engine);
        unsigned op = i % 5;
        softfp s = {};
        s.rm = modes[engine() % 4];
        s.nan_rule = IR_NAN_X86;
        Result80 want = host80(op, a, b, s.rm);
        int_u128 got = soft(op, &s, &sf_format80, a, b);
        ASSERT_TRUE(got == want.bits && s.flags == want.flags)
            << "op " << op << std::hex << " rm " << s.rm << ": " << uint64_t(a >> 64) << ":" << uint64_t(a) << " "
            << uint64_t(b >> 64) << ":" << uint64_t(b) << "\n got " << uint64_t(got >> 64) << ":" << uint64_t(got)
            << " flags " << s.flags << "\nwant " << uint64_t(want.bits >> 64) << ":" << uint64_t(want.bits) << " flags "
            << want.flags;
    }
}
} // namespace
#else
TEST(SoftfpHost, NeedsX86) { GTEST_SKIP() << "the host is no x86-64"; }
#endif
