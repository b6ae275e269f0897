/* SPDX-License-Identifier: Apache-2.0 */
/* Any one x87 instruction, executed by an x86-64 host on a given state. Other hosts do not have this function, and no
 * x86 front end. */
#ifndef TANDEM_HOST_X87_EXEC_H
#define TANDEM_HOST_X87_EXEC_H

#include "src/base/types.h"

/* HOST_X87_REGISTERS: 512 register forms, in the order of d8 c0 .. df ff. HOST_X87_MEMORY: 64 memory forms, 8 times the
 * low three bits of the opcode, plus the field reg of the ModRM byte. HOST_X87_MEMORY_16: the same with an operand size
 * prefix. */
enum { HOST_X87_REGISTERS = 0, HOST_X87_MEMORY = 512, HOST_X87_MEMORY_16 = HOST_X87_MEMORY + 64 };

TANDEM_BEGIN_DECLS
/* Executes the form with its memory operand, if it has one, at address: guest memory. area: the unit's state before and
 * afterwards, 160 bytes as fxsave lays them out in its 32-bit form (SDM volume 1, 10.5.1) without a look at MXCSR.
 * rflags: what fcmov tests; returns what fcomi set. The unit has the guest's masks meanwhile, and afterwards whatever
 * the instruction left there: the caller resets it (x87.h). If the operand faults, area is as it was. */
uint64_t host_x87_execute(unsigned form, uint64_t address, uint64_t rflags, void *area);
TANDEM_END_DECLS

#endif
