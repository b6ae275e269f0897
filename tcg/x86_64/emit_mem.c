/* SPDX-License-Identifier: Apache-2.0 */
/* Guest state and memory.
 *
 * I1  The first instruction that touches guest memory for an operation is the only one that can fault, and nothing of
 * the operation is visible before it. I2  x86 orders everything but an earlier store with a later load: only
 * sequentially consistent stores and fences with IR_FENCE_WR cost anything.
 */
#include "tcg/x86_64/internal.h"

void tcg_emit_nothing(struct tcg *t, const struct ir_insn *in, unsigned param) {}
void tcg_emit_get(struct tcg *t, const struct ir_insn *in, unsigned param) { ra_get_row(t, (unsigned)in->imm); }
void tcg_emit_put(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_put_row(t, (unsigned)in->imm, in->arg[0]);
}

void ra_move(struct tcg *t, int dst, int src)
{
    if (dst < HX_XMM0)
        hx_mov_rr(&t->a, 1, dst, src);
    else
        tcg_fp2(t, HX_MOVAPS, 0, dst, src);
}

void ra_load_mem(struct tcg *t, unsigned type, int reg, struct tcg_mem m)
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

void ra_store_mem(struct tcg *t, unsigned type, struct tcg_mem m, int reg)
{
    if (reg < HX_XMM0)
        hx_store(&t->a, tcg_size(type), m, reg);
    else
        tcg_fp2_m(t, type == IR_V128 ? HX_MOVUPS_MR : type == IR_F32 ? HX_MOVSS_MR : HX_MOVSD_MR, reg, m);
}

static int const_reg(struct tcg *t, uint64_t bits)
{
    int reg = ra_tmp(t, TCG_RC_GPR);
    hx_mov_ri(&t->a, reg, bits);
    return reg;
}

/* v = x + y or x + (y << n), fused */
static struct tcg_mem base_index(struct tcg *t, const struct ir_insn *add, int64_t disp)
{
    bool swap = t->val[add->arg[0]].flags & TCG_VF_FUSED;
    ir_ref x = add->arg[swap], y = add->arg[!swap];
    struct tcg_mem m = {.base = (int8_t)ra_use(t, x), .disp = disp};
    if (t->val[y].flags & TCG_VF_FUSED) {
        const struct ir_insn *shl = &t->insns[y];
        m.shift = (uint8_t)t->insns[shl->arg[1]].imm;
        y = shl->arg[0];
    }
    m.index = (int8_t)ra_use(t, y);
    return m;
}

struct tcg_mem tcg_address(struct tcg *t, ir_ref v, int64_t disp)
{
    uint64_t bits;
    if (tcg_const_of(t, v, &bits)) {
        bits += (uint64_t)disp;
        return tcg_fits32((int64_t)bits) ? TCG_MEM(TCG_NO_REG, (int64_t)bits) : TCG_MEM(const_reg(t, bits), 0);
    }
    if (!tcg_fits32(disp)) {
        struct tcg_mem m = tcg_address(t, v, 0);
        int reg = const_reg(t, (uint64_t)disp);
        hx_alu_rr(&t->a, HX_ALU_ADD, TCG_SZ64, reg, m.base);
        return TCG_MEM(reg, 0);
    }
    while (t->val[v].flags & TCG_VF_FUSED) {
        const struct ir_insn *add = &t->insns[v];
        int32_t imm;
        if (!tcg_imm32(t, add->arg[1], IR_I64, &imm))
            return base_index(t, add, disp);
        disp += imm;
        v = add->arg[0];
    }
    return TCG_MEM(ra_use(t, v), disp);
}

static void cold_misaligned(struct tcg *t, const struct tcg_cold *c)
{
    tcg_emit_trap_exit(t, (enum ir_trap)c->x, c->imm);
}

void tcg_check_aligned(struct tcg *t, const struct ir_insn *in)
{
    unsigned bytes = ir_type_bits(ir_mem_type(in->aux)) / 8;
    if (!(in->aux & IR_MEM_ALIGNED) || bytes < 2)
        return;
    int tmp = ra_tmp(t, TCG_RC_GPR);
    hx_lea(&t->a, 1, tmp, tcg_address(t, in->arg[0], (int64_t)in->imm));
    hx_rr(&t->a, 0xf6 | HX_F_M8 << 12, 0, 0, tmp); /* test tmp, imm8 */
    hx_u8(&t->a, bytes - 1);
    struct tcg_cold *c = tcg_cold_add(t, cold_misaligned, hx_jcc(&t->a, HX_CC_NE));
    c->imm = t->insn_pc, c->x = ir_misaligned_trap(in->aux);
    t->locked = t->temps = 0;
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
        ra_load_mem(t, in->type, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), m);
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
        ra_store_mem(t, type, m, ra_use(t, in->arg[1]));
    else if (t->val[in->arg[1]].reg < 0 && tcg_imm32(t, in->arg[1], mt, &imm))
        hx_mov_mi(&t->a, tcg_size(mt), m, imm);
    else
        hx_store(&t->a, tcg_size(mt), m, ra_use(t, in->arg[1]));
    if (ir_mem_order(in->aux) == 3)
        full_fence(t);
}

/* ---- indexed guest state ---- */

/* Runs in C, with all guest registers in cpu->guest. where: offset of row 0 | stride << 16 | rows << 32 | bytes << 48
 */
static void *indexed_place(struct cpu *cpu, uint64_t where, uint64_t index)
{
    return (uint8_t *)cpu + (where & 0xffff) + (where >> 16 & 0xffff) * (index % (where >> 32 & 0xffff));
}
void tcg_getx_helper(struct cpu *cpu, uint64_t where, uint64_t index, void *value)
{
    memcpy(value, indexed_place(cpu, where, index), where >> 48);
}
void tcg_putx_helper(struct cpu *cpu, uint64_t where, uint64_t index, void *value)
{
    memcpy(indexed_place(cpu, where, index), value, where >> 48);
}
