/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks behind the vDSO's functions. Their code is the guest's own, but for one instruction that reads a clock:
 * one that is not allowed to a program, and means this only in the vDSO. So no kernel is entered: the host's C library
 * asks the host's vDSO. */
#ifndef TANDEM_FRONTEND_VDSO_CLOCK_H
#define TANDEM_FRONTEND_VDSO_CLOCK_H

#include "frontend/guest.h"
#include "src/ir/ir.h"

/* What is read: a clock's number, or one of these. */
enum vdso_clock {
    VDSO_CLOCKS = 12,     /* clockid_t below this */
    VDSO_RESOLUTION = 16, /* + a clock's number: clock_getres, nanoseconds */
    VDSO_CPU = 32,        /* CPU | node << 32 */
    VDSO_TIMEOFDAY = 33,  /* with microseconds */
    VDSO_TIME = 34,       /* time(2): seconds */
};
enum { VDSO_FRACTION_BITS = 30 };

/* Takes what is read, and gives seconds << VDSO_FRACTION_BITS | nanoseconds (enough until 2514) unless it is said
 * above; ~0: ask the kernel. */
extern const struct ir_helper vdso_clock;

/* Is the instruction at pc one of the vDSO's? */
static inline bool vdso_has(const struct guest_config *config, gaddr_t pc)
{
    return pc >= config->vdso_start && pc < config->vdso_end;
}

#endif
