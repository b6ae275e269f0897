/* SPDX-License-Identifier: Apache-2.0 */
/* What guests with flags ask for: sums and differences with carry, their flags, parity; and parts of registers.
 *
 * I1  A flag is left in the host's flags by tcg_emit_flag, as compares are (emit_conv.c I1); a consumer that is fused
 *     with
 * it tests it there.
 */
#include "tcg/x86_64/internal.h"

static uint32_t bit(int reg) { return reg >= 0 ? 1u << reg : 0; }
static unsigned is64(const struct ir_insn *in) { return in->type == IR_I64; }

/* CF := the carry operand, an i1 in a register; false: it is known to be 0 and CF was not set. Other flags change. */
static int use_carry(struct tcg *t, ir_ref c)
{
    uint64_t v;
    return tcg_const_of(t, c, &v) && !v ? NO_REG : ra_use(t, c);
}

static void carry_to_cf(struct tcg *t, int c)
{
    if (c < 0)
        return;
    x_rr(&t->a, X_BT_I, 0, 4, c);
    x_u8(&t->a, 0);
}

/* d := d op b, or d op b op CF */
static void alu_with(struct tcg *t, bool sub, bool with_carry, unsigned size, int d, int b)
{
    static const uint8_t ops[2][2] = {{ALU_ADD, ALU_ADC}, {ALU_SUB, ALU_SBB}};
    x_alu_rr(&t->a, ops[sub][with_carry], size, d, b);
}

void tcg_emit_carry_sum(struct tcg *t, const struct ir_insn *in, unsigned sub)
{
    if (in->type > IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    if (in->type == IR_I32)
        t->val[t->cur].flags |= VF_ZX;
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), c = use_carry(t, in->arg[2]);
    int d = ra_def(t, a, NO_REG, (b != a ? bit(b) : 0) | (c >= 0 && c != a ? bit(c) : 0));
    if (c == a)
        carry_to_cf(t, c);
    if (d != a)
        x_mov_rr(&t->a, 1, d, a);
    if (c != a)
        carry_to_cf(t, c);
    alu_with(t, sub, c >= 0, is64(in) ? SZ64 : SZ32, d, b == a ? d : b);
}

/* ---- flags ---- */

bool tcg_is_flag(const struct ir_insn *in)
{
    return in->op >= IR_CARRY && in->op <= IR_PARITY && in->type >= IR_I8 && in->type <= IR_I64;
}

static struct tcg_cond parity(struct tcg *t, const struct ir_insn *in, uint32_t *start)
{
    int a = ra_use(t, in->arg[0]);
    *start = (uint32_t)asm_off(&t->a);
    x_rr(&t->a, 0x84 | (XF_R8 | XF_M8) << 12, 0, a, a); /* test */
    return (struct tcg_cond){CC_P, PAR_NONE};
}

struct tcg_cond tcg_emit_flag(struct tcg *t, const struct ir_insn *in, uint32_t *start)
{
    if (in->op == IR_PARITY)
        return parity(t, in, start);
    bool sub = in->op == IR_BORROW || in->op == IR_OVF_SUB;
    unsigned cc = in->op == IR_CARRY || in->op == IR_BORROW ? CC_B : CC_O, size = tcg_size(in->type);
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), c = use_carry(t, in->arg[2]);
    if (sub && c < 0) {
        *start = (uint32_t)asm_off(&t->a);
        x_alu_rr(&t->a, ALU_CMP, size, a, b);
        return (struct tcg_cond){(uint8_t)cc, PAR_NONE};
    }
    int tmp = ra_tmp(t, RC_GPR);
    *start = (uint32_t)asm_off(&t->a);
    x_mov_rr(&t->a, is64(in), tmp, a);
    carry_to_cf(t, c);
    alu_with(t, sub, c >= 0, size, tmp, b);
    ra_unlock(t, tmp);
    return (struct tcg_cond){(uint8_t)cc, PAR_NONE};
}

void tcg_emit_flag_value(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    uint32_t start;
    if (!tcg_is_flag(in)) {
        tcg_fallback(t, in);
        return;
    }
    struct tcg_cond c = tcg_emit_flag(t, in, &start);
    tcg_emit_setcond(t, c, ra_def(t, NO_REG, NO_REG, 0));
}

/* ---- parts of registers ---- */

/* A byte or word at the bottom: a move into that part. */
static void deposit_low(struct tcg *t, int d, int v, unsigned len)
{
    x_rr(&t->a, len == 8 ? X_MOV_MR8 | XF_M8 << 12 : X_MOV_MR16, 0, v, d);
}

/* ah and the like: rotated down, and up again */
static void deposit_second_byte(struct tcg *t, const struct ir_insn *in, int d, int base, int v)
{
    if (t->features & TCG_HAS_BMI2) {
        x_vrr(&t->a, X_RORX, is64(in), d, 0, base);
        x_u8(&t->a, 8);
    } else {
        if (d != base)
            x_mov_rr(&t->a, 1, d, base);
        x_shift_ri(&t->a, SH_ROR, is64(in), d, 8);
    }
    deposit_low(t, d, v, 8);
    x_shift_ri(&t->a, SH_ROL, is64(in), d, 8);
}

static void deposit_masked(struct tcg *t, const struct ir_insn *in, int d, int base, int v, unsigned pos, unsigned len)
{
    unsigned width = is64(in) ? 64 : 32, size = is64(in) ? SZ64 : SZ32;
    uint64_t ones = is64(in) ? UINT64_MAX : UINT32_MAX, field = ones >> (width - len) << pos;
    int part = ra_tmp(t, RC_GPR), mask = ra_tmp(t, RC_GPR);
    x_mov_rr(&t->a, 1, part, v);
    x_shift_ri(&t->a, SH_SHL, is64(in), part, width - len);
    x_shift_ri(&t->a, SH_SHR, is64(in), part, width - len - pos);
    x_mov_ri(&t->a, (unsigned)mask, ones & ~field);
    if (d != base)
        x_mov_rr(&t->a, 1, d, base);
    x_alu_rr(&t->a, ALU_AND, size, d, mask);
    x_alu_rr(&t->a, ALU_OR, size, d, part);
    ra_unlock(t, part), ra_unlock(t, mask);
}

void tcg_emit_deposit(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned pos = in->aux & 0xff, len = in->aux >> 8, width = is64(in) ? 64 : 32;
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
    int d = ra_def(t, base, NO_REG, v != base ? bit(v) : 0);
    if (low || second) {
        if (v == base) { /* the part changes before it is read */
            v = ra_tmp(t, RC_GPR);
            x_mov_rr(&t->a, 1, v, base);
        }
        if (low && d != base)
            x_mov_rr(&t->a, is64(in), d, base);
        if (low)
            deposit_low(t, d, v, len);
        else
            deposit_second_byte(t, in, d, base, v);
    } else {
        deposit_masked(t, in, d, base, v, pos, len);
    }
    if (!is64(in) && !low)
        t->val[t->cur].flags |= VF_ZX;
}

/* Two halves side by side. */
void tcg_emit_concat(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned half = ir_type_bits((enum ir_type)in->type) / 2;
    if (in->type == IR_I128) {
        int lo = ra_use(t, in->arg[0]), hi = ra_use(t, in->arg[1]);
        struct x_mem m = ra_def_mem(t);
        x_store(&t->a, SZ64, m, (unsigned)lo);
        m.disp += 8;
        x_store(&t->a, SZ64, m, (unsigned)hi);
        return;
    }
    static const unsigned extend[3] = {X_MOVZX8, X_MOVZX16, X_MOV_RM};
    int lo = ra_use(t, in->arg[0]), hi = ra_use(t, in->arg[1]), tmp = ra_tmp(t, RC_GPR);
    x_rr(&t->a, extend[tcg_size(t->val[in->arg[0]].type)], 0, tmp, lo);
    int d = ra_def(t, hi, NO_REG, bit(tmp));
    if (d != hi)
        x_mov_rr(&t->a, 1, d, hi);
    x_shift_ri(&t->a, SH_SHL, is64(in), d, half);
    x_alu_rr(&t->a, ALU_OR, is64(in) ? SZ64 : SZ32, d, tmp);
}

void tcg_emit_high(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned from = t->val[in->arg[0]].type;
    if (from == IR_I128) {
        struct x_mem m = ra_wide(t, in->arg[0]);
        m.disp += 8;
        x_load(&t->a, SZ64, false, 1, (unsigned)ra_def(t, NO_REG, NO_REG, 0), m);
        return;
    }
    int a = ra_use(t, in->arg[0]), d = ra_def(t, a, NO_REG, 0);
    if (d != a)
        x_mov_rr(&t->a, 1, d, a);
    x_shift_ri(&t->a, SH_SHR, from == IR_I64, d, ir_type_bits((enum ir_type)in->type));
}
