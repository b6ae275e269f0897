/* SPDX-License-Identifier: Apache-2.0 */
/* Statepoints. LLVM is told of values by a call that is no call: "deopt" values of a statepoint. For that it leaves
 * some bytes of nop and writes a record of where the values are (stack_map.h). It keeps them alive up to there, in a
 * register or spilled.
 *
 * I1  Accesses to guest memory and statepoints keep their order: the former are volatile or come before a way out, the
 *     latter touch guest memory for all that LLVM knows.
 * I2  Every register keeps its value over a statepoint.
 */
#include "llvm-opt/emit/statepoint.h"

#include <stdio.h>
#include <string.h>

static void add_text(struct lopt_build *b, LLVMValueRef call, const char *name, unsigned value)
{
    char text[16];
    snprintf(text, sizeof text, "%u", value);
    LLVMAttributeRef a =
        b->ll->CreateStringAttribute(b->c->ctx, name, (unsigned)strlen(name), text, (unsigned)strlen(text));
    b->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, a);
}

static LLVMValueRef callee(struct lopt_build *b, LLVMTypeRef type)
{
    LLVMValueRef fn = b->ll->GetNamedFunction(b->module, "map");
    if (fn)
        return fn;
    fn = b->ll->AddFunction(b->module, "map", type);
    b->ll->SetFunctionCallConv(fn, LLVMAnyRegCallConv);
    return fn;
}

void lopt_statepoint_emit(struct lopt_build *b, const struct lopt_statepoint *p)
{
    LLVMTypeRef type = b->ll->FunctionType(b->c->void_, NULL, 0, 0);
    LLVMOperandBundleRef values = b->ll->CreateOperandBundle("deopt", 5, p->values, p->count);
    LLVMValueRef call = b->ll->BuildCallWithOperandBundles(b->ir, type, callee(b, type), NULL, 0, &values, 1, "");
    b->ll->DisposeOperandBundle(values);
    b->ll->SetInstructionCallConv(call, LLVMAnyRegCallConv); /* I2 */
    add_text(b, call, "statepoint-id", p->number);
    add_text(b, call, "statepoint-num-patch-bytes", p->patch_bytes);
    b->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, b->c->nounwind);
    b->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, b->c->strictfp);
    if (!p->sees_state)
        lopt_set_md(b, call, b->c->kind_tbaa, b->c->md_tbaa_guest);
}
