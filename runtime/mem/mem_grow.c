/* SPDX-License-Identifier: Apache-2.0 */
/* Seeing what the kernel has grown.
 *
 * How: mincore says whether there is a page right below an area. Only if there is, the host's list of mappings is read:
 * it says whether that page belongs to the mapping of the area.
 *
 * Invariants
 * I1  Nothing but a mapping of the guest's own is entered into the areas: one that reaches up to the area's start
 *     without a break. */
#include "runtime/mem/mem_grow.h"

#include <stdio.h>

#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_struct.h"

bool mem_host_has_page(gaddr_t page)
{
    unsigned char resident;
    return mincore((void *)(uintptr_t)page, MEM_PAGE_SIZE, &resident) == 0;
}

gaddr_t mem_host_start(gaddr_t addr)
{
    unsigned long start = 0, end = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fscanf(maps, "%lx-%lx%*[^\n]", &start, &end) == 2 && end <= addr)
        ;
    if (maps)
        fclose(maps);
    return start <= addr && addr < end ? start : addr;
}

/* The gap below area begins at floor. */
static void see_area(struct guest_mem *mem, const struct mem_area *area, gaddr_t floor)
{
    if (!mem_host_has_page(area->start - MEM_PAGE_SIZE))
        return;
    struct mem_area grown = *area;
    grown.end = area->start;
    grown.start = mem_host_start(area->start); /* I1 */
    grown.start = grown.start > floor ? grown.start : floor;
    if (grown.start < grown.end)
        mem_areas_set(&mem->areas, &grown);
}

void mem_see_growth_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    const struct mem_areas *areas = &mem->areas;
    /* By addresses: what has grown may become one with the area below, and the others move up in the list. */
    for (gaddr_t at = start;;) {
        const size_t i = mem_areas_index(areas, at);
        const gaddr_t floor = i > 0 ? areas->item[i - 1].end : 0;
        if (i >= areas->count || floor >= end)
            break;
        const struct mem_area area = areas->item[i];
        if ((area.flags & MAP_GROWSDOWN) && floor < area.start && start <= area.start)
            see_area(mem, &area, floor);
        at = area.end;
    }
}

void mem_see_unmapped_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_drop *drop)
{
    for (gaddr_t a = start; a < end; a += MEM_PAGE_SIZE) {
        if (!mem_areas_find(&mem->areas, a) || mem_host_has_page(a))
            continue;
        mem_forget_code_locked(mem, a, a + MEM_PAGE_SIZE, MEM_FORGET_MAPPING, drop);
        mem_areas_clear(&mem->areas, a, a + MEM_PAGE_SIZE);
    }
}

bool mem_see_growth_at(struct guest_mem *mem, gaddr_t addr)
{
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, addr + 1);
    const bool found = mem_areas_find(&mem->areas, addr);
    pthread_rwlock_unlock(&mem->lock);
    return found;
}
