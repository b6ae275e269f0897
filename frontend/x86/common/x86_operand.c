/* SPDX-License-Identifier: Apache-2.0 */
/* Operands of x86 instructions: registers and their parts, effective addresses, immediates, the stack.
 *
 * I1  A general register is one 64-bit row. Writing 32 bits clears the upper half (SDM volume 1, 3.4.1.1); 8 and 16
 *     bits are merged.
 * I2  In 32-bit code the upper halves are always zero, addresses wrap at 4 GiB, and guest addresses are host addresses.
 * I3  A small displacement (NEAR) is added in 64 bits, as the host's addressing does for nothing: where 32-bit code
 *     would wrap, it comes to the addresses from guest.address_end on, where nothing is mapped, or to the first two
 *     pages, which the kernel does not map; the sum without wrapping lies just above 4 GiB, where mem_set_limit lets
 *     nothing be, or below 0. */
#include "frontend/x86/common/x86_operand.h"

enum { NEAR = 8000 }; /* less than two pages, by the widest access */

enum ir_type x86_int_type(unsigned bits)
{
    switch (bits) {
    case 1:
        return IR_I1;
    case 8:
        return IR_I8;
    case 16:
        return IR_I16;
    case 32:
        return IR_I32;
    case 128:
        return IR_I128;
    default:
        return IR_I64;
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

ir_ref x86_bit(struct x86_lift *l, ir_ref v, unsigned pos)
{
    return ir_conv(l->b, IR_TRUNC, IR_I1, ir_bini(l->b, IR_SHR, v, pos));
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

static unsigned gpr_bits(ZydisRegister reg) { return ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, reg); }

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
    ir_put(l->b, row, ir_emit(l->b, IR_DEPOSIT, IR_I64, ir_bits(pos, bits), ir_get(l->b, row), wide, IR_NO_REF, 0));
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

ir_ref x86_amo(struct x86_lift *l, enum ir_amo op, ir_ref addr, ir_ref v)
{
    enum ir_type type = ir_type_of(l->b, v);
    return ir_amo(l->b, op, (uint16_t)(ir_mem(type) | IR_MEM_ORDER), addr, v);
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

/* rsp as a value that was read earlier in the block and what pushes, pops and the like added to it since. */
static ir_ref sp_before(struct x86_lift *l, int64_t *moved)
{
    if (l->sp == IR_NO_REF) {
        l->sp = ir_get(l->b, X86_ROW_rsp);
        l->sp_moved = 0;
    }
    *moved = l->sp_moved;
    return l->sp;
}

static bool is_near(int64_t disp) { return disp > -NEAR && disp < NEAR; }

/* I3: an address of 32-bit code as a 64-bit sum of one wrapped part and a small displacement; IR_NO_REF: it has
 * none. */
static ir_ref near_addr(struct x86_lift *l, const ZydisDecodedOperandMem *m)
{
    bool segment = m->segment == ZYDIS_REGISTER_FS || m->segment == ZYDIS_REGISTER_GS,
         index = m->index != ZYDIS_REGISTER_NONE && m->scale;
    int64_t disp = m->disp.has_displacement ? (int32_t)m->disp.value : 0, moved = 0;
    if (l->is64 || l->i->address_width != 32 || segment + (m->base != ZYDIS_REGISTER_NONE) != 1 || index)
        return IR_NO_REF;
    ir_ref part;
    if (segment)
        part = ir_get(l->b, m->segment == ZYDIS_REGISTER_FS ? X86_ROW_fs_base : X86_ROW_gs_base);
    else if (m->base == ZYDIS_REGISTER_ESP)
        part = sp_before(l, &moved);
    else
        part = ir_get(l->b, x86_gpr_row(m->base));
    disp += moved;
    if (!is_near(disp))
        return IR_NO_REF;
    return disp ? ir_bini(l->b, IR_ADD, part, (uint64_t)disp) : part;
}

ir_ref x86_addr(struct x86_lift *l, unsigned n)
{
    ir_ref addr = near_addr(l, &l->op[n].mem);
    return addr != IR_NO_REF ? addr : x86_segmented(l, l->op[n].mem.segment, x86_offset(l, n));
}

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

/* rsp += delta, wrapped as the stack's width wants it. */
static void move_sp(struct x86_lift *l, int64_t delta)
{
    int64_t moved;
    ir_ref before = sp_before(l, &moved), sp = ir_bini(l->b, IR_ADD, before, (uint64_t)(moved + delta));
    if (!l->is64)
        sp = x86_zext(l, IR_I64, ir_conv(l->b, IR_TRUNC, IR_I32, sp));
    ir_put(l->b, X86_ROW_rsp, sp);
    l->sp_put = l->b->count - 1;
    l->sp_moved = moved + delta;
    if (!is_near(l->sp_moved))
        l->sp = IR_NO_REF;
}

void x86_sp_check(struct x86_lift *l, uint32_t from)
{
    for (uint32_t n = from; n < l->b->count && l->sp != IR_NO_REF; n++) {
        const struct ir_insn *in = &l->b->insns[n];
        if ((in->op == IR_PUT && in->imm == X86_ROW_rsp && n != l->sp_put) ||
            (in->op == IR_CALL && ir_insn_effects(in) & IR_FX_WSTATE))
            l->sp = IR_NO_REF;
    }
}

/* The address delta bytes above the top of the stack (I3). */
static ir_ref near_sp(struct x86_lift *l, int64_t delta)
{
    int64_t moved;
    ir_ref before = sp_before(l, &moved);
    return is_near(moved + delta) ? ir_bini(l->b, IR_ADD, before, (uint64_t)(moved + delta))
                                  : ir_bini(l->b, IR_ADD, ir_get(l->b, X86_ROW_rsp), (uint64_t)delta);
}

void x86_push(struct x86_lift *l, ir_ref v)
{
    int64_t bytes = ir_type_bits(ir_type_of(l->b, v)) / 8;
    x86_store(l, near_sp(l, -bytes), 0, v);
    move_sp(l, -bytes);
}

ir_ref x86_pop(struct x86_lift *l, enum ir_type type, unsigned extra)
{
    ir_ref v = x86_load(l, type, near_sp(l, 0), 0);
    move_sp(l, ir_type_bits(type) / 8 + extra);
    return v;
}
