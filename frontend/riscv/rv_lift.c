/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts RISC-V instructions: the hooks of the block loop (frontend/block.h).
 *
 * I1  Blocks go on behind forward branches (guest_lift.max_branches): what follows is translated with what is known
 *     there, and is the next code in memory. A block with an indirect jump has no such branch, since the engine looks
 *     where the jump goes by running the block (runtime/engine/profile.c).
 * I2  A recognised sequence is in one block as a whole: flow marks its LR, and its branches do not end the block. */
#include "frontend/riscv/rv_lift.h"

#include "frontend/riscv/rv_dispatch.h"
#include "frontend/riscv/rv_lift_atomic.h"
#include "frontend/riscv/rv_lift_quiet.h"

enum { MAX_BLOCK_INSNS = 256 };

static void begin(struct guest_block *k)
{
    struct rv_lift *l = k->state;
    l->b = k->b;
    l->req = k->req;
}

static unsigned decode(const struct guest_lift *req, size_t offset, void *insn)
{
    struct rv_insn *i = insn;
    rv_fetch(req->code + offset, req->avail - offset, req->config->features, i);
    return i->len;
}

/* An LR: the next block has room for its whole sequence if this one has not (I2). */
static enum guest_flow flow_of_lr(struct guest_block *k, struct rv_insn *lr)
{
    struct rv_lift *l = k->state;
    const struct guest_lift *req = k->req;
    unsigned insns = 0,
             bytes = rv_llsc_scan(lr, req->code + k->end, req->avail - k->end, req->config->features, &insns);
    if (!bytes)
        return GUEST_FLOW_ON;
    if (k->count + insns > k->max)
        return k->count ? GUEST_FLOW_LATER : GUEST_FLOW_ON;
    lr->sequence = (uint16_t)bytes;
    l->llsc.end = k->end + bytes;
    return GUEST_FLOW_ON;
}

/* I1. What ends the block only sometimes (a CSR that is written) does so when it is lifted. */
static enum guest_flow flow(struct guest_block *k, void *insn)
{
    struct rv_lift *l = k->state;
    struct rv_insn *i = insn;
    if (!i->row)
        return GUEST_FLOW_ENDS;
    switch (i->row->kind) {
    case RV_KIND_JUMP:
        return l->branches && rv_jumps_anywhere(i) ? GUEST_FLOW_LATER : GUEST_FLOW_ENDS;
    case RV_KIND_BRANCH:
        if (k->end < l->llsc.end)
            return GUEST_FLOW_ON;
        return i->imm > 0 && l->branches++ < l->req->max_branches ? GUEST_FLOW_ON : GUEST_FLOW_ENDS;
    case RV_KIND_AMO:
        return i->row == &rv_rows[RV_OP_lr_w] || i->row == &rv_rows[RV_OP_lr_d] ? flow_of_lr(k, i) : GUEST_FLOW_ON;
    default:
        return GUEST_FLOW_ON;
    }
}

static void lift_insn(struct guest_block *k, const void *insn)
{
    struct rv_lift *l = k->state;
    const struct rv_insn *i = insn;
    l->pc = k->pc;
    l->next = k->next;
    l->goes_on = k->at + 1 < k->count;
    if (!i->row) {
        rv_lift_illegal(l);
        return;
    }
    if (rv_lift_quiet_compare(k, i))
        return;
    if (i->sequence)
        l->llsc.sc_pc = l->pc + i->sequence - 4;
    rv_lifter(i->row)(l, i);
}

const struct guest_lifter rv_lifter_riscv64 = {.state_size = sizeof(struct rv_lift),
                                               .insn_size = sizeof(struct rv_insn),
                                               .max_insns = MAX_BLOCK_INSNS,
                                               .begin = begin,
                                               .decode = decode,
                                               .flow = flow,
                                               .lift_insn = lift_insn};
