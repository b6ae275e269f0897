/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's mappings, as its /proc/self/maps lists them. */
#ifndef TANDEM_RUNTIME_MEM_MEM_LIST_H
#define TANDEM_RUNTIME_MEM_MEM_LIST_H

#include "runtime/mem/mem_types.h"

/* One line of /proc/self/maps. */
struct mem_region {
    gaddr_t start, end;
    int prot;        /* the guest's PROT_* */
    int flags;       /* MAP_SHARED or MAP_PRIVATE, MAP_ANONYMOUS, MAP_GROWSDOWN */
    uint64_t offset; /* in the file */
    uint32_t dev_major, dev_minor;
    uint64_t inode;
    const char *name; /* file, "[stack]", "[heap]", "[vdso]", or ""; valid during the call */
};
/* False ends the walk. */
typedef bool (*mem_visit_fn)(const struct mem_region *region, void *arg);

TANDEM_BEGIN_DECLS
/* Visits each region in address order. Names and offsets are read from the host's list. visit runs without any lock. */
void mem_foreach(struct guest_mem *mem, mem_visit_fn visit, void *arg);
TANDEM_END_DECLS

#endif
