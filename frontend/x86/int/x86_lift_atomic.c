/* SPDX-License-Identifier: Apache-2.0 */
/* neg, xadd, cmpxchg and its double-width forms; fences. SDM volume 2. A compare-and-swap of memory is atomic in the
 * IR, so also where the instruction is not locked. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"

static ir_ref zero_of(struct x86_lift *l, ir_ref v) { return x86_const(l, ir_type_of(l->b, v), 0); }

static uint16_t locked_mem(enum ir_type type) { return (uint16_t)(ir_mem(type) | IR_MEM_ORDER); }

/* Locked: if the value changed between the load and the swap, the instruction starts again. */
static ir_ref neg_locked(struct x86_lift *l)
{
    enum ir_type type = x86_int_type(l->op[0].size);
    ir_ref addr = x86_addr(l, 0), a = x86_load(l, type, addr, 0);
    ir_ref old = ir_cas(l->b, locked_mem(type), addr, a, ir_un(l->b, IR_NEG, a));
    ir_exit_if(l->b, ir_icmp(l->b, IR_NE, old, a), l->pc);
    return a;
}

void x86_lift_neg(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    bool locked = x86_locked(l) && x86_is_mem(l, 0);
    ir_ref a = locked ? neg_locked(l) : x86_read(l, 0), r = ir_un(l->b, IR_NEG, a);
    if (!locked)
        x86_write(l, 0, r);
    x86_flags_set(l, X86_FLAGS_SUB, X86_FLAGS_ALL, zero_of(l, a), a, r, IR_NO_REF);
}

void x86_lift_xadd(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref b = x86_read(l, 1);
    bool mem = x86_is_mem(l, 0);
    ir_ref a = mem && x86_locked(l) ? x86_amo(l, IR_AMO_ADD, x86_addr(l, 0), b) : x86_read(l, 0);
    ir_ref r = ir_bin(l->b, IR_ADD, a, b);
    if (mem && !x86_locked(l))
        x86_write(l, 0, r);
    x86_write(l, 1, a);
    if (!mem)
        x86_write(l, 0, r);
    x86_flags_set(l, X86_FLAGS_ADD, X86_FLAGS_ALL, a, b, r, IR_NO_REF);
}

static ZydisRegister accumulator(unsigned bits)
{
    return bits == 8    ? ZYDIS_REGISTER_AL
           : bits == 16 ? ZYDIS_REGISTER_AX
           : bits == 32 ? ZYDIS_REGISTER_EAX
                        : ZYDIS_REGISTER_RAX;
}

/* Of accumulator and destination, only one is written: upper halves of 32-bit registers stay where nothing is. */
static void put_if(struct x86_lift *l, ir_ref cond, ZydisRegister reg, ir_ref v)
{
    unsigned row = x86_gpr_row(reg);
    ir_ref before = ir_get(l->b, row);
    x86_put_reg(l, reg, v);
    ir_put(l->b, row, ir_select(l->b, cond, ir_get(l->b, row), before));
}

void x86_lift_cmpxchg(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    enum ir_type type = x86_int_type(l->op[0].size);
    ZydisRegister acc = accumulator(l->op[0].size);
    ir_ref expected = x86_get_reg(l, acc), desired = x86_read(l, 1), old;
    if (x86_is_mem(l, 0))
        old = ir_cas(l->b, locked_mem(type), x86_addr(l, 0), expected, desired);
    else
        old = x86_read(l, 0);
    ir_ref equal = ir_icmp(l->b, IR_EQ, old, expected);
    if (!x86_is_mem(l, 0))
        put_if(l, equal, l->op[0].reg.value, desired);
    put_if(l, ir_un(l->b, IR_NOT, equal), acc, old);
    x86_flags_set(l, X86_FLAGS_CMP, X86_FLAGS_ALL, expected, old, ir_bin(l->b, IR_SUB, expected, old), IR_NO_REF);
}

/* cmpxchg8b: 32-bit registers in pairs; cmpxchg16b: 64-bit ones, and memory has to be aligned. Only ZF changes. */
void x86_lift_cmpxchg_pair(struct x86_lift *l, unsigned is_16b)
{
    enum ir_type type = is_16b ? IR_I128 : IR_I64, half = is_16b ? IR_I64 : IR_I32;
    ZydisRegister lo = is_16b ? ZYDIS_REGISTER_RAX : ZYDIS_REGISTER_EAX,
                  hi = is_16b ? ZYDIS_REGISTER_RDX : ZYDIS_REGISTER_EDX;
    ir_ref addr = x86_addr(l, 0);
    if (is_16b) {
        ir_ref low = ir_bini(l->b, IR_AND, addr, 15);
        ir_trap_if(l->b, ir_icmp(l->b, IR_NE, low, ir_const(l->b, IR_I64, 0)), IR_TRAP_PRIVILEGED, l->pc);
    }
    ir_ref expected = ir_emit(l->b, IR_CONCAT, type, 0, x86_get_reg(l, lo), x86_get_reg(l, hi), IR_NO_REF, 0);
    ir_ref rbx = x86_zext(l, half, ir_get(l->b, X86_ROW_rbx)), rcx = x86_zext(l, half, ir_get(l->b, X86_ROW_rcx));
    ir_ref desired = ir_emit(l->b, IR_CONCAT, type, 0, rbx, rcx, IR_NO_REF, 0);
    ir_ref old = ir_cas(l->b, locked_mem(type), addr, expected, desired);
    ir_ref differs = ir_icmp(l->b, IR_NE, old, expected);
    put_if(l, differs, lo, x86_zext(l, half, old));
    put_if(l, differs, hi, ir_conv(l->b, IR_HIGH, half, old));
    x86_flag_put(l, X86_FLAG_Z, x86_zext(l, IR_I64, differs));
}

/* arg: IR_FENCE_* */
void x86_lift_fence(struct x86_lift *l, unsigned kinds)
{
    ir_emit(l->b, IR_FENCE, IR_VOID, (uint16_t)kinds, IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
}
