/* SPDX-License-Identifier: Apache-2.0 */
/* Forgetting translated code whose pages change.
 *
 * Invariants
 * I1  The invalidate hook runs after generations have changed, without mem.lock. */
#include "runtime/mem/mem_forget.h"

#include "runtime/mem/mem_struct.h"

static void unprotect_locked(struct guest_mem *mem, gaddr_t addr)
{
    const struct mem_area *area = mem_areas_find(&mem->areas, addr);
    if (area)
        mprotect(mem_host(mem, addr), MEM_PAGE_SIZE, mem_host_prot(area->prot));
}

/* One page loses its translations; true if it had any. */
static bool forget_page_locked(struct guest_mem *mem, gaddr_t addr, enum mem_forget why)
{
    struct mem_page *page = mem_pages_find(&mem->pages, addr);
    unsigned flags = mem_page_flags(page);
    if (flags & MEM_PAGE_PROTECTED) {
        __atomic_fetch_sub(&mem->protected_pages, 1, __ATOMIC_RELAXED);
        if (why == MEM_FORGET_WRITTEN)
            unprotect_locked(mem, addr);
    }
    if (why == MEM_FORGET_MAPPING)
        page->faults = 0;
    mem_page_set_flags(page, why == MEM_FORGET_MAPPING ? 0 : flags & (MEM_PAGE_VOLATILE | MEM_PAGE_SELF));
    mem_page_new_generation(page);
    return flags & MEM_PAGE_CODE;
}

void mem_forget_code_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, enum mem_forget why,
                            struct mem_drop *drop)
{
    const unsigned any = MEM_PAGE_CODE | MEM_PAGE_PROTECTED | (why == MEM_FORGET_MAPPING ? MEM_PAGE_VOLATILE : 0);
    for (gaddr_t a = mem_page_down(start); (a = mem_pages_next(&mem->pages, a, end, any)) < end; a += MEM_PAGE_SIZE) {
        if (!forget_page_locked(mem, a, why))
            continue;
        if (drop->start == drop->end)
            drop->start = a;
        drop->end = a + MEM_PAGE_SIZE;
    }
}

void mem_drop_code(struct guest_mem *mem, const struct mem_drop *drop)
{
    if (drop->start != drop->end && mem->invalidate)
        mem->invalidate(mem->invalidate_arg, drop->start, drop->end);
}
