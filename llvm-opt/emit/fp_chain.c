/* SPDX-License-Identifier: Apache-2.0 */
/* Few looks at many results of scalar FP operations.
 *
 * I1  A link is an operation that gives a NaN whenever an operand is one, and that is looked at for a NaN or put off
 *     itself. A result is put off if links alone use it, and at least one does: its NaN gets to a result that is
 *     looked at. All else that uses a value sees it: PUTs, stores, exits, compares, moves.
 * I2  Where the last result is no NaN, none in the chain was, and the host's are the guest's. Where it is one, ir_eval
 *     computes the chain again from operands that are exact.
 * I3  Which operations have a NaN among operands or results does not depend on which NaN it is, and the host's are
 *     quiet: the host raises in the chain what it would raise with the guest's. ir_eval may raise it again.
 * I4  With IR_FP_TINY_BEFORE each result is looked at for more than a NaN: no link.
 * I5  Results that are seen wait, too, so that two are looked at by one compare and all of them have one side path:
 *     until something comes that is neither a link nor harmless. What moves them to rows of the state (VSETE, PUT) is
 *     late: it is emitted behind the look. No row that is late is read before. Not in precise regions, whose state is
 *     the guest's behind each instruction.
 */
#include "llvm-opt/emit/fp_chain.h"

#include <assert.h>
#include <string.h>

#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/host_fp.h"

/* Of put_off: while the chains are planned */
enum { SEEN = 0x40, /* by something other than a link */ USED = 0x80 /* by a link */ };
/* and afterwards */
enum { COUNT = 0x0f, WAITS = 0x40, LATE = 0x80, MAX_PUT_OFF = 4 };
enum { MAX_COMPUTED = LOPT_FP_WAITING * (1 + 3 * MAX_PUT_OFF) }; /* three operands, each with a chain */

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
    blk->fp_group = (struct lopt_fp_group){.count = 0};
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
    return blk->put_off[in - blk->block->insns] & COUNT;
}

/* Is the value the host's, which ir_eval has to compute again? */
static bool is_host(const struct lopt_block *blk, ir_ref v) { return blk->put_off[v] & (COUNT | WAITS); }

/* Makes the chain's operands where the straight path is (block.c I1). What waits has its own made. */
static void make_operands(struct lopt_block *blk, const struct ir_insn *in)
{
    for (unsigned k = 0; k < ir_insn_arg_count(in); k++) {
        lopt_exact(blk, in->arg[k]);
        if (blk->put_off[in->arg[k]] & COUNT)
            make_operands(blk, &blk->block->insns[in->arg[k]]);
    }
}

struct computed {
    unsigned count;
    const struct ir_insn *in[MAX_COMPUTED];
    LLVMValueRef value[MAX_COMPUTED];
};

static LLVMValueRef compute(struct lopt_block *blk, const struct ir_insn *in, struct computed *c)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->in[i] == in)
            return c->value[i];
    LLVMValueRef values[4] = {NULL};
    for (unsigned k = 0; k < ir_insn_arg_count(in); k++)
        values[k] =
            is_host(blk, in->arg[k]) ? compute(blk, &blk->block->insns[in->arg[k]], c) : lopt_exact(blk, in->arg[k]);
    LLVMValueRef v = lopt_eval_values(blk, in, values);
    assert(c->count < MAX_COMPUTED);
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

/* ---- results that wait (I5) ---- */

static bool can_wait(const struct lopt_block *blk, const struct ir_insn *in)
{
    return is_link(blk->b, in) && !blk->plan->region->precise;
}

/* A compare of two tells of both; the last is compared with itself if there is no other of its type. Leaves the builder
 * where none is a NaN, and returns where one is. */
static LLVMBasicBlockRef branch_if_nan(struct lopt_block *blk)
{
    struct lopt_build *b = blk->b;
    const struct lopt_fp_group *g = &blk->fp_group;
    LLVMBasicBlockRef side = lopt_new_bb(b, "nan");
    for (unsigned i = 0; i < g->count; i++) {
        LLVMValueRef x = lopt_val_of(blk, g->waiting[i])->exact, y = x;
        if (i + 1 < g->count && g->waiting[i + 1]->type == g->waiting[i]->type)
            y = lopt_val_of(blk, g->waiting[++i])->exact;
        LLVMBasicBlockRef next = lopt_new_bb(b, "");
        lopt_branch_weighted(b, b->ll->BuildFCmp(b->ir, LLVMRealUNO, x, y, ""), side, next, 0, 1000000);
        b->ll->PositionBuilderAtEnd(b->ir, next);
    }
    return side;
}

/* Looks at what waits, and emits what is late. */
static void look(struct lopt_block *blk)
{
    struct lopt_build *b = blk->b;
    struct lopt_fp_group *g = &blk->fp_group, done = *g;
    struct computed c = {.count = 0};
    LLVMValueRef exact[ARRAY_LEN(g->waiting)];
    if (!g->count)
        return;
    for (unsigned i = 0; i < g->count; i++)
        make_operands(blk, g->waiting[i]);
    LLVMBasicBlockRef side = branch_if_nan(blk), main = b->ll->GetInsertBlock(b->ir), join = lopt_new_bb(b, "");
    b->ll->BuildBr(b->ir, join);
    b->ll->PositionBuilderAtEnd(b->ir, side);
    for (unsigned i = 0; i < g->count; i++)
        exact[i] = compute(blk, g->waiting[i], &c);
    side = b->ll->GetInsertBlock(b->ir);
    b->ll->BuildBr(b->ir, join);
    b->ll->PositionBuilderAtEnd(b->ir, join);
    for (unsigned i = 0; i < g->count; i++) {
        struct lopt_val *v = lopt_val_of(blk, g->waiting[i]);
        LLVMValueRef phi = b->ll->BuildPhi(b->ir, b->ll->TypeOf(exact[i]), "");
        b->ll->AddIncoming(phi, &exact[i], &side, 1);
        b->ll->AddIncoming(phi, &v->exact, &main, 1);
        v->exact = phi;
        blk->put_off[g->waiting[i] - blk->block->insns] &= (uint8_t)~WAITS;
    }
    g->count = g->late_count = 0;
    for (unsigned i = 0; i < done.late_count; i++) {
        blk->put_off[done.late[i]] &= (uint8_t)~LATE;
        blk->emit_now(blk, done.late[i]);
    }
}

bool lopt_fp_wait(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_fp_group *g = &blk->fp_group;
    if (!can_wait(blk, in))
        return false;
    if (g->count == ARRAY_LEN(g->waiting))
        look(blk);
    g->waiting[g->count++] = in;
    blk->put_off[in - blk->block->insns] |= WAITS;
    return true;
}

/* Does it read neither what waits nor what is late, and touch nothing else? */
static bool is_harmless(const struct lopt_block *blk, const struct ir_insn *in)
{
    const struct lopt_fp_group *g = &blk->fp_group;
    if (in->op != IR_GET && in->op != IR_INSN && ir_insn_effects(in) != IR_FX_PURE)
        return false;
    for (unsigned k = 0; k < ir_insn_arg_count(in); k++)
        if (blk->put_off[in->arg[k]] & (WAITS | LATE | COUNT))
            return false;
    for (unsigned i = 0; i < g->late_count && in->op == IR_GET; i++)
        if (blk->block->insns[g->late[i]].op == IR_PUT && blk->block->insns[g->late[i]].imm == in->imm)
            return false;
    return true;
}

bool lopt_fp_is_late(struct lopt_block *blk, unsigned at)
{
    struct lopt_fp_group *g = &blk->fp_group;
    const struct ir_insn *in = &blk->block->insns[at];
    if (!g->count || is_link(blk->b, in))
        return false;
    if ((in->op == IR_PUT || in->op == IR_VSETE) && g->late_count < ARRAY_LEN(g->late)) {
        g->late[g->late_count++] = (ir_ref)at;
        blk->put_off[at] |= LATE;
        return true;
    }
    if (!is_harmless(blk, in))
        look(blk);
    return false;
}
