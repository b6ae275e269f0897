/* SPDX-License-Identifier: Apache-2.0 */
/* x87 operands in memory: conversions from and to other floats and integers.
 *
 * I1  A float that is an operand of arithmetic is widened as it is. A signaling NaN stays one, so that the arithmetic
 *     sees it and chooses among NaNs. */
#include "src/ir/softfp/f80_env.h"

static const struct sf_format *format_of(enum ir_type type)
{
    return type == IR_F32 ? &sf_format32 : type == IR_F64 ? &sf_format64 : NULL;
}

int_u128 f80_load(struct f80 *u, enum ir_type type, uint64_t bits)
{
    const struct sf_format *from = format_of(type);
    struct softfp s = f80_begin(u);
    int_u128 r = from ? sf_convert(&s, &sf_format80, from, bits)
                      : sf_from_int(&s, &sf_format80, (uint64_t)int_sx(bits, ir_type_bits(type)), true);
    f80_end(u, &s);
    return r;
}

uint64_t f80_store(struct f80 *u, enum ir_type type, bool trunc, int_u128 a)
{
    const struct sf_format *to = format_of(type);
    struct softfp s = f80_begin(u);
    if (trunc)
        s.rm = IR_RTZ;
    uint64_t r =
        to ? (uint64_t)sf_convert(&s, to, &sf_format80, a) : sf_to_int(&s, &sf_format80, a, ir_type_bits(type), true);
    s.flags &= ~(unsigned)FP_DE; /* stores do not report them */
    f80_end(u, &s);
    return r;
}

/* I1 */
static int_u128 widened(struct softfp *s, enum ir_type type, uint64_t bits, struct sf_num *x)
{
    const struct sf_format *from = format_of(type);
    *x = (struct sf_num){.cls = SF_ZERO};
    if (!from)
        return sf_from_int(s, &sf_format80, (uint64_t)int_sx(bits, ir_type_bits(type)), true);
    *x = sf_unpack(s, from, bits);
    if (!sf_is_nan(x))
        return sf_convert(&(struct softfp){.rm = IR_RNE}, &sf_format80, from, bits);
    int_u128 payload = (int_u128)(bits & (uint64_t)int_mask(from->frac)) << (sf_format80.frac - from->frac);
    return sf_inf(&sf_format80, x->sign) | payload;
}

int_u128 f80_with_memory(struct f80 *u, enum ir_x87_mem op, int_u128 a, enum ir_type type, uint64_t bits)
{
    static sf_binary *const functions[] = {
        [IR_X87M_ADD] = sf_add,  [IR_X87M_MUL] = sf_mul, [IR_X87M_SUB] = sf_sub,
        [IR_X87M_SUBR] = sf_sub, [IR_X87M_DIV] = sf_div, [IR_X87M_DIVR] = sf_div,
    };
    struct softfp s = f80_begin_precise(u), wide = f80_begin(u);
    struct sf_num x, y = sf_unpack(&s, &sf_format80, a);
    int_u128 b = widened(&wide, type, bits, &x);
    bool swap = op == IR_X87M_SUBR || op == IR_X87M_DIVR;
    int_u128 r = functions[op](&s, &sf_format80, swap ? b : a, swap ? a : b);
    if (!sf_is_nan(&y) && !(s.flags & (FP_NV | FP_DZ))) /* it is normal in 80 bits */
        sf_note_subnormal(&s, &x);
    f80_end(u, &s);
    return r;
}
