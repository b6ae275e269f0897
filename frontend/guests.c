/* SPDX-License-Identifier: Apache-2.0 */
/* The list of guests: the one place that knows which frontends are built in. */
#include <string.h>

#include "frontend/aarch64/aarch64.h"
#include "frontend/guest.h"
#include "frontend/riscv/riscv.h"
#include "frontend/x86/x86.h"

const struct guest *const guest_list[] = {
    &rv_guest_riscv64,
    &a64_guest,
#ifdef TANDEM_GUEST_X86
    &x86_guest_x86_64,
    &x86_guest_i386,
#endif
    NULL,
};

const struct guest *guest_find_elf(uint16_t machine, uint8_t elf_class, uint8_t data)
{
    for (const struct guest *const *g = guest_list; *g; g++) {
        if ((*g)->elf.machine == machine && (*g)->elf.bits == elf_class && (*g)->elf.byte_order == data)
            return *g;
    }
    return NULL;
}

const struct guest *guest_find_name(const char *name)
{
    for (const struct guest *const *g = guest_list; *g; g++) {
        if (strcmp((*g)->name, name) == 0)
            return *g;
    }
    return NULL;
}
