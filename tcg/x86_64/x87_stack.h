/* SPDX-License-Identifier: Apache-2.0 */
/* Values of 80 bits on the host's x87 stack: see x87_stack.c. */
#ifndef TANDEM_TCG_X86_64_X87_STACK_H
#define TANDEM_TCG_X86_64_X87_STACK_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

struct tcg_x87 {
    ir_ref st[8];  /* the values on the host's x87 stack, from the bottom */
    ir_ref put[8]; /* per tagged row: the value that is not stored yet */
    unsigned depth;
    uint32_t mode;  /* the guest's, here */
    uint32_t noted; /* x87 of the pc map's last entry */
    /* per tagged row: index of the last instruction up to which it must not be forgotten when it is empty */
    uint32_t kept[8];
};

/* A translation on this host */
struct tcg_x86 {
    struct tcg t; /* first: the common part knows no more */
    struct tcg_x87 x87;
};

void xs_init(struct tcg *t);
/* v is on the host's x87 stack, and stays there for this instruction. */
void xs_use(struct tcg *t, ir_ref v);
/* i of v's ST(i) */
unsigned xs_at(const struct tcg *t, ir_ref v);
void xs_to_top(struct tcg *t, ir_ref v);
/* Nothing needs v after this instruction. */
bool xs_ends(const struct tcg *t, ir_ref v);
/* v, which ends, is replaced by the instruction's result or popped. */
void xs_take(struct tcg *t, ir_ref v);
/* Room for n more; operands stay. */
void xs_room(struct tcg *t, unsigned n);
/* A copy of v on top, without a name yet. */
void xs_copy(struct tcg *t, ir_ref v);
/* The host's instruction pushes, pops; its result is in ST(i). */
void xs_pushed(struct tcg *t);
void xs_popped(struct tcg *t);
void xs_def(struct tcg *t, unsigned i);
/* Before an access that can fault, if the stack has changed since the instruction began: a line of the pc map. */
void xs_note(struct tcg *t);
/* GET, PUT of rows (false: not one that is kept here; v is in memory), PUT of the mode: host.h */
void xs_before_get(struct tcg *t, unsigned row);
bool xs_put(struct tcg *t, unsigned row, ir_ref v);
void xs_put_mode(struct tcg *t, uint32_t mode);
/* Around each instruction; v is past its last use. */
void xs_before(struct tcg *t, const struct ir_insn *in);
void xs_end(struct tcg *t);
void xs_kill(struct tcg *t, ir_ref v);
/* Everything to memory. */
void xs_flush(struct tcg *t);
/* x87 of the pc map's last line */
uint32_t xs_noted(const struct tcg *t);

#endif
