/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of integer instructions: I, M, Zba, Zbb, Zbc, Zbs, Zicond. Most rows share a lifter and differ in the IR
 * operation that their argument names.
 *
 * I1  A *W instruction computes on the low 32 bits and sign-extends: sext(op.i32(trunc a, trunc b)).
 * I2  Division by zero, overflow and shift counts need nothing here: the IR defines them as RISC-V does (ops.def).
 */
#include "frontend/riscv/rv_lifters.h"

void rv_lift_nop(struct rv_lift *l, const struct rv_insn *i) {}

/* rd = rs1 op src2 */
void rv_lift_alu(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1);

    rv_put_x(l, i->rd, ir_bin(l->b, (enum ir_op)i->row->arg, a, rv_src2(l, i)));
}

/* rd = sext32(rs1 op src2) */
void rv_lift_aluw(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_w(l, i->rs1);
    ir_ref c = ir_conv(l->b, IR_TRUNC, IR_I32, rv_src2(l, i));

    rv_put_w(l, i->rd, ir_bin(l->b, (enum ir_op)i->row->arg, a, c));
}

/* rd = rs1 op ~rs2; xnor: the complement of one operand is that of the result */
void rv_lift_alu_not(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1);
    ir_ref c = ir_un(l->b, IR_NOT, rv_get_x(l, i->rs2));

    rv_put_x(l, i->rd, ir_bin(l->b, (enum ir_op)i->row->arg, a, c));
}

void rv_lift_unary(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_x(l, i->rd, ir_un(l->b, (enum ir_op)i->row->arg, rv_get_x(l, i->rs1)));
}

void rv_lift_unaryw(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_w(l, i->rd, ir_un(l->b, (enum ir_op)i->row->arg, rv_get_w(l, i->rs1)));
}

static void extend(struct rv_lift *l, const struct rv_insn *i, enum ir_op op)
{
    ir_ref narrow = ir_conv(l->b, IR_TRUNC, (enum ir_type)i->row->arg, rv_get_x(l, i->rs1));

    rv_put_x(l, i->rd, ir_conv(l->b, op, IR_I64, narrow));
}
void rv_lift_sext(struct rv_lift *l, const struct rv_insn *i) { extend(l, i, IR_SEXT); }
void rv_lift_zext(struct rv_lift *l, const struct rv_insn *i) { extend(l, i, IR_ZEXT); }

/* rd = rs1 cond src2 ? 1 : 0 */
void rv_lift_set_if(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1);
    ir_ref cond = ir_icmp(l->b, (enum ir_cond)i->row->arg, a, rv_src2(l, i));

    rv_put_x(l, i->rd, ir_conv(l->b, IR_ZEXT, IR_I64, cond));
}

void rv_lift_load_imm(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_x(l, i->rd, ir_const(l->b, IR_I64, (uint64_t)i->imm));
}

void rv_lift_auipc(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_x(l, i->rd, ir_const(l->b, IR_I64, l->pc + (uint64_t)i->imm));
}

/* rd = (rs1 << arg) + rs2 */
void rv_lift_shadd(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref shifted = ir_bini(l->b, IR_SHL, rv_get_x(l, i->rs1), i->row->arg);

    rv_put_x(l, i->rd, ir_bin(l->b, IR_ADD, shifted, rv_get_x(l, i->rs2)));
}

static ir_ref zext_word(struct rv_lift *l, unsigned n) { return ir_conv(l->b, IR_ZEXT, IR_I64, rv_get_w(l, n)); }

/* rd = (zext32(rs1) << arg) + rs2 */
void rv_lift_shadd_uw(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref word = zext_word(l, i->rs1);
    ir_ref shifted = i->row->arg ? ir_bini(l->b, IR_SHL, word, i->row->arg) : word;

    rv_put_x(l, i->rd, ir_bin(l->b, IR_ADD, shifted, rv_get_x(l, i->rs2)));
}

void rv_lift_slli_uw(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_x(l, i->rd, ir_bini(l->b, IR_SHL, zext_word(l, i->rs1), (uint64_t)i->imm));
}

/* clmulr: bits 126..63 of the carry-less product */
void rv_lift_clmulr(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1), c = rv_get_x(l, i->rs2);
    ir_ref high = ir_bini(l->b, IR_SHL, ir_bin(l->b, IR_CLMULH, a, c), 1);
    ir_ref low = ir_bini(l->b, IR_SHR, ir_bin(l->b, IR_CLMUL, a, c), 63);

    rv_put_x(l, i->rd, ir_bin(l->b, IR_OR, high, low));
}

/* 1 << src2 */
static ir_ref one_bit(struct rv_lift *l, const struct rv_insn *i)
{
    return ir_bin(l->b, IR_SHL, ir_const(l->b, IR_I64, 1), rv_src2(l, i));
}

void rv_lift_bset(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1);

    rv_put_x(l, i->rd, ir_bin(l->b, (enum ir_op)i->row->arg, a, one_bit(l, i)));
}

void rv_lift_bclr(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1);

    rv_put_x(l, i->rd, ir_bin(l->b, IR_AND, a, ir_un(l->b, IR_NOT, one_bit(l, i))));
}

void rv_lift_bext(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref shifted = ir_bin(l->b, IR_SHR, rv_get_x(l, i->rs1), rv_src2(l, i));

    rv_put_x(l, i->rd, ir_bini(l->b, IR_AND, shifted, 1));
}

/* rd = rs2 cond 0 ? 0 : rs1 */
void rv_lift_czero(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref zero = ir_const(l->b, IR_I64, 0);
    ir_ref cond = ir_icmp(l->b, (enum ir_cond)i->row->arg, rv_get_x(l, i->rs2), zero);

    rv_put_x(l, i->rd, ir_select(l->b, cond, zero, rv_get_x(l, i->rs1)));
}
