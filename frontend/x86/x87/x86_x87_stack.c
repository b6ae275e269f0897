/* SPDX-License-Identifier: Apache-2.0 */
/* The x87 register stack while lifting.
 *
 * TOP and the tags (full or empty) are part of the translation mode, so a block knows at every instruction which
 * physical register ST(i) is and whether it holds something: ST(i) is a row of the register table, pushes and pops only
 * count, and a stack fault is found out while lifting. Programs keep the stack as the ABI wants it (empty at calls,
 * results in ST(0)), so each piece of code is met in one mode or two. An instruction that changes the mode puts it into
 * its row; exits are chained all the same, because an exit is always taken in the mode that the block has there (ir.h,
 * mode_row).
 *
 * I1  l->mode is the mode behind what has been emitted so far, and X86_ROW_mode holds it.
 * I2  Of the tags, full or empty is all that is kept; fnstenv derives the rest from the registers.
 * I3  The pointers to the last instruction and its operand, and its opcode, are kept where they are read later in the
 *     block, and while an exception is unmasked; else they are older ones. */
#include "frontend/x86/x87/x86_x87_stack.h"

#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_operand.h"
#include "src/ir/build/builder.h"

void x86_put_mode(struct x86_lift *l, uint32_t mode)
{
    if (mode == l->mode)
        return;
    l->mode = mode;
    ir_put(l->b, X86_ROW_mode, ir_const(l->b, IR_I32, mode));
}

void x86_x87_enter(struct x86_lift *l)
{
    if (!(l->mode & X86_MODE_MMX))
        return;
    ir_call(l->b, &x86_x87_helper_from_mmx, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF);
    x86_put_mode(l, l->mode & ~(uint32_t)X86_MODE_MMX);
}

/* Every MMX instruction but emms sets TOP to 0 and all tags to full. */
void x86_mmx_enter(struct x86_lift *l)
{
    if (!(l->mode & X86_MODE_MMX))
        ir_call(l->b, &x86_x87_helper_to_mmx, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF);
    x86_put_mode(l, x86_mode_with(l->mode | X86_MODE_MMX, 0, 0xff));
}

/* ---- registers ---- */

static void set_tag(struct x86_lift *l, unsigned i, bool full)
{
    unsigned tags = x86_mode_tags(l->mode), bit = 1u << x86_x87_phys(l, i);
    x86_put_mode(l, x86_mode_with(l->mode, x86_x87_top(l), full ? tags | bit : tags & ~bit));
}

ir_ref x86_x87_get(struct x86_lift *l, unsigned i) { return ir_get(l->b, x86_x87_row(l, i)); }

void x86_x87_put(struct x86_lift *l, unsigned i, ir_ref v)
{
    ir_put(l->b, x86_x87_row(l, i), v);
    set_tag(l, i, true);
}

void x86_x87_rotate(struct x86_lift *l, int by)
{
    x86_put_mode(l, x86_mode_with(l->mode, x86_x87_top(l) + (unsigned)by, x86_mode_tags(l->mode)));
}

void x86_x87_push(struct x86_lift *l, ir_ref v)
{
    ir_put(l->b, x86_x87_row(l, 7), v);
    unsigned top = (x86_x87_top(l) + 7) & 7;
    x86_put_mode(l, x86_mode_with(l->mode, top, x86_mode_tags(l->mode) | 1u << top));
}

void x86_x87_free(struct x86_lift *l, unsigned i) { set_tag(l, i, false); }

void x86_x87_pop(struct x86_lift *l, unsigned times)
{
    unsigned top = x86_x87_top(l), tags = x86_mode_tags(l->mode);
    for (; times; times--) {
        tags &= ~(1u << top);
        top = (top + 1) & 7;
    }
    x86_put_mode(l, x86_mode_with(l->mode, top, tags));
}

/* ---- C1 ---- */

static bool reads_status(const struct x86_decoded *d)
{
    switch (d->i.mnemonic) {
    case ZYDIS_MNEMONIC_FNSTSW:
    case ZYDIS_MNEMONIC_FNSTENV:
    case ZYDIS_MNEMONIC_FNSAVE:
    case ZYDIS_MNEMONIC_FXSAVE:
    case ZYDIS_MNEMONIC_FXSAVE64:
    case ZYDIS_MNEMONIC_XSAVE:
    case ZYDIS_MNEMONIC_XSAVE64:
    case ZYDIS_MNEMONIC_XSAVEC:
    case ZYDIS_MNEMONIC_XSAVEC64:
    case ZYDIS_MNEMONIC_XSAVEOPT:
    case ZYDIS_MNEMONIC_XSAVEOPT64:
        return true;
    default:
        return false;
    }
}

static bool keeps_c1(const struct x86_decoded *d)
{
    if (!d->legal || !x86_is_x87(d))
        return true;
    switch (d->i.mnemonic) {
    case ZYDIS_MNEMONIC_FLDCW:
    case ZYDIS_MNEMONIC_FNSTCW:
    case ZYDIS_MNEMONIC_FWAIT:
    case ZYDIS_MNEMONIC_FNOP:
    case ZYDIS_MNEMONIC_FNCLEX:
    case ZYDIS_MNEMONIC_FFREE:
    case ZYDIS_MNEMONIC_FFREEP:
    case ZYDIS_MNEMONIC_FCMOVB:
    case ZYDIS_MNEMONIC_FCMOVNB:
    case ZYDIS_MNEMONIC_FCMOVE:
    case ZYDIS_MNEMONIC_FCMOVNE:
    case ZYDIS_MNEMONIC_FCMOVBE:
    case ZYDIS_MNEMONIC_FCMOVNBE:
    case ZYDIS_MNEMONIC_FCMOVU:
    case ZYDIS_MNEMONIC_FCMOVNU:
    case ZYDIS_MNEMONIC_FCOMI:
    case ZYDIS_MNEMONIC_FCOMIP:
    case ZYDIS_MNEMONIC_FUCOMI:
    case ZYDIS_MNEMONIC_FUCOMIP:
        return true;
    default:
        return false;
    }
}

/* C1 says how the last instruction rounded. That costs as much as the instruction itself, and no program is known that
 * looks; it is exact where the block itself reads the status word before C1 is written again. */
void x86_x87_scan(struct x86_decoded *insns, unsigned count)
{
    bool wanted = false, read = false;
    for (unsigned n = count; n-- > 0;) {
        struct x86_decoded *d = &insns[n];
        d->x87_status = wanted;
        d->x87_read = read;
        if (d->legal && reads_status(d))
            wanted = read = true;
        else if (!keeps_c1(d))
            wanted = false;
    }
}

bool x86_x87_wants_c1(const struct x86_lift *l) { return l->d->x87_status; }

void x86_x87_clear_c1(struct x86_lift *l)
{
    if (l->d->x87_status || l->c1_set)
        ir_put(l->b, X86_ROW_fp_sw, ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fp_sw), 0xffff & ~X86_X87_SW_C1));
    l->c1_set = false;
}

/* ---- by the host ---- */

ir_ref x86_x87_addr(struct x86_lift *l)
{
    for (unsigned n = 0; n < l->i->operand_count_visible; n++) {
        if (x86_is_mem(l, n))
            return x86_addr(l, n);
    }
    return ir_const(l->b, IR_I64, 0);
}

/* The 11 bits that are kept: of the first byte three, and the second */
static unsigned opcode_of(const struct x86_lift *l)
{
    const ZydisDecodedInstruction *i = l->i;
    return (i->opcode & 7u) << 8 | (unsigned)i->raw.modrm.mod << 6 | (unsigned)i->raw.modrm.reg << 3 | i->raw.modrm.rm;
}

/* The offset without segment base; none: not_there */
static ir_ref operand_offset(struct x86_lift *l, ir_ref not_there)
{
    for (unsigned n = 0; n < l->i->operand_count_visible; n++) {
        if (x86_is_mem(l, n))
            return x86_offset(l, n);
    }
    return not_there;
}

/* With the code segment's selector */
static uint64_t instruction_pointer(const struct x86_lift *l)
{
    enum { CS_64 = 0x33, CS_32 = 0x23 };
    return l->pc | (uint64_t)(l->is64 ? CS_64 : CS_32) << X86_X87_SELECTOR_SHIFT;
}

void x86_x87_note(struct x86_lift *l)
{
    if (!l->d->x87_read && !x86_x87_traps(l))
        return;
    ir_put(l->b, X86_ROW_fp_ip, ir_const(l->b, IR_I64, instruction_pointer(l)));
    ir_put(l->b, X86_ROW_fp_op, ir_const(l->b, IR_I16, opcode_of(l)));
    ir_ref dp = operand_offset(l, IR_NO_REF);
    if (dp == IR_NO_REF)
        return;
    dp = ir_bini(l->b, IR_AND, dp, X86_X87_POINTER);
    ir_put(l->b, X86_ROW_fp_dp, ir_bini(l->b, IR_OR, dp, (uint64_t)X86_X87_DATA_SEGMENT << X86_X87_SELECTOR_SHIFT));
}

static uint64_t code_of(const struct x86_lift *l, enum x86_x87_effect effect)
{
    const ZydisDecodedInstruction *i = l->i;
    unsigned opcode = i->opcode & 7u;
    uint64_t code = i->mnemonic == ZYDIS_MNEMONIC_FNCLEX
                        ? 0
                        : (uint64_t)opcode_of(l) << X86_X87_CODE_FOP_SHIFT | X86_X87_CODE_COUNTS;
    if (x86_x87_is_reg(l))
        return code | opcode << 6 | (unsigned)i->raw.modrm.reg << 3 | i->raw.modrm.rm;
    code |= opcode << 3 | i->raw.modrm.reg | X86_X87_CODE_MEM;
    if (effect == X86_X87_STATE)
        code |= X86_X87_CODE_ENV |
                (i->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE && !i->raw.rex.W ? (unsigned)X86_X87_CODE_DATA16 : 0u);
    return code;
}

static ir_ref condition_code(struct x86_lift *l, unsigned bit)
{
    ir_ref masked = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fp_sw), bit);
    return ir_icmp(l->b, IR_NE, masked, ir_const(l->b, IR_I16, 0));
}

/* The helper has moved TOP; l->mode follows. */
static void follow(struct x86_lift *l, enum x86_x87_effect effect)
{
    unsigned top = x86_x87_top(l), tags = x86_mode_tags(l->mode);
    l->c1_set = true;
    if (effect == X86_X87_PUSH_IF)
        ir_exit_if(l->b, condition_code(l, X86_X87_SW_C2), l->next);
    if (effect == X86_X87_PUSH || effect == X86_X87_PUSH_IF) {
        top = (top + 7) & 7;
        tags |= 1u << top;
    }
    for (unsigned n = effect == X86_X87_POP2 ? 2 : effect == X86_X87_POP; n; n--) {
        tags &= ~(1u << top);
        top = (top + 1) & 7;
    }
    x86_put_mode(l, x86_mode_with(l->mode, top, tags));
}

ir_ref x86_x87_execute(struct x86_lift *l, enum x86_x87_effect effect, bool fault)
{
    ir_ref address = x86_x87_is_reg(l) ? ir_const(l->b, IR_I64, 0) : x86_x87_addr(l);
    bool conditional = l->i->mnemonic >= ZYDIS_MNEMONIC_FCMOVB && l->i->mnemonic <= ZYDIS_MNEMONIC_FCMOVU;
    ir_ref rflags = conditional || x86_x87_traps(l) ? x86_read_eflags(l) : ir_const(l->b, IR_I64, 0);
    ir_ref code = ir_const(l->b, IR_I64, code_of(l, effect)), pc = ir_const(l->b, IR_I64, instruction_pointer(l));
    ir_ref r = ir_call(l->b, &x86_x87_helper_execute, code, address, rflags, pc);
    if (!fault && !x86_x87_traps(l) && effect != X86_X87_STATE) {
        follow(l, effect);
        return r;
    }
    l->unknown_mode = true;
    return r;
}
