/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that run several iterations at once: a second loop before the guest's own, with vectors of `lanes` elements.
 *
 *     head:   nothing overlaps, and more than lanes iterations are left?  no -> guest's loop
 *             the first element may be stored to?                         (a fault, if not)
 *     vector: the last element may be stored to? loads, arithmetic; a NaN to be canonicalized?  yes -> guest's loop
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
 * I5  In a precise region a fault goes back to the begin of the group: no store of it has been made, and no flag
 *     raised. So loads come before arithmetic, and stores are made only to pages that have been written to: by the
 *     group before, or by a probe. Nobody else has the memory (plan/plan.c), so that they stay writable.
 */
#include "llvm-opt/emit/vloop.h"
#include "llvm-opt/emit/fp.h"
#include "llvm-opt/emit/insn.h"
#include "llvm-opt/emit/jump.h"
#include "llvm-opt/emit/mem.h"
#include "llvm-opt/emit/points.h"

enum { PAGE = 4096 }; /* or a part of one */

struct emit {
    struct lopt_block *blk;
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

static LLVMValueRef lanes_at(struct emit *e, ir_ref ref);

/* The lanes of a row that passes its value on (GET, or FUNBOX of one): the first is what the row has now, the others
 * are what it gets in the iteration before. */
static LLVMValueRef carried(struct emit *e, ir_ref at)
{
    struct lopt_block *blk = e->blk;
    struct lopt_build *b = blk->b;
    const struct ir_insn *in = &e->v->block->insns[at];
    ir_ref get = in->op == IR_GET ? at : in->arg[0];
    unsigned n = e->v->lanes;
    lopt_emit_insn(blk, get);
    if (at != get)
        lopt_emit_insn(blk, at);
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    LLVMValueRef first =
        b->ll->BuildInsertElement(b->ir, b->ll->GetUndef(e->type), lopt_exact(blk, at), lopt_int(b, i32, n - 1), "");
    LLVMValueRef rest = lanes_at(e, (ir_ref)e->v->shape[get].stride), index[LOPT_VLOOP_BYTES / 4];
    for (unsigned i = 0; i < n; i++)
        index[i] = lopt_int(b, i32, n - 1 + i);
    return b->ll->BuildShuffleVector(b->ir, first, rest, b->ll->ConstVector(index, n), "");
}

static LLVMValueRef splat(struct emit *e, LLVMValueRef x)
{
    struct lopt_build *b = e->blk->b;
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    LLVMValueRef undef = b->ll->GetUndef(e->type);
    LLVMValueRef v = b->ll->BuildInsertElement(b->ir, undef, x, lopt_int(b, i32, 0), "");
    return b->ll->BuildShuffleVector(b->ir, v, undef, b->ll->ConstNull(b->ll->VectorType(i32, e->v->lanes)), "");
}

/* exact: the bits matter, not only which number it is */
static LLVMValueRef lanes_of(struct emit *e, ir_ref ref, bool exact)
{
    struct lopt_block *blk = e->blk;
    if (lopt_vloop_is_lanes(e->v, ref))
        return lanes_at(e, ref);
    LLVMValueRef x = exact ? lopt_exact(blk, ref) : lopt_arith(blk, ref);
    return splat(e, lopt_bitcast(blk->b, x, lopt_type(blk->b, (enum ir_type)e->v->elem)));
}

static LLVMValueRef absolute(struct emit *e, LLVMValueRef x)
{
    struct lopt_build *b = e->blk->b;
    bool is_double = e->v->elem == IR_F64;
    LLVMValueRef mag[LOPT_VLOOP_BYTES / 4];
    for (unsigned i = 0; i < e->v->lanes; i++)
        mag[i] = lopt_int(b, lopt_type(b, is_double ? IR_I64 : IR_I32), is_double ? INT64_MAX : INT32_MAX);
    LLVMValueRef mask = b->ll->ConstVector(mag, e->v->lanes);
    return lopt_bitcast(b, lopt_bin(b, LLVMAnd, lopt_bitcast(b, x, b->ll->TypeOf(mask)), mask), e->type);
}

static LLVMValueRef lane_op(struct emit *e, const struct ir_insn *in)
{
    struct lopt_block *blk = e->blk;
    LLVMValueRef x[5];
    switch (in->op) {
    case IR_LD:
        return lopt_load_lanes(blk, in, e->type);
    case IR_GET:
    case IR_FUNBOX:
        return carried(e, (ir_ref)(in - e->v->block->insns));
    case IR_FCANON:
    case IR_BITCAST:
    case IR_FBOX: /* the NaN check sees to the first, lopt_op_put to the last */
        return lanes_at(e, in->arg[0]);
    case IR_FNEG:
        return blk->b->ll->BuildFNeg(blk->b->ir, lanes_of(e, in->arg[0], true), "");
    case IR_FABS:
        return absolute(e, lanes_of(e, in->arg[0], true));
    default:
        for (unsigned i = 0; i < ir_insn_arg_count(in); i++)
            x[i] = lanes_of(e, in->arg[i], false);
        return lopt_lanes(blk, in, x);
    }
}

/* Rows that carry lanes may need those of later instructions. */
static LLVMValueRef lanes_at(struct emit *e, ir_ref ref)
{
    if (!e->lanes[ref])
        e->lanes[ref] = lane_op(e, &e->v->block->insns[ref]);
    return e->lanes[ref];
}

/* The box of a carried single: only what is in it is in lanes. */
static bool is_carried_box(const struct emit *e, unsigned at)
{
    return e->v->block->insns[at].op == IR_GET && e->v->elem == IR_F32 && lopt_vloop_is_lanes(e->v, (ir_ref)at);
}

static void compute_integers(struct emit *e)
{
    for (unsigned i = 0; i < e->v->block->count; i++) {
        if (is_first(e, i))
            lopt_emit_insn(e->blk, i);
    }
}

static void load_all(struct emit *e)
{
    for (unsigned i = 0; i < e->v->block->count; i++) {
        if (e->v->block->insns[i].op == IR_LD && lopt_vloop_is_lanes(e->v, (ir_ref)i))
            lanes_at(e, (ir_ref)i);
    }
}

static void compute_lanes(struct emit *e)
{
    for (unsigned i = 0; i < e->v->block->count; i++) {
        if (lopt_vloop_is_lanes(e->v, (ir_ref)i) && !is_carried_box(e, i))
            lanes_at(e, (ir_ref)i);
    }
}

/* ---- when ---- */

static LLVMValueRef and_also(struct lopt_build *b, LLVMValueRef all, LLVMValueRef one)
{
    return all ? lopt_bin(b, LLVMAnd, all, one) : one;
}

/* True if the branch is taken in the next `lanes` iterations, x being what the first compares. */
static LLVMValueRef goes_on(struct emit *e, LLVMValueRef x, LLVMValueRef bound)
{
    static const uint8_t order[IR_COND_COUNT] = {
        [IR_SLT] = LLVMIntSLT, [IR_SGT] = LLVMIntSGT, [IR_ULT] = LLVMIntULT, [IR_UGT] = LLVMIntUGT};
    struct lopt_build *b = e->blk->b;
    int64_t stride = (int64_t)e->v->shape[e->v->x].stride;
    uint64_t last = (e->v->lanes - 1) * (uint64_t)(stride < 0 ? -stride : stride);
    LLVMValueRef left = stride > 0 ? lopt_bin(b, LLVMSub, bound, x) : lopt_bin(b, LLVMSub, x, bound);
    LLVMValueRef far = lopt_icmp(b, LLVMIntUGT, left, lopt_int(b, b->ll->TypeOf(x), last));
    if (e->v->cond == IR_NE)
        return far;
    return lopt_bin(b, LLVMAnd, far, lopt_icmp(b, (LLVMIntPredicate)order[e->v->cond], x, bound));
}

/* The same, `ahead` iterations further on. A sign-extended word is compared as a word: it wraps as one. */
static LLVMValueRef goes_on_after(struct emit *e, unsigned ahead)
{
    struct lopt_block *blk = e->blk;
    struct lopt_build *b = blk->b;
    struct lopt_shape s = e->v->shape[e->v->x];
    LLVMValueRef x = lopt_exact(blk, e->v->x), bound = lopt_exact(blk, e->v->bound);
    if (s.kind == LOPT_SHAPE_SEXT) {
        x = lopt_cast(b, LLVMTrunc, x, lopt_type(b, IR_I32));
        bound = lopt_cast(b, LLVMTrunc, bound, lopt_type(b, IR_I32));
    }
    return goes_on(e, lopt_bin(b, LLVMAdd, x, lopt_int(b, b->ll->TypeOf(x), s.stride * ahead)), bound);
}

static LLVMValueRef address_of(struct lopt_block *blk, const struct ir_insn *in)
{
    return lopt_bin(blk->b, LLVMAdd, lopt_exact(blk, in->arg[0]), lopt_i64(blk->b, in->imm));
}

/* I4: store does not hurt the access. With d = store - access, in bytes: an access that comes first may not lie in
 * 0 < d < size; a load that comes after it may not overlap at all. */
static LLVMValueRef is_apart(struct lopt_block *blk, unsigned store, unsigned access)
{
    const struct ir_insn *st = &blk->block->insns[store], *in = &blk->block->insns[access];
    bool after = access > store;
    LLVMValueRef d = lopt_bin(blk->b, LLVMSub, address_of(blk, st), address_of(blk, in));
    d = lopt_bin(blk->b, LLVMAdd, d, lopt_i64(blk->b, after ? LOPT_VLOOP_BYTES - 1 : UINT64_MAX));
    return lopt_icmp(blk->b, LLVMIntUGE, d, lopt_i64(blk->b, after ? 2 * LOPT_VLOOP_BYTES - 1 : LOPT_VLOOP_BYTES - 1));
}

static LLVMValueRef all_apart(struct emit *e)
{
    struct lopt_block *blk = e->blk;
    LLVMValueRef all = NULL;
    const struct ir_insn *insns = e->v->block->insns;
    for (unsigned s = 0; s < e->v->block->count; s++) {
        for (unsigned a = 0; insns[s].op == IR_ST && a < e->v->block->count; a++) {
            if (insns[a].op == IR_LD || (insns[a].op == IR_ST && a < s))
                all = and_also(blk->b, all, is_apart(blk, s, a));
        }
    }
    return all;
}

/* ---- faults (I5) ---- */

static bool is_precise(const struct emit *e) { return e->blk->plan->region->precise; }

/* From here to the next mark, a fault leads back to the block's head. */
static void open_point(struct emit *e)
{
    unsigned insns = 0;
    for (unsigned i = 0; i < e->v->block->count; i++)
        insns += e->v->block->insns[i].op == IR_INSN;
    if (is_precise(e))
        lopt_points_open(e->blk, 0, e->v->block->pc, insns * e->v->lanes);
}

static void mark_point(struct emit *e)
{
    if (is_precise(e))
        lopt_points_mark(e->blk);
}

static void probe_first(struct emit *e)
{
    for (unsigned i = 0; is_precise(e) && i < e->v->block->count; i++) {
        if (e->v->block->insns[i].op == IR_ST)
            lopt_probe_store(e->blk, &e->v->block->insns[i], 0);
    }
}

/* Probes the last byte that the store's group writes, if it is on another page than the byte before the group. That one
 * has been written, or the page begins with the group. */
static void probe_last(struct emit *e, const struct ir_insn *st)
{
    struct lopt_block *blk = e->blk;
    struct lopt_build *b = blk->b;
    LLVMValueRef a = address_of(blk, st), last = lopt_bin(b, LLVMAdd, a, lopt_i64(b, LOPT_VLOOP_BYTES - 1));
    a = lopt_bin(b, LLVMAdd, a, lopt_i64(b, UINT64_MAX));
    LLVMBasicBlockRef probe = lopt_new_bb(b, "probe"), proven = lopt_new_bb(b, "proven");
    LLVMValueRef other = lopt_icmp(b, LLVMIntUGE, lopt_bin(b, LLVMXor, a, last), lopt_i64(b, PAGE));
    lopt_branch_weighted(b, other, probe, proven, 1, PAGE / LOPT_VLOOP_BYTES);
    b->ll->PositionBuilderAtEnd(b->ir, probe);
    lopt_probe_store(blk, st, LOPT_VLOOP_BYTES - 1);
    b->ll->BuildBr(b->ir, proven);
    b->ll->PositionBuilderAtEnd(b->ir, proven);
}

static void probe_all(struct emit *e)
{
    for (unsigned i = 0; is_precise(e) && i < e->v->block->count; i++) {
        if (e->v->block->insns[i].op == IR_ST)
            probe_last(e, &e->v->block->insns[i]);
    }
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
    return in->op == IR_FMA && !e->blk->b->fp_fast ? e->lanes[at] : NULL; /* fp.c I4 */
}

static LLVMValueRef half(struct emit *e, LLVMValueRef x, unsigned which)
{
    struct lopt_build *b = e->blk->b;
    LLVMValueRef index[LOPT_VLOOP_BYTES / 8];
    unsigned n = e->v->lanes / 2;
    for (unsigned i = 0; i < n; i++)
        index[i] = lopt_int(b, lopt_type(b, IR_I32), which * n + i);
    return b->ll->BuildShuffleVector(b->ir, x, b->ll->GetUndef(e->type), b->ll->ConstVector(index, n), "");
}

/* True if one of them is; one compare looks at the two halves of a vector. NULL: there is nothing to look at. */
static LLVMValueRef any_nan(struct emit *e)
{
    struct lopt_build *b = e->blk->b;
    LLVMValueRef all = NULL;
    for (unsigned i = 0; i < e->v->block->count; i++) {
        LLVMValueRef x = checked(e, i);
        if (!x)
            continue;
        LLVMValueRef nan = b->ll->BuildFCmp(b->ir, LLVMRealUNO, half(e, x, 0), half(e, x, 1), "");
        all = all ? lopt_bin(b, LLVMOr, all, nan) : nan;
    }
    if (!all)
        return NULL;
    LLVMTypeRef bits = b->ll->IntTypeInContext(b->c->ctx, e->v->lanes / 2);
    return lopt_icmp(b, LLVMIntNE, lopt_bitcast(b, all, bits), lopt_int(b, bits, 0));
}

static void leave_for_nan(struct emit *e, LLVMValueRef nan, LLVMBasicBlockRef scalar, LLVMBasicBlockRef stores)
{
    struct lopt_build *b = e->blk->b;
    LLVMBasicBlockRef leave = lopt_new_bb(b, "nan");
    lopt_branch_weighted(b, nan, leave, stores, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, leave);
    mark_point(e);
    b->ll->BuildBr(b->ir, scalar);
}

/* ---- what the iterations leave behind ---- */

static void store_all(struct emit *e)
{
    struct lopt_block *blk = e->blk;
    for (unsigned i = 0; i < e->v->block->count; i++) {
        const struct ir_insn *in = &e->v->block->insns[i];
        if (in->op == IR_ST)
            lopt_store_lanes(blk, in, lanes_of(e, in->arg[1], true));
    }
}

/* The value in the last of the iterations. */
static struct lopt_val last_value(struct emit *e, unsigned at)
{
    struct lopt_block *blk = e->blk;
    struct lopt_build *b = blk->b;
    const struct ir_insn *in = &e->v->block->insns[at];
    struct lopt_shape s = e->v->shape[at];
    struct lopt_val val = {.form = LOPT_FORM_PLAIN};
    if (s.kind == LOPT_SHAPE_LANES && in->op == IR_FBOX)
        return (struct lopt_val){.form = LOPT_FORM_BOX, .inner = in->arg[0]};
    if (s.kind == LOPT_SHAPE_LANES) {
        LLVMValueRef x =
            b->ll->BuildExtractElement(b->ir, e->lanes[at], lopt_int(b, lopt_type(b, IR_I32), e->v->lanes - 1), "");
        if (in->op == IR_FCANON)
            return (struct lopt_val){.form = LOPT_FORM_CANON, .raw = x, .quiet = true};
        val.exact = in->op == IR_BITCAST ? lopt_bitcast(b, x, lopt_type(b, (enum ir_type)in->type)) : x;
        return val;
    }
    LLVMValueRef x = lopt_exact(blk, (ir_ref)at);
    LLVMTypeRef t = s.kind == LOPT_SHAPE_SEXT ? lopt_type(b, IR_I32) : b->ll->TypeOf(x);
    x = s.kind == LOPT_SHAPE_SEXT ? lopt_cast(b, LLVMTrunc, x, t) : x;
    x = lopt_bin(b, LLVMAdd, x, lopt_int(b, t, s.stride * (e->v->lanes - 1)));
    val.exact = s.kind == LOPT_SHAPE_SEXT ? lopt_cast(b, LLVMSExt, x, lopt_type(b, IR_I64)) : x;
    return val;
}

static void put_all(struct emit *e)
{
    struct lopt_block *blk = e->blk;
    for (unsigned i = 0; i < e->v->block->count; i++) {
        unsigned kind = e->v->shape[i].kind;
        if (kind != LOPT_SHAPE_NONE && kind != LOPT_SHAPE_WORD && !lopt_vloop_same(e->v, (ir_ref)i) &&
            !is_carried_box(e, i))
            blk->vals[i] = last_value(e, i);
    }
    for (unsigned i = 0; i < e->v->block->count; i++) {
        if (e->v->block->insns[i].op == IR_PUT)
            lopt_emit_insn(blk, i);
    }
}

/* ---- the loop ---- */

static void emit_loop(struct emit *e, unsigned index, LLVMBasicBlockRef loop)
{
    struct lopt_block *blk = e->blk;
    struct lopt_build *b = blk->b;
    LLVMBasicBlockRef stores = lopt_new_bb(b, "stores"), more = lopt_new_bb(b, "more");
    lopt_begin_block(blk, index);
    b->ll->PositionBuilderAtEnd(b->ir, loop);
    open_point(e);
    compute_integers(e);
    probe_all(e);
    load_all(e);
    compute_lanes(e);
    LLVMValueRef nan = any_nan(e), on = goes_on_after(e, e->v->lanes);
    if (nan)
        leave_for_nan(e, nan, blk->again[index], stores);
    else
        b->ll->BuildBr(b->ir, stores);
    b->ll->PositionBuilderAtEnd(b->ir, stores);
    store_all(e);
    put_all(e);
    mark_point(e); /* few vectors live here: the host may keep them only in part over a mark */
    lopt_branch_weighted(b, on, more, blk->again[index], 32, 1);
    b->ll->PositionBuilderAtEnd(b->ir, more);
    lopt_branch(blk, index, loop);
}

void lopt_vloop_emit(struct lopt_block *blk, unsigned index)
{
    struct lopt_build *b = blk->b;
    const struct lopt_vloop *v = blk->plan->vloops[index];
    if (!v)
        return;
    struct emit e = {.blk = blk, .v = v, .type = b->ll->VectorType(lopt_type(b, (enum ir_type)v->elem), v->lanes)};
    e.lanes = arena_alloc(b->arena, v->block->count * sizeof *e.lanes);
    LLVMBasicBlockRef first = lopt_new_bb(b, "first"), loop = lopt_new_bb(b, "vector");
    blk->again[index] = lopt_new_bb(b, "scalar");
    lopt_begin_block(blk, index);
    b->ll->PositionBuilderAtEnd(b->ir, blk->heads[index]);
    compute_integers(&e);
    LLVMValueRef apart = all_apart(&e);
    LLVMValueRef enough = and_also(b, apart, goes_on_after(&e, 0));
    lopt_branch_weighted(b, enough, first, blk->again[index], 8, 1);
    b->ll->PositionBuilderAtEnd(b->ir, first);
    open_point(&e);
    probe_first(&e);
    mark_point(&e);
    b->ll->BuildBr(b->ir, loop);
    emit_loop(&e, index, loop);
}
