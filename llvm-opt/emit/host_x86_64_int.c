/* SPDX-License-Identifier: Apache-2.0 */
/* Integer operations that an x86-64 host has an instruction for, and LLVM no operation that it would choose it for: as
 * inline assembly. */
#include <stdio.h>

#include "llvm-opt/emit/build.h"
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/op_fns.h"

/* Up to 32 bits in a division twice as wide. The instruction of 64 bits faults where the quotient does not fit: that
 * goes round it. */
LLVMValueRef lopt_op_div2(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    unsigned bits = ir_type_bits((enum ir_type)in->type);
    if (bits > 64)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef args[3];
    for (unsigned i = 0; i < 3; i++)
        args[i] = lopt_exact(blk, in->arg[i]);
    struct lopt_diamond side = lopt_side_begin(b, lopt_icmp(b, LLVMIntUGE, args[1], args[2]));
    lopt_side_else(b, &side, b->ll->ConstInt(t, ~0ull, 1));
    if (bits == 64) {
        LLVMTypeRef both[2] = {t, t}, result = b->ll->StructTypeInContext(b->c->ctx, both, 2, 0);
        LLVMValueRef r = lopt_assembly(b, result, args, 3, "divq $4", "={rax},={rdx},0,1,r,~{flags}", b->c->mem_hidden);
        return lopt_side_end(b, &side, b->ll->BuildExtractValue(b->ir, r, 0, ""));
    }
    LLVMTypeRef wide = b->ll->IntTypeInContext(b->c->ctx, 2 * bits);
    LLVMValueRef high = lopt_bin(b, LLVMShl, lopt_cast(b, LLVMZExt, args[1], wide), lopt_int(b, wide, bits));
    LLVMValueRef n = lopt_bin(b, LLVMOr, high, lopt_cast(b, LLVMZExt, args[0], wide));
    LLVMValueRef q = lopt_bin(b, LLVMUDiv, n, lopt_cast(b, LLVMZExt, args[2], wide));
    return lopt_side_end(b, &side, lopt_cast(b, LLVMTrunc, q, t));
}

LLVMValueRef lopt_op_pbits(struct lopt_block *blk, const struct ir_insn *in, unsigned is_pext)
{
    struct lopt_build *b = blk->b;
    if ((in->type != IR_I32 && in->type != IR_I64) || !b->host->scatters_bits)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef args[2] = {lopt_exact(blk, in->arg[0]), NULL};
    args[1] = lopt_exact(blk, in->arg[1]);
    char text[32];
    snprintf(text, sizeof text, "%s%c $2, $1, $0", is_pext ? "pext" : "pdep", in->type == IR_I64 ? 'q' : 'l');
    return lopt_assembly(b, lopt_type(b, (enum ir_type)in->type), args, 2, text, "=r,r,r", b->c->mem_hidden);
}
