/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that run several iterations at once: a second loop before the guest's own, with vectors of `lanes` elements.
 *
 *     head:   nothing overlaps, and more than lanes iterations are left?  no -> guest's loop
 *     vector: loads, arithmetic; a NaN to be canonicalized?               yes -> guest's loop
 *             stores, registers; more than lanes iterations left?         no -> guest's loop
 *             poll; vector
 *
 * I1  Both ways to the guest's loop are in the state that the guest has at the block's head, and so is the poll.
 * I2  The vector loop leaves at least one iteration to the guest's loop: the guest's loop alone decides how the loop
 *     ends.
 * I3  Packed operations raise the union of the flags of their lanes, each of which the guest's loop would have raised.
 *     If the guest's loop does the iterations again (a NaN), it raises the same flags again, and those that only it
 *     raises (FMA).
 * I4  A group's loads come before its stores: none of its stores may overlap what a later iteration of it loads, nor
 *     what was loaded after it in the same iteration. Accesses grow by the same stride, so asking once before the loop
 *     is enough.
 */
#include "llvm-opt/plan/vloop.h"

struct emit {
    struct lopt_emit *l;
    const struct lopt_vloop *v;
    LLVMTypeRef type;    /* of a vector */
    LLVMValueRef *lanes; /* per value of LOPT_SHAPE_LANES */
};

/* Integers and what stays the same, as they are in the first of the iterations. */
static bool is_first(const struct emit *e, unsigned at)
{
    unsigned kind = e->v->shape[at].kind;
    return kind != LOPT_SHAPE_NONE && kind != LOPT_SHAPE_LANES;
}

static LLVMValueRef splat(struct emit *e, LLVMValueRef x)
{
    struct lopt_emit *l = e->l;
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    LLVMValueRef undef = l->ll->GetUndef(e->type);
    LLVMValueRef v = l->ll->BuildInsertElement(l->b, undef, x, lopt_int(l, i32, 0), "");
    return l->ll->BuildShuffleVector(l->b, v, undef, l->ll->ConstNull(l->ll->VectorType(i32, e->v->lanes)), "");
}

/* exact: the bits matter, not only which number it is */
static LLVMValueRef lanes_of(struct emit *e, ir_ref ref, bool exact)
{
    if (lopt_vloop_is_lanes(e->v, ref))
        return e->lanes[ref];
    LLVMValueRef x = exact ? lopt_exact(e->l, ref) : lopt_arith(e->l, ref);
    return splat(e, lopt_bitcast(e->l, x, lopt_type(e->l, (enum ir_type)e->v->elem)));
}

static LLVMValueRef absolute(struct emit *e, LLVMValueRef x)
{
    struct lopt_emit *l = e->l;
    bool is_double = e->v->elem == IR_F64;
    LLVMValueRef mag[LOPT_VLOOP_BYTES / 4];
    for (unsigned i = 0; i < e->v->lanes; i++)
        mag[i] = lopt_int(l, lopt_type(l, is_double ? IR_I64 : IR_I32), is_double ? INT64_MAX : INT32_MAX);
    LLVMValueRef mask = l->ll->ConstVector(mag, e->v->lanes);
    return lopt_bitcast(l, lopt_bin(l, LLVMAnd, lopt_bitcast(l, x, l->ll->TypeOf(mask)), mask), e->type);
}

static LLVMValueRef lane_op(struct emit *e, const struct ir_insn *in)
{
    LLVMValueRef x[5];
    switch (in->op) {
    case IR_LD:
        return lopt_load_lanes(e->l, in, e->type);
    case IR_FCANON:
    case IR_BITCAST:
    case IR_FBOX: /* the NaN check sees to the first, lopt_op_put to the last */
        return e->lanes[in->arg[0]];
    case IR_FNEG:
        return e->l->ll->BuildFNeg(e->l->b, lanes_of(e, in->arg[0], true), "");
    case IR_FABS:
        return absolute(e, lanes_of(e, in->arg[0], true));
    default:
        for (unsigned i = 0; i < ir_insn_arg_count(in); i++)
            x[i] = lanes_of(e, in->arg[i], false);
        return lopt_lanes(e->l, in, x);
    }
}

/* All of an iteration but its stores and PUTs; lanes: those of LOPT_SHAPE_LANES, too. */
static void compute(struct emit *e, bool lanes)
{
    for (unsigned i = 0; i < e->v->block->count; i++) {
        const struct ir_insn *in = &e->v->block->insns[i];
        if (is_first(e, i))
            lopt_emit_insn(e->l, i);
        else if (lanes && lopt_vloop_is_lanes(e->v, (ir_ref)i))
            e->lanes[i] = lane_op(e, in);
    }
}

/* ---- when ---- */

static LLVMValueRef and_also(struct lopt_emit *l, LLVMValueRef all, LLVMValueRef one)
{
    return all ? lopt_bin(l, LLVMAnd, all, one) : one;
}

/* True if the branch is taken in the next `lanes` iterations, x being what the first compares. */
static LLVMValueRef goes_on(struct emit *e, LLVMValueRef x, LLVMValueRef bound)
{
    static const uint8_t order[IR_COND_COUNT] = {
        [IR_SLT] = LLVMIntSLT, [IR_SGT] = LLVMIntSGT, [IR_ULT] = LLVMIntULT, [IR_UGT] = LLVMIntUGT};
    struct lopt_emit *l = e->l;
    int64_t stride = (int64_t)e->v->shape[e->v->x].stride;
    uint64_t last = (e->v->lanes - 1) * (uint64_t)(stride < 0 ? -stride : stride);
    LLVMValueRef left = stride > 0 ? lopt_bin(l, LLVMSub, bound, x) : lopt_bin(l, LLVMSub, x, bound);
    LLVMValueRef far = lopt_icmp(l, LLVMIntUGT, left, lopt_int(l, l->ll->TypeOf(x), last));
    if (e->v->cond == IR_NE)
        return far;
    return lopt_bin(l, LLVMAnd, far, lopt_icmp(l, (LLVMIntPredicate)order[e->v->cond], x, bound));
}

/* The same, `ahead` iterations further on. A sign-extended word is compared as a word: it wraps as one. */
static LLVMValueRef goes_on_after(struct emit *e, unsigned ahead)
{
    struct lopt_emit *l = e->l;
    struct lopt_shape s = e->v->shape[e->v->x];
    LLVMValueRef x = lopt_exact(l, e->v->x), bound = lopt_exact(l, e->v->bound);
    if (s.kind == LOPT_SHAPE_SEXT) {
        x = lopt_cast(l, LLVMTrunc, x, lopt_type(l, IR_I32));
        bound = lopt_cast(l, LLVMTrunc, bound, lopt_type(l, IR_I32));
    }
    return goes_on(e, lopt_bin(l, LLVMAdd, x, lopt_int(l, l->ll->TypeOf(x), s.stride * ahead)), bound);
}

static LLVMValueRef address_of(struct lopt_emit *l, const struct ir_insn *in)
{
    return lopt_bin(l, LLVMAdd, lopt_exact(l, in->arg[0]), lopt_i64(l, in->imm));
}

/* I4: store does not hurt the access. With d = store - access, in bytes: an access that comes first may not lie in
 * 0 < d < size; a load that comes after it may not overlap at all. */
static LLVMValueRef is_apart(struct lopt_emit *l, unsigned store, unsigned access)
{
    const struct ir_insn *st = &l->block->insns[store], *in = &l->block->insns[access];
    bool after = access > store;
    LLVMValueRef d = lopt_bin(l, LLVMSub, address_of(l, st), address_of(l, in));
    d = lopt_bin(l, LLVMAdd, d, lopt_i64(l, after ? LOPT_VLOOP_BYTES - 1 : UINT64_MAX));
    return lopt_icmp(l, LLVMIntUGE, d, lopt_i64(l, after ? 2 * LOPT_VLOOP_BYTES - 1 : LOPT_VLOOP_BYTES - 1));
}

static LLVMValueRef all_apart(struct emit *e)
{
    LLVMValueRef all = NULL;
    const struct ir_insn *insns = e->v->block->insns;
    for (unsigned s = 0; s < e->v->block->count; s++) {
        for (unsigned a = 0; insns[s].op == IR_ST && a < e->v->block->count; a++) {
            if (insns[a].op == IR_LD || (insns[a].op == IR_ST && a < s))
                all = and_also(e->l, all, is_apart(e->l, s, a));
        }
    }
    return all;
}

/* ---- NaNs ---- */

static bool needs_canonical(const struct emit *e, ir_ref ref)
{
    return lopt_vloop_is_lanes(e->v, ref) && e->v->block->insns[ref].op == IR_FCANON;
}

/* The lanes that this instruction wants to be no NaN, or NULL. */
static LLVMValueRef checked(const struct emit *e, unsigned at)
{
    const struct ir_insn *in = &e->v->block->insns[at];
    if (in->op == IR_ST && needs_canonical(e, in->arg[1]))
        return e->lanes[in->arg[1]];
    if ((in->op == IR_FNEG || in->op == IR_FABS || in->op == IR_BITCAST) && needs_canonical(e, in->arg[0]))
        return e->lanes[in->arg[0]];
    return in->op == IR_FMA && !e->l->fp_fast ? e->lanes[at] : NULL; /* fp.c I4 */
}

static LLVMValueRef half(struct emit *e, LLVMValueRef x, unsigned which)
{
    LLVMValueRef index[LOPT_VLOOP_BYTES / 8];
    unsigned n = e->v->lanes / 2;
    for (unsigned i = 0; i < n; i++)
        index[i] = lopt_int(e->l, lopt_type(e->l, IR_I32), which * n + i);
    return e->l->ll->BuildShuffleVector(e->l->b, x, e->l->ll->GetUndef(e->type), e->l->ll->ConstVector(index, n), "");
}

/* True if one of them is; one compare looks at the two halves of a vector. NULL: there is nothing to look at. */
static LLVMValueRef any_nan(struct emit *e)
{
    struct lopt_emit *l = e->l;
    LLVMValueRef all = NULL;
    for (unsigned i = 0; i < e->v->block->count; i++) {
        LLVMValueRef x = checked(e, i);
        if (!x)
            continue;
        LLVMValueRef nan = l->ll->BuildFCmp(l->b, LLVMRealUNO, half(e, x, 0), half(e, x, 1), "");
        all = all ? lopt_bin(l, LLVMOr, all, nan) : nan;
    }
    if (!all)
        return NULL;
    LLVMTypeRef bits = l->ll->IntTypeInContext(l->c->ctx, e->v->lanes / 2);
    return lopt_icmp(l, LLVMIntNE, lopt_bitcast(l, all, bits), lopt_int(l, bits, 0));
}

/* ---- what the iterations leave behind ---- */

static void store_all(struct emit *e)
{
    for (unsigned i = 0; i < e->v->block->count; i++) {
        const struct ir_insn *in = &e->v->block->insns[i];
        if (in->op == IR_ST)
            lopt_store_lanes(e->l, in, lanes_of(e, in->arg[1], true));
    }
}

/* The value in the last of the iterations. */
static struct lopt_val last_value(struct emit *e, unsigned at)
{
    struct lopt_emit *l = e->l;
    const struct ir_insn *in = &e->v->block->insns[at];
    struct lopt_shape s = e->v->shape[at];
    struct lopt_val val = {.form = LOPT_FORM_PLAIN};
    if (s.kind == LOPT_SHAPE_LANES && in->op == IR_FBOX)
        return (struct lopt_val){.form = LOPT_FORM_BOX, .inner = in->arg[0]};
    if (s.kind == LOPT_SHAPE_LANES) {
        LLVMValueRef x =
            l->ll->BuildExtractElement(l->b, e->lanes[at], lopt_int(l, lopt_type(l, IR_I32), e->v->lanes - 1), "");
        if (in->op == IR_FCANON)
            return (struct lopt_val){.form = LOPT_FORM_CANON, .raw = x, .quiet = true};
        val.exact = in->op == IR_BITCAST ? lopt_bitcast(l, x, lopt_type(l, (enum ir_type)in->type)) : x;
        return val;
    }
    LLVMValueRef x = lopt_exact(l, (ir_ref)at);
    LLVMTypeRef t = s.kind == LOPT_SHAPE_SEXT ? lopt_type(l, IR_I32) : l->ll->TypeOf(x);
    x = s.kind == LOPT_SHAPE_SEXT ? lopt_cast(l, LLVMTrunc, x, t) : x;
    x = lopt_bin(l, LLVMAdd, x, lopt_int(l, t, s.stride * (e->v->lanes - 1)));
    val.exact = s.kind == LOPT_SHAPE_SEXT ? lopt_cast(l, LLVMSExt, x, lopt_type(l, IR_I64)) : x;
    return val;
}

static void put_all(struct emit *e)
{
    struct lopt_emit *l = e->l;
    for (unsigned i = 0; i < e->v->block->count; i++) {
        unsigned kind = e->v->shape[i].kind;
        if (kind != LOPT_SHAPE_NONE && kind != LOPT_SHAPE_WORD && !lopt_vloop_same(e->v, (ir_ref)i))
            l->vals[i] = last_value(e, i);
    }
    for (unsigned i = 0; i < e->v->block->count; i++) {
        if (e->v->block->insns[i].op == IR_PUT)
            lopt_emit_insn(l, i);
    }
}

/* ---- the loop ---- */

static void branch(struct lopt_emit *l, LLVMValueRef cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no, uint64_t w_yes,
                   uint64_t w_no)
{
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, cond, yes, no), w_yes, w_no);
}

static void emit_loop(struct emit *e, unsigned index, LLVMBasicBlockRef loop)
{
    struct lopt_emit *l = e->l;
    LLVMBasicBlockRef stores = lopt_new_bb(l, "stores"), more = lopt_new_bb(l, "more");
    lopt_begin_block(l, index);
    l->ll->PositionBuilderAtEnd(l->b, loop);
    compute(e, true);
    LLVMValueRef nan = any_nan(e), on = goes_on_after(e, e->v->lanes);
    if (nan)
        branch(l, nan, l->again[index], stores, 0, 1000000);
    else
        l->ll->BuildBr(l->b, stores);
    l->ll->PositionBuilderAtEnd(l->b, stores);
    store_all(e);
    put_all(e);
    branch(l, on, more, l->again[index], 32, 1);
    l->ll->PositionBuilderAtEnd(l->b, more);
    lopt_branch(l, index, loop);
}

void lopt_vloop_emit(struct lopt_emit *l, unsigned index)
{
    struct lopt_vloop v;
    if (!lopt_vloop_find(l, l->region->blocks[index].block, &v))
        return;
    struct emit e = {.l = l, .v = &v, .type = l->ll->VectorType(lopt_type(l, (enum ir_type)v.elem), v.lanes)};
    e.lanes = arena_alloc(&l->arena, v.block->count * sizeof *e.lanes);
    LLVMBasicBlockRef loop = lopt_new_bb(l, "vector");
    l->again[index] = lopt_new_bb(l, "scalar");
    lopt_begin_block(l, index);
    l->ll->PositionBuilderAtEnd(l->b, l->bb[index]);
    compute(&e, false);
    LLVMValueRef apart = all_apart(&e);
    branch(l, and_also(l, apart, goes_on_after(&e, 0)), loop, l->again[index], 8, 1);
    emit_loop(&e, index, loop);
}
