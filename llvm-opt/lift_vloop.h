/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that run several iterations at once: what lift_vloop.c finds out about a block and lift_vloop_emit.c acts
 * on. */
#ifndef TANDEM_LLVM_OPT_LIFT_VLOOP_H
#define TANDEM_LLVM_OPT_LIFT_VLOOP_H

#include "llvm-opt/lift.h"

/* How a value of the block goes on from one iteration to the next. */
enum lift_shape_kind {
    SHAPE_NONE,   /* not known */
    SHAPE_AFFINE, /* an integer that grows by stride; with stride 0 any value that stays the same */
    SHAPE_WORD,   /* an i64 whose low 32 bits grow by stride */
    SHAPE_SEXT,   /* the same, and it is their sign extension */
    SHAPE_LANES   /* floating point, one of its own in each iteration */
};
struct lift_shape {
    uint8_t kind;    /* enum lift_shape_kind */
    uint64_t stride; /* wraps in the value's width */
};

struct lift_vloop {
    const struct ir_block *block;
    struct lift_shape *shape; /* per instruction */
    uint8_t elem;             /* IR_F32 or IR_F64: of every SHAPE_LANES value (FBOX: of what it boxes) */
    unsigned lanes;           /* iterations at once */
    /* the loop goes on while cond(x, bound) */
    ir_ref x, bound;
    uint8_t cond; /* enum ir_cond */
};

enum { VLOOP_BYTES = 64 }; /* of a vector: LLVM makes of it as many of the host's as it takes */

/* Finds out whether the block can run several iterations at once. */
bool lift_vloop_find(struct lift *l, const struct ir_block *block, struct lift_vloop *v);
static inline bool lift_vloop_same(const struct lift_vloop *v, ir_ref ref)
{
    return v->shape[ref].kind == SHAPE_AFFINE && !v->shape[ref].stride;
}
static inline bool lift_vloop_is_lanes(const struct lift_vloop *v, ir_ref ref)
{
    return v->shape[ref].kind == SHAPE_LANES;
}

#endif
