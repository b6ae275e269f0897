/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of what carries, selects and compares by flags. Nothing here branches. */
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_lifters.h"

/* arg: 1: sets flags */
void a64_lift_adc(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i)), c = a64_get(l, a64_sf(i), a64_rm(i)), carry = a64_flags_carry(l);
    ir_ref r = ir_emit(l->b, IR_ADC, a64_type(a64_sf(i)), 0, a, c, carry, 0);
    if (i->row->arg) {
        ir_ref out =
            ir_emit(l->b, IR_CARRY, a64_type(a64_sf(i)), 0, a, c, carry, 0); /* next to the sum: both at once */
        a64_flags_set(l, A64_FLAGS_OF_ADD, a, c, r, carry);
        a64_flags_have_carry(l, out);
    }
    a64_put(l, a64_rd(i), r);
}

/* The carry is no borrow. arg: 1: sets flags */
void a64_lift_sbc(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref a = a64_get(l, a64_sf(i), a64_rn(i)), c = a64_get(l, a64_sf(i), a64_rm(i));
    ir_ref borrow = ir_un(l->b, IR_NOT, a64_flags_carry(l));
    ir_ref r = ir_emit(l->b, IR_SBB, a64_type(a64_sf(i)), 0, a, c, borrow, 0);
    if (i->row->arg) {
        ir_ref out = ir_emit(l->b, IR_BORROW, a64_type(a64_sf(i)), 0, a, c, borrow, 0);
        a64_flags_set(l, A64_FLAGS_OF_SUB, a, c, r, borrow);
        a64_flags_have_carry(l, ir_un(l->b, IR_NOT, out));
    }
    a64_put(l, a64_rd(i), r);
}

/* arg: IR_ADD (ccmn) or IR_SUB */
static void compare_if(struct a64_lift *l, const struct a64_insn *i, ir_ref c)
{
    const enum ir_op op = (enum ir_op)i->row->arg;
    ir_ref cond = a64_condition(l, a64_bits(i, 12, 4)), a = a64_get(l, a64_sf(i), a64_rn(i));
    a64_flags_set_if(l, op == IR_ADD ? A64_FLAGS_OF_ADD : A64_FLAGS_OF_SUB, a, c, ir_bin(l->b, op, a, c), cond,
                     a64_bits(i, 0, 4));
}

void a64_lift_ccmp(struct a64_lift *l, const struct a64_insn *i) { compare_if(l, i, a64_get(l, a64_sf(i), a64_rm(i))); }

void a64_lift_ccmp_imm(struct a64_lift *l, const struct a64_insn *i)
{
    compare_if(l, i, ir_const(l->b, a64_type(a64_sf(i)), a64_bits(i, 16, 5)));
}

/* What csel and its kin give of Rm where the condition does not hold. */
static ir_ref other(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = a64_get(l, a64_sf(i), a64_rm(i));
    switch (i->row->arg) {
    case A64_CSEL_INC:
        return ir_bini(l->b, IR_ADD, v, 1);
    case A64_CSEL_INV:
        return ir_un(l->b, IR_NOT, v);
    case A64_CSEL_NEG:
        return ir_un(l->b, IR_NEG, v);
    default:
        return v;
    }
}

/* arg: A64_CSEL_*. Of one register (cinc, cinv; of xzr cset, csetm): the condition's opposite is added, or inverts. */
void a64_lift_csel(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type type = a64_type(a64_sf(i));
    ir_ref cond = a64_condition(l, a64_bits(i, 12, 4)), v = a64_get(l, a64_sf(i), a64_rn(i));
    if (a64_rn(i) == a64_rm(i) && (i->row->arg == A64_CSEL_INC || i->row->arg == A64_CSEL_INV)) {
        ir_ref not = ir_conv(l->b, IR_ZEXT, type, ir_un(l->b, IR_NOT, cond));
        if (i->row->arg == A64_CSEL_INC)
            v = a64_rn(i) == 31 ? not : ir_bin(l->b, IR_ADD, v, not );
        else
            v = a64_rn(i) == 31 ? ir_un(l->b, IR_NEG, not ) : ir_bin(l->b, IR_XOR, v, ir_un(l->b, IR_NEG, not ));
    } else {
        v = ir_select(l->b, cond, v, other(l, i));
    }
    a64_put(l, a64_rd(i), v);
}
