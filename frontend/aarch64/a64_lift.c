/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts A64 instructions: the hooks of the block loop (frontend/block.h).
 *
 * I1  Blocks go on behind forward branches (guest_lift.max_branches): what follows is translated with what is known
 *     there, and is the next code in memory. A block with an indirect jump or call that is no return has no such
 *     branch, since the engine looks where the jump goes by running the block (runtime/engine/profile.c).
 * I2  A recognized sequence of load and store exclusive is in one block as a whole: flow marks its load, and its
 *     branches do not end the block.
 * I3  A pc that is no multiple of 4 is the guest's fault, at that pc (DDI 0487, D1.8.1). */
#include "frontend/aarch64/a64_lift.h"

#include <string.h>

#include "frontend/aarch64/a64_dispatch.h"
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_lift_atomic.h"
#include "frontend/aarch64/a64_scan.h"

enum { MAX_BLOCK_INSNS = 256, INSN_BYTES = 4 };

static void begin(struct guest_block *k)
{
    struct a64_lift *l = k->state;
    l->b = k->b;
    l->req = k->req;
    a64_flags_init(l);
}

static unsigned decode(const struct guest_lift *req, size_t offset, void *insn)
{
    uint32_t word;
    if (req->avail - offset < INSN_BYTES)
        return 0;
    memcpy(&word, req->code + offset, sizeof word);
    a64_decode(word, req->config->features, insn);
    return INSN_BYTES;
}

static bool jumps_anywhere(const struct a64_insn *i)
{
    return i->row->kind == A64_KIND_JUMP_REG && a64_lifter(i->row) != a64_lift_ret;
}

/* A load exclusive: the next block has room for its whole sequence if this one has not (I2). */
static enum guest_flow flow_of_exclusive(struct guest_block *k, struct a64_insn *load)
{
    struct a64_lift *l = k->state;
    const struct guest_lift *req = k->req;
    unsigned insns = 0,
             bytes = a64_llsc_scan(load, req->code + k->end, req->avail - k->end, req->config->features, &insns);
    if (!bytes)
        return GUEST_FLOW_ON;
    if (k->count + insns > k->max)
        return k->count ? GUEST_FLOW_LATER : GUEST_FLOW_ON;
    load->sequence = (uint8_t)bytes;
    l->llsc.end = k->end + bytes;
    return GUEST_FLOW_ON;
}

/* I1. What ends the block only sometimes (a system register that is written) does so when it is lifted. */
static enum guest_flow flow(struct guest_block *k, void *insn)
{
    struct a64_lift *l = k->state;
    struct a64_insn *i = insn;
    const gaddr_t pc = k->req->pc + k->end;
    if (!i->row || k->req->pc % INSN_BYTES)
        return GUEST_FLOW_ENDS;
    switch ((enum a64_kind)i->row->kind) {
    case A64_KIND_JUMP:
    case A64_KIND_TRAP:
        return GUEST_FLOW_ENDS;
    case A64_KIND_JUMP_REG:
        return l->branches && jumps_anywhere(i) ? GUEST_FLOW_LATER : GUEST_FLOW_ENDS;
    case A64_KIND_BRANCH:
        if (k->end < l->llsc.end)
            return GUEST_FLOW_ON;
        if (a64_direct_target(i, pc) <= pc || l->branches == l->req->max_branches)
            return GUEST_FLOW_ENDS;
        l->branches++;
        return GUEST_FLOW_ON;
    case A64_KIND_ATOMIC:
        return a64_is(i, A64_OP_ldxr) || a64_is(i, A64_OP_ldaxr) ? flow_of_exclusive(k, i) : GUEST_FLOW_ON;
    default:
        return GUEST_FLOW_ON;
    }
}

static void scan(struct guest_block *k) { a64_scan(k, guest_block_insn(k, 0)); }

static void lift_insn(struct guest_block *k, const void *insn)
{
    struct a64_lift *l = k->state;
    const struct a64_insn *i = insn;
    l->i = i;
    l->pc = k->pc;
    l->next = k->next;
    l->goes_on = k->at + 1 < k->count;
    if (i->settles)
        a64_flags_settle(l);
    if (l->pc % INSN_BYTES) /* I3 */
        ir_trap(l->b, IR_TRAP_MISALIGNED, l->pc);
    else if (i->row)
        a64_lifter(i->row)(l, i);
    else
        a64_lift_unallocated(l);
}

static void end(struct guest_block *k) { a64_flags_end(k->state); }

const struct guest_lifter a64_lifter_aarch64 = {.state_size = sizeof(struct a64_lift),
                                                .insn_size = sizeof(struct a64_insn),
                                                .max_insns = MAX_BLOCK_INSNS,
                                                .begin = begin,
                                                .decode = decode,
                                                .flow = flow,
                                                .scan = scan,
                                                .lift_insn = lift_insn,
                                                .end = end};
