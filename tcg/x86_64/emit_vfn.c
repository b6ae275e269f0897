/* SPDX-License-Identifier: Apache-2.0 */
/* Vector functions that the host has an instruction for: AES, carry-less products, SHA, approximations, compares of
 * strings. The others are called. */
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/simd.h"

static const struct {
    uint16_t op, feature;
    uint8_t imm; /* its bits that count; 0: there is none */
    bool legacy; /* no VEX encoding */
} forms[IR_VEC_KINDS] = {
    [IR_VEC_AESENC] = {HX_AESENC, TCG_HAS_AES, 0, false},
    [IR_VEC_AESENCLAST] = {HX_AESENCLAST, TCG_HAS_AES, 0, false},
    [IR_VEC_AESDEC] = {HX_AESDEC, TCG_HAS_AES, 0, false},
    [IR_VEC_AESDECLAST] = {HX_AESDECLAST, TCG_HAS_AES, 0, false},
    [IR_VEC_PCLMUL] = {HX_PCLMUL, TCG_HAS_CLMUL, 0x11, false},
    [IR_VEC_SHA1NEXTE] = {HX_SHA1NEXTE, TCG_HAS_SHA, 0, true},
    [IR_VEC_SHA1MSG1] = {HX_SHA1MSG1, TCG_HAS_SHA, 0, true},
    [IR_VEC_SHA1MSG2] = {HX_SHA1MSG2, TCG_HAS_SHA, 0, true},
    [IR_VEC_SHA1RNDS4] = {HX_SHA1RNDS4, TCG_HAS_SHA, 3, true},
    [IR_VEC_SHA256RNDS2] = {HX_SHA256RNDS2, TCG_HAS_SHA, 0, true},
    [IR_VEC_SHA256MSG1] = {HX_SHA256MSG1, TCG_HAS_SHA, 0, true},
    [IR_VEC_SHA256MSG2] = {HX_SHA256MSG2, TCG_HAS_SHA, 0, true},
    [IR_VEC_PMADDUBSW] = {HX_PMADDUBSW, TCG_HAS_SSSE3, 0, false},
    [IR_VEC_MPSADBW] = {HX_MPSADBW, TCG_HAS_SSE41, 7, false},
    [IR_VEC_VPERMILPS] = {HX_VPERMILPS, TCG_HAS_AVX, 0, false},
    [IR_VEC_VPERMILPD] = {HX_VPERMILPD, TCG_HAS_AVX, 0, false},
    [IR_VEC_AESIMC] = {HX_AESIMC, TCG_HAS_AES, 0, false},
    [IR_VEC_AESKEYGENASSIST] = {HX_AESKEYGENASSIST, TCG_HAS_AES, 0xff, false},
    [IR_VEC_PHMINPOSUW] = {HX_PHMINPOSUW, TCG_HAS_SSE41, 0, false},
    [IR_VEC_RCPPS] = {HX_RCPPS, 0, 0, false},
    [IR_VEC_RSQRTPS] = {HX_RSQRTPS, 0, 0, false},
    [IR_VEC_PCMPSTRI] = {HX_PCMPISTRI, TCG_HAS_SSE42, 0x7f, false},
    [IR_VEC_PCMPSTRM] = {HX_PCMPISTRM, TCG_HAS_SSE42, 0x7f, false},
};

/* The keys go to xmm0, whose content comes back afterwards; the rest is done in registers that are not xmm0. */
static void rounds_with_keys(struct tcg *t, const struct ir_insn *in)
{
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), keys = ra_use(t, in->arg[2]), tmp[2];
    for (unsigned i = 0; i < 2; i++)
        while ((tmp[i] = ra_tmp(t, TCG_RC_FPR)) == HX_XMM0) /* stays locked */
            ;
    int d = ra_def(t, a, TCG_NO_REG, 0);
    tcg_move(t, tmp[0], a);
    tcg_move(t, tmp[1], HX_XMM0);
    if (keys != HX_XMM0)
        tcg_move(t, HX_XMM0, keys);
    hx_rr(&t->a, HX_SHA256RNDS2, 0, tmp[0], b == HX_XMM0 ? tmp[1] : b);
    tcg_move(t, HX_XMM0, tmp[1]);
    tcg_move(t, d, tmp[0]);
}

static void of_one_operand(struct tcg *t, const struct ir_insn *in, unsigned op)
{
    int a = ra_use(t, in->arg[0]), d = ra_def(t, a, TCG_NO_REG, 0);
    if (tcg_has(t, TCG_HAS_AVX))
        hx_vrr(&t->a, op, 0, d, 0, a);
    else
        hx_rr(&t->a, op, 0, d, a);
}

/* The compare itself: lengths, if they count, to eax and edx. */
static void compare_strings(struct tcg *t, const struct ir_insn *in, unsigned op)
{
    static_assert((HX_PCMPISTRI ^ HX_PCMPESTRI) == 2 && (HX_PCMPISTRM ^ HX_PCMPESTRM) == 2, "bit 1: no lengths");
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]);
    if (in->aux & IR_VEC_LENGTHS) {
        tcg_fp2(t, HX_MOVD_RX, 1, ra_use(t, in->arg[2]), HX_RAX);
        hx_mov_rr(&t->a, 1, HX_RDX, HX_RAX);
        hx_shift_ri(&t->a, HX_SH_SHR, 1, HX_RDX, 32);
        op ^= 2;
    }
    if (tcg_has(t, TCG_HAS_AVX))
        hx_vrr(&t->a, op, 0, a, 0, b);
    else
        hx_rr(&t->a, op, 0, a, b);
    hx_u8(&t->a, in->aux & 0x7f);
}

/* To al and ah the flags, which lahf brings in order; to the upper half of rax the index. */
static void find_in_strings(struct tcg *t, const struct ir_insn *in)
{
    enum { LAHF = 0x9f };
    ra_take(t, HX_RAX);
    ra_take(t, HX_RCX);
    ra_take(t, HX_RDX);
    compare_strings(t, in, HX_PCMPISTRI);
    hx_setcc(&t->a, HX_CC_O, HX_RAX);
    hx_u8(&t->a, LAHF);
    hx_rr(&t->a, HX_MOVZX16, 0, HX_RAX, HX_RAX);
    hx_shift_ri(&t->a, HX_SH_SHL, 1, HX_RCX, 32);
    hx_alu_rr(&t->a, HX_ALU_OR, TCG_SZ64, HX_RAX, HX_RCX);
    tcg_fp2(t, HX_MOVD_XR, 1, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), HX_RAX);
}

static void mask_of_strings(struct tcg *t, const struct ir_insn *in)
{
    ra_take(t, HX_RAX);
    ra_take(t, HX_RDX);
    ra_take(t, HX_XMM0);
    compare_strings(t, in, HX_PCMPISTRM);
    ra_def_in(t, HX_XMM0);
}

void tcg_emit_vfn(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned kind = ((const struct ir_vec_fn *)(uintptr_t)in->imm)->kind;
    unsigned feature = forms[kind].feature;
    if (in->type != IR_V128 || kind == IR_VEC_OTHER || (feature && !tcg_has(t, feature))) {
        tcg_fallback(t, in);
        return;
    }
    if (kind == IR_VEC_SHA256RNDS2) {
        rounds_with_keys(t, in);
        return;
    }
    if (kind == IR_VEC_PCMPSTRI || kind == IR_VEC_PCMPSTRM) {
        (kind == IR_VEC_PCMPSTRI ? find_in_strings : mask_of_strings)(t, in);
        return;
    }
    if (kind >= IR_VEC_AESIMC) {
        of_one_operand(t, in, forms[kind].op);
        if (forms[kind].imm)
            hx_u8(&t->a, in->aux & forms[kind].imm);
        return;
    }
    bool avx = tcg_has(t, TCG_HAS_AVX) && !forms[kind].legacy;
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]);
    int d = ra_def(t, a, TCG_NO_REG, !avx && a != b ? tcg_bit(b) : 0);
    if (avx) {
        hx_vrr(&t->a, forms[kind].op, 0, d, a, b);
    } else {
        if (d != a)
            tcg_move(t, d, a);
        hx_rr(&t->a, forms[kind].op, 0, d, b);
    }
    if (forms[kind].imm)
        hx_u8(&t->a, in->aux & forms[kind].imm);
}
