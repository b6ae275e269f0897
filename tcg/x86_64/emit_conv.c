/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between integer widths, bit fields, integer compares as values, and selection. Compares whose result
 * stays in the host's flags are in cond.c. */
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/regalloc_row.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/cond.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/simd.h"

void tcg_emit_const(struct tcg *t, const struct ir_insn *in, unsigned param) {}

static bool is64(const struct ir_insn *in) { return in->type == IR_I64; }

/* d := v, extended from its own type; v may be in memory only */
static void extend(struct tcg *t, const struct ir_insn *in, bool sign)
{
    static const unsigned ops[2][3] = {{HX_MOVZX8, HX_MOVZX16, HX_MOV_RM}, {HX_MOVSX8, HX_MOVSX16, HX_MOVSXD}};
    ir_ref v = in->arg[0];
    unsigned size = tcg_size(t->val[v].type), w = sign && is64(in);
    struct tcg_mem m;
    int r = tcg_use_rm(t, v, &m), d = ra_def(t, r, TCG_NO_REG, 0);
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
    int r = tcg_use_rm(t, in->arg[0], &m), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    unsigned w = in->type == IR_I64 || in->type == IR_F64;
    if (!w)
        t->val[t->cur].flags |= TCG_VF_ZX;
    if (r < 0)
        tcg_load(t, in->type, d, m);
    else if (d >= HX_XMM0)
        tcg_fp2(t, HX_MOVD_XR, w, d, r);
    else
        tcg_fp2(t, HX_MOVD_RX, w, r, d);
}

/* d := the lower len bits of r */
static void zero_extend(struct tcg *t, int d, int r, unsigned len)
{
    if (len == 8 || len == 16) {
        hx_rr(&t->a, len == 8 ? HX_MOVZX8 : HX_MOVZX16, 0, d, r);
        return;
    }
    if (d != r)
        hx_mov_rr(&t->a, 0, d, r);
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, d, (int32_t)((1u << len) - 1));
}

/* A field of less than 32 bits, without sign: down, and what is above it away */
static void extract_short(struct tcg *t, const struct ir_insn *in)
{
    unsigned pos = ir_bits_pos(in->aux), len = ir_bits_len(in->aux), w = pos + len > 32;
    int r = ra_use(t, in->arg[0]), d = ra_def(t, r, TCG_NO_REG, 0);
    if (in->type == IR_I32)
        t->val[t->cur].flags |= TCG_VF_ZX;
    if (pos) {
        hx_mov_rr(&t->a, w, d, r);
        hx_shift_ri(&t->a, HX_SH_SHR, w, d, pos);
    }
    if (pos + len != (w ? 64 : 32))
        zero_extend(t, d, pos ? d : r, len);
}

/* bit field: to the top, then down with or without sign */
void tcg_emit_extract(struct tcg *t, const struct ir_insn *in, unsigned shift)
{
    unsigned pos = ir_bits_pos(in->aux), len = ir_bits_len(in->aux), width = is64(in) ? 64 : 32;
    if ((in->type != IR_I32 && in->type != IR_I64) || len == 0 || pos + len > width) {
        tcg_fallback(t, in);
        return;
    }
    if (shift == HX_SH_SHR && len < 32) {
        extract_short(t, in);
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
        tcg_move(t, d, y);
    uint32_t skip = hx_jcc8(&t->a, d == x ? cc : cc ^ 1);
    if (d != other)
        tcg_move(t, d, other);
    hx_bind8(&t->a, skip);
}

/* One operand is a constant: move it in, then move the other on the condition. */
static void select_const(struct tcg *t, const struct ir_insn *in, ir_ref k, ir_ref other, bool k_if_true)
{
    int r = ra_use(t, other);
    unsigned cc = single_cc(t, in->arg[0]);
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, tcg_bit(r));
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
