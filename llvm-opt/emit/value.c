/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the block being emitted, NaN forms, and small constructors of LLVM IR.
 *
 * I1  A value's exact form is made where it is first used, on the block's straight path: that place dominates every
 *     later use. Code that goes into a side path must ask for its operands before it branches off.
 * I2  The floating-point comparison of a NaN test raises no flag: it is emitted only where the value cannot be a
 *     signaling NaN, and so may be a plain one that LLVM moves or drops; elsewhere the test is on the bits.
 */
#include <string.h>

#include "llvm-opt/emit/emit.h"

enum ir_type lopt_type_of(const struct lopt_emit *l, ir_ref ref) { return ir_insn_result_type(&l->block->insns[ref]); }

void lopt_set_md(struct lopt_emit *l, LLVMValueRef insn, unsigned kind, LLVMValueRef node)
{
    l->ll->SetMetadata(insn, kind, node);
}

void lopt_set_weights(struct lopt_emit *l, LLVMValueRef br, uint64_t yes, uint64_t no)
{
    while (yes > UINT32_MAX / 2 || no > UINT32_MAX / 2)
        yes >>= 1, no >>= 1;
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    LLVMMetadataRef md[3] = {l->ll->MDStringInContext2(l->c->ctx, "branch_weights", 14),
                             l->ll->ValueAsMetadata(lopt_int(l, i32, yes + 1)),
                             l->ll->ValueAsMetadata(lopt_int(l, i32, no + 1))};
    LLVMMetadataRef node = l->ll->MDNodeInContext2(l->c->ctx, md, 3);
    lopt_set_md(l, br, l->c->kind_prof, l->ll->MetadataAsValue(l->c->ctx, node));
}

LLVMBasicBlockRef lopt_new_bb(struct lopt_emit *l, const char *name)
{
    return l->ll->AppendBasicBlockInContext(l->c->ctx, l->fn, name);
}

/* The operation that LLVM may fold and move, for fp_fast; NULL: it stays a constrained one. Conversions to integers do,
 * which otherwise would not be defined for all operands. */
static LLVMValueRef plain_op(struct lopt_emit *l, enum lopt_intrinsic id, LLVMTypeRef *types, LLVMValueRef *args)
{
    static const uint8_t ops[LOPT_INTR_COUNT] = {[LOPT_INTR_FADD] = LLVMFAdd,
                                                 [LOPT_INTR_FSUB] = LLVMFSub,
                                                 [LOPT_INTR_FMUL] = LLVMFMul,
                                                 [LOPT_INTR_FDIV] = LLVMFDiv};
    static const uint8_t casts[LOPT_INTR_COUNT] = {[LOPT_INTR_FPEXT] = LLVMFPExt,
                                                   [LOPT_INTR_FPTRUNC] = LLVMFPTrunc,
                                                   [LOPT_INTR_SITOFP] = LLVMSIToFP,
                                                   [LOPT_INTR_UITOFP] = LLVMUIToFP};
    if (ops[id])
        return lopt_bin(l, (LLVMOpcode)ops[id], args[0], args[1]);
    if (casts[id])
        return lopt_cast(l, (LLVMOpcode)casts[id], args[0], types[0]);
    if (id == LOPT_INTR_FSQRT)
        return lopt_call_intrinsic(l, LOPT_INTR_PLAIN_SQRT, types, 1, args, 1);
    return id == LOPT_INTR_FMA ? lopt_call_intrinsic(l, LOPT_INTR_PLAIN_FMA, types, 1, args, 3) : NULL;
}

LLVMValueRef lopt_call_intrinsic(struct lopt_emit *l, enum lopt_intrinsic id, LLVMTypeRef *types, unsigned ntypes,
                                 LLVMValueRef *args, unsigned nargs)
{
    LLVMValueRef plain = l->fp_fast ? plain_op(l, id, types, args) : NULL;
    if (plain)
        return plain;
    unsigned n = l->opt->intrinsic[id];
    LLVMValueRef f = l->ll->GetIntrinsicDeclaration(l->module, n, types, ntypes);
    LLVMTypeRef t = l->ll->IntrinsicGetType(l->c->ctx, n, types, ntypes);
    LLVMValueRef call = l->ll->BuildCall2(l->b, t, f, args, nargs, "");
    if (id >= LOPT_INTR_FADD)
        l->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, l->c->strictfp);
    return call;
}

static LLVMRealPredicate predicate(const char *cond)
{
    static const struct {
        const char *name;
        LLVMRealPredicate predicate;
    } all[] = {
        {"oeq", LLVMRealOEQ}, {"olt", LLVMRealOLT}, {"ole", LLVMRealOLE}, {"ogt", LLVMRealOGT}, {"uno", LLVMRealUNO}};
    unsigned i = 0;
    while (strcmp(all[i].name, cond) != 0)
        i++;
    return all[i].predicate;
}

LLVMValueRef lopt_assembly(struct lopt_emit *l, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
                           const char *constraints, LLVMAttributeRef memory)
{
    LLVMTypeRef types[3];
    for (unsigned i = 0; i < n; i++)
        types[i] = l->ll->TypeOf(args[i]);
    LLVMTypeRef t = l->ll->FunctionType(result, types, n, 0);
    LLVMValueRef code =
        l->ll->GetInlineAsm(t, text, strlen(text), constraints, strlen(constraints), 1, 0, LLVMInlineAsmDialectATT, 0);
    LLVMValueRef call = l->ll->BuildCall2(l->b, t, code, args, n, "");
    LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    l->ll->AddCallSiteAttribute(call, at_fn, l->c->nounwind);
    l->ll->AddCallSiteAttribute(call, at_fn, l->c->strictfp);
    l->ll->AddCallSiteAttribute(call, at_fn, memory);
    return call;
}

LLVMValueRef lopt_fcmp_plain(struct lopt_emit *l, const char *cond, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildFCmp(l->b, predicate(cond), a, b, "");
}

LLVMValueRef lopt_fcmp(struct lopt_emit *l, const char *cond, bool signaling, LLVMValueRef a, LLVMValueRef b)
{
    if (l->fp_fast)
        return lopt_fcmp_plain(l, cond, a, b);
    LLVMTypeRef t = l->ll->TypeOf(a);
    LLVMMetadataRef name = l->ll->MDStringInContext2(l->c->ctx, cond, strlen(cond));
    LLVMValueRef args[4] = {a, b, l->ll->MetadataAsValue(l->c->ctx, name), l->c->md_strict};
    return lopt_call_intrinsic(l, signaling ? LOPT_INTR_FCMPS : LOPT_INTR_FCMP, &t, 1, args, 4);
}

LLVMValueRef lopt_const_bits(struct lopt_emit *l, enum ir_type t, uint64_t lo, uint64_t hi)
{
    uint64_t words[4] = {lo, hi, 0, 0};
    switch (t) {
    case IR_F32:
        return l->ll->ConstBitCast(lopt_int(l, lopt_type(l, IR_I32), (uint32_t)lo), lopt_type(l, t));
    case IR_F64:
        return l->ll->ConstBitCast(lopt_i64(l, lo), lopt_type(l, t));
    case IR_F80:
        return l->ll->ConstBitCast(
            l->ll->ConstIntOfArbitraryPrecision(l->ll->IntTypeInContext(l->c->ctx, 80), 2, words), lopt_type(l, t));
    case IR_I128:
        return l->ll->ConstIntOfArbitraryPrecision(lopt_type(l, t), 2, words);
    case IR_V128:
    case IR_V256: {
        LLVMValueRef e[4];
        for (unsigned i = 0; i < 4; i++)
            e[i] = lopt_i64(l, words[i]);
        return l->ll->ConstVector(e, t == IR_V128 ? 2 : 4);
    }
    default:
        return lopt_int(l, lopt_type(l, t), lo);
    }
}

LLVMValueRef lopt_op_const(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    uint64_t hi = 0;
    if (in->type == IR_I128 || in->type == IR_V128 || in->type == IR_V256 || in->type == IR_F80)
        hi =
            (uint64_t)in->arg[0] | (uint64_t)in->arg[1] << 16 | (uint64_t)in->arg[2] << 32 | (uint64_t)in->arg[3] << 48;
    return lopt_const_bits(l, (enum ir_type)in->type, in->imm, hi);
}

LLVMValueRef lopt_is_nan_bits(struct lopt_emit *l, LLVMValueRef x)
{
    bool is_double = l->ll->TypeOf(x) == lopt_type(l, IR_F64);
    LLVMTypeRef t = lopt_type(l, is_double ? IR_I64 : IR_I32);
    LLVMValueRef bits = lopt_bitcast(l, x, t);
    LLVMValueRef mag = lopt_bin(l, LLVMAnd, bits, lopt_int(l, t, is_double ? INT64_MAX : INT32_MAX));
    return lopt_icmp(l, LLVMIntUGT, mag, lopt_int(l, t, is_double ? 0x7ff0000000000000 : 0x7f800000));
}

LLVMValueRef lopt_canon(struct lopt_emit *l, LLVMValueRef x, LLVMValueRef cond, bool quiet)
{
    bool is_double = l->ll->TypeOf(x) == lopt_type(l, IR_F64);
    LLVMValueRef nan = quiet && !cond ? l->ll->BuildFCmp(l->b, LLVMRealUNO, x, x, "") : lopt_is_nan_bits(l, x);
    if (cond)
        nan = lopt_bin(l, LLVMAnd, nan, cond);
    LLVMValueRef canonical =
        is_double ? lopt_const_bits(l, IR_F64, 0x7ff8000000000000, 0) : lopt_const_bits(l, IR_F32, 0x7fc00000, 0);
    return lopt_sel(l, nan, canonical, x);
}

LLVMValueRef lopt_box(struct lopt_emit *l, LLVMValueRef f32)
{
    LLVMValueRef bits = lopt_cast(l, LLVMZExt, lopt_bitcast(l, f32, lopt_type(l, IR_I32)), lopt_type(l, IR_I64));
    return lopt_bitcast(l, lopt_bin(l, LLVMOr, bits, lopt_i64(l, 0xffffffff00000000)), lopt_type(l, IR_F64));
}

LLVMValueRef lopt_unbox(struct lopt_emit *l, LLVMValueRef f64)
{
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    LLVMValueRef bits = lopt_bitcast(l, f64, lopt_type(l, IR_I64));
    if (l->fp_fast)
        return lopt_bitcast(l, lopt_cast(l, LLVMTrunc, bits, i32), lopt_type(l, IR_F32));
    LLVMValueRef boxed = lopt_icmp(l, LLVMIntUGE, bits, lopt_i64(l, 0xffffffff00000000));
    LLVMValueRef low = lopt_cast(l, LLVMTrunc, bits, i32);
    return lopt_bitcast(l, lopt_sel(l, boxed, low, lopt_int(l, i32, 0x7fc00000)), lopt_type(l, IR_F32));
}

LLVMValueRef lopt_exact(struct lopt_emit *l, ir_ref ref)
{
    struct lopt_val *v = &l->vals[ref];
    if (v->exact)
        return v->exact;
    switch ((enum lopt_form)v->form) {
    case LOPT_FORM_CANON:
        v->exact = lopt_canon(l, v->raw, v->cond, v->quiet);
        break;
    case LOPT_FORM_BOX:
        v->exact = lopt_box(l, lopt_exact(l, v->inner));
        break;
    case LOPT_FORM_ROW:
        v->exact = lopt_compose(l, v);
        break;
    case LOPT_FORM_PAIR:
        v->exact = lopt_pair_join(l, v);
        break;
    default:
        break;
    }
    return v->exact;
}

enum { GROUP = 8 };

static bool is_open_canon(const struct lopt_emit *l, ir_ref ref)
{
    const struct lopt_val *v = &l->vals[ref];
    return !v->exact && v->form == LOPT_FORM_CANON && v->quiet && !v->cond;
}

/* Values that this store and those after it in the block want canonical, and that are computed. */
static unsigned collect_group(const struct lopt_emit *l, const struct ir_insn *st, ir_ref *group)
{
    unsigned n = 0, at = (unsigned)(st - l->block->insns);
    for (unsigned i = at; i < l->block->count && n < GROUP; i++) {
        const struct ir_insn *in = &l->block->insns[i];
        bool wanted = in->op == IR_ST && in->arg[1] < at && is_open_canon(l, in->arg[1]);
        for (unsigned k = 0; k < n; k++)
            wanted &= group[k] != in->arg[1];
        if (wanted && (!n || l->ll->TypeOf(l->vals[in->arg[1]].raw) == l->ll->TypeOf(l->vals[group[0]].raw)))
            group[n++] = in->arg[1];
    }
    return n;
}

void lopt_canon_stores(struct lopt_emit *l, const struct ir_insn *st)
{
    ir_ref group[GROUP];
    LLVMValueRef any = NULL, exact[GROUP];
    unsigned n = collect_group(l, st, group);
    if (n < 2)
        return;
    for (unsigned i = 0; i < n; i += 2) {
        LLVMValueRef a = l->vals[group[i]].raw, b = l->vals[group[i + 1 < n ? i + 1 : i]].raw;
        LLVMValueRef nan = l->ll->BuildFCmp(l->b, LLVMRealUNO, a, b, "");
        any = any ? lopt_bin(l, LLVMOr, any, nan) : nan;
    }
    LLVMBasicBlockRef from = l->ll->GetInsertBlock(l->b), side = lopt_new_bb(l, "nan"), join = lopt_new_bb(l, "");
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, any, side, join), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, side);
    for (unsigned i = 0; i < n; i++)
        exact[i] = lopt_canon(l, l->vals[group[i]].raw, NULL, true);
    l->ll->BuildBr(l->b, join);
    l->ll->PositionBuilderAtEnd(l->b, join);
    for (unsigned i = 0; i < n; i++) {
        struct lopt_val *v = &l->vals[group[i]];
        v->exact = l->ll->BuildPhi(l->b, l->ll->TypeOf(v->raw), "");
        l->ll->AddIncoming(v->exact, &v->raw, &from, 1);
        l->ll->AddIncoming(v->exact, &exact[i], &side, 1);
    }
}

LLVMValueRef lopt_arith(struct lopt_emit *l, ir_ref ref)
{
    struct lopt_val *v = &l->vals[ref];
    if (v->form == LOPT_FORM_CANON && v->quiet && !v->cond)
        return v->raw;
    if (v->form == LOPT_FORM_CANON && v->cond) /* what needs canonicalization is quiet, and the rest is exact */
        return v->raw;
    if (v->form == LOPT_FORM_ROW && !(v->kinds & LOPT_K_SINGLE))
        return v->d;
    return lopt_exact(l, ref);
}

LLVMValueRef lopt_op_fcanon(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    struct lopt_val *v = &l->vals[in - l->block->insns];
    if (in->aux >> IR_FP_ELEM_SHIFT & 15 || (in->type != IR_F32 && in->type != IR_F64))
        return lopt_op_eval(l, in, 0);
    *v = (struct lopt_val){.form = LOPT_FORM_CANON, .raw = lopt_exact(l, in->arg[0])};
    v->quiet = lopt_is_quiet(l->block, in->arg[0]);
    return NULL;
}

LLVMValueRef lopt_op_fbox(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    l->vals[in - l->block->insns] = (struct lopt_val){.form = LOPT_FORM_BOX, .inner = in->arg[0]};
    return NULL;
}

LLVMValueRef lopt_op_funbox(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    struct lopt_val *v = &l->vals[in - l->block->insns];
    const struct lopt_val *from = &l->vals[in->arg[0]];
    if (from->form == LOPT_FORM_BOX) {
        *v = l->vals[from->inner];
        return NULL;
    }
    if (from->form != LOPT_FORM_ROW || !from->s_valid || !from->s)
        return lopt_unbox(l, lopt_exact(l, in->arg[0]));
    if (!(from->kinds & LOPT_K_RAWBOX))
        return from->s;
    *v = (struct lopt_val){.form = LOPT_FORM_CANON, .raw = from->s, .quiet = from->kinds == LOPT_K_RAWBOX};
    if (from->kinds != LOPT_K_RAWBOX)
        v->cond = lopt_bin(l, LLVMAnd, from->rawtag, from->single);
    return NULL;
}
