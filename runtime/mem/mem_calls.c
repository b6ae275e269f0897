/* SPDX-License-Identifier: Apache-2.0 */
/* mmap, munmap, mprotect, mremap, madvise, msync and brk as the guest sees them.
 *
 * How: the host's call does the work; areas and code pages follow. Arguments are checked and rounded here; mem_map.c
 * maps and unmaps.
 *
 * Invariants
 * I1  No host call here touches a page that is neither in areas nor reserved just before by mem_claim_gaps_locked. */
#include "runtime/mem/mem_calls.h"

#include <errno.h>

#include "runtime/mem/mem_files.h"
#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_map.h"
#include "runtime/mem/mem_place.h"
#include "runtime/mem/mem_struct.h"
#include "runtime/mem/mem_writers.h"
#include "src/host/flags.h"

enum {
    /* Linux's generic flag values, the same for every 64-bit guest, and x86's HOST_MAP_32BIT. Others are dropped. */
    KNOWN_MAP_FLAGS = MAP_SHARED_VALIDATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE |
                      MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_SYNC | MAP_FIXED_NOREPLACE |
                      HOST_MAP_32BIT,
    GUEST_PROT_SEM = 8, /* without a meaning */
    KNOWN_PROT = PROT_READ | PROT_WRITE | PROT_EXEC,
};

static long map(struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t offset)
{
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    long result = mem_map_locked(mem, want, fd, offset, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

/* Is this how a dynamic linker maps the whole of a library, before it puts the segments in place? */
static bool is_code_file(const struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t id[2])
{
    return (want->flags & (MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS)) == MAP_PRIVATE && !(want->prot & PROT_WRITE) &&
           mem_file_id(mem, fd, id);
}

/* Maps a file at its place, if the guest leaves that open and nothing is there. */
static long map_file(struct guest_mem *mem, const struct mem_area *want, int fd, const uint64_t id[2])
{
    const bool open = !want->start && !(want->flags & HOST_MAP_32BIT) && mem_file_place(mem, id, 0);
    long at = -EEXIST;
    for (unsigned i = 0; i < MEM_FILE_ATTEMPTS && open && at == -EEXIST; i++) {
        struct mem_area placed = *want;
        placed.start = mem_file_place(mem, id, i);
        placed.end += placed.start;
        placed.flags |= MAP_FIXED_NOREPLACE;
        if (!mem_is_beyond(mem, placed.end))
            at = map(mem, &placed, fd, 0);
    }
    if (at < 0)
        at = map(mem, want, fd, 0);
    if (at >= 0)
        mem_note_file(mem, (gaddr_t)at, (gaddr_t)at + (want->end - want->start), id);
    return at;
}

long mem_mmap(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot, int flags, int fd, uint64_t offset)
{
    const bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    const unsigned huge_bits = (unsigned)flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
    uint64_t unit = MEM_PAGE_SIZE;
    flags &= KNOWN_MAP_FLAGS;
    if (flags & MAP_HUGETLB) {
        unit = 1ull << (huge_bits ? huge_bits : MEM_HUGE_PAGE_BITS);
        flags |= (int)(huge_bits << MAP_HUGE_SHIFT);
    }
    if (len == 0 || (fixed && addr % MEM_PAGE_SIZE) || mem_is_beyond(mem, unit))
        return -EINVAL;
    if (mem_is_beyond(mem, len) || (fixed && (mem_is_beyond(mem, addr) || mem_is_beyond(mem, addr + len))))
        return -ENOMEM;
    if (!fixed)
        addr = mem_is_beyond(mem, addr) ? 0 : mem_page_down(addr);
    struct mem_area want = {.start = addr,
                            .end = addr + ((len + unit - 1) & ~(unit - 1)),
                            .prot = mem_guest_prot(mem, prot & KNOWN_PROT),
                            .flags = flags};
    mem_identify(&want, fd);
    if (want.writes_file)
        mem_note_descriptor(mem, fd);
    uint64_t id[2];
    if (!fixed && offset == 0 && is_code_file(mem, &want, fd, id))
        return map_file(mem, &want, fd, id);
    return map(mem, &want, fd, offset);
}

/* Checks and rounds the range of a call. The caller decides what len 0 means. */
static long check_range(gaddr_t addr, uint64_t len, gaddr_t *end)
{
    *end = mem_page_up(addr + len);
    if (addr % MEM_PAGE_SIZE || *end < addr || addr + len < addr)
        return -EINVAL;
    return 0;
}

long mem_munmap(struct guest_mem *mem, gaddr_t addr, uint64_t len)
{
    gaddr_t end;
    if (len == 0 || check_range(addr, len, &end) < 0 || mem_is_beyond(mem, end))
        return -EINVAL;
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    long result = mem_unmap_locked(mem, addr, end, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

static long protect_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, int prot, struct mem_drop *drop)
{
    struct mem_area part;
    for (; start < end; start = part.end) {
        if (!mem_first_part_locked(mem, start, end, &part) || part.start != start)
            return -ENOMEM;
        if (part.prot == prot)
            continue;
        if (mprotect(mem_host(mem, start), part.end - start, mem_host_prot(prot)) < 0)
            return -errno;
        mem_forget_code_locked(mem, start, part.end, MEM_FORGET_RIGHTS, drop);
        part.prot = prot;
        mem_areas_set(&mem->areas, &part);
    }
    return 0;
}

/* PROT_GROWSDOWN: *addr becomes the start of the mapping that grows down to it. Nothing grows upwards. */
static long find_grown_locked(struct guest_mem *mem, gaddr_t *addr, gaddr_t end, int grows)
{
    struct mem_area part;
    if (!mem_first_part_locked(mem, *addr, end, &part))
        return -ENOMEM;
    const struct mem_area *area = mem_areas_find(&mem->areas, part.start);
    if (!(grows & PROT_GROWSDOWN)) /* the kernel looks whether it starts there first */
        return area->start > *addr ? -ENOMEM : -EINVAL;
    if (!(area->flags & MAP_GROWSDOWN))
        return -EINVAL;
    *addr = area->start;
    return 0;
}

long mem_mprotect(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot)
{
    gaddr_t end;
    const int grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
    prot &= ~grows;
    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || addr % MEM_PAGE_SIZE)
        return -EINVAL;
    if (len == 0)
        return 0;
    end = addr + mem_page_up(len);
    if (end <= addr)
        return -ENOMEM;
    if (prot & ~(KNOWN_PROT | GUEST_PROT_SEM))
        return -EINVAL;
    prot = mem_guest_prot(mem, prot & KNOWN_PROT);
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, end);
    long result = grows ? find_grown_locked(mem, &addr, end, grows) : 0;
    if (result == 0)
        result = protect_locked(mem, addr, end, prot, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

struct remap {
    gaddr_t old_start, old_end, new_start;
    uint64_t new_len;
    int flags;
};

/* mremap to a place of our choice, which is reserved first. */
static void *remap_to_room(struct guest_mem *mem, const struct remap *r)
{
    struct mem_place p;
    mem_see_growth_locked(mem, 0, mem->limit);
    mem_place_begin(mem, &p, 0, r->new_len, MEM_PAGE_SIZE);
    while (mem_place_next(mem, &p)) {
        if (!mem_claim_gaps_locked(mem, p.at, p.at + r->new_len))
            continue;
        void *at = mremap(mem_host(mem, r->old_start), r->old_end - r->old_start, r->new_len, r->flags | MREMAP_FIXED,
                          mem_host(mem, p.at));
        const int error = errno;
        if (at == MAP_FAILED)
            mem_release_gaps_locked(mem, p.at, p.at + r->new_len);
        errno = error;
        return at;
    }
    errno = ENOMEM;
    return MAP_FAILED;
}

/* The host's mremap. Where the host would choose a new place, we choose one within the guest's reach. */
static void *host_remap(struct guest_mem *mem, const struct remap *r)
{
    const uint64_t old_len = r->old_end - r->old_start;
    if (!mem->top || r->flags & MREMAP_FIXED)
        return mremap(mem_host(mem, r->old_start), old_len, r->new_len, r->flags, mem_host(mem, r->new_start));
    if (!(r->flags & MREMAP_DONTUNMAP) && !mem_is_beyond(mem, r->old_start + r->new_len)) {
        void *at = mremap(mem_host(mem, r->old_start), old_len, r->new_len, r->flags & ~MREMAP_MAYMOVE);
        if (at != MAP_FAILED || errno != ENOMEM || !(r->flags & MREMAP_MAYMOVE))
            return at;
    }
    if (r->flags & MREMAP_MAYMOVE)
        return remap_to_room(mem, r);
    errno = ENOMEM;
    return MAP_FAILED;
}

static long remap_locked(struct guest_mem *mem, const struct remap *r, struct mem_drop *drop)
{
    mem_see_growth_locked(mem, r->old_start, r->old_end > r->old_start ? r->old_end : r->old_start + 1);
    const struct mem_area *from = mem_areas_find(&mem->areas, r->old_start);
    if (!from || from->end < r->old_end)
        return -EFAULT;
    struct mem_area area = *from;
    const bool fixed = r->flags & MREMAP_FIXED;
    if (fixed && !mem_claim_gaps_locked(mem, r->new_start, r->new_start + r->new_len))
        return -ENOMEM;
    /* A page that we protect is a mapping of its own for the host, which moves one mapping at a time. */
    mem_forget_code_locked(mem, r->old_start, r->old_end, MEM_FORGET_WRITTEN, drop);
    void *at = host_remap(mem, r);
    if (at == MAP_FAILED) {
        const int error = errno;
        if (fixed)
            mem_release_gaps_locked(mem, r->new_start, r->new_start + r->new_len);
        return -error;
    }
    if (!(r->flags & MREMAP_DONTUNMAP)) {
        mem_forget_code_locked(mem, r->old_start, r->old_end, MEM_FORGET_MAPPING, drop);
        mem_areas_clear(&mem->areas, r->old_start, r->old_end);
    }
    area.start = (gaddr_t)(uintptr_t)at;
    area.end = area.start + r->new_len;
    mem_forget_code_locked(mem, area.start, area.end, MEM_FORGET_MAPPING, drop);
    mem_areas_set(&mem->areas, &area);
    return (long)area.start;
}

long mem_mremap(struct guest_mem *mem, gaddr_t old_addr, uint64_t old_len, uint64_t new_len, int flags,
                gaddr_t new_addr)
{
    struct remap r = {.old_start = old_addr, .new_start = new_addr, .new_len = mem_page_up(new_len), .flags = flags};
    const bool fixed = flags & MREMAP_FIXED;
    if (check_range(old_addr, old_len, &r.old_end) < 0 || r.new_len == 0 || mem_is_beyond(mem, new_len))
        return -EINVAL;
    if (fixed && (new_addr % MEM_PAGE_SIZE || mem_is_beyond(mem, new_addr) ||
                  mem_is_beyond(mem, new_addr + r.new_len) || !(flags & MREMAP_MAYMOVE)))
        return -EINVAL;
    if (fixed && new_addr < r.old_end && old_addr < new_addr + r.new_len)
        return -EINVAL;
    if (!fixed)
        r.new_start = 0;
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    long result = remap_locked(mem, &r, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

/* Does this advice change what the pages hold? */
static bool advice_changes_contents(int advice)
{
    enum { DONTNEED_LOCKED = 24 };
    return advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE || advice == DONTNEED_LOCKED;
}

long mem_madvise(struct guest_mem *mem, gaddr_t addr, uint64_t len, int advice)
{
    gaddr_t end;
    if (check_range(addr, len, &end) < 0)
        return -EINVAL;
    struct mem_drop drop = {0, 0};
    struct mem_area part;
    long result = 0;
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, end);
    if (addr == end && madvise(NULL, 0, advice) < 0) /* is the advice known? */
        result = -errno;
    for (gaddr_t a = addr; a < end && result != -EINVAL; a = part.end) {
        if (!mem_first_part_locked(mem, a, end, &part)) {
            result = -ENOMEM;
            break;
        }
        if (part.start != a)
            result = -ENOMEM; /* as the kernel: what is mapped gets the advice all the same */
        if (madvise(mem_host(mem, part.start), part.end - part.start, advice) < 0)
            result = -errno;
        else if (advice_changes_contents(advice))
            mem_forget_code_locked(mem, part.start, part.end, MEM_FORGET_WRITTEN, &drop);
    }
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

long mem_msync(struct guest_mem *mem, gaddr_t addr, uint64_t len, int flags)
{
    gaddr_t end;
    if (check_range(addr, len, &end) < 0)
        return -EINVAL;
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, end);
    bool owned = mem_areas_cover(&mem->areas, addr, end, PROT_NONE);
    pthread_rwlock_unlock(&mem->lock);
    if (!owned)
        return -ENOMEM;
    return msync(mem_host(mem, addr), end - addr, flags) < 0 ? -errno : 0;
}

void mem_set_brk(struct guest_mem *mem, gaddr_t start) { mem->brk_start = mem->brk = mem_page_up(start); }

void mem_set_read_executes(struct guest_mem *mem, bool on)
{
    __atomic_store_n(&mem->read_executes, on, __ATOMIC_RELAXED);
}

bool mem_read_executes(const struct guest_mem *mem) { return __atomic_load_n(&mem->read_executes, __ATOMIC_RELAXED); }

long mem_brk(struct guest_mem *mem, gaddr_t addr)
{
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    gaddr_t old_end = mem_page_up(mem->brk), new_end = mem_page_up(addr);
    long result = addr >= mem->brk_start && new_end >= addr && !mem_is_beyond(mem, new_end) ? 0 : -ENOMEM;
    if (result == 0 && new_end > old_end) {
        const struct mem_area heap = {.start = old_end,
                                      .end = new_end,
                                      .prot = mem_guest_prot(mem, PROT_READ | PROT_WRITE),
                                      .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
                                      .label = "[heap]"};
        result = mem_map_locked(mem, &heap, -1, 0, &drop);
    } else if (result == 0 && new_end < old_end) {
        result = mem_unmap_locked(mem, new_end, old_end, &drop);
    }
    if (result >= 0)
        mem->brk = addr;
    result = (long)mem->brk;
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}
