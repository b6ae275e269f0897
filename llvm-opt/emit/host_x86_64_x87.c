/* SPDX-License-Identifier: Apache-2.0 */
/* x87 on an x86-64 host. Values are LLVM's x86_fp80, which its stackifier keeps on the host's x87 stack. Arithmetic and
 * compares are constrained intrinsics. What LLVM has no operation for is the instruction itself, as inline assembly.
 *
 * I1  Assembly that raises flags or depends on the control word has side effects, so that it keeps its place among the
 *     others and among constrained intrinsics. It touches no memory but what its pointer leads to.
 * I2  Memory operands are read and written by the instruction itself: fld of a double and fadd of one in memory raise
 *     what the guest's instruction raises.
 */
#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/mem.h"
#include "llvm-opt/emit/nan.h"
#include "llvm-opt/emit/op_fns.h"

#define UNTOUCHED ",~{dirflag},~{fpsr},~{flags}"

static const struct {
    uint8_t operands, byte0, byte1;
    bool pops, sw;
} functions[IR_X87F_COUNT] = {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) [IR_X87F_##name] = {operands, byte0, byte1, pops, sw},
#include "src/ir/x87_ops.def"
};

static LLVMValueRef assembly(struct lopt_build *b, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
                             const char *constraints)
{
    LLVMValueRef call = lopt_assembly(b, result, args, n, text, constraints, b->c->mem_args);
    lopt_set_md(b, call, b->c->kind_tbaa, b->c->md_tbaa_guest);
    return call;
}

/* ---- functions ---- */

static LLVMValueRef constrained(struct lopt_block *blk, enum lopt_intrinsic id, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, IR_F80);
    unsigned n = ir_insn_arg_count(in);
    LLVMValueRef args[4];
    for (unsigned i = 0; i < n; i++)
        args[i] = lopt_exact(blk, in->arg[i]);
    args[n] = b->c->md_round;
    args[n + 1] = b->c->md_strict;
    return lopt_call_intrinsic(b, id, &t, 1, args, n + 2);
}

/* The condition codes go where X87_SW finds them. */
static LLVMValueRef keep_status(struct lopt_build *b, LLVMValueRef pair)
{
    LLVMValueRef sw = lopt_cast(b, LLVMZExt, b->ll->BuildExtractValue(b->ir, pair, 1, ""), lopt_type(b, IR_I32));
    lopt_cpu_store(b, sw, offsetof(struct cpu, fpx_sw), 4);
    return b->ll->BuildExtractValue(b->ir, pair, 0, "");
}

static LLVMValueRef function(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    static const char *const inputs[3][2] = {{"", ""}, {",0", ""}, {",0,{st(1)}", ",0,{st(1)},~{st(1)}"}};
    unsigned fn = in->aux, n = functions[fn].operands;
    char text[64], constraints[96];
    LLVMValueRef args[2];
    for (unsigned i = 0; i < n; i++)
        args[i] = lopt_exact(blk, in->arg[i]);
    snprintf(text, sizeof text, ".byte %u, %u%s", functions[fn].byte0, functions[fn].byte1,
             functions[fn].sw ? "\n\tfnstsw %ax" : "");
    snprintf(constraints, sizeof constraints, "={st}%s%s" UNTOUCHED, functions[fn].sw ? ",={ax}" : "",
             inputs[n][functions[fn].pops]);
    if (!functions[fn].sw)
        return assembly(b, lopt_type(b, IR_F80), args, n, text, constraints);
    LLVMTypeRef parts[2] = {lopt_type(b, IR_F80), lopt_type(b, IR_I16)};
    LLVMTypeRef pair = b->ll->StructTypeInContext(b->c->ctx, parts, 2, 0);
    return keep_status(b, assembly(b, pair, args, n, text, constraints));
}

LLVMValueRef lopt_op_x87_fn(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    switch ((enum ir_x87)in->aux) {
    case IR_X87F_ADD:
        return constrained(blk, LOPT_INTR_FADD, in);
    case IR_X87F_SUB:
        return constrained(blk, LOPT_INTR_FSUB, in);
    case IR_X87F_MUL:
        return constrained(blk, LOPT_INTR_FMUL, in);
    case IR_X87F_DIV:
        return constrained(blk, LOPT_INTR_FDIV, in);
    case IR_X87F_SQRT:
        return constrained(blk, LOPT_INTR_FSQRT, in);
    default:
        return function(blk, in);
    }
}

/* ---- memory ---- */

static char suffix_of(enum ir_type mem, char wide)
{
    return mem == IR_F32 || mem == IR_I16 ? 's' : mem == IR_I64 ? wide : 'l';
}

static const char *int_mark(enum ir_type mem) { return mem < IR_F32 ? "i" : ""; }

LLVMValueRef lopt_op_x87_mem(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    static const char *const names[] = {[IR_X87M_ADD] = "add",   [IR_X87M_MUL] = "mul", [IR_X87M_SUB] = "sub",
                                        [IR_X87M_SUBR] = "subr", [IR_X87M_DIV] = "div", [IR_X87M_DIVR] = "divr"};
    enum ir_type mem = ir_mem_type(in->aux);
    char text[32];
    LLVMValueRef args[2] = {lopt_exact(blk, in->arg[1]), lopt_address(blk, in)};
    lopt_before_fault(blk->s, in, blk->insn_pc);
    snprintf(text, sizeof text, "f%s%s%c ($2)", int_mark(mem), names[in->aux >> IR_X87_MEM_SHIFT], suffix_of(mem, 'l'));
    return assembly(b, lopt_type(b, IR_F80), args, 2, text, "={st},0,r" UNTOUCHED);
}

LLVMValueRef lopt_op_x87_ld(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type mem = ir_mem_type(in->aux);
    char text[32];
    LLVMValueRef address = lopt_address(blk, in);
    lopt_before_fault(blk->s, in, blk->insn_pc);
    snprintf(text, sizeof text, "f%sld%c%s ($1)", int_mark(mem), suffix_of(mem, 'l'), mem == IR_I64 ? "l" : "");
    return assembly(b, lopt_type(b, IR_F80), &address, 1, text, "={st},r" UNTOUCHED);
}

LLVMValueRef lopt_op_x87_st(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type mem = ir_mem_type(in->aux);
    char text[32];
    LLVMValueRef args[2] = {lopt_exact(blk, in->arg[1]), lopt_address(blk, in)};
    lopt_before_fault(blk->s, in, blk->insn_pc);
    snprintf(text, sizeof text, "f%sst%sp%c%s ($1)", int_mark(mem), in->aux & IR_X87_TRUNC ? "t" : "",
             suffix_of(mem, 'l'), mem == IR_I64 ? "l" : "");
    assembly(b, b->c->void_, args, 2, text, "{st},r,~{st}" UNTOUCHED);
    return NULL;
}

/* ---- compares and status ---- */

static LLVMValueRef masked(struct lopt_build *b, LLVMValueRef sw, unsigned bits)
{
    return lopt_bin(b, LLVMAnd, sw, lopt_int(b, lopt_type(b, IR_I16), bits));
}

LLVMValueRef lopt_op_x87_com(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    bool examine = in->aux == IR_X87C_XAM;
    const char *text = examine                   ? "fxam\n\tfnstsw %ax"
                       : in->aux == IR_X87C_UCOM ? "fucom %st(1)\n\tfnstsw %ax"
                                                 : "fcom %st(1)\n\tfnstsw %ax";
    LLVMValueRef args[2] = {lopt_exact(blk, in->arg[0]), lopt_exact(blk, in->arg[1])};
    LLVMValueRef sw = assembly(b, lopt_type(b, IR_I16), args, examine ? 1 : 2, text,
                               examine ? "={ax},{st}" UNTOUCHED : "={ax},{st},{st(1)}" UNTOUCHED);
    return masked(b, sw, X87_SW_CC);
}

LLVMValueRef lopt_op_x87_cmp(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    static const char *const names[] = {[IR_FEQ] = "oeq", [IR_FLT] = "olt", [IR_FLE] = "ole", [IR_FUNO] = "uno"};
    return lopt_fcmp(blk->b, names[in->aux & 3], in->aux & IR_FCOND_SIGNALING, lopt_exact(blk, in->arg[0]),
                     lopt_exact(blk, in->arg[1]));
}

LLVMValueRef lopt_op_x87_sw(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    if (!in->aux)
        return masked(b, assembly(b, lopt_type(b, IR_I16), NULL, 0, "fnstsw %ax", "={ax}" UNTOUCHED), X87_SW_FLAGS);
    LLVMValueRef sw = lopt_cpu_load(b, lopt_type(b, IR_I32), offsetof(struct cpu, fpx_sw), 4);
    return masked(b, lopt_cast(b, LLVMTrunc, sw, lopt_type(b, IR_I16)), X87_SW_CC);
}

LLVMValueRef lopt_op_x87_cw(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef cw =
        lopt_bin(b, LLVMOr, lopt_exact(blk, in->arg[0]), lopt_int(b, lopt_type(b, IR_I16), X87_CW_MASKED));
    LLVMValueRef at = lopt_cpu_ptr(b, offsetof(struct cpu, fpx_cw));
    lopt_cpu_store(b, lopt_cast(b, LLVMZExt, cw, lopt_type(b, IR_I32)), offsetof(struct cpu, fpx_cw), 4);
    lopt_assembly(b, b->c->void_, &at, 1, "fldcw ($0)", "r,~{fpcr}" UNTOUCHED, b->c->mem_args);
    return NULL;
}
