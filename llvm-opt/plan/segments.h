/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: runs of accesses of a block of which a fault in any is repaired by doing all of them again. */
#ifndef TANDEM_LLVM_OPT_PLAN_SEGMENTS_H
#define TANDEM_LLVM_OPT_PLAN_SEGMENTS_H

#include "llvm-opt/plan/rows.h"
#include "src/ir/ir.h"
#include "src/ir/region.h"

/* One segment. What a fault goes back to is the guest's state before instruction first. */
struct lopt_segment {
    ir_ref first, last;   /* its first and its last access */
    gaddr_t pc;           /* guest instruction of the first */
    unsigned guest_insns; /* from there to that of the last one, or as far as it may replay (IR_INSN_REPLAYS) */
};

TANDEM_BEGIN_DECLS
/* Is a fault of this instruction found by a map? Else the registers are stored before it. */
bool lopt_access_is_mapped(const struct lopt_rows *rows, const struct ir_insn *in);
/* Does tier 2 leave this access to the interpreter's function? */
bool lopt_access_is_out_of_line(const struct ir_region *region, const struct ir_insn *in);
/* The segments of the block, in order. segments: room for one an instruction of the block. Returns how many. */
unsigned lopt_segments_find(const struct lopt_rows *rows, const struct ir_block *block, struct lopt_segment *segments);
TANDEM_END_DECLS

#endif
