/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that can run several iterations at once: what is found out about a block. */
#ifndef TANDEM_LLVM_OPT_PLAN_VLOOP_H
#define TANDEM_LLVM_OPT_PLAN_VLOOP_H

#include "llvm-opt/plan/rows.h"

/* How a value of the block goes on from one iteration to the next. */
enum lopt_shape_kind {
    LOPT_SHAPE_NONE,   /* not known */
    LOPT_SHAPE_AFFINE, /* an integer that grows by stride; with stride 0 any value that stays the same */
    LOPT_SHAPE_WORD,   /* an i64 whose low 32 bits grow by stride */
    LOPT_SHAPE_SEXT,   /* the same, and it is their sign extension */
    LOPT_SHAPE_LANES   /* floating point, one of its own in each iteration */
};
struct lopt_shape {
    uint8_t kind; /* enum lopt_shape_kind */
    uint64_t
        stride; /* wraps in the value's width; of a GET of LOPT_SHAPE_LANES: the value that is the next iteration's */
};

/* The loop goes on while cond(x, bound). */
struct lopt_vloop {
    const struct ir_block *block;
    struct lopt_shape *shape; /* per instruction */
    uint8_t elem;             /* IR_F32 or IR_F64: of every LOPT_SHAPE_LANES value (FBOX: of what it boxes) */
    unsigned lanes;           /* iterations at once */
    bool has_fma;             /* FMA may be among the operations */
    ir_ref x, bound;
    uint8_t cond; /* enum ir_cond */
};

enum { LOPT_VLOOP_BYTES = 64 }; /* of a vector: LLVM makes of it as many of the host's as it takes */

TANDEM_BEGIN_DECLS
/* Finds out whether the block can run several iterations at once; NULL: it cannot. has_fma: the host has a fused
 * multiply-add. */
const struct lopt_vloop *lopt_vloop_find(const struct lopt_rows *rows, const struct ir_block *block, bool has_fma,
                                         struct arena *arena);
TANDEM_END_DECLS

/* The value is the same in all iterations. */
static inline bool lopt_vloop_same(const struct lopt_vloop *v, ir_ref ref)
{
    return v->shape[ref].kind == LOPT_SHAPE_AFFINE && !v->shape[ref].stride;
}
static inline bool lopt_vloop_is_lanes(const struct lopt_vloop *v, ir_ref ref)
{
    return v->shape[ref].kind == LOPT_SHAPE_LANES;
}

#endif
