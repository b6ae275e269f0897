/* SPDX-License-Identifier: Apache-2.0 */
/* Far jumps, calls and returns, and iret: SDM volume 2, and volume 3, 5.8.
 *
 * User code can go to user code segments alone, and of those there is one for each width: within the width that runs.
 * The other width's segment would need the other guest's system calls, too; it is general protection here, like
 * selectors that no one may use.
 *
 * I1  All loads and checks come before rsp and flags change.
 * I2  What is pushed and popped has the operand size, which is 32 bits unless a prefix says something else, also in
 *     64-bit code. */
#include "frontend/x86/system/x86_lift_far.h"

#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"

enum { CS_64 = 0x33, CS_32 = 0x23, SS_USER = 0x2b, RPL = 3 };

static unsigned own_segment(const struct x86_lift *l) { return l->is64 ? CS_64 : CS_32; }
static enum ir_type operand_type(const struct x86_lift *l) { return x86_int_type(l->i->operand_width); }

static void check(struct x86_lift *l, ir_ref selector, unsigned wanted)
{
    ir_ref bad = ir_icmp(l->b, IR_NE, selector, ir_const(l->b, IR_I16, wanted));
    ir_trap_if(l->b, bad, IR_TRAP_PRIVILEGED, l->pc);
}

/* The bits that are ignored are of no matter: code keeps its privilege. */
static void check_target(struct x86_lift *l, ir_ref selector)
{
    check(l, ir_bini(l->b, IR_OR, selector, RPL), own_segment(l));
}

/* Target of a jump or call, its selector checked. */
static ir_ref target_of(struct x86_lift *l)
{
    enum ir_type type = operand_type(l);
    if (!x86_is_mem(l, 0)) {
        check_target(l, ir_const(l->b, IR_I16, l->op[0].ptr.segment));
        return ir_const(l->b, IR_I64, l->op[0].ptr.offset);
    }
    ir_ref addr = x86_addr(l, 0), offset = x86_load(l, type, addr, 0);
    check_target(l, x86_load(l, IR_I16, addr, ir_type_bits(type) / 8));
    return x86_zext(l, IR_I64, offset);
}

void x86_far_jmp(struct x86_lift *l) { ir_jump_reg(l->b, IR_HINT_NONE, target_of(l)); }

static ir_ref stack_at(struct x86_lift *l, int64_t delta)
{
    ir_ref sp = ir_bini(l->b, IR_ADD, ir_get(l->b, X86_ROW_rsp), (uint64_t)delta);
    return l->is64 ? sp : x86_zext(l, IR_I64, x86_zext(l, IR_I32, sp));
}

void x86_far_call(struct x86_lift *l)
{
    enum ir_type type = operand_type(l);
    int64_t bytes = ir_type_bits(type) / 8;
    ir_ref target = target_of(l), sp = stack_at(l, -2 * bytes);
    x86_store(l, stack_at(l, -bytes), 0, x86_const(l, type, own_segment(l)));
    x86_store(l, sp, 0, x86_const(l, type, l->next));
    ir_put(l->b, X86_ROW_rsp, sp);
    ir_jump_reg(l->b, IR_HINT_NONE, target);
}

static ir_ref pop_at(struct x86_lift *l, enum ir_type type, unsigned n)
{
    return x86_load(l, type, stack_at(l, (int64_t)n * ir_type_bits(type) / 8), 0);
}

void x86_far_ret(struct x86_lift *l)
{
    enum ir_type type = operand_type(l);
    bool imm = l->i->operand_count_visible;
    int64_t bytes = ir_type_bits(type) / 8, extra = imm ? (int64_t)(l->op[0].imm.value.u & 0xffff) : 0;
    ir_ref target = pop_at(l, type, 0);
    check(l, x86_zext(l, IR_I16, pop_at(l, type, 1)), own_segment(l));
    ir_put(l->b, X86_ROW_rsp, stack_at(l, 2 * bytes + extra));
    ir_jump_reg(l->b, IR_HINT_NONE, x86_zext(l, IR_I64, target));
}

/* To the same privilege; 64-bit code pops the stack's place, too. A nested task is not for user code, nor TF. */
void x86_lift_iret(struct x86_lift *l, unsigned arg)
{
    enum ir_type type = operand_type(l);
    ir_ref nested = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fl_x), X86_NT);
    (void)arg;
    ir_trap_if(l->b, ir_icmp(l->b, IR_NE, nested, ir_const(l->b, IR_I32, 0)), IR_TRAP_PRIVILEGED, l->pc);
    ir_ref target = pop_at(l, type, 0), cs = x86_zext(l, IR_I16, pop_at(l, type, 1)), flags = pop_at(l, type, 2);
    ir_ref sp = l->is64 ? x86_zext(l, IR_I64, pop_at(l, type, 3)) : stack_at(l, 3 * ir_type_bits(type) / 8);
    ir_ref ss = l->is64 ? x86_zext(l, IR_I16, pop_at(l, type, 4)) : IR_NO_REF;
    check(l, cs, own_segment(l));
    if (l->is64)
        check(l, ss, SS_USER);
    ir_put(l->b, X86_ROW_rsp, sp);
    x86_take_eflags(l, ir_bini(l->b, IR_AND, flags, ~(uint64_t)X86_TF));
    ir_jump_reg(l->b, IR_HINT_NONE, x86_zext(l, IR_I64, target));
}
