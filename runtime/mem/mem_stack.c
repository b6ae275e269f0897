/* SPDX-License-Identifier: Apache-2.0 */
/* The place of the first stack.
 *
 * How: the stack of a guest whose addresses end below the host's lies at their end; mem_place.c keeps others away.
 * That of others lies in a zone that the kernel does not reach when it chooses addresses: it goes from the top of the
 * address space down, and takes the highest room that is large enough. A page of ours below the zone keeps what is
 * larger than the zone from going there. */
#include "runtime/mem/mem_stack.h"

#include <errno.h>

#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_struct.h"

/* Where ThreadSanitizer and AddressSanitizer, the host's and the guest's, look for a stack; below what the kernel
 * chooses, which lies within 1 TiB of the end. */
static const gaddr_t zone_start = UINT64_C(0x7e8000000000), zone_size = UINT64_C(64) << 30;
enum { RANDOM_PAGES = 1 << 22, ATTEMPTS = 8, FIXED_STACK = 8 << 20 };

/* The end of the stack: attempt for attempt another page of the upper quarter of the zone. */
static gaddr_t zone_place(uint64_t seed, unsigned attempt)
{
    const uint64_t page = (seed + attempt * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (RANDOM_PAGES - 1);
    return zone_start + zone_size + page * MEM_PAGE_SIZE;
}

static void make_floor(struct guest_mem *mem)
{
    if (mem->stack_floor)
        return;
    void *at = mmap(mem_host(mem, zone_start), MEM_PAGE_SIZE, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != MAP_FAILED)
        mem->stack_floor = (gaddr_t)(uintptr_t)at;
}

long mem_map_stack(struct guest_mem *mem, const struct mem_stack *want)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    const int growing = flags | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE;
    if (mem->top)
        return mem_mmap(mem, mem->limit - want->size, want->size, want->prot, growing, -1, 0);
    make_floor(mem);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        const long at = mem_mmap(mem, zone_place(want->seed, i) - want->size, want->size, want->prot, growing, -1, 0);
        if (at >= 0 || at == -ENOMEM)
            return at;
    }
    /* A sanitizer has the zone for itself, or the guest's addresses end below it. */
    const uint64_t most = want->limit < FIXED_STACK ? want->limit : FIXED_STACK;
    const uint64_t size = want->size > most ? want->size : mem_page_up(most);
    return mem_mmap(mem, 0, size, want->prot, flags, -1, 0);
}
