/* SPDX-License-Identifier: Apache-2.0 */
/* Constants, and operations on the block's state: rows, and notes about where the guest is.
 *
 * I1  PUT leaves the row in the kind that lopt_put_kinds says, which is what the plan counts on.
 */
#include "llvm-opt/emit/nan.h"
#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/emit/tags.h"
#include "llvm-opt/plan/kinds.h"

LLVMValueRef lopt_op_get(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    const struct lopt_row *r = &blk->plan->rows.row[in->imm];
    uint8_t kinds = blk->s->st[in->imm] & LOPT_K_KINDS;
    if (r->split) {
        *lopt_val_of(blk, in) = lopt_row_pair(blk->s, (unsigned)in->imm);
        return NULL;
    }
    if (r->in_memory || blk->s->st[in->imm] & LOPT_K_ABSENT || (kinds == LOPT_K_EXACT && !r->need_s))
        return lopt_row_value(blk->s, (unsigned)in->imm);
    *lopt_val_of(blk, in) = lopt_row_snapshot(blk->s, (unsigned)in->imm, kinds);
    return NULL;
}

/* PUT of what a GET gave: form and tags are copied, not made exact. */
static void copy_row(struct lopt_block *blk, unsigned row, ir_ref ref)
{
    struct lopt_build *b = blk->b;
    const struct lopt_row *r = &blk->plan->rows.row[row];
    const struct lopt_slot *slot = &blk->s->slots[row];
    const struct lopt_val *v = &blk->vals[ref];
    if (v->d)
        b->ll->BuildStore(b->ir, v->d, slot->d);
    if (r->need_s && !v->s_valid) {
        b->ll->BuildStore(b->ir, lopt_unbox(b, lopt_exact(blk, ref)), slot->s);
    } else if (v->s && slot->s) {
        b->ll->BuildStore(b->ir, v->s, slot->s);
    }
    lopt_tags_copy(b, blk->s->tags, r, v);
}

LLVMValueRef lopt_op_put(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    const struct lopt_row *r = &blk->plan->rows.row[in->imm];
    const struct lopt_slot *slot = &blk->s->slots[in->imm];
    ir_ref ref = in->arg[0];
    struct lopt_val *v = &blk->vals[ref];
    uint8_t kinds =
        r->in_memory ? LOPT_K_EXACT : lopt_put_kinds(&blk->plan->rows, blk->block, blk->get_kinds, in) & LOPT_K_KINDS;
    if (r->split && v->form == LOPT_FORM_PAIR) {
        lopt_row_put_pair(blk->s, (unsigned)in->imm, v);
    } else if (v->form == LOPT_FORM_ROW && !r->in_memory && kinds == v->kinds) {
        copy_row(blk, (unsigned)in->imm, ref);
    } else if (kinds == LOPT_K_RAW) {
        b->ll->BuildStore(b->ir, v->raw, slot->d);
        lopt_tags_set_kind(b, blk->s->tags, r, LOPT_K_RAW);
        if (r->need_s) /* by bits: code that vanishes if no one reads row->s */
            b->ll->BuildStore(b->ir, lopt_unbox(b, lopt_canon(b, v->raw, NULL, false)), slot->s);
    } else if (kinds & LOPT_K_SINGLE) {
        LLVMValueRef s = kinds == LOPT_K_RAWBOX ? blk->vals[v->inner].raw : lopt_exact(blk, v->inner);
        b->ll->BuildStore(b->ir, s, slot->s);
        lopt_tags_set_kind(b, blk->s->tags, r, kinds);
    } else {
        lopt_row_set(blk->s, (unsigned)in->imm, lopt_exact(blk, ref));
    }
    return NULL;
}

LLVMValueRef lopt_op_const(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    uint64_t hi = 0;
    if (in->type == IR_I128 || in->type == IR_V128 || in->type == IR_V256 || in->type == IR_F80)
        hi = ir_const_high(in);
    return lopt_const_bits(blk->b, (enum ir_type)in->type, in->imm, hi);
}

LLVMValueRef lopt_op_dead_flags(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    return NULL; /* lopt_kinds_step sees to it */
}

LLVMValueRef lopt_op_insn(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    blk->insn_pc = in->imm;
    return NULL;
}

LLVMValueRef lopt_op_call_hint(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    blk->return_pc = in->imm;
    return NULL;
}
