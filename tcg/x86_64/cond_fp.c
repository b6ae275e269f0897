/* SPDX-License-Identifier: Apache-2.0 */
/* Compares of floats whose result is left in the host's flags, and the test for a NaN that raises nothing. */
#include "tcg/x86_64/cond_fp.h"

#include "tcg/common/cold.h"
#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/consts.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/simd.h"

static unsigned is64(const struct ir_insn *in) { return in->type == IR_F64; }

/* NaN test in integers, which raises nothing whatever the value: |bits| above infinity. HX_CC_A if a is a NaN. g, inf:
 * scratch */
void tcg_test_nan_bits(struct tcg *t, const struct ir_insn *in, int a, int g, int inf)
{
    tcg_fp2(t, HX_MOVD_RX, is64(in), a, g);
    hx_alu_rr(&t->a, HX_ALU_ADD, is64(in) ? TCG_SZ64 : TCG_SZ32, g, g);
    hx_mov_ri(&t->a, inf, is64(in) ? 0xffe0000000000000ull : 0xff000000u);
    hx_alu_rr(&t->a, HX_ALU_CMP, is64(in) ? TCG_SZ64 : TCG_SZ32, g, inf);
}

/* Unordered, without a signaling NaN having been looked at. */
static void cold_unordered(struct tcg *t, const struct tcg_cold *c)
{
    tcg_fp2_m(t, c->x ? HX_MOVSD_RM : HX_MOVSS_RM, c->r[0], tcg_k(t, c->x ? TCG_K_NAN64 : TCG_K_NAN32));
    tcg_fp2(t, c->x ? HX_UCOMISD : HX_UCOMISS, 0, c->r[0], c->r[0]);
    hx_jmp_off(&t->a, c->back);
}

static bool may_signal(const struct tcg *t, ir_ref v) { return !tcg_is_quiet(t, v) && t->insns[v].op != IR_FCANON; }

/* IR_FCOND_NOEXC: ucomis raises invalid for signaling NaNs only; where one is possible, NaNs do not get there.
 * Registers are chosen before the first jump, because moves that this takes are not made again in cold code. */
static void compare_noexc(struct tcg *t, const struct ir_insn *in, ir_ref va, ir_ref vb)
{
    int a = ra_use(t, va), b = ra_use(t, vb);
    bool test_a = may_signal(t, va), test_b = b != a && may_signal(t, vb);
    if (!test_a && !test_b) {
        tcg_fp2(t, is64(in) ? HX_UCOMISD : HX_UCOMISS, 0, a, b);
        return;
    }
    int g = ra_tmp(t, TCG_RC_GPR), inf = ra_tmp(t, TCG_RC_GPR), x = ra_tmp(t, TCG_RC_FPR);
    tcg_test_nan_bits(t, in, test_a ? a : b, g, inf);
    struct tcg_cold *nan = tcg_cold_add(t, cold_unordered, hx_jcc(&t->a, HX_CC_A));
    if (test_a && test_b) {
        tcg_test_nan_bits(t, in, b, g, inf);
        nan->from2 = hx_jcc(&t->a, HX_CC_A);
    }
    tcg_fp2(t, is64(in) ? HX_UCOMISD : HX_UCOMISS, 0, a, b);
    nan->r[0] = (int8_t)x, nan->x = is64(in), nan->back = (uint32_t)tcg_buf_off(&t->a);
    ra_unlock(t, g), ra_unlock(t, inf), ra_unlock(t, x);
}

struct tcg_cond tcg_emit_fp_cond(struct tcg *t, const struct ir_insn *in, uint32_t *start)
{
    static const uint16_t ops[2][2] = {{HX_UCOMISS, HX_UCOMISD}, {HX_COMISS, HX_COMISD}};
    /* less-than as greater-than with the operands exchanged: false if unordered without a second test */
    static const struct {
        uint8_t cc, par, swap;
    } rels[4] = {[IR_FEQ] = {HX_CC_E, TCG_PAR_AND_NP, 0},
                 [IR_FLT] = {HX_CC_A, TCG_PAR_NONE, 1},
                 [IR_FLE] = {HX_CC_AE, TCG_PAR_NONE, 1},
                 [IR_FUNO] = {HX_CC_P, TCG_PAR_NONE, 0}};
    unsigned rel = in->aux & 3, swap = rels[rel].swap;
    unsigned op = ops[(in->aux & IR_FCOND_SIGNALING) != 0][is64(in)];
    if (in->aux & IR_FCOND_NOEXC) {
        compare_noexc(t, in, in->arg[swap], in->arg[!swap]);
        *start = (uint32_t)tcg_buf_off(&t->a); /* the way back from cold code leads here: nothing may move */
        return (struct tcg_cond){rels[rel].cc, rels[rel].par};
    }
    struct tcg_mem m;
    int a = ra_use(t, in->arg[swap]), b = tcg_use_rm(t, in->arg[!swap], &m);
    *start = (uint32_t)tcg_buf_off(&t->a);
    if (b < 0)
        tcg_fp2_m(t, op, a, m);
    else
        tcg_fp2(t, op, 0, a, b);
    return (struct tcg_cond){rels[rel].cc, rels[rel].par};
}
