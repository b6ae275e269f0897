/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar floating point (and plain vector arithmetic) as constrained intrinsics. They are the host's instruction, with
 * its sticky flags and its rounding mode; nothing is folded or moved.
 *
 * I1  Only what the host does exactly is inlined: the dynamic rounding mode (the host runs in the guest's), no flush to
 *     zero, tininess after rounding. The rest goes to ir_eval.
 * I2  The x86 NaN rule is host_fp.h's. Where another one is asked for, a NaN result is computed again by ir_eval on a
 *     side path. Its flags are those already raised.
 * I3  No side path raises a flag that the operation does not raise.
 * I4  Infinity * 0 + quiet NaN is invalid in the IR but not on x86. A NaN result of an FMA is computed again by
 *     ir_eval, for the flag alone. The check may wait, but not past a place where flags can be seen (lopt_fp_settle).
 * I5  x86 compares give three flags of one pair of operands, mostly for the exits alone. The first compare raises what
 *     there is to raise. The others are free for LLVM to move to where their result is wanted: raising it again changes
 *     nothing. In a region that calls helpers, which may clear flags, they might be moved past that, and are not free.
 * I6  Arm's rules differ from the host's for a result that is a NaN, and with IR_FP_TINY_BEFORE for one that was
 *     rounded to the smallest normal number. What the host raises is raised by them, too. ir_eval computes such a
 *     result again. A NaN may be found at the end of a chain of operations (fp_chain.h).
 */
#include "llvm-opt/emit/fp.h"
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/fp_chain.h"
#include "llvm-opt/emit/host_fp.h"
#include "llvm-opt/emit/nan.h"
#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/plan/kinds.h"
#include "src/ir/fp_watch.h"

static bool is_scalar(const struct ir_insn *in)
{
    return !ir_fp_elem(in->aux) && (in->type == IR_F32 || in->type == IR_F64);
}

/* The vector type to compute in, or NULL if the host cannot do this exactly. */
static LLVMTypeRef fp_type(struct lopt_build *b, const struct ir_insn *in)
{
    unsigned e = ir_fp_elem(in->aux), bits = ir_type_bits((enum ir_type)in->type);
    const bool arm = ir_fp_nan_rule(in->aux) == IR_NAN_ARM;
    const unsigned never = lopt_is_x86_rule(in) ? 0u : (unsigned)(IR_FP_DAZ | IR_FP_FTZ);
    if (in->aux & (never | (arm ? 0u : (unsigned)IR_FP_TINY_BEFORE)))
        return NULL;
    if (!e)
        return in->type == IR_F32 || in->type == IR_F64 ? lopt_type(b, (enum ir_type)in->type) : NULL;
    if ((e != IR_F32 && e != IR_F64) || (ir_fp_nan_rule(in->aux) && !lopt_is_x86_rule(in) && !arm))
        return NULL;
    return b->ll->VectorType(lopt_type(b, (enum ir_type)e), bits / ir_type_bits((enum ir_type)e));
}

static LLVMValueRef operand(struct lopt_block *blk, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return ir_fp_elem(in->aux) ? lopt_bitcast(blk->b, lopt_exact(blk, in->arg[i]), t) : lopt_arith(blk, in->arg[i]);
}

/* Is a result, which is no signaling NaN, a NaN? Of a vector: any element. */
static LLVMValueRef has_nan(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    LLVMValueRef nan = lopt_fcmp_plain(b, "uno", v, v);
    if (!ir_fp_elem(in->aux))
        return nan;
    const unsigned n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(ir_fp_elem(in->aux));
    LLVMTypeRef bits = b->ll->IntTypeInContext(b->c->ctx, n);
    return lopt_icmp(b, LLVMIntNE, lopt_bitcast(b, nan, bits), b->ll->ConstNull(bits));
}

/* Is a result one for which Arm's rules may differ from the host's (I6)? Of a vector: any element. */
static LLVMValueRef may_differ(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    if (!(in->aux & IR_FP_TINY_BEFORE))
        return has_nan(b, in, v);
    enum ir_type elem = ir_fp_elem(in->aux), scalar = elem ? elem : (enum ir_type)in->type;
    const bool f64 = scalar == IR_F64;
    const unsigned n = elem ? ir_type_bits((enum ir_type)in->type) / ir_type_bits(elem) : 1;
    LLVMTypeRef ti = lopt_type(b, f64 ? IR_I64 : IR_I32);
    LLVMValueRef k[3] = {lopt_int(b, ti, 1), lopt_int(b, ti, f64 ? UINT64_C(0x7ff) << 53 : UINT64_C(0xff) << 24),
                         lopt_int(b, ti, f64 ? UINT64_C(1) << 53 : UINT64_C(1) << 24)};
    LLVMValueRef lanes[8];
    for (unsigned i = 0; i < 3 && elem; i++) {
        for (unsigned lane = 0; lane < n; lane++)
            lanes[lane] = k[i];
        k[i] = b->ll->ConstVector(lanes, n);
    }
    LLVMValueRef twice = lopt_bin(b, LLVMShl, lopt_bitcast(b, v, elem ? b->ll->VectorType(ti, n) : ti), k[0]);
    LLVMValueRef differs =
        lopt_bin(b, LLVMOr, lopt_icmp(b, LLVMIntUGT, twice, k[1]), lopt_icmp(b, LLVMIntEQ, twice, k[2]));
    if (!elem)
        return differs;
    LLVMTypeRef bits = b->ll->IntTypeInContext(b->c->ctx, n);
    return lopt_icmp(b, LLVMIntNE, lopt_bitcast(b, differs, bits), b->ll->ConstNull(bits));
}

/* Result: back to the value's type, NaN rule applied. The NaN is found by its bits: a compare reports subnormal
 * numbers, which x86 guests see (I3). */
static LLVMValueRef result(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef v)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef back = ir_fp_elem(in->aux) ? lopt_bitcast(b, v, lopt_type(b, (enum ir_type)in->type)) : v;
    if (!ir_fp_nan_rule(in->aux) || lopt_is_x86_rule(in) || b->fp_fast)
        return back;
    if ((in->op == IR_FCVT_FF || in->op == IR_FROUND) && !(in->aux & IR_FP_TINY_BEFORE))
        return back; /* of one operand's NaN, the host makes what all rules make */
    if (lopt_fp_is_put_off(blk, in))
        return back;
    if (lopt_fp_wait(blk, in))
        return back;
    struct lopt_diamond side = lopt_fp_chain_side(blk, in, may_differ(b, in, v));
    return lopt_side_end(b, &side, back);
}

/* operands: n, and room for two more */
static LLVMValueRef arith_call(struct lopt_build *b, enum lopt_intrinsic id, LLVMValueRef *operands, unsigned n)
{
    LLVMTypeRef t = b->ll->TypeOf(operands[0]);
    operands[n] = b->c->md_round;
    operands[n + 1] = b->c->md_strict;
    return lopt_call_intrinsic(b, id, &t, 1, operands, n + 2);
}

static LLVMValueRef fma_call(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef const *operands)
{
    LLVMTypeRef t = b->ll->TypeOf(operands[0]);
    LLVMValueRef args[5] = {operands[0], operands[1], operands[2], b->c->md_round, b->c->md_strict};
    if (in->aux & IR_FP_NEG_PRODUCT)
        args[0] = b->ll->BuildFNeg(b->ir, args[0], "");
    if (in->aux & IR_FP_NEG_ADDEND)
        args[2] = b->ll->BuildFNeg(b->ir, args[2], "");
    return lopt_call_intrinsic(b, LOPT_INTR_FMA, &t, 1, args, 5);
}

LLVMValueRef lopt_lanes(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef *operands)
{
    struct lopt_build *b = blk->b;
    static const uint8_t ids[IR_OP_COUNT] = {[IR_FADD] = LOPT_INTR_FADD,
                                             [IR_FSUB] = LOPT_INTR_FSUB,
                                             [IR_FMUL] = LOPT_INTR_FMUL,
                                             [IR_FDIV] = LOPT_INTR_FDIV,
                                             [IR_FSQRT] = LOPT_INTR_FSQRT};
    if (in->op == IR_FMA)
        return fma_call(b, in, operands);
    return arith_call(b, (enum lopt_intrinsic)ids[in->op], operands, ir_insn_arg_count(in));
}

LLVMValueRef lopt_op_farith(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = fp_type(b, in);
    unsigned n = ir_insn_arg_count(in);
    if (lopt_is_x86_rule(in))
        return lopt_x86_arith(blk, in, id);
    if (!t || ir_fp_rm(in->aux) != IR_RDYN)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef args[4];
    for (unsigned i = 0; i < n; i++)
        args[i] = operand(blk, in, i, t);
    return result(blk, in, arith_call(b, (enum lopt_intrinsic)id, args, n));
}

void lopt_fp_settle(struct lopt_block *blk)
{
    struct lopt_build *b = blk->b;
    if (!blk->fma_count)
        return;
    LLVMBasicBlockRef side = lopt_new_bb(b, "fma"), main = lopt_new_bb(b, "");
    LLVMValueRef last = blk->fma[blk->fma_count - 1].result;
    LLVMValueRef nan = b->ll->BuildFCmp(b->ir, LLVMRealUNO, blk->fma[0].result, last, "");
    lopt_branch_weighted(b, nan, side, main, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, side);
    for (unsigned i = 0; i < blk->fma_count; i++)
        lopt_eval_values(blk, blk->fma[i].in, blk->fma[i].values);
    b->ll->BuildBr(b->ir, main);
    b->ll->PositionBuilderAtEnd(b->ir, main);
    blk->fma_count = 0;
}

/* I4: notes the result for lopt_fp_settle; one compare checks two results of a type. */
static void check_later(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef const *operands,
                        LLVMValueRef result)
{
    if (blk->fma_count == ARRAY_LEN(blk->fma) || (blk->fma_count && blk->fma[0].in->type != in->type))
        lopt_fp_settle(blk);
    struct lopt_fma *f = &blk->fma[blk->fma_count++];
    *f = (struct lopt_fma){.in = in, .values = {operands[0], operands[1], operands[2]}, .result = result};
}

LLVMValueRef lopt_op_fma(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = fp_type(b, in);
    if (lopt_is_x86_rule(in))
        return lopt_x86_fma(blk, in);
    const bool packed = ir_fp_elem(in->aux), arm = ir_fp_nan_rule(in->aux) == IR_NAN_ARM;
    if (!t || (packed && !arm) || ir_fp_rm(in->aux) != IR_RDYN || !b->host->fma)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef operands[3];
    for (unsigned i = 0; i < 3; i++)
        operands[i] = operand(blk, in, i, t);
    LLVMValueRef v = fma_call(b, in, operands);
    if (ir_fp_nan_rule(in->aux))
        return result(blk, in, v);
    if (!b->fp_fast)
        check_later(blk, in, operands, v);
    return v;
}

/* NaN operands go out of line; of equal operands the bits are or-ed (min) or and-ed (max), which orders the zeros. */
LLVMValueRef lopt_op_fminmax(struct lopt_block *blk, const struct ir_insn *in, unsigned max)
{
    if (lopt_is_x86_rule(in))
        return lopt_x86_minmax(blk, in, max);
    if (!is_scalar(in) || in->aux & (IR_FP_DAZ | IR_FP_FTZ | IR_FP_NAN))
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = lopt_type(blk->b, (enum ir_type)in->type),
                ti = lopt_type(blk->b, in->type == IR_F64 ? IR_I64 : IR_I32);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]), b = lopt_exact(blk, in->arg[1]);
    struct lopt_diamond side = lopt_side_eval(blk, in, lopt_fcmp(blk->b, "uno", false, a, b));
    LLVMValueRef pick = lopt_sel(blk->b, lopt_fcmp(blk->b, max ? "ogt" : "olt", false, a, b), a, b);
    LLVMValueRef both =
        lopt_bin(blk->b, max ? LLVMAnd : LLVMOr, lopt_bitcast(blk->b, a, ti), lopt_bitcast(blk->b, b, ti));
    LLVMValueRef equal = lopt_fcmp(blk->b, "oeq", false, a, b);
    return lopt_side_end(blk->b, &side, lopt_sel(blk->b, equal, lopt_bitcast(blk->b, both, t), pick));
}

/* Signs are bits: 0 negate, 1 absolute value, 2 copy the sign of the second operand. */
LLVMValueRef lopt_op_fsign(struct lopt_block *blk, const struct ir_insn *in, unsigned what)
{
    struct lopt_build *b = blk->b;
    if (in->type == IR_F80 && what < 2) {
        LLVMTypeRef f80 = lopt_type(b, IR_F80);
        LLVMValueRef v = lopt_exact(blk, in->arg[0]);
        return what ? lopt_call_intrinsic(b, LOPT_INTR_FABS, &f80, 1, &v, 1) : b->ll->BuildFNeg(b->ir, v, "");
    }
    if (!is_scalar(in))
        return lopt_op_eval(blk, in, 0);
    bool is_double = in->type == IR_F64;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type), ti = lopt_type(b, is_double ? IR_I64 : IR_I32);
    LLVMValueRef sign = lopt_int(b, ti, is_double ? UINT64_C(1) << 63 : UINT64_C(1) << 31);
    LLVMValueRef mag = lopt_int(b, ti, is_double ? INT64_MAX : INT32_MAX);
    LLVMValueRef x = lopt_bitcast(b, lopt_exact(blk, in->arg[0]), ti);
    if (what == 0)
        return b->ll->BuildFNeg(b->ir, lopt_exact(blk, in->arg[0]), "");
    x = lopt_bin(b, LLVMAnd, x, mag);
    if (what == 2)
        x = lopt_bin(b, LLVMOr, x, lopt_bin(b, LLVMAnd, lopt_bitcast(b, lopt_exact(blk, in->arg[1]), ti), sign));
    return lopt_bitcast(b, x, t);
}

/* IR_FCOND_NOEXC: the quiet compare raises invalid for signaling NaNs only; where one is possible, NaNs do not get
 * there. A raw value that stands for a canonical NaN is quiet, so it may. */
static LLVMValueRef compare_noexc(struct lopt_block *blk, const struct ir_insn *in, const char *name)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef x[2], nan = NULL;
    for (unsigned i = 0; i < 2; i++) {
        x[i] = lopt_arith(blk, in->arg[i]);
        if (ir_insn_is_quiet(&blk->block->insns[in->arg[i]]))
            continue;
        LLVMValueRef test = lopt_is_nan_bits(b, x[i]);
        nan = nan ? lopt_bin(b, LLVMOr, nan, test) : test;
    }
    if (!nan)
        return lopt_fcmp(b, name, false, x[0], x[1]);
    struct lopt_diamond side = lopt_side_begin(b, nan);
    lopt_side_else(b, &side, lopt_int(b, lopt_type(b, IR_I1), (in->aux & IR_FCOND_MASK) == IR_FUNO));
    return lopt_side_end(b, &side, lopt_fcmp(b, name, false, x[0], x[1]));
}

/* I5: a compare of the same operands, for another relation, comes shortly before. */
static bool is_compared(const struct lopt_block *blk, const struct ir_insn *in)
{
    enum { FAR = 16 };
    const struct ir_insn *first = blk->block->insns, *p = in;
    if (!(in->aux & IR_FCOND_X86) || blk->plan->rows.has_calls)
        return false;
    while (p > first && in - p < FAR) {
        bool swapped = (--p)->arg[0] == in->arg[1];
        if (p->op == IR_FCMP && p->type == in->type && (p->aux & ~IR_FCOND_MASK) == (in->aux & ~IR_FCOND_MASK) &&
            p->arg[0] == in->arg[swapped] && p->arg[1] == in->arg[!swapped])
            return true;
    }
    return false;
}

LLVMValueRef lopt_op_fcmp(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    static const char *const names[] = {[IR_FEQ] = "oeq", [IR_FLT] = "olt", [IR_FLE] = "ole", [IR_FUNO] = "uno"};
    if ((in->type != IR_F32 && in->type != IR_F64) || ir_fp_elem(in->aux))
        return lopt_op_eval(blk, in, 0);
    if (in->aux & IR_FCOND_NOEXC)
        return compare_noexc(blk, in, names[in->aux & 3]);
    LLVMValueRef a = lopt_arith(blk, in->arg[0]), b = lopt_arith(blk, in->arg[1]);
    if (is_compared(blk, in))
        return lopt_fcmp_plain(blk->b, names[in->aux & 3], a, b);
    return lopt_fcmp(blk->b, names[in->aux & 3], in->aux & IR_FCOND_SIGNALING, a, b);
}

LLVMValueRef lopt_op_fcvt_ff(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    bool widen = from == IR_F32 && in->type == IR_F64, narrow = from == IR_F64 && in->type == IR_F32;
    if (!fp_type(b, in) || ir_fp_elem(in->aux) || !(widen || (narrow && ir_fp_rm(in->aux) == IR_RDYN)))
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t[2] = {lopt_type(b, (enum ir_type)in->type), lopt_type(b, from)};
    /* with the x86 rule, sign and payload of the operand's NaN are seen */
    LLVMValueRef x = lopt_is_x86_rule(in) ? lopt_exact(blk, in->arg[0]) : lopt_arith(blk, in->arg[0]);
    LLVMValueRef args[3] = {x, narrow ? b->c->md_round : b->c->md_strict, b->c->md_strict};
    return result(blk, in,
                  lopt_call_intrinsic(b, narrow ? LOPT_INTR_FPTRUNC : LOPT_INTR_FPEXT, t, 2, args, narrow ? 3 : 2));
}

LLVMValueRef lopt_op_fround(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    static const enum lopt_intrinsic fixed[8] = {[IR_RNE] = LOPT_INTR_ROUNDEVEN,
                                                 [IR_RTZ] = LOPT_INTR_TRUNC,
                                                 [IR_RDN] = LOPT_INTR_FLOOR,
                                                 [IR_RUP] = LOPT_INTR_CEIL};
    LLVMTypeRef t = fp_type(b, in);
    unsigned rm = ir_fp_rm(in->aux);
    bool exact = in->aux & IR_FP_EXACT, dynamic = rm == IR_RDYN;
    if (!t || !b->host->rounds || (!dynamic && (exact || !fixed[rm])))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef x = operand(blk, in, 0, t);
    LLVMValueRef args[3] = {x, dynamic ? b->c->md_round : b->c->md_strict, b->c->md_strict};
    enum lopt_intrinsic id = !dynamic ? fixed[rm] : exact ? LOPT_INTR_RINT : LOPT_INTR_NEARBYINT;
    return result(blk, in, lopt_call_intrinsic(b, id, &t, 1, args, dynamic ? 3 : 2));
}

/* Known flags are loaded (src/ir/fp_watch.h I1): a volatile load, because an FP operation before it may trap and change
 * what is known. */
LLVMValueRef lopt_op_fflags(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    LLVMValueRef watch = lopt_cpu_load(b, i32, offsetof(struct cpu, fp_watch), 4);
    b->ll->SetVolatile(watch, 1);
    struct lopt_diamond side = lopt_side_eval(blk, in, lopt_icmp(b, LLVMIntSGE, watch, lopt_int(b, i32, 0)));
    LLVMValueRef soft = lopt_cpu_load(b, i32, offsetof(struct cpu, fp_flags), 4);
    LLVMValueRef flags = lopt_bin(b, LLVMAnd, lopt_bin(b, LLVMOr, watch, soft), lopt_int(b, i32, FP_WATCH_FLAGS));
    return lopt_side_end(b, &side, flags);
}
