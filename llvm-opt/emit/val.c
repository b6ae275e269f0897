/* SPDX-License-Identifier: Apache-2.0 */
/* Exact values of those that are held otherwise. */
#include "llvm-opt/emit/val.h"
#include "llvm-opt/emit/nan.h"
#include "llvm-opt/plan/rows.h"

/* The exact register of a snapshot. */
LLVMValueRef lopt_compose(struct lopt_build *b, const struct lopt_val *v)
{
    LLVMValueRef wide = v->d, narrow = NULL;
    bool one_width = !(v->kinds & LOPT_K_SINGLE) || !(v->kinds & LOPT_K_DOUBLE);
    if (v->kinds & LOPT_K_RAW)
        wide = lopt_canon(b, v->d, v->kinds & LOPT_K_EXACT ? v->rawtag : NULL, v->kinds == LOPT_K_RAW);
    if (v->kinds & LOPT_K_SINGLE) {
        narrow = v->s;
        if (v->kinds & LOPT_K_RAWBOX)
            narrow = lopt_canon(b, v->s, v->kinds & LOPT_K_BOX ? v->rawtag : NULL, v->kinds == LOPT_K_RAWBOX);
        narrow = lopt_box(b, narrow);
    }
    if (one_width)
        return narrow ? narrow : wide;
    return lopt_sel(b, v->single, narrow, wide);
}

static LLVMTypeRef pair_type(struct lopt_build *b, enum ir_type e) { return b->ll->VectorType(lopt_type(b, e), 2); }

static LLVMValueRef index_of(struct lopt_build *b, unsigned i) { return lopt_int(b, lopt_type(b, IR_I32), i); }

LLVMValueRef lopt_pair_join(struct lopt_build *b, const struct lopt_val *v)
{
    LLVMValueRef x = b->ll->GetUndef(pair_type(b, IR_F64));
    x = b->ll->BuildInsertElement(b->ir, x, lopt_bitcast(b, v->high, lopt_type(b, IR_F64)), index_of(b, 1), "");
    x = b->ll->BuildInsertElement(b->ir, x, v->low, index_of(b, 0), "");
    return lopt_bitcast(b, x, lopt_type(b, IR_V128));
}

static LLVMValueRef element(struct lopt_build *b, LLVMValueRef vector, enum ir_type e, unsigned i)
{
    return b->ll->BuildExtractElement(b->ir, lopt_bitcast(b, vector, pair_type(b, e)), index_of(b, i), "");
}

struct lopt_val lopt_pair(LLVMValueRef low, LLVMValueRef high)
{
    return (struct lopt_val){.form = LOPT_FORM_PAIR, .low = low, .high = high};
}

struct lopt_val lopt_pair_of(struct lopt_build *b, LLVMValueRef vector)
{
    return lopt_pair(element(b, vector, IR_F64, 0), element(b, vector, IR_I64, 1));
}

LLVMValueRef lopt_pair_high(struct lopt_build *b, LLVMValueRef vector) { return element(b, vector, IR_I64, 1); }
