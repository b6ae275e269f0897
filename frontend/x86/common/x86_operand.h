/* SPDX-License-Identifier: Apache-2.0 */
/* Operands of x86 instructions. n counts them from 0 as Zydis does: explicit ones first. */
#ifndef TANDEM_FRONTEND_X86_COMMON_X86_OPERAND_H
#define TANDEM_FRONTEND_X86_COMMON_X86_OPERAND_H

#include "frontend/x86/common/x86_context.h"

/* IR type of bits: 1, 8, 16, 32, 64, 128 (an integer). */
enum ir_type x86_int_type(unsigned bits);
/* The integer operand n (register, memory, immediate sign-extended to the operand's size), of its own size. */
ir_ref x86_read(struct x86_lift *l, unsigned n);
/* After an instruction, whose IR begins at from: did it change rsp in another way than by push and pop? */
void x86_sp_check(struct x86_lift *l, uint32_t from);
/* Operand n := v, an integer of its size. 32-bit registers are zero-extended, smaller ones merged. */
void x86_write(struct x86_lift *l, unsigned n, ir_ref v);
/* The address of memory operand n as i64, segment base included (not for lea: x86_offset). */
ir_ref x86_addr(struct x86_lift *l, unsigned n);
/* The effective address without segment base, of the instruction's address size, as i64. */
ir_ref x86_offset(struct x86_lift *l, unsigned n);
bool x86_is_segment(ZydisRegister reg);
bool x86_is_mem(const struct x86_lift *l, unsigned n);
/* A general register (any width, also ah..bh), segment register or rip, by Zydis' name. */
ir_ref x86_get_reg(struct x86_lift *l, ZydisRegister reg);
void x86_put_reg(struct x86_lift *l, ZydisRegister reg, ir_ref v);
/* Row of the 64-bit register that a general register is part of. */
unsigned x86_gpr_row(ZydisRegister reg);
/* aux of loads and stores, which x86 keeps in order (SDM volume 3, 9.2.2): loads acquire, stores release */
static inline uint16_t x86_mem(enum ir_type type) { return (uint16_t)(ir_mem(type) | 1u << IR_MEM_ORDER_SHIFT); }
/* Plain loads and stores of integers at address addr + disp (addr: i64). */
ir_ref x86_load(struct x86_lift *l, enum ir_type type, ir_ref addr, int64_t disp);
void x86_store(struct x86_lift *l, ir_ref addr, int64_t disp, ir_ref v);
/* Adds a segment's base to an offset. */
ir_ref x86_segmented(struct x86_lift *l, ZydisRegister segment, ir_ref offset);
/* Stack: the width of a push of this instruction in bytes; push and pop of values of that width. */
unsigned x86_stack_bytes(const struct x86_lift *l);
void x86_push(struct x86_lift *l, ir_ref v);
/* The value at the top, and rsp := rsp + bytes of it + extra. The load comes first. */
ir_ref x86_pop(struct x86_lift *l, enum ir_type type, unsigned extra);
/* v (an integer) extended or cut to type. */
ir_ref x86_zext(struct x86_lift *l, enum ir_type type, ir_ref v);
ir_ref x86_sext(struct x86_lift *l, enum ir_type type, ir_ref v);
static inline ir_ref x86_const(struct x86_lift *l, enum ir_type type, uint64_t v)
{
    unsigned bits = ir_type_bits(type);
    return ir_const(l->b, type, bits < 64 ? v & ((UINT64_C(1) << bits) - 1) : v);
}
static inline bool x86_locked(const struct x86_lift *l) { return l->i->attributes & ZYDIS_ATTRIB_HAS_LOCK; }
static inline ZydisRegister x86_sp(const struct x86_lift *l)
{
    return l->is64 ? ZYDIS_REGISTER_RSP : ZYDIS_REGISTER_ESP;
}

/* Bit pos of an integer as i1. */
ir_ref x86_bit(struct x86_lift *l, ir_ref v, unsigned pos);
/* A locked read-modify-write of memory: the old value. */
ir_ref x86_amo(struct x86_lift *l, enum ir_amo op, ir_ref addr, ir_ref v);

#endif
