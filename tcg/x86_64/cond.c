/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions: an i1 value left in the host's flags for its consumer.
 *
 * I1  What follows a condition until its consumer may move, load and store, but not change flags (host.h I1).
 */
#include "tcg/x86_64/cond.h"

#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/cond_flag.h"
#include "tcg/x86_64/cond_fp.h"
#include "tcg/x86_64/operand.h"

static const uint8_t cond_cc[IR_COND_COUNT] = {HX_CC_E,  HX_CC_NE, HX_CC_L,  HX_CC_LE, HX_CC_G,
                                               HX_CC_GE, HX_CC_B,  HX_CC_BE, HX_CC_A,  HX_CC_AE};
/* the same relation with the operands exchanged */
static const uint8_t cond_swap[IR_COND_COUNT] = {IR_EQ,  IR_NE,  IR_SGT, IR_SGE, IR_SLT,
                                                 IR_SLE, IR_UGT, IR_UGE, IR_ULT, IR_ULE};

/* test a, b: the compare of a & b with 0 */
static struct tcg_cond emit_test_flags(struct tcg *t, const struct ir_insn *cmp, uint32_t *start)
{
    const struct ir_insn *in = &t->insns[cmp->arg[0]];
    bool swap = t->val[in->arg[0]].flags & TCG_VF_CONST;
    unsigned size = tcg_size(cmp->type), prefix = size == TCG_SZ16 ? HX_P66 << 10 : 0;
    int32_t imm;
    bool is_imm = tcg_imm32(t, in->arg[!swap], cmp->type, &imm);
    int a = ra_use(t, in->arg[swap]), b = is_imm ? TCG_NO_REG : ra_use(t, in->arg[!swap]);
    *start = (uint32_t)tcg_buf_off(&t->a);
    if (!is_imm) {
        hx_rr(&t->a, size == TCG_SZ8 ? 0x84 | (HX_F_R8 | HX_F_M8) << 12 : HX_TEST | prefix, size == TCG_SZ64, b, a);
    } else if (size == TCG_SZ8 || (imm >= 0 && imm < 128)) { /* the sign is then 0 in each size */
        hx_rr(&t->a, 0xf6 | HX_F_M8 << 12, 0, 0, a);
        hx_u8(&t->a, (uint8_t)imm);
    } else {
        hx_rr(&t->a, HX_GRP3 | prefix, size == TCG_SZ64, 0, a);
        memcpy(t->a.p, &imm, 4);
        t->a.p += size == TCG_SZ16 ? 2 : 4;
    }
    return (struct tcg_cond){cond_cc[cmp->aux], TCG_PAR_NONE};
}

static struct tcg_cond emit_icmp_flags(struct tcg *t, const struct ir_insn *in, uint32_t *start)
{
    ir_ref a = in->arg[0], b = in->arg[1];
    unsigned rel = in->aux, size = tcg_size(in->type == IR_I1 ? IR_I32 : in->type);
    bool fold = size >= TCG_SZ32 && in->type != IR_I1;
    int32_t imm;
    if (t->val[a].flags & TCG_VF_FUSED && t->insns[a].op == IR_AND)
        return emit_test_flags(t, in, start);
    struct tcg_mem m = {0};
    if (t->val[a].flags & TCG_VF_CONST) {
        ir_ref swap = a;
        a = b, b = swap, rel = cond_swap[rel];
    }
    bool is_imm = tcg_imm32(t, b, in->type, &imm);
    /* at most one of the two stays in memory */
    bool mem_a = tcg_is_fused_load(t, a), mem_b = tcg_is_fused_load(t, b);
    int rb = is_imm ? TCG_NO_REG : mem_b || (fold && t->val[a].reg >= 0) ? tcg_use_rm(t, b, &m) : ra_use(t, b);
    int ra = mem_a || (fold && (is_imm || rb >= 0)) ? tcg_use_rm(t, a, &m) : ra_use(t, a);
    *start = (uint32_t)tcg_buf_off(&t->a);
    if (is_imm && ra >= 0 && imm == 0 && size >= TCG_SZ32)
        hx_rr(&t->a, HX_TEST, size == TCG_SZ64, ra, ra);
    else if (is_imm && ra >= 0)
        hx_alu_ri(&t->a, HX_ALU_CMP, size, ra, imm);
    else if (is_imm)
        hx_alu_mi(&t->a, HX_ALU_CMP, size, m, imm);
    else if (rb < 0)
        hx_alu_rm(&t->a, HX_ALU_CMP, size, ra, m);
    else if (ra >= 0)
        hx_alu_rr(&t->a, HX_ALU_CMP, size, ra, rb);
    else
        hx_alu_mr(&t->a, HX_ALU_CMP, size, m, rb);
    return (struct tcg_cond){cond_cc[rel], TCG_PAR_NONE};
}

struct tcg_cond tcg_emit_cond(struct tcg *t, ir_ref v, uint32_t *start)
{
    const struct ir_insn *in = &t->insns[v];
    if (v == t->cur || t->val[v].flags & TCG_VF_FUSED) {
        if (in->op == IR_NOT)
            return tcg_cond_not(tcg_emit_cond(t, in->arg[0], start));
        if (tcg_is_flag(in))
            return tcg_emit_flag(t, in, start);
        return in->op == IR_FCMP ? tcg_emit_fp_cond(t, in, start) : emit_icmp_flags(t, in, start);
    }
    int r = ra_use(t, v);
    *start = (uint32_t)tcg_buf_off(&t->a);
    hx_rr(&t->a, HX_TEST, 0, r, r);
    return (struct tcg_cond){HX_CC_NE, TCG_PAR_NONE};
}

void tcg_emit_setcond(struct tcg *t, struct tcg_cond c, int reg)
{
    hx_setcc(&t->a, c.cc, reg);
    if (c.par != TCG_PAR_NONE) {
        int tmp = ra_tmp(t, TCG_RC_GPR);
        hx_setcc(&t->a, c.par == TCG_PAR_AND_NP ? HX_CC_NP : HX_CC_P, tmp);
        hx_alu_rr(&t->a, c.par == TCG_PAR_AND_NP ? HX_ALU_AND : HX_ALU_OR, TCG_SZ32, reg, tmp);
        ra_unlock(t, tmp);
    }
    hx_rr(&t->a, HX_MOVZX8, 0, reg, reg);
}
