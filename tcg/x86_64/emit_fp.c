/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point, scalars and vectors: arithmetic, signs, compares, NaN rules. Conversions are in emit_cvt.c.
 *
 * I1  Flags accumulate in MXCSR, so nothing here may raise a flag that the operation does not raise.
 * I2  With the x86 NaN rule the operation is the host's instruction with the same order of operands.
 */
#include "src/ir/fp_watch.h"
#include "tcg/common/cold.h"
#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/cond.h"
#include "tcg/x86_64/cond_fp.h"
#include "tcg/x86_64/consts.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emit_x87.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/fp_check.h"
#include "tcg/x86_64/fp_form.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/simd.h"

static bool is_scalar(unsigned type) { return type == IR_F32 || type == IR_F64; }
static unsigned is64(const struct ir_insn *in) { return in->type == IR_F64; }

static bool arm_rule(const struct ir_insn *in) { return ir_fp_nan_rule(in->aux) == IR_NAN_ARM; }
static bool x86_rule(const struct ir_insn *in) { return ir_fp_nan_rule(in->aux) == IR_NAN_X86; }

/* ---- arithmetic ---- */

static const uint16_t arith_ops[] = {[TCG_FP_ADD] = HX_ADDSS,
                                     [TCG_FP_SUB] = HX_SUBSS,
                                     [TCG_FP_MUL] = HX_MULSS,
                                     [TCG_FP_DIV] = HX_DIVSS,
                                     [TCG_FP_SQRT] = HX_SQRTSS};

/* Scalars may be memory operands always, vectors where they need not be aligned. */
static int use_rm(struct tcg *t, ir_ref v, struct tcg_fp_form f, struct tcg_mem *m)
{
    return f.packed ? tcg_vec_rm(t, v, m) : tcg_use_rm(t, v, m);
}

static void emit_sqrt(struct tcg *t, const struct ir_insn *in, struct tcg_fp_form f)
{
    int a = ra_use(t, in->arg[0]);
    tcg_rm_begin(t, ir_fp_rm(in->aux));
    int d = arm_rule(in) ? ra_def(t, TCG_NO_REG, TCG_NO_REG, tcg_bit(a)) : ra_def(t, a, TCG_NO_REG, 0);
    if (f.packed)
        tcg_fp2(t, tcg_fp_op(HX_SQRTSS, f.f64, true), 0, d, a);
    else
        tcg_fp3(t, tcg_fp_op(HX_SQRTSS, f.f64, false), d, a, a);
    tcg_rm_end(t, ir_fp_rm(in->aux));
    if (arm_rule(in))
        tcg_check_result(t, in, f, &a, d);
}

/* With Arm's rules: the operands stay. */
static void emit_checked(struct tcg *t, const struct ir_insn *in, struct tcg_fp_form f, unsigned op)
{
    int r[2] = {ra_use(t, in->arg[0]), 0};
    r[1] = ra_use(t, in->arg[1]);
    tcg_rm_begin(t, ir_fp_rm(in->aux));
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, tcg_bit(r[0]) | tcg_bit(r[1]));
    tcg_fp3(t, op, d, r[0], r[1]);
    tcg_rm_end(t, ir_fp_rm(in->aux));
    tcg_check_result(t, in, f, r, d);
}

void tcg_emit_farith(struct tcg *t, const struct ir_insn *in, unsigned kind)
{
    struct tcg_fp_form f;
    if (!tcg_fp_form_checked(in, &f)) {
        tcg_fallback(t, in);
        return;
    }
    if (kind == TCG_FP_SQRT) {
        emit_sqrt(t, in, f);
        return;
    }
    unsigned rm = ir_fp_rm(in->aux), op = tcg_fp_op(arith_ops[kind], f.f64, f.packed);
    if (arm_rule(in)) {
        emit_checked(t, in, f, op);
        return;
    }
    struct tcg_mem m = {0};
    ir_ref a = in->arg[0], b = in->arg[1];
    if ((kind == TCG_FP_ADD || kind == TCG_FP_MUL) && !ir_fp_nan_rule(in->aux) && t->val[a].reg < 0 &&
        t->val[b].reg >= 0)
        a = b, b = in->arg[0]; /* then b can be a memory operand */
    int ra = ra_use(t, a), rb = use_rm(t, b, f, &m);
    tcg_rm_begin(t, rm);
    int d = ra_def(t, ra, rb, tcg_vec_avoid(t, ra, rb));
    tcg_vec3(t, op, d, ra, rb, m);
    tcg_rm_end(t, rm);
}

/* Infinity times zero plus a quiet NaN is invalid for the IR (RISC-V); x86 raises nothing (Intel SDM 1, 14.5.2). So if
 * the addend is a NaN, the product alone is computed before, and of its flags invalid is kept. */
static void cold_fma_invalid(struct tcg *t, const struct tcg_cold *c)
{
    enum { MXCSR_IE = 1, TEST_IMM = 0 };
    tcg_stmxcsr(t, tcg_rm_old());
    tcg_fp3(t, tcg_fp_op(HX_MULSS, c->x, false), c->r[2], c->r[0], c->r[1]);
    tcg_stmxcsr(t, tcg_rm_new());
    hx_rm_i(&t->a, HX_GRP3, 0, TEST_IMM, tcg_rm_new(), 4);
    hx_u32(&t->a, MXCSR_IE);
    uint32_t valid = hx_jcc8(&t->a, HX_CC_E);
    hx_alu_mi(&t->a, HX_ALU_OR, TCG_SZ32, tcg_rm_old(), MXCSR_IE);
    hx_bind8(&t->a, valid);
    tcg_ldmxcsr(t, tcg_rm_old());
    hx_jmp_off(&t->a, c->back);
}

/* d := +-(a * b) +- c, with the form that has d among its operands. Of NaN operands the host takes a's before b's
 * before c's in
 * each: the multiplicand is the first operand of 132 and the second of the others (SDM volume 1, 14.5.2). */
static void emit_fma_insn(struct tcg *t, const struct ir_insn *in, struct tcg_fp_form f, const int *r, int d)
{
    enum { FORM_132 = 0, FORM_213 = 0x10, FORM_231 = 0x20 };
    int a = r[0], b = r[1], c = r[2];
    unsigned op =
        HX_FMADD132SS + (in->aux & IR_FP_NEG_PRODUCT ? 4 : 0) + (in->aux & IR_FP_NEG_ADDEND ? 2 : 0) - f.packed;
    if (d == c) {
        hx_vrr(&t->a, op + FORM_231, f.f64, d, a, b);
    } else if (d == b) {
        hx_vrr(&t->a, op + FORM_213, f.f64, d, a, c);
    } else {
        if (d != a)
            tcg_move(t, d, a);
        hx_vrr(&t->a, op + FORM_132, f.f64, d, c, b);
    }
}

static void check_fma_invalid(struct tcg *t, const struct ir_insn *in, const int *r)
{
    int tmp = ra_tmp(t, TCG_RC_FPR);
    tcg_fp2(t, is64(in) ? HX_UCOMISD : HX_UCOMISS, 0, r[2], r[2]);
    struct tcg_cold *nan = tcg_cold_add(t, cold_fma_invalid, hx_jcc(&t->a, HX_CC_P));
    nan->r[0] = (int8_t)r[0], nan->r[1] = (int8_t)r[1], nan->r[2] = (int8_t)tmp;
    nan->x = is64(in), nan->back = (uint32_t)tcg_buf_off(&t->a);
}

void tcg_emit_fma(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    struct tcg_fp_form f;
    if (!tcg_fp_form_checked(in, &f) || !(t->features & TCG_HAS_FMA) || (f.packed && !ir_fp_nan_rule(in->aux))) {
        tcg_fallback(t, in);
        return;
    }
    unsigned rm = ir_fp_rm(in->aux);
    int r[3];
    for (unsigned k = 0; k < 3; k++)
        r[k] = ra_use(t, in->arg[k]);
    if (!ir_fp_nan_rule(in->aux) && !t->block->fp_fast)
        check_fma_invalid(t, in, r);
    tcg_rm_begin(t, rm);
    const tcg_regset all = tcg_bit(r[0]) | tcg_bit(r[1]) | tcg_bit(r[2]);
    int d = arm_rule(in) ? ra_def(t, TCG_NO_REG, TCG_NO_REG, all) : ra_def(t, r[2], r[0], 0);
    emit_fma_insn(t, in, f, r, d);
    tcg_rm_end(t, rm);
    if (arm_rule(in))
        tcg_check_result(t, in, f, r, d);
}

/* ---- minimum, maximum ---- */

static void cold_minmax_equal(struct tcg *t, const struct tcg_cold *c)
{
    /* equal: the same bits, or zeros of either sign */
    tcg_fp3(t, c->imm ? HX_ANDPS : HX_ORPS, c->r[2], c->r[0], c->r[1]);
    hx_jmp_off(&t->a, c->back);
}

static void cold_minmax_nan(struct tcg *t, const struct tcg_cold *c)
{
    unsigned ucomis = c->x ? HX_UCOMISD : HX_UCOMISS;
    tcg_fp2(t, ucomis, 0, c->r[0], c->r[0]);
    uint32_t a_nan = hx_jcc8(&t->a, HX_CC_P);
    tcg_move(t, c->r[2], c->r[0]);
    hx_jmp_off(&t->a, c->back);
    hx_bind8(&t->a, a_nan);
    tcg_fp2(t, ucomis, 0, c->r[1], c->r[1]);
    uint32_t both = hx_jcc8(&t->a, HX_CC_P);
    tcg_move(t, c->r[2], c->r[1]);
    hx_jmp_off(&t->a, c->back);
    hx_bind8(&t->a, both);
    tcg_fp3(t, tcg_fp_op(HX_ADDSS, c->x, false), c->r[2], c->r[1], c->r[1]);
    hx_jmp_off(&t->a, c->back);
}

/* minimumNumber, maximumNumber. The compare raises invalid for a signaling NaN, and only then; a quiet NaN's sum with
 * itself is quiet and raises nothing more. */
void tcg_emit_fminmax(struct tcg *t, const struct ir_insn *in, unsigned max)
{
    struct tcg_fp_form f;
    if (!tcg_fp_form(in, &f) || (f.packed && !x86_rule(in))) {
        tcg_fallback(t, in);
        return;
    }
    unsigned op = tcg_fp_op(max ? HX_MAXSS : HX_MINSS, f.f64, f.packed);
    if (x86_rule(in)) {
        struct tcg_mem m = {0};
        int a = ra_use(t, in->arg[0]), b = use_rm(t, in->arg[1], f, &m);
        tcg_vec3(t, op, ra_def(t, a, b, tcg_vec_avoid(t, a, b)), a, b, m);
        return;
    }
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]),
        d = ra_def(t, TCG_NO_REG, TCG_NO_REG, tcg_bit(a) | tcg_bit(b));
    tcg_fp2(t, f.f64 ? HX_UCOMISD : HX_UCOMISS, 0, a, b);
    struct tcg_cold *nan = tcg_cold_add(t, cold_minmax_nan, hx_jcc(&t->a, HX_CC_P));
    struct tcg_cold *equal = tcg_cold_add(t, cold_minmax_equal, hx_jcc(&t->a, HX_CC_E));
    tcg_fp3(t, op, d, a, b);
    for (struct tcg_cold *c = nan;; c = equal) {
        c->r[0] = (int8_t)a, c->r[1] = (int8_t)b, c->r[2] = (int8_t)d;
        c->x = f.f64, c->imm = max;
        c->back = (uint32_t)tcg_buf_off(&t->a);
        if (c == equal)
            break;
    }
}

/* ---- signs ---- */

void tcg_emit_fsign(struct tcg *t, const struct ir_insn *in, unsigned abs)
{
    static const uint8_t masks[2][2] = {{TCG_K_SIGN32, TCG_K_SIGN64}, {TCG_K_ABS32, TCG_K_ABS64}};
    if (in->type == IR_F80) {
        tcg_x87_sign(t, in, abs);
        return;
    }
    if (!is_scalar(in->type) || ir_fp_elem(in->aux)) {
        tcg_fallback(t, in);
        return;
    }
    int a = ra_use(t, in->arg[0]);
    tcg_fp3_m(t, abs ? HX_ANDPS : HX_XORPS, ra_def(t, a, TCG_NO_REG, 0), a, tcg_k(t, masks[abs][is64(in)]));
}

void tcg_emit_fcopysign(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (!is_scalar(in->type) || ir_fp_elem(in->aux)) {
        tcg_fallback(t, in);
        return;
    }
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), sign = ra_tmp(t, TCG_RC_FPR);
    tcg_fp3_m(t, HX_ANDPS, sign, b, tcg_k(t, is64(in) ? TCG_K_SIGN64 : TCG_K_SIGN32));
    int d = ra_def(t, a, TCG_NO_REG, 0);
    tcg_fp3_m(t, HX_ANDPS, d, a, tcg_k(t, is64(in) ? TCG_K_ABS64 : TCG_K_ABS32));
    tcg_fp3(t, HX_ORPS, d, d, sign);
}

/* ---- NaN rules ---- */

static void cold_default_nan(struct tcg *t, const struct tcg_cold *c)
{
    tcg_fp2_m(t, c->x ? HX_MOVSD_RM : HX_MOVSS_RM, c->r[0], tcg_k(t, c->x ? TCG_K_NAN64 : TCG_K_NAN32));
    hx_jmp_off(&t->a, c->back);
}

/* Two results that are checked together. */
static void cold_default_nan_either(struct tcg *t, const struct tcg_cold *c)
{
    for (unsigned k = 0; k < 2; k++) {
        tcg_fp2(t, c->x ? HX_UCOMISD : HX_UCOMISS, 0, c->r[k], c->r[k]);
        uint32_t number = hx_jcc8(&t->a, HX_CC_NP);
        tcg_fp2_m(t, c->x ? HX_MOVSD_RM : HX_MOVSS_RM, c->r[k], tcg_k(t, c->x ? TCG_K_NAN64 : TCG_K_NAN32));
        hx_bind8(&t->a, number);
    }
    hx_jmp_off(&t->a, c->back);
}

static bool is_checked_canon(const struct tcg *t, const struct ir_insn *in)
{
    return in->op == IR_FCANON && is_scalar(in->type) && !ir_fp_elem(in->aux) && tcg_is_quiet(t, in->arg[0]);
}

/* The first of two FCANONs in a row (src/ir/simplify/pair_canons.c) checks for both. How many of them
 * come directly before `in` decides which it is. */
static bool is_second(const struct tcg *t, const struct ir_insn *in)
{
    unsigned before = 0;
    while (in - before > t->insns && is_checked_canon(t, in - before - 1) && in[-(int)before - 1].type == in->type)
        before++;
    return before & 1;
}

static bool is_first(const struct tcg *t, const struct ir_insn *in)
{
    return in + 1 < t->insns + t->block->count && is_checked_canon(t, in + 1) && in[1].type == in->type &&
           !is_second(t, in);
}

static void emit_quiet_fcanon(struct tcg *t, const struct ir_insn *in)
{
    bool both = is_first(t, in);
    if (!is_second(t, in)) {
        int a = ra_use(t, in->arg[0]), b = both ? ra_use(t, in[1].arg[0]) : a;
        tcg_fp2(t, is64(in) ? HX_UCOMISD : HX_UCOMISS, 0, a, b);
        struct tcg_cold *c = tcg_cold_add(t, both ? cold_default_nan_either : cold_default_nan, hx_jcc(&t->a, HX_CC_P));
        c->r[0] = (int8_t)a, c->r[1] = (int8_t)b;
        c->x = is64(in), c->back = (uint32_t)tcg_buf_off(&t->a);
    }
    ra_def_alias(t, in->arg[0]);
}

/* The result of arithmetic is SOME quiet NaN. Here it is decided which: the canonical one, for every later use of the
 * raw value, too, so that both share a register. A compare with itself raises nothing then. */
void tcg_emit_fcanon(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (!is_scalar(in->type) || ir_fp_elem(in->aux)) {
        tcg_fallback(t, in);
        return;
    }
    if (tcg_is_raw(t, in->arg[0])) {
        emit_quiet_fcanon(t, in);
        return;
    }
    int a = ra_use(t, in->arg[0]), g = ra_tmp(t, TCG_RC_GPR), inf = ra_tmp(t, TCG_RC_GPR);
    tcg_test_nan_bits(t, in, a, g, inf);
    ra_unlock(t, g), ra_unlock(t, inf);
    int d = ra_def(t, a, TCG_NO_REG, 0);
    if (d != a)
        tcg_move(t, d, a);
    struct tcg_cold *c = tcg_cold_add(t, cold_default_nan, hx_jcc(&t->a, HX_CC_A));
    c->r[0] = (int8_t)d, c->x = is64(in), c->back = (uint32_t)tcg_buf_off(&t->a);
}

void tcg_emit_fbox(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int a = ra_use(t, in->arg[0]), ones = ra_tmp(t, TCG_RC_FPR);
    tcg_fp3(t, HX_PCMPEQD, ones, ones, ones);
    tcg_fp3(t, HX_UNPCKLPS, ra_def(t, a, TCG_NO_REG, 0), a, ones);
}

void tcg_emit_funbox(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    struct tcg_mem m;
    if (t->block->fp_fast) {
        ra_def_alias(t, in->arg[0]);
        return;
    }
    int a = tcg_use_rm(t, in->arg[0], &m), d;
    if (a < 0) {
        d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
        tcg_fp2_m(t, HX_MOVSS_RM, d, m);
        hx_alu_mi(&t->a, HX_ALU_CMP, TCG_SZ32, TCG_MEM(m.base, m.disp + 4), -1);
    } else {
        int g = ra_tmp(t, TCG_RC_GPR);
        tcg_fp2(t, HX_MOVD_RX, 1, a, g);
        hx_shift_ri(&t->a, HX_SH_SAR, 1, g, 32);
        d = ra_def(t, a, TCG_NO_REG, 0);
        if (d != a)
            tcg_move(t, d, a);
        hx_alu_ri(&t->a, HX_ALU_CMP, TCG_SZ32, g, -1);
    }
    struct tcg_cold *c = tcg_cold_add(t, cold_default_nan, hx_jcc(&t->a, HX_CC_NE));
    c->r[0] = (int8_t)d, c->x = 0, c->back = (uint32_t)tcg_buf_off(&t->a);
}

/* ---- compares ---- */

void tcg_emit_fcmp(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    uint32_t start;
    if (!is_scalar(in->type) || ir_fp_elem(in->aux)) {
        tcg_fallback(t, in);
        return;
    }
    struct tcg_cond c = tcg_emit_fp_cond(t, in, &start);
    tcg_emit_setcond(t, c, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0));
}

/* ---- flags ---- */

static void cold_fflags(struct tcg *t, const struct tcg_cold *c)
{
    hx_branch_to(&t->a, 0xe8, t->glue->fp_flags);
    hx_load(&t->a, TCG_SZ32, false, 0, (unsigned)c->r[0], HX_CPU(fp_read));
    hx_jmp_off(&t->a, c->back);
}

/* fp_watch.h I1: no reading of MXCSR while the flags are known. */
void tcg_emit_fflags(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    hx_load(&t->a, TCG_SZ32, false, 0, (unsigned)d, HX_CPU(fp_watch));
    hx_alu_rm(&t->a, HX_ALU_OR, TCG_SZ32, (unsigned)d, HX_CPU(fp_flags));
    struct tcg_cold *c = tcg_cold_add(t, cold_fflags, hx_jcc(&t->a, HX_CC_NS));
    c->r[0] = (int8_t)d, c->back = (uint32_t)tcg_buf_off(&t->a);
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, (unsigned)d, FP_WATCH_FLAGS);
}
