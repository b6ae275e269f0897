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
/* With all exceptions masked. */
void host_x87_set_control(struct cpu *cpu, uint16_t control);
/* HOST_X87_FLAGS of the status word */
uint16_t host_x87_flags(const struct cpu *cpu);
/* Clears the flags. */
void host_x87_clear(struct cpu *cpu);
/* An empty unit without flags, under that control word. */
void host_x87_reset(struct cpu *cpu, uint16_t control);
TANDEM_END_DECLS

#endif
