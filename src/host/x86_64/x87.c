/* SPDX-License-Identifier: Apache-2.0 */
/* x87.h on x86-64: the thread's own unit. */
#include "src/host/x87.h"

uint16_t host_x87_flags(const struct cpu *cpu)
{
    uint16_t status;
    __asm__ __volatile__("fnstsw %0" : "=a"(status));
    return status & HOST_X87_FLAGS;
}

void host_x87_set_control(struct cpu *cpu, uint16_t control)
{
    control |= HOST_X87_MASKS;
    __asm__ __volatile__("fldcw %0" : : "m"(control));
}

void host_x87_clear(struct cpu *cpu) { __asm__ __volatile__("fnclex"); }

void host_x87_reset(struct cpu *cpu, uint16_t control)
{
    __asm__ __volatile__("fninit");
    if ((control | HOST_X87_MASKS) != HOST_X87_CONTROL_INIT)
        host_x87_set_control(cpu, control);
}
