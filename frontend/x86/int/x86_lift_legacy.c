/* SPDX-License-Identifier: Apache-2.0 */
/* What compilers no longer write, most of it for 32-bit code alone: enter, xlat, pusha, popa, decimal arithmetic,
 * bound, into, salc. SDM volume 2.
 *
 * Undefined flags: OF SF ZF PF of aaa and aas, OF of daa and das, OF CF AF of aam and aad. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/int/x86_int_args.h"

/* ---- stack frames ---- */

/* Pushes at falling addresses; rsp and rbp change at the end. Level copies of frame pointers for nested functions. */
void x86_lift_enter(struct x86_lift *l, unsigned arg)
{
    unsigned bytes = x86_stack_bytes(l), level = (unsigned)l->op[1].imm.value.u & 31;
    enum ir_type type = x86_int_type(8 * bytes), width = l->is64 ? IR_I64 : IR_I32;
    uint64_t size = l->op[0].imm.value.u & 0xffff;
    (void)arg;
    ir_ref old = ir_get(l->b, X86_ROW_rsp), rbp = ir_get(l->b, X86_ROW_rbp);
    ir_ref frame = ir_bini(l->b, IR_SUB, x86_zext(l, width, old), bytes);
    x86_store(l, x86_zext(l, IR_I64, frame), 0, x86_zext(l, type, rbp));
    for (unsigned n = 1; n < level; n++) {
        ir_ref from = ir_bini(l->b, IR_SUB, x86_zext(l, width, rbp), (uint64_t)n * bytes);
        ir_ref to = ir_bini(l->b, IR_SUB, frame, (uint64_t)n * bytes);
        x86_store(l, x86_zext(l, IR_I64, to), 0, x86_load(l, type, x86_zext(l, IR_I64, from), 0));
    }
    if (level)
        x86_store(l, x86_zext(l, IR_I64, ir_bini(l->b, IR_SUB, frame, (uint64_t)level * bytes)), 0,
                  x86_zext(l, type, frame));
    ir_ref top = ir_bini(l->b, IR_SUB, frame, (uint64_t)level * bytes + size);
    x86_put_reg(l,
                bytes == 2 ? ZYDIS_REGISTER_BP
                : l->is64  ? ZYDIS_REGISTER_RBP
                           : ZYDIS_REGISTER_EBP,
                x86_zext(l, type, frame));
    x86_put_reg(l, x86_sp(l), top);
}

enum { SAVED_REGISTERS = 8 };

/* eax ecx edx ebx esp ebp esi edi: the order of the rows */
void x86_lift_pusha(struct x86_lift *l, unsigned arg)
{
    unsigned bytes = x86_stack_bytes(l);
    (void)arg;
    ir_ref sp = x86_get_reg(l, ZYDIS_REGISTER_ESP), to = IR_NO_REF;
    for (unsigned n = 0; n < SAVED_REGISTERS; n++) {
        to = x86_zext(l, IR_I64, ir_bini(l->b, IR_SUB, sp, (n + 1) * (uint64_t)bytes));
        x86_store(l, to, 0, x86_zext(l, x86_int_type(8 * bytes), ir_get(l->b, X86_ROW_rax + n)));
    }
    ir_put(l->b, X86_ROW_rsp, to);
}

/* The saved esp is skipped. */
void x86_lift_popa(struct x86_lift *l, unsigned arg)
{
    unsigned bytes = x86_stack_bytes(l);
    ZydisRegister first = bytes == 2 ? ZYDIS_REGISTER_AX : ZYDIS_REGISTER_EAX;
    ir_ref sp = x86_get_reg(l, ZYDIS_REGISTER_ESP), v[SAVED_REGISTERS];
    (void)arg;
    for (unsigned n = SAVED_REGISTERS; n-- > 0;) { /* the lowest address first */
        ir_ref from = ir_bini(l->b, IR_ADD, sp, (SAVED_REGISTERS - 1 - n) * (uint64_t)bytes);
        v[n] = x86_load(l, x86_int_type(8 * bytes), x86_zext(l, IR_I64, from), 0);
    }
    for (unsigned n = 0; n < SAVED_REGISTERS; n++) {
        if (X86_ROW_rax + n != X86_ROW_rsp)
            x86_put_reg(l, (ZydisRegister)(first + n), v[n]);
    }
    x86_put_reg(l, ZYDIS_REGISTER_ESP, ir_bini(l->b, IR_ADD, sp, SAVED_REGISTERS * (uint64_t)bytes));
}

void x86_lift_xlat(struct x86_lift *l, unsigned arg)
{
    ZydisRegister segment = l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS   ? ZYDIS_REGISTER_FS
                            : l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? ZYDIS_REGISTER_GS
                                                                             : ZYDIS_REGISTER_DS;
    (void)arg;
    ir_ref al = x86_zext(l, IR_I64, x86_get_reg(l, ZYDIS_REGISTER_AL));
    ir_ref sum = ir_bin(l->b, IR_ADD, ir_get(l->b, X86_ROW_rbx), al);
    ir_ref offset = x86_zext(l, IR_I64, x86_zext(l, x86_int_type(l->i->address_width), sum));
    x86_put_reg(l, ZYDIS_REGISTER_AL, x86_load(l, IR_I8, x86_segmented(l, segment, offset), 0));
}

/* ---- decimal arithmetic: a helper that maps ax and flags to ax and flags ---- */

/* after an addition (aaa daa) or a subtraction (aas das) */
static uint16_t adjust_ascii(uint16_t ax, uint32_t *f, bool is_sub)
{
    bool adjust = (ax & 15) > 9 || *f & X86_AF;
    *f = (*f & ~(uint32_t)(X86_AF | X86_CF)) | (adjust ? X86_AF | X86_CF : 0);
    if (adjust)
        ax = (uint16_t)(is_sub ? ax - 0x106 : ax + 0x106);
    return ax & 0xff0f;
}

static uint16_t adjust_packed(uint16_t ax, uint32_t *f, bool is_sub)
{
    uint8_t al = (uint8_t)ax, old = al;
    bool carry = *f & X86_CF, high = old > 0x99 || carry, low = (al & 15) > 9 || *f & X86_AF;
    if (low) {
        carry = carry || (is_sub ? al < 6 : al > 0xf9);
        al = (uint8_t)(is_sub ? al - 6 : al + 6);
    }
    if (high)
        al = (uint8_t)(is_sub ? al - 0x60 : al + 0x60);
    *f = (*f & ~(uint32_t)(X86_AF | X86_CF)) | (low ? X86_AF : 0) | (high || (is_sub && carry) ? X86_CF : 0);
    return (uint16_t)((ax & 0xff00) | al);
}

static uint16_t adjust(unsigned op, uint16_t ax, uint32_t *f, unsigned base)
{
    unsigned al = ax & 0xff;
    switch (op) {
    case X86_DECIMAL_AAA:
        return adjust_ascii(ax, f, false);
    case X86_DECIMAL_AAS:
        return adjust_ascii(ax, f, true);
    case X86_DECIMAL_DAA:
        return adjust_packed(ax, f, false);
    case X86_DECIMAL_DAS:
        return adjust_packed(ax, f, true);
    case X86_DECIMAL_AAM:
        return (uint16_t)(al / base << 8 | al % base);
    default:
        return (uint16_t)((al + (unsigned)(ax >> 8) * base) & 0xff);
    }
}

/* ax | flags << 32 */
static uint64_t helper_decimal(struct cpu *cpu, uint64_t op, uint64_t ax, uint64_t flags, uint64_t base)
{
    uint32_t f = (uint32_t)flags;
    uint16_t r = adjust((unsigned)op, (uint16_t)ax, &f, (unsigned)base);
    (void)cpu;
    f &= ~(uint32_t)(X86_ZF | X86_SF | X86_PF);
    f |= ((r & 0xff) == 0 ? X86_ZF : 0) | (r & 0x80 ? X86_SF : 0) | (__builtin_parity(r & 0xff) ? 0 : X86_PF);
    return (uint64_t)f << 32 | r;
}
static const struct ir_helper decimal = {"x86_decimal", helper_decimal, 4, IR_I64, IR_FX_PURE};

void x86_lift_decimal(struct x86_lift *l, unsigned op)
{
    bool imm = op == X86_DECIMAL_AAM || op == X86_DECIMAL_AAD;
    uint64_t base = imm ? l->op[0].imm.value.u & 0xff : 10;
    if (op == X86_DECIMAL_AAM && base == 0) {
        ir_trap(l->b, IR_TRAP_DIV_ZERO, l->pc);
        return;
    }
    ir_ref ax = x86_zext(l, IR_I64, x86_get_reg(l, ZYDIS_REGISTER_AX));
    ir_ref r =
        ir_call(l->b, &decimal, ir_const(l->b, IR_I64, op), ax, x86_read_eflags(l), ir_const(l->b, IR_I64, base));
    x86_put_reg(l, ZYDIS_REGISTER_AX, x86_zext(l, IR_I16, r));
    x86_put_eflags(l, X86_STATUS, ir_bini(l->b, IR_SHR, r, 32));
}

/* ---- traps and oddities ---- */

/* #BR becomes SIGSEGV on Linux. */
void x86_lift_bound(struct x86_lift *l, unsigned arg)
{
    enum ir_type type = x86_int_type(l->op[0].size);
    (void)arg;
    ir_ref addr = x86_addr(l, 1), v = x86_read(l, 0);
    ir_ref low = x86_load(l, type, addr, 0), high = x86_load(l, type, addr, l->op[0].size / 8);
    ir_ref outside = ir_bin(l->b, IR_OR, ir_icmp(l->b, IR_SLT, v, low), ir_icmp(l->b, IR_SGT, v, high));
    ir_trap_if(l->b, outside, IR_TRAP_PRIVILEGED, l->pc);
}

/* #OF, too. */
void x86_lift_into(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_trap_if(l->b, x86_flag_get(l, X86_FLAG_O), IR_TRAP_PRIVILEGED, l->next);
    ir_jump(l->b, IR_HINT_NONE, l->next);
}

/* al := carry ? -1 : 0; undocumented, and everywhere */
void x86_lift_salc(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_put_reg(l, ZYDIS_REGISTER_AL, x86_sext(l, IR_I8, x86_carry(l)));
}
