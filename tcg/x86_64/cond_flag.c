/* SPDX-License-Identifier: Apache-2.0 */
/* Carry, borrow, overflow and parity, left in the host's flags. */
#include "tcg/x86_64/cond_flag.h"

#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"

static unsigned is64(const struct ir_insn *in) { return in->type == IR_I64; }

/* CF := the carry operand, an i1 in a register; false: it is known to be 0 and CF was not set. Other flags change. */
int tcg_use_carry(struct tcg *t, ir_ref c)
{
    uint64_t v;
    return tcg_const_of(t, c, &v) && !v ? TCG_NO_REG : ra_use(t, c);
}

void tcg_carry_to_cf(struct tcg *t, int c)
{
    if (c < 0)
        return;
    hx_rr(&t->a, HX_BT_I, 0, 4, c);
    hx_u8(&t->a, 0);
}

/* d := d op b, or d op b op CF */
void tcg_alu_with(struct tcg *t, bool sub, bool with_carry, unsigned size, int d, int b)
{
    static const uint8_t ops[2][2] = {{HX_ALU_ADD, HX_ALU_ADC}, {HX_ALU_SUB, HX_ALU_SBB}};
    hx_alu_rr(&t->a, ops[sub][with_carry], size, d, b);
}

static struct tcg_cond parity(struct tcg *t, const struct ir_insn *in, uint32_t *start)
{
    int a = ra_use(t, in->arg[0]);
    *start = (uint32_t)tcg_buf_off(&t->a);
    hx_rr(&t->a, 0x84 | (HX_F_R8 | HX_F_M8) << 12, 0, a, a); /* test */
    return (struct tcg_cond){HX_CC_P, TCG_PAR_NONE};
}

struct tcg_cond tcg_emit_flag(struct tcg *t, const struct ir_insn *in, uint32_t *start)
{
    if (in->op == IR_PARITY)
        return parity(t, in, start);
    bool sub = in->op == IR_BORROW || in->op == IR_OVF_SUB;
    unsigned cc = in->op == IR_CARRY || in->op == IR_BORROW ? HX_CC_B : HX_CC_O, size = tcg_size(in->type);
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), c = tcg_use_carry(t, in->arg[2]);
    if (sub && c < 0) {
        *start = (uint32_t)tcg_buf_off(&t->a);
        hx_alu_rr(&t->a, HX_ALU_CMP, size, a, b);
        return (struct tcg_cond){(uint8_t)cc, TCG_PAR_NONE};
    }
    int tmp = ra_tmp(t, TCG_RC_GPR);
    *start = (uint32_t)tcg_buf_off(&t->a);
    hx_mov_rr(&t->a, is64(in), tmp, a);
    tcg_carry_to_cf(t, c);
    tcg_alu_with(t, sub, c >= 0, size, tmp, b);
    ra_unlock(t, tmp);
    return (struct tcg_cond){(uint8_t)cc, TCG_PAR_NONE};
}
