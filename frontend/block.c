/* SPDX-License-Identifier: Apache-2.0 */
/* The block loop; see block.h.
 *
 * I1  Every path ends the block, or gives it up with a status.
 * I2  An instruction is preceded by its INSN, also an illegal one.
 * I3  Bytes that are decoded and not lifted do not count as the block's: a front end that looks ahead notes them
 *     (ir_note_bytes).
 *
 * Instrumentation attaches here: of blocks in guest_lift_block, before the first instruction; of instructions in
 * start_insn, which every instruction passes; of memory accesses behind lift_insn in lift_one, where the new IR of the
 * instruction is all that lies behind its INSN. */
#include "frontend/block.h"

#include "src/base/arena.h"

enum { MAX_BLOCK_IR = IR_MAX_INSNS / 4 };

/* Decodes one more instruction. False: it is the last one, or not in the block. */
static bool decode_one(struct guest_block *k)
{
    const struct guest_lifter *g = k->lifter;
    void *insn = guest_block_insn(k, k->count);
    unsigned bytes = g->decode(k->req, k->end, insn);
    enum guest_flow flow = bytes ? g->flow(k, insn) : GUEST_FLOW_LATER;
    if (flow == GUEST_FLOW_LATER)
        return false;
    k->bytes[k->count++] = (uint8_t)bytes;
    k->end += bytes;
    k->changing = k->req->stores_end && g->stores(insn);
    return flow == GUEST_FLOW_ON && !k->changing;
}

static void decode_all(struct guest_block *k)
{
    while (k->count < k->max && k->end < k->req->avail && decode_one(k)) {
    }
}

static void start_insn(struct guest_block *k)
{
    k->next = (k->pc + k->bytes[k->at]) & k->pc_mask;
    ir_insn_start(k->b, k->pc, k->bytes[k->at]);
}

void guest_block_next(struct guest_block *k)
{
    k->pc = k->next;
    k->at++;
    start_insn(k);
}

static void lift_one(struct guest_block *k)
{
    start_insn(k);
    k->lifter->lift_insn(k, guest_block_insn(k, k->at));
    k->pc = k->next;
    k->at++;
}

enum status guest_lift_block(const struct guest *guest, const struct guest_lift *req, struct ir_builder *b)
{
    const struct guest_lifter *g = guest->lifter;
    struct guest_block k = {.lifter = g, .req = req, .b = b, .pc = req->pc};
    k.pc_mask = guest_is32(guest) ? UINT32_MAX : ~(gaddr_t)0;
    k.max = !req->max_insns ? 1 : req->max_insns < g->max_insns ? req->max_insns : g->max_insns;
    k.state = arena_alloc(b->arena, g->state_size);
    k.insns = arena_alloc_raw(b->arena, k.max * g->insn_size);
    k.bytes = arena_alloc_raw(b->arena, k.max);
    g->begin(&k);
    decode_all(&k);
    if (!k.count) {
        ir_trap(b, IR_TRAP_FETCH, req->pc);
        return STATUS_OK;
    }
    if (g->scan)
        g->scan(&k);
    while (k.at < k.count && !ir_block_ended(b)) {
        if (b->count > MAX_BLOCK_IR)
            return STATUS_TOO_LARGE;
        lift_one(&k);
    }
    if (!ir_block_ended(b)) {
        if (g->end)
            g->end(&k);
        ir_jump(b, IR_HINT_NONE, k.pc);
    }
    return STATUS_OK;
}
