/* SPDX-License-Identifier: Apache-2.0 */
/* Moves between registers, memory and constants: what the register allocator asks of this host (host.h).
 *
 * I1  Nothing here changes the flags: a constant comes by mov, never by xor of a general register.
 */
#include "tcg/x86_64/move.h"

#include "tcg/common/cold.h"
#include "tcg/common/reg_file.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/simd.h"

void tcg_move(struct tcg *t, int dst, int src)
{
    if (dst < HX_XMM0)
        hx_mov_rr(&t->a, 1, dst, src);
    else
        tcg_fp2(t, HX_MOVAPS, 0, dst, src);
}

void tcg_load(struct tcg *t, unsigned type, int reg, struct tcg_mem m)
{
    if (reg < HX_XMM0)
        hx_load(&t->a, tcg_size(type), false, type == IR_I64 || type == IR_F64, reg, m);
    else
        tcg_fp2_m(t,
                  type == IR_V128                    ? HX_MOVUPS_RM
                  : type == IR_F32 || type == IR_I32 ? HX_MOVSS_RM
                                                     : HX_MOVSD_RM,
                  reg, m);
}

void tcg_store(struct tcg *t, unsigned type, struct tcg_mem m, int reg)
{
    if (reg < HX_XMM0)
        hx_store(&t->a, tcg_size(type), m, reg);
    else
        tcg_fp2_m(t, type == IR_V128 ? HX_MOVUPS_MR : type == IR_F32 ? HX_MOVSS_MR : HX_MOVSD_MR, reg, m);
}

/* ---- constants ---- */

/* 16 bytes that the instruction whose displacement ends at x loads. */
static void cold_vec_const(struct tcg *t, const struct tcg_cold *c)
{
    while ((uintptr_t)tcg_buf_here(&t->a) & 15)
        hx_u8(&t->a, 0xcc);
    hx_bind(&t->a, c->x);
    uint64_t lo = 0, hi = 0;
    tcg_const_vec(t, (ir_ref)c->imm, &lo, &hi);
    hx_u64(&t->a, lo), hx_u64(&t->a, hi);
}

static void load_vec_const(struct tcg *t, int reg, ir_ref v)
{
    uint64_t lo = 0, hi = 0;
    tcg_const_vec(t, v, &lo, &hi);
    if ((lo | hi) == 0) {
        tcg_fp3(t, HX_XORPS, reg, reg, reg);
    } else if ((lo & hi) == UINT64_MAX) {
        tcg_fp3(t, HX_PCMPEQD, reg, reg, reg);
    } else {
        tcg_fp2_m(t, HX_MOVUPS_RM, reg, HX_ADDR(tcg_buf_here(&t->a)));
        struct tcg_cold *c = tcg_cold_add(t, cold_vec_const, 0);
        c->x = (uint32_t)tcg_buf_off(&t->a), c->imm = v;
    }
}

static void load_const(struct tcg *t, int reg, unsigned type, uint64_t bits)
{
    if (reg < HX_XMM0) {
        hx_mov_ri(&t->a, (unsigned)reg, bits);
    } else if (bits == 0) {
        tcg_fp3(t, HX_XORPS, reg, reg, reg);
    } else {
        int tmp = ra_tmp(t, TCG_RC_GPR);
        hx_mov_ri(&t->a, (unsigned)tmp, bits);
        tcg_fp2(t, HX_MOVD_XR, type == IR_F64, reg, tmp);
        ra_unlock(t, tmp);
    }
}

void tcg_load_const(struct tcg *t, int reg, ir_ref v)
{
    if (t->val[v].type == IR_V128)
        load_vec_const(t, reg, v);
    else
        load_const(t, reg, t->val[v].type, t->insns[v].imm);
}

bool tcg_store_const(struct tcg *t, struct tcg_mem m, ir_ref v)
{
    unsigned type = t->val[v].type;
    int32_t imm;
    if (tcg_class(type) != TCG_RC_GPR || !tcg_imm32(t, v, type, &imm))
        return false;
    hx_mov_mi(&t->a, tcg_size(type), m, imm);
    return true;
}

/* ---- values of class TCG_RC_MEM ---- */

void tcg_copy_wide(struct tcg *t, unsigned type, struct tcg_mem to, struct tcg_mem from)
{
    if (type == IR_F80) {
        int g = ra_tmp(t, TCG_RC_GPR);
        for (unsigned size = TCG_SZ64; size; size = size == TCG_SZ64 ? TCG_SZ16 : 0) {
            hx_load(&t->a, size, false, size == TCG_SZ64, (unsigned)g, from);
            hx_store(&t->a, size, to, (unsigned)g);
            from.disp += 8, to.disp += 8;
        }
        ra_unlock(t, g);
        return;
    }
    int x = ra_tmp(t, TCG_RC_FPR);
    for (unsigned k = 0; k < ra_slot_count(type); k++) {
        tcg_fp2_m(t, HX_MOVUPS_RM, x, from);
        tcg_fp2_m(t, HX_MOVUPS_MR, x, to);
        from.disp += 16, to.disp += 16;
    }
    ra_unlock(t, x);
}

void tcg_write_const(struct tcg *t, struct tcg_mem m, ir_ref v)
{
    uint64_t part[4] = {0};
    tcg_const_vec(t, v, &part[0], &part[1]);
    int g = ra_tmp(t, TCG_RC_GPR);
    for (unsigned k = 0; k < 2 * ra_slot_count(t->val[v].type); k++) {
        hx_mov_ri(&t->a, (unsigned)g, part[k]);
        hx_store(&t->a, TCG_SZ64, TCG_MEM(HX_R13, m.disp + 8 * k), (unsigned)g);
    }
    ra_unlock(t, g);
}
