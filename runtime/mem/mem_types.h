/* SPDX-License-Identifier: Apache-2.0 */
/* Names that every user of the guest's memory needs. */
#ifndef TANDEM_RUNTIME_MEM_MEM_TYPES_H
#define TANDEM_RUNTIME_MEM_MEM_TYPES_H

#include "src/base/types.h"

struct guest_mem;

enum {
    MEM_PAGE_SIZE = 4096,
    MEM_BEYOND = 64 << 10,     /* bytes behind the end of a 32-bit guest's addresses where nothing is */
    MEM_VOLATILE_FAULTS = 128, /* default of mem_set_fault_limit */
};

/* Guest code in [start, end) changed, vanished or lost its execute permission: what was translated from it is void.
 * Called without mem.lock, after the generations have changed. */
typedef void (*mem_invalidate_fn)(void *arg, gaddr_t start, gaddr_t end);

/* Host pointer of guest address. The caller checks the range where the guest chose it. */
static inline void *mem_host(const struct guest_mem *mem, gaddr_t addr)
{
    (void)mem;
    return (void *)(uintptr_t)addr;
}

#endif
