/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of scalar FP operations: one look at the last result instead of one at each.
 *
 * I1  A link is an operation that gives a NaN whenever an operand is one, and that is looked at for a NaN or put off
 *     itself. A result is put off if links alone use it, and at least one does: its NaN gets to a result that is
 *     looked at. All else that uses a value sees it: PUTs, stores, exits, compares, moves.
 * I2  Where the last result is no NaN, none in the chain was, and the host's are the guest's. Where it is one, ir_eval
 *     computes the chain again from operands that are exact.
 * I3  Which operations have a NaN among operands or results does not depend on which NaN it is, and the host's are
 *     quiet: the host raises in the chain what it would raise with the guest's. ir_eval may raise it again.
 * I4  With IR_FP_TINY_BEFORE each result is looked at for more than a NaN: no link.
 */
#include "llvm-opt/emit/fp_chain.h"

#include <string.h>

#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/host_fp.h"

enum {
    SEEN = 0x40, /* by something other than a link */
    USED = 0x80, /* by a link */
    MAX_PUT_OFF = 4,
    MAX_CHAIN = 1 + 3 * MAX_PUT_OFF
};

static bool is_link(const struct lopt_build *b, const struct ir_insn *in)
{
    switch (in->op) {
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FDIV:
    case IR_FSQRT:
        break;
    case IR_FMA:
        if (!b->host->fma)
            return false;
        break;
    default:
        return false;
    }
    return (in->type == IR_F32 || in->type == IR_F64) && !ir_fp_elem(in->aux) && ir_fp_nan_rule(in->aux) &&
           !lopt_is_x86_rule(in) && !(in->aux & (IR_FP_DAZ | IR_FP_FTZ | IR_FP_TINY_BEFORE)) &&
           ir_fp_rm(in->aux) == IR_RDYN && !b->fp_fast;
}

void lopt_fp_chain_plan(struct lopt_block *blk)
{
    const struct ir_insn *insns = blk->block->insns;
    memset(blk->put_off, 0, blk->block->count);
    for (unsigned i = 0; i < blk->block->count; i++) {
        uint8_t use = is_link(blk->b, &insns[i]) ? USED : SEEN;
        for (unsigned k = 0; k < ir_insn_arg_count(&insns[i]); k++)
            blk->put_off[insns[i].arg[k]] |= use;
    }
    for (unsigned i = 0; i < blk->block->count; i++) {
        uint8_t uses = blk->put_off[i];
        unsigned size = 1;
        blk->put_off[i] = 0;
        if (uses != USED || !is_link(blk->b, &insns[i]))
            continue;
        for (unsigned k = 0; k < ir_insn_arg_count(&insns[i]); k++)
            size += blk->put_off[insns[i].arg[k]];
        blk->put_off[i] = size <= MAX_PUT_OFF ? (uint8_t)size : 0;
    }
}

bool lopt_fp_is_put_off(const struct lopt_block *blk, const struct ir_insn *in)
{
    return blk->put_off[in - blk->block->insns];
}

/* Makes the chain's operands where the straight path is (block.c I1). */
static void make_operands(struct lopt_block *blk, const struct ir_insn *in)
{
    for (unsigned k = 0; k < ir_insn_arg_count(in); k++) {
        lopt_exact(blk, in->arg[k]);
        if (blk->put_off[in->arg[k]])
            make_operands(blk, &blk->block->insns[in->arg[k]]);
    }
}

struct computed {
    unsigned count;
    const struct ir_insn *in[MAX_CHAIN];
    LLVMValueRef value[MAX_CHAIN];
};

static LLVMValueRef compute(struct lopt_block *blk, const struct ir_insn *in, struct computed *c)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->in[i] == in)
            return c->value[i];
    LLVMValueRef values[4] = {NULL};
    for (unsigned k = 0; k < ir_insn_arg_count(in); k++)
        values[k] =
            blk->put_off[in->arg[k]] ? compute(blk, &blk->block->insns[in->arg[k]], c) : lopt_exact(blk, in->arg[k]);
    LLVMValueRef v = lopt_eval_values(blk, in, values);
    c->in[c->count] = in;
    c->value[c->count++] = v;
    return v;
}

struct lopt_diamond lopt_fp_chain_side(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef cond)
{
    struct computed c = {.count = 0};
    make_operands(blk, in);
    struct lopt_diamond d = lopt_side_begin(blk->b, cond);
    lopt_side_else(blk->b, &d, compute(blk, in, &c));
    return d;
}
