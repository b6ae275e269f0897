/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between floating-point numbers and integers, and classes of numbers.
 *
 * I1  Integers: x is rounded to an integral number without a flag, and that is converted: invalid is raised where the
 *     result does not fit, and nothing else. If it fits, converting x itself raises inexact where that is due: cut off,
 *     x fits, too. Where the result is the integer that also stands for "does not fit", ir_eval says which one it is.
 * I2  To nearest, ties away: x is cut off to t, and twice the rest, cut off, is -1, 0 or 1, which t is short of. All of
 *     it is exact, whatever the rounding mode.
 * I3  A conversion of an integer that fits the significand is exact in every rounding mode.
 */
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/fp.h"
#include "llvm-opt/emit/host_fp.h"
#include "llvm-opt/emit/op_fns.h"

static bool is_scalar(const struct ir_insn *in)
{
    return !ir_fp_elem(in->aux) && (in->type == IR_F32 || in->type == IR_F64);
}

/* cvtt instruction: truncates, raises invalid alone if out of range, and then gives the smallest integer. The freeze
 * keeps LLVM from using that its own operation is undefined there. */
static LLVMValueRef truncate(struct lopt_build *b, LLVMValueRef x, LLVMTypeRef ti)
{
    LLVMTypeRef t[2] = {ti, b->ll->TypeOf(x)};
    LLVMValueRef args[2] = {x, b->c->md_strict};
    return b->ll->BuildFreeze(b->ir, lopt_call_intrinsic(b, LOPT_INTR_FPTOSI, t, 2, args, 2), "");
}

static bool can_convert(struct lopt_build *b, const struct ir_insn *in, enum ir_type from)
{
    bool types = (from == IR_F32 || from == IR_F64) && (in->type == IR_I32 || in->type == IR_I64);
    return types && !ir_fp_elem(in->aux) && !(in->aux & IR_FP_DAZ);
}

static LLVMValueRef fp_const(struct lopt_build *b, LLVMTypeRef t, double v)
{
    union {
        double d;
        uint64_t u;
    } d = {.d = v};
    union {
        float f;
        uint32_t u;
    } f = {.f = (float)v};
    return t == lopt_type(b, IR_F64) ? lopt_const_bits(b, IR_F64, d.u, 0) : lopt_const_bits(b, IR_F32, f.u, 0);
}

/* x rounded to an integral number in the dynamic mode, inexact raised as it should be. */
static LLVMValueRef round_dynamic(struct lopt_build *b, LLVMValueRef x)
{
    LLVMTypeRef t = b->ll->TypeOf(x);
    LLVMValueRef args[3] = {x, b->c->md_round, b->c->md_strict};
    return lopt_call_intrinsic(b, LOPT_INTR_RINT, &t, 1, args, 3);
}

/* The same in a static mode; inexact is not raised. */
static LLVMValueRef round_static(struct lopt_build *b, enum ir_rm rm, LLVMValueRef x)
{
    static const enum lopt_intrinsic fixed[] = {[IR_RNE] = LOPT_INTR_ROUNDEVEN,
                                                [IR_RTZ] = LOPT_INTR_TRUNC,
                                                [IR_RDN] = LOPT_INTR_FLOOR,
                                                [IR_RUP] = LOPT_INTR_CEIL,
                                                [IR_RMM] = LOPT_INTR_TRUNC};
    LLVMTypeRef t = b->ll->TypeOf(x);
    LLVMValueRef args[4] = {x, b->c->md_strict};
    LLVMValueRef whole = lopt_call_intrinsic(b, fixed[rm], &t, 1, args, 2);
    if (rm != IR_RMM)
        return whole;
    args[1] = whole, args[2] = b->c->md_round, args[3] = b->c->md_strict; /* I2 */
    LLVMValueRef rest = lopt_call_intrinsic(b, LOPT_INTR_FSUB, &t, 1, args, 4);
    args[0] = args[1] = rest;
    args[0] = lopt_call_intrinsic(b, LOPT_INTR_FADD, &t, 1, args, 4);
    args[1] = b->c->md_strict;
    args[1] = lopt_call_intrinsic(b, LOPT_INTR_TRUNC, &t, 1, args, 2);
    args[0] = whole;
    return lopt_call_intrinsic(b, LOPT_INTR_FADD, &t, 1, args, 4);
}

/* Rounded in mode rm to an integer of type ti, flags raised as they should be if it fits. */
static LLVMValueRef to_int(struct lopt_build *b, enum ir_rm rm, LLVMValueRef x, LLVMTypeRef ti)
{
    if (rm == IR_RTZ)
        return truncate(b, x, ti);
    if (rm == IR_RDYN)
        return truncate(b, round_dynamic(b, x), ti);
    LLVMValueRef v = truncate(b, round_static(b, rm, x), ti);
    truncate(b, x, ti); /* I1 */
    return v;
}

static bool has_rounding(const struct lopt_build *b, enum ir_rm rm)
{
    return rm == IR_RTZ || (b->host->rounds && (rm <= IR_RMM || rm == IR_RDYN));
}

/* |x| < limit, false for NaN: by the bits, so that no flag is raised. */
static LLVMValueRef below(struct lopt_build *b, LLVMValueRef x, double limit)
{
    LLVMTypeRef t = b->ll->TypeOf(x);
    bool is_double = t == lopt_type(b, IR_F64);
    LLVMTypeRef ti = lopt_type(b, is_double ? IR_I64 : IR_I32);
    LLVMValueRef mag = lopt_bin(b, LLVMAnd, lopt_bitcast(b, x, ti), lopt_int(b, ti, is_double ? INT64_MAX : INT32_MAX));
    return lopt_icmp(b, LLVMIntULT, mag, lopt_bitcast(b, fp_const(b, t, limit), ti));
}

static bool is_packed32(const struct ir_insn *in)
{
    return in->type == IR_V128 && ir_fp_elem(in->aux) == IR_F32 && !(in->aux & (IR_FP_DAZ | IR_FP_FTZ | IR_FP_TRAPS));
}

/* Vectors of f32, cut off. */
static LLVMValueRef truncate_packed(struct lopt_block *blk, const struct ir_insn *in)
{
    enum { LANES = 4 };
    struct lopt_build *b = blk->b;
    LLVMTypeRef i32 = lopt_type(b, IR_I32), ints = b->ll->VectorType(i32, LANES);
    LLVMTypeRef floats = b->ll->VectorType(lopt_type(b, IR_F32), LANES),
                bits = b->ll->IntTypeInContext(b->c->ctx, LANES);
    LLVMValueRef smallest = lopt_int(b, i32, UINT64_C(1) << 31), all[LANES] = {smallest, smallest, smallest, smallest};
    LLVMValueRef v = truncate(b, lopt_bitcast(b, lopt_exact(blk, in->arg[0]), floats), ints);
    LLVMValueRef odd = lopt_bitcast(b, lopt_icmp(b, LLVMIntEQ, v, b->ll->ConstVector(all, LANES)), bits);
    struct lopt_diamond side = lopt_side_eval(blk, in, lopt_icmp(b, LLVMIntNE, odd, b->ll->ConstNull(bits)));
    return lopt_side_end(b, &side, lopt_bitcast(b, v, lopt_type(b, IR_V128)));
}

/* Vectors of i32. */
static LLVMValueRef from_packed(struct lopt_block *blk, const struct ir_insn *in)
{
    enum { LANES = 4 };
    struct lopt_build *b = blk->b;
    LLVMTypeRef t[2] = {b->ll->VectorType(lopt_type(b, IR_F32), LANES), b->ll->VectorType(lopt_type(b, IR_I32), LANES)};
    LLVMValueRef args[3] = {lopt_bitcast(b, lopt_exact(blk, in->arg[0]), t[1]), b->c->md_round, b->c->md_strict};
    return lopt_bitcast(b, lopt_call_intrinsic(b, LOPT_INTR_SITOFP, t, 2, args, 3), lopt_type(b, IR_V128));
}

LLVMValueRef lopt_op_fcvt_fs(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    enum ir_rm rm = ir_fp_rm(in->aux);
    if (ir_fp_nan_rule(in->aux) == IR_NAN_X86)
        return lopt_x86_to_int(blk, in);
    if (is_packed32(in) && rm == IR_RTZ)
        return truncate_packed(blk, in);
    if (!can_convert(b, in, from) || !has_rounding(b, rm))
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef ti = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef x = lopt_exact(blk, in->arg[0]);
    if (rm == IR_RDYN) {
        LLVMValueRef far = b->ll->BuildBinOp(b->ir, LLVMXor, below(b, x, in->type == IR_I64 ? 0x1p62 : 0x1p30),
                                             lopt_int(b, lopt_type(b, IR_I1), 1), "");
        struct lopt_diamond side = lopt_side_eval(blk, in, far);
        return lopt_side_end(b, &side, to_int(b, rm, x, ti));
    }
    LLVMValueRef v = truncate(b, rm == IR_RTZ ? x : round_static(b, rm, x), ti);
    LLVMValueRef smallest = lopt_int(b, ti, in->type == IR_I64 ? UINT64_C(1) << 63 : UINT64_C(1) << 31);
    struct lopt_diamond side = lopt_side_eval(blk, in, lopt_icmp(b, LLVMIntEQ, v, smallest));
    if (rm != IR_RTZ)
        truncate(b, x, ti); /* I1 */
    return lopt_side_end(b, &side, v);
}

/* Inline where the signed 64-bit conversion gives the answer: 0 <= x < 2^32 or 2^63. */
LLVMValueRef lopt_op_fcvt_fu(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    enum ir_rm rm = ir_fp_rm(in->aux);
    if (!can_convert(b, in, from) || !has_rounding(b, rm))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef x = lopt_exact(blk, in->arg[0]);
    LLVMTypeRef t = b->ll->TypeOf(x), ti = lopt_type(b, from == IR_F64 ? IR_I64 : IR_I32);
    double limit = in->type == IR_I64 ? 0x1p63 : rm != IR_RTZ ? 0x1p31 : 0x1p32;
    /* unsigned compare of the bits: negative numbers and NaNs are large */
    LLVMValueRef far = lopt_icmp(b, LLVMIntUGE, lopt_bitcast(b, x, ti), lopt_bitcast(b, fp_const(b, t, limit), ti));
    struct lopt_diamond side = lopt_side_eval(blk, in, far);
    LLVMValueRef v = to_int(b, rm, x, lopt_type(b, IR_I64));
    if (in->type == IR_I32)
        v = lopt_cast(b, LLVMTrunc, v, lopt_type(b, IR_I32));
    return lopt_side_end(b, &side, v);
}

/* From integers in the dynamic mode, or exactly. LLVM's own unsigned 64-bit sequence is only trusted where it is an
 * instruction. */
static LLVMValueRef from_int(struct lopt_block *blk, const struct ir_insn *in, unsigned id, LLVMValueRef x)
{
    struct lopt_build *b = blk->b;
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    LLVMTypeRef t[2] = {lopt_type(b, (enum ir_type)in->type), lopt_type(b, from)};
    LLVMValueRef args[3] = {x, b->c->md_round, b->c->md_strict};
    if (id == LOPT_INTR_UITOFP && from == IR_I32) { /* fits the signed 64-bit conversion */
        id = LOPT_INTR_SITOFP;
        t[1] = lopt_type(b, IR_I64);
        args[0] = lopt_cast(b, LLVMZExt, x, t[1]);
    }
    if (id == LOPT_INTR_SITOFP || b->host->converts_u64)
        return lopt_call_intrinsic(b, (enum lopt_intrinsic)id, t, 2, args, 3);
    struct lopt_diamond side = lopt_side_eval(blk, in, lopt_icmp(b, LLVMIntSLT, x, lopt_int(b, t[1], 0)));
    return lopt_side_end(b, &side, lopt_call_intrinsic(b, LOPT_INTR_SITOFP, t, 2, args, 3));
}

/* In a static mode: inline where it is exact (I3). */
static LLVMValueRef from_int_static(struct lopt_block *blk, const struct ir_insn *in, unsigned id, LLVMValueRef x)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef ti = b->ll->TypeOf(x), t[2] = {lopt_type(b, (enum ir_type)in->type), ti};
    uint64_t limit = UINT64_C(1) << (in->type == IR_F64 ? 53 : 24);
    bool is_signed = id == LOPT_INTR_SITOFP;
    LLVMValueRef distance = is_signed ? lopt_bin(b, LLVMAdd, x, lopt_int(b, ti, limit)) : x;
    LLVMValueRef far = lopt_icmp(b, LLVMIntUGT, distance, lopt_int(b, ti, is_signed ? 2 * limit : limit));
    struct lopt_diamond side = lopt_side_eval(blk, in, far);
    LLVMValueRef args[3] = {x, b->c->md_round, b->c->md_strict};
    return lopt_side_end(b, &side, lopt_call_intrinsic(b, LOPT_INTR_SITOFP, t, 2, args, 3));
}

LLVMValueRef lopt_op_fcvt_if(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    bool exact = in->type == IR_F64 && from == IR_I32;
    if (id == LOPT_INTR_SITOFP && ir_fp_elem(in->aux) && lopt_is_x86_rule(in))
        return lopt_x86_from_int(blk, in);
    if (id == LOPT_INTR_SITOFP && is_packed32(in) && ir_fp_rm(in->aux) == IR_RDYN)
        return from_packed(blk, in);
    if (!is_scalar(in) || (from != IR_I32 && from != IR_I64))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef x = lopt_exact(blk, in->arg[0]);
    if (exact || ir_fp_rm(in->aux) == IR_RDYN)
        return from_int(blk, in, id, x);
    return from_int_static(blk, in, id, x);
}

/* ---- classes ---- */

/* How many of the limits mag reaches. */
static LLVMValueRef reached(struct lopt_build *b, LLVMValueRef mag, const uint64_t *limits, unsigned n)
{
    LLVMTypeRef t = b->ll->TypeOf(mag);
    LLVMValueRef sum = lopt_int(b, t, 0);
    for (unsigned i = 0; i < n; i++)
        sum = lopt_bin(b, LLVMAdd, sum,
                       lopt_cast(b, LLVMZExt, lopt_icmp(b, LLVMIntUGE, mag, lopt_int(b, t, limits[i])), t));
    return sum;
}

/* RISC-V's classes from the lowest bit: -inf, -normal, -subnormal, -0, +0, +subnormal, +normal, +inf, signaling NaN,
 * quiet NaN. */
LLVMValueRef lopt_op_fclass(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type from = lopt_type_of(blk, in->arg[0]);
    bool f64 = from == IR_F64;
    if ((!f64 && from != IR_F32) || ir_fp_elem(in->aux) || (in->type != IR_I32 && in->type != IR_I64))
        return lopt_op_eval(blk, in, 0);
    unsigned fraction = f64 ? 52 : 23;
    uint64_t sign = UINT64_C(1) << (f64 ? 63 : 31), normal = UINT64_C(1) << fraction;
    uint64_t inf = (f64 ? UINT64_C(0x7ff) : UINT64_C(0xff)) << fraction;
    const uint64_t limits[] = {1, normal, inf, inf + 1, inf + normal / 2};
    LLVMTypeRef ti = lopt_type(b, f64 ? IR_I64 : IR_I32);
    LLVMValueRef bits = lopt_bitcast(b, lopt_exact(blk, in->arg[0]), ti);
    LLVMValueRef mag = lopt_bin(b, LLVMAnd, bits, lopt_int(b, ti, sign - 1));
    LLVMValueRef n = reached(b, mag, limits, ARRAY_LEN(limits));
    LLVMValueRef mirrored = lopt_bin(b, LLVMAnd, lopt_icmp(b, LLVMIntSLT, bits, lopt_int(b, ti, 0)),
                                     lopt_icmp(b, LLVMIntULE, mag, lopt_int(b, ti, inf)));
    LLVMValueRef place =
        lopt_sel(b, mirrored, lopt_bin(b, LLVMSub, lopt_int(b, ti, 3), n), lopt_bin(b, LLVMAdd, n, lopt_int(b, ti, 4)));
    LLVMValueRef one = lopt_bin(b, LLVMShl, lopt_int(b, ti, 1), place);
    LLVMTypeRef to = lopt_type(b, (enum ir_type)in->type);
    return ti == to ? one : lopt_cast(b, f64 ? LLVMTrunc : LLVMZExt, one, to);
}
