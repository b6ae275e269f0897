/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags while lifting; see x86_flags.c. */
#ifndef TANDEM_FRONTEND_X86_COMMON_X86_FLAGS_H
#define TANDEM_FRONTEND_X86_COMMON_X86_FLAGS_H

#include "frontend/x86/common/x86_context.h"

/* At the start of a block. */
void x86_flags_init(struct x86_lift *l);
/* The instruction set the flags of mask (bits 1 << X86_FLAG_*) in this way; others stay. To be called after memory was
 * written. */
void x86_flags_set(struct x86_lift *l, enum x86_flag_kind kind, unsigned mask, ir_ref a, ir_ref b, ir_ref r,
                   ir_ref carry);
/* The flags are those of comparing the floats a and b; fcond: enum ir_fcond bits without relation. */
void x86_flags_compare_fp(struct x86_lift *l, unsigned fcond, ir_ref a, ir_ref b);
/* One flag := v: i1 for C and O; i8 with bit 4 for A; i64 for Z and S (x86_state.def). */
void x86_flag_put(struct x86_lift *l, enum x86_flag flag, ir_ref v);
/* In that form. */
ir_ref x86_flag_get(struct x86_lift *l, enum x86_flag flag);
/* As i1. */
ir_ref x86_carry(struct x86_lift *l);
/* The condition of Jcc, SETcc, CMOVcc with the low 4 bits of the opcode (SDM volume 2, appendix B.1.4). */
ir_ref x86_condition(struct x86_lift *l, unsigned cc);
/* EFLAGS as pushf shows them, i64. */
ir_ref x86_read_eflags(struct x86_lift *l);
/* At the start of a block that reads or keeps flags from before it (x86_decoded.settles): they are in their rows from
 * here on. */
void x86_flags_settle(struct x86_lift *l);
/* Before the block's exits: says which flags are dead behind them. */
void x86_flags_end(struct x86_lift *l);
/* The instruction at hand is a branch (x86_is_branch). Before its side exit: the state gets the flags that are alive
 * where that goes to. Behind it: those that the state has to have on the other way. */
void x86_flags_branch(struct x86_lift *l);
void x86_flags_go_on(struct x86_lift *l);
/* Is any of these flags (X86_*) alive after the instruction at hand? */
static inline bool x86_flags_live(const struct x86_lift *l, unsigned flags) { return l->d->live & flags; }
enum {
    X86_FLAGS_ALL = (1 << X86_FLAG_COUNT) - 1,
    X86_FLAGS_BUT_C = X86_FLAGS_ALL & ~(1 << X86_FLAG_C),
};

/* The flags of mask (X86_*, status flags; PF and SF together) := those bits of eflags, an i64. */
void x86_put_eflags(struct x86_lift *l, unsigned mask, ir_ref eflags);
/* EFLAGS := f (an integer of 16, 32 or 64 bits) as far as user code may. */
void x86_take_eflags(struct x86_lift *l, ir_ref f);
/* DF := is_down (i1). */
void x86_put_direction(struct x86_lift *l, ir_ref is_down);

#endif
