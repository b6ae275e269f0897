/* SPDX-License-Identifier: Apache-2.0 */
/* Names of CSRs, from rv_csr.def. */
#include "frontend/riscv/rv_csr_name.h"

static const struct {
    const char *name;
    unsigned number;
} names[] = {
#define RV_CSR(id, name, number, ext, read, write) {name, number},
#include "frontend/riscv/rv_csr.def"
#undef RV_CSR
};

const char *rv_csr_name(unsigned number)
{
    for (unsigned n = 0; n < ARRAY_LEN(names); n++) {
        if (names[n].number == number)
            return names[n].name;
    }
    return NULL;
}
