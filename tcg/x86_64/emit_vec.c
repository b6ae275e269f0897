/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of 128 bits: element-wise operations, shifts, compares, packing. Moves of elements are in emit_vmove.c.
 *
 * I1  A v128 value lives in an XMM register. v256 and what the host has no instruction for go to ir_eval.
 */
#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/simd.h"

/* ---- element-wise ---- */

enum { COMMUTES = 1, NEEDS_41 = 2, NEEDS_42 = 4, NEEDS_AVX2 = 8, REX_W = 16 };
struct vec_form {
    uint16_t op[4]; /* per element width; 0: no instruction */
    uint8_t flags[4];
};
#define ALL(x)                                                                                                         \
    {                                                                                                                  \
        x, x, x, x                                                                                                     \
    }
static const struct vec_form forms[IR_OP_COUNT] = {
    [IR_VADD] = {{HX_PADDB, HX_PADDW, HX_PADDD, HX_PADDQ}, ALL(COMMUTES)},
    [IR_VSUB] = {{HX_PSUBB, HX_PSUBW, HX_PSUBD, HX_PSUBQ}, {0}},
    [IR_VMUL] = {{0, HX_PMULLW, HX_PMULLD, 0}, {0, COMMUTES, COMMUTES | NEEDS_41, 0}},
    [IR_VMULH_S] = {{0, HX_PMULHW, 0, 0}, ALL(COMMUTES)},
    [IR_VMULH_U] = {{0, HX_PMULHUW, 0, 0}, ALL(COMMUTES)},
    [IR_VADDS_S] = {{HX_PADDSB, HX_PADDSW, 0, 0}, ALL(COMMUTES)},
    [IR_VADDS_U] = {{HX_PADDUSB, HX_PADDUSW, 0, 0}, ALL(COMMUTES)},
    [IR_VSUBS_S] = {{HX_PSUBSB, HX_PSUBSW, 0, 0}, {0}},
    [IR_VSUBS_U] = {{HX_PSUBUSB, HX_PSUBUSW, 0, 0}, {0}},
    [IR_VAVG_U] = {{HX_PAVGB, HX_PAVGW, 0, 0}, ALL(COMMUTES)},
    [IR_VMIN_S] = {{HX_PMINSB, HX_PMINSW, HX_PMINSD, 0}, {NEEDS_41, 0, NEEDS_41, 0}},
    [IR_VMAX_S] = {{HX_PMAXSB, HX_PMAXSW, HX_PMAXSD, 0}, {NEEDS_41, 0, NEEDS_41, 0}},
    [IR_VMIN_U] = {{HX_PMINUB, HX_PMINUW, HX_PMINUD, 0}, {0, NEEDS_41, NEEDS_41, 0}},
    [IR_VMAX_U] = {{HX_PMAXUB, HX_PMAXUW, HX_PMAXUD, 0}, {0, NEEDS_41, NEEDS_41, 0}},
    [IR_VAND] = {ALL(HX_PAND), ALL(COMMUTES)},
    [IR_VOR] = {ALL(HX_POR), ALL(COMMUTES)},
    [IR_VXOR] = {ALL(HX_PXOR), ALL(COMMUTES)},
    [IR_VANDN] = {ALL(HX_PANDN), {0}},
    [IR_VCMP_EQ] = {{HX_PCMPEQB, HX_PCMPEQW, HX_PCMPEQD, HX_PCMPEQQ}, {COMMUTES, COMMUTES, COMMUTES, NEEDS_41}},
    [IR_VCMP_GTS] = {{HX_PCMPGTB, HX_PCMPGTW, HX_PCMPGTD, HX_PCMPGTQ}, {0, 0, 0, NEEDS_42}},
    [IR_VSHLV] = {{0, 0, HX_VPSLLV, HX_VPSLLV}, {0, 0, NEEDS_AVX2, NEEDS_AVX2 | REX_W}},
    [IR_VSHRV] = {{0, 0, HX_VPSRLV, HX_VPSRLV}, {0, 0, NEEDS_AVX2, NEEDS_AVX2 | REX_W}},
    [IR_VSARV] = {{0, 0, HX_VPSRAV, 0}, {0, 0, NEEDS_AVX2, 0}},
    [IR_VMULE_S] = {{0, 0, HX_PMULDQ, 0}, {0, 0, COMMUTES | NEEDS_41, 0}},
    [IR_VMULE_U] = {{0, 0, HX_PMULUDQ, 0}, ALL(COMMUTES)},
    [IR_VDOT_S] = {{0, HX_PMADDWD, 0, 0}, ALL(COMMUTES)},
    [IR_VSAD] = {{HX_PSADBW, 0, 0, 0}, ALL(COMMUTES)},
    [IR_VZIPLO] = {{HX_PUNPCKLBW, HX_PUNPCKLWD, HX_PUNPCKLDQ, HX_PUNPCKLQDQ}, {0}},
    [IR_VZIPHI] = {{HX_PUNPCKHBW, HX_PUNPCKHWD, HX_PUNPCKHDQ, HX_PUNPCKHQDQ}, {0}},
    [IR_VPACK_SS] = {{0, HX_PACKSSWB, HX_PACKSSDW, 0}, {0}},
    [IR_VPACK_SU] = {{0, HX_PACKUSWB, HX_PACKUSDW, 0}, {0, 0, NEEDS_41, 0}},
};

static bool has_form(const struct tcg *t, unsigned flags)
{
    return (!(flags & NEEDS_41) || tcg_has(t, TCG_HAS_SSE41)) && (!(flags & NEEDS_42) || tcg_has(t, TCG_HAS_SSE42)) &&
           (!(flags & NEEDS_AVX2) || tcg_has(t, TCG_HAS_AVX2));
}

void tcg_emit_vec(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    unsigned op = e < 0 ? 0 : forms[in->op].op[e], flags = e < 0 ? 0 : forms[in->op].flags[e];
    if (in->type != IR_V128 || !op || !has_form(t, flags)) {
        tcg_fallback(t, in);
        return;
    }
    ir_ref a = in->arg[0], b = in->arg[1];
    if (flags & COMMUTES && t->val[a].reg < 0 && t->val[b].reg >= 0)
        a = b, b = in->arg[0]; /* then b can be a memory operand */
    if (flags & REX_W) {
        int ra = ra_use(t, a), rb = ra_use(t, b);
        hx_vrr(&t->a, op, 1, ra_def(t, ra, rb, 0), ra, rb);
        return;
    }
    tcg_vec_binary(t, op, a, b);
}

/* ---- shifts by one count ---- */

/* digit: PS_*. Counts of the width and more do in the host what they do in the IR. */
void tcg_emit_vshift(struct tcg *t, const struct ir_insn *in, unsigned digit)
{
    static const uint16_t by_imm[4] = {0, HX_PSHIFTW_I, HX_PSHIFTD_I, HX_PSHIFTQ_I};
    static const uint16_t by_reg[8][4] = {[HX_PS_SRL] = {0, HX_PSRLW, HX_PSRLD, HX_PSRLQ},
                                          [HX_PS_SRA] = {0, HX_PSRAW, HX_PSRAD, 0},
                                          [HX_PS_SLL] = {0, HX_PSLLW, HX_PSLLD, HX_PSLLQ}};
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    uint64_t count;
    if (in->type != IR_V128 || e < 0 || !by_reg[digit][e]) {
        tcg_fallback(t, in);
        return;
    }
    if (tcg_const_of(t, in->arg[1], &count)) {
        int a = ra_use(t, in->arg[0]), d = ra_def(t, a, TCG_NO_REG, 0);
        tcg_vec_shift_imm(t, by_imm[e], digit, d, a, (uint8_t)count);
        return;
    }
    int a = ra_use(t, in->arg[0]), c = ra_use(t, in->arg[1]), x = ra_tmp(t, TCG_RC_FPR);
    if (!(t->val[in->arg[1]].flags & TCG_VF_ZX)) {
        int g = ra_tmp(t, TCG_RC_GPR);
        hx_rr(&t->a, HX_MOVZX8, 0, g, c);
        c = g;
    }
    tcg_fp2(t, HX_MOVD_XR, 0, x, c);
    tcg_fp3(t, by_reg[digit][e], ra_def(t, a, TCG_NO_REG, 0), a, x);
}

/* ---- compares of floats ---- */

/* The predicates without AVX are equal and unordered (quiet), less and less-or-equal (signaling). */
void tcg_emit_vfcmp(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const uint8_t predicates[2][4] = {{[IR_FEQ] = 0, [IR_FLT] = 0x11, [IR_FLE] = 0x12, [IR_FUNO] = 3},
                                             {[IR_FEQ] = 0x10, [IR_FLT] = 1, [IR_FLE] = 2, [IR_FUNO] = 0x13}};
    unsigned elem = ir_fp_elem(in->aux), p = predicates[(in->aux & IR_FCOND_SIGNALING) != 0][in->aux & 3];
    if (in->type != IR_V128 || in->aux & IR_FCOND_NOEXC || (elem != IR_F32 && elem != IR_F64) ||
        (p > 3 && !tcg_has(t, TCG_HAS_AVX))) {
        tcg_fallback(t, in);
        return;
    }
    struct tcg_mem m = {0};
    int a = ra_use(t, in->arg[0]), b = tcg_vec_rm(t, in->arg[1], &m);
    tcg_vec3(t, elem == IR_F64 ? HX_CMPPD : HX_CMPPS, ra_def(t, a, b, tcg_vec_avoid(t, a, b)), a, b, m);
    hx_u8(&t->a, p);
}
