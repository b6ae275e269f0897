/* SPDX-License-Identifier: Apache-2.0 */
/* What guests with flags ask for, as values: sums and differences with carry, their flags, parity; and parts of
 * registers. Flags that stay in the host's are in cond_flag.c. */
#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/regalloc_row.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/cond.h"
#include "tcg/x86_64/cond_flag.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"

static unsigned is64(const struct ir_insn *in) { return in->type == IR_I64; }

static void emit_carry_sum(struct tcg *t, const struct ir_insn *in, unsigned sub)
{
    if (in->type == IR_I32)
        t->val[t->cur].flags |= TCG_VF_ZX;
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), c = tcg_use_carry(t, in->arg[2]);
    int d = ra_def(t, a, TCG_NO_REG, (b != a ? tcg_bit(b) : 0) | (c >= 0 && c != a ? tcg_bit(c) : 0));
    if (c == a)
        tcg_carry_to_cf(t, c);
    if (d != a)
        hx_mov_rr(&t->a, 1, d, a);
    if (c != a)
        tcg_carry_to_cf(t, c);
    tcg_alu_with(t, sub, c >= 0, is64(in) ? TCG_SZ64 : TCG_SZ32, d, b == a ? d : b);
}

/* Is in a sum (or difference) with carry, and the next instruction the carry (borrow) out of the same one? Then that
 * emits both (emit_carry_pair). */
static bool is_pair(const struct tcg *t, ir_ref v)
{
    const struct ir_insn *in = &t->insns[v], *next = in + 1;
    const enum ir_op out = in->op == IR_ADC ? IR_CARRY : IR_BORROW;
    if ((in->op != IR_ADC && in->op != IR_SBB) || v + 1u >= t->block->count || next->op != out ||
        (in->type != IR_I32 && in->type != IR_I64) || next->type != in->type)
        return false;
    const unsigned other = TCG_VF_FUSED | TCG_VF_CONST | TCG_VF_SUNK;
    return !((t->val[v].flags | t->val[v + 1].flags) & other) && t->val[v].uses && in->arg[0] == next->arg[0] &&
           in->arg[1] == next->arg[1] && in->arg[2] == next->arg[2];
}

static void emit_carry_pair(struct tcg *t, const struct ir_insn *in)
{
    const ir_ref flag = t->cur;
    t->cur = flag - 1;
    emit_carry_sum(t, in - 1, in->op == IR_BORROW);
    t->cur = flag;
    tcg_emit_setcond(t, (struct tcg_cond){HX_CC_B, TCG_PAR_NONE}, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0));
}

void tcg_emit_carry_sum(struct tcg *t, const struct ir_insn *in, unsigned sub)
{
    if (in->type > IR_I64)
        tcg_fallback(t, in);
    else if (!is_pair(t, t->cur))
        emit_carry_sum(t, in, sub);
}

/* ---- flags ---- */

void tcg_emit_flag_value(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    uint32_t start;
    if (!tcg_is_flag(in)) {
        tcg_fallback(t, in);
        return;
    }
    if (t->cur && is_pair(t, t->cur - 1)) {
        emit_carry_pair(t, in);
        return;
    }
    struct tcg_cond c = tcg_emit_flag(t, in, &start);
    tcg_emit_setcond(t, c, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0));
}

/* ---- parts of registers ---- */

/* A byte or word at the bottom: a move into that part. */
static void deposit_low(struct tcg *t, int d, int v, unsigned len)
{
    hx_rr(&t->a, len == 8 ? HX_MOV_MR8 | HX_F_M8 << 12 : HX_MOV_MR16, 0, v, d);
}

/* ah and the like: rotated down, and up again */
static void deposit_second_byte(struct tcg *t, const struct ir_insn *in, int d, int base, int v)
{
    if (t->features & TCG_HAS_BMI2) {
        hx_vrr(&t->a, HX_RORX, is64(in), d, 0, base);
        hx_u8(&t->a, 8);
    } else {
        if (d != base)
            hx_mov_rr(&t->a, 1, d, base);
        hx_shift_ri(&t->a, HX_SH_ROR, is64(in), d, 8);
    }
    deposit_low(t, d, v, 8);
    hx_shift_ri(&t->a, HX_SH_ROL, is64(in), d, 8);
}

static void deposit_masked(struct tcg *t, const struct ir_insn *in, int d, int base, int v, unsigned pos, unsigned len)
{
    unsigned width = is64(in) ? 64 : 32, size = is64(in) ? TCG_SZ64 : TCG_SZ32;
    uint64_t ones = is64(in) ? UINT64_MAX : UINT32_MAX, field = ones >> (width - len) << pos;
    int part = ra_tmp(t, TCG_RC_GPR), mask = ra_tmp(t, TCG_RC_GPR);
    hx_mov_rr(&t->a, 1, part, v);
    hx_shift_ri(&t->a, HX_SH_SHL, is64(in), part, width - len);
    hx_shift_ri(&t->a, HX_SH_SHR, is64(in), part, width - len - pos);
    hx_mov_ri(&t->a, (unsigned)mask, ones & ~field);
    if (d != base)
        hx_mov_rr(&t->a, 1, d, base);
    hx_alu_rr(&t->a, HX_ALU_AND, size, d, mask);
    hx_alu_rr(&t->a, HX_ALU_OR, size, d, part);
    ra_unlock(t, part), ra_unlock(t, mask);
}

void tcg_emit_deposit(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned pos = ir_bits_pos(in->aux), len = ir_bits_len(in->aux), width = is64(in) ? 64 : 32;
    if ((in->type != IR_I32 && in->type != IR_I64) || len == 0 || pos + len > width) {
        tcg_fallback(t, in);
        return;
    }
    if (len == width) {
        ra_def_alias(t, in->arg[1]);
        return;
    }
    bool low = pos == 0 && (len == 8 || len == 16), second = pos == 8 && len == 8;
    int base = ra_use(t, in->arg[0]), v = ra_use(t, in->arg[1]);
    int d = ra_def(t, base, TCG_NO_REG, v != base ? tcg_bit(v) : 0);
    if (low || second) {
        if (v == base) { /* the part changes before it is read */
            v = ra_tmp(t, TCG_RC_GPR);
            hx_mov_rr(&t->a, 1, v, base);
        }
        if (low && d != base)
            hx_mov_rr(&t->a, is64(in), d, base);
        if (low)
            deposit_low(t, d, v, len);
        else
            deposit_second_byte(t, in, d, base, v);
    } else {
        deposit_masked(t, in, d, base, v, pos, len);
    }
    if (!is64(in) && !low)
        t->val[t->cur].flags |= TCG_VF_ZX;
}

/* Two halves side by side. */
void tcg_emit_concat(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned half = ir_type_bits((enum ir_type)in->type) / 2;
    if (in->type == IR_I128) {
        int lo = ra_use(t, in->arg[0]), hi = ra_use(t, in->arg[1]);
        struct tcg_mem m = ra_def_mem(t);
        hx_store(&t->a, TCG_SZ64, m, (unsigned)lo);
        m.disp += 8;
        hx_store(&t->a, TCG_SZ64, m, (unsigned)hi);
        return;
    }
    static const unsigned extend[3] = {HX_MOVZX8, HX_MOVZX16, HX_MOV_RM};
    int lo = ra_use(t, in->arg[0]), hi = ra_use(t, in->arg[1]), tmp = ra_tmp(t, TCG_RC_GPR);
    hx_rr(&t->a, extend[tcg_size(t->val[in->arg[0]].type)], 0, tmp, lo);
    int d = ra_def(t, hi, TCG_NO_REG, tcg_bit(tmp));
    if (d != hi)
        hx_mov_rr(&t->a, 1, d, hi);
    hx_shift_ri(&t->a, HX_SH_SHL, is64(in), d, half);
    hx_alu_rr(&t->a, HX_ALU_OR, is64(in) ? TCG_SZ64 : TCG_SZ32, d, tmp);
}

void tcg_emit_high(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    if (from == IR_I128) {
        struct tcg_mem m = ra_wide(t, in->arg[0]);
        m.disp += 8;
        hx_load(&t->a, TCG_SZ64, false, 1, (unsigned)ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), m);
        return;
    }
    int a = ra_use(t, in->arg[0]), d = ra_def(t, a, TCG_NO_REG, 0);
    if (d != a)
        hx_mov_rr(&t->a, 1, d, a);
    hx_shift_ri(&t->a, HX_SH_SHR, from == IR_I64, d, ir_type_bits((enum ir_type)in->type));
}
