/* SPDX-License-Identifier: Apache-2.0 */
/* The x87 register stack while lifting, and what every x87 instruction does: see x86_x87_stack.c. */
#ifndef TANDEM_FRONTEND_X86_X87_X86_X87_STACK_H
#define TANDEM_FRONTEND_X86_X87_X86_X87_STACK_H

#include "frontend/x86/common/x86_context.h"
#include "frontend/x86/x87/x86_x87.h"
#include "frontend/x86/x87/x86_x87_args.h"

/* The state is x87's, not MMX's, from here on; and the reverse. */
void x86_x87_enter(struct x86_lift *l);
void x86_mmx_enter(struct x86_lift *l);
/* cpu->mode := mode */
void x86_put_mode(struct x86_lift *l, uint32_t mode);

/* An exception is unmasked: instructions run by x86_x87_execute. */
static inline bool x86_x87_traps(const struct x86_lift *l) { return l->mode & X86_MODE_X87_TRAPS; }
static inline unsigned x86_x87_top(const struct x86_lift *l) { return x86_mode_top(l->mode); }
static inline unsigned x86_x87_phys(const struct x86_lift *l, unsigned i) { return (x86_x87_top(l) + i) & 7; }
static inline bool x86_x87_full(const struct x86_lift *l, unsigned i)
{
    return x86_mode_tags(l->mode) >> x86_x87_phys(l, i) & 1;
}
static inline unsigned x86_x87_row(const struct x86_lift *l, unsigned i) { return X86_ROW_st0 + x86_x87_phys(l, i); }
/* i of the register form, and whether it is one */
static inline unsigned x86_x87_i(const struct x86_lift *l) { return l->i->raw.modrm.rm; }
static inline bool x86_x87_is_reg(const struct x86_lift *l) { return l->i->raw.modrm.mod == 3; }

ir_ref x86_x87_get(struct x86_lift *l, unsigned i);
void x86_x87_put(struct x86_lift *l, unsigned i, ir_ref v); /* the register is full afterwards */
void x86_x87_push(struct x86_lift *l, ir_ref v);
void x86_x87_pop(struct x86_lift *l, unsigned times);
void x86_x87_free(struct x86_lift *l, unsigned i);
void x86_x87_rotate(struct x86_lift *l, int by);
/* The instruction at hand by x86_x87_helper_execute: EFLAGS afterwards. fault: it has a stack fault. */
ir_ref x86_x87_execute(struct x86_lift *l, enum x86_x87_effect effect, bool fault);
/* The instruction at hand becomes the last one, if someone looks. */
void x86_x87_note(struct x86_lift *l);
/* Does it wait for a pending exception and take it? Any instruction may be asked about. */
bool x86_x87_waits(const struct x86_decoded *d);
/* A pending exception is taken. */
void x86_x87_wait(struct x86_lift *l);
/* The address of the memory operand */
ir_ref x86_x87_addr(struct x86_lift *l);
/* C1 := 0, as instructions do that do not round, if anyone looks */
void x86_x87_clear_c1(struct x86_lift *l);
/* The instruction rounds, and someone may look at C1, which then says how. */
bool x86_x87_wants_c1(const struct x86_lift *l);
/* Fills x87_status of the block's instructions. */
void x86_x87_scan(struct x86_decoded *insns, unsigned count);

#endif
