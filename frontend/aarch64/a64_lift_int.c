/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of data processing: sums, logic, moves, shifts, products. Most rows share a lifter and differ in the IR
 * operation that their argument names. Bits and CRCs are in a64_lift_bits.c, conditions in a64_lift_cond.c.
 *
 * I1  A 32-bit instruction computes on the low halves and clears the upper one: zext(op.i32(trunc a, trunc b)).
 * I2  Shift counts need nothing here: the IR takes them modulo the width, as A64 does. */
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_operand.h"

enum { PAGE_BITS = 12 };

/* arg: bits by which the offset counts pages, or 0 */
void a64_lift_adr(struct a64_lift *l, const struct a64_insn *i)
{
    const uint64_t offset = (uint64_t)a64_sbits(i, 5, 19) << 2 | a64_bits(i, 29, 2);
    const gaddr_t base = i->row->arg ? l->pc >> PAGE_BITS << PAGE_BITS : l->pc;
    a64_put(l, a64_rd(i), ir_const(l->b, IR_I64, base + (offset << i->row->arg)));
}

/* arg: 1: movz, 0: movn */
void a64_lift_move_wide(struct a64_lift *l, const struct a64_insn *i)
{
    const uint64_t v = (uint64_t)a64_bits(i, 5, 16) << a64_bits(i, 21, 2) * 16;
    const uint64_t mask = a64_sf(i) ? ~UINT64_C(0) : UINT32_MAX;
    a64_put(l, a64_rd(i), ir_const(l->b, IR_I64, (i->row->arg ? v : ~v) & mask));
}

void a64_lift_movk(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned at = a64_bits(i, 21, 2) * 16;
    ir_ref kept = ir_bini(l->b, IR_AND, a64_get_x(l, a64_rd(i)), ~(UINT64_C(0xffff) << at));
    ir_ref v = ir_bini(l->b, IR_OR, kept, (uint64_t)a64_bits(i, 5, 16) << at);
    a64_put(l, a64_rd(i), ir_conv(l->b, IR_TRUNC, a64_type(a64_sf(i)), v));
}

/* ---- sums; arg: IR_ADD or IR_SUB ---- */

static ir_ref sum_imm(const struct a64_lift *l, const struct a64_insn *i)
{
    return ir_const(l->b, a64_type(a64_sf(i)), (uint64_t)a64_bits(i, 10, 12) << a64_bits(i, 22, 1) * 12);
}

static void sum_flags(struct a64_lift *l, const struct a64_insn *i, ir_ref a, ir_ref c)
{
    const enum ir_op op = (enum ir_op)i->row->arg;
    ir_ref r = ir_bin(l->b, op, a, c);
    a64_flags_set(l, op == IR_ADD ? A64_FLAGS_OF_ADD : A64_FLAGS_OF_SUB, a, c, r, IR_NO_REF);
    a64_put(l, a64_rd(i), r);
}

void a64_lift_addsub_imm(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get_sp(l, a64_sf(i), a64_rn(i));
    a64_put_sp(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, sum_imm(l, i)));
}

void a64_lift_addsubs_imm(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get_sp(l, a64_sf(i), a64_rn(i));
    sum_flags(l, i, a, sum_imm(l, i));
}

void a64_lift_addsub(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i));
    a64_put(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, a64_shifted(l, i)));
}

void a64_lift_addsubs(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i));
    sum_flags(l, i, a, a64_shifted(l, i));
}

void a64_lift_addsub_ext(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get_sp(l, a64_sf(i), a64_rn(i));
    ir_ref c = ir_conv(l->b, IR_TRUNC, a64_type(a64_sf(i)), a64_extended(l, i, a64_bits(i, 10, 3)));
    a64_put_sp(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, c));
}

void a64_lift_addsubs_ext(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get_sp(l, a64_sf(i), a64_rn(i));
    sum_flags(l, i, a, ir_conv(l->b, IR_TRUNC, a64_type(a64_sf(i)), a64_extended(l, i, a64_bits(i, 10, 3))));
}

/* ---- logic; arg: the IR operation ---- */

static ir_ref logical_imm(struct a64_lift *l, const struct a64_insn *i)
{
    uint64_t v = 0;
    a64_logical_imm(i->raw, &v); /* a valid one: A64_CHECK_MASK */
    return ir_const(l->b, a64_type(a64_sf(i)), a64_sf(i) ? v : (uint32_t)v);
}

static void logic_flags(struct a64_lift *l, const struct a64_insn *i, ir_ref r)
{
    a64_flags_set(l, A64_FLAGS_OF_LOGIC, IR_NO_REF, IR_NO_REF, r, IR_NO_REF);
    a64_put(l, a64_rd(i), r);
}

void a64_lift_logical_imm(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i));
    a64_put_sp(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, logical_imm(l, i)));
}

void a64_lift_ands_imm(struct a64_lift *l, const struct a64_insn *i)
{
    logic_flags(l, i, ir_bin(l->b, IR_AND, a64_get(l, a64_sf(i), a64_rn(i)), logical_imm(l, i)));
}

void a64_lift_logical(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref c = a64_shifted(l, i);
    if (a64_rn(i) == 31) /* mov, and what is 0 */
        a64_put(l, a64_rd(i), i->row->arg == IR_AND ? ir_const(l->b, a64_type(a64_sf(i)), 0) : c);
    else
        a64_put(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a64_get(l, a64_sf(i), a64_rn(i)), c));
}

void a64_lift_logical_not(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i));
    a64_put(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, ir_un(l->b, IR_NOT, a64_shifted(l, i))));
}

/* arg: 1: of the complement (bics) */
void a64_lift_ands(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i)), c = a64_shifted(l, i);
    logic_flags(l, i, ir_bin(l->b, IR_AND, a, i->row->arg ? ir_un(l->b, IR_NOT, c) : c));
}

/* ---- products, quotients, shifts by registers ---- */

/* arg: IR_ADD or IR_SUB */
void a64_lift_madd(struct a64_lift *l, const struct a64_insn *i)
{
    const bool is64 = a64_sf(i);
    ir_ref product = ir_bin(l->b, IR_MUL, a64_get(l, is64, a64_rn(i)), a64_get(l, is64, a64_rm(i)));
    a64_put(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a64_get(l, is64, a64_ra(i)), product));
}

/* arg: how the factors are extended */
static void multiply_long(struct a64_lift *l, const struct a64_insn *i, enum ir_op sum)
{
    const enum ir_op extend = (enum ir_op)i->row->arg;
    ir_ref a = ir_conv(l->b, extend, IR_I64, a64_get(l, false, a64_rn(i)));
    ir_ref c = ir_conv(l->b, extend, IR_I64, a64_get(l, false, a64_rm(i)));
    a64_put(l, a64_rd(i), ir_bin(l->b, sum, a64_get_x(l, a64_ra(i)), ir_bin(l->b, IR_MUL, a, c)));
}
void a64_lift_maddl(struct a64_lift *l, const struct a64_insn *i) { multiply_long(l, i, IR_ADD); }
void a64_lift_msubl(struct a64_lift *l, const struct a64_insn *i) { multiply_long(l, i, IR_SUB); }

/* arg: the IR operation */
void a64_lift_mulh(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get_x(l, a64_rn(i));
    a64_put(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, a64_get_x(l, a64_rm(i))));
}

/* arg: the IR operation. x / 0 = 0; the smallest by -1 is as in the IR. */
void a64_lift_div(struct a64_lift *l, const struct a64_insn *i)
{
    const bool is64 = a64_sf(i);
    ir_ref a = a64_get(l, is64, a64_rn(i)), c = a64_get(l, is64, a64_rm(i)), zero = ir_const(l->b, a64_type(is64), 0);
    ir_ref quotient = ir_bin(l->b, (enum ir_op)i->row->arg, a, c);
    a64_put(l, a64_rd(i), ir_select(l->b, ir_icmp(l->b, IR_EQ, c, zero), zero, quotient));
}

/* arg: the IR operation */
void a64_lift_shiftv(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i));
    a64_put(l, a64_rd(i), ir_bin(l->b, (enum ir_op)i->row->arg, a, a64_get(l, a64_sf(i), a64_rm(i))));
}
