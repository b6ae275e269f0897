/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping and unmapping ranges of the guest's. Every function here is called under mem.lock (write). */
#ifndef TANDEM_RUNTIME_MEM_MEM_MAP_H
#define TANDEM_RUNTIME_MEM_MEM_MAP_H

#include "runtime/mem/mem_areas.h"
#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_types.h"

enum { MEM_HUGE_PAGE_BITS = 21 };

/* mmap and munmap of page-aligned ranges. Address or 0, or -errno. */
long mem_map_locked(struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t offset, struct mem_drop *drop);
long mem_unmap_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_drop *drop);
/* The part of the first area at or behind start that lies in [start, end). False: there is none. */
bool mem_first_part_locked(const struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_area *part);
/* Reserves the parts of [start, end) that the guest does not own yet. False: the host has something there, and nothing
 * was reserved. mem_release_gaps_locked gives them back. */
bool mem_claim_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end);
void mem_release_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end);

#endif
