/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the expressions of int_ops.def use. Values are zero-extended to 128 bits; w is a width of 1 to 128
 * bits. Internal to src/ir. */
#ifndef TANDEM_IR_INT_OPS_H
#define TANDEM_IR_INT_OPS_H

#include "src/ir/ir.h"

typedef unsigned __int128 int_u128;
typedef __int128 int_s128;

static inline int_u128 int_mask(unsigned w) { return w >= 128 ? ~(int_u128)0 : ((int_u128)1 << w) - 1; }

static inline int_s128 int_sx(int_u128 a, unsigned w) { return w == 0 ? 0 : (int_s128)(a << (128 - w)) >> (128 - w); }

static inline bool int_msb(int_u128 a, unsigned w) { return a >> (w - 1) & 1; }

/* High half of the 256-bit product. */
static inline int_u128 int_mulh_u128(int_u128 a, int_u128 b)
{
    int_u128 al = (uint64_t)a, ah = a >> 64, bl = (uint64_t)b, bh = b >> 64;
    int_u128 mid1 = ah * bl + (al * bl >> 64);
    int_u128 mid2 = al * bh + (uint64_t)mid1;
    return ah * bh + (mid1 >> 64) + (mid2 >> 64);
}

static inline int_u128 int_mulh_u(int_u128 a, int_u128 b, unsigned w)
{
    return w <= 64 ? a * b >> w : int_mulh_u128(a, b);
}

static inline int_u128 int_mulh_su(int_u128 a, int_u128 b, unsigned w)
{
    if (w <= 64)
        return (int_u128)(int_sx(a, w) * (int_s128)b >> w);
    return int_mulh_u128(a, b) - (int_msb(a, w) ? b : 0);
}

static inline int_u128 int_mulh_s(int_u128 a, int_u128 b, unsigned w)
{
    if (w <= 64)
        return (int_u128)(int_sx(a, w) * int_sx(b, w) >> w);
    return int_mulh_u128(a, b) - (int_msb(a, w) ? b : 0) - (int_msb(b, w) ? a : 0);
}

static inline int_u128 int_div_s(int_u128 a, int_u128 b, unsigned w)
{
    if (b == 0 || b == int_mask(w)) /* x/-1 wraps */
        return b ? -a : ~(int_u128)0;
    return (int_u128)(int_sx(a, w) / int_sx(b, w));
}

static inline int_u128 int_rem_s(int_u128 a, int_u128 b, unsigned w)
{
    if (b == 0 || b == int_mask(w))
        return b ? 0 : a;
    return (int_u128)(int_sx(a, w) % int_sx(b, w));
}

/* Bit by bit: the dividend may have 256 bits. */
static inline int_u128 int_div2_u(int_u128 low, int_u128 high, int_u128 d, unsigned w)
{
    int_u128 q = 0;
    if (high >= d)
        return ~(int_u128)0;
    for (unsigned i = w; i-- > 0;) {
        const bool carry = high >> 127;
        high = high << 1 | (low >> i & 1);
        if (carry || high >= d) {
            high -= d;
            q |= (int_u128)1 << i;
        }
    }
    return q;
}

static inline int_u128 int_pdep(int_u128 a, int_u128 mask)
{
    int_u128 r = 0;
    for (; mask; mask &= mask - 1, a >>= 1)
        r |= a & 1 ? mask & -mask : 0;
    return r;
}

static inline int_u128 int_pext(int_u128 a, int_u128 mask)
{
    int_u128 r = 0;
    for (unsigned n = 0; mask; mask &= mask - 1, n++)
        r |= (int_u128)((a & mask & -mask) != 0) << n;
    return r;
}

static inline int_u128 int_rotl(int_u128 a, unsigned n, unsigned w) { return n % w ? a << n | a >> (w - n) : a; }

static inline unsigned int_clz128(int_u128 a)
{
    return a >> 64       ? (unsigned)__builtin_clzll((uint64_t)(a >> 64))
           : (uint64_t)a ? 64 + (unsigned)__builtin_clzll((uint64_t)a)
                         : 128;
}

static inline unsigned int_clz(int_u128 a, unsigned w) { return int_clz128(a) - (128 - w); }

static inline unsigned int_ctz(int_u128 a)
{
    return (uint64_t)a ? (unsigned)__builtin_ctzll((uint64_t)a) : 64 + (unsigned)__builtin_ctzll((uint64_t)(a >> 64));
}

static inline unsigned int_popcnt(int_u128 a)
{
    return (unsigned)(__builtin_popcountll((uint64_t)a) + __builtin_popcountll((uint64_t)(a >> 64)));
}

static inline int_u128 int_bswap(int_u128 a, unsigned w)
{
    int_u128 all = (int_u128)__builtin_bswap64((uint64_t)a) << 64 | __builtin_bswap64((uint64_t)(a >> 64));
    return all >> (128 - w);
}

static inline int_u128 int_bitrev(int_u128 a, unsigned w)
{
    int_u128 r = 0;
    for (unsigned i = 0; i < w; i++)
        r = r << 1 | (a >> i & 1);
    return r;
}

static inline int_u128 int_orc_b(int_u128 a)
{
    int_u128 r = 0;
    for (unsigned i = 0; i < 128; i += 8)
        r |= (a >> i & 0xff) ? (int_u128)0xff << i : 0;
    return r;
}

/* Bits [from, from + 128) of the carry-less product; operands of at most 64 bits when from is not 0. */
static inline int_u128 int_clmul(int_u128 a, int_u128 b, unsigned from)
{
    int_u128 r = 0;
    for (unsigned i = 0; i < 128; i++)
        if (b >> i & 1)
            r ^= i >= from ? a << (i - from) : from - i < 128 ? a >> (from - i) : 0;
    return r;
}

static inline bool int_carry(int_u128 a, int_u128 b, int_u128 c, unsigned w)
{
    int_u128 sum = (a + b + c) & int_mask(w);
    return sum < a || (c && sum == a);
}

static inline bool int_compare(int_u128 a, int_u128 b, unsigned w, unsigned cond)
{
    int_s128 sa = int_sx(a, w), sb = int_sx(b, w);
    switch ((enum ir_cond)cond) {
    case IR_EQ:
        return a == b;
    case IR_NE:
        return a != b;
    case IR_SLT:
        return sa < sb;
    case IR_SLE:
        return sa <= sb;
    case IR_SGT:
        return sa > sb;
    case IR_SGE:
        return sa >= sb;
    case IR_ULT:
        return a < b;
    case IR_ULE:
        return a <= b;
    case IR_UGT:
        return a > b;
    case IR_UGE:
        return a >= b;
    default:
        return false;
    }
}

/* Bits of a constant instruction. */
static inline int_u128 ir_const_bits(const struct ir_insn *c)
{
    if (c->type != IR_I128 && c->type < IR_F80)
        return c->imm;
    return (int_u128)ir_const_high(c) << 64 | c->imm;
}

/* The value of an integer operation on constants: widths and aux as in int_ops.def. False: not an integer operation. */
bool ir_int_fold(const struct ir_insn *insn, unsigned operand_bits, const int_u128 args[3], int_u128 *result);
/* Number of operands of an integer operation; 0: not one. */
unsigned ir_int_args(unsigned op);

#endif
