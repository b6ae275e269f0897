/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping and unmapping ranges of the guest's, without mapping over anything of tandem's.
 *
 * How: the host chooses addresses that are not fixed, so it keeps the guest clear of tandem by itself. A fixed range is
 * first completed: what the guest does not own in it is reserved with MAP_FIXED_NOREPLACE, which fails where tandem has
 * something. Only then is the range replaced.
 *
 * Invariants
 * I1  No host call here touches a page that is neither in areas nor reserved just before by mem_claim_gaps_locked. */
#include "runtime/mem/mem_map.h"

#include <errno.h>

#include "runtime/mem/mem_files.h"
#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_limits.h"
#include "runtime/mem/mem_place.h"
#include "runtime/mem/mem_struct.h"
#include "src/host/flags.h"

enum { KEPT_MAP_FLAGS = MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN };

/* Moves *cursor to the first part of [*cursor, end) that is in no area. False: there is none. */
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

static bool claim_gaps(struct guest_mem *mem, gaddr_t start, gaddr_t end)
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

bool mem_claim_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    mem_see_growth_locked(mem, start, end);
    if (claim_gaps(mem, start, end))
        return true;
    mem_see_growth_locked(mem, start, end); /* another thread's stack may have grown in between */
    return claim_gaps(mem, start, end);
}

/* The host's mmap. What is not fixed goes to a place of our choice if the host's could be out of the guest's reach. */
static void *host_map(struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t offset)
{
    const uint64_t len = want->end - want->start;
    const int prot = mem_host_prot(want->prot), fixed = want->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    if (!mem->top || fixed)
        return mmap(mem_host(mem, want->start), len, prot, want->flags, fd, (off_t)offset);
    int flags = (want->flags & ~HOST_MAP_32BIT) | MAP_FIXED_NOREPLACE;
    if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE && !(flags & (MAP_SYNC | MAP_ANONYMOUS)))
        flags ^= MAP_SHARED_VALIDATE ^ MAP_SHARED; /* the flag of ours is none that it may go with */
    struct mem_place p;
    mem_see_growth_locked(mem, 0, mem->limit);
    mem_place_begin(mem, &p, want->start, len, want->flags & MAP_HUGETLB ? 1ull << MEM_HUGE_PAGE_BITS : MEM_PAGE_SIZE);
    while (mem_place_next(mem, &p)) {
        void *at = mmap(mem_host(mem, p.at), len, prot, flags, fd, (off_t)offset);
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
    if (!mem_is_within_limits_locked(mem, want, len, replace ? want->start : 0, replace ? want->end : 0))
        return -ENOMEM;
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

bool mem_first_part_locked(const struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_area *part)
{
    size_t i = mem_areas_index(&mem->areas, start);
    if (start >= end || i >= mem->areas.count || mem->areas.item[i].start >= end)
        return false;
    *part = mem->areas.item[i];
    part->start = part->start > start ? part->start : start;
    part->end = part->end < end ? part->end : end;
    return true;
}

long mem_unmap_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_drop *drop)
{
    const gaddr_t first = start;
    struct mem_area part;
    mem_see_growth_locked(mem, start, end);
    for (; mem_first_part_locked(mem, start, end, &part); start = part.end) {
        if (munmap(mem_host(mem, part.start), part.end - part.start) < 0)
            return -errno;
        mem_forget_code_locked(mem, part.start, part.end, MEM_FORGET_MAPPING, drop);
        mem_areas_clear(&mem->areas, part.start, part.end);
    }
    mem_forget_files_locked(mem, first, end);
    return 0;
}
