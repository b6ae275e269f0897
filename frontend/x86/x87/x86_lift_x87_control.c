/* SPDX-License-Identifier: Apache-2.0 */
/* x87 control instructions: control and status word, environment, the stack's pointer and tags. */
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/x87/x86_x87_stack.h"
#include "src/ir/build/builder.h"

enum { ALL_MASKED = 0x3f };

static void call(struct x86_lift *l, const struct ir_helper *h, ir_ref a)
{
    ir_call(l->b, h, a, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}

/* Bits that do not exist read as 0, one as 1. */
void x86_lift_fldcw(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref cw = ir_bini(l->b, IR_AND, x86_read(l, 0), 0x1f3f);
    cw = ir_bini(l->b, IR_OR, cw, 0x40);
    ir_put(l->b, X86_ROW_fp_cw, cw);
    ir_emit(l->b, IR_X87_CW, IR_I16, 0, cw, IR_NO_REF, IR_NO_REF, 0);
    /* Masks seldom change: code goes on in the mode that it has. */
    uint32_t mode = l->mode;
    ir_ref changed = ir_icmp(l->b, x86_x87_traps(l) ? IR_EQ : IR_NE, ir_bini(l->b, IR_AND, cw, ALL_MASKED),
                             ir_const(l->b, IR_I16, ALL_MASKED));
    x86_put_mode(l, mode ^ X86_MODE_X87_TRAPS);
    ir_exit_if(l->b, changed, l->next);
    x86_put_mode(l, mode);
}

void x86_lift_fnstcw(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_write(l, 0, ir_get(l->b, X86_ROW_fp_cw));
}

static ir_ref status(struct x86_lift *l)
{
    ir_ref flags = ir_emit(l->b, IR_X87_SW, IR_I16, 0, IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
    ir_ref sw = ir_bin(l->b, IR_OR, ir_get(l->b, X86_ROW_fp_sw), flags);
    ir_ref unmasked = ir_bin(l->b, IR_AND, sw, ir_un(l->b, IR_NOT, ir_get(l->b, X86_ROW_fp_cw)));
    ir_ref any = ir_icmp(l->b, IR_NE, ir_bini(l->b, IR_AND, unmasked, 0x3f), ir_const(l->b, IR_I16, 0));
    ir_ref summary = ir_select(l->b, any, ir_const(l->b, IR_I16, X86_X87_SW_SUMMARY), ir_const(l->b, IR_I16, 0));
    sw = ir_bin(l->b, IR_OR, sw, summary);
    return ir_bini(l->b, IR_OR, sw, x86_x87_top(l) << 11);
}

void x86_lift_fnstsw(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_write(l, 0, status(l));
}

void x86_lift_fnclex(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (x86_x87_wants_c1(l)) {
        x86_x87_enter(l);
        x86_x87_execute(l, X86_X87_KEEP, false);
        return;
    }
    ir_put(l->b, X86_ROW_fp_sw, ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fp_sw), X87_SW_CC));
    call(l, &x86_x87_helper_clear, IR_NO_REF);
}

void x86_lift_fninit(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_x87_enter(l);
    ir_put(l->b, X86_ROW_fp_cw, ir_const(l->b, IR_I16, X86_FPU_CW_INIT));
    ir_put(l->b, X86_ROW_fp_sw, ir_const(l->b, IR_I16, 0));
    ir_put(l->b, X86_ROW_fp_op, ir_const(l->b, IR_I16, 0));
    ir_put(l->b, X86_ROW_fp_ip, ir_const(l->b, IR_I64, 0));
    ir_put(l->b, X86_ROW_fp_dp, ir_const(l->b, IR_I64, 0));
    x86_put_mode(l, l->mode & ~(uint32_t)(X86_MODE_X87 | X86_MODE_X87_TRAPS));
    call(l, &x86_x87_helper_reset, IR_NO_REF);
}

/* fincstp, fdecstp */
void x86_lift_fincstp(struct x86_lift *l, unsigned down)
{
    x86_x87_enter(l);
    x86_x87_note(l);
    x86_x87_rotate(l, down ? -1 : 1);
    x86_x87_clear_c1(l);
}

void x86_lift_fnop(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_x87_note(l);
}

/* ffree; ffreep: arg 1 */
void x86_lift_ffree(struct x86_lift *l, unsigned pop)
{
    x86_x87_enter(l);
    x86_x87_note(l);
    if (x86_x87_wants_c1(l))
        x86_x87_execute(l, X86_X87_KEEP, false);
    x86_x87_free(l, x86_x87_i(l));
    if (pop)
        x86_x87_pop(l, 1);
}

void x86_lift_emms(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_x87_enter(l);
    x86_put_mode(l, x86_mode_with(l->mode, 0, 0));
}

/* ---- pending exceptions (SDM volume 1, 8.6 and 8.7) ---- */

bool x86_x87_waits(const struct x86_decoded *d)
{
    switch (d->i.mnemonic) {
    case ZYDIS_MNEMONIC_FNCLEX:
    case ZYDIS_MNEMONIC_FNINIT:
    case ZYDIS_MNEMONIC_FNSAVE:
    case ZYDIS_MNEMONIC_FNSTCW:
    case ZYDIS_MNEMONIC_FNSTENV:
    case ZYDIS_MNEMONIC_FNSTSW:
    case ZYDIS_MNEMONIC_FENI8087_NOP:
    case ZYDIS_MNEMONIC_FDISI8087_NOP:
    case ZYDIS_MNEMONIC_FSETPM287_NOP:
        return false;
    case ZYDIS_MNEMONIC_FISTTP:
    case ZYDIS_MNEMONIC_EMMS:
        return true;
    default:
        return d->i.meta.isa_ext == ZYDIS_ISA_EXT_X87;
    }
}

void x86_x87_wait(struct x86_lift *l)
{
    ir_ref pending = ir_bini(l->b, IR_AND, status(l), X86_X87_SW_SUMMARY);
    ir_trap_if(l->b, ir_icmp(l->b, IR_NE, pending, ir_const(l->b, IR_I16, 0)), IR_TRAP_X87, l->pc);
}
