/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the block being emitted.
 *
 * I1  A value's exact form is made where it is first used, on the block's straight path: that place dominates every
 *     later use. Code that goes into a side path must ask for its operands before it branches off.
 */
#include "llvm-opt/emit/block.h"

#include "llvm-opt/emit/nan.h"

void lopt_block_init(struct lopt_block *blk, struct lopt_build *b, struct lopt_state *s, const struct lopt_plan *plan)
{
    *blk = (struct lopt_block){.b = b, .s = s, .plan = plan};
    blk->vals = arena_alloc(b->arena, plan->max_insns * sizeof *blk->vals);
    blk->get_kinds = arena_alloc(b->arena, plan->max_insns);
    blk->put_off = arena_alloc(b->arena, plan->max_insns);
    blk->heads = arena_alloc(b->arena, plan->region->count * sizeof *blk->heads);
    blk->again = arena_alloc(b->arena, plan->region->count * sizeof *blk->again);
}

enum ir_type lopt_type_of(const struct lopt_block *blk, ir_ref ref)
{
    return ir_insn_result_type(&blk->block->insns[ref]);
}

struct lopt_val *lopt_val_of(struct lopt_block *blk, const struct ir_insn *in)
{
    return &blk->vals[in - blk->block->insns];
}

LLVMValueRef lopt_exact(struct lopt_block *blk, ir_ref ref)
{
    struct lopt_build *b = blk->b;
    struct lopt_val *v = &blk->vals[ref];
    if (v->exact)
        return v->exact;
    switch ((enum lopt_form)v->form) {
    case LOPT_FORM_CANON:
        v->exact = lopt_canon(b, v->raw, v->cond, v->quiet);
        break;
    case LOPT_FORM_BOX:
        v->exact = lopt_box(b, lopt_exact(blk, v->inner));
        break;
    case LOPT_FORM_ROW:
        v->exact = lopt_compose(b, v);
        break;
    case LOPT_FORM_PAIR:
        v->exact = lopt_pair_join(b, v);
        break;
    default:
        break;
    }
    return v->exact;
}

LLVMValueRef lopt_arith(struct lopt_block *blk, ir_ref ref)
{
    struct lopt_val *v = &blk->vals[ref];
    if (v->form == LOPT_FORM_CANON && v->quiet && !v->cond)
        return v->raw;
    if (v->form == LOPT_FORM_CANON && v->cond) /* what needs canonicalization is quiet, and the rest is exact */
        return v->raw;
    if (v->form == LOPT_FORM_ROW && !(v->kinds & LOPT_K_SINGLE))
        return v->d;
    return lopt_exact(blk, ref);
}
