/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of short loops, and where branches lead among them. */
#ifndef TANDEM_LLVM_OPT_PLAN_UNROLL_H
#define TANDEM_LLVM_OPT_PLAN_UNROLL_H

#include "src/base/arena.h"
#include "src/ir/ir.h"
#include "src/ir/region.h"

/* What the block is to an unrolled loop. */
struct lopt_copy {
    gaddr_t head; /* guest address of the loop's first block */
    uint8_t loop; /* number of the loop; 0: the block is in none */
    uint8_t copy; /* which of its copies */
    uint8_t of;   /* how many there are */
};

struct lopt_loops {
    const struct ir_region *region; /* with the copies */
    const struct lopt_copy *copies; /* per block of it */
    bool polls;                     /* backward branches poll cpu->pending */
};

struct lopt_unroll_options {
    unsigned most;     /* copies at most; 0 or 1: none */
    bool polls;        /* as in struct lopt_loops; without polls there is nothing to save */
    const bool *keeps; /* per block: its loop is left as it is (a vector loop) */
};

TANDEM_BEGIN_DECLS
/* Gives the region copies of its short loops. */
void lopt_unroll(struct lopt_loops *loops, const struct ir_region *region, const struct lopt_unroll_options *options,
                 struct arena *arena);
/* Index of the block of loops->region to which instruction in of rb goes if its target is pc; -1: it leaves. */
int lopt_find_target(const struct lopt_loops *loops, const struct ir_region_block *rb, const struct ir_insn *in,
                     gaddr_t pc);
/* True if going from rb to block index to polls. */
bool lopt_polls(const struct lopt_loops *loops, const struct ir_region_block *rb, unsigned to);
TANDEM_END_DECLS

#endif
