/* SPDX-License-Identifier: Apache-2.0 */
/* What runs out of line: ir_eval for operations that are not inlined, and helper functions.
 *
 * I1  ir_eval's operands and result go through cpu->spill. It belongs to the cpu: no frame is needed, and no address of
 *     the region's own stack escapes.
 * I2  The instruction and its operand types are copied into the region's read-only data: the IR may be freed before the
 *     code is.
 * I3  No address of tandem's is in the code: a function is called through a slot that is filled when the code is placed
 *     (object.c I2).
 * I4  The host's floating-point environment stays the guest's across calls. ir_eval reads its rounding mode from there
 *     and leaves its flags alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/object.h"
#include "src/ir/interp/interp.h"
#include "src/ir/value.h"

struct lopt_diamond lopt_side_eval(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef cond)
{
    struct lopt_build *b = blk->b;
    for (unsigned i = 0; i < ir_insn_arg_count(in); i++)
        lopt_exact(blk, in->arg[i]);
    struct lopt_diamond d = lopt_side_begin(b, cond);
    lopt_side_else(b, &d, lopt_op_eval(blk, in, 0));
    return d;
}

static LLVMValueRef rodata(struct lopt_build *b, const void *bytes, unsigned size)
{
    LLVMValueRef init = b->ll->ConstStringInContext(b->c->ctx, bytes, size, 1);
    LLVMValueRef g = b->ll->AddGlobal(b->module, b->ll->TypeOf(init), "");
    b->ll->SetInitializer(g, init);
    b->ll->SetGlobalConstant(g, 1);
    b->ll->SetLinkage(g, LLVMPrivateLinkage);
    b->ll->SetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
    b->ll->SetAlignment(g, 8);
    return g;
}

/* A function of tandem's (I3). */
static LLVMValueRef c_function(struct lopt_build *b, uintptr_t address, LLVMTypeRef type)
{
    char name[40];
    snprintf(name, sizeof name, LOPT_HOST_PREFIX "%" PRId64, (int64_t)(address - lopt_anchor()));
    LLVMValueRef fn = b->ll->GetNamedFunction(b->module, name);
    if (!fn) {
        fn = b->ll->AddFunction(b->module, name, type);
        b->ll->AddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, b->c->nonlazybind);
    }
    return fn;
}

/* A value's 64-bit pattern, as helpers and ir_eval get it. */
static LLVMValueRef to_bits64(struct lopt_build *b, LLVMValueRef v, enum ir_type t)
{
    if (t == IR_F32)
        v = lopt_bitcast(b, v, lopt_type(b, IR_I32)), t = IR_I32;
    else if (t == IR_F64)
        return lopt_bitcast(b, v, lopt_type(b, IR_I64));
    return t == IR_I64 ? v : lopt_cast(b, LLVMZExt, v, lopt_type(b, IR_I64));
}

static LLVMValueRef from_bits64(struct lopt_build *b, LLVMValueRef v, enum ir_type t)
{
    if (t == IR_F64)
        return lopt_bitcast(b, v, lopt_type(b, t));
    if (t == IR_F32)
        return lopt_bitcast(b, lopt_cast(b, LLVMTrunc, v, lopt_type(b, IR_I32)), lopt_type(b, t));
    return t == IR_I64 ? v : lopt_cast(b, LLVMTrunc, v, lopt_type(b, t));
}

enum { EVAL_RESULT = 4 * sizeof(union ir_value) };

LLVMValueRef lopt_eval_values(struct lopt_block *blk, const struct ir_insn *in, const LLVMValueRef *values)
{
    struct lopt_build *b = blk->b;
    enum ir_type types[4] = {IR_VOID, IR_VOID, IR_VOID, IR_VOID}, result = ir_insn_result_type(in);
    unsigned n = ir_insn_arg_count(in), fx = ir_insn_effects(in);
    size_t spill = offsetof(struct cpu, spill);
    for (unsigned i = 0; i < n; i++) {
        LLVMValueRef v = values[i];
        types[i] = lopt_type_of(blk, in->arg[i]);
        if (ir_type_bits(types[i]) <= 64)
            v = to_bits64(b, v, types[i]);
        lopt_cpu_store(b, v, spill + i * sizeof(union ir_value), 16);
    }
    LLVMValueRef args[5] = {b->cpu, rodata(b, in, sizeof *in), rodata(b, types, sizeof types), lopt_cpu_ptr(b, spill),
                            lopt_cpu_ptr(b, spill + EVAL_RESULT)};
    LLVMValueRef call =
        b->ll->BuildCall2(b->ir, b->c->eval_fn, c_function(b, (uintptr_t)ir_eval, b->c->eval_fn), args, 5, "");
    LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->nounwind);
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->strictfp);
    if (!(fx & (IR_FX_RMEM | IR_FX_WMEM)))
        b->ll->AddCallSiteAttribute(call, at_fn, b->c->mem_args);
    if (result == IR_VOID)
        return NULL;
    if (ir_type_bits(result) > 64)
        return lopt_cpu_load(b, lopt_type(b, result), spill + EVAL_RESULT, 16);
    return from_bits64(b, lopt_cpu_load(b, lopt_type(b, IR_I64), spill + EVAL_RESULT, 16), result);
}

LLVMValueRef lopt_op_eval(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef values[4] = {NULL};
    for (unsigned i = 0; i < ir_insn_arg_count(in); i++)
        values[i] = lopt_exact(blk, in->arg[i]);
    return lopt_eval_values(blk, in, values);
}

LLVMValueRef lopt_op_call(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    const struct ir_helper *helper = (const struct ir_helper *)(uintptr_t)in->imm;
    unsigned fx = ir_insn_effects(in);
    LLVMValueRef args[5] = {b->cpu};
    for (unsigned i = 0; i < 4; i++) {
        if (i < helper->args)
            args[1 + i] = to_bits64(b, lopt_exact(blk, in->arg[i]), lopt_type_of(blk, in->arg[i]));
        else
            args[1 + i] = b->ll->GetUndef(lopt_type(b, IR_I64));
    }
    if (fx & IR_FX_FAULT)
        lopt_before_fault(blk->s, in, blk->insn_pc);
    if (fx & (IR_FX_RSTATE | IR_FX_WSTATE) && !(blk->plan->region->precise && fx & IR_FX_FAULT))
        lopt_flush(blk->s, true, false);
    LLVMValueRef call =
        b->ll->BuildCall2(b->ir, b->c->helper_fn, c_function(b, (uintptr_t)helper->fn, b->c->helper_fn), args, 5, "");
    LLVMAttributeIndex at_fn = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->nounwind);
    b->ll->AddCallSiteAttribute(call, at_fn, b->c->strictfp);
    if (fx & IR_FX_WSTATE)
        lopt_reload(blk->s);
    if (helper->result == IR_VOID)
        return NULL;
    return from_bits64(b, call, (enum ir_type)helper->result);
}
