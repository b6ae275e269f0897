/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of branches, jumps and exceptions.
 *
 * I1  BL and BLR are calls, RET is a return, whatever the register; BR is neither. */
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_lifters.h"

enum { LR = 30 };

/* The way of the block on behind a side exit, or its end. */
static void branch(struct a64_lift *l, ir_ref cond)
{
    const gaddr_t target = a64_direct_target(l->i, l->pc);
    uint64_t known;
    if (!l->llsc.store_pc && !l->goes_on && ir_is_const(l->b, cond, &known)) {
        a64_flags_branch(l);
        a64_flags_go_on(l);
        ir_jump(l->b, IR_HINT_NONE, known & 1 ? target : l->next);
        return;
    }
    a64_flags_branch(l);
    ir_exit_if(l->b, cond, target);
    a64_flags_go_on(l);
    if (!l->llsc.store_pc && !l->goes_on)
        ir_jump(l->b, IR_HINT_NONE, l->next);
}

void a64_lift_b_cond(struct a64_lift *l, const struct a64_insn *i) { branch(l, a64_condition(l, a64_bits(i, 0, 4))); }

/* arg: enum ir_cond with 0 */
void a64_lift_cbz(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = a64_get(l, a64_sf(i), a64_rd(i));
    branch(l, ir_icmp(l->b, (enum ir_cond)i->row->arg, v, ir_const(l->b, a64_type(a64_sf(i)), 0)));
}

/* arg: enum ir_cond of the bit with 0 */
void a64_lift_tbz(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned bit = a64_bits(i, 31, 1) << 5 | a64_bits(i, 19, 5);
    ir_ref v = ir_bini(l->b, IR_AND, a64_get_x(l, a64_rd(i)), UINT64_C(1) << bit);
    branch(l, ir_icmp(l->b, (enum ir_cond)i->row->arg, v, ir_const(l->b, IR_I64, 0)));
}

void a64_lift_b(struct a64_lift *l, const struct a64_insn *i)
{
    a64_flags_end(l);
    ir_jump(l->b, IR_HINT_NONE, a64_direct_target(i, l->pc));
}

static void put_link(struct a64_lift *l)
{
    a64_put(l, LR, ir_const(l->b, IR_I64, l->next));
    ir_call_hint(l->b, l->next);
}

void a64_lift_bl(struct a64_lift *l, const struct a64_insn *i)
{
    a64_flags_end(l);
    put_link(l);
    ir_jump(l->b, IR_HINT_CALL, a64_direct_target(i, l->pc));
}

void a64_lift_blr(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref target = a64_get_x(l, a64_rn(i)); /* before it is written: it may be x30 */
    put_link(l);
    ir_jump_reg(l->b, IR_HINT_CALL, target);
}

void a64_lift_br(struct a64_lift *l, const struct a64_insn *i)
{
    ir_jump_reg(l->b, IR_HINT_NONE, a64_get_x(l, a64_rn(i)));
}

void a64_lift_ret(struct a64_lift *l, const struct a64_insn *i)
{
    ir_jump_reg(l->b, IR_HINT_RET, a64_get_x(l, a64_rn(i)));
}

void a64_lift_svc(struct a64_lift *l, const struct a64_insn *i) { ir_trap(l->b, IR_TRAP_SYSCALL, l->next); }
void a64_lift_brk(struct a64_lift *l, const struct a64_insn *i) { ir_trap(l->b, IR_TRAP_BREAKPOINT, l->pc); }
/* What the manual allocates, and EL0 has not. */
void a64_lift_undefined(struct a64_lift *l, const struct a64_insn *i) { a64_lift_unallocated(l); }
