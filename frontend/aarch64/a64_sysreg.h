/* SPDX-License-Identifier: Apache-2.0 */
/* Names and numbers of system registers (a64_sysregs.def). */
#ifndef TANDEM_FRONTEND_AARCH64_A64_SYSREG_H
#define TANDEM_FRONTEND_AARCH64_A64_SYSREG_H

#include "src/base/types.h"

/* As in bits 20 to 5 of MRS and MSR, with the 1 of bit 20. */
#define A64_SYSREG_NUMBER(o0, op1, crn, crm, op2)                                                                      \
    (1u << 15 | (o0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* PMCCNTR_EL0, which the kernel does not let programs read: in the vDSO it is a clock (frontend/vdso_clock.h). */
#define A64_SYSREG_FPSR       A64_SYSREG_NUMBER(1, 3, 4, 4, 1)
#define A64_SYSREG_VDSO_CLOCK A64_SYSREG_NUMBER(1, 3, 9, 13, 0)

/* The name of a register with that number; NULL: not in the table. */
const char *a64_sysreg_name(unsigned number);

#endif
