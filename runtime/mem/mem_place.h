/* SPDX-License-Identifier: Apache-2.0 */
/* A search for room in the address space of a guest whose addresses end below the host's. */
#ifndef TANDEM_RUNTIME_MEM_MEM_PLACE_H
#define TANDEM_RUNTIME_MEM_MEM_PLACE_H

#include "runtime/mem/mem_types.h"

/* The search gives one place after another, the best first. */
struct mem_place {
    gaddr_t at;         /* the place at hand */
    gaddr_t hint, top;  /* what was asked for; where the search is */
    uint64_t len, unit; /* unit: alignment, a power of two */
    unsigned step;
};

/* Starts a search for len bytes, at hint if that is free (0: anywhere). */
void mem_place_begin(const struct guest_mem *mem, struct mem_place *p, gaddr_t hint, uint64_t len, uint64_t unit);
/* p->at becomes the next place that the guest does not use; the host may have something there. False: there is none.
 * Called under mem.lock. */
bool mem_place_next(const struct guest_mem *mem, struct mem_place *p);

#endif
