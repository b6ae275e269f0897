/* SPDX-License-Identifier: Apache-2.0 */
/* mmap, munmap, mprotect, mremap, madvise and msync as the guest sees them.
 *
 * How: the host's call does the work; areas and code pages follow. The host chooses addresses that are not fixed, so it
 * keeps the guest clear of tandem by itself. A fixed range is first completed: what the guest does not own in it is
 * reserved with MAP_FIXED_NOREPLACE, which fails where tandem has something; only then is it replaced.
 *
 * Invariants
 * I1  No host call here touches a page that is neither in areas nor reserved just before by mem_claim_gaps_locked. */
#include <errno.h>
#include <string.h>

#include "runtime/mem/mem_private.h"
#include "src/host/flags.h"

enum {
    /* Linux's generic flag values, the same for every 64-bit guest, and x86's HOST_MAP_32BIT. Others are dropped. */
    KNOWN_MAP_FLAGS = MAP_SHARED_VALIDATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE |
                      MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_SYNC | MAP_FIXED_NOREPLACE |
                      HOST_MAP_32BIT,
    KEPT_MAP_FLAGS = MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN,
    KNOWN_PROT = PROT_READ | PROT_WRITE | PROT_EXEC,
    HUGE_PAGE_BITS = 21,
};

/* The first part of [*cursor, end) that is in no area; moves cursor behind it. False: there is none. */
static bool next_gap(const struct mem_areas *areas, gaddr_t *cursor, gaddr_t end, gaddr_t *gap_end)
{
    size_t i = mem_areas_index(areas, *cursor);
    while (i < areas->count && areas->item[i].start <= *cursor && *cursor < end)
        *cursor = areas->item[i++].end;
    if (*cursor >= end)
        return false;
    *gap_end = i < areas->count && areas->item[i].start < end ? areas->item[i].start : end;
    return true;
}

void mem_release_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    gaddr_t gap_end;
    for (gaddr_t a = start; next_gap(&mem->areas, &a, end, &gap_end); a = gap_end)
        munmap(mem_host(mem, a), gap_end - a);
}

bool mem_claim_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    gaddr_t gap_end;
    for (gaddr_t a = start; next_gap(&mem->areas, &a, end, &gap_end); a = gap_end) {
        void *at = mmap(mem_host(mem, a), gap_end - a, PROT_NONE, flags, -1, 0);
        if (at == mem_host(mem, a))
            continue;
        if (at != MAP_FAILED)
            munmap(at, gap_end - a); /* a kernel that does not know the flag takes the address as a hint */
        mem_release_gaps_locked(mem, start, a);
        return false;
    }
    return true;
}

/* The host's mmap; what is not fixed, at a place of our choice if the host's would be out of the guest's reach. */
static void *host_map(const struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t offset)
{
    const uint64_t len = want->end - want->start;
    const int prot = mem_host_prot(want->prot), fixed = want->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    if (!mem->top || fixed)
        return mmap(mem_host(mem, want->start), len, prot, want->flags, fd, (off_t)offset);
    struct mem_place p;
    mem_place_begin(mem, &p, want->start, len, want->flags & MAP_HUGETLB ? 1ull << HUGE_PAGE_BITS : MEM_PAGE_SIZE);
    while (mem_place_next(mem, &p)) {
        void *at = mmap(mem_host(mem, p.at), len, prot, (want->flags & ~HOST_MAP_32BIT) | MAP_FIXED_NOREPLACE, fd,
                        (off_t)offset);
        if (at != MAP_FAILED || errno != EEXIST)
            return at;
    }
    errno = ENOMEM;
    return MAP_FAILED;
}

long mem_map_locked(struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t offset, struct mem_drop *drop)
{
    const uint64_t len = want->end - want->start;
    const bool replace = (want->flags & MAP_FIXED) && !(want->flags & MAP_FIXED_NOREPLACE);
    if (replace && !mem_claim_gaps_locked(mem, want->start, want->end))
        return -ENOMEM;
    void *at = host_map(mem, want, fd, offset);
    if (at == MAP_FAILED) {
        const int error = errno;
        if (replace)
            mem_release_gaps_locked(mem, want->start, want->end);
        return -error;
    }
    if ((want->flags & MAP_FIXED_NOREPLACE) && at != mem_host(mem, want->start)) {
        munmap(at, len); /* an old kernel, or a sanitizer that keeps the place for itself */
        return -EEXIST;
    }
    struct mem_area area = *want;
    area.start = (gaddr_t)(uintptr_t)at;
    area.end = area.start + len;
    area.flags = want->flags & KEPT_MAP_FLAGS;
    if ((area.flags & MAP_SHARED) && (area.flags & MAP_PRIVATE)) /* MAP_SHARED_VALIDATE */
        area.flags &= ~MAP_PRIVATE;
    mem_forget_code_locked(mem, area.start, area.end, MEM_FORGET_MAPPING, drop);
    mem_areas_set(&mem->areas, &area);
    return (long)area.start;
}

long mem_mmap(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot, int flags, int fd, uint64_t offset)
{
    const bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    const unsigned huge_bits = (unsigned)flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
    uint64_t unit = MEM_PAGE_SIZE;
    flags &= KNOWN_MAP_FLAGS;
    if (flags & MAP_HUGETLB) {
        unit = 1ull << (huge_bits ? huge_bits : HUGE_PAGE_BITS);
        flags |= (int)(huge_bits << MAP_HUGE_SHIFT);
    }
    if (len == 0 || (fixed && addr % MEM_PAGE_SIZE) || mem_is_beyond(mem, unit))
        return -EINVAL;
    if (mem_is_beyond(mem, len) || (fixed && (mem_is_beyond(mem, addr) || mem_is_beyond(mem, addr + len))))
        return -ENOMEM;
    if (!fixed)
        addr = mem_is_beyond(mem, addr) ? 0 : mem_page_down(addr);
    const struct mem_area want = {addr, addr + ((len + unit - 1) & ~(unit - 1)), prot & KNOWN_PROT, flags, NULL};
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    long result = mem_map_locked(mem, &want, fd, offset, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

/* The part of the first area at or behind start that lies in [start, end); false: there is none. */
static bool first_part(const struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_area *part)
{
    size_t i = mem_areas_index(&mem->areas, start);
    if (i >= mem->areas.count || mem->areas.item[i].start >= end)
        return false;
    *part = mem->areas.item[i];
    part->start = part->start > start ? part->start : start;
    part->end = part->end < end ? part->end : end;
    return true;
}

long mem_unmap_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_drop *drop)
{
    struct mem_area part;
    for (; first_part(mem, start, end, &part); start = part.end) {
        if (munmap(mem_host(mem, part.start), part.end - part.start) < 0)
            return -errno;
        mem_forget_code_locked(mem, part.start, part.end, MEM_FORGET_MAPPING, drop);
        mem_areas_clear(&mem->areas, part.start, part.end);
    }
    return 0;
}

/* Checks and rounds the range of a call; len 0 is the caller's business. */
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
        if (!first_part(mem, start, end, &part) || part.start != start)
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

long mem_mprotect(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot)
{
    gaddr_t end;
    const bool down = prot & PROT_GROWSDOWN;
    prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
    if (check_range(addr, len, &end) < 0 || (prot & ~KNOWN_PROT))
        return -EINVAL;
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    const struct mem_area *area = down ? mem_areas_find(&mem->areas, addr) : NULL;
    if (area) /* the whole stack: ours is mapped whole and does not grow */
        addr = area->start;
    long result = protect_locked(mem, addr, end, prot, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

struct remap {
    gaddr_t old_start, old_end, new_start;
    uint64_t new_len;
    int flags;
};

/* mremap to a place of our choice: reserved first, then moved over. */
static void *remap_to_room(struct guest_mem *mem, const struct remap *r)
{
    struct mem_place p;
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

/* The host's mremap; where it would have to choose a new place and that has to be within the guest's reach, we do. */
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
    const struct mem_area *from = mem_areas_find(&mem->areas, r->old_start);
    if (!from || from->end < r->old_end)
        return -EFAULT;
    struct mem_area area = *from;
    const bool fixed = r->flags & MREMAP_FIXED;
    if (fixed && !mem_claim_gaps_locked(mem, r->new_start, r->new_start + r->new_len))
        return -ENOMEM;
    /* Pages that we protect are host mappings of their own; the host moves only one at a time. */
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
    if (addr == end && madvise(NULL, 0, advice) < 0) /* is the advice known? */
        result = -errno;
    for (gaddr_t a = addr; a < end && result != -EINVAL; a = part.end) {
        if (!first_part(mem, a, end, &part)) {
            result = -ENOMEM;
            break;
        }
        if (part.start != a)
            result = -ENOMEM; /* reported at the end; what is mapped is advised on all the same */
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
    pthread_rwlock_rdlock(&mem->lock);
    bool owned = mem_areas_cover(&mem->areas, addr, end, PROT_NONE);
    pthread_rwlock_unlock(&mem->lock);
    if (!owned)
        return -ENOMEM;
    return msync(mem_host(mem, addr), end - addr, flags) < 0 ? -errno : 0;
}
