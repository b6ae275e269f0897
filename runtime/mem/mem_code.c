/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that hold translated code: fetching, write protection, generations.
 *
 * How: a translator asks for protection of a page before it reads code there, and notes the page's generation. A write
 * by the guest then faults. The fault handler makes the page writable again, counts a new generation and has the engine
 * drop the translations. A translator publishes only if the generation is still the one that it noted: no write in
 * between is missed.
 * A page that faults too often (mem_set_fault_limit) is left writable for good; blocks there compare their bytes on
 * entry. Pages of shared mappings are treated the same from the start: they can change through an alias that never
 * faults; and pages of files that the process can write (mem_writers.h). So is the lowest page of a mapping that grows.
 *
 * Invariants
 * I1  MEM_PAGE_PROTECTED implies: the guest's area has PROT_WRITE, the host page has not.
 * I2  Flags and protected_pages change only under mem.lock (write). */
#include "runtime/mem/mem_code.h"

#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_struct.h"
#include "runtime/mem/mem_writers.h"

/* Where the executable mappings end that begin at or below pc and follow on each other, or a page behind pc; pc: there
 * is none. */
static gaddr_t executable_end(struct guest_mem *mem, gaddr_t pc)
{
    gaddr_t end = pc;
    pthread_rwlock_rdlock(&mem->lock);
    for (size_t i = mem_areas_index(&mem->areas, pc); i < mem->areas.count && end - pc < MEM_PAGE_SIZE; i++) {
        const struct mem_area *area = &mem->areas.item[i];
        if (area->start > end || !(area->prot & PROT_EXEC))
            break;
        end = area->end;
    }
    pthread_rwlock_unlock(&mem->lock);
    return end;
}

bool mem_fetch(struct guest_mem *mem, gaddr_t pc, const uint8_t **code, size_t *avail)
{
    gaddr_t end = executable_end(mem, pc);
    if (end == pc && mem_see_growth_at(mem, pc))
        end = executable_end(mem, pc);
    if (end == pc)
        return false;
    *code = mem_host(mem, pc);
    *avail = end - pc < MEM_PAGE_SIZE ? end - pc : MEM_PAGE_SIZE;
    return true;
}

uint64_t mem_generation(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    uint64_t sum = 0;
    for (gaddr_t a = mem_page_down(start); a < end; a += MEM_PAGE_SIZE) {
        const struct mem_page *page = mem_pages_find(&mem->pages, a);
        sum += page ? mem_page_generation(page) : 0;
    }
    return sum;
}

static bool all_are_code(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    for (gaddr_t a = mem_page_down(start); a < end; a += MEM_PAGE_SIZE) {
        const struct mem_page *page = mem_pages_find(&mem->pages, a);
        if (!page || !(mem_page_flags(page) & MEM_PAGE_CODE))
            return false;
    }
    return true;
}

static void protect_page_locked(struct guest_mem *mem, gaddr_t addr)
{
    const struct mem_area *area = mem_areas_find(&mem->areas, addr);
    if (!area)
        return;
    struct mem_page *page = mem_pages_make(&mem->pages, addr);
    unsigned flags = mem_page_flags(page) | MEM_PAGE_CODE;
    const bool grows_from = area->flags & MAP_GROWSDOWN && addr - area->start < MEM_PAGE_SIZE;
    if (area->flags & MAP_SHARED || grows_from ||
        mem_file_changes_locked(mem, area)) /* what grows has the rights of the lowest page */
        flags |= MEM_PAGE_VOLATILE;
    if ((area->prot & PROT_WRITE) && !(flags & (MEM_PAGE_PROTECTED | MEM_PAGE_VOLATILE))) {
        if (mprotect(mem_host(mem, addr), MEM_PAGE_SIZE, mem_host_prot(area->prot) & ~PROT_WRITE) == 0) {
            flags |= MEM_PAGE_PROTECTED;
            __atomic_fetch_add(&mem->protected_pages, 1, __ATOMIC_RELAXED);
        } else {
            flags |= MEM_PAGE_VOLATILE;
        }
    }
    mem_page_set_flags(page, flags);
}

uint64_t mem_protect_code(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    uint64_t generation = mem_generation(mem, start, end); /* before the flags are read: see mem_page_flags */
    if (all_are_code(mem, start, end))
        return generation;
    pthread_rwlock_wrlock(&mem->lock);
    for (gaddr_t a = mem_page_down(start); a < end; a += MEM_PAGE_SIZE)
        protect_page_locked(mem, a);
    generation = mem_generation(mem, start, end);
    pthread_rwlock_unlock(&mem->lock);
    return generation;
}

bool mem_code_is_volatile(struct guest_mem *mem, gaddr_t pc)
{
    const struct mem_page *page = mem_pages_find(&mem->pages, pc);
    return page && (mem_page_flags(page) & MEM_PAGE_VOLATILE);
}

void mem_note_self_write(struct guest_mem *mem, gaddr_t addr)
{
    pthread_rwlock_wrlock(&mem->lock);
    struct mem_page *page = mem_pages_find(&mem->pages, addr);
    if (page)
        mem_page_set_flags(page, mem_page_flags(page) | MEM_PAGE_SELF);
    pthread_rwlock_unlock(&mem->lock);
}

bool mem_code_is_writable(struct guest_mem *mem, gaddr_t pc)
{
    int prot = mem_prot_at(mem, pc);
    return prot >= 0 && (prot & PROT_WRITE);
}

bool mem_code_writes_itself(struct guest_mem *mem, gaddr_t pc)
{
    const struct mem_page *page = mem_pages_find(&mem->pages, pc);
    return page && (mem_page_flags(page) & MEM_PAGE_SELF);
}

bool mem_handle_write_fault(struct guest_mem *mem, gaddr_t addr)
{
    struct mem_page *page = mem_pages_find(&mem->pages, addr);
    if (!page)
        return false;
    struct mem_drop drop = {0, 0};
    bool again = false;
    pthread_rwlock_wrlock(&mem->lock);
    if (mem_page_flags(page) & MEM_PAGE_PROTECTED) {
        if (page->faults < UINT16_MAX)
            page->faults++;
        if (page->faults >= mem->fault_limit)
            mem_page_set_flags(page, mem_page_flags(page) | MEM_PAGE_VOLATILE);
        mem_forget_code_locked(mem, mem_page_down(addr), mem_page_down(addr) + MEM_PAGE_SIZE, MEM_FORGET_WRITTEN,
                               &drop);
        again = true;
    } else if (page->faults) {
        /* Another thread's fault on this page came first: if the guest may write, the access succeeds now. */
        const struct mem_area *area = mem_areas_find(&mem->areas, addr);
        again = area && (area->prot & PROT_WRITE);
    }
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return again;
}

bool mem_prepare_write(struct guest_mem *mem, gaddr_t addr, uint64_t len)
{
    if (!mem_any_protected(mem) || !len || addr + len < addr)
        return false;
    struct mem_drop drop = {0, 0};
    bool any = false;
    if (mem_pages_next(&mem->pages, mem_page_down(addr), addr + len, MEM_PAGE_PROTECTED) >= addr + len)
        return false;
    pthread_rwlock_wrlock(&mem->lock);
    gaddr_t end = addr + len;
    for (gaddr_t a = mem_page_down(addr); (a = mem_pages_next(&mem->pages, a, end, MEM_PAGE_PROTECTED)) < end;
         a += MEM_PAGE_SIZE) {
        mem_forget_code_locked(mem, a, a + MEM_PAGE_SIZE, MEM_FORGET_WRITTEN, &drop);
        any = true;
    }
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return any;
}
