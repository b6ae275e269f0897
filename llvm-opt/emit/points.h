/* SPDX-License-Identifier: Apache-2.0 */
/* Maps: what the code generator is to say of where the guest's registers are at accesses that can fault. */
#ifndef TANDEM_LLVM_OPT_POINTS_H
#define TANDEM_LLVM_OPT_POINTS_H

#include "llvm-opt/emit/block.h"
#include "llvm-opt/lopt.h"
#include "llvm-opt/plan/segments.h"

/* A point: the begin of a segment. */
struct lopt_point {
    gaddr_t pc;
    unsigned replay_insns;
    unsigned first_place, place_count;
};

struct lopt_points {
    bool guarded; /* every value is made before the segment begins, too */
    struct lopt_point *list;
    unsigned count, capacity;
    struct lopt_place *places; /* where and at are not known yet */
    unsigned place_count, place_capacity;
    /* Of the block that is being emitted. */
    struct lopt_segment *segments;
    unsigned segment_count, next;
    /* Of the segment that is. */
    bool open;
    LLVMValueRef *values; /* one a place */
    unsigned value_count;
};

void lopt_points_init(struct lopt_points *p, struct lopt_build *b, const struct lopt_plan *plan, bool guarded);
void lopt_points_begin_block(struct lopt_block *blk);
/* A point at instruction `at`, whose guest address is pc: from the accesses up to the last lopt_points_mark the guest
 * goes back to it, and so many guest instructions are done again. */
void lopt_points_open(struct lopt_block *blk, unsigned at, gaddr_t pc, unsigned replay_insns);
/* The accesses since the last mark are that point's. May be called more than once. */
void lopt_points_mark(struct lopt_block *blk);
/* Before and after emitting the block's instruction at. */
void lopt_points_before(struct lopt_block *blk, unsigned at);
void lopt_points_after(struct lopt_block *blk, unsigned at);

#endif
