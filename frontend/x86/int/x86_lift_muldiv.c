/* SPDX-License-Identifier: Apache-2.0 */
/* Multiplication and division. SDM volume 2: MUL, IMUL, MULX, DIV, IDIV.
 *
 * Undefined flags: SF, ZF, AF, PF of multiplications (CF = OF: the upper half matters); all of divisions. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"

static ir_ref acc(struct x86_lift *l, unsigned bits)
{
    return x86_zext(l, x86_int_type(bits), ir_get(l->b, X86_ROW_rax));
}

static ir_ref widen(struct x86_lift *l, enum ir_type type, ir_ref v, unsigned is_signed)
{
    return is_signed ? x86_sext(l, type, v) : x86_zext(l, type, v);
}

static void put_overflow(struct x86_lift *l, ir_ref overflow)
{
    x86_flag_put(l, X86_FLAG_C, overflow);
    x86_flag_put(l, X86_FLAG_O, overflow);
}

/* Does the upper half say more than the lower one? */
static ir_ref matters(struct x86_lift *l, ir_ref lo, ir_ref hi, unsigned is_signed)
{
    enum ir_type type = ir_type_of(l->b, lo);
    ir_ref idle = is_signed ? ir_bini(l->b, IR_SAR, lo, ir_type_bits(type) - 1) : x86_const(l, type, 0);
    return ir_icmp(l->b, IR_NE, hi, idle);
}

/* The double-width result goes to ax, dx:ax, edx:eax or rdx:rax. */
static void put_double(struct x86_lift *l, unsigned bits, ir_ref lo, ir_ref hi)
{
    if (bits == 8) {
        x86_put_reg(l, ZYDIS_REGISTER_AL, lo);
        x86_put_reg(l, ZYDIS_REGISTER_AH, hi);
        return;
    }
    x86_put_reg(l, bits == 16 ? ZYDIS_REGISTER_AX : bits == 32 ? ZYDIS_REGISTER_EAX : ZYDIS_REGISTER_RAX, lo);
    x86_put_reg(l, bits == 16 ? ZYDIS_REGISTER_DX : bits == 32 ? ZYDIS_REGISTER_EDX : ZYDIS_REGISTER_RDX, hi);
}

static void multiply(struct x86_lift *l, ir_ref a, ir_ref b, unsigned is_signed, ir_ref *lo, ir_ref *hi)
{
    enum ir_type type = ir_type_of(l->b, a);
    unsigned bits = ir_type_bits(type);
    if (bits == 64) {
        *lo = ir_bin(l->b, IR_MUL, a, b);
        *hi = ir_bin(l->b, is_signed ? IR_MULH_S : IR_MULH_U, a, b);
        return;
    }
    ir_ref p = ir_bin(l->b, IR_MUL, widen(l, IR_I64, a, is_signed), widen(l, IR_I64, b, is_signed));
    *lo = x86_zext(l, type, p);
    *hi = x86_zext(l, type, ir_bini(l->b, IR_SHR, p, bits));
}

static void imul_short(struct x86_lift *l)
{
    unsigned first = l->i->operand_count_visible == 3 ? 1 : 0;
    ir_ref b = x86_read(l, first + 1), a = x86_read(l, first), lo, hi;
    x86_write(l, 0, ir_bin(l->b, IR_MUL, a, b));
    if (!x86_flags_live(l, X86_CF | X86_OF))
        return;
    multiply(l, a, b, true, &lo, &hi);
    put_overflow(l, matters(l, lo, hi, true));
}

void x86_lift_mul(struct x86_lift *l, unsigned is_signed)
{
    if (is_signed && l->i->operand_count_visible > 1 && l->op[1].visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT) {
        imul_short(l);
        return;
    }
    ir_ref b = x86_read(l, 0), lo, hi;
    multiply(l, acc(l, l->op[0].size), b, is_signed, &lo, &hi);
    put_double(l, l->op[0].size, lo, hi);
    put_overflow(l, matters(l, lo, hi, is_signed));
}

/* The upper half is written last: it wins if both go to one register. */
void x86_lift_mulx(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref b = x86_read(l, 2), lo, hi;
    multiply(l, x86_zext(l, ir_type_of(l->b, b), ir_get(l->b, X86_ROW_rdx)), b, false, &lo, &hi);
    x86_write(l, 1, lo);
    x86_write(l, 0, hi);
}

/* ---- division ---- */

static void check(struct x86_lift *l, ir_ref bad) { ir_trap_if(l->b, bad, IR_TRAP_DIV_ZERO, l->pc); }

static void check_zero(struct x86_lift *l, ir_ref d)
{
    check(l, ir_icmp(l->b, IR_EQ, d, x86_const(l, ir_type_of(l->b, d), 0)));
}

/* 8, 16 and 32 bits: in 64. The quotient has to fit; the one that does not even fit 64 bits, -2^63 / -1, is not small
 * either. */
static void divide_small(struct x86_lift *l, ir_ref n, ir_ref d, unsigned is_signed)
{
    enum ir_type type = ir_type_of(l->b, d);
    unsigned bits = ir_type_bits(type);
    check_zero(l, d);
    ir_ref wide = widen(l, IR_I64, d, is_signed);
    ir_ref q = ir_bin(l->b, is_signed ? IR_DIV_S : IR_DIV_U, n, wide);
    ir_ref rem = ir_bin(l->b, is_signed ? IR_REM_S : IR_REM_U, n, wide);
    ir_ref lo = x86_zext(l, type, q);
    check(l, ir_icmp(l->b, IR_NE, widen(l, IR_I64, lo, is_signed), q));
    put_double(l, bits, lo, x86_zext(l, type, rem));
}

/* Where the upper half only extends the lower one, which is what compilers write, no wider division is needed. */
static bool extends(struct x86_lift *l, ir_ref hi, ir_ref lo, unsigned is_signed)
{
    const struct ir_insn *in = &l->b->insns[hi];
    uint64_t v;
    if (!is_signed)
        return ir_is_const(l->b, hi, &v) && v == 0;
    return in->op == IR_SAR && in->arg[0] == lo && ir_is_const(l->b, in->arg[1], &v) &&
           v == ir_type_bits(ir_type_of(l->b, lo)) - 1;
}

static void divide_same(struct x86_lift *l, ir_ref a, ir_ref d, unsigned is_signed)
{
    enum ir_type type = ir_type_of(l->b, a);
    unsigned bits = ir_type_bits(type);
    check_zero(l, d);
    if (is_signed) {
        ir_ref smallest = ir_icmp(l->b, IR_EQ, a, x86_const(l, type, UINT64_C(1) << (bits - 1)));
        ir_ref minus_one = ir_icmp(l->b, IR_EQ, d, x86_const(l, type, ~UINT64_C(0)));
        check(l, ir_bin(l->b, IR_AND, smallest, minus_one));
    }
    ir_ref q = ir_bin(l->b, is_signed ? IR_DIV_S : IR_DIV_U, a, d);
    put_double(l, bits, q, ir_bin(l->b, is_signed ? IR_REM_S : IR_REM_U, a, d));
}

/* v as sign says, which is 0 or -1: v or -v */
static ir_ref turn(struct x86_lift *l, ir_ref v, ir_ref sign)
{
    return ir_bin(l->b, IR_SUB, ir_bin(l->b, IR_XOR, v, sign), sign);
}

static ir_ref quotient(struct x86_lift *l, ir_ref lo, ir_ref hi, ir_ref d)
{
    check(l, ir_icmp(l->b, IR_UGE, hi, d));
    return ir_emit(l->b, IR_DIV2_U, IR_I64, 0, lo, hi, d, 0);
}

/* Of magnitudes. The negative quotient may be greater by one. */
static ir_ref signed_quotient(struct x86_lift *l, ir_ref lo, ir_ref hi, ir_ref d)
{
    ir_ref sign = ir_bini(l->b, IR_SAR, hi, 63), sign_d = ir_bini(l->b, IR_SAR, d, 63), zero = x86_const(l, IR_I64, 0);
    ir_ref low = turn(l, lo, sign);
    ir_ref carry = ir_select(l->b, ir_icmp(l->b, IR_EQ, low, zero), sign, zero);
    ir_ref high = ir_bin(l->b, IR_SUB, ir_bin(l->b, IR_XOR, hi, sign), carry);
    ir_ref q = quotient(l, low, high, turn(l, d, sign_d)), sign_q = ir_bin(l->b, IR_XOR, sign, sign_d);
    ir_ref most = ir_bin(l->b, IR_SUB, x86_const(l, IR_I64, INT64_MAX), sign_q);
    check(l, ir_icmp(l->b, IR_UGT, q, most));
    return turn(l, q, sign_q);
}

static void divide_128(struct x86_lift *l, ir_ref lo, ir_ref hi, ir_ref d, unsigned is_signed)
{
    ir_ref q = (is_signed ? signed_quotient : quotient)(l, lo, hi, d);
    put_double(l, 64, q, ir_bin(l->b, IR_SUB, lo, ir_bin(l->b, IR_MUL, q, d)));
}

void x86_lift_div(struct x86_lift *l, unsigned is_signed)
{
    unsigned bits = l->op[0].size;
    ir_ref d = x86_read(l, 0), lo = acc(l, bits);
    if (bits == 8) {
        divide_small(l, widen(l, IR_I64, acc(l, 16), is_signed), d, is_signed);
        return;
    }
    ir_ref hi = x86_zext(l, x86_int_type(bits), ir_get(l->b, X86_ROW_rdx));
    if (extends(l, hi, lo, is_signed)) {
        divide_same(l, lo, d, is_signed);
    } else if (bits == 64) {
        divide_128(l, lo, hi, d, is_signed);
    } else {
        ir_ref n =
            ir_bin(l->b, IR_OR, ir_bini(l->b, IR_SHL, widen(l, IR_I64, hi, is_signed), bits), x86_zext(l, IR_I64, lo));
        divide_small(l, n, d, is_signed);
    }
}
