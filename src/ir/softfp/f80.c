/* SPDX-License-Identifier: Apache-2.0 */
/* f80.h by softfp: arithmetic, constants, compares. Precision control is softfp's precision.
 *
 * I1  C1 says whether an inexact result was rounded up; it is 0 if nothing was rounded. */
#include "src/ir/softfp/f80.h"

#include "src/base/fp_x86.h"
#include "src/ir/softfp/f80_env.h"

/* ---- control and status ---- */

struct softfp f80_begin(struct f80 *u)
{
    static const uint8_t modes[4] = {IR_RNE, IR_RDN, IR_RUP, IR_RTZ};
    enum { ROUNDING_SHIFT = 10 };
    u->status &= X87_SW_FLAGS;
    return (struct softfp){.rm = (enum ir_rm)modes[u->control >> ROUNDING_SHIFT & 3], .nan_rule = IR_NAN_X86};
}

struct softfp f80_begin_precise(struct f80 *u)
{
    static const uint8_t precisions[4] = {24, 64, 53, 64};
    enum { PRECISION_SHIFT = 8 };
    struct softfp s = f80_begin(u);
    s.precision = precisions[u->control >> PRECISION_SHIFT & 3];
    return s;
}

void f80_end(struct f80 *u, const struct softfp *s)
{
    bool up = s->flags & FP_NX && s->rounded_up; /* I1 */
    u->status |= (uint16_t)(fp_to_x86(s->flags) | (up ? F80_C1 : 0u));
}

/* ---- functions of one and two operands ---- */

/* The x87 has these with more bits than a register; nearest: the last of the 64 is rounded up. */
static const struct constant {
    uint16_t exponent;
    bool nearest;
    uint64_t significand; /* toward zero */
} constants[] = {
    [IR_X87F_PI] = {0x4000, true, 0xc90fdaa22168c234},  [IR_X87F_L2T] = {0x4000, false, 0xd49a784bcd1b8afe},
    [IR_X87F_L2E] = {0x3fff, true, 0xb8aa3b295c17f0bb}, [IR_X87F_LG2] = {0x3ffd, true, 0x9a209a84fbcff798},
    [IR_X87F_LN2] = {0x3ffe, true, 0xb17217f7d1cf79ab},
};

static int_u128 constant(struct f80 *u, enum ir_x87 fn)
{
    const struct constant *c = &constants[fn];
    enum ir_rm rm = f80_begin(u).rm;
    bool up = rm == IR_RUP || (rm == IR_RNE && c->nearest);
    return (int_u128)c->exponent << 64 | (c->significand + up);
}

bool f80_knows(enum ir_x87 fn)
{
    switch (fn) {
    case IR_X87F_2XM1:
    case IR_X87F_SIN:
    case IR_X87F_COS:
    case IR_X87F_YL2X:
    case IR_X87F_YL2XP1:
    case IR_X87F_PATAN:
        return false;
    default:
        return true;
    }
}

static int_u128 binary(struct f80 *u, sf_binary *fn, int_u128 a, int_u128 b)
{
    struct softfp s = f80_begin_precise(u);
    int_u128 r = fn(&s, &sf_format80, a, b);
    f80_end(u, &s);
    return r;
}

static int_u128 square_root(struct f80 *u, int_u128 a)
{
    struct softfp s = f80_begin_precise(u);
    int_u128 r = sf_sqrt(&s, &sf_format80, a);
    f80_end(u, &s);
    return r;
}

static int_u128 round_to_int(struct f80 *u, int_u128 a)
{
    struct softfp s = f80_begin(u);
    int_u128 r = sf_round_int(&s, &sf_format80, a, true);
    f80_end(u, &s);
    return r;
}

int_u128 f80_compute(struct f80 *u, enum ir_x87 fn, int_u128 a, int_u128 b)
{
    switch (fn) {
    case IR_X87F_SQRT:
        return square_root(u, a);
    case IR_X87F_RNDINT:
        return round_to_int(u, a);
    case IR_X87F_ADD:
        return binary(u, sf_add, a, b);
    case IR_X87F_SUB:
        return binary(u, sf_sub, a, b);
    case IR_X87F_MUL:
        return binary(u, sf_mul, a, b);
    case IR_X87F_DIV:
        return binary(u, sf_div, a, b);
    case IR_X87F_SCALE:
        return f80_scale(u, a, b);
    case IR_X87F_PREM:
    case IR_X87F_PREM1:
        return f80_remainder(u, a, b, fn == IR_X87F_PREM1);
    default:
        return constant(u, fn);
    }
}

bool f80_nan(struct f80 *u, const int_u128 *operands, unsigned count, int_u128 *result)
{
    struct softfp s = f80_begin(u);
    bool any = false;
    for (unsigned n = 0; n < count; n++) {
        struct sf_num x = sf_unpack(&s, &sf_format80, operands[n]);
        any |= sf_is_nan(&x);
    }
    if (any)
        *result = sf_choose_nan(&s, &sf_format80, operands, count);
    f80_end(u, &s);
    return any;
}

/* ---- compares ---- */

static uint16_t examined(const struct softfp *s, int_u128 a)
{
    static const uint16_t codes[] = {
        [SF_ZERO] = F80_C3, [SF_FINITE] = F80_C2, [SF_INF] = F80_C2 | F80_C0,
        [SF_QNAN] = F80_C0, [SF_SNAN] = F80_C0,   [SF_UNSUPPORTED] = 0,
    };
    struct sf_num x = sf_unpack(&(struct softfp){.rm = s->rm}, &sf_format80, a);
    return (uint16_t)(codes[x.cls] | (x.subnormal ? F80_C3 : 0) | (x.sign ? F80_C1 : 0));
}

uint16_t f80_compare(struct f80 *u, enum ir_x87_com op, int_u128 a, int_u128 b)
{
    struct softfp s = f80_begin(u);
    unsigned signaling = op == IR_X87C_COM ? IR_FCOND_SIGNALING : 0;
    if (op == IR_X87C_XAM)
        return examined(&s, a);
    bool unordered = sf_cmp(&s, &sf_format80, IR_FUNO | signaling, a, b);
    bool below = sf_cmp(&s, &sf_format80, IR_FLT | signaling, a, b);
    bool equal = sf_cmp(&s, &sf_format80, IR_FEQ | signaling, a, b);
    f80_end(u, &s);
    if (unordered)
        return F80_C3 | F80_C2 | F80_C0;
    return below ? F80_C0 : equal ? F80_C3 : 0;
}
