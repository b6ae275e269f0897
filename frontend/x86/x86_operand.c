/* SPDX-License-Identifier: Apache-2.0 */
/* Operands of x86 instructions: registers and their parts, effective addresses, immediates, the stack.
 *
 * I1  A general register is one 64-bit row. Writing 32 bits clears the upper half (SDM volume 1, 3.4.1.1); 8 and 16 bits are merged.
 * I2  In 32-bit code the upper halves are always zero, addresses wrap at 4 GiB, and guest addresses are host addresses. */
#include "frontend/x86/x86_lift.h"

enum ir_type x86_int_type(unsigned bits)
{
    switch (bits) {
    case 1: return IR_I1;
    case 8: return IR_I8;
    case 16: return IR_I16;
    case 32: return IR_I32;
    case 128: return IR_I128;
    default: return IR_I64;
    }
}

ir_ref x86_zext(struct x86_lift *l, enum ir_type type, ir_ref v)
{
    unsigned to = ir_type_bits(type), from = ir_type_bits(ir_type_of(l->b, v));
    return to == from ? v : ir_conv(l->b, to > from ? IR_ZEXT : IR_TRUNC, type, v);
}

ir_ref x86_sext(struct x86_lift *l, enum ir_type type, ir_ref v)
{
    unsigned to = ir_type_bits(type), from = ir_type_bits(ir_type_of(l->b, v));
    return to == from ? v : ir_conv(l->b, to > from ? IR_SEXT : IR_TRUNC, type, v);
}

/* ---- registers ---- */

static bool is_high_byte(ZydisRegister reg) { return reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH; }

unsigned x86_gpr_row(ZydisRegister reg)
{
    if (is_high_byte(reg))
        return X86_ROW_rax + (unsigned)(reg - ZYDIS_REGISTER_AH);
    ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    return X86_ROW_rax + (unsigned)(full - ZYDIS_REGISTER_RAX);
}

static unsigned gpr_bits(ZydisRegister reg)
{
    return ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, reg);
}

bool x86_is_segment(ZydisRegister reg) { return reg >= ZYDIS_REGISTER_ES && reg <= ZYDIS_REGISTER_GS; }

ir_ref x86_get_reg(struct x86_lift *l, ZydisRegister reg)
{
    if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP)
        return ir_const(l->b, IR_I64, l->next);
    if (x86_is_segment(reg))
        return ir_get(l->b, X86_ROW_es + (unsigned)(reg - ZYDIS_REGISTER_ES));
    ir_ref full = ir_get(l->b, x86_gpr_row(reg));
    if (is_high_byte(reg))
        return ir_conv(l->b, IR_TRUNC, IR_I8,
                       ir_emit(l->b, IR_EXTRACT, IR_I64, ir_bits(8, 8), full, IR_NO_REF, IR_NO_REF, 0));
    return x86_zext(l, x86_int_type(gpr_bits(reg)), full);
}

void x86_put_reg(struct x86_lift *l, ZydisRegister reg, ir_ref v)
{
    unsigned bits = ir_type_bits(ir_type_of(l->b, v)), row = x86_gpr_row(reg);
    if (bits >= 32) { /* I1 */
        ir_put(l->b, row, x86_zext(l, IR_I64, v));
        return;
    }
    unsigned pos = is_high_byte(reg) ? 8 : 0;
    ir_ref wide = x86_zext(l, IR_I64, v);
    ir_put(l->b, row,
           ir_emit(l->b, IR_DEPOSIT, IR_I64, ir_bits(pos, bits), ir_get(l->b, row), wide, IR_NO_REF, 0));
}

/* ---- memory ---- */

ir_ref x86_load(struct x86_lift *l, enum ir_type type, ir_ref addr, int64_t disp)
{
    return ir_ld(l->b, type, x86_mem(type), addr, disp);
}

void x86_store(struct x86_lift *l, ir_ref addr, int64_t disp, ir_ref v)
{
    ir_st(l->b, x86_mem(ir_type_of(l->b, v)), addr, disp, v);
}

bool x86_is_mem(const struct x86_lift *l, unsigned n) { return l->op[n].type == ZYDIS_OPERAND_TYPE_MEMORY; }

ir_ref x86_offset(struct x86_lift *l, unsigned n)
{
    const ZydisDecodedOperandMem *m = &l->op[n].mem;
    uint64_t disp = m->disp.has_displacement ? (uint64_t)m->disp.value : 0;
    ir_ref sum = IR_NO_REF;
    if (m->base == ZYDIS_REGISTER_RIP || m->base == ZYDIS_REGISTER_EIP)
        disp += l->next;
    else if (m->base != ZYDIS_REGISTER_NONE)
        sum = ir_get(l->b, x86_gpr_row(m->base));
    if (m->index != ZYDIS_REGISTER_NONE && m->scale) {
        ir_ref index = ir_get(l->b, x86_gpr_row(m->index));
        if (m->scale > 1)
            index = ir_bini(l->b, IR_SHL, index, (uint64_t)__builtin_ctz(m->scale));
        sum = sum == IR_NO_REF ? index : ir_bin(l->b, IR_ADD, sum, index);
    }
    if (sum == IR_NO_REF)
        sum = ir_const(l->b, IR_I64, disp);
    else if (disp)
        sum = ir_bini(l->b, IR_ADD, sum, disp);
    if (l->i->address_width == 64)
        return sum;
    enum ir_type narrow = l->i->address_width == 16 ? IR_I16 : IR_I32;
    return x86_zext(l, IR_I64, ir_conv(l->b, IR_TRUNC, narrow, sum));
}

ir_ref x86_segmented(struct x86_lift *l, ZydisRegister segment, ir_ref offset)
{
    if (segment != ZYDIS_REGISTER_FS && segment != ZYDIS_REGISTER_GS)
        return offset;
    ir_ref base = ir_get(l->b, segment == ZYDIS_REGISTER_FS ? X86_ROW_fs_base : X86_ROW_gs_base);
    ir_ref sum = ir_bin(l->b, IR_ADD, base, offset);
    return l->is64 ? sum : x86_zext(l, IR_I64, ir_conv(l->b, IR_TRUNC, IR_I32, sum)); /* I2 */
}

ir_ref x86_addr(struct x86_lift *l, unsigned n) { return x86_segmented(l, l->op[n].mem.segment, x86_offset(l, n)); }

/* ---- operands ---- */

ir_ref x86_read(struct x86_lift *l, unsigned n)
{
    const ZydisDecodedOperand *op = &l->op[n];
    enum ir_type type = x86_int_type(op->size);
    switch (op->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return x86_get_reg(l, op->reg.value);
    case ZYDIS_OPERAND_TYPE_MEMORY:
        return x86_load(l, type, x86_addr(l, n), 0);
    default: { /* immediates: as wide as the first operand, to which they are sign-extended */
        unsigned bits = op->size > l->i->operand_width ? op->size : l->i->operand_width;
        return x86_const(l, x86_int_type(bits), op->imm.value.u);
    }
    }
}

void x86_write(struct x86_lift *l, unsigned n, ir_ref v)
{
    if (x86_is_mem(l, n))
        x86_store(l, x86_addr(l, n), 0, v);
    else
        x86_put_reg(l, l->op[n].reg.value, v);
}

/* ---- stack ---- */

unsigned x86_stack_bytes(const struct x86_lift *l) { return l->i->operand_width == 16 ? 2 : l->is64 ? 8 : 4; }

/* rsp + delta, wrapped as the stack's width wants it. */
static ir_ref moved_sp(struct x86_lift *l, int64_t delta)
{
    ir_ref sp = ir_bini(l->b, IR_ADD, ir_get(l->b, X86_ROW_rsp), (uint64_t)delta);
    return l->is64 ? sp : x86_zext(l, IR_I64, ir_conv(l->b, IR_TRUNC, IR_I32, sp));
}

void x86_push(struct x86_lift *l, ir_ref v)
{
    ir_ref sp = moved_sp(l, -(int64_t)(ir_type_bits(ir_type_of(l->b, v)) / 8));
    x86_store(l, sp, 0, v);
    ir_put(l->b, X86_ROW_rsp, sp);
}

ir_ref x86_pop(struct x86_lift *l, enum ir_type type, unsigned extra)
{
    ir_ref v = x86_load(l, type, ir_get(l->b, X86_ROW_rsp), 0);
    ir_put(l->b, X86_ROW_rsp, moved_sp(l, ir_type_bits(type) / 8 + extra));
    return v;
}
