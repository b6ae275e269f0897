/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping the guest's first stack, which grows (mem_grow.h). Its limit is RLIMIT_STACK of this process. */
#ifndef TANDEM_RUNTIME_MEM_MEM_STACK_H
#define TANDEM_RUNTIME_MEM_MEM_STACK_H

#include "runtime/mem/mem_types.h"

struct mem_stack {
    uint64_t size;  /* bytes that are mapped at first */
    uint64_t limit; /* RLIMIT_STACK: how large it may become, if it cannot be made to grow */
    uint64_t seed;  /* of the random part of its place */
    int prot;
};

TANDEM_BEGIN_DECLS
/* Maps the first stack: at the end of the guest's addresses where these end below the host's, else where it has room to
 * grow. Its start, or -errno. */
long mem_map_stack(struct guest_mem *mem, const struct mem_stack *want);
TANDEM_END_DECLS

#endif
