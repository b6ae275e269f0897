/* SPDX-License-Identifier: Apache-2.0 */
/* Control transfer and what leaves user code. SDM volume 2; a transfer's width is that of the mode (near branches in
 * 64-bit mode are always 64 bits wide). */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/system/x86_lift_far.h"

static gaddr_t direct_target(const struct x86_lift *l) { return x86_direct_target(l->d, l->next, l->is64); }
static bool is_direct(const struct x86_lift *l) { return l->op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE; }

/* A side exit, behind which the block goes on or ends. What is known to be taken ends it. */
static void branch(struct x86_lift *l, ir_ref taken)
{
    uint64_t known;
    bool always = ir_is_const(l->b, taken, &known) && known;
    x86_flags_branch(l);
    ir_exit_if(l->b, taken, direct_target(l));
    x86_flags_go_on(l);
    if (!l->goes_on || always)
        ir_jump(l->b, IR_HINT_NONE, l->next);
}

void x86_lift_jcc(struct x86_lift *l, unsigned cc) { branch(l, x86_condition(l, cc)); }

/* jcxz jecxz jrcxz: the address size says which */
void x86_lift_jcxz(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    enum ir_type type = x86_int_type(l->i->address_width);
    ir_ref count = x86_zext(l, type, ir_get(l->b, X86_ROW_rcx));
    branch(l, ir_icmp(l->b, IR_EQ, count, x86_const(l, type, 0)));
}

/* A repeat prefix chooses the condition of loope and loopne, whatever the opcode says; the last one counts. */
static unsigned loop_kind(const struct x86_lift *l, unsigned arg)
{
    uint8_t prefix = arg ? x86_repeat_prefix(l->i) : 0;
    if (prefix)
        return prefix == 0xf3 ? 1 : 2;
    return arg;
}

/* loop: arg 0; loope: 1; loopne: 2 */
void x86_lift_loop(struct x86_lift *l, unsigned arg)
{
    arg = loop_kind(l, arg);
    enum ir_type type = x86_int_type(l->i->address_width);
    ir_ref z = arg ? x86_condition(l, arg == 1 ? 4 : 5) : IR_NO_REF;
    ir_ref count = ir_bini(l->b, IR_SUB, x86_zext(l, type, ir_get(l->b, X86_ROW_rcx)), 1);
    x86_put_reg(l,
                type == IR_I64   ? ZYDIS_REGISTER_RCX
                : type == IR_I32 ? ZYDIS_REGISTER_ECX
                                 : ZYDIS_REGISTER_CX,
                count);
    ir_ref taken = ir_icmp(l->b, IR_NE, count, x86_const(l, type, 0));
    branch(l, arg ? ir_bin(l->b, IR_AND, taken, z) : taken);
}

static bool is_far(const struct x86_lift *l) { return l->i->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR; }

void x86_lift_jmp(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (is_far(l)) {
        x86_far_jmp(l);
        return;
    }
    x86_flags_end(l);
    if (is_direct(l))
        ir_jump(l->b, IR_HINT_NONE, direct_target(l));
    else
        ir_jump_reg(l->b, IR_HINT_NONE, x86_zext(l, IR_I64, x86_read(l, 0)));
}

void x86_lift_call(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (is_far(l)) {
        x86_far_call(l);
        return;
    }
    ir_ref target = is_direct(l) ? IR_NO_REF : x86_zext(l, IR_I64, x86_read(l, 0));
    x86_push(l, x86_const(l, l->is64 ? IR_I64 : IR_I32, l->next));
    ir_call_hint(l->b, l->next);
    x86_flags_end(l);
    if (is_direct(l))
        ir_jump(l->b, IR_HINT_CALL, direct_target(l));
    else
        ir_jump_reg(l->b, IR_HINT_CALL, target);
}

void x86_lift_ret(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (is_far(l)) {
        x86_far_ret(l);
        return;
    }
    bool imm = l->i->operand_count_visible && is_direct(l);
    ir_ref target = x86_pop(l, l->is64 ? IR_I64 : IR_I32, imm ? (unsigned)l->op[0].imm.value.u & 0xffff : 0);
    ir_jump_reg(l->b, IR_HINT_RET, x86_zext(l, IR_I64, target));
}

/* rcx := next, r11 := EFLAGS. In 32-bit code syscall does not exist on Intel CPUs. */
void x86_lift_syscall(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (!l->is64) {
        x86_lift_illegal(l, 0);
        return;
    }
    ir_put(l->b, X86_ROW_rcx, ir_const(l->b, IR_I64, l->next));
    ir_put(l->b, X86_ROW_r11, x86_read_eflags(l));
    ir_trap(l->b, IR_TRAP_SYSCALL, l->next);
}

/* int 0x80 is a system call of the 32-bit ABI. User code may raise 3, a breakpoint, and 4, which Linux reports like
 * general protection but behind the instruction; other vectors are general protection. */
void x86_lift_int(struct x86_lift *l, unsigned arg)
{
    enum { BREAKPOINT = 3, OVERFLOWED = 4, SYSTEM_CALL = 0x80 };
    uint64_t vector = l->op[0].imm.value.u;
    (void)arg;
    if (vector == SYSTEM_CALL && !l->is64)
        ir_trap(l->b, IR_TRAP_SYSCALL, l->next);
    else if (vector == BREAKPOINT)
        ir_trap(l->b, IR_TRAP_BREAKPOINT, l->next);
    else
        ir_trap(l->b, IR_TRAP_PRIVILEGED, vector == OVERFLOWED ? l->next : l->pc);
}

/* int3; int1: arg 1 */
void x86_lift_int3(struct x86_lift *l, unsigned one)
{
    ir_trap(l->b, one ? IR_TRAP_DEBUG : IR_TRAP_BREAKPOINT, l->next);
}
