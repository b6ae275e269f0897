/* SPDX-License-Identifier: Apache-2.0 */
/* Bit tests, scans and counts; BMI1, BMI2, ADX, MOVBE, CRC32. SDM volume 2.
 *
 * Undefined flags: OF SF AF PF of bt, bts, btr, btc (ZF stays); all but ZF of bsf and bsr; all but CF and ZF of tzcnt
 * and lzcnt; AF and PF of BMI instructions, SF of bextr. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/decode/x86_features.h"
#include "frontend/x86/int/x86_int_args.h"
#include "src/host/x86_insns.h"

/* ---- bt bts btr btc ---- */

/* A bit offset in a register may point outside of a memory operand: the address of the operand that has the bit. */
static ir_ref bit_address(struct x86_lift *l, ir_ref offset)
{
    unsigned bits = l->op[0].size, shift = (unsigned)__builtin_ctz(bits);
    ir_ref words = ir_bini(l->b, IR_SAR, x86_sext(l, IR_I64, offset), shift);
    ir_ref sum = ir_bin(l->b, IR_ADD, x86_offset(l, 0), ir_bini(l->b, IR_SHL, words, shift - 3));
    return x86_segmented(l, l->op[0].mem.segment,
                         x86_zext(l, IR_I64, x86_zext(l, x86_int_type(l->i->address_width), sum)));
}

static ir_ref changed(struct x86_lift *l, unsigned op, ir_ref a, ir_ref bit)
{
    switch (op) {
    case X86_BIT_SET:
        return ir_bin(l->b, IR_OR, a, bit);
    case X86_BIT_RESET:
        return ir_bin(l->b, IR_AND, a, ir_un(l->b, IR_NOT, bit));
    default:
        return ir_bin(l->b, IR_XOR, a, bit);
    }
}

static ir_ref changed_locked(struct x86_lift *l, unsigned op, ir_ref addr, ir_ref bit)
{
    switch (op) {
    case X86_BIT_SET:
        return x86_amo(l, IR_AMO_OR, addr, bit);
    case X86_BIT_RESET:
        return x86_amo(l, IR_AMO_AND, addr, ir_un(l->b, IR_NOT, bit));
    default:
        return x86_amo(l, IR_AMO_XOR, addr, bit);
    }
}

void x86_lift_bt(struct x86_lift *l, unsigned op)
{
    enum ir_type type = x86_int_type(l->op[0].size);
    bool imm = l->op[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE, mem = x86_is_mem(l, 0);
    ir_ref offset = imm ? x86_const(l, type, l->op[1].imm.value.u) : x86_read(l, 1);
    ir_ref pos = ir_bini(l->b, IR_AND, offset, l->op[0].size - 1);
    ir_ref bit = ir_bin(l->b, IR_SHL, x86_const(l, type, 1), pos);
    ir_ref addr = !mem ? IR_NO_REF : imm ? x86_addr(l, 0) : bit_address(l, offset), a;
    if (mem && x86_locked(l)) {
        a = changed_locked(l, op, addr, bit);
    } else {
        a = mem ? x86_load(l, type, addr, 0) : x86_read(l, 0);
        if (op != X86_BIT_TEST && mem)
            x86_store(l, addr, 0, changed(l, op, a, bit));
        else if (op != X86_BIT_TEST)
            x86_write(l, 0, changed(l, op, a, bit));
    }
    x86_flag_put(l, X86_FLAG_C, x86_bit(l, ir_bin(l->b, IR_SHR, a, pos), 0));
}

/* ---- scans and counts ---- */

static void put_zero_flag(struct x86_lift *l, ir_ref v) { x86_flag_put(l, X86_FLAG_Z, x86_sext(l, IR_I64, v)); }

static ir_ref is_zero(struct x86_lift *l, ir_ref v)
{
    return ir_icmp(l->b, IR_EQ, v, x86_const(l, ir_type_of(l->b, v), 0));
}

/* If the source is 0 the destination stays: on all CPUs, though only AMD says so. Not even the upper half of a 32-bit
 * register changes then. */
void x86_lift_bit_scan(struct x86_lift *l, unsigned is_reverse)
{
    ir_ref a = x86_read(l, 1);
    enum ir_type type = ir_type_of(l->b, a);
    ir_ref zero = is_zero(l, a), r;
    if (is_reverse)
        r = ir_bini(l->b, IR_XOR, ir_un(l->b, IR_CLZ, a), ir_type_bits(type) - 1);
    else
        r = ir_un(l->b, IR_CTZ, a);
    unsigned row = x86_gpr_row(l->op[0].reg.value);
    ir_ref before = ir_get(l->b, row);
    x86_write(l, 0, r);
    ir_put(l->b, row, ir_select(l->b, zero, before, ir_get(l->b, row)));
    put_zero_flag(l, a);
}

/* A CPU without them ignores the prefix and scans. */
void x86_lift_tzcnt(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (!x86_cpu_feature(l->req->config, X86_FEATURE_bmi1)) {
        x86_lift_bit_scan(l, false);
        return;
    }
    ir_ref a = x86_read(l, 1), r = ir_un(l->b, IR_CTZ, a);
    x86_write(l, 0, r);
    x86_flag_put(l, X86_FLAG_C, is_zero(l, a));
    put_zero_flag(l, r);
}
void x86_lift_lzcnt(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (!x86_cpu_feature(l->req->config, X86_FEATURE_lzcnt)) {
        x86_lift_bit_scan(l, true);
        return;
    }
    ir_ref a = x86_read(l, 1), r = ir_un(l->b, IR_CLZ, a);
    x86_write(l, 0, r);
    x86_flag_put(l, X86_FLAG_C, is_zero(l, a));
    put_zero_flag(l, r);
}

/* ZF from the source; the other flags 0, PF, too. */
void x86_lift_popcnt(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref a = x86_read(l, 1);
    x86_write(l, 0, ir_un(l->b, IR_POPCNT, a));
    x86_flag_put(l, X86_FLAG_C, ir_const(l->b, IR_I1, 0));
    x86_flag_put(l, X86_FLAG_O, ir_const(l->b, IR_I1, 0));
    x86_flag_put(l, X86_FLAG_A, ir_const(l->b, IR_I8, 0));
    put_zero_flag(l, a);
    x86_flag_put(l, X86_FLAG_S, ir_const(l->b, IR_I64, 1)); /* odd parity, positive */
}

/* ---- byte order ---- */

/* 16 bits: undefined; what CPUs do is clear the register. */
void x86_lift_bswap(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref a = x86_read(l, 0);
    x86_write(l, 0, ir_type_of(l->b, a) == IR_I16 ? x86_const(l, IR_I16, 0) : ir_un(l->b, IR_BSWAP, a));
}

void x86_lift_movbe(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_write(l, 0, ir_un(l->b, IR_BSWAP, x86_read(l, 1)));
}

/* ---- BMI1 ---- */

/* Flags as of a logical operation, but the carry. */
static void put_bmi(struct x86_lift *l, ir_ref r, ir_ref carry)
{
    x86_write(l, 0, r);
    x86_flags_set(l, X86_FLAGS_LOGIC, X86_FLAGS_ALL, IR_NO_REF, IR_NO_REF, r, IR_NO_REF);
    if (carry != IR_NO_REF)
        x86_flag_put(l, X86_FLAG_C, carry);
}

void x86_lift_andn(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref b = x86_read(l, 2);
    put_bmi(l, ir_bin(l->b, IR_AND, ir_un(l->b, IR_NOT, x86_read(l, 1)), b), IR_NO_REF);
}

void x86_lift_bls(struct x86_lift *l, unsigned op)
{
    ir_ref a = x86_read(l, 1), less = ir_bini(l->b, IR_SUB, a, 1), zero = is_zero(l, a);
    switch (op) {
    case X86_BLS_I:
        put_bmi(l, ir_bin(l->b, IR_AND, a, ir_un(l->b, IR_NEG, a)), ir_un(l->b, IR_NOT, zero));
        break;
    case X86_BLS_MSK:
        put_bmi(l, ir_bin(l->b, IR_XOR, a, less), zero);
        break;
    default:
        put_bmi(l, ir_bin(l->b, IR_AND, a, less), zero);
        break;
    }
}

/* The low n bits of a, n of a's type; all of them from the width on. */
static ir_ref low_bits(struct x86_lift *l, ir_ref a, ir_ref n)
{
    enum ir_type type = ir_type_of(l->b, a);
    ir_ref one = x86_const(l, type, 1);
    ir_ref masked = ir_bin(l->b, IR_AND, a, ir_bini(l->b, IR_SUB, ir_bin(l->b, IR_SHL, one, n), 1));
    return ir_select(l->b, ir_icmp(l->b, IR_ULT, n, x86_const(l, type, ir_type_bits(type))), masked, a);
}

void x86_lift_bextr(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref control = x86_read(l, 2), a = x86_read(l, 1);
    enum ir_type type = ir_type_of(l->b, a);
    ir_ref from = ir_bini(l->b, IR_AND, control, 0xff);
    ir_ref length = ir_bini(l->b, IR_AND, ir_bini(l->b, IR_SHR, control, 8), 0xff);
    ir_ref inside = ir_icmp(l->b, IR_ULT, from, x86_const(l, type, ir_type_bits(type)));
    ir_ref v = ir_select(l->b, inside, ir_bin(l->b, IR_SHR, a, from), x86_const(l, type, 0));
    put_bmi(l, low_bits(l, v, length), IR_NO_REF);
}

/* ---- BMI2 ---- */

void x86_lift_bzhi(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref n = x86_read(l, 2), a = x86_read(l, 1);
    enum ir_type type = ir_type_of(l->b, a);
    n = ir_bini(l->b, IR_AND, n, 0xff);
    put_bmi(l, low_bits(l, a, n), ir_icmp(l->b, IR_UGE, n, x86_const(l, type, ir_type_bits(type))));
}

void x86_lift_pdep(struct x86_lift *l, unsigned is_pext)
{
    ir_ref mask = x86_read(l, 2), a = x86_read(l, 1);
    x86_write(l, 0, ir_bin(l->b, is_pext ? IR_PEXT : IR_PDEP, a, mask));
}

/* ---- ADX: a carry chain of its own each ---- */

void x86_lift_adx(struct x86_lift *l, unsigned is_overflow)
{
    enum x86_flag flag = is_overflow ? X86_FLAG_O : X86_FLAG_C;
    ir_ref carry = x86_flag_get(l, flag), b = x86_read(l, 1), a = x86_read(l, 0);
    enum ir_type type = ir_type_of(l->b, a);
    x86_write(l, 0, ir_emit(l->b, IR_ADC, type, 0, a, b, carry, 0));
    x86_flag_put(l, flag, ir_emit(l->b, IR_CARRY, type, 0, a, b, carry, 0));
}

/* ---- CRC32 (SSE4.2) ---- */

static uint64_t helper_crc32(struct cpu *cpu, uint64_t crc, uint64_t v, uint64_t bytes, uint64_t d)
{
    return host_x86_crc32((uint32_t)crc, v, (unsigned)bytes);
}
static const struct ir_helper crc32 = {"x86_crc32", helper_crc32, 3, IR_I64, IR_FX_PURE};

void x86_lift_crc32(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref v = x86_zext(l, IR_I64, x86_read(l, 1)), crc = x86_zext(l, IR_I64, x86_read(l, 0));
    ir_ref r = ir_call(l->b, &crc32, crc, v, ir_const(l->b, IR_I64, l->op[1].size / 8), IR_NO_REF);
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), r));
}
