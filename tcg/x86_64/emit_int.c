/* SPDX-License-Identifier: Apache-2.0 */
/* Integer arithmetic. i8 and i16 use 32-bit instructions where the upper bits cannot matter or
 * operands can be extended, else ir_eval.
 *
 * I1  Upper bits of a value narrower than its register are undefined unless TCG_VF_ZX says that they are zero.
 * I2  A 32-bit instruction zeroes the upper half: results of type i32 get TCG_VF_ZX.
 */
#include "tcg/common/cold.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/simd.h"

static bool wide(const struct ir_insn *in) { return in->type > IR_I64; }
static unsigned is64(const struct ir_insn *in) { return in->type == IR_I64; }

static void set_zx(struct tcg *t, const struct ir_insn *in)
{
    if (in->type == IR_I32)
        t->val[t->cur].flags |= TCG_VF_ZX;
}

/* The operands with a constant or fused load, if there is one, on the right. */
struct pair {
    ir_ref a, b;
};
static struct pair commute(const struct tcg *t, const struct ir_insn *in)
{
    bool swap = t->val[in->arg[0]].flags & TCG_VF_CONST || tcg_is_fused_load(t, in->arg[0]);
    return (struct pair){in->arg[swap], in->arg[!swap]};
}

/* Where b is a fused load, whose place is m and which may fault: if a is moved to the result first, that may be neither
 * a pinned register nor one of the address. */
static uint32_t load_avoid(const struct tcg *t, ir_ref b, int ra, struct tcg_mem m)
{
    return tcg_is_fused_load(t, b) ? (t->pinned | tcg_bit(m.base) | tcg_bit(m.index)) & ~tcg_bit(ra) : 0;
}

/* d := a op b for a commutative two-operand instruction; emit(d, source). */
static void commutative(struct tcg *t, struct pair p, unsigned w, unsigned size, unsigned op, int alu)
{
    struct tcg_mem m = {0};
    int ra = ra_use(t, p.a), rb = tcg_use_rm(t, p.b, &m), d = ra_def(t, ra, rb, load_avoid(t, p.b, ra, m));
    int src = d == rb ? ra : rb;
    if (d != ra && d != rb)
        hx_mov_rr(&t->a, w, d, ra);
    if (rb < 0 && alu >= 0)
        hx_alu_rm(&t->a, alu, size, d, m);
    else if (rb < 0)
        hx_rm(&t->a, op, w, d, m);
    else if (alu >= 0)
        hx_alu_rr(&t->a, alu, size, d, src);
    else
        hx_rr(&t->a, op, w, d, src);
}

static unsigned op_size(const struct ir_insn *in) { return is64(in) ? TCG_SZ64 : TCG_SZ32; }

static bool may_fold_memory(const struct ir_insn *in) { return in->type >= IR_I32; }

/* For i8 and i16, memory operands would read too much: load them first. */
static void load_narrow(struct tcg *t, const struct ir_insn *in)
{
    if (!may_fold_memory(in))
        for (unsigned k = 0; k < 2; k++)
            ra_use(t, in->arg[k]);
}

static bool is_fused_shift(const struct tcg *t, ir_ref v)
{
    return t->val[v].flags & TCG_VF_FUSED && t->insns[v].op == IR_SHL;
}

static bool add_index(struct tcg *t, const struct ir_insn *in)
{
    bool first = is_fused_shift(t, in->arg[0]);
    if (!first && !is_fused_shift(t, in->arg[1]))
        return false;
    const struct ir_insn *shl = &t->insns[in->arg[!first]];
    ir_ref other = in->arg[first];
    int32_t imm;
    struct tcg_mem m = {.base = TCG_NO_REG};
    m.index = (int8_t)ra_use(t, shl->arg[0]);
    m.shift = (uint8_t)t->insns[shl->arg[1]].imm;
    if (tcg_imm32(t, other, in->type, &imm))
        m.disp = imm;
    else
        m.base = (int8_t)ra_use(t, other);
    hx_lea(&t->a, is64(in), ra_def(t, m.base, m.index, 0), m);
    return true;
}

static void add_imm(struct tcg *t, const struct ir_insn *in, ir_ref a, int32_t imm)
{
    int ra = ra_use(t, a), d = ra_def(t, ra, TCG_NO_REG, 0);
    if (d == ra)
        hx_alu_ri(&t->a, HX_ALU_ADD, op_size(in), d, imm);
    else
        hx_lea(&t->a, is64(in), d, TCG_MEM(ra, imm));
}

void tcg_emit_add(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    struct pair p;
    struct tcg_mem m = {0};
    int32_t imm;
    if (wide(in)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    if (add_index(t, in))
        return;
    p = commute(t, in);
    if (tcg_imm32(t, p.b, in->type, &imm)) {
        add_imm(t, in, p.a, imm);
        return;
    }
    load_narrow(t, in);
    int ra = ra_use(t, p.a), rb = tcg_use_rm(t, p.b, &m), d = ra_def(t, ra, rb, load_avoid(t, p.b, ra, m));
    if (rb >= 0 && d != ra && d != rb) {
        m = (struct tcg_mem){.base = (int8_t)ra, .index = (int8_t)rb};
        hx_lea(&t->a, is64(in), d, m);
    } else if (rb < 0) {
        if (d != ra)
            hx_mov_rr(&t->a, is64(in), d, ra);
        hx_alu_rm(&t->a, HX_ALU_ADD, op_size(in), d, m);
    } else {
        hx_alu_rr(&t->a, HX_ALU_ADD, op_size(in), d, d == ra ? rb : ra);
    }
}

void tcg_emit_sub(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    struct tcg_mem m = {0};
    int32_t imm;
    if (wide(in)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    if (tcg_imm32(t, in->arg[1], in->type, &imm) && imm != INT32_MIN) {
        add_imm(t, in, in->arg[0], -imm);
        return;
    }
    load_narrow(t, in);
    int ra = ra_use(t, in->arg[0]), rb = tcg_use_rm(t, in->arg[1], &m),
        d = ra_def(t, ra, TCG_NO_REG, load_avoid(t, in->arg[1], ra, m) | (rb == ra ? 0 : tcg_bit(rb)));
    if (d != ra)
        hx_mov_rr(&t->a, is64(in), d, ra);
    if (rb < 0)
        hx_alu_rm(&t->a, HX_ALU_SUB, op_size(in), d, m);
    else
        hx_alu_rr(&t->a, HX_ALU_SUB, op_size(in), d, rb == ra ? d : rb);
}

/* and with a constant that is shorter, or possible, in another way */
static bool and_special(struct tcg *t, const struct ir_insn *in, ir_ref a, uint64_t bits)
{
    static const struct {
        uint64_t mask;
        unsigned op;
    } forms[] = {{0xff, HX_MOVZX8}, {0xffff, HX_MOVZX16}, {0xffffffff, HX_MOV_RM}};
    if (in->type < IR_I32)
        return false;
    for (unsigned k = 0; k < ARRAY_LEN(forms); k++)
        if (bits == forms[k].mask) {
            int ra = ra_use(t, a);
            hx_rr(&t->a, forms[k].op, 0, ra_def(t, ra, TCG_NO_REG, 0), ra);
            return true;
        }
    if (bits > UINT32_MAX || is64(in) == 0)
        return false;
    int ra = ra_use(t, a), d = ra_def(t, ra, TCG_NO_REG, 0);
    if (d != ra)
        hx_mov_rr(&t->a, 0, d, ra);
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, d, (int32_t)bits);
    return true;
}

void tcg_emit_logic(struct tcg *t, const struct ir_insn *in, unsigned alu)
{
    int32_t imm;
    if (wide(in)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    struct pair p = commute(t, in);
    uint64_t bits;
    if (alu == HX_ALU_AND && tcg_const_of(t, p.b, &bits) && and_special(t, in, p.a, bits))
        return;
    if (tcg_imm32(t, p.b, in->type, &imm)) {
        int ra = ra_use(t, p.a), d = ra_def(t, ra, TCG_NO_REG, 0);
        if (d != ra)
            hx_mov_rr(&t->a, is64(in), d, ra);
        hx_alu_ri(&t->a, alu, op_size(in), d, imm);
        return;
    }
    load_narrow(t, in);
    commutative(t, p, is64(in), op_size(in), 0, (int)alu);
}

void tcg_emit_mul(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int32_t imm;
    if (wide(in)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    struct pair p = commute(t, in);
    if (tcg_imm32(t, p.b, in->type, &imm)) {
        int ra = ra_use(t, p.a), d = ra_def(t, ra, TCG_NO_REG, 0);
        hx_rr(&t->a, tcg_fits8(imm) ? HX_IMUL_I8 : HX_IMUL_I32, is64(in), d, ra);
        if (tcg_fits8(imm))
            hx_u8(&t->a, (uint8_t)imm);
        else
            hx_u32(&t->a, (uint32_t)imm);
        return;
    }
    load_narrow(t, in);
    commutative(t, p, is64(in), 0, HX_IMUL, -1);
}

/* rax = arg[0], rdx free; gives the register of arg[1] */
static int setup_rax_rdx(struct tcg *t, const struct ir_insn *in)
{
    ra_take_copy(t, HX_RAX, in->arg[0], in->arg[0] == in->arg[1]);
    ra_take(t, HX_RDX);
    return ra_use(t, in->arg[1]);
}

void tcg_emit_mulh(struct tcg *t, const struct ir_insn *in, unsigned unary)
{
    if (in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    int rb = setup_rax_rdx(t, in);
    hx_rr(&t->a, HX_GRP3, 1, unary, rb);
    ra_def_in(t, HX_RDX);
}

/* high(a * b) with a signed = unsigned high - (a < 0 ? b : 0) */
void tcg_emit_mulh_su(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    int rb = setup_rax_rdx(t, in), fix = ra_tmp(t, TCG_RC_GPR);
    hx_mov_rr(&t->a, 1, fix, HX_RAX);
    hx_shift_ri(&t->a, HX_SH_SAR, 1, fix, 63);
    hx_alu_rr(&t->a, HX_ALU_AND, TCG_SZ64, fix, rb);
    hx_rr(&t->a, HX_GRP3, 1, HX_UN_MUL, rb);
    hx_alu_rr(&t->a, HX_ALU_SUB, TCG_SZ64, HX_RDX, fix);
    ra_def_in(t, HX_RDX);
}

static void cold_div_zero(struct tcg *t, const struct tcg_cold *c)
{
    if (c->x & TCG_DIV_REM)
        hx_mov_rr(&t->a, 1, HX_RDX, HX_RAX);
    else
        hx_alu_ri(&t->a, HX_ALU_OR, TCG_SZ64, HX_RAX, -1);
    hx_jmp_off(&t->a, c->back);
}

static void cold_div_minus1(struct tcg *t, const struct tcg_cold *c)
{
    if (c->x & TCG_DIV_REM)
        hx_alu_rr(&t->a, HX_ALU_XOR, TCG_SZ32, HX_RDX, HX_RDX);
    else
        hx_rr(&t->a, HX_GRP3, c->imm != 0, HX_UN_NEG, HX_RAX);
    hx_jmp_off(&t->a, c->back);
}

/* rax = arg[0], and the result is a register with arg[1], both extended to 32 bits, where they are the same numbers. */
static int widen_operands(struct tcg *t, const struct ir_insn *in, bool is_signed)
{
    static const uint16_t ops[2][2] = {{HX_MOVZX8, HX_MOVZX16}, {HX_MOVSX8, HX_MOVSX16}};
    unsigned op = ops[is_signed][in->type == IR_I16];
    int rb = setup_rax_rdx(t, in), d = ra_tmp(t, TCG_RC_GPR);
    hx_rr(&t->a, op, 0, d, rb);
    hx_rr(&t->a, op, 0, HX_RAX, HX_RAX);
    return d;
}

/* Division is total: a zero divisor, and minimum / -1, go round the instruction that would fault. Of extended operands
 * the latter does not fault. */
void tcg_emit_div(struct tcg *t, const struct ir_insn *in, unsigned kind)
{
    struct tcg_cold *zero = NULL, *minus1 = NULL;
    uint64_t c;
    if (in->type == IR_I1 || wide(in)) {
        tcg_fallback(t, in);
        return;
    }
    unsigned w = is64(in);
    bool narrow = in->type < IR_I32, is_signed = kind & TCG_DIV_SIGNED;
    int rb = narrow ? widen_operands(t, in, is_signed) : setup_rax_rdx(t, in);
    bool nonzero = tcg_const_of(t, in->arg[1], &c) && c != 0;
    if (!nonzero) {
        hx_rr(&t->a, HX_TEST, w, rb, rb);
        zero = tcg_cold_add(t, cold_div_zero, hx_jcc(&t->a, HX_CC_E));
        zero->x = kind;
    }
    if (is_signed && !narrow && !(nonzero && c != (w ? UINT64_MAX : UINT32_MAX))) {
        hx_alu_ri(&t->a, HX_ALU_CMP, op_size(in), rb, -1);
        minus1 = tcg_cold_add(t, cold_div_minus1, hx_jcc(&t->a, HX_CC_E));
        minus1->x = kind, minus1->imm = w;
    }
    if (is_signed) {
        if (w)
            hx_u8(&t->a, 0x48);
        hx_u8(&t->a, 0x99); /* cdq, cqo */
    } else {
        hx_alu_rr(&t->a, HX_ALU_XOR, TCG_SZ32, HX_RDX, HX_RDX);
    }
    hx_rr(&t->a, HX_GRP3, w, is_signed ? HX_UN_IDIV : HX_UN_DIV, rb);
    if (zero)
        zero->back = (uint32_t)tcg_buf_off(&t->a);
    if (minus1)
        minus1->back = (uint32_t)tcg_buf_off(&t->a);
    ra_def_in(t, kind & TCG_DIV_REM ? HX_RDX : HX_RAX);
}

/* The instruction faults where the quotient does not fit: that goes round it. */
void tcg_emit_div2(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ir_ref low = in->arg[0], high = in->arg[1], d = in->arg[2];
    if (in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    ra_take_copy(t, HX_RAX, low, low == high || low == d);
    ra_take_copy(t, HX_RDX, high, high == d);
    int rd = ra_use(t, d);
    hx_alu_rr(&t->a, HX_ALU_CMP, TCG_SZ64, HX_RDX, rd);
    struct tcg_cold *c = tcg_cold_add(t, cold_div_zero, hx_jcc(&t->a, HX_CC_AE));
    hx_rr(&t->a, HX_GRP3, 1, HX_UN_DIV, rd);
    c->back = (uint32_t)tcg_buf_off(&t->a);
    ra_def_in(t, HX_RAX);
}

void tcg_emit_pbits(struct tcg *t, const struct ir_insn *in, unsigned is_pext)
{
    if ((in->type != IR_I32 && in->type != IR_I64) || !(t->features & TCG_HAS_BMI2)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    int a = ra_use(t, in->arg[0]), mask = ra_use(t, in->arg[1]);
    hx_vrr(&t->a, is_pext ? HX_PEXT : HX_PDEP, is64(in), ra_def(t, a, mask, 0), a, mask);
}

void tcg_emit_unary(struct tcg *t, const struct ir_insn *in, unsigned unary)
{
    if (wide(in)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    int ra = ra_use(t, in->arg[0]), d = ra_def(t, ra, TCG_NO_REG, 0);
    if (d != ra)
        hx_mov_rr(&t->a, is64(in), d, ra);
    if (in->type == IR_I1)
        hx_alu_ri(&t->a, unary == HX_UN_NOT ? HX_ALU_XOR : HX_ALU_AND, TCG_SZ32, d, 1); /* modulo 2, -x = x */
    else
        hx_rr(&t->a, HX_GRP3, is64(in), unary, d);
}

static void shift_const(struct tcg *t, const struct ir_insn *in, unsigned shift, unsigned count)
{
    unsigned width = is64(in) ? 64 : 32;
    count &= width - 1;
    if (count == 0) {
        ra_def_alias(t, in->arg[0]);
        return;
    }
    int ra = ra_use(t, in->arg[0]), d = ra_def(t, ra, TCG_NO_REG, 0);
    if (d != ra && shift <= HX_SH_ROR && t->features & TCG_HAS_BMI2) {
        hx_vrr(&t->a, HX_RORX, is64(in), d, 0, ra);
        hx_u8(&t->a, shift == HX_SH_ROR ? count : width - count);
        return;
    }
    if (d != ra)
        hx_mov_rr(&t->a, is64(in), d, ra);
    hx_shift_ri(&t->a, shift, is64(in), d, count);
}

/* d := the operand of an i8 or i16 shift, extended to 32 bits as the shift needs it */
static void extend_narrow(struct tcg *t, const struct ir_insn *in, unsigned shift, int d, int ra)
{
    static const uint16_t ops[2][2] = {{HX_MOVZX8, HX_MOVZX16}, {HX_MOVSX8, HX_MOVSX16}};
    if (shift != HX_SH_SHL)
        hx_rr(&t->a, ops[shift == HX_SH_SAR][in->type == IR_I16], 0, d, ra);
    else if (d != ra)
        hx_mov_rr(&t->a, 0, d, ra);
}

static void shift_narrow_const(struct tcg *t, const struct ir_insn *in, unsigned shift, unsigned count)
{
    unsigned width = in->type == IR_I8 ? 8 : 16;
    bool rotate = shift <= HX_SH_ROR;
    count &= width - 1;
    if (count == 0) {
        ra_def_alias(t, in->arg[0]);
        return;
    }
    int ra = ra_use(t, in->arg[0]), tmp = rotate ? ra_tmp(t, TCG_RC_GPR) : 0, d = ra_def(t, ra, TCG_NO_REG, 0);
    extend_narrow(t, in, shift, d, ra);
    if (rotate) { /* of a copy twice as wide: left by count is right by the rest */
        hx_mov_rr(&t->a, 0, tmp, d);
        hx_shift_ri(&t->a, HX_SH_SHL, 0, tmp, width);
        hx_alu_rr(&t->a, HX_ALU_OR, TCG_SZ32, d, tmp);
        count = shift == HX_SH_ROL ? width - count : count;
        shift = HX_SH_SHR;
    }
    hx_shift_ri(&t->a, shift, 0, d, count);
    if (shift == HX_SH_SHR && !rotate)
        t->val[t->cur].flags |= TCG_VF_ZX;
}

/* i8 and i16. By a variable count: not rotations of i8. */
static bool shift_narrow(struct tcg *t, const struct ir_insn *in, unsigned shift)
{
    static const uint16_t bmi2[8] = {[HX_SH_SHL] = HX_SHLX, [HX_SH_SHR] = HX_SHRX, [HX_SH_SAR] = HX_SARX};
    uint64_t count;
    if (in->type != IR_I8 && in->type != IR_I16)
        return false;
    if (tcg_const_of(t, in->arg[1], &count)) {
        shift_narrow_const(t, in, shift, (unsigned)count);
        return true;
    }
    if (shift <= HX_SH_ROR && in->type == IR_I16) { /* the instruction takes the count modulo 16 */
        ra_take_copy(t, HX_RCX, in->arg[1], in->arg[0] == in->arg[1]);
        int a = ra_use(t, in->arg[0]), r = ra_def(t, a, TCG_NO_REG, tcg_bit(HX_RCX));
        if (r != a)
            hx_mov_rr(&t->a, 0, r, a);
        hx_u8(&t->a, 0x66);
        hx_rr(&t->a, HX_GRP2_CL, 0, shift, r);
        return true;
    }
    if (!bmi2[shift] || !(t->features & TCG_HAS_BMI2))
        return false;
    int ra = ra_use(t, in->arg[0]), rc = ra_use(t, in->arg[1]), tmp = ra_tmp(t, TCG_RC_GPR);
    hx_mov_rr(&t->a, 0, tmp, rc);
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, tmp, in->type == IR_I8 ? 7 : 15);
    int d = ra_def(t, ra, TCG_NO_REG, 0);
    extend_narrow(t, in, shift, d, ra);
    hx_vrr(&t->a, bmi2[shift], 0, d, tmp, d);
    if (shift == HX_SH_SHR)
        t->val[t->cur].flags |= TCG_VF_ZX;
    return true;
}

void tcg_emit_shift(struct tcg *t, const struct ir_insn *in, unsigned shift)
{
    static const uint16_t bmi2[8] = {[HX_SH_SHL] = HX_SHLX, [HX_SH_SHR] = HX_SHRX, [HX_SH_SAR] = HX_SARX};
    uint64_t count;
    if (shift_narrow(t, in, shift))
        return;
    if (in->type != IR_I32 && in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    bool is_const = tcg_const_of(t, in->arg[1], &count);
    if (!is_const || (count & 31) != 0)
        set_zx(t, in);
    if (is_const) {
        shift_const(t, in, shift, (unsigned)count);
    } else if (bmi2[shift] && t->features & TCG_HAS_BMI2) {
        int ra = ra_use(t, in->arg[0]), rc = ra_use(t, in->arg[1]);
        hx_vrr(&t->a, bmi2[shift], is64(in), ra_def(t, ra, rc, 0), rc, ra);
    } else {
        ra_take_copy(t, HX_RCX, in->arg[1], in->arg[0] == in->arg[1]);
        int ra = ra_use(t, in->arg[0]), d = ra_def(t, ra, TCG_NO_REG, tcg_bit(HX_RCX));
        if (d != ra)
            hx_mov_rr(&t->a, is64(in), d, ra);
        hx_rr(&t->a, HX_GRP2_CL, is64(in), shift, d);
    }
}

/* cc: the condition on (a, b) under which the result is a */
void tcg_emit_minmax(struct tcg *t, const struct ir_insn *in, unsigned cc)
{
    if (in->type != IR_I32 && in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    unsigned w = is64(in);
    int ra = ra_use(t, in->arg[0]), rb = ra_use(t, in->arg[1]);
    hx_alu_rr(&t->a, HX_ALU_CMP, op_size(in), ra, rb);
    int d = ra_def(t, ra, rb, 0);
    if (d != ra && d != rb)
        hx_mov_rr(&t->a, w, d, rb);
    hx_cmov(&t->a, d == ra ? cc ^ 1 : cc, w, d, d == ra ? rb : ra);
}

void tcg_emit_bitcount(struct tcg *t, const struct ir_insn *in, unsigned kind)
{
    static const struct {
        uint16_t op;
        uint16_t feature;
    } forms[] = {{HX_LZCNT, TCG_HAS_LZCNT}, {HX_TZCNT, TCG_HAS_BMI1}, {HX_POPCNT, TCG_HAS_POPCNT}};
    if ((in->type != IR_I32 && in->type != IR_I64) || !(t->features & forms[kind].feature)) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    int ra = ra_use(t, in->arg[0]);
    hx_rr(&t->a, forms[kind].op, is64(in), ra_def(t, ra, TCG_NO_REG, 0), ra);
}

static void bswap(struct tcg *t, int d, unsigned w)
{
    if (w || d >= 8)
        hx_u8(&t->a, 0x40 | (w ? 8 : 0) | (d >= 8 ? 1 : 0));
    hx_u8(&t->a, 0x0f), hx_u8(&t->a, 0xc8 | (d & 7));
}

void tcg_emit_bswap(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->type != IR_I32 && in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    int ra = ra_use(t, in->arg[0]), d = ra_def(t, ra, TCG_NO_REG, 0);
    if (d != ra)
        hx_mov_rr(&t->a, is64(in), d, ra);
    bswap(t, d, is64(in));
}

/* Of a value in the low `bits` bits of d, whose bytes have changed places: swaps neighbors of 4, 2 and 1 bits, which is
 * d = (d >> n & mask) | (d & mask) << n. */
static void swap_within_bytes(struct tcg *t, int d, int tmp, int mask, unsigned w)
{
    static const uint64_t masks[3] = {0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f};
    const unsigned size = w ? TCG_SZ64 : TCG_SZ32;
    for (int k = 2; k >= 0; k--) {
        hx_mov_ri(&t->a, (unsigned)mask, w ? masks[k] : (uint32_t)masks[k]);
        hx_mov_rr(&t->a, w, tmp, d);
        hx_shift_ri(&t->a, HX_SH_SHR, w, tmp, 1u << k);
        hx_alu_rr(&t->a, HX_ALU_AND, size, tmp, mask);
        hx_alu_rr(&t->a, HX_ALU_AND, size, d, mask);
        hx_shift_ri(&t->a, HX_SH_SHL, w, d, 1u << k);
        hx_alu_rr(&t->a, HX_ALU_OR, size, d, tmp);
    }
}

/* Narrow values are reversed as 32 bits and shifted down. */
void tcg_emit_bitrev(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (wide(in) || in->type == IR_I1) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    int ra = ra_use(t, in->arg[0]), tmp = ra_tmp(t, TCG_RC_GPR), mask = ra_tmp(t, TCG_RC_GPR),
        d = ra_def(t, ra, TCG_NO_REG, 0);
    if (d != ra)
        hx_mov_rr(&t->a, is64(in), d, ra);
    bswap(t, d, is64(in));
    swap_within_bytes(t, d, tmp, mask, is64(in));
    if (in->type < IR_I32)
        hx_shift_ri(&t->a, HX_SH_SHR, 0, d, 32 - ir_type_bits((enum ir_type)in->type));
}

/* compare the bytes with zero, then invert */
void tcg_emit_orc_b(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->type != IR_I32 && in->type != IR_I64) {
        tcg_fallback(t, in);
        return;
    }
    set_zx(t, in);
    int ra = ra_use(t, in->arg[0]), x = ra_tmp(t, TCG_RC_FPR), zero = ra_tmp(t, TCG_RC_FPR),
        d = ra_def(t, ra, TCG_NO_REG, 0);
    tcg_fp2(t, HX_MOVD_XR, 1, x, ra);
    tcg_fp3(t, HX_XORPS, zero, zero, zero);
    tcg_fp3(t, HX_PCMPEQB, x, x, zero);
    tcg_fp2(t, HX_MOVD_RX, 1, x, d);
    hx_rr(&t->a, HX_GRP3, is64(in), HX_UN_NOT, d);
}
