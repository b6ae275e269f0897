/* SPDX-License-Identifier: Apache-2.0 */
/* Integer instructions: moves, arithmetic, logic, conditions, the stack. SDM volume 2. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/int/x86_int_args.h"
#include "frontend/x86/system/x86_segment.h"

/* ---- moves ---- */

void x86_lift_mov(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (l->op[0].type == ZYDIS_OPERAND_TYPE_REGISTER && x86_is_segment(l->op[0].reg.value)) {
        x86_load_segment(l, l->op[0].reg.value, x86_zext(l, IR_I16, x86_read(l, 1)));
        return;
    }
    if (l->i->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) { /* control and debug registers */
        x86_lift_privileged(l, 0);
        return;
    }
    ir_ref v = x86_read(l, 1);
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), v));
}

void x86_lift_movx(struct x86_lift *l, unsigned is_signed)
{
    ir_ref v = x86_read(l, 1);
    enum ir_type type = x86_int_type(l->op[0].size);
    x86_write(l, 0, is_signed ? x86_sext(l, type, v) : x86_zext(l, type, v));
}

void x86_lift_lea(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), x86_offset(l, 1)));
}

void x86_lift_xchg(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned mem = x86_is_mem(l, 1) ? 1 : 0, reg = 1 - mem;
    ir_ref v = x86_read(l, reg), old;
    if (x86_is_mem(l, mem)) { /* always locked */
        old = x86_amo(l, IR_AMO_XCHG, x86_addr(l, mem), v);
    } else {
        old = x86_read(l, mem);
        x86_write(l, mem, v);
    }
    x86_write(l, reg, old);
}

/* With the register extended to r8, the code is that of xchg, of which nop and pause are special cases. */
void x86_lift_pause(struct x86_lift *l, unsigned arg)
{
    ZydisRegister acc = l->i->raw.rex.W             ? ZYDIS_REGISTER_RAX
                        : l->i->operand_width == 16 ? ZYDIS_REGISTER_AX
                                                    : ZYDIS_REGISTER_EAX;
    ZydisRegister other = (ZydisRegister)(acc + 8);
    (void)arg;
    if (!l->i->raw.rex.B)
        return;
    ir_ref a = x86_get_reg(l, acc);
    x86_put_reg(l, acc, x86_get_reg(l, other));
    x86_put_reg(l, other, a);
}

/* cbw cwde cdqe: arg 0; cwd cdq cqo: arg 1. The width is the operand's. */
void x86_lift_convert(struct x86_lift *l, unsigned to_dx)
{
    unsigned bits = l->i->operand_width;
    enum ir_type type = x86_int_type(bits), half = x86_int_type(bits / 2);
    ir_ref rax = ir_get(l->b, X86_ROW_rax);
    if (!to_dx) {
        ir_ref v = x86_sext(l, type, x86_zext(l, half, rax));
        x86_put_reg(l, bits == 16 ? ZYDIS_REGISTER_AX : bits == 32 ? ZYDIS_REGISTER_EAX : ZYDIS_REGISTER_RAX, v);
        return;
    }
    ir_ref sign = ir_bini(l->b, IR_SAR, x86_zext(l, type, rax), bits - 1);
    x86_put_reg(l, bits == 16 ? ZYDIS_REGISTER_DX : bits == 32 ? ZYDIS_REGISTER_EDX : ZYDIS_REGISTER_RDX, sign);
}

/* ---- arithmetic and logic ---- */

static ir_ref alu_value(struct x86_lift *l, unsigned op, ir_ref a, ir_ref b, ir_ref carry)
{
    switch (op) {
    case X86_ALU_ADC:
        return ir_emit(l->b, IR_ADC, ir_type_of(l->b, a), 0, a, b, carry, 0);
    case X86_ALU_SBB:
        return ir_emit(l->b, IR_SBB, ir_type_of(l->b, a), 0, a, b, carry, 0);
    case X86_ALU_ADD:
        return ir_bin(l->b, IR_ADD, a, b);
    case X86_ALU_OR:
        return ir_bin(l->b, IR_OR, a, b);
    case X86_ALU_AND:
        return ir_bin(l->b, IR_AND, a, b);
    case X86_ALU_XOR:
        return ir_bin(l->b, IR_XOR, a, b);
    default:
        return ir_bin(l->b, IR_SUB, a, b);
    }
}

static ir_ref alu_locked(struct x86_lift *l, unsigned op, ir_ref addr, ir_ref b, ir_ref carry)
{
    switch (op) {
    case X86_ALU_OR:
        return x86_amo(l, IR_AMO_OR, addr, b);
    case X86_ALU_AND:
        return x86_amo(l, IR_AMO_AND, addr, b);
    case X86_ALU_XOR:
        return x86_amo(l, IR_AMO_XOR, addr, b);
    default:
        break;
    }
    if (carry != IR_NO_REF)
        b = ir_bin(l->b, IR_ADD, b, x86_zext(l, ir_type_of(l->b, b), carry));
    return x86_amo(l, IR_AMO_ADD, addr, op == X86_ALU_SUB || op == X86_ALU_SBB ? ir_un(l->b, IR_NEG, b) : b);
}

/* xor eax, eax: one value, so that what is known of it (0) is found. */
static bool is_of_itself(const struct x86_lift *l)
{
    return l->op[0].type == ZYDIS_OPERAND_TYPE_REGISTER && l->op[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
           l->op[0].reg.value == l->op[1].reg.value;
}

void x86_lift_alu(struct x86_lift *l, unsigned op)
{
    static const enum x86_flag_kind kinds[] = {
        [X86_ALU_ADD] = X86_FLAGS_ADD,   [X86_ALU_OR] = X86_FLAGS_LOGIC,  [X86_ALU_ADC] = X86_FLAGS_ADD,
        [X86_ALU_SBB] = X86_FLAGS_SUB,   [X86_ALU_AND] = X86_FLAGS_LOGIC, [X86_ALU_SUB] = X86_FLAGS_SUB,
        [X86_ALU_XOR] = X86_FLAGS_LOGIC, [X86_ALU_CMP] = X86_FLAGS_CMP,   [X86_ALU_TEST] = X86_FLAGS_TEST};
    bool writes = op != X86_ALU_CMP && op != X86_ALU_TEST;
    ir_ref carry = op == X86_ALU_ADC || op == X86_ALU_SBB ? x86_carry(l) : IR_NO_REF, a;
    ir_ref b = x86_read(l, 1);
    if (x86_locked(l) && x86_is_mem(l, 0))
        a = alu_locked(l, op, x86_addr(l, 0), b, carry);
    else
        a = is_of_itself(l) ? b : x86_read(l, 0);
    b = x86_zext(l, ir_type_of(l->b, a), b);
    ir_ref r = alu_value(l, op == X86_ALU_TEST ? X86_ALU_AND : op, a, b, carry);
    if (writes && !(x86_locked(l) && x86_is_mem(l, 0)))
        x86_write(l, 0, r);
    bool is_one = op == X86_ALU_TEST && (r == a || r == b); /* then a record of r is shorter */
    x86_flags_set(l, is_one ? X86_FLAGS_LOGIC : kinds[op], X86_FLAGS_ALL, a, b, r, carry);
}

/* inc, dec: arg 1 or -1. The carry stays. */
void x86_lift_incdec(struct x86_lift *l, unsigned is_dec)
{
    enum ir_type type = x86_int_type(l->op[0].size);
    ir_ref one = x86_const(l, type, is_dec ? ~UINT64_C(0) : 1);
    bool locked = x86_locked(l) && x86_is_mem(l, 0);
    ir_ref a = locked ? x86_amo(l, IR_AMO_ADD, x86_addr(l, 0), one) : x86_read(l, 0);
    ir_ref r = ir_bin(l->b, IR_ADD, a, one);
    if (!locked)
        x86_write(l, 0, r);
    x86_flags_set(l, is_dec ? X86_FLAGS_DEC : X86_FLAGS_INC, X86_FLAGS_BUT_C, a, IR_NO_REF, r, IR_NO_REF);
}

void x86_lift_not(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (x86_locked(l) && x86_is_mem(l, 0))
        x86_amo(l, IR_AMO_XOR, x86_addr(l, 0), x86_const(l, x86_int_type(l->op[0].size), ~UINT64_C(0)));
    else
        x86_write(l, 0, ir_un(l->b, IR_NOT, x86_read(l, 0)));
}

/* ---- conditions ---- */

void x86_lift_setcc(struct x86_lift *l, unsigned cc) { x86_write(l, 0, x86_zext(l, IR_I8, x86_condition(l, cc))); }

/* The source is read, and a 32-bit destination zero-extended, whatever the condition. */
void x86_lift_cmov(struct x86_lift *l, unsigned cc)
{
    ir_ref v = x86_read(l, 1);
    x86_write(l, 0, ir_select(l->b, x86_condition(l, cc), v, x86_read(l, 0)));
}

/* ---- stack ---- */

void x86_lift_push(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    enum ir_type type = x86_int_type(8 * x86_stack_bytes(l));
    bool imm = l->op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    x86_push(l, imm ? x86_const(l, type, l->op[0].imm.value.u) : x86_zext(l, type, x86_read(l, 0)));
}

/* The address of a memory destination is computed with the new rsp (SDM: POP). If its store faults, rsp is as
 * before. */
void x86_lift_pop(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    enum ir_type type = x86_int_type(8 * x86_stack_bytes(l));
    ir_ref old_sp = ir_get(l->b, X86_ROW_rsp);
    ir_ref v = x86_pop(l, type, 0);
    if (x86_is_mem(l, 0)) {
        ir_ref new_sp = ir_get(l->b, X86_ROW_rsp);
        ir_ref addr = x86_addr(l, 0);
        ir_put(l->b, X86_ROW_rsp, old_sp);
        x86_store(l, addr, 0, v);
        ir_put(l->b, X86_ROW_rsp, new_sp);
        return;
    }
    if (x86_is_segment(l->op[0].reg.value)) {
        ir_ref sp = ir_get(l->b, X86_ROW_rsp);
        ir_put(l->b, X86_ROW_rsp, old_sp);
        x86_load_segment(l, l->op[0].reg.value, x86_zext(l, IR_I16, v));
        ir_put(l->b, X86_ROW_rsp, sp);
        return;
    }
    x86_put_reg(l, l->op[0].reg.value, v);
}

void x86_lift_leave(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    enum ir_type type = x86_int_type(8 * x86_stack_bytes(l));
    ir_ref frame = ir_get(l->b, X86_ROW_rbp);
    ir_ref v = x86_load(l, type, frame, 0);
    ir_ref sp = ir_bini(l->b, IR_ADD, frame, ir_type_bits(type) / 8);
    x86_put_reg(l, x86_sp(l), x86_zext(l, l->is64 ? IR_I64 : IR_I32, sp));
    x86_put_reg(l, type == IR_I16 ? ZYDIS_REGISTER_BP : type == IR_I32 ? ZYDIS_REGISTER_EBP : ZYDIS_REGISTER_RBP, v);
}

void x86_lift_nop(struct x86_lift *l, unsigned arg) { (void)l, (void)arg; }
