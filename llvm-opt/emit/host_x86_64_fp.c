/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point with the x86 NaN rule, on an x86-64 host: the host's instruction with the guest's order of operands.
 *
 * I1  Additions, products, minima and the like are inline assembly. LLVM swaps the operands of commutative operations,
 *     down to the choice of encodings, and then a sum of two NaNs is the other one.
 * I2  The assembly has the memory effects of a constrained intrinsic (only what nobody can see: the flags). So loads
 *     and stores move across it, but it stays in place itself.
 * I3  Differences, quotients and roots are constrained intrinsics: they are not swapped, and can fold loads.
 * I4  DAZ and FTZ are what MXCSR says (ir.h).
 */
#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/host_fp.h"
#include "llvm-opt/emit/op_fns.h"

bool lopt_is_x86_rule(const struct ir_insn *in)
{
    unsigned type = ir_fp_elem(in->aux) ? ir_fp_elem(in->aux) : in->type;
    bool form = type == IR_F32 || type == IR_F64;
    return ir_fp_nan_rule(in->aux) == IR_NAN_X86 && form && (!ir_fp_elem(in->aux) || in->type == IR_V128) &&
           !(in->aux & IR_FP_TINY_BEFORE);
}

static LLVMTypeRef fp_type(struct lopt_build *b, enum ir_type scalar, bool packed)
{
    return packed ? b->ll->VectorType(lopt_type(b, scalar), 128 / ir_type_bits(scalar)) : lopt_type(b, scalar);
}

static LLVMValueRef operand(struct lopt_block *blk, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    LLVMValueRef v = lopt_exact(blk, in->arg[i]);
    return ir_fp_elem(in->aux) ? lopt_bitcast(blk->b, v, t) : v;
}

static LLVMValueRef result(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    return lopt_bitcast(b, v, lopt_type(b, (enum ir_type)in->type));
}

/* I1 */
static LLVMValueRef assembly(struct lopt_build *b, const char *text, const char *constraints, LLVMTypeRef t,
                             LLVMValueRef *args, unsigned n)
{
    return lopt_assembly(b, t, args, n, text, constraints, b->c->mem_hidden);
}

static const char *suffix(const struct ir_insn *in)
{
    bool f64 = (ir_fp_elem(in->aux) ? ir_fp_elem(in->aux) : in->type) == IR_F64;
    return ir_fp_elem(in->aux) ? (f64 ? "pd" : "ps") : f64 ? "sd" : "ss";
}

/* op(a, b), in this order */
static LLVMValueRef two_operands(struct lopt_block *blk, const struct ir_insn *in, const char *name)
{
    struct lopt_build *b = blk->b;
    char text[48];
    LLVMTypeRef t =
        fp_type(b, (enum ir_type)(ir_fp_elem(in->aux) ? ir_fp_elem(in->aux) : in->type), ir_fp_elem(in->aux));
    LLVMValueRef args[2] = {operand(blk, in, 0, t), NULL};
    args[1] = operand(blk, in, 1, t);
    bool avx = b->host->three_operands;
    snprintf(text, sizeof text, avx ? "v%s%s $2, $1, $0" : "%s%s $2, $0", name, suffix(in));
    return result(b, in, assembly(b, text, avx ? "=x,x,x" : "=x,0,x", t, args, 2));
}

LLVMValueRef lopt_x86_arith(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    if (ir_fp_rm(in->aux) != IR_RDYN)
        return lopt_op_eval(blk, in, 0);
    if (id == LOPT_INTR_FADD || id == LOPT_INTR_FMUL)
        return two_operands(blk, in, id == LOPT_INTR_FADD ? "add" : "mul");
    LLVMTypeRef t =
        fp_type(b, (enum ir_type)(ir_fp_elem(in->aux) ? ir_fp_elem(in->aux) : in->type), ir_fp_elem(in->aux)); /* I3 */
    unsigned n = ir_insn_arg_count(in);
    LLVMValueRef args[4];
    for (unsigned i = 0; i < n; i++)
        args[i] = operand(blk, in, i, t);
    args[n] = b->c->md_round;
    args[n + 1] = b->c->md_strict;
    return result(b, in, lopt_call_intrinsic(b, (enum lopt_intrinsic)id, &t, 1, args, n + 2));
}

LLVMValueRef lopt_x86_minmax(struct lopt_block *blk, const struct ir_insn *in, unsigned max)
{
    return two_operands(blk, in, max ? "max" : "min");
}

/* The form whose multiplicand is the second operand: of several NaNs the host takes a's before b's before c's. */
LLVMValueRef lopt_x86_fma(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    static const char *const names[4] = {"fmadd", "fmsub", "fnmadd", "fnmsub"};
    char text[48];
    if (ir_fp_rm(in->aux) != IR_RDYN || !b->host->fma)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t =
        fp_type(b, (enum ir_type)(ir_fp_elem(in->aux) ? ir_fp_elem(in->aux) : in->type), ir_fp_elem(in->aux));
    LLVMValueRef args[3];
    for (unsigned i = 0; i < 3; i++)
        args[i] = operand(blk, in, i, t);
    unsigned sign = (in->aux & IR_FP_NEG_PRODUCT ? 2 : 0) | (in->aux & IR_FP_NEG_ADDEND ? 1 : 0);
    snprintf(text, sizeof text, "v%s231%s $2, $1, $0", names[sign], suffix(in));
    return result(b, in, assembly(b, text, "=x,x,x,0", t, args, 3));
}

static bool to_int_form(struct lopt_build *b, const struct ir_insn *in, enum ir_type from)
{
    bool scalar =
        !ir_fp_elem(in->aux) && (from == IR_F32 || from == IR_F64) && (in->type == IR_I32 || in->type == IR_I64);
    bool packed = ir_fp_elem(in->aux) == IR_F32 && in->type == IR_V128;
    return (scalar || packed) && (ir_fp_rm(in->aux) == IR_RTZ || ir_fp_rm(in->aux) == IR_RDYN) &&
           (packed ? b->host->three_operands : true);
}

/* The result of what does not fit is the instruction's. */
LLVMValueRef lopt_x86_to_int(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    char text[48];
    if (!to_int_form(b, in, from))
        return lopt_op_eval(blk, in, 0);
    const char *t = ir_fp_rm(in->aux) == IR_RTZ ? "t" : "", *v = b->host->three_operands ? "v" : "";
    LLVMValueRef x = lopt_exact(blk, in->arg[0]);
    if (ir_fp_elem(in->aux)) {
        snprintf(text, sizeof text, "vcvt%sps2dq $1, $0", t);
        return assembly(b, text, "=x,x", lopt_type(b, IR_V128), &x, 1);
    }
    snprintf(text, sizeof text, "%scvt%s%s2si $1, $0", v, t, from == IR_F64 ? "sd" : "ss");
    return assembly(b, text, "=r,x", lopt_type(b, (enum ir_type)in->type), &x, 1);
}

/* Vectors of i32 to f32 */
LLVMValueRef lopt_x86_from_int(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    if (ir_fp_elem(in->aux) != IR_F32 || in->type != IR_V128 || ir_fp_rm(in->aux) != IR_RDYN ||
        !b->host->three_operands)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef x = lopt_exact(blk, in->arg[0]);
    return assembly(b, "vcvtdq2ps $1, $0", "=x,x", lopt_type(b, IR_V128), &x, 1);
}
