/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between integer widths, bit fields, compares and selection.
 *
 * I1  A condition is left in the flags by tcg_emit_cond; what follows it until the consumer may move, load and store,
 * but not change flags (regalloc.c I5).
 */
#include "tcg/x86_64/internal.h"

void tcg_emit_const(struct tcg *t, const struct ir_insn *in, unsigned param) {}

static bool is64(const struct ir_insn *in) { return in->type == IR_I64; }

/* d := v, extended from its own type; v may be in memory only */
static void extend(struct tcg *t, const struct ir_insn *in, bool sign)
{
    static const unsigned ops[2][3] = {{HX_MOVZX8, HX_MOVZX16, HX_MOV_RM}, {HX_MOVSX8, HX_MOVSX16, HX_MOVSXD}};
    ir_ref v = in->arg[0];
    unsigned size = tcg_size(t->val[v].type), w = sign && is64(in);
    struct tcg_mem m;
    int r = ra_use_rm(t, v, &m), d = ra_def(t, r, TCG_NO_REG, 0);
    if (r < 0)
        hx_load(&t->a, size, sign, w, d, m);
    else
        hx_rr(&t->a, ops[sign][size], w, d, r);
}

void tcg_emit_sext(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    if (in->type > IR_I64) {
        tcg_fallback(t, in);
    } else if (from == IR_I1) {
        int r = ra_use(t, in->arg[0]), d = ra_def(t, r, TCG_NO_REG, 0);
        if (d != r)
            hx_mov_rr(&t->a, 0, d, r);
        hx_rr(&t->a, HX_GRP3, is64(in), HX_UN_NEG, d);
    } else if (from == in->type) {
        ra_def_alias(t, in->arg[0]);
    } else {
        if (in->type == IR_I32)
            t->val[t->cur].flags |= TCG_VF_ZX;
        extend(t, in, true);
    }
}

void tcg_emit_zext(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    const struct tcg_val *from = &t->val[in->arg[0]];
    if (in->type > IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    t->val[t->cur].flags |= TCG_VF_ZX;
    if (from->flags & TCG_VF_FUSED && from->type == IR_I1) {
        uint32_t start;
        struct tcg_cond c = tcg_emit_cond(t, in->arg[0], &start);
        tcg_emit_setcond(t, c, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0));
    } else if (!(from->flags & TCG_VF_FUSED) &&
               (from->type == in->type || from->flags & TCG_VF_CONST || (from->reg >= 0 && from->flags & TCG_VF_ZX))) {
        ra_def_alias(t, in->arg[0]);
    } else {
        extend(t, in, false);
    }
}

void tcg_emit_trunc(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (t->val[in->arg[0]].type == IR_I128 && in->type == IR_I64) {
        hx_load(&t->a, TCG_SZ64, false, 1, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), ra_wide(t, in->arg[0]));
    } else if (t->val[in->arg[0]].type > IR_I64) {
        tcg_fallback(t, in);
    } else if (in->type == IR_I1) {
        int r = ra_use(t, in->arg[0]), d = ra_def(t, r, TCG_NO_REG, 0);
        if (d != r)
            hx_mov_rr(&t->a, 0, d, r);
        hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, d, 1);
    } else {
        ra_def_alias(t, in->arg[0]);
    }
}

void tcg_emit_bitcast(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    if (tcg_class(from) == TCG_RC_MEM || tcg_class(in->type) == TCG_RC_MEM ||
        (from == IR_V128) != (in->type == IR_V128)) {
        tcg_fallback(t, in);
        return;
    }
    if (tcg_class(from) == tcg_class(in->type)) {
        ra_def_alias(t, in->arg[0]);
        return;
    }
    struct tcg_mem m;
    int r = ra_use_rm(t, in->arg[0], &m), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    unsigned w = in->type == IR_I64 || in->type == IR_F64;
    if (!w)
        t->val[t->cur].flags |= TCG_VF_ZX;
    if (r < 0)
        ra_load_mem(t, in->type, d, m);
    else if (d >= HX_XMM0)
        tcg_fp2(t, HX_MOVD_XR, w, d, r);
    else
        tcg_fp2(t, HX_MOVD_RX, w, r, d);
}

/* bit field: to the top, then down with or without sign */
void tcg_emit_extract(struct tcg *t, const struct ir_insn *in, unsigned shift)
{
    unsigned pos = in->aux & 0xff, len = in->aux >> 8, width = is64(in) ? 64 : 32;
    if ((in->type != IR_I32 && in->type != IR_I64) || len == 0 || pos + len > width) {
        tcg_fallback(t, in);
        return;
    }
    if (in->type == IR_I32)
        t->val[t->cur].flags |= TCG_VF_ZX;
    int r = ra_use(t, in->arg[0]), d = ra_def(t, r, TCG_NO_REG, 0);
    if (d != r)
        hx_mov_rr(&t->a, 1, d, r);
    if (pos + len < width)
        hx_shift_ri(&t->a, HX_SH_SHL, is64(in), d, width - pos - len);
    if (len < width)
        hx_shift_ri(&t->a, shift, is64(in), d, width - len);
    else if (!is64(in))
        hx_mov_rr(&t->a, 0, d, d);
}

/* ---- conditions ---- */

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
    int rb = is_imm ? TCG_NO_REG : mem_b || (fold && t->val[a].reg >= 0) ? ra_use_rm(t, b, &m) : ra_use(t, b);
    int ra = mem_a || (fold && (is_imm || rb >= 0)) ? ra_use_rm(t, a, &m) : ra_use(t, a);
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

void tcg_emit_icmp(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    uint32_t start;
    if (in->type > IR_I64 || (in->type == IR_I1 && in->aux > IR_NE)) {
        tcg_fallback(t, in);
        return;
    }
    struct tcg_cond c = tcg_emit_cond(t, t->cur, &start);
    tcg_emit_setcond(t, c, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0));
}

/* A condition that one jcc or cmov can test. */
static unsigned single_cc(struct tcg *t, ir_ref v)
{
    uint32_t start;
    struct tcg_cond c = tcg_emit_cond(t, v, &start);
    if (c.par == TCG_PAR_NONE)
        return c.cc;
    int tmp = ra_tmp(t, TCG_RC_GPR);
    tcg_emit_setcond(t, c, tmp);
    hx_rr(&t->a, HX_TEST, 0, tmp, tmp);
    ra_unlock(t, tmp);
    return HX_CC_NE;
}

static void select_xmm(struct tcg *t, const struct ir_insn *in)
{
    int x = ra_use(t, in->arg[1]), y = ra_use(t, in->arg[2]);
    unsigned cc = single_cc(t, in->arg[0]);
    int d = ra_def(t, x, y, 0), other = d == x ? y : x;
    if (d != x && d != y)
        ra_move(t, d, y);
    uint32_t skip = hx_jcc8(&t->a, d == x ? cc : cc ^ 1);
    if (d != other)
        ra_move(t, d, other);
    hx_bind8(&t->a, skip);
}

/* One operand is a constant: move it in, then move the other on the condition. */
static void select_const(struct tcg *t, const struct ir_insn *in, ir_ref k, ir_ref other, bool k_if_true)
{
    int r = ra_use(t, other);
    unsigned cc = single_cc(t, in->arg[0]);
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 1u << r);
    hx_mov_ri(&t->a, d, t->insns[k].imm);
    hx_cmov(&t->a, k_if_true ? cc ^ 1 : cc, 1, d, r);
}

void tcg_emit_select(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ir_ref x = in->arg[1], y = in->arg[2];
    if (tcg_class(in->type) == TCG_RC_MEM) {
        tcg_fallback(t, in);
    } else if (tcg_class(in->type) == TCG_RC_FPR) {
        select_xmm(t, in);
    } else if (t->val[y].flags & TCG_VF_CONST) {
        select_const(t, in, y, x, false);
    } else if (t->val[x].flags & TCG_VF_CONST) {
        select_const(t, in, x, y, true);
    } else {
        int rx = ra_use(t, x), ry = ra_use(t, y);
        unsigned cc = single_cc(t, in->arg[0]);
        int d = ra_def(t, ry, rx, 0);
        if (d != rx && d != ry)
            hx_mov_rr(&t->a, 1, d, ry);
        hx_cmov(&t->a, d == rx ? cc ^ 1 : cc, 1, d, d == rx ? ry : rx);
    }
}
