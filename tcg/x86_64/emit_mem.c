/* SPDX-License-Identifier: Apache-2.0 */
/* Guest state and memory.
 *
 * I1  The first instruction that touches guest memory for an operation is the only one that can fault, and nothing of
 *     the operation is visible before it.
 * I2  x86 orders everything but an earlier store with a later load: only sequentially consistent stores and fences with
 *     IR_FENCE_WR cost anything.
 */
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/regalloc_row.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/simd.h"

void tcg_emit_nothing(struct tcg *t, const struct ir_insn *in, unsigned param) {}
void tcg_emit_get(struct tcg *t, const struct ir_insn *in, unsigned param) { ra_get_row(t, (unsigned)in->imm); }
void tcg_emit_put(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_put_row(t, (unsigned)in->imm, in->arg[0]);
}

/* A memory type that moves as plain bytes into a register of the value's class */
static bool plain(const struct ir_insn *in, unsigned value_type, unsigned mem_type)
{
    if (in->aux & IR_MEM_BIG && mem_type != IR_I8)
        return false;
    switch (tcg_class(value_type)) {
    case TCG_RC_GPR:
        return mem_type >= IR_I8 && mem_type <= IR_I64;
    case TCG_RC_FPR:
        return mem_type == value_type;
    default:
        return mem_type == value_type && value_type != IR_F80;
    }
}

/* 16 or 32 bytes between memory and a value's home */
static void move_wide(struct tcg *t, unsigned type, struct tcg_mem to, struct tcg_mem from)
{
    int n = type == IR_V256 ? 2 : 1, x[2] = {TCG_NO_REG, TCG_NO_REG};
    for (int k = 0; k < n; k++) {
        x[k] = ra_tmp(t, TCG_RC_FPR);
        tcg_fp2_m(t, HX_MOVUPS_RM, x[k], from);
        from.disp += 16;
    }
    for (int k = 0; k < n; k++) {
        tcg_fp2_m(t, HX_MOVUPS_MR, x[k], to);
        to.disp += 16;
    }
}

void tcg_emit_ld(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned mt = ir_mem_type(in->aux);
    tcg_check_aligned(t, in);
    if (mt == IR_F80 && in->aux == ir_mem(IR_F80)) {
        tcg_emit_x87_ld(t, in, 0);
        return;
    }
    if (!plain(in, in->type, mt)) {
        tcg_fallback(t, in);
        return;
    }
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    if (tcg_class(in->type) == TCG_RC_MEM) {
        move_wide(t, in->type, ra_def_mem(t), m);
    } else if (tcg_class(in->type) == TCG_RC_FPR) {
        tcg_load(t, in->type, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), m);
    } else {
        bool sign = in->aux & IR_MEM_SIGNED && mt < in->type;
        if (!sign || in->type == IR_I32)
            t->val[t->cur].flags |= TCG_VF_ZX;
        hx_load(&t->a, tcg_size(mt), sign, in->type == IR_I64 && (sign || mt == IR_I64), ra_def(t, m.base, m.index, 0),
                m);
    }
}

static void full_fence(struct tcg *t)
{
    static const uint8_t lock_or_rsp[] = {0xf0, 0x83, 0x0c, 0x24, 0x00};
    memcpy(t->a.p, lock_or_rsp, sizeof lock_or_rsp);
    t->a.p += sizeof lock_or_rsp;
}

void tcg_emit_fence(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->aux & IR_FENCE_WR)
        full_fence(t);
}

void tcg_emit_st(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned mt = ir_mem_type(in->aux), type = t->val[in->arg[1]].type;
    int32_t imm;
    tcg_check_aligned(t, in);
    if (mt == IR_F80 && in->aux == ir_mem(IR_F80)) {
        tcg_emit_x87_st(t, in, 0);
        return;
    }
    if (!plain(in, type, mt)) {
        tcg_fallback(t, in);
        return;
    }
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    if (tcg_class(type) == TCG_RC_MEM)
        move_wide(t, type, m, ra_wide(t, in->arg[1]));
    else if (tcg_class(type) == TCG_RC_FPR)
        tcg_store(t, type, m, ra_use(t, in->arg[1]));
    else if (t->val[in->arg[1]].reg < 0 && tcg_imm32(t, in->arg[1], mt, &imm))
        hx_mov_mi(&t->a, tcg_size(mt), m, imm);
    else
        hx_store(&t->a, tcg_size(mt), m, ra_use(t, in->arg[1]));
    if (ir_mem_order(in->aux) == 3)
        full_fence(t);
}
