/* SPDX-License-Identifier: Apache-2.0 */
/* Operands that are not registers: immediates, memory, addresses with what was fused into them. */
#include "tcg/x86_64/operand.h"

#include "tcg/common/cold.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/exit_parts.h"

bool tcg_is_imm(unsigned type, uint64_t bits) { return type < IR_I64 || (type == IR_I64 && tcg_fits32((int64_t)bits)); }

bool tcg_imm32(const struct tcg *t, ir_ref v, unsigned type, int32_t *imm)
{
    uint64_t bits;
    if (!tcg_const_of(t, v, &bits) || !tcg_is_imm(type, bits))
        return false;
    *imm = (int32_t)bits;
    return true;
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

int tcg_use_rm(struct tcg *t, ir_ref v, struct tcg_mem *m)
{
    const struct tcg_val *x = &t->val[v];
    if (tcg_is_fused_load(t, v)) {
        *m = tcg_address(t, t->insns[v].arg[0], (int64_t)t->insns[v].imm);
        return TCG_NO_REG;
    }
    if (x->reg >= 0 || x->home == TCG_HOME_NONE || !tcg_dies(t, v))
        return ra_use(t, v);
    *m = ra_home_mem(t, v);
    return TCG_NO_REG;
}

/* ---- alignment ---- */

static void cold_misaligned(struct tcg *t, const struct tcg_cold *c)
{
    tcg_emit_trap_exit(&t->a, t->glue, (enum ir_trap)c->x, c->imm);
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
