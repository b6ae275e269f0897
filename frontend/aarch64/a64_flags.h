/* SPDX-License-Identifier: Apache-2.0 */
/* NZCV while lifting; see a64_flags.c. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_FLAGS_H
#define TANDEM_FRONTEND_AARCH64_A64_FLAGS_H

#include "frontend/aarch64/a64_context.h"

TANDEM_BEGIN_DECLS
/* At the start of a block. */
void a64_flags_init(struct a64_lift *l);
/* The instruction at hand sets the flags of r = a + b + carry (ADD), r = a - b - carry (SUB), or r (LOGIC; a and b are
 * IR_NO_REF). carry: i1, or IR_NO_REF for 0. */
void a64_flags_set(struct a64_lift *l, enum a64_flags_kind kind, ir_ref a, ir_ref b, ir_ref r, ir_ref carry);
/* Right behind a64_flags_set: the carry, i1, which the caller has computed. */
void a64_flags_have_carry(struct a64_lift *l, ir_ref c);
/* The same if cond (i1) holds; else the flags are nzcv. */
void a64_flags_set_if(struct a64_lift *l, enum a64_flags_kind kind, ir_ref a, ir_ref b, ir_ref r, ir_ref cond,
                      unsigned nzcv);
/* The flags of comparing the floats a and b (FCMP), if cond holds or is IR_NO_REF; else nzcv. fcond: enum ir_fcond bits
 * without relation. At least one compare is emitted, for the exceptions that it raises. */
void a64_flags_set_fcmp(struct a64_lift *l, unsigned fcond, ir_ref a, ir_ref b, ir_ref cond, unsigned nzcv);
/* The flags are bits 31 to 28 of v, an i64. */
void a64_flags_set_nzcv(struct a64_lift *l, ir_ref v);
/* NZCV in bits 31 to 28, i64. */
ir_ref a64_flags_get_nzcv(struct a64_lift *l);
/* C as i1. */
ir_ref a64_flags_carry(struct a64_lift *l);
/* The condition cond (DDI 0487, C1.2.4) as i1. */
ir_ref a64_condition(struct a64_lift *l, unsigned cond);
/* At the start of a block that reads flags from before it (a64_insn.settles): they are in their rows from here on. */
void a64_flags_settle(struct a64_lift *l);
/* The instruction at hand is a conditional branch. Before its side exit: the state gets the flags that are alive where
 * that goes to. Behind it: those that must be there on the other way. */
void a64_flags_branch(struct a64_lift *l);
void a64_flags_go_on(struct a64_lift *l);
/* Before the block's last exit: says which flags are dead behind it. */
void a64_flags_end(struct a64_lift *l);
TANDEM_END_DECLS

#endif
