/* SPDX-License-Identifier: Apache-2.0 */
/* mremap as the guest sees it.
 *
 * How: arguments are checked in the kernel's order; then the host's call does the work, and the areas follow. The end
 * that a shrinking call cuts off is unmapped first, as munmap does it: it may have gaps in which something of tandem's
 * is. Newer kernels (6.17) move more than one mapping at once, with the gaps between them, if the size stays: then the
 * areas are moved one by one.
 *
 * Invariants
 * I1  No host call here touches a page that is neither in areas nor reserved just before by mem_claim_gaps_locked. */
#include <errno.h>

#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_limits.h"
#include "runtime/mem/mem_map.h"
#include "runtime/mem/mem_place.h"
#include "runtime/mem/mem_struct.h"

struct remap {
    gaddr_t old_start, old_end, new_start;
    uint64_t new_len;
    int flags;
};

/* Does the call say that the mapping goes to another place? */
static bool must_move(const struct remap *r) { return r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP); }

/* mremap to a place of our choice, which is reserved first. */
static void *remap_to_room(struct guest_mem *mem, const struct remap *r)
{
    struct mem_place p;
    mem_see_growth_locked(mem, 0, mem->limit);
    mem_place_begin(mem, &p, r->new_start, r->new_len, MEM_PAGE_SIZE);
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

/* One mapping, or none if the old range is empty. */
static long move_one(struct guest_mem *mem, const struct remap *r, struct mem_drop *drop)
{
    const bool fixed = r->flags & MREMAP_FIXED;
    const struct mem_area *area = mem_areas_find(&mem->areas, r->old_start);
    const uint64_t kept = r->flags & MREMAP_DONTUNMAP ? 0 : r->old_end - r->old_start;
    if (r->new_len > kept && !mem_is_within_limits_locked(mem, area, r->new_len - kept, fixed ? r->new_start : 0,
                                                          fixed ? r->new_start + r->new_len : 0))
        return -ENOMEM;
    if (fixed && !mem_claim_gaps_locked(mem, r->new_start, r->new_start + r->new_len))
        return -ENOMEM;
    /* A page that we protect is a mapping of its own for the host, which resizes one mapping at a time. */
    mem_forget_code_locked(mem, r->old_start, r->old_end, MEM_FORGET_WRITTEN, drop);
    struct mem_area first = *mem_areas_find(&mem->areas, r->old_start);
    void *at = host_remap(mem, r);
    if (at == MAP_FAILED) {
        const int error = errno;
        mem_see_unmapped_locked(mem, r->old_start, r->old_end, drop); /* the end of what shrinks */
        if (fixed) { /* the kernel may have unmapped the target before it failed */
            mem_see_unmapped_locked(mem, r->new_start, r->new_start + r->new_len, drop);
            mem_release_gaps_locked(mem, r->new_start, r->new_start + r->new_len);
        }
        return -error;
    }
    const gaddr_t to = (gaddr_t)(uintptr_t)at;
    first.start = to;
    first.end = to + r->new_len;
    if (to != r->old_start && r->old_start != r->old_end && !(r->flags & MREMAP_DONTUNMAP)) {
        mem_forget_code_locked(mem, r->old_start, r->old_end, MEM_FORGET_MAPPING, drop);
        mem_areas_clear(&mem->areas, r->old_start, r->old_end);
    }
    mem_forget_code_locked(mem, first.start, first.end, MEM_FORGET_MAPPING, drop);
    mem_areas_set(&mem->areas, &first);
    return (long)to;
}

/* Does the kernel move more than one mapping at once? */
static bool kernel_moves_many(void)
{
    enum { ROOM = 4 * MEM_PAGE_SIZE };
    char *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return false;
    mprotect(room, MEM_PAGE_SIZE, PROT_READ);
    const bool does = mremap(room, ROOM / 2, ROOM / 2, MREMAP_MAYMOVE | MREMAP_FIXED, room + ROOM / 2) != MAP_FAILED;
    munmap(room, ROOM);
    return does;
}

/* Several mappings, one after the other; what has moved stays moved when one fails. */
static long move_many(struct guest_mem *mem, const struct remap *r, struct mem_drop *drop)
{
    struct mem_area part;
    long result = 0;
    if (!(r->flags & MREMAP_FIXED) || r->old_end - r->old_start != r->new_len || !kernel_moves_many())
        return -EFAULT;
    for (gaddr_t a = r->old_start; result >= 0 && mem_first_part_locked(mem, a, r->old_end, &part); a = part.end) {
        const struct remap one = {.old_start = part.start,
                                  .old_end = part.end,
                                  .new_start = part.start - r->old_start + r->new_start,
                                  .new_len = part.end - part.start,
                                  .flags = r->flags};
        if (part.segment) /* the kernel does not take these along */
            return -EFAULT;
        result = move_one(mem, &one, drop);
    }
    return result < 0 ? result : (long)r->new_start;
}

static long move_locked(struct guest_mem *mem, const struct remap *r, struct mem_drop *drop)
{
    const struct mem_area *area = mem_areas_find(&mem->areas, r->old_start);
    return area->end >= r->old_end ? move_one(mem, r, drop) : move_many(mem, r, drop);
}

static long remap_locked(struct guest_mem *mem, struct remap *r, struct mem_drop *drop)
{
    mem_see_growth_locked(mem, r->old_start, r->old_end > r->old_start ? r->old_end : r->old_start + 1);
    const struct mem_area *area = mem_areas_find(&mem->areas, r->old_start);
    if (!area)
        return -EFAULT;
    if (r->old_start == r->old_end && !(area->flags & MAP_SHARED))
        return -EINVAL;
    const gaddr_t kept = r->old_start + r->new_len;
    if (kept > r->old_end || (must_move(r) && (kept == r->old_end || area->end >= r->old_end)))
        return move_locked(mem, r, drop);
    if (must_move(r) && area->end < kept)
        return -EFAULT;
    const long result = mem_unmap_locked(mem, kept, r->old_end, drop);
    r->old_end = kept;
    if (result < 0 || !must_move(r))
        return result < 0 ? result : (long)r->old_start;
    return move_locked(mem, r, drop);
}

/* The kernel's checks of the arguments alone. */
static bool is_sensible(const struct guest_mem *mem, const struct remap *r, uint64_t old_len)
{
    if (r->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP) || r->old_start % MEM_PAGE_SIZE ||
        r->new_len == 0 || mem_is_beyond(mem, r->new_len))
        return false;
    if (!must_move(r))
        return true;
    return r->new_start % MEM_PAGE_SIZE == 0 && !mem_is_beyond(mem, r->new_start) &&
           !mem_is_beyond(mem, r->new_start + r->new_len) && r->flags & MREMAP_MAYMOVE &&
           (!(r->flags & MREMAP_DONTUNMAP) || old_len == r->new_len) &&
           !(r->old_start + old_len > r->new_start && r->new_start + r->new_len > r->old_start);
}

long mem_mremap(struct guest_mem *mem, gaddr_t old_addr, uint64_t old_len, uint64_t new_len, int flags,
                gaddr_t new_addr)
{
    old_len = mem_page_up(old_len);
    struct remap r = {.old_start = old_addr,
                      .old_end = old_addr + old_len,
                      .new_start = new_addr,
                      .new_len = mem_page_up(new_len),
                      .flags = flags};
    if (!is_sensible(mem, &r, old_len) || mem_is_beyond(mem, new_len))
        return -EINVAL;
    if (!must_move(&r))
        r.new_start = 0;
    if (mem_is_beyond(mem, old_len) || mem_is_beyond(mem, r.old_end))
        return must_move(&r) || !mem_is_mapped(mem, old_addr) ? -EFAULT : -EINVAL;
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    long result = remap_locked(mem, &r, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}
