/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between floating-point formats and integers.
 *
 * I1  To signed integers: where the result does not fit, x86 gives the smallest integer and raises invalid, and nothing
 *     else. The flags are right then; the saturated value is put in by cold code.
 * I2  To unsigned integers: the range is checked first, so that an instruction with wrong flags is never executed.
 * I3  In a static rounding mode, x is rounded to an integral number without a flag and that is converted; then
 *     converting x itself raises inexact where that is due (cut off, x fits if its rounded value does).
 * I4  To nearest, ties away: x is cut off to t, and twice the rest, cut off, is -1, 0 or 1, which t is short of. All of
 *     it is exact, whatever MXCSR's mode is.
 * I5  A conversion of an integer that fits the significand is exact in every rounding mode.
 */
#include "tcg/common/cold.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/consts.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/fp_check.h"
#include "tcg/x86_64/fp_form.h"
#include "tcg/x86_64/simd.h"

static bool is_scalar(unsigned type) { return type == IR_F32 || type == IR_F64; }
static bool is_int(unsigned type) { return type == IR_I32 || type == IR_I64; }

/* d := op(d's upper part, src) without waiting for d's old content */
static void convert(struct tcg *t, unsigned op, unsigned w, int d, int src)
{
    if (d != src)
        tcg_fp3(t, HX_XORPS, d, d, d);
    if (t->features & TCG_HAS_AVX)
        hx_vrr(&t->a, op, w, d, d, src);
    else
        hx_rr(&t->a, op, w, d, src);
}

void tcg_emit_fcvt_ff(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    struct tcg_fp_form f;
    if (!is_scalar(in->type) || !is_scalar(from) || from == in->type || ir_fp_elem(in->aux) ||
        !tcg_fp_form_checked(in, &f)) {
        tcg_fallback(t, in);
        return;
    }
    unsigned rm = from == IR_F32 ? IR_RDYN : ir_fp_rm(in->aux); /* widening is exact */
    const bool check = from == IR_F64 && in->aux & IR_FP_TINY_BEFORE;
    int a = ra_use(t, in->arg[0]);
    tcg_rm_begin(t, rm);
    int d = ra_def(t, check ? TCG_NO_REG : a, TCG_NO_REG, check ? tcg_bit(a) : 0);
    convert(t, from == IR_F32 ? HX_CVTSS2SD : HX_CVTSD2SS, 0, d, a);
    tcg_rm_end(t, rm);
    if (check)
        tcg_check_result(t, in, f, &a, d);
}

/* The host gave its "indefinite" value: NaN and large become the largest integer, else it is the smallest (I1).
 * r[0] integer, r[1] source, x: source is f64, imm: result is i64 */
static void cold_saturate_signed(struct tcg *t, const struct tcg_cold *c)
{
    tcg_fp2(t, c->x ? HX_UCOMISD : HX_UCOMISS, 0, c->r[1], c->r[1]);
    uint32_t nan = hx_jcc8(&t->a, HX_CC_P);
    tcg_fp2(t, HX_MOVD_RX, c->x, c->r[1], c->r[0]);
    hx_rr(&t->a, HX_TEST, c->x, c->r[0], c->r[0]);
    uint32_t negative = hx_jcc8(&t->a, HX_CC_S);
    hx_bind8(&t->a, nan);
    hx_mov_ri(&t->a, c->r[0], c->imm ? INT64_MAX : INT32_MAX);
    hx_jmp_off(&t->a, c->back);
    hx_bind8(&t->a, negative);
    hx_mov_ri(&t->a, c->r[0], c->imm ? (uint64_t)INT64_MIN : 0x80000000u);
    hx_jmp_off(&t->a, c->back);
}

static unsigned to_int_op(bool f64, bool truncate)
{
    static const uint16_t ops[2][2] = {{HX_CVTSS2SI, HX_CVTTSS2SI}, {HX_CVTSD2SI, HX_CVTTSD2SI}};
    return ops[f64][truncate];
}

/* Vectors of f32, element by element to or from i32 */
static bool is_packed32(const struct ir_insn *in)
{
    struct tcg_fp_form f;
    return tcg_fp_form(in, &f) && f.packed && !f.f64;
}

static void packed_convert(struct tcg *t, const struct ir_insn *in, unsigned op, unsigned rm)
{
    int a = ra_use(t, in->arg[0]);
    tcg_rm_begin(t, rm);
    tcg_fp2(t, op, 0, ra_def(t, a, TCG_NO_REG, 0), a);
    tcg_rm_end(t, rm);
}

/* Cut off; if any element does not fit (I1), ir_eval computes all. */
static void packed_truncate(struct tcg *t, const struct ir_insn *in)
{
    int x = ra_use(t, in->arg[0]), y = ra_tmp(t, TCG_RC_FPR), g = ra_tmp(t, TCG_RC_GPR);
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, tcg_bit(x));
    tcg_fp2(t, HX_CVTTPS2DQ, 0, d, x);
    tcg_fp3_m(t, HX_PCMPEQD, y, d, tcg_k(t, TCG_K_SMALLEST32));
    tcg_fp2(t, HX_MOVMSKPS, 0, g, y);
    hx_rr(&t->a, HX_TEST, 0, g, g);
    struct tcg_cold *c = tcg_cold_eval(t, hx_jcc(&t->a, HX_CC_NE), &x, d);
    c->back = (uint32_t)tcg_buf_off(&t->a);
}

/* d := x rounded in mode rm, no flag but invalid. tmp: another register, for RMM */
static void round_static(struct tcg *t, unsigned rm, bool f64, int d, int x, int tmp)
{
    static const uint8_t modes[] = {[IR_RNE] = 8, [IR_RTZ] = 11, [IR_RDN] = 9, [IR_RUP] = 10, [IR_RMM] = 11};
    unsigned round = f64 ? HX_ROUNDSD : HX_ROUNDSS, add = tcg_fp_op(HX_ADDSS, f64, false);
    tcg_fp3(t, round, d, x, x);
    hx_u8(&t->a, modes[rm]);
    if (rm != IR_RMM)
        return;
    tcg_fp2(t, HX_MOVAPS, 0, tmp, x);
    tcg_fp3(t, tcg_fp_op(HX_SUBSS, f64, false), tmp, tmp, d);
    tcg_fp3(t, add, tmp, tmp, tmp);
    tcg_fp3(t, round, tmp, tmp, tmp);
    hx_u8(&t->a, modes[IR_RTZ]);
    tcg_fp3(t, add, d, d, tmp);
}

/* I3. The smallest integer, which also stands for what does not fit, is decided out of line. */
static void to_int_static(struct tcg *t, const struct ir_insn *in, unsigned rm)
{
    bool f64 = t->val[in->arg[0]].type == IR_F64, w = in->type == IR_I64;
    int x = ra_use(t, in->arg[0]), whole = ra_tmp(t, TCG_RC_FPR), rest = rm == IR_RMM ? ra_tmp(t, TCG_RC_FPR) : 0;
    int unused = ra_tmp(t, TCG_RC_GPR), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    round_static(t, rm, f64, whole, x, rest);
    tcg_fp2(t, to_int_op(f64, true), w, d, whole);
    hx_alu_ri(&t->a, HX_ALU_CMP, w ? TCG_SZ64 : TCG_SZ32, d, 1); /* overflows for the smallest integer only */
    struct tcg_cold *c = tcg_cold_eval(t, hx_jcc(&t->a, HX_CC_O), &x, d);
    tcg_fp2(t, to_int_op(f64, true), w, unused, x);
    c->back = (uint32_t)tcg_buf_off(&t->a);
    if (!w)
        t->val[t->cur].flags |= TCG_VF_ZX;
}

static bool is_static(struct tcg *t, const struct ir_insn *in)
{
    struct ir_insn nearest = *in; /* RMM is not the host's, but done by I4 */
    nearest.aux &= (uint16_t)~IR_FP_RM;
    unsigned rm = ir_fp_rm(in->aux);
    return rm <= IR_RMM && rm != IR_RTZ && !ir_fp_nan_rule(in->aux) && !(in->aux & IR_FP_TRAPS) &&
           tcg_fp_native(&nearest) && tcg_has(t, TCG_HAS_SSE41);
}

void tcg_emit_fcvt_fs(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type, rm = ir_fp_rm(in->aux), w = in->type == IR_I64;
    bool x86 = ir_fp_nan_rule(in->aux) == IR_NAN_X86;
    if (x86 && is_packed32(in)) {
        packed_convert(t, in, rm == IR_RTZ ? HX_CVTTPS2DQ : HX_CVTPS2DQ, rm == IR_RTZ ? IR_RDYN : rm);
        return;
    }
    if (is_packed32(in) && rm == IR_RTZ) {
        packed_truncate(t, in);
        return;
    }
    if (is_scalar(from) && is_int(in->type) && is_static(t, in)) {
        to_int_static(t, in, rm);
        return;
    }
    if (!is_scalar(from) || !is_int(in->type) || !tcg_fp_native(in)) {
        tcg_fallback(t, in);
        return;
    }
    bool truncate = rm == IR_RTZ;
    int x = ra_use(t, in->arg[0]);
    if (!truncate)
        tcg_rm_begin(t, rm);
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    tcg_fp2(t, to_int_op(from == IR_F64, truncate), w, d, x);
    if (!truncate)
        tcg_rm_end(t, rm);
    if (!w)
        t->val[t->cur].flags |= TCG_VF_ZX;
    if (x86) /* I1 is its rule */
        return;
    hx_alu_ri(&t->a, HX_ALU_CMP, w ? TCG_SZ64 : TCG_SZ32, d, 1); /* overflows for the smallest integer only */
    struct tcg_cold *c = tcg_cold_add(t, cold_saturate_signed, hx_jcc(&t->a, HX_CC_O));
    c->r[0] = (int8_t)d, c->r[1] = (int8_t)x, c->x = from == IR_F64, c->imm = w, c->back = (uint32_t)tcg_buf_off(&t->a);
}

/* Not in (-1, limit). r[0] integer, r[1] source, r[2] scratch xmm */
static void cold_saturate_unsigned(struct tcg *t, const struct tcg_cold *c)
{
    bool f64 = c->x;
    int d = c->r[0], x = c->r[1];
    uint32_t too_large = 0;
    tcg_fp2(t, f64 ? HX_UCOMISD : HX_UCOMISS, 0, x, x);
    uint32_t nan = hx_jcc8(&t->a, HX_CC_P);
    tcg_fp2(t, HX_MOVD_RX, f64, x, d);
    hx_rr(&t->a, HX_TEST, f64, d, d);
    uint32_t negative = hx_jcc(&t->a, HX_CC_S);
    if (c->imm) {
        /* below 2^64 (by its exponent): convert the difference from 2^63, which is exact, and put the top bit back */
        hx_shift_ri(&t->a, HX_SH_SHR, 1, d, f64 ? 52 : 23);
        hx_alu_ri(&t->a, HX_ALU_CMP, TCG_SZ32, d, 64 + (f64 ? 1023 : 127));
        too_large = hx_jcc8(&t->a, HX_CC_AE);
        tcg_fp3_m(t, tcg_fp_op(HX_SUBSS, f64, false), c->r[2], x, tcg_k(t, f64 ? TCG_K_TWO63_F64 : TCG_K_TWO63_F32));
        tcg_fp2(t, to_int_op(f64, true), 1, d, c->r[2]);
        hx_rr(&t->a, HX_BT_I, 1, 7, d);
        hx_u8(&t->a, 63);
        hx_jmp_off(&t->a, c->back);
        hx_bind8(&t->a, too_large);
    }
    hx_bind8(&t->a, nan);
    tcg_fp2_m(t, HX_CVTTSD2SI, d, tcg_k(t, TCG_K_NAN64)); /* raises invalid */
    hx_alu_ri(&t->a, HX_ALU_OR, c->imm ? TCG_SZ64 : TCG_SZ32, d, -1);
    hx_jmp_off(&t->a, c->back);
    hx_bind(&t->a, negative);
    tcg_fp2_m(t, HX_CVTTSD2SI, d, tcg_k(t, TCG_K_NAN64));
    hx_alu_rr(&t->a, HX_ALU_XOR, TCG_SZ32, d, d);
    hx_jmp_off(&t->a, c->back);
}

/* To unsigned in another mode than RTZ: inline where the signed 64-bit conversion does it, 0 <= x < 2^31 or 2^63. */
static void to_unsigned_rounded(struct tcg *t, const struct ir_insn *in, unsigned rm)
{
    bool f64 = t->val[in->arg[0]].type == IR_F64, w = in->type == IR_I64;
    static const uint64_t limits[2][2] = {{0x4f000000, 0x5f000000}, {0x41e0ull << 48, 0x43e0ull << 48}};
    int x = ra_use(t, in->arg[0]), whole = ra_tmp(t, TCG_RC_FPR), rest = rm == IR_RMM ? ra_tmp(t, TCG_RC_FPR) : 0;
    int tmp = ra_tmp(t, TCG_RC_GPR), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    tcg_fp2(t, HX_MOVD_RX, f64, x, d);
    hx_mov_ri(&t->a, tmp, limits[f64][w]);
    hx_alu_rr(&t->a, HX_ALU_CMP, f64 ? TCG_SZ64 : TCG_SZ32, d, tmp); /* negative numbers and NaNs are large */
    struct tcg_cold *c = tcg_cold_eval(t, hx_jcc(&t->a, HX_CC_AE), &x, d);
    if (rm == IR_RDYN) {
        tcg_fp2(t, to_int_op(f64, false), 1, d, x);
    } else {
        round_static(t, rm, f64, whole, x, rest);
        tcg_fp2(t, to_int_op(f64, true), 1, d, whole);
        tcg_fp2(t, to_int_op(f64, true), 1, tmp, x); /* I3 */
    }
    c->back = (uint32_t)tcg_buf_off(&t->a);
    if (!w)
        t->val[t->cur].flags |= TCG_VF_ZX;
}

void tcg_emit_fcvt_fu(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    bool f64 = from == IR_F64, w = in->type == IR_I64;
    bool dynamic = ir_fp_rm(in->aux) == IR_RDYN && tcg_fp_native(in) && !ir_fp_nan_rule(in->aux);
    if (is_scalar(from) && is_int(in->type) && (dynamic || is_static(t, in))) {
        to_unsigned_rounded(t, in, ir_fp_rm(in->aux));
        return;
    }
    if (!is_scalar(from) || !is_int(in->type) || !tcg_fp_native(in) || ir_fp_nan_rule(in->aux) ||
        ir_fp_rm(in->aux) != IR_RTZ) {
        tcg_fallback(t, in);
        return;
    }
    unsigned ucomis = f64 ? HX_UCOMISD : HX_UCOMISS;
    enum tcg_const limit = w ? (f64 ? TCG_K_TWO63_F64 : TCG_K_TWO63_F32) : (f64 ? TCG_K_TWO32_F64 : TCG_K_TWO32_F32);
    int x = ra_use(t, in->arg[0]), tmp = ra_tmp(t, TCG_RC_FPR), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    struct tcg_cold *c;
    tcg_fp2_m(t, ucomis, x, tcg_k(t, f64 ? TCG_K_MINUS1_F64 : TCG_K_MINUS1_F32));
    c = tcg_cold_add(t, cold_saturate_unsigned, hx_jcc(&t->a, HX_CC_BE));
    tcg_fp2_m(t, ucomis, x, tcg_k(t, limit));
    c->from2 = hx_jcc(&t->a, HX_CC_AE);
    tcg_fp2(t, to_int_op(f64, true), 1, d, x);
    c->r[0] = (int8_t)d, c->r[1] = (int8_t)x, c->r[2] = (int8_t)tmp;
    c->x = f64, c->imm = w, c->back = (uint32_t)tcg_buf_off(&t->a);
    if (!w)
        t->val[t->cur].flags |= TCG_VF_ZX;
}

static bool from_int_native(struct tcg *t, const struct ir_insn *in)
{
    return is_scalar(in->type) && is_int(t->val[in->arg[0]].type) && tcg_fp_native(in);
}

/* In a static mode: inline where it is exact (I5). */
static bool from_int_static(struct tcg *t, const struct ir_insn *in, bool is_signed)
{
    bool w = t->val[in->arg[0]].type == IR_I64, f64 = in->type == IR_F64;
    unsigned size = w ? TCG_SZ64 : TCG_SZ32, rm = ir_fp_rm(in->aux);
    if (!is_scalar(in->type) || !is_int(t->val[in->arg[0]].type) || ir_fp_elem(in->aux) || rm > IR_RMM ||
        ir_fp_nan_rule(in->aux) || in->aux & (IR_FP_TRAPS | IR_FP_DAZ | IR_FP_FTZ | IR_FP_TINY_BEFORE) || (!w && f64))
        return false;
    uint64_t limit = UINT64_C(1) << (f64 ? 53 : 24);
    int r = ra_use(t, in->arg[0]), distance = ra_tmp(t, TCG_RC_GPR), tmp = ra_tmp(t, TCG_RC_GPR);
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    hx_mov_ri(&t->a, tmp, limit);
    hx_mov_rr(&t->a, w, distance, r);
    if (is_signed) {
        hx_alu_rr(&t->a, HX_ALU_ADD, size, distance, tmp);
        hx_alu_rr(&t->a, HX_ALU_ADD, size, tmp, tmp);
    }
    hx_alu_rr(&t->a, HX_ALU_CMP, size, distance, tmp);
    struct tcg_cold *c = tcg_cold_eval(t, hx_jcc(&t->a, HX_CC_A), &r, d);
    convert(t, f64 ? HX_CVTSI2SD : HX_CVTSI2SS, w, d, r);
    c->back = (uint32_t)tcg_buf_off(&t->a);
    return true;
}

void tcg_emit_fcvt_sf(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned w = t->val[in->arg[0]].type == IR_I64;
    if (is_packed32(in)) {
        packed_convert(t, in, HX_CVTDQ2PS, ir_fp_rm(in->aux));
        return;
    }
    if (from_int_static(t, in, true))
        return;
    if (!from_int_native(t, in)) {
        tcg_fallback(t, in);
        return;
    }
    unsigned rm = !w && in->type == IR_F64 ? IR_RDYN : ir_fp_rm(in->aux);
    int r = ra_use(t, in->arg[0]);
    tcg_rm_begin(t, rm);
    convert(t, in->type == IR_F64 ? HX_CVTSI2SD : HX_CVTSI2SS, w, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), r);
    tcg_rm_end(t, rm);
}

/* The top bit is set: convert half of it, with the lost bit kept as sticky, and double. r[0] result, r[1] source, r[2]
 * r[3] scratch */
static void cold_from_large(struct tcg *t, const struct tcg_cold *c)
{
    int half = c->r[2], low = c->r[3], d = c->r[0];
    hx_mov_rr(&t->a, 1, half, c->r[1]);
    hx_mov_rr(&t->a, 0, low, c->r[1]);
    hx_shift_ri(&t->a, HX_SH_SHR, 1, half, 1);
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, low, 1);
    hx_alu_rr(&t->a, HX_ALU_OR, TCG_SZ64, half, low);
    convert(t, c->x ? HX_CVTSI2SD : HX_CVTSI2SS, 1, d, half);
    tcg_fp3(t, tcg_fp_op(HX_ADDSS, c->x, false), d, d, d);
    hx_jmp_off(&t->a, c->back);
}

void tcg_emit_fcvt_uf(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    bool w = t->val[in->arg[0]].type == IR_I64, f64 = in->type == IR_F64, exact = !w && f64;
    if (from_int_static(t, in, false))
        return;
    if (!from_int_native(t, in) || (!exact && ir_fp_rm(in->aux) != IR_RDYN)) {
        tcg_fallback(t, in);
        return;
    }
    unsigned op = f64 ? HX_CVTSI2SD : HX_CVTSI2SS;
    int r = ra_use(t, in->arg[0]), tmp = ra_tmp(t, TCG_RC_GPR);
    if (!w) {
        hx_mov_rr(&t->a, 0, tmp, r);
        convert(t, op, 1, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), tmp);
        return;
    }
    int tmp2 = ra_tmp(t, TCG_RC_GPR), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    hx_rr(&t->a, HX_TEST, 1, r, r);
    struct tcg_cold *c = tcg_cold_add(t, cold_from_large, hx_jcc(&t->a, HX_CC_S));
    convert(t, op, 1, d, r);
    c->r[0] = (int8_t)d, c->r[1] = (int8_t)r, c->r[2] = (int8_t)tmp, c->r[3] = (int8_t)tmp2;
    c->x = f64, c->back = (uint32_t)tcg_buf_off(&t->a);
}

/* roundss and so on: the mode is in the instruction; imm bit 2 = MXCSR's, bit 3 = inexact is not raised */
void tcg_emit_fround(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const uint8_t modes[8] = {[IR_RNE] = 0, [IR_RDN] = 1, [IR_RUP] = 2, [IR_RTZ] = 3, [IR_RDYN] = 4};
    static const uint16_t ops[2][2] = {{HX_ROUNDSS, HX_ROUNDSD}, {HX_ROUNDPS, HX_ROUNDPD}};
    struct tcg_fp_form f; /* of one NaN, the host makes what every rule makes; no result is tiny */
    if (!tcg_fp_form_checked(in, &f) || !tcg_has(t, TCG_HAS_SSE41)) {
        tcg_fallback(t, in);
        return;
    }
    int a = ra_use(t, in->arg[0]), d = ra_def(t, a, TCG_NO_REG, 0);
    if (f.packed)
        tcg_fp2(t, ops[1][f.f64], 0, d, a);
    else
        tcg_fp3(t, ops[0][f.f64], d, a, a);
    hx_u8(&t->a, modes[ir_fp_rm(in->aux)] | (in->aux & IR_FP_EXACT ? 0 : 8));
}

/* ---- classes ---- */

/* Of the bits without the sign, doubled, the limits that are reached are counted: zero, subnormal, normal, infinity,
 * signaling NaN, quiet NaN. Count and sign say which bit of the class it is. */
void tcg_emit_fclass(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    if (!is_scalar(from) || ir_fp_elem(in->aux) || !is_int(in->type)) {
        tcg_fallback(t, in);
        return;
    }
    bool f64 = from == IR_F64;
    unsigned size = f64 ? TCG_SZ64 : TCG_SZ32, fraction = f64 ? 53 : 24; /* of the doubled bits */
    uint64_t normal = UINT64_C(1) << fraction, inf = (f64 ? UINT64_C(0x7ff) : UINT64_C(0xff)) << fraction;
    const uint64_t limits[] = {1, normal, inf, inf + 1, inf + normal / 2};
    int x = ra_use(t, in->arg[0]), bits = ra_tmp(t, TCG_RC_GPR), tmp = ra_tmp(t, TCG_RC_GPR);
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    tcg_fp2(t, HX_MOVD_RX, f64, x, bits);
    hx_alu_rr(&t->a, HX_ALU_ADD, size, bits, bits);
    hx_alu_rr(&t->a, HX_ALU_SBB, TCG_SZ32, d, d);
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, d, TCG_K_CLASSES_NEGATIVE);
    for (unsigned i = 0; i < ARRAY_LEN(limits); i++) {
        hx_mov_ri(&t->a, tmp, limits[i]);
        hx_alu_rr(&t->a, HX_ALU_CMP, size, bits, tmp);
        hx_alu_ri(&t->a, HX_ALU_SBB, TCG_SZ32, d, -1);
    }
    hx_lea(&t->a, 1, tmp, tcg_k(t, TCG_K_CLASSES));
    hx_rm(&t->a, HX_MOVZX16, 0, d, (struct tcg_mem){.base = (int8_t)tmp, .index = (int8_t)d, .shift = 1});
    t->val[t->cur].flags |= TCG_VF_ZX;
}
