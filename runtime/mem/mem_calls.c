/* SPDX-License-Identifier: Apache-2.0 */
/* mmap, munmap, mprotect, madvise, msync and brk as the guest sees them.
 *
 * How: the host's call does the work; areas and code pages follow. Arguments are checked and rounded here; mem_map.c
 * maps and unmaps.
 *
 * Invariants
 * I1  No host call here touches a page that is neither in areas nor reserved just before by mem_claim_gaps_locked. */
#include "runtime/mem/mem_calls.h"

#include <errno.h>
#include <fcntl.h>

#include "runtime/mem/mem_files.h"
#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_limits.h"
#include "runtime/mem/mem_map.h"
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
    const bool validate = (flags & MAP_TYPE) == MAP_SHARED_VALIDATE && !(flags & MAP_ANONYMOUS);
    const bool unknown = flags & ~(KNOWN_MAP_FLAGS | MAP_DENYWRITE | MAP_EXECUTABLE);
    uint64_t unit = MEM_PAGE_SIZE;
    flags &= KNOWN_MAP_FLAGS;
    if (flags & MAP_HUGETLB) {
        unit = 1ull << (huge_bits ? huge_bits : MEM_HUGE_PAGE_BITS);
        flags |= (int)(huge_bits << MAP_HUGE_SHIFT);
    }
    if (offset % MEM_PAGE_SIZE)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS) && fcntl(fd, F_GETFL) < 0)
        return -EBADF;
    if (len == 0 || mem_is_beyond(mem, unit))
        return -EINVAL;
    if (mem_is_beyond(mem, len) || (fixed && (mem_is_beyond(mem, addr) || mem_is_beyond(mem, addr + len))))
        return -ENOMEM;
    if (fixed && addr % MEM_PAGE_SIZE)
        return -EINVAL;
    if (validate && unknown)
        return -EOPNOTSUPP;
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
        struct mem_area want = part;
        want.prot = prot;
        if (!mem_is_within_limits_locked(mem, &want, part.end - part.start, part.start, part.end))
            return -ENOMEM;
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
    const gaddr_t host = mem_host_start(part.start); /* whether the kernel has joined neighbours is its own affair */
    *addr = host > area->start ? host : area->start;
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

/* Does this advice change what the pages hold? */
static bool advice_changes_contents(int advice)
{
    enum { DONTNEED_LOCKED = 24 };
    return advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE || advice == DONTNEED_LOCKED;
}

/* As the kernel: what is mapped gets the advice even if there are gaps, up to the first mapping that does not take it.
 * Populating ends at a gap. */
static long advise_locked(struct guest_mem *mem, gaddr_t addr, gaddr_t end, int advice, struct mem_drop *drop)
{
    enum { POPULATE_READ = 22, POPULATE_WRITE = 23 };
    const bool populates = advice == POPULATE_READ || advice == POPULATE_WRITE;
    struct mem_area part;
    long result = 0;
    for (; addr < end; addr = part.end) {
        const bool found = mem_first_part_locked(mem, addr, end, &part);
        if (!found || part.start != addr)
            result = -ENOMEM;
        if (!found || (populates && result))
            break;
        if (madvise(mem_host(mem, part.start), part.end - part.start, advice) < 0)
            return -errno;
        if (advice_changes_contents(advice))
            mem_forget_code_locked(mem, part.start, part.end, MEM_FORGET_WRITTEN, drop);
    }
    return result;
}

long mem_madvise(struct guest_mem *mem, gaddr_t addr, uint64_t len, int advice)
{
    gaddr_t end;
    if (madvise(NULL, 0, advice) < 0) /* is the advice known? */
        return -errno;
    if (check_range(addr, len, &end) < 0 || (len && end == addr))
        return -EINVAL;
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, end);
    const long result = advise_locked(mem, addr, end, advice, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

/* As the kernel: what is mapped is written, and a gap is an error in the end. */
static long sync_locked(struct guest_mem *mem, gaddr_t addr, gaddr_t end, int flags)
{
    struct mem_area part;
    long result = 0;
    for (; addr < end; addr = part.end) {
        if (!mem_first_part_locked(mem, addr, end, &part))
            return -ENOMEM;
        if (part.start != addr)
            result = -ENOMEM;
        if (msync(mem_host(mem, part.start), part.end - part.start, flags) < 0)
            return -errno;
    }
    return result;
}

long mem_msync(struct guest_mem *mem, gaddr_t addr, uint64_t len, int flags)
{
    const gaddr_t end = addr + mem_page_up(len);
    if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || addr % MEM_PAGE_SIZE ||
        (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
        return -EINVAL;
    if (end < addr)
        return -ENOMEM;
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, addr, end);
    const long result = sync_locked(mem, addr, end, flags);
    pthread_rwlock_unlock(&mem->lock);
    return result;
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
