/* SPDX-License-Identifier: Apache-2.0 */
/* Tag bits: at run time they say of which kind a row is whose kind depends on the way taken.
 *
 * I1  A tag bit is right at every place if the row is LOPT_TAG_ALWAYS, at the shared way out if it is LOPT_TAG_AT_EXIT.
 */
#include "llvm-opt/emit/tags.h"

/* tags = (tags & ~clear) | set */
void lopt_tags_change(struct lopt_build *b, LLVMValueRef tags, uint64_t clear, uint64_t set)
{
    LLVMValueRef v;
    if (!(clear | set))
        return;
    v = b->ll->BuildLoad2(b->ir, lopt_type(b, IR_I64), tags, "");
    if (clear)
        v = lopt_bin(b, LLVMAnd, v, lopt_i64(b, ~clear));
    if (set)
        v = lopt_bin(b, LLVMOr, v, lopt_i64(b, set));
    b->ll->BuildStore(b->ir, v, tags);
}

/* Tags of a row that holds one kind. */
uint64_t lopt_tags_of_kind(const struct lopt_row *r, uint8_t kind)
{
    return (kind & (LOPT_K_RAW | LOPT_K_RAWBOX) ? r->raw : 0) | (kind & LOPT_K_SINGLE ? r->single : 0);
}

void lopt_tags_set_kind(struct lopt_build *b, LLVMValueRef tags, const struct lopt_row *r, uint8_t kind)
{
    uint64_t set = lopt_tags_of_kind(r, kind);
    if (r->tagging == LOPT_TAG_ALWAYS)
        lopt_tags_change(b, tags, (r->raw | r->single) & ~set, set);
}

LLVMValueRef lopt_tags_load(struct lopt_build *b, LLVMValueRef tags, uint64_t bit)
{
    LLVMValueRef v = b->ll->BuildLoad2(b->ir, lopt_type(b, IR_I64), tags, "");
    return lopt_icmp(b, LLVMIntNE, lopt_bin(b, LLVMAnd, v, lopt_i64(b, bit)), lopt_i64(b, 0));
}

static LLVMValueRef tag_bits(struct lopt_build *b, LLVMValueRef flag, uint64_t bit)
{
    return lopt_sel(b, flag, lopt_i64(b, bit), lopt_i64(b, 0));
}

void lopt_tags_copy(struct lopt_build *b, LLVMValueRef tags, const struct lopt_row *r, const struct lopt_val *v)
{
    bool one_kind = !(v->kinds & (v->kinds - 1));
    if (r->tagging != LOPT_TAG_ALWAYS)
        return;
    if (one_kind) {
        lopt_tags_set_kind(b, tags, r, v->kinds);
        return;
    }
    LLVMValueRef t = b->ll->BuildLoad2(b->ir, lopt_type(b, IR_I64), tags, "");
    t = lopt_bin(b, LLVMAnd, t, lopt_i64(b, ~(r->raw | r->single)));
    t = lopt_bin(b, LLVMOr, t, tag_bits(b, v->rawtag, r->raw));
    if (r->single)
        t = lopt_bin(b, LLVMOr, t, tag_bits(b, v->single, r->single));
    b->ll->BuildStore(b->ir, t, tags);
}
