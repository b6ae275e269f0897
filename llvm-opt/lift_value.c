/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the block being lifted, NaN forms, and small constructors of LLVM IR.
 *
 * I1  A value's exact form is made where it is first used, on the block's straight path: that place dominates every
 *     later use. Code that goes into a side path must ask for its operands before it branches off.
 * I2  The floating-point comparison of a NaN test raises no flag: it is emitted only where the value cannot be a
 *     signaling NaN, and so may be a plain one that LLVM moves or drops; elsewhere the test is on the bits.
 */
#include <string.h>

#include "llvm-opt/lift.h"

enum ir_type lift_type_of(const struct lift *l, ir_ref ref) { return ir_insn_result_type(&l->block->insns[ref]); }

void lift_set_md(struct lift *l, LLVMValueRef insn, unsigned kind, LLVMValueRef node)
{
    l->ll->SetMetadata(insn, kind, node);
}

void lift_set_weights(struct lift *l, LLVMValueRef br, uint64_t yes, uint64_t no)
{
    while (yes > UINT32_MAX / 2 || no > UINT32_MAX / 2)
        yes >>= 1, no >>= 1;
    LLVMTypeRef i32 = lt(l, IR_I32);
    LLVMMetadataRef md[3] = {l->ll->MDStringInContext2(l->c->ctx, "branch_weights", 14),
                             l->ll->ValueAsMetadata(l_int(l, i32, yes + 1)),
                             l->ll->ValueAsMetadata(l_int(l, i32, no + 1))};
    LLVMMetadataRef node = l->ll->MDNodeInContext2(l->c->ctx, md, 3);
    lift_set_md(l, br, l->c->kind_prof, l->ll->MetadataAsValue(l->c->ctx, node));
}

LLVMBasicBlockRef lift_new_bb(struct lift *l, const char *name)
{
    return l->ll->AppendBasicBlockInContext(l->c->ctx, l->fn, name);
}

/* The operation that LLVM may fold and move, for fp_fast; NULL: it stays a constrained one. Conversions to integers do,
 * which otherwise would not be defined for all operands. */
static LLVMValueRef plain_op(struct lift *l, enum intrinsic id, LLVMTypeRef *types, LLVMValueRef *args)
{
    static const uint8_t ops[INTR_COUNT] = {
        [INTR_FADD] = LLVMFAdd, [INTR_FSUB] = LLVMFSub, [INTR_FMUL] = LLVMFMul, [INTR_FDIV] = LLVMFDiv};
    static const uint8_t casts[INTR_COUNT] = {
        [INTR_FPEXT] = LLVMFPExt, [INTR_FPTRUNC] = LLVMFPTrunc, [INTR_SITOFP] = LLVMSIToFP, [INTR_UITOFP] = LLVMUIToFP};
    if (ops[id])
        return l_bin(l, (LLVMOpcode)ops[id], args[0], args[1]);
    if (casts[id])
        return l_cast(l, (LLVMOpcode)casts[id], args[0], types[0]);
    if (id == INTR_FSQRT)
        return lift_call_intrinsic(l, INTR_PLAIN_SQRT, types, 1, args, 1);
    return id == INTR_FMA ? lift_call_intrinsic(l, INTR_PLAIN_FMA, types, 1, args, 3) : NULL;
}

LLVMValueRef lift_call_intrinsic(struct lift *l, enum intrinsic id, LLVMTypeRef *types, unsigned ntypes,
                                 LLVMValueRef *args, unsigned nargs)
{
    LLVMValueRef plain = l->fp_fast ? plain_op(l, id, types, args) : NULL;
    if (plain)
        return plain;
    unsigned n = l->opt->intrinsic[id];
    LLVMValueRef f = l->ll->GetIntrinsicDeclaration(l->module, n, types, ntypes);
    LLVMTypeRef t = l->ll->IntrinsicGetType(l->c->ctx, n, types, ntypes);
    LLVMValueRef call = l->ll->BuildCall2(l->b, t, f, args, nargs, "");
    if (id >= INTR_FADD)
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

LLVMValueRef lift_assembly(struct lift *l, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
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

LLVMValueRef lift_fcmp_plain(struct lift *l, const char *cond, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildFCmp(l->b, predicate(cond), a, b, "");
}

LLVMValueRef lift_fcmp(struct lift *l, const char *cond, bool signaling, LLVMValueRef a, LLVMValueRef b)
{
    if (l->fp_fast)
        return lift_fcmp_plain(l, cond, a, b);
    LLVMTypeRef t = l->ll->TypeOf(a);
    LLVMMetadataRef name = l->ll->MDStringInContext2(l->c->ctx, cond, strlen(cond));
    LLVMValueRef args[4] = {a, b, l->ll->MetadataAsValue(l->c->ctx, name), l->c->md_strict};
    return lift_call_intrinsic(l, signaling ? INTR_FCMPS : INTR_FCMP, &t, 1, args, 4);
}

LLVMValueRef lift_const_bits(struct lift *l, enum ir_type t, uint64_t lo, uint64_t hi)
{
    uint64_t words[4] = {lo, hi, 0, 0};
    switch (t) {
    case IR_F32:
        return l->ll->ConstBitCast(l_int(l, lt(l, IR_I32), (uint32_t)lo), lt(l, t));
    case IR_F64:
        return l->ll->ConstBitCast(l_i64(l, lo), lt(l, t));
    case IR_F80:
        return l->ll->ConstBitCast(
            l->ll->ConstIntOfArbitraryPrecision(l->ll->IntTypeInContext(l->c->ctx, 80), 2, words), lt(l, t));
    case IR_I128:
        return l->ll->ConstIntOfArbitraryPrecision(lt(l, t), 2, words);
    case IR_V128:
    case IR_V256: {
        LLVMValueRef e[4];
        for (unsigned i = 0; i < 4; i++)
            e[i] = l_i64(l, words[i]);
        return l->ll->ConstVector(e, t == IR_V128 ? 2 : 4);
    }
    default:
        return l_int(l, lt(l, t), lo);
    }
}

LLVMValueRef lift_const(struct lift *l, const struct ir_insn *in, unsigned param)
{
    uint64_t hi = 0;
    if (in->type == IR_I128 || in->type == IR_V128 || in->type == IR_V256 || in->type == IR_F80)
        hi =
            (uint64_t)in->arg[0] | (uint64_t)in->arg[1] << 16 | (uint64_t)in->arg[2] << 32 | (uint64_t)in->arg[3] << 48;
    return lift_const_bits(l, (enum ir_type)in->type, in->imm, hi);
}

LLVMValueRef lift_is_nan_bits(struct lift *l, LLVMValueRef x)
{
    bool is_double = l->ll->TypeOf(x) == lt(l, IR_F64);
    LLVMTypeRef t = lt(l, is_double ? IR_I64 : IR_I32);
    LLVMValueRef bits = l_bitcast(l, x, t);
    LLVMValueRef mag = l_bin(l, LLVMAnd, bits, l_int(l, t, is_double ? INT64_MAX : INT32_MAX));
    return l_icmp(l, LLVMIntUGT, mag, l_int(l, t, is_double ? 0x7ff0000000000000 : 0x7f800000));
}

LLVMValueRef lift_canon(struct lift *l, LLVMValueRef x, LLVMValueRef cond, bool quiet)
{
    bool is_double = l->ll->TypeOf(x) == lt(l, IR_F64);
    LLVMValueRef nan = quiet && !cond ? l->ll->BuildFCmp(l->b, LLVMRealUNO, x, x, "") : lift_is_nan_bits(l, x);
    if (cond)
        nan = l_bin(l, LLVMAnd, nan, cond);
    LLVMValueRef canonical =
        is_double ? lift_const_bits(l, IR_F64, 0x7ff8000000000000, 0) : lift_const_bits(l, IR_F32, 0x7fc00000, 0);
    return l_sel(l, nan, canonical, x);
}

LLVMValueRef lift_box(struct lift *l, LLVMValueRef f32)
{
    LLVMValueRef bits = l_cast(l, LLVMZExt, l_bitcast(l, f32, lt(l, IR_I32)), lt(l, IR_I64));
    return l_bitcast(l, l_bin(l, LLVMOr, bits, l_i64(l, 0xffffffff00000000)), lt(l, IR_F64));
}

LLVMValueRef lift_unbox(struct lift *l, LLVMValueRef f64)
{
    LLVMTypeRef i32 = lt(l, IR_I32);
    LLVMValueRef bits = l_bitcast(l, f64, lt(l, IR_I64));
    if (l->fp_fast)
        return l_bitcast(l, l_cast(l, LLVMTrunc, bits, i32), lt(l, IR_F32));
    LLVMValueRef boxed = l_icmp(l, LLVMIntUGE, bits, l_i64(l, 0xffffffff00000000));
    LLVMValueRef low = l_cast(l, LLVMTrunc, bits, i32);
    return l_bitcast(l, l_sel(l, boxed, low, l_int(l, i32, 0x7fc00000)), lt(l, IR_F32));
}

LLVMValueRef lift_exact(struct lift *l, ir_ref ref)
{
    struct lift_val *v = &l->vals[ref];
    if (v->exact)
        return v->exact;
    switch ((enum lift_form)v->form) {
    case FORM_CANON:
        v->exact = lift_canon(l, v->raw, v->cond, v->quiet);
        break;
    case FORM_BOX:
        v->exact = lift_box(l, lift_exact(l, v->inner));
        break;
    case FORM_ROW:
        v->exact = lift_compose(l, v);
        break;
    case FORM_PAIR:
        v->exact = lift_pair_join(l, v);
        break;
    default:
        break;
    }
    return v->exact;
}

enum { GROUP = 8 };

static bool is_open_canon(const struct lift *l, ir_ref ref)
{
    const struct lift_val *v = &l->vals[ref];
    return !v->exact && v->form == FORM_CANON && v->quiet && !v->cond;
}

/* Values that this store and those after it in the block want canonical, and that are computed. */
static unsigned collect_group(const struct lift *l, const struct ir_insn *st, ir_ref *group)
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

void lift_canon_stores(struct lift *l, const struct ir_insn *st)
{
    ir_ref group[GROUP];
    LLVMValueRef any = NULL, exact[GROUP];
    unsigned n = collect_group(l, st, group);
    if (n < 2)
        return;
    for (unsigned i = 0; i < n; i += 2) {
        LLVMValueRef a = l->vals[group[i]].raw, b = l->vals[group[i + 1 < n ? i + 1 : i]].raw;
        LLVMValueRef nan = l->ll->BuildFCmp(l->b, LLVMRealUNO, a, b, "");
        any = any ? l_bin(l, LLVMOr, any, nan) : nan;
    }
    LLVMBasicBlockRef from = l->ll->GetInsertBlock(l->b), side = lift_new_bb(l, "nan"), join = lift_new_bb(l, "");
    lift_set_weights(l, l->ll->BuildCondBr(l->b, any, side, join), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, side);
    for (unsigned i = 0; i < n; i++)
        exact[i] = lift_canon(l, l->vals[group[i]].raw, NULL, true);
    l->ll->BuildBr(l->b, join);
    l->ll->PositionBuilderAtEnd(l->b, join);
    for (unsigned i = 0; i < n; i++) {
        struct lift_val *v = &l->vals[group[i]];
        v->exact = l->ll->BuildPhi(l->b, l->ll->TypeOf(v->raw), "");
        l->ll->AddIncoming(v->exact, &v->raw, &from, 1);
        l->ll->AddIncoming(v->exact, &exact[i], &side, 1);
    }
}

LLVMValueRef lift_arith(struct lift *l, ir_ref ref)
{
    struct lift_val *v = &l->vals[ref];
    if (v->form == FORM_CANON && v->quiet && !v->cond)
        return v->raw;
    if (v->form == FORM_CANON && v->cond) /* what needs canonicalization is quiet, and the rest is exact */
        return v->raw;
    if (v->form == FORM_ROW && !(v->kinds & K_SINGLE))
        return v->d;
    return lift_exact(l, ref);
}

LLVMValueRef lift_fcanon(struct lift *l, const struct ir_insn *in, unsigned param)
{
    struct lift_val *v = &l->vals[in - l->block->insns];
    if (in->aux >> IR_FP_ELEM_SHIFT & 15 || (in->type != IR_F32 && in->type != IR_F64))
        return lift_eval(l, in, 0);
    *v = (struct lift_val){.form = FORM_CANON, .raw = lift_exact(l, in->arg[0])};
    v->quiet = lift_is_quiet(l->block, in->arg[0]);
    return NULL;
}

LLVMValueRef lift_fbox(struct lift *l, const struct ir_insn *in, unsigned param)
{
    l->vals[in - l->block->insns] = (struct lift_val){.form = FORM_BOX, .inner = in->arg[0]};
    return NULL;
}

LLVMValueRef lift_funbox(struct lift *l, const struct ir_insn *in, unsigned param)
{
    struct lift_val *v = &l->vals[in - l->block->insns];
    const struct lift_val *from = &l->vals[in->arg[0]];
    if (from->form == FORM_BOX) {
        *v = l->vals[from->inner];
        return NULL;
    }
    if (from->form != FORM_ROW || !from->s_valid || !from->s)
        return lift_unbox(l, lift_exact(l, in->arg[0]));
    if (!(from->kinds & K_RAWBOX))
        return from->s;
    *v = (struct lift_val){.form = FORM_CANON, .raw = from->s, .quiet = from->kinds == K_RAWBOX};
    if (from->kinds != K_RAWBOX)
        v->cond = l_bin(l, LLVMAnd, from->rawtag, from->single);
    return NULL;
}
