/* SPDX-License-Identifier: Apache-2.0 */
/* x87.h on AArch64, which has no such unit: control word and flags are in struct cpu, and the functions are libm's on
 * long double, which has 113 bits there, rounded to 64.
 *
 * I1  fpx_cw is 0 before anyone sets it: then it is as fninit leaves it. A control word that was set is never 0.
 * I2  Results are rounded once more than on an x87. libm's error is far below the last of the 64 bits. */
#include "src/host/x87.h"

#include <math.h>
#include <string.h>

#include "src/base/fp_x86.h"

uint16_t host_x87_control(const struct cpu *cpu)
{
    return cpu->fpx_cw ? (uint16_t)cpu->fpx_cw : HOST_X87_CONTROL_INIT; /* I1 */
}
void host_x87_set_control(struct cpu *cpu, uint16_t control) { cpu->fpx_cw = control | HOST_X87_MASKS; }
uint16_t host_x87_flags(const struct cpu *cpu) { return cpu->fpx_flags & HOST_X87_FLAGS; }
void host_x87_raise(struct cpu *cpu, uint16_t flags) { cpu->fpx_flags |= flags & HOST_X87_FLAGS; }
void host_x87_clear(struct cpu *cpu) { cpu->fpx_flags = 0; }

void host_x87_reset(struct cpu *cpu, uint16_t control)
{
    host_x87_set_control(cpu, control);
    host_x87_clear(cpu);
}

/* ---- formats: 80 bits of x87, 128 bits of long double, whose exponents have the same bias ---- */

enum { C1 = 0x200, C2 = 0x400 };
enum { EXP_MASK = 0x7fff, FRAC_128 = 112, DROP = FRAC_128 - 63, SIGN_SHIFT_128 = 127, SIGN_SHIFT = 15 };
typedef unsigned __int128 u128;

static u128 bits_of(long double v)
{
    u128 bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static bool is_zero(const void *x)
{
    uint64_t significand;
    memcpy(&significand, x, sizeof significand);
    return !significand;
}

/* *flags: FP_X86_DENORMAL if it is one */
static long double widen(const void *x, uint16_t *flags)
{
    uint64_t significand;
    uint16_t top;
    memcpy(&significand, x, sizeof significand);
    memcpy(&top, (const char *)x + 8, sizeof top);
    bool negative = top >> SIGN_SHIFT, infinite = (top & EXP_MASK) == EXP_MASK;
    int exponent = top & EXP_MASK ? top & EXP_MASK : 1;
    if (!(top & EXP_MASK) && significand)
        *flags |= FP_X86_DENORMAL;
    long double v = infinite ? INFINITY : ldexpl((long double)significand, exponent - 0x3fff - 63);
    return negative ? -v : v;
}

static void put(void *r, uint16_t top, uint64_t significand)
{
    memset(r, 0, 16);
    memcpy(r, &significand, sizeof significand);
    memcpy((char *)r + 8, &top, sizeof top);
}

/* v, which is neither infinite nor a NaN, to 64 bits; *codes: C1 if it was rounded up. The flags of that. */
static uint16_t narrow(void *r, long double v, unsigned rounding, uint16_t *codes)
{
    enum { NEAREST, DOWN, UP };
    u128 bits = bits_of(v), frac = bits & (((u128)1 << FRAC_128) - 1);
    bool negative = bits >> SIGN_SHIFT_128;
    unsigned biased = (unsigned)(bits >> FRAC_128) & EXP_MASK;
    frac |= biased ? (u128)1 << FRAC_128 : 0;
    u128 rest = frac & (((u128)1 << DROP) - 1), half = (u128)1 << (DROP - 1), significand = frac >> DROP;
    bool up = rounding == NEAREST ? rest > half || (rest == half && (significand & 1))
              : rounding == DOWN  ? rest && negative
                                  : rest && rounding == UP && !negative;
    significand += up;
    if (significand >> 64)
        significand >>= 1, biased++;
    if (!biased && significand >> 63) /* it was rounded to the smallest normal number */
        biased = 1;
    *codes |= up ? C1 : 0;
    put(r, (uint16_t)(biased | (unsigned)negative << SIGN_SHIFT), (uint64_t)significand);
    return (uint16_t)((rest ? FP_X86_INEXACT : 0) | (biased == EXP_MASK ? FP_X86_OVERFLOW : 0) |
                      (rest && !biased ? FP_X86_UNDERFLOW : 0));
}

/* ---- functions ---- */

static long double compute(enum host_x87_function fn, long double a, long double b)
{
    switch (fn) {
    case HOST_X87_2XM1:
        return expm1l(a * 0.693147180559945309417232121458176568L);
    case HOST_X87_SIN:
        return sinl(a);
    case HOST_X87_COS:
        return cosl(a);
    case HOST_X87_YL2X:
        return b * log2l(a);
    case HOST_X87_YL2XP1:
        return b * (log1pl(a) * 1.442695040888963407359924681001892137L);
    default:
        return atan2l(b, a);
    }
}

/* Is the value that was computed the exact one? Where libm gives a zero, one, or a logarithm of a power of two. */
static bool is_exact(enum host_x87_function fn, long double a, long double v)
{
    int exponent;
    return v == 0 || (fn == HOST_X87_COS && a == 0) || (fn == HOST_X87_2XM1 && (a == 1 || a == -1 || isinf(a))) ||
           (fn == HOST_X87_YL2X && frexpl(a, &exponent) == 0.5L);
}

uint16_t host_x87_compute(struct cpu *cpu, enum host_x87_function fn, const void *a, const void *b, void *r)
{
    enum { ROUNDING_SHIFT = 10, TOO_LARGE = 63 };
    uint16_t flags = 0, codes = 0;
    bool angle = fn == HOST_X87_SIN || fn == HOST_X87_COS, two = fn >= HOST_X87_YL2X;
    long double x = widen(a, &flags), y = two ? widen(b, &flags) : 0;
    if (angle && !isinf(x) && fabsl(x) >= ldexpl(1, TOO_LARGE)) {
        memcpy(r, a, 10);
        return C2;
    }
    long double v = compute(fn, x, y);
    if (isnan(v)) { /* no operand is one */
        put(r, EXP_MASK | 1 << SIGN_SHIFT, UINT64_C(3) << 62);
        flags = FP_X86_INVALID;
    } else if (isinf(v)) {
        put(r, (uint16_t)(EXP_MASK | (unsigned)(signbit(v) != 0) << SIGN_SHIFT), UINT64_C(1) << 63);
        if (fn == HOST_X87_YL2X && is_zero(a) && !isinf(y))
            flags = FP_X86_DIV_ZERO;
    } else {
        flags |= narrow(r, v, host_x87_control(cpu) >> ROUNDING_SHIFT & 3, &codes);
        flags |= is_exact(fn, x, v) ? 0 : FP_X86_INEXACT;
    }
    host_x87_raise(cpu, flags);
    return codes;
}
