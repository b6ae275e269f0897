/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts one block of RISC-V code: fetch, decode, call the row's lifter, until one of them ends the block.
 *
 * I1  Every path ends the block. An instruction is preceded by its INSN, also an illegal one.
 * I2  x0 never reaches the IR: reads are the constant 0, writes vanish (rv_lift.h).
 * I3  A side exit is followed by more instructions only inside a recognised LR/SC sequence (rv_lift_atomic.c); else a
 * conditional branch ends the block.
 */
#include "frontend/riscv/rv_lift.h"

enum { MAX_BLOCK_IR = IR_MAX_INSNS / 4 };

void rv_lift_illegal(struct rv_lift *l) { ir_trap(l->b, IR_TRAP_ILLEGAL, l->pc); }

/* True if the block should end before the LR at hand, so that the next block has room for its whole sequence. */
static bool postpone_llsc(struct rv_lift *l, const struct rv_insn *i, const uint8_t *code, size_t avail)
{
    unsigned insns = 0;
    unsigned bytes;

    if (i->row->kind != RV_KIND_AMO || l->llsc.sc_pc)
        return false;
    if (i->row != &rv_rows[RV_OP_lr_w] && i->row != &rv_rows[RV_OP_lr_d])
        return false;
    bytes = rv_llsc_scan(i, code, avail, l->req->config->features, &insns);
    if (!bytes)
        return false;
    if (l->insns + insns > l->req->max_insns)
        return l->insns != 0;
    l->llsc.sc_pc = l->pc + bytes - 4;
    return false;
}

/* Lifts the instruction at l->pc. */
static void lift_insn(struct rv_lift *l)
{
    size_t offset = l->pc - l->req->pc;
    const uint8_t *code = l->req->code + offset;
    size_t avail = l->req->avail - offset;
    struct rv_insn i;
    bool legal = rv_fetch(code, avail, l->req->config->features, &i);

    if (!i.len) {
        if (l->insns)
            ir_jump(l->b, IR_HINT_NONE, l->pc);
        else
            ir_trap(l->b, IR_TRAP_FETCH, l->pc);
        return;
    }
    if (legal && postpone_llsc(l, &i, code, avail)) {
        ir_jump(l->b, IR_HINT_NONE, l->pc);
        return;
    }
    if (legal && rv_lift_quiet_compare(l, &i, code, avail))
        return;
    l->next = l->pc + i.len;
    ir_insn_start(l->b, l->pc, i.len);
    if (legal)
        i.row->lift(l, &i);
    else
        rv_lift_illegal(l);
    l->pc = l->next;
    l->insns++;
}

enum status rv_lift_block(const struct guest_lift *req, struct ir_builder *b)
{
    struct rv_lift l = {.b = b, .req = req, .pc = req->pc};
    unsigned max_insns = req->max_insns ? req->max_insns : 1;

    while (!b->ended) {
        if (l.insns >= max_insns) {
            ir_jump(b, IR_HINT_NONE, l.pc);
            break;
        }
        if (b->count > MAX_BLOCK_IR)
            return STATUS_TOO_LARGE;
        lift_insn(&l);
    }
    return STATUS_OK;
}
