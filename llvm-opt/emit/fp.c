/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar floating point (and plain vector arithmetic) as constrained intrinsics: the host's instruction, its flags in
 * MXCSR, nothing folded or moved.
 *
 * I1  Only what the host does exactly is inlined: the dynamic rounding mode (it is in MXCSR), no flush to zero,
 *     tininess after rounding. The rest goes to ir_eval.
 * I2  The x86 NaN rule is fp_x86.c's. Where another one is asked for, a NaN result is computed again by ir_eval on
 *     a side path. Its flags are those already raised.
 * I3  No side path raises a flag that the operation does not raise.
 * I4  Infinity * 0 + quiet NaN is invalid in the IR but not on x86. A NaN result of an FMA is computed again by
 *     ir_eval, for the flag alone; the check may wait, but not past a place where flags can be seen (lopt_fp_settle).
 * I5  x86 compares give three flags of one pair of operands, mostly for the exits alone. The first raises what there is
 *     to raise; the others are free for LLVM to move to where their result is wanted, since raising it again changes
 *     nothing. In a region that calls helpers, which may clear flags, it might be moved past that.
 */
#include "llvm-opt/emit/emit.h"
#include "src/ir/fp_watch.h"

static unsigned elem_of(const struct ir_insn *in) { return in->aux >> IR_FP_ELEM_SHIFT & 15; }
static bool is_scalar(const struct ir_insn *in) { return !elem_of(in) && (in->type == IR_F32 || in->type == IR_F64); }
static unsigned rm_of(const struct ir_insn *in) { return in->aux & IR_FP_RM; }

/* The vector type to compute in, or NULL if the host cannot do this exactly. */
static LLVMTypeRef fp_type(struct lopt_emit *l, const struct ir_insn *in)
{
    unsigned e = elem_of(in), bits = ir_type_bits((enum ir_type)in->type);
    if (in->aux & (lopt_is_x86_rule(in) ? IR_FP_TINY_BEFORE : IR_FP_DAZ | IR_FP_FTZ | IR_FP_TINY_BEFORE))
        return NULL;
    if (!e)
        return in->type == IR_F32 || in->type == IR_F64 ? lopt_type(l, (enum ir_type)in->type) : NULL;
    if ((e != IR_F32 && e != IR_F64) || (in->aux & IR_FP_NAN && !lopt_is_x86_rule(in)))
        return NULL;
    return l->ll->VectorType(lopt_type(l, (enum ir_type)e), bits / ir_type_bits((enum ir_type)e));
}

static LLVMValueRef operand(struct lopt_emit *l, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return elem_of(in) ? lopt_bitcast(l, lopt_exact(l, in->arg[i]), t) : lopt_arith(l, in->arg[i]);
}

/* Result: back to the value's type, NaN rule applied. The NaN is found by its bits: a compare reports subnormal
 * numbers, which x86 guests see (I3). */
static LLVMValueRef result(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    if (elem_of(in))
        return lopt_bitcast(l, v, lopt_type(l, (enum ir_type)in->type));
    if (!(in->aux & IR_FP_NAN) || lopt_is_x86_rule(in)) /* of one operand's NaN, the host makes what x86 makes */
        return v;
    struct lopt_diamond side = lopt_side_eval(l, in, lopt_is_nan_bits(l, v));
    return lopt_side_end(l, &side, v);
}

/* operands: n, and room for two more */
static LLVMValueRef arith_call(struct lopt_emit *l, enum lopt_intrinsic id, LLVMValueRef *operands, unsigned n)
{
    LLVMTypeRef t = l->ll->TypeOf(operands[0]);
    operands[n] = l->c->md_round;
    operands[n + 1] = l->c->md_strict;
    return lopt_call_intrinsic(l, id, &t, 1, operands, n + 2);
}

static LLVMValueRef fma_call(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef const *operands)
{
    LLVMTypeRef t = l->ll->TypeOf(operands[0]);
    LLVMValueRef args[5] = {operands[0], operands[1], operands[2], l->c->md_round, l->c->md_strict};
    if (in->aux & IR_FP_NEG_PRODUCT)
        args[0] = l->ll->BuildFNeg(l->b, args[0], "");
    if (in->aux & IR_FP_NEG_ADDEND)
        args[2] = l->ll->BuildFNeg(l->b, args[2], "");
    return lopt_call_intrinsic(l, LOPT_INTR_FMA, &t, 1, args, 5);
}

LLVMValueRef lopt_lanes(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef *operands)
{
    static const uint8_t ids[IR_OP_COUNT] = {[IR_FADD] = LOPT_INTR_FADD,
                                             [IR_FSUB] = LOPT_INTR_FSUB,
                                             [IR_FMUL] = LOPT_INTR_FMUL,
                                             [IR_FDIV] = LOPT_INTR_FDIV,
                                             [IR_FSQRT] = LOPT_INTR_FSQRT};
    if (in->op == IR_FMA)
        return fma_call(l, in, operands);
    return arith_call(l, (enum lopt_intrinsic)ids[in->op], operands, ir_insn_arg_count(in));
}

LLVMValueRef lopt_op_farith(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = fp_type(l, in);
    unsigned n = ir_insn_arg_count(in);
    if (lopt_is_x86_rule(in))
        return lopt_x86_arith(l, in, id);
    if (!t || rm_of(in) != IR_RDYN)
        return lopt_op_eval(l, in, 0);
    LLVMValueRef args[4];
    for (unsigned i = 0; i < n; i++)
        args[i] = operand(l, in, i, t);
    return result(l, in, arith_call(l, (enum lopt_intrinsic)id, args, n));
}

void lopt_fp_settle(struct lopt_emit *l)
{
    if (!l->fma_count)
        return;
    LLVMBasicBlockRef side = lopt_new_bb(l, "fma"), main = lopt_new_bb(l, "");
    LLVMValueRef last = l->fma[l->fma_count - 1].result;
    LLVMValueRef nan = l->ll->BuildFCmp(l->b, LLVMRealUNO, l->fma[0].result, last, "");
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, nan, side, main), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, side);
    for (unsigned i = 0; i < l->fma_count; i++)
        lopt_eval_values(l, l->fma[i].in, l->fma[i].values);
    l->ll->BuildBr(l->b, main);
    l->ll->PositionBuilderAtEnd(l->b, main);
    l->fma_count = 0;
}

/* I4: notes the result for lopt_fp_settle; one compare checks two results of a type. */
static void check_later(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef const *operands,
                        LLVMValueRef result)
{
    if (l->fma_count == ARRAY_LEN(l->fma) || (l->fma_count && l->fma[0].in->type != in->type))
        lopt_fp_settle(l);
    struct lopt_fma *f = &l->fma[l->fma_count++];
    *f = (struct lopt_fma){.in = in, .values = {operands[0], operands[1], operands[2]}, .result = result};
}

LLVMValueRef lopt_op_fma(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = fp_type(l, in);
    if (lopt_is_x86_rule(in))
        return lopt_x86_fma(l, in);
    if (!t || elem_of(in) || rm_of(in) != IR_RDYN || !l->opt->has_fma)
        return lopt_op_eval(l, in, 0);
    LLVMValueRef operands[3];
    for (unsigned i = 0; i < 3; i++)
        operands[i] = operand(l, in, i, t);
    LLVMValueRef v = fma_call(l, in, operands);
    if (in->aux & IR_FP_NAN)
        return result(l, in, v);
    if (!l->fp_fast)
        check_later(l, in, operands, v);
    return v;
}

/* NaN operands go out of line; of equal operands the bits are or-ed (min) or and-ed (max), which orders the zeros. */
LLVMValueRef lopt_op_fminmax(struct lopt_emit *l, const struct ir_insn *in, unsigned max)
{
    if (lopt_is_x86_rule(in))
        return lopt_x86_minmax(l, in, max);
    if (!is_scalar(in) || in->aux & (IR_FP_DAZ | IR_FP_FTZ | IR_FP_NAN))
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type), ti = lopt_type(l, in->type == IR_F64 ? IR_I64 : IR_I32);
    LLVMValueRef a = lopt_exact(l, in->arg[0]), b = lopt_exact(l, in->arg[1]);
    struct lopt_diamond side = lopt_side_eval(l, in, lopt_fcmp(l, "uno", false, a, b));
    LLVMValueRef pick = lopt_sel(l, lopt_fcmp(l, max ? "ogt" : "olt", false, a, b), a, b);
    LLVMValueRef both = lopt_bin(l, max ? LLVMAnd : LLVMOr, lopt_bitcast(l, a, ti), lopt_bitcast(l, b, ti));
    LLVMValueRef equal = lopt_fcmp(l, "oeq", false, a, b);
    return lopt_side_end(l, &side, lopt_sel(l, equal, lopt_bitcast(l, both, t), pick));
}

/* Signs are bits: 0 negate, 1 absolute value, 2 copy the sign of the second operand. */
LLVMValueRef lopt_op_fsign(struct lopt_emit *l, const struct ir_insn *in, unsigned what)
{
    if (in->type == IR_F80 && what < 2) {
        LLVMValueRef v = lopt_exact(l, in->arg[0]);
        return what ? lopt_call_intrinsic(l, LOPT_INTR_FABS, &l->c->type[IR_F80], 1, &v, 1)
                    : l->ll->BuildFNeg(l->b, v, "");
    }
    if (!is_scalar(in))
        return lopt_op_eval(l, in, 0);
    bool is_double = in->type == IR_F64;
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type), ti = lopt_type(l, is_double ? IR_I64 : IR_I32);
    LLVMValueRef sign = lopt_int(l, ti, is_double ? UINT64_C(1) << 63 : UINT64_C(1) << 31);
    LLVMValueRef mag = lopt_int(l, ti, is_double ? INT64_MAX : INT32_MAX);
    LLVMValueRef x = lopt_bitcast(l, lopt_exact(l, in->arg[0]), ti);
    if (what == 0)
        return l->ll->BuildFNeg(l->b, lopt_exact(l, in->arg[0]), "");
    x = lopt_bin(l, LLVMAnd, x, mag);
    if (what == 2)
        x = lopt_bin(l, LLVMOr, x, lopt_bin(l, LLVMAnd, lopt_bitcast(l, lopt_exact(l, in->arg[1]), ti), sign));
    return lopt_bitcast(l, x, t);
}

/* IR_FCOND_NOEXC: the quiet compare raises invalid for signaling NaNs only; where one is possible, NaNs do not get
 * there. A raw value that stands for a canonical NaN is quiet, so it may. */
static LLVMValueRef compare_noexc(struct lopt_emit *l, const struct ir_insn *in, const char *name)
{
    LLVMValueRef x[2], nan = NULL;
    for (unsigned i = 0; i < 2; i++) {
        x[i] = lopt_arith(l, in->arg[i]);
        if (lopt_is_quiet(l->block, in->arg[i]))
            continue;
        LLVMValueRef test = lopt_is_nan_bits(l, x[i]);
        nan = nan ? lopt_bin(l, LLVMOr, nan, test) : test;
    }
    if (!nan)
        return lopt_fcmp(l, name, false, x[0], x[1]);
    struct lopt_diamond side = lopt_side_begin(l, nan);
    lopt_side_else(l, &side, lopt_int(l, lopt_type(l, IR_I1), (in->aux & IR_FCOND_MASK) == IR_FUNO));
    return lopt_side_end(l, &side, lopt_fcmp(l, name, false, x[0], x[1]));
}

/* I5: a compare of the same operands, for another relation, comes shortly before. */
static bool is_compared(const struct lopt_emit *l, const struct ir_insn *in)
{
    enum { FAR = 16 };
    const struct ir_insn *first = l->block->insns, *p = in;
    if (!(in->aux & IR_FCOND_X86) || l->has_calls)
        return false;
    while (p > first && in - p < FAR) {
        bool swapped = (--p)->arg[0] == in->arg[1];
        if (p->op == IR_FCMP && p->type == in->type && (p->aux & ~IR_FCOND_MASK) == (in->aux & ~IR_FCOND_MASK) &&
            p->arg[0] == in->arg[swapped] && p->arg[1] == in->arg[!swapped])
            return true;
    }
    return false;
}

LLVMValueRef lopt_op_fcmp(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    static const char *const names[] = {[IR_FEQ] = "oeq", [IR_FLT] = "olt", [IR_FLE] = "ole", [IR_FUNO] = "uno"};
    if ((in->type != IR_F32 && in->type != IR_F64) || in->aux >> 8)
        return lopt_op_eval(l, in, 0);
    if (in->aux & IR_FCOND_NOEXC)
        return compare_noexc(l, in, names[in->aux & 3]);
    LLVMValueRef a = lopt_arith(l, in->arg[0]), b = lopt_arith(l, in->arg[1]);
    if (is_compared(l, in))
        return lopt_fcmp_plain(l, names[in->aux & 3], a, b);
    return lopt_fcmp(l, names[in->aux & 3], in->aux & IR_FCOND_SIGNALING, a, b);
}

LLVMValueRef lopt_op_fcvt_ff(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type from = lopt_type_of(l, in->arg[0]);
    bool widen = from == IR_F32 && in->type == IR_F64, narrow = from == IR_F64 && in->type == IR_F32;
    if (!fp_type(l, in) || elem_of(in) || !(widen || (narrow && rm_of(in) == IR_RDYN)))
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t[2] = {lopt_type(l, (enum ir_type)in->type), lopt_type(l, from)};
    LLVMValueRef x = lopt_arith(l, in->arg[0]);
    LLVMValueRef args[3] = {x, narrow ? l->c->md_round : l->c->md_strict, l->c->md_strict};
    return result(l, in,
                  lopt_call_intrinsic(l, narrow ? LOPT_INTR_FPTRUNC : LOPT_INTR_FPEXT, t, 2, args, narrow ? 3 : 2));
}

/* cvtt instruction: truncates, raises invalid alone if out of range, and then gives the smallest integer. The freeze
 * keeps LLVM from using that its own operation is undefined there. */
static LLVMValueRef truncate(struct lopt_emit *l, LLVMValueRef x, LLVMTypeRef ti)
{
    LLVMTypeRef t[2] = {ti, l->ll->TypeOf(x)};
    LLVMValueRef args[2] = {x, l->c->md_strict};
    return l->ll->BuildFreeze(l->b, lopt_call_intrinsic(l, LOPT_INTR_FPTOSI, t, 2, args, 2), "");
}

static bool can_convert(struct lopt_emit *l, const struct ir_insn *in, enum ir_type from)
{
    bool types = (from == IR_F32 || from == IR_F64) && (in->type == IR_I32 || in->type == IR_I64);
    return types && !elem_of(in) && !(in->aux & IR_FP_DAZ);
}

static LLVMValueRef fp_const(struct lopt_emit *l, LLVMTypeRef t, double v)
{
    union {
        double d;
        uint64_t u;
    } d = {.d = v};
    union {
        float f;
        uint32_t u;
    } f = {.f = (float)v};
    return t == lopt_type(l, IR_F64) ? lopt_const_bits(l, IR_F64, d.u, 0) : lopt_const_bits(l, IR_F32, f.u, 0);
}

/* x rounded to an integer in the dynamic mode, inexact raised as it should be. */
static LLVMValueRef round_dynamic(struct lopt_emit *l, LLVMValueRef x)
{
    LLVMTypeRef t = l->ll->TypeOf(x);
    LLVMValueRef args[3] = {x, l->c->md_round, l->c->md_strict};
    return lopt_call_intrinsic(l, LOPT_INTR_RINT, &t, 1, args, 3);
}

/* |x| < limit, false for NaN: by the bits, so that no flag is raised. */
static LLVMValueRef below(struct lopt_emit *l, LLVMValueRef x, double limit)
{
    LLVMTypeRef t = l->ll->TypeOf(x);
    bool is_double = t == lopt_type(l, IR_F64);
    LLVMTypeRef ti = lopt_type(l, is_double ? IR_I64 : IR_I32);
    LLVMValueRef mag = lopt_bin(l, LLVMAnd, lopt_bitcast(l, x, ti), lopt_int(l, ti, is_double ? INT64_MAX : INT32_MAX));
    return lopt_icmp(l, LLVMIntULT, mag, lopt_bitcast(l, fp_const(l, t, limit), ti));
}

LLVMValueRef lopt_op_fcvt_fs(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type from = lopt_type_of(l, in->arg[0]);
    if ((in->aux & IR_FP_NAN) >> IR_FP_NAN_SHIFT == 1)
        return lopt_x86_to_int(l, in);
    if (!can_convert(l, in, from) || (rm_of(in) != IR_RTZ && rm_of(in) != IR_RDYN))
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef ti = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef x = lopt_exact(l, in->arg[0]);
    if (rm_of(in) == IR_RDYN && !l->opt->has_sse41)
        return lopt_op_eval(l, in, 0);
    if (rm_of(in) == IR_RDYN) {
        LLVMValueRef far = l->ll->BuildBinOp(l->b, LLVMXor, below(l, x, in->type == IR_I64 ? 0x1p62 : 0x1p30),
                                             lopt_int(l, lopt_type(l, IR_I1), 1), "");
        struct lopt_diamond side = lopt_side_eval(l, in, far);
        return lopt_side_end(l, &side, truncate(l, round_dynamic(l, x), ti));
    }
    LLVMValueRef v = truncate(l, x, ti);
    LLVMValueRef smallest = lopt_int(l, ti, in->type == IR_I64 ? UINT64_C(1) << 63 : UINT64_C(1) << 31);
    struct lopt_diamond side = lopt_side_eval(l, in, lopt_icmp(l, LLVMIntEQ, v, smallest));
    return lopt_side_end(l, &side, v);
}

/* Inline where the signed 64-bit conversion gives the answer: 0 <= x < 2^32 or 2^63. */
LLVMValueRef lopt_op_fcvt_fu(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type from = lopt_type_of(l, in->arg[0]);
    if (!can_convert(l, in, from) || (rm_of(in) != IR_RTZ && rm_of(in) != IR_RDYN))
        return lopt_op_eval(l, in, 0);
    LLVMValueRef x = lopt_exact(l, in->arg[0]);
    LLVMTypeRef t = l->ll->TypeOf(x), ti = lopt_type(l, from == IR_F64 ? IR_I64 : IR_I32);
    bool dynamic = rm_of(in) == IR_RDYN;
    if (dynamic && !l->opt->has_sse41)
        return lopt_op_eval(l, in, 0);
    double limit = in->type == IR_I64 ? 0x1p63 : dynamic ? 0x1p31 : 0x1p32;
    /* unsigned compare of the bits: negative numbers and NaNs are large */
    LLVMValueRef far = lopt_icmp(l, LLVMIntUGE, lopt_bitcast(l, x, ti), lopt_bitcast(l, fp_const(l, t, limit), ti));
    struct lopt_diamond side = lopt_side_eval(l, in, far);
    LLVMValueRef v = truncate(l, dynamic ? round_dynamic(l, x) : x, lopt_type(l, IR_I64));
    if (in->type == IR_I32)
        v = lopt_cast(l, LLVMTrunc, v, lopt_type(l, IR_I32));
    return lopt_side_end(l, &side, v);
}

/* From integers: int32 to double is exact; LLVM's own unsigned 64-bit sequence is only trusted where it is an
 * instruction. */
LLVMValueRef lopt_op_fcvt_if(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    enum ir_type from = lopt_type_of(l, in->arg[0]);
    bool exact = in->type == IR_F64 && from == IR_I32;
    if (id == LOPT_INTR_SITOFP && elem_of(in) && lopt_is_x86_rule(in))
        return lopt_x86_from_int(l, in);
    if (!is_scalar(in) || (from != IR_I32 && from != IR_I64) || !(exact || rm_of(in) == IR_RDYN))
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t[2] = {lopt_type(l, (enum ir_type)in->type), lopt_type(l, from)};
    LLVMValueRef x = lopt_exact(l, in->arg[0]);
    LLVMValueRef args[3] = {x, l->c->md_round, l->c->md_strict};
    if (id == LOPT_INTR_UITOFP && from == IR_I32) { /* fits the signed 64-bit conversion */
        id = LOPT_INTR_SITOFP;
        t[1] = lopt_type(l, IR_I64);
        args[0] = lopt_cast(l, LLVMZExt, x, t[1]);
    }
    if (id == LOPT_INTR_SITOFP || l->opt->has_avx512)
        return lopt_call_intrinsic(l, (enum lopt_intrinsic)id, t, 2, args, 3);
    struct lopt_diamond side = lopt_side_eval(l, in, lopt_icmp(l, LLVMIntSLT, x, lopt_int(l, t[1], 0)));
    return lopt_side_end(l, &side, lopt_call_intrinsic(l, LOPT_INTR_SITOFP, t, 2, args, 3));
}

LLVMValueRef lopt_op_fround(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    static const enum lopt_intrinsic fixed[8] = {[IR_RNE] = LOPT_INTR_ROUNDEVEN,
                                                 [IR_RTZ] = LOPT_INTR_TRUNC,
                                                 [IR_RDN] = LOPT_INTR_FLOOR,
                                                 [IR_RUP] = LOPT_INTR_CEIL};
    LLVMTypeRef t = fp_type(l, in);
    unsigned rm = rm_of(in);
    bool exact = in->aux & IR_FP_EXACT, dynamic = rm == IR_RDYN;
    if (!t || !l->opt->has_sse41 || (!dynamic && (exact || !fixed[rm])))
        return lopt_op_eval(l, in, 0);
    LLVMValueRef x = operand(l, in, 0, t);
    LLVMValueRef args[3] = {x, dynamic ? l->c->md_round : l->c->md_strict, l->c->md_strict};
    enum lopt_intrinsic id = !dynamic ? fixed[rm] : exact ? LOPT_INTR_RINT : LOPT_INTR_NEARBYINT;
    return result(l, in, lopt_call_intrinsic(l, id, &t, 1, args, dynamic ? 3 : 2));
}

/* Known flags are loaded (src/ir/fp_watch.h I1): a volatile load, because an FP operation before it may trap and change
 * what is known. */
LLVMValueRef lopt_op_fflags(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    LLVMValueRef watch = lopt_cpu_load(l, i32, offsetof(struct cpu, fp_watch), 4);
    l->ll->SetVolatile(watch, 1);
    struct lopt_diamond side = lopt_side_eval(l, in, lopt_icmp(l, LLVMIntSGE, watch, lopt_int(l, i32, 0)));
    LLVMValueRef soft = lopt_cpu_load(l, i32, offsetof(struct cpu, fp_flags), 4);
    LLVMValueRef flags = lopt_bin(l, LLVMAnd, lopt_bin(l, LLVMOr, watch, soft), lopt_int(l, i32, FP_WATCH_FLAGS));
    return lopt_side_end(l, &side, flags);
}
