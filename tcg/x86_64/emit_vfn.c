/* SPDX-License-Identifier: Apache-2.0 */
/* Vector functions that the host has an instruction for: AES, carry-less products, SHA, approximations. The others are
 * called. */
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
    [IR_VEC_AESIMC] = {HX_AESIMC, TCG_HAS_AES, 0, false},
    [IR_VEC_RCPPS] = {HX_RCPPS, 0, 0, false},
    [IR_VEC_RSQRTPS] = {HX_RSQRTPS, 0, 0, false},
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
    if (kind >= IR_VEC_AESIMC) {
        of_one_operand(t, in, forms[kind].op);
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
