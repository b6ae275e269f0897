/* SPDX-License-Identifier: Apache-2.0 */
/* Where mappings go that the guest leaves to the kernel, for guests whose addresses end below the host's. The host
 * would choose places that such a guest cannot name.
 *
 * How: places are searched from the top down, as the kernel does. The caller maps with MAP_FIXED_NOREPLACE: this fails
 * where the host has something of its own, and the search goes on.
 *
 * Invariants
 * I1  Nothing below LOWEST is given: null pointers and their neighbours fault. */
#include "runtime/mem/mem_place.h"

#include <sys/mman.h>

#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_struct.h"

enum { LOWEST = 0x10000 };
enum step { STEP_HINT, STEP_BELOW_TOP, STEP_ANYWHERE, STEP_END };

void mem_place_begin(const struct guest_mem *mem, struct mem_place *p, gaddr_t hint, uint64_t len, uint64_t unit)
{
    *p = (struct mem_place){
        .hint = hint, .top = mem->top, .len = len, .unit = unit, .step = hint ? STEP_HINT : STEP_BELOW_TOP};
}

/* Where what may lie below an area ends: one that grows keeps its distance. */
static gaddr_t start_of(const struct mem_area *area)
{
    const gaddr_t gap = area->flags & MAP_GROWSDOWN ? MEM_GROW_GAP : 0;
    return area->start > gap ? area->start - gap : 0;
}

static bool is_free(const struct guest_mem *mem, gaddr_t at, uint64_t len)
{
    const struct mem_areas *areas = &mem->areas;
    if (at < LOWEST || mem_is_beyond(mem, len) || mem_is_beyond(mem, at + len))
        return false;
    size_t i = mem_areas_index(areas, at);
    return i >= areas->count || start_of(&areas->item[i]) >= at + len;
}

/* The highest address at which len bytes end at or below top; 0: none. */
static gaddr_t room_below(const struct guest_mem *mem, gaddr_t top, uint64_t len, uint64_t unit)
{
    const struct mem_areas *areas = &mem->areas;
    size_t i = mem_areas_index(areas, top - 1);
    if (i < areas->count && start_of(&areas->item[i]) < top)
        top = start_of(&areas->item[i]);
    for (;;) {
        const gaddr_t bottom = i > 0 ? areas->item[i - 1].end : LOWEST;
        if (top >= len) {
            const gaddr_t at = (top - len) & ~(unit - 1);
            if (at >= LOWEST && at >= bottom)
                return at;
        }
        if (i == 0)
            return 0;
        top = start_of(&areas->item[--i]);
    }
}

bool mem_place_next(const struct guest_mem *mem, struct mem_place *p)
{
    if (p->step == STEP_HINT) {
        p->step = STEP_BELOW_TOP;
        p->at = p->hint & ~(p->unit - 1);
        if (is_free(mem, p->at, p->len))
            return true;
    }
    for (; p->step < STEP_END; p->step++, p->top = mem->limit) {
        p->at = room_below(mem, p->top, p->len, p->unit);
        p->top = p->at;
        if (p->at)
            return true;
    }
    return false;
}
