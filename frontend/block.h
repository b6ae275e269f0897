/* SPDX-License-Identifier: Apache-2.0 */
/* The block loop of all front ends: guest code to one sealed-to-be IR block. A front end fills one struct guest_lifter,
 * whose hooks know single instructions; frontend/block.c knows everything about blocks: how many instructions, where
 * guest code runs out, how large the IR may grow, what a block that changes its own code may hold.
 *
 * The hooks of one block are called in this order:
 *
 *     begin   decode, flow (and stores) for each instruction   scan   lift_insn for each instruction   end
 *
 * All hooks may be called from any thread; what they write is the struct guest_block and its state, which belong to the
 * call. */
#ifndef TANDEM_FRONTEND_BLOCK_H
#define TANDEM_FRONTEND_BLOCK_H

#include "frontend/guest.h"

/* A request to lift one block: guest code at pc is the avail bytes at code (a stable copy or live memory; every byte is
 * readable). The block ends at the first control transfer (but see max_branches), after max_insns instructions, or
 * where code runs out. */
struct guest_lift {
    gaddr_t pc;
    const uint8_t *code;
    size_t avail;
    uint32_t mode;
    unsigned max_insns;
    /* end the block behind an instruction that writes memory: code here changes itself (coherent_code) */
    bool stores_end;
    const struct guest_config *config;
    /* bytes in front of code, and behind its avail bytes, that may be read, too: for hints, since they may change
     * unnoticed */
    size_t before, after;
    unsigned max_branches; /* conditional branches behind which the block may go on (a front end need not) */
};

/* One block while it is lifted. */
struct guest_block {
    const struct guest_lifter *lifter;
    const struct guest_lift *req;
    struct ir_builder *b;
    void *state;        /* the front end's; see state_size */
    gaddr_t pc, next;   /* of the instruction at hand, and of the one behind it */
    gaddr_t pc_mask;    /* where the guest's pc wraps */
    unsigned at, count; /* which instruction is at hand, and how many are decoded */
    unsigned max;       /* so many the block may have */
    size_t end;         /* bytes of guest code that are decoded: where the next instruction begins */
    bool changing;      /* the last instruction may change what comes behind it (stores_end) */
    uint8_t *bytes;     /* length of each decoded instruction */
    char *insns;        /* they themselves: insn_size bytes each, as decode left them */
};

/* What an instruction means for its block. */
enum guest_flow {
    GUEST_FLOW_ON,   /* it may be followed by the next one */
    GUEST_FLOW_ENDS, /* it is the last one */
    GUEST_FLOW_LATER /* it is not to be in this block, but first in the next */
};

struct guest_lifter {
    size_t state_size;  /* of the front end's state of a block; zero before begin */
    size_t insn_size;   /* of a decoded instruction */
    unsigned max_insns; /* a block never has more */
    /* The block's state begins. */
    void (*begin)(struct guest_block *k);
    /* Decodes the instruction at req->code + offset into insn. Its length; 0: the bytes that are there do not hold it.
     * What is no instruction is one, too: lift_insn makes it IR_TRAP_ILLEGAL. */
    unsigned (*decode)(const struct guest_lift *req, size_t offset, void *insn);
    /* insn was decoded at offset k->end, as number k->count. */
    enum guest_flow (*flow)(struct guest_block *k, void *insn);
    /* Does it write memory? NULL where stores_end is never asked for. */
    bool (*stores)(const void *insn);
    /* All instructions are decoded (at least one): time to look ahead. NULL: nothing to do. */
    void (*scan)(struct guest_block *k);
    /* Emits the IR of insn, the instruction at hand, and ends the block if the instruction does. Its INSN has been
     * emitted. Instructions that are lifted together with it are begun with guest_block_next. */
    void (*lift_insn)(struct guest_block *k, const void *insn);
    /* The block goes on at k->pc with a jump that the loop emits next. NULL: nothing to do. */
    void (*end)(struct guest_block *k);
};

static inline void *guest_block_insn(const struct guest_block *k, unsigned n)
{
    return k->insns + n * k->lifter->insn_size;
}

TANDEM_BEGIN_DECLS
/* Lifts the block at req->pc into b (already initialised with state, pc, mode). Always ends the block; what cannot be
 * fetched becomes IR_TRAP_FETCH, what cannot be decoded IR_TRAP_ILLEGAL. STATUS_TOO_LARGE: ask again with fewer
 * max_insns. */
enum status guest_lift_block(const struct guest *guest, const struct guest_lift *req, struct ir_builder *b);
/* For lift_insn: the next decoded instruction is at hand, and its INSN is emitted. */
void guest_block_next(struct guest_block *k);
TANDEM_END_DECLS

#endif
