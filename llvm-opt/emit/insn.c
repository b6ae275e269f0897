/* SPDX-License-Identifier: Apache-2.0 */
/* Emits instructions by the table ops.def.
 *
 * I1  The row of ops.def is applied to each instruction once, in order. An operation that returns a value defines it.
 */
#include "llvm-opt/emit/insn.h"

#include <string.h>

#include "llvm-opt/emit/fp_chain.h"
#include "llvm-opt/emit/late_flags.h"
#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/plan/kinds.h"

static const struct {
    lopt_op_fn fn;
    unsigned param;
} ops[] = {
#define L(name, fn, param) [IR_##name] = {fn, param},
#include "llvm-opt/emit/ops.def"
#undef L
};

enum {
    OP_ROWS = 0
#define L(name, fn, param) +1
#include "llvm-opt/emit/ops.def"
#undef L
};
_Static_assert((int)OP_ROWS == (int)IR_OP_COUNT, "ops.def must have a row for each IR operation");

void lopt_begin_block(struct lopt_block *blk, unsigned index)
{
    blk->rblock = &blk->plan->region->blocks[index];
    blk->block = blk->rblock->block;
    blk->insn_pc = blk->block->pc;
    blk->return_pc = 0;
    lopt_flow_head(&blk->plan->flow, &blk->plan->rows, index, blk->s->st);
    memset(blk->vals, 0, blk->block->count * sizeof *blk->vals);
    for (unsigned i = 0; i < ARRAY_LEN(blk->flag_puts); i++)
        blk->flag_puts[i] = IR_NO_REF;
    lopt_fp_chain_plan(blk);
}

LLVMValueRef lopt_emit_value(struct lopt_block *blk, ir_ref ref)
{
    const struct ir_insn *in = &blk->block->insns[ref];
    return ops[in->op].fn(blk, in, ops[in->op].param);
}

void lopt_emit_now(struct lopt_block *blk, ir_ref at)
{
    const struct ir_insn *in = &blk->block->insns[at];
    LLVMValueRef v = lopt_emit_value(blk, at);
    if (v)
        blk->vals[at] = (struct lopt_val){.form = LOPT_FORM_PLAIN, .exact = v};
    if (in->op == IR_PUT)
        lopt_late_flags_note(blk, in);
    lopt_kinds_step(&blk->plan->rows, blk->block, at, blk->s->st, blk->get_kinds);
}

void lopt_emit_insn(struct lopt_block *blk, unsigned at)
{
    if (!lopt_fp_is_late(blk, at))
        lopt_emit_now(blk, (ir_ref)at);
}
