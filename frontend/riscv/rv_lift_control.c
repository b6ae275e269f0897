/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of branches, jumps, ecall and ebreak.
 *
 * I1  Calls and returns are told apart by the manual's table of return-address-stack hints (chapter "Unconditional
 * Jumps"): x1 and x5 are link registers.
 * I2  With C, every even address is a valid target; jalr clears bit 0, so no
 * misaligned-fetch check is needed.
 */
#include "frontend/riscv/rv_dispatch.h"
#include "frontend/riscv/rv_lifters.h"

static bool is_link(unsigned reg) { return reg == 1 || reg == 5; }

bool rv_jumps_anywhere(const struct rv_insn *i)
{
    return rv_lifter(i->row) == rv_lift_jalr && (is_link(i->rd) || !is_link(i->rs1));
}

/* arg: enum ir_cond */
void rv_lift_branch(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref a = rv_get_x(l, i->rs1);
    ir_ref cond = ir_icmp(l->b, (enum ir_cond)i->row->arg, a, rv_get_x(l, i->rs2));
    gaddr_t target = l->pc + (uint64_t)i->imm;
    uint64_t known;

    if (l->llsc.sc_pc || (l->goes_on && !ir_is_const(l->b, cond, &known))) {
        ir_exit_if(l->b, cond, target);
        return;
    }
    if (ir_is_const(l->b, cond, &known)) {
        ir_jump(l->b, IR_HINT_NONE, known & 1 ? target : l->next);
        return;
    }
    ir_exit_if(l->b, cond, target);
    ir_jump(l->b, IR_HINT_NONE, l->next);
}

static void put_link(struct rv_lift *l, unsigned rd) { rv_put_x(l, rd, ir_const(l->b, IR_I64, l->next)); }

void rv_lift_jal(struct rv_lift *l, const struct rv_insn *i)
{
    put_link(l, i->rd);
    if (is_link(i->rd))
        ir_call_hint(l->b, l->next);
    ir_jump(l->b, is_link(i->rd) ? IR_HINT_CALL : IR_HINT_NONE, l->pc + (uint64_t)i->imm);
}

/* A link register in rd is a call, also where rs1 is another one (the manual pops first: coroutines, which the return
 * stack tolerates); one in rs1 alone is a return. */
void rv_lift_jalr(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref base = ir_bini(l->b, IR_ADD, rv_get_x(l, i->rs1), (uint64_t)i->imm);
    ir_ref target = ir_bini(l->b, IR_AND, base, ~UINT64_C(1));

    put_link(l, i->rd);
    if (is_link(i->rd)) {
        ir_call_hint(l->b, l->next);
        ir_jump_reg(l->b, IR_HINT_CALL, target);
    } else {
        ir_jump_reg(l->b, is_link(i->rs1) ? IR_HINT_RET : IR_HINT_NONE, target);
    }
}

void rv_lift_ecall(struct rv_lift *l, const struct rv_insn *i) { ir_trap(l->b, IR_TRAP_SYSCALL, l->next); }
void rv_lift_ebreak(struct rv_lift *l, const struct rv_insn *i) { ir_trap(l->b, IR_TRAP_BREAKPOINT, l->pc); }
