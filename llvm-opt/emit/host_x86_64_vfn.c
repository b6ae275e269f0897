/* SPDX-License-Identifier: Apache-2.0 */
/* Vector functions that an x86-64 host has an instruction for, as inline assembly. The others are called. */
#include <stdio.h>

#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/op_fns.h"

/* imm: the bits of it that count; -1: there is none */
static const struct form {
    const char *name;
    int imm;
} forms[IR_VEC_KINDS] = {
    [IR_VEC_AESENC] = {"aesenc", -1},         [IR_VEC_AESENCLAST] = {"aesenclast", -1},
    [IR_VEC_AESDEC] = {"aesdec", -1},         [IR_VEC_AESDECLAST] = {"aesdeclast", -1},
    [IR_VEC_PCLMUL] = {"pclmulqdq", 0x11},    [IR_VEC_SHA1NEXTE] = {"sha1nexte", -1},
    [IR_VEC_SHA1MSG1] = {"sha1msg1", -1},     [IR_VEC_SHA1MSG2] = {"sha1msg2", -1},
    [IR_VEC_SHA1RNDS4] = {"sha1rnds4", 3},    [IR_VEC_SHA256RNDS2] = {"sha256rnds2", -1},
    [IR_VEC_SHA256MSG1] = {"sha256msg1", -1}, [IR_VEC_SHA256MSG2] = {"sha256msg2", -1},
    [IR_VEC_AESIMC] = {"aesimc", -1},         [IR_VEC_RCPPS] = {"rcpps", -1},
    [IR_VEC_RSQRTPS] = {"rsqrtps", -1},
};

static bool has(const struct lopt_host_facts *host, unsigned kind)
{
    switch (kind) {
    case IR_VEC_OTHER:
        return false;
    case IR_VEC_PCLMUL:
        return host->clmul;
    case IR_VEC_RCPPS:
    case IR_VEC_RSQRTPS:
        return true;
    default:
        return kind < IR_VEC_PCLMUL || kind == IR_VEC_AESIMC ? host->aes : host->sha;
    }
}

static LLVMValueRef of_one_operand(struct lopt_block *blk, const struct ir_insn *in, const char *name)
{
    char text[48];
    LLVMValueRef arg = lopt_exact(blk, in->arg[0]);
    snprintf(text, sizeof text, "%s%s $1, $0", blk->b->host->three_operands ? "v" : "", name);
    return lopt_assembly(blk->b, lopt_type(blk->b, IR_V128), &arg, 1, text, "=x,x", blk->b->c->mem_hidden);
}

LLVMValueRef lopt_op_vfn(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    unsigned kind = ((const struct ir_vec_fn *)(uintptr_t)in->imm)->kind;
    if (in->type != IR_V128 || !has(b->host, kind))
        return lopt_op_eval(blk, in, 0);
    if (kind >= IR_VEC_AESIMC)
        return of_one_operand(blk, in, forms[kind].name);
    LLVMValueRef args[3];
    for (unsigned i = 0; i < 3; i++)
        args[i] = lopt_exact(blk, in->arg[i]);
    bool keys = kind == IR_VEC_SHA256RNDS2, avx = b->host->three_operands && kind <= IR_VEC_PCLMUL;
    char text[48], imm[16] = "";
    if (forms[kind].imm >= 0)
        snprintf(imm, sizeof imm, "$$%d, ", in->aux & forms[kind].imm);
    snprintf(text, sizeof text, avx ? "v%s %s$2, $1, $0" : "%s %s$2, $0", forms[kind].name, imm);
    const char *constraints = keys ? "=x,0,x,{xmm0}" : avx ? "=x,x,x" : "=x,0,x";
    return lopt_assembly(b, lopt_type(b, IR_V128), args, keys ? 3 : 2, text, constraints, b->c->mem_hidden);
}
