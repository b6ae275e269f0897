/* SPDX-License-Identifier: Apache-2.0 */
/* Names of system registers. */
#include "frontend/aarch64/a64_sysreg.h"

const char *a64_sysreg_name(unsigned number)
{
    static const struct {
        uint16_t number;
        const char *name;
    } regs[] = {
#define A64_SYSREG(id, name, o0, op1, crn, crm, op2, read, write) {A64_SYSREG_NUMBER(o0, op1, crn, crm, op2), name},
#include "frontend/aarch64/a64_sysregs.def"
#undef A64_SYSREG
    };
    for (size_t n = 0; n < ARRAY_LEN(regs); n++) {
        if (regs[n].number == number)
            return regs[n].name;
    }
    return NULL;
}
