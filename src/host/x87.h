/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's x87 control word and sticky flags. On x86-64 they are in the thread's own x87 unit, where generated code
 * has them (src/base/cpu.h I3); elsewhere in struct cpu. The thread of that cpu only. Everything is async-signal-safe.
 *
 * Control word and flags are laid out as fldcw and fnstsw have them (SDM volume 1, 8.1). All exceptions are masked
 * here; a guest's masks are its front end's business. */
#ifndef TANDEM_HOST_X87_H
#define TANDEM_HOST_X87_H

#include "src/base/cpu.h"

enum { HOST_X87_FLAGS = 0x7f, HOST_X87_MASKS = 0x3f, HOST_X87_CONTROL_INIT = 0x37f };

TANDEM_BEGIN_DECLS
uint16_t host_x87_control(const struct cpu *cpu);
/* With all exceptions masked. */
void host_x87_set_control(struct cpu *cpu, uint16_t control);
/* HOST_X87_FLAGS of the status word */
uint16_t host_x87_flags(const struct cpu *cpu);
/* Raises flags. */
void host_x87_raise(struct cpu *cpu, uint16_t flags);
/* Clears the flags. */
void host_x87_clear(struct cpu *cpu);
/* An empty unit without flags, under that control word. */
void host_x87_reset(struct cpu *cpu, uint16_t control);

/* The transcendental functions: in their last bits hosts differ. */
enum host_x87_function {
    HOST_X87_2XM1,
    HOST_X87_SIN,
    HOST_X87_COS,
    HOST_X87_YL2X,   /* b * log2(a) */
    HOST_X87_YL2XP1, /* b * log2(a + 1) */
    HOST_X87_PATAN   /* the angle of the point (a, b) */
};
/* r: the function of a and, where it has two operands, b: 10 bytes each, no NaN and no invalid encoding. Flags are
 * raised. The condition codes of the status word are returned: C1, and C2 of an operand of sin and cos that is too
 * large, which is the result then. */
uint16_t host_x87_compute(struct cpu *cpu, enum host_x87_function fn, const void *a, const void *b, void *r);
TANDEM_END_DECLS

#endif
