/* SPDX-License-Identifier: Apache-2.0 */
/* All that is decided about a region before code is made of it. Made by lopt_plan_make, const from then on. Works on
 * the IR alone. */
#ifndef TANDEM_LLVM_OPT_PLAN_PLAN_H
#define TANDEM_LLVM_OPT_PLAN_PLAN_H

#include "llvm-opt/plan/flags.h"
#include "llvm-opt/plan/flow.h"
#include "llvm-opt/plan/rows.h"
#include "llvm-opt/plan/unroll.h"
#include "llvm-opt/plan/vloop.h"
#include "src/ir/region.h"

struct lopt_plan_options {
    unsigned unroll;      /* copies of a short loop at most */
    bool polls;           /* backward branches poll cpu->pending */
    bool vector_loops;    /* look for loops that can run several iterations at once */
    bool has_fma;         /* the host has a fused multiply-add */
    bool maps;            /* precise regions have maps, and do not store registers before each access */
    unsigned access_bits; /* widest access that is one host instruction */
    bool shared_exit;     /* rare exits leave together */
};

struct lopt_plan {
    const struct ir_region *region; /* loops.region: what code is made of */
    struct lopt_rows rows;
    struct lopt_loops loops;
    struct lopt_flags flags;
    struct lopt_flow flow;
    const struct lopt_vloop **vloops; /* per block: how several iterations run at once, or NULL */
    unsigned max_insns;               /* IR instructions of a block at most */
};

TANDEM_BEGIN_DECLS
/* Everything that the plan points to lies in the arena or belongs to the region, which must live as long.
 * STATUS_UNSUPPORTED: tier 2 cannot do this region. */
enum status lopt_plan_make(struct lopt_plan *plan, const struct ir_region *region,
                           const struct lopt_plan_options *options, struct arena *arena);
TANDEM_END_DECLS

#endif
