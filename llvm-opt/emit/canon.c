/* SPDX-License-Identifier: Apache-2.0 */
/* Canonicalization that is put off until somebody can tell: FCANON, and the boxing of singles.
 *
 * I1  Results that are stored one after the other share one branch for all their checks.
 */
#include "llvm-opt/emit/canon.h"
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/nan.h"
#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/plan/kinds.h"

enum { GROUP = 8 };

static bool is_open_canon(const struct lopt_block *blk, ir_ref ref)
{
    const struct lopt_val *v = &blk->vals[ref];
    return !v->exact && v->form == LOPT_FORM_CANON && v->quiet && !v->cond;
}

/* Values that this store and those after it in the block want canonical, and that are computed. */
static unsigned collect_group(const struct lopt_block *blk, const struct ir_insn *st, ir_ref *group)
{
    struct lopt_build *b = blk->b;
    unsigned n = 0, at = (unsigned)(st - blk->block->insns);
    for (unsigned i = at; i < blk->block->count && n < GROUP; i++) {
        const struct ir_insn *in = &blk->block->insns[i];
        bool wanted = in->op == IR_ST && in->arg[1] < at && is_open_canon(blk, in->arg[1]);
        for (unsigned k = 0; k < n; k++)
            wanted &= group[k] != in->arg[1];
        if (wanted && (!n || b->ll->TypeOf(blk->vals[in->arg[1]].raw) == b->ll->TypeOf(blk->vals[group[0]].raw)))
            group[n++] = in->arg[1];
    }
    return n;
}

void lopt_canon_stores(struct lopt_block *blk, const struct ir_insn *st)
{
    struct lopt_build *b = blk->b;
    ir_ref group[GROUP];
    LLVMValueRef any = NULL, exact[GROUP];
    unsigned n = collect_group(blk, st, group);
    if (n < 2)
        return;
    for (unsigned i = 0; i < n; i += 2) {
        LLVMValueRef x = blk->vals[group[i]].raw, y = blk->vals[group[i + 1 < n ? i + 1 : i]].raw;
        LLVMValueRef nan = b->ll->BuildFCmp(b->ir, LLVMRealUNO, x, y, "");
        any = any ? lopt_bin(b, LLVMOr, any, nan) : nan;
    }
    LLVMBasicBlockRef from = b->ll->GetInsertBlock(b->ir), side = lopt_new_bb(b, "nan"), join = lopt_new_bb(b, "");
    lopt_branch_weighted(b, any, side, join, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, side);
    for (unsigned i = 0; i < n; i++)
        exact[i] = lopt_canon(b, blk->vals[group[i]].raw, NULL, true);
    b->ll->BuildBr(b->ir, join);
    b->ll->PositionBuilderAtEnd(b->ir, join);
    for (unsigned i = 0; i < n; i++) {
        struct lopt_val *v = &blk->vals[group[i]];
        v->exact = b->ll->BuildPhi(b->ir, b->ll->TypeOf(v->raw), "");
        b->ll->AddIncoming(v->exact, &v->raw, &from, 1);
        b->ll->AddIncoming(v->exact, &exact[i], &side, 1);
    }
}

LLVMValueRef lopt_op_fcanon(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_val *v = lopt_val_of(blk, in);
    if (ir_fp_elem(in->aux) || (in->type != IR_F32 && in->type != IR_F64))
        return lopt_op_eval(blk, in, 0);
    *v = (struct lopt_val){.form = LOPT_FORM_CANON, .raw = lopt_exact(blk, in->arg[0])};
    v->quiet = ir_insn_is_quiet(&blk->block->insns[in->arg[0]]);
    return NULL;
}

LLVMValueRef lopt_op_fbox(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    *lopt_val_of(blk, in) = (struct lopt_val){.form = LOPT_FORM_BOX, .inner = in->arg[0]};
    return NULL;
}

LLVMValueRef lopt_op_funbox(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    struct lopt_val *v = lopt_val_of(blk, in);
    const struct lopt_val *from = &blk->vals[in->arg[0]];
    if (from->form == LOPT_FORM_BOX) {
        *v = blk->vals[from->inner];
        return NULL;
    }
    if (from->form != LOPT_FORM_ROW || !from->s_valid || !from->s)
        return lopt_unbox(b, lopt_exact(blk, in->arg[0]));
    if (!(from->kinds & LOPT_K_RAWBOX))
        return from->s;
    *v = (struct lopt_val){.form = LOPT_FORM_CANON, .raw = from->s, .quiet = from->kinds == LOPT_K_RAWBOX};
    if (from->kinds != LOPT_K_RAWBOX)
        v->cond = lopt_bin(b, LLVMAnd, from->rawtag, from->single);
    return NULL;
}
