/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's memory map as a whole: making it, questions about ranges, labels, fork.
 *
 * How: areas (mem_areas.c) say what the guest owns, pages (mem_pages.c) which of it holds translated code. What changes
 * them lies above: mem_forget.c (translated code goes), mem_code.c (code comes), mem_map.c (mapping and unmapping),
 * mem_calls.c (the mmap family), mem_shm.c. mem_list.c lists the areas.
 *
 * Invariants
 * I1  What is in areas is mapped by the host with mem_host_prot(prot), less PROT_WRITE where MEM_PAGE_PROTECTED is set.
 * I2  Areas of MAP_GROWSDOWN may begin lower than they say (mem_grow.h): who asks about a gap looks first.
 * I3  Host calls that change a mapping and the change of areas that goes with it are one critical section of mem.lock.
 */
#include "runtime/mem/guest_mem.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_struct.h"

enum status mem_create(struct guest_mem **out, mem_invalidate_fn invalidate, void *arg)
{
    struct guest_mem *mem = calloc(1, sizeof *mem);
    if (!mem)
        return STATUS_NO_MEMORY;
    pthread_rwlock_init(&mem->lock, NULL);
    mem->invalidate_arg = arg;
    mem->invalidate = invalidate;
    mem->fault_limit = MEM_VOLATILE_FAULTS;
    mem->limit = (UINT64_C(1) << MEM_ADDRESS_BITS) - 1;
    *out = mem;
    return STATUS_OK;
}

/* The lowest address that this process has mapped. */
static gaddr_t lowest_mapped(void)
{
    unsigned long long start = ~0ull;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps && fscanf(maps, "%llx-", &start) != 1)
        start = ~0ull;
    if (maps)
        fclose(maps);
    return start;
}

enum status mem_set_limit(struct guest_mem *mem, gaddr_t limit, gaddr_t top, gaddr_t *in_the_way)
{
    *in_the_way = lowest_mapped();
    if (*in_the_way < limit)
        return STATUS_NO_MEMORY;
    /* Addresses that should have wrapped at 32 bits land behind the limit (frontend/x86/common/x86_operand.c I3):
     * nothing may be there. Where this process has done this before, the mmap fails without harm. */
    mmap(mem_host(mem, limit), MEM_BEYOND, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
         -1, 0);
    mem->limit = limit;
    mem->top = top;
    return STATUS_OK;
}

gaddr_t mem_limit(const struct guest_mem *mem) { return mem->limit; }

void mem_set_fault_limit(struct guest_mem *mem, unsigned faults) { mem->fault_limit = faults; }

void mem_destroy(struct guest_mem *mem)
{
    if (!mem)
        return;
    for (size_t i = 0; i < mem->areas.count; i++) {
        const struct mem_area *area = &mem->areas.item[i];
        munmap(mem_host(mem, area->start), area->end - area->start);
    }
    if (mem->stack_floor)
        munmap(mem_host(mem, mem->stack_floor), MEM_PAGE_SIZE);
    mem_areas_fini(&mem->areas);
    mem_pages_fini(&mem->pages);
    free(mem->files.list);
    free(mem->code_files);
    pthread_rwlock_destroy(&mem->lock);
    free(mem);
}

/* Is every page of the range the guest's, with all bits of prot? */
static bool range_has(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot)
{
    if (len == 0)
        return true;
    if (addr + len < addr)
        return false;
    pthread_rwlock_rdlock(&mem->lock);
    bool yes = mem_areas_cover(&mem->areas, addr, addr + len, prot);
    pthread_rwlock_unlock(&mem->lock);
    if (yes)
        return true;
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, addr + len);
    yes = mem_areas_cover(&mem->areas, addr, addr + len, prot);
    pthread_rwlock_unlock(&mem->lock);
    return yes;
}

bool mem_is_writable(struct guest_mem *mem, gaddr_t addr, uint64_t len)
{
    return range_has(mem, addr, len, PROT_WRITE);
}

static int known_prot_at(struct guest_mem *mem, gaddr_t addr)
{
    pthread_rwlock_rdlock(&mem->lock);
    const struct mem_area *area = mem_areas_find(&mem->areas, addr);
    int prot = area ? area->prot : -1;
    pthread_rwlock_unlock(&mem->lock);
    return prot;
}

int mem_prot_at(struct guest_mem *mem, gaddr_t addr)
{
    const int prot = known_prot_at(mem, addr);
    return prot < 0 && mem_see_growth_at(mem, addr) ? known_prot_at(mem, addr) : prot;
}

bool mem_is_mapped(struct guest_mem *mem, gaddr_t addr) { return mem_prot_at(mem, addr) >= 0; }

gaddr_t mem_covered(struct guest_mem *mem, gaddr_t addr, gaddr_t end)
{
    const struct mem_areas *areas = &mem->areas;
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, end);
    for (size_t i = mem_areas_index(areas, addr); i < areas->count && areas->item[i].start <= addr && addr < end; i++)
        addr = areas->item[i].end;
    pthread_rwlock_unlock(&mem->lock);
    return addr < end ? addr : end;
}

gaddr_t mem_mapped_end(struct guest_mem *mem, gaddr_t addr)
{
    pthread_rwlock_rdlock(&mem->lock);
    const struct mem_area *area = mem_areas_find(&mem->areas, addr);
    const gaddr_t end = area ? area->end : addr;
    pthread_rwlock_unlock(&mem->lock);
    return end;
}

void mem_set_label(struct guest_mem *mem, gaddr_t start, gaddr_t end, const char *name)
{
    pthread_rwlock_wrlock(&mem->lock);
    while (start < end) {
        size_t i = mem_areas_index(&mem->areas, start);
        if (i >= mem->areas.count || mem->areas.item[i].start >= end)
            break;
        struct mem_area part = mem->areas.item[i];
        part.start = part.start > start ? part.start : start;
        part.end = part.end < end ? part.end : end;
        part.label = name;
        start = part.end;
        mem_areas_set(&mem->areas, &part);
    }
    pthread_rwlock_unlock(&mem->lock);
}

void mem_fork_prepare(struct guest_mem *mem) { pthread_rwlock_wrlock(&mem->lock); }
void mem_fork_parent(struct guest_mem *mem) { pthread_rwlock_unlock(&mem->lock); }

/* Only the forking thread lives on in the child. The lock may count other threads of the parent as waiting, so it is
 * made anew. */
void mem_fork_child(struct guest_mem *mem)
{
    pthread_rwlock_unlock(&mem->lock);
    pthread_rwlock_init(&mem->lock, NULL);
}
