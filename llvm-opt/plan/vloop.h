/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that run several iterations at once: what emit/vloop_emit.c finds out about a block and emit/vloop_emit.c acts
 * on. */
#ifndef TANDEM_LLVM_OPT_PLAN_VLOOP_H
#define TANDEM_LLVM_OPT_PLAN_VLOOP_H

#include "llvm-opt/emit/emit.h"

/* How a value of the block goes on from one iteration to the next. */
enum lopt_shape_kind {
    LOPT_SHAPE_NONE,   /* not known */
    LOPT_SHAPE_AFFINE, /* an integer that grows by stride; with stride 0 any value that stays the same */
    LOPT_SHAPE_WORD,   /* an i64 whose low 32 bits grow by stride */
    LOPT_SHAPE_SEXT,   /* the same, and it is their sign extension */
    LOPT_SHAPE_LANES   /* floating point, one of its own in each iteration */
};
struct lopt_shape {
    uint8_t kind;    /* enum lopt_shape_kind */
    uint64_t stride; /* wraps in the value's width */
};

struct lopt_vloop {
    const struct ir_block *block;
    struct lopt_shape *shape; /* per instruction */
    uint8_t elem;             /* IR_F32 or IR_F64: of every LOPT_SHAPE_LANES value (FBOX: of what it boxes) */
    unsigned lanes;           /* iterations at once */
    /* the loop goes on while cond(x, bound) */
    ir_ref x, bound;
    uint8_t cond; /* enum ir_cond */
};

enum { LOPT_VLOOP_BYTES = 64 }; /* of a vector: LLVM makes of it as many of the host's as it takes */

/* Finds out whether the block can run several iterations at once. */
bool lopt_vloop_find(struct lopt_emit *l, const struct ir_block *block, struct lopt_vloop *v);
static inline bool lopt_vloop_same(const struct lopt_vloop *v, ir_ref ref)
{
    return v->shape[ref].kind == LOPT_SHAPE_AFFINE && !v->shape[ref].stride;
}
static inline bool lopt_vloop_is_lanes(const struct lopt_vloop *v, ir_ref ref)
{
    return v->shape[ref].kind == LOPT_SHAPE_LANES;
}

#endif
