/* SPDX-License-Identifier: Apache-2.0 */
/* Shifts and rotates. SDM volume 2: SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD, RORX, SARX/SHLX/SHRX.
 *
 * I1  The count is taken modulo 32, or 64 for 64-bit operands. If that is 0, no flag changes; a destination is still
 *     written (a 32-bit register loses its upper half).
 * I2  Undefined flags: AF of shifts; OF unless the count is 1; CF of shl and shr if the count is not below the width;
 *     for 16-bit shld and shrd with a count above 16 everything. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"

struct shift {
    enum ir_type type, wide; /* of the operand, and in which the shift is done: 32 bits at least */
    unsigned bits;
    ir_ref a, n; /* n: the masked count, of type wide */
    ir_ref none; /* i1: n is 0; IR_NO_REF: it is known not to be */
};

/* False: the count is known to be 0. */
static bool start(struct x86_lift *l, struct shift *s, unsigned count_operand)
{
    const ZydisDecodedOperand *count = &l->op[count_operand];
    s->bits = l->op[0].size;
    s->type = x86_int_type(s->bits);
    s->wide = s->bits < 32 ? IR_I32 : s->type;
    unsigned mask = s->bits == 64 ? 63 : 31;
    s->none = IR_NO_REF;
    s->a = x86_read(l, 0);
    if (count->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        s->n = x86_const(l, s->wide, count->imm.value.u & mask);
        return count->imm.value.u & mask;
    }
    s->n = ir_bini(l->b, IR_AND, x86_zext(l, s->wide, ir_get(l->b, X86_ROW_rcx)), mask);
    s->none = ir_icmp(l->b, IR_EQ, s->n, x86_const(l, s->wide, 0));
    return true;
}

static ir_ref minus(struct x86_lift *l, const struct shift *s, unsigned from)
{
    return ir_bin(l->b, IR_SUB, x86_const(l, s->wide, from), s->n);
}

/* I1 */
static void put_flag(struct x86_lift *l, const struct shift *s, enum x86_flag flag, ir_ref v)
{
    x86_flag_put(l, flag, s->none == IR_NO_REF ? v : ir_select(l->b, s->none, x86_flag_get(l, flag), v));
}

static void put_result_flags(struct x86_lift *l, const struct shift *s, ir_ref r)
{
    if (s->none == IR_NO_REF) {
        x86_flags_set(l, X86_FLAGS_RESULT, 1 << X86_FLAG_Z | 1 << X86_FLAG_S, IR_NO_REF, IR_NO_REF, r, IR_NO_REF);
        return;
    }
    put_flag(l, s, X86_FLAG_Z, x86_sext(l, IR_I64, r));
    put_flag(l, s, X86_FLAG_S, x86_sext(l, IR_I64, r));
}

/* The flags of a rotate, or C and O of a shift. */
static void put_carries(struct x86_lift *l, const struct shift *s, ir_ref c, ir_ref o)
{
    put_flag(l, s, X86_FLAG_C, c);
    put_flag(l, s, X86_FLAG_O, o);
}

/* ---- shifts: all but the last bit, then one more, so that the carry is at hand ---- */

static ir_ref last_but_one(struct x86_lift *l, const struct shift *s, enum ir_op op)
{
    ir_ref v = op == IR_SAR ? x86_sext(l, s->wide, s->a) : x86_zext(l, s->wide, s->a);
    return ir_bin(l->b, op, v, ir_bini(l->b, IR_SUB, s->n, 1));
}

/* arg: the IR's operation */
void x86_lift_shift(struct x86_lift *l, unsigned op)
{
    struct shift s;
    if (!start(l, &s, 1)) {
        x86_write(l, 0, s.a);
        return;
    }
    ir_ref v = op == IR_SAR ? x86_sext(l, s.wide, s.a) : x86_zext(l, s.wide, s.a);
    ir_ref r = x86_zext(l, s.type, ir_bin(l->b, (enum ir_op)op, v, s.n));
    x86_write(l, 0, r);
    if (!x86_flags_live(l, X86_STATUS))
        return;
    ir_ref t = last_but_one(l, &s, (enum ir_op)op);
    ir_ref c = op == IR_SHL ? x86_bit(l, t, s.bits - 1) : x86_bit(l, t, 0), o;
    if (op == IR_SHL)
        o = ir_bin(l->b, IR_XOR, x86_bit(l, r, s.bits - 1), c);
    else
        o = op == IR_SAR ? ir_const(l->b, IR_I1, 0) : x86_bit(l, s.a, s.bits - 1);
    put_carries(l, &s, c, o);
    put_result_flags(l, &s, r);
}

/* shld, shrd. 16 bits: both operands side by side in 64. */
static ir_ref double_16(struct x86_lift *l, const struct shift *s, ir_ref b, unsigned is_right, ir_ref *carry)
{
    ir_ref hi = is_right ? b : s->a, lo = is_right ? s->a : b;
    ir_ref both = ir_bin(l->b, IR_OR, ir_bini(l->b, IR_SHL, x86_zext(l, IR_I64, hi), 16), x86_zext(l, IR_I64, lo));
    ir_ref n = x86_zext(l, IR_I64, s->n);
    if (is_right) {
        *carry = x86_bit(l, ir_bin(l->b, IR_SHR, both, ir_bini(l->b, IR_SUB, n, 1)), 0);
        return x86_zext(l, IR_I16, ir_bin(l->b, IR_SHR, both, n));
    }
    ir_ref t = ir_bin(l->b, IR_SHL, both, n);
    *carry = x86_bit(l, t, 32);
    return x86_zext(l, IR_I16, ir_bini(l->b, IR_SHR, t, 16));
}

static ir_ref double_wide(struct x86_lift *l, const struct shift *s, ir_ref b, unsigned is_right, ir_ref *carry)
{
    ir_ref back = minus(l, s, s->bits);
    ir_ref mine = ir_bin(l->b, is_right ? IR_SHR : IR_SHL, s->a, s->n);
    ir_ref theirs = ir_bin(l->b, is_right ? IR_SHL : IR_SHR, b, back);
    ir_ref r = ir_bin(l->b, IR_OR, mine, theirs);
    *carry = x86_bit(l, ir_bin(l->b, IR_SHR, s->a, is_right ? ir_bini(l->b, IR_SUB, s->n, 1) : back), 0);
    return s->none == IR_NO_REF ? r : ir_select(l->b, s->none, s->a, r);
}

void x86_lift_shift_double(struct x86_lift *l, unsigned is_right)
{
    struct shift s;
    ir_ref carry;
    if (!start(l, &s, 2)) {
        x86_write(l, 0, s.a);
        return;
    }
    ir_ref b = x86_read(l, 1);
    ir_ref r = s.bits == 16 ? double_16(l, &s, b, is_right, &carry) : double_wide(l, &s, b, is_right, &carry);
    x86_write(l, 0, r);
    put_carries(l, &s, carry, x86_bit(l, ir_bin(l->b, IR_XOR, s.a, r), s.bits - 1));
    put_result_flags(l, &s, r);
}

/* ---- rotates ---- */

/* arg: the IR's operation. The carry is the bit that went round, as it is in the result. */
void x86_lift_rotate(struct x86_lift *l, unsigned op)
{
    struct shift s;
    if (!start(l, &s, 1)) {
        x86_write(l, 0, s.a);
        return;
    }
    ir_ref r = ir_bin(l->b, (enum ir_op)op, s.a, x86_zext(l, s.type, s.n));
    x86_write(l, 0, r);
    ir_ref top = x86_bit(l, r, s.bits - 1), c = op == IR_ROTL ? x86_bit(l, r, 0) : top;
    put_carries(l, &s, c, ir_bin(l->b, IR_XOR, top, op == IR_ROTL ? c : x86_bit(l, r, s.bits - 2)));
}

/* Through the carry, up to 32 bits: operand and carry side by side in 64 bits, rotated among bits + 1. */
static ir_ref rotate_carry(struct x86_lift *l, struct shift *s, unsigned is_right, ir_ref *carry)
{
    ir_ref v = ir_bin(l->b, IR_OR, x86_zext(l, IR_I64, s->a),
                      ir_bini(l->b, IR_SHL, x86_zext(l, IR_I64, x86_carry(l)), s->bits));
    ir_ref n = x86_zext(l, IR_I64, s->n);
    if (s->bits < 32)
        n = ir_bini(l->b, IR_REM_U, n, s->bits + 1);
    ir_ref back = ir_bin(l->b, IR_SUB, ir_const(l->b, IR_I64, s->bits + 1), n);
    ir_ref t = ir_bin(l->b, IR_OR, ir_bin(l->b, is_right ? IR_SHR : IR_SHL, v, n),
                      ir_bin(l->b, is_right ? IR_SHL : IR_SHR, v, back));
    *carry = x86_bit(l, t, s->bits);
    return x86_zext(l, s->type, t);
}

static ir_ref rotate_carry_64(struct x86_lift *l, struct shift *s, unsigned is_right, ir_ref *carry)
{
    ir_ref back = minus(l, s, 64), before = ir_bini(l->b, IR_SUB, s->n, 1);
    ir_ref c = x86_zext(l, IR_I64, x86_carry(l));
    ir_ref r = ir_bin(l->b, is_right ? IR_SHR : IR_SHL, s->a, s->n);
    ir_ref round = ir_bini(l->b, is_right ? IR_SHL : IR_SHR, s->a, 1);
    r = ir_bin(l->b, IR_OR, r, ir_bin(l->b, is_right ? IR_SHL : IR_SHR, round, back));
    r = ir_bin(l->b, IR_OR, r, ir_bin(l->b, IR_SHL, c, is_right ? back : before));
    *carry = x86_bit(l, ir_bin(l->b, IR_SHR, s->a, is_right ? before : back), 0);
    return s->none == IR_NO_REF ? r : ir_select(l->b, s->none, s->a, r);
}

void x86_lift_rotate_carry(struct x86_lift *l, unsigned is_right)
{
    struct shift s;
    ir_ref carry;
    if (!start(l, &s, 1)) {
        x86_write(l, 0, s.a);
        return;
    }
    ir_ref r = s.bits == 64 ? rotate_carry_64(l, &s, is_right, &carry) : rotate_carry(l, &s, is_right, &carry);
    x86_write(l, 0, r);
    ir_ref top = x86_bit(l, r, s.bits - 1);
    put_carries(l, &s, carry, ir_bin(l->b, IR_XOR, top, is_right ? x86_bit(l, r, s.bits - 2) : carry));
}

/* ---- BMI2: no flags; the IR takes counts modulo the width, as these do ---- */

void x86_lift_shiftx(struct x86_lift *l, unsigned op)
{
    ir_ref n = x86_read(l, 2);
    ir_ref a = x86_read(l, 1);
    x86_write(l, 0, ir_bin(l->b, (enum ir_op)op, a, x86_zext(l, ir_type_of(l->b, a), n)));
}
