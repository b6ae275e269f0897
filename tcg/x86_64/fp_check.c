/* SPDX-License-Identifier: Apache-2.0 */
/* Arm's rules on a host that has x86's: the result of the host's instruction is looked at, and where the rules may
 * differ ir_eval computes the operation again.
 *
 * I1  They differ for a result that is a NaN: in which NaN, and in that infinity * 0 + a quiet NaN is invalid.
 * I2  With IR_FP_TINY_BEFORE they differ for a result that was rounded to the smallest normal number: in underflow.
 * I3  What the host raises is raised by Arm, too, but for FP_DE, which is not among the flags of a guest with Arm's
 *     rules (subnormal operands that it flushes are softfp's). So flags need not be taken back, and compares with
 *     itself of what is not a signaling NaN may be made.
 */
#include "tcg/x86_64/fp_check.h"

#include "tcg/common/cold.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/consts.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/simd.h"

/* All ones in the elements of x that the rules may differ for. y: scratch */
static void mark_elements(struct tcg *t, const struct ir_insn *in, bool f64, int d, int x, int y)
{
    enum { UNORDERED = 3 };
    if (t->features & TCG_HAS_AVX) {
        hx_vrr(&t->a, f64 ? HX_CMPPD : HX_CMPPS, 0, x, d, d);
    } else {
        tcg_fp2(t, HX_MOVAPS, 0, x, d);
        hx_rr(&t->a, f64 ? HX_CMPPD : HX_CMPPS, 0, x, x);
    }
    hx_u8(&t->a, UNORDERED);
    if (!(in->aux & IR_FP_TINY_BEFORE))
        return;
    tcg_fp3(t, f64 ? HX_PADDQ : HX_PADDD, y, d, d);
    tcg_fp3_m(t, f64 ? HX_PCMPEQQ : HX_PCMPEQD, y, y, tcg_k(t, f64 ? TCG_K_NORMAL64 : TCG_K_NORMAL32));
    tcg_fp3(t, HX_POR, x, x, y);
}

static void check_elements(struct tcg *t, const struct ir_insn *in, bool f64, const int *operands, int d)
{
    int x = ra_tmp(t, TCG_RC_FPR), y = ra_tmp(t, TCG_RC_FPR), g = ra_tmp(t, TCG_RC_GPR);
    mark_elements(t, in, f64, d, x, y);
    tcg_fp2(t, HX_MOVMSKPS, 0, g, x);
    hx_rr(&t->a, HX_TEST, 0, g, g);
    struct tcg_cold *c = tcg_cold_eval(t, hx_jcc(&t->a, HX_CC_NE), operands, d);
    c->back = (uint32_t)tcg_buf_off(&t->a);
}

void tcg_check_result(struct tcg *t, const struct ir_insn *in, struct tcg_fp_form f, const int *operands, int d)
{
    if (f.packed) {
        check_elements(t, in, f.f64, operands, d);
        return;
    }
    const bool tiny = in->aux & IR_FP_TINY_BEFORE;
    int bits = tiny ? ra_tmp(t, TCG_RC_GPR) : TCG_NO_REG, normal = tiny ? ra_tmp(t, TCG_RC_GPR) : TCG_NO_REG;
    tcg_fp2(t, f.f64 ? HX_UCOMISD : HX_UCOMISS, 0, d, d);
    struct tcg_cold *c = tcg_cold_eval(t, hx_jcc(&t->a, HX_CC_P), operands, d);
    if (tiny) {
        tcg_fp2(t, HX_MOVD_RX, f.f64, d, bits);
        hx_mov_ri(&t->a, (unsigned)normal, f.f64 ? UINT64_C(1) << 53 : UINT64_C(1) << 24);
        hx_alu_rr(&t->a, HX_ALU_ADD, f.f64 ? TCG_SZ64 : TCG_SZ32, bits, bits);
        hx_alu_rr(&t->a, HX_ALU_CMP, f.f64 ? TCG_SZ64 : TCG_SZ32, bits, normal);
        c->from2 = hx_jcc(&t->a, HX_CC_E);
    }
    c->back = (uint32_t)tcg_buf_off(&t->a);
}
