/* SPDX-License-Identifier: Apache-2.0 */
/* A sorted array of the address ranges that the guest owns. Not thread-safe: mem.lock guards it. */
#ifndef TANDEM_RUNTIME_MEM_MEM_AREAS_H
#define TANDEM_RUNTIME_MEM_MEM_AREAS_H

#include "src/base/types.h"

struct mem_area {
    gaddr_t start, end; /* page-aligned, start < end */
    int prot;           /* the guest's PROT_* */
    int flags;          /* MAP_SHARED or MAP_PRIVATE, MAP_ANONYMOUS, MAP_GROWSDOWN */
    bool writes_file;   /* a shared mapping of a file that can be written by it, or by its descriptor */
    unsigned segment;   /* of an attached System V segment: a number of this attachment; else 0 */
    uint64_t dev, ino;  /* of a regular file's; 0: another mapping (mem_writers.h) */
    const char *label;  /* name in /proc/self/maps, or NULL: what the host's says */
};

struct mem_areas {
    struct mem_area *item; /* sorted, disjoint; neighbours that are alike are one */
    size_t count, capacity;
};

TANDEM_BEGIN_DECLS
void mem_areas_fini(struct mem_areas *a);
/* Index of the first area that ends above addr: the one that holds addr, if any does; count if none. */
size_t mem_areas_index(const struct mem_areas *a, gaddr_t addr);
/* The area that holds addr, or NULL. Valid until the next change. */
struct mem_area *mem_areas_find(const struct mem_areas *a, gaddr_t addr);
/* [area->start, area->end) becomes this area, whatever was there. */
void mem_areas_set(struct mem_areas *a, const struct mem_area *area);
void mem_areas_clear(struct mem_areas *a, gaddr_t start, gaddr_t end);
/* Is every byte of [start, end) in some area whose prot has all of prot's bits? */
bool mem_areas_cover(const struct mem_areas *a, gaddr_t start, gaddr_t end, int prot);
TANDEM_END_DECLS

#endif
