/* SPDX-License-Identifier: Apache-2.0 */
/* MMX operations that are rare or that the IR has no words for, as C functions of 64-bit values: SDM volume 2. In each
 * a is the destination operand and b the source. */
#include "frontend/x86/x87/x86_lift_mmx.h"
#include "src/host/x86_insns.h"

static int lane(uint64_t v, unsigned bits, unsigned i)
{
    return (int)((int64_t)(v << (64 - bits * (i + 1))) >> (64 - bits));
}

static uint64_t placed(int x, unsigned bits, unsigned i)
{
    return ((uint64_t)(int64_t)x & (UINT64_MAX >> (64 - bits))) << bits * i;
}

static int saturated(int x) { return x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : x; }

/* An expression of the elements x of a and y of b, `bits` wide each. */
#define LANES(name, bits, expr)                                                                                        \
    static uint64_t do_##name(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)                         \
    {                                                                                                                  \
        uint64_t r = 0;                                                                                                \
        for (unsigned i = 0; i < 64 / (bits); i++) {                                                                   \
            int x = lane(a, bits, i), y = lane(b, bits, i);                                                            \
            (void)x;                                                                                                   \
            r |= placed(expr, bits, i);                                                                                \
        }                                                                                                              \
        return r;                                                                                                      \
    }
static int signed_as(int x, int y) { return y > 0 ? x : y < 0 ? (int)(0u - (unsigned)x) : 0; }
LANES(psignb, 8, signed_as(x, y))
LANES(psignw, 16, signed_as(x, y))
LANES(psignd, 32, signed_as(x, y))
LANES(pabsb, 8, signed_as(y, y))
LANES(pabsw, 16, signed_as(y, y))
LANES(pabsd, 32, signed_as(y, y))
LANES(pmulhrsw, 16, ((x * y >> 14) + 1) >> 1)
LANES(pshufb, 8, y < 0 ? 0 : lane(a, 8, y & 7))
#undef LANES

/* An expression of neighbors x and y: those of a make the lower half of the result, those of b the upper half. */
#define PAIRS(name, bits, expr)                                                                                        \
    static uint64_t do_##name(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)                         \
    {                                                                                                                  \
        uint64_t r = 0;                                                                                                \
        for (unsigned i = 0, half = 32 / (bits); i < 2 * half; i++) {                                                  \
            uint64_t v = i < half ? a : b;                                                                             \
            int x = lane(v, bits, i % half * 2), y = lane(v, bits, i % half * 2 + 1);                                  \
            r |= placed(expr, bits, i);                                                                                \
        }                                                                                                              \
        return r;                                                                                                      \
    }
PAIRS(phaddw, 16, x + y)
PAIRS(phaddd, 32, (int)((unsigned)x + (unsigned)y))
PAIRS(phaddsw, 16, saturated(x + y))
PAIRS(phsubw, 16, x - y)
PAIRS(phsubd, 32, (int)((unsigned)x - (unsigned)y))
PAIRS(phsubsw, 16, saturated(x - y))
#undef PAIRS

/* Sums of the products of neighbors. */
static uint64_t do_pmaddwd(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t r = 0;
    for (unsigned i = 0; i < 2; i++) {
        int low = lane(a, 16, 2 * i) * lane(b, 16, 2 * i), high = lane(a, 16, 2 * i + 1) * lane(b, 16, 2 * i + 1);
        r |= placed((int)((unsigned)low + (unsigned)high), 32, i);
    }
    return r;
}

/* The same of unsigned bytes of a and signed ones of b. */
static uint64_t do_pmaddubsw(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t r = 0;
    for (unsigned i = 0; i < 4; i++) {
        int low = (lane(a, 8, 2 * i) & 0xff) * lane(b, 8, 2 * i);
        int high = (lane(a, 8, 2 * i + 1) & 0xff) * lane(b, 8, 2 * i + 1);
        r |= placed(saturated(low + high), 16, i);
    }
    return r;
}

static uint64_t do_pmuludq(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return (uint64_t)(uint32_t)a * (uint32_t)b;
}

static uint64_t do_psadbw(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned x = a >> 8 * i & 0xff, y = b >> 8 * i & 0xff;
        sum += x > y ? x - y : y - x;
    }
    return sum;
}

/* maskmovq: bytes of a whose mask b has bit 7 set go to memory at c. By the host's instruction: which faults masked
 * bytes cause is up to the CPU (SDM volume 2, MASKMOVQ). */
static uint64_t maskmov(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    host_x86_maskmovq(c, a, b);
    return 0;
}

const struct ir_helper x86_mmx_helpers[X86_MMX_FN_COUNT] = {
#define MMX(name) [X86_MMX_##name] = {"mmx_" #name, do_##name, 2, IR_I64, IR_FX_PURE},
    X86_MMX_FNS(MMX)
#undef MMX
};
const struct ir_helper x86_mmx_maskmov = {"mmx_maskmovq", maskmov, 3, IR_VOID,
                                          IR_FX_RSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT};
