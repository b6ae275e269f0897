/* SPDX-License-Identifier: Apache-2.0 */
/* What runs out of line: ir_eval for operations that are not inlined, helper functions, and the side paths to them.
 *
 * I1  ir_eval's operands and result go through cpu->spill: it belongs to the cpu, no frame is needed, and no address of
 *     the region's own stack escapes.
 * I2  The instruction and its operand types are copied into the region's read-only data: the IR may be freed before the
 *     code is.
 * I3  The guest's MXCSR stays live across calls: ir_eval reads its rounding mode from there and leaves its flags alone.
 */
#include <string.h>

#include "llvm-opt/emit/emit.h"
#include "src/ir/passes.h"

struct lopt_diamond lopt_side_begin(struct lopt_emit *l, LLVMValueRef cond)
{
    LLVMBasicBlockRef side = lopt_new_bb(l, "side");
    struct lopt_diamond d = {.other = lopt_new_bb(l, "main"), .join = lopt_new_bb(l, "join")};
    LLVMValueRef br = l->ll->BuildCondBr(l->b, cond, side, d.other);
    lopt_set_weights(l, br, 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, side);
    return d;
}

void lopt_side_else(struct lopt_emit *l, struct lopt_diamond *d, LLVMValueRef side)
{
    d->side = side;
    d->side_end = l->ll->GetInsertBlock(l->b);
    l->ll->BuildBr(l->b, d->join);
    l->ll->PositionBuilderAtEnd(l->b, d->other);
}

LLVMValueRef lopt_side_end(struct lopt_emit *l, struct lopt_diamond *d, LLVMValueRef v)
{
    LLVMBasicBlockRef end = l->ll->GetInsertBlock(l->b);
    l->ll->BuildBr(l->b, d->join);
    l->ll->PositionBuilderAtEnd(l->b, d->join);
    LLVMValueRef phi = l->ll->BuildPhi(l->b, l->ll->TypeOf(v), "");
    l->ll->AddIncoming(phi, &d->side, &d->side_end, 1);
    l->ll->AddIncoming(phi, &v, &end, 1);
    return phi;
}

struct lopt_diamond lopt_side_eval(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef cond)
{
    for (unsigned i = 0; i < ir_insn_arg_count(in); i++)
        lopt_exact(l, in->arg[i]);
    struct lopt_diamond d = lopt_side_begin(l, cond);
    lopt_side_else(l, &d, lopt_op_eval(l, in, 0));
    return d;
}

static LLVMValueRef rodata(struct lopt_emit *l, const void *bytes, unsigned size)
{
    LLVMValueRef init = l->ll->ConstStringInContext(l->c->ctx, bytes, size, 1);
    LLVMValueRef g = l->ll->AddGlobal(l->module, l->ll->TypeOf(init), "");
    l->ll->SetInitializer(g, init);
    l->ll->SetGlobalConstant(g, 1);
    l->ll->SetLinkage(g, LLVMPrivateLinkage);
    l->ll->SetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
    l->ll->SetAlignment(g, 8);
    return g;
}

static LLVMValueRef c_function(struct lopt_emit *l, uintptr_t address)
{
    return l->ll->ConstIntToPtr(lopt_i64(l, address), l->c->ptr);
}

/* A value's 64-bit pattern, as helpers and ir_eval get it. */
static LLVMValueRef to_bits64(struct lopt_emit *l, LLVMValueRef v, enum ir_type t)
{
    if (t == IR_F32)
        v = lopt_bitcast(l, v, lopt_type(l, IR_I32)), t = IR_I32;
    else if (t == IR_F64)
        return lopt_bitcast(l, v, lopt_type(l, IR_I64));
    return t == IR_I64 ? v : lopt_cast(l, LLVMZExt, v, lopt_type(l, IR_I64));
}

static LLVMValueRef from_bits64(struct lopt_emit *l, LLVMValueRef v, enum ir_type t)
{
    if (t == IR_F64)
        return lopt_bitcast(l, v, lopt_type(l, t));
    if (t == IR_F32)
        return lopt_bitcast(l, lopt_cast(l, LLVMTrunc, v, lopt_type(l, IR_I32)), lopt_type(l, t));
    return t == IR_I64 ? v : lopt_cast(l, LLVMTrunc, v, lopt_type(l, t));
}

enum { EVAL_RESULT = 4 * sizeof(union ir_value) };

LLVMValueRef lopt_eval_values(struct lopt_emit *l, const struct ir_insn *in, const LLVMValueRef *values)
{
    enum ir_type types[4] = {IR_VOID, IR_VOID, IR_VOID, IR_VOID}, result = ir_insn_result_type(in);
    unsigned n = ir_insn_arg_count(in), fx = ir_insn_effects(in);
    size_t spill = offsetof(struct cpu, spill);
    for (unsigned i = 0; i < n; i++) {
        LLVMValueRef v = values[i];
        types[i] = lopt_type_of(l, in->arg[i]);
        if (ir_type_bits(types[i]) <= 64)
            v = to_bits64(l, v, types[i]);
        lopt_cpu_store(l, v, spill + i * sizeof(union ir_value), 16);
    }
    LLVMValueRef args[5] = {l->cpu, rodata(l, in, sizeof *in), rodata(l, types, sizeof types), lopt_cpu_ptr(l, spill),
                            lopt_cpu_ptr(l, spill + EVAL_RESULT)};
    LLVMValueRef call = l->ll->BuildCall2(l->b, l->c->eval_fn, c_function(l, (uintptr_t)ir_eval), args, 5, "");
    LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    l->ll->AddCallSiteAttribute(call, at_fn, l->c->nounwind);
    l->ll->AddCallSiteAttribute(call, at_fn, l->c->strictfp);
    if (!(fx & (IR_FX_RMEM | IR_FX_WMEM)))
        l->ll->AddCallSiteAttribute(call, at_fn, l->c->mem_args);
    if (result == IR_VOID)
        return NULL;
    if (ir_type_bits(result) > 64)
        return lopt_cpu_load(l, lopt_type(l, result), spill + EVAL_RESULT, 16);
    return from_bits64(l, lopt_cpu_load(l, lopt_type(l, IR_I64), spill + EVAL_RESULT, 16), result);
}

LLVMValueRef lopt_op_eval(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef values[4] = {NULL};
    for (unsigned i = 0; i < ir_insn_arg_count(in); i++)
        values[i] = lopt_exact(l, in->arg[i]);
    return lopt_eval_values(l, in, values);
}

LLVMValueRef lopt_op_call(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    const struct ir_helper *helper = (const struct ir_helper *)(uintptr_t)in->imm;
    unsigned fx = ir_insn_effects(in);
    LLVMValueRef args[5] = {l->cpu};
    for (unsigned i = 0; i < 4; i++) {
        if (i < helper->args)
            args[1 + i] = to_bits64(l, lopt_exact(l, in->arg[i]), lopt_type_of(l, in->arg[i]));
        else
            args[1 + i] = l->ll->GetUndef(lopt_type(l, IR_I64));
    }
    if (fx & IR_FX_FAULT)
        lopt_before_fault(l);
    if (fx & (IR_FX_RSTATE | IR_FX_WSTATE) && !(l->region->precise && fx & IR_FX_FAULT))
        lopt_flush(l, true, false);
    LLVMValueRef call = l->ll->BuildCall2(l->b, l->c->helper_fn, c_function(l, (uintptr_t)helper->fn), args, 5, "");
    LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    l->ll->AddCallSiteAttribute(call, at_fn, l->c->nounwind);
    l->ll->AddCallSiteAttribute(call, at_fn, l->c->strictfp);
    if (fx & IR_FX_WSTATE)
        lopt_reload(l);
    if (helper->result == IR_VOID)
        return NULL;
    return from_bits64(l, call, (enum ir_type)helper->result);
}
