/* SPDX-License-Identifier: Apache-2.0 */
/* Shorthands for building LLVM IR. */
#include "llvm-opt/emit/build.h"

#include <string.h>

LLVMBasicBlockRef lopt_new_bb(struct lopt_build *b, const char *name)
{
    return b->ll->AppendBasicBlockInContext(b->c->ctx, b->fn, name);
}

void lopt_set_md(struct lopt_build *b, LLVMValueRef insn, unsigned kind, LLVMValueRef node)
{
    b->ll->SetMetadata(insn, kind, node);
}

void lopt_set_weights(struct lopt_build *b, LLVMValueRef br, uint64_t yes, uint64_t no)
{
    while (yes > UINT32_MAX / 2 || no > UINT32_MAX / 2)
        yes >>= 1, no >>= 1;
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    LLVMMetadataRef md[3] = {b->ll->MDStringInContext2(b->c->ctx, "branch_weights", 14),
                             b->ll->ValueAsMetadata(lopt_int(b, i32, yes + 1)),
                             b->ll->ValueAsMetadata(lopt_int(b, i32, no + 1))};
    LLVMMetadataRef node = b->ll->MDNodeInContext2(b->c->ctx, md, 3);
    lopt_set_md(b, br, b->c->kind_prof, b->ll->MetadataAsValue(b->c->ctx, node));
}

void lopt_branch_weighted(struct lopt_build *b, LLVMValueRef cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no,
                          uint64_t w_yes, uint64_t w_no)
{
    lopt_set_weights(b, b->ll->BuildCondBr(b->ir, cond, yes, no), w_yes, w_no);
}

struct lopt_diamond lopt_side_begin(struct lopt_build *b, LLVMValueRef cond)
{
    LLVMBasicBlockRef side = lopt_new_bb(b, "side");
    struct lopt_diamond d = {.other = lopt_new_bb(b, "main"), .join = lopt_new_bb(b, "join")};
    LLVMValueRef br = b->ll->BuildCondBr(b->ir, cond, side, d.other);
    lopt_set_weights(b, br, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, side);
    return d;
}

void lopt_side_else(struct lopt_build *b, struct lopt_diamond *d, LLVMValueRef side)
{
    d->side = side;
    d->side_end = b->ll->GetInsertBlock(b->ir);
    b->ll->BuildBr(b->ir, d->join);
    b->ll->PositionBuilderAtEnd(b->ir, d->other);
}

LLVMValueRef lopt_side_end(struct lopt_build *b, struct lopt_diamond *d, LLVMValueRef v)
{
    LLVMBasicBlockRef end = b->ll->GetInsertBlock(b->ir);
    b->ll->BuildBr(b->ir, d->join);
    b->ll->PositionBuilderAtEnd(b->ir, d->join);
    LLVMValueRef phi = b->ll->BuildPhi(b->ir, b->ll->TypeOf(v), "");
    b->ll->AddIncoming(phi, &d->side, &d->side_end, 1);
    b->ll->AddIncoming(phi, &v, &end, 1);
    return phi;
}

/* The operation that LLVM may fold and move, for fp_fast; NULL: it stays a constrained one. Conversions to integers do,
 * which otherwise would not be defined for all operands. */
static LLVMValueRef plain_op(struct lopt_build *b, enum lopt_intrinsic id, LLVMTypeRef *types, LLVMValueRef *args)
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
        return lopt_bin(b, (LLVMOpcode)ops[id], args[0], args[1]);
    if (casts[id])
        return lopt_cast(b, (LLVMOpcode)casts[id], args[0], types[0]);
    if (id == LOPT_INTR_FSQRT)
        return lopt_call_intrinsic(b, LOPT_INTR_PLAIN_SQRT, types, 1, args, 1);
    return id == LOPT_INTR_FMA ? lopt_call_intrinsic(b, LOPT_INTR_PLAIN_FMA, types, 1, args, 3) : NULL;
}

LLVMValueRef lopt_call_intrinsic(struct lopt_build *b, enum lopt_intrinsic id, LLVMTypeRef *types, unsigned ntypes,
                                 LLVMValueRef *args, unsigned nargs)
{
    LLVMValueRef plain = b->fp_fast ? plain_op(b, id, types, args) : NULL;
    if (plain)
        return plain;
    unsigned n = b->intrinsic[id];
    LLVMValueRef f = b->ll->GetIntrinsicDeclaration(b->module, n, types, ntypes);
    LLVMTypeRef t = b->ll->IntrinsicGetType(b->c->ctx, n, types, ntypes);
    LLVMValueRef call = b->ll->BuildCall2(b->ir, t, f, args, nargs, "");
    if (id < LOPT_INTR_FADD)
        return call;
    const LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->strictfp);
    if (id != LOPT_INTR_SITOFP && id != LOPT_INTR_UITOFP) /* LLVM folds exact ones, but the host may flush operands */
        b->ll->AddCallSiteAttribute(call, at_fn, b->c->nobuiltin);
    return call;
}

LLVMValueRef lopt_assembly(struct lopt_build *b, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
                           const char *constraints, LLVMAttributeRef memory)
{
    LLVMTypeRef types[4];
    for (unsigned i = 0; i < n; i++)
        types[i] = b->ll->TypeOf(args[i]);
    LLVMTypeRef t = b->ll->FunctionType(result, types, n, 0);
    LLVMValueRef code =
        b->ll->GetInlineAsm(t, text, strlen(text), constraints, strlen(constraints), 1, 0, LLVMInlineAsmDialectATT, 0);
    LLVMValueRef call = b->ll->BuildCall2(b->ir, t, code, args, n, "");
    LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->nounwind);
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->strictfp);
    b->ll->AddCallSiteAttribute(call, at_fn, memory);
    return call;
}

LLVMValueRef lopt_cpu_ptr(struct lopt_build *b, size_t offset)
{
    LLVMValueRef index = lopt_i64(b, offset);
    return b->ll->BuildGEP2(b->ir, lopt_type(b, IR_I8), b->cpu, &index, 1, "");
}

LLVMValueRef lopt_cpu_load(struct lopt_build *b, LLVMTypeRef t, size_t offset, unsigned align)
{
    LLVMValueRef v = b->ll->BuildLoad2(b->ir, t, lopt_cpu_ptr(b, offset), "");
    b->ll->SetAlignment(v, align);
    lopt_set_md(b, v, b->c->kind_tbaa, b->c->md_tbaa_state);
    return v;
}

LLVMValueRef lopt_cpu_store(struct lopt_build *b, LLVMValueRef v, size_t offset, unsigned align)
{
    LLVMValueRef st = b->ll->BuildStore(b->ir, v, lopt_cpu_ptr(b, offset));
    b->ll->SetAlignment(st, align);
    lopt_set_md(b, st, b->c->kind_tbaa, b->c->md_tbaa_state);
    return st;
}

LLVMValueRef lopt_const_bits(struct lopt_build *b, enum ir_type t, uint64_t lo, uint64_t hi)
{
    uint64_t words[4] = {lo, hi, 0, 0};
    switch (t) {
    case IR_F32:
        return b->ll->ConstBitCast(lopt_int(b, lopt_type(b, IR_I32), (uint32_t)lo), lopt_type(b, t));
    case IR_F64:
        return b->ll->ConstBitCast(lopt_i64(b, lo), lopt_type(b, t));
    case IR_F80:
        return b->ll->ConstBitCast(
            b->ll->ConstIntOfArbitraryPrecision(b->ll->IntTypeInContext(b->c->ctx, 80), 2, words), lopt_type(b, t));
    case IR_I128:
        return b->ll->ConstIntOfArbitraryPrecision(lopt_type(b, t), 2, words);
    case IR_V128:
    case IR_V256: {
        LLVMValueRef e[4];
        for (unsigned i = 0; i < 4; i++)
            e[i] = lopt_i64(b, words[i]);
        return b->ll->ConstVector(e, t == IR_V128 ? 2 : 4);
    }
    default:
        return lopt_int(b, lopt_type(b, t), lo);
    }
}
