/* SPDX-License-Identifier: Apache-2.0 */
/* System V shared memory in the guest's memory map.
 *
 * How: the host attaches and detaches. Areas have a number of the attachment that they are of; tandem has none of its
 * own. What a call has detached, which is not always a whole segment, is what the host has no longer. */
#include "runtime/mem/mem_shm.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_limits.h"
#include "runtime/mem/mem_map.h"
#include "runtime/mem/mem_place.h"
#include "runtime/mem/mem_struct.h"

/* The host's shmat. Where the host would choose a place, we choose one within the guest's reach. */
static void *host_attach(const struct guest_mem *mem, int shmid, gaddr_t addr, uint64_t len, int flags)
{
    struct mem_place p;
    if (!mem->top || addr)
        return shmat(shmid, mem_host(mem, addr), flags);
    mem_place_begin(mem, &p, 0, len, MEM_PAGE_SIZE);
    while (mem_place_next(mem, &p)) {
        void *at = shmat(shmid, mem_host(mem, p.at), flags);
        if (at != (void *)-1 || errno != EINVAL) /* EINVAL: something of the host's is there */
            return at;
    }
    errno = ENOMEM;
    return (void *)-1;
}

static long attach_locked(struct guest_mem *mem, int shmid, gaddr_t addr, int shmflg, struct mem_drop *drop)
{
    struct shmid_ds info;
    if (shmctl(shmid, IPC_STAT, &info) < 0)
        return -errno;
    const uint64_t len = mem_page_up(info.shm_segsz);
    const bool replace = addr && (shmflg & SHM_REMAP);
    const struct mem_area shared = {.flags = MAP_SHARED};
    if (!mem_is_within_limits_locked(mem, &shared, len, replace ? addr : 0, replace ? addr + len : 0))
        return -ENOMEM;
    if (replace && !mem_claim_gaps_locked(mem, addr, addr + len))
        return -EINVAL;
    void *at = host_attach(mem, shmid, addr, len, shmflg & ~SHM_EXEC);
    if (at == (void *)-1) {
        const int error = errno;
        if (replace)
            mem_release_gaps_locked(mem, addr, addr + len);
        return -error;
    }
    struct mem_area area = {.start = (gaddr_t)(uintptr_t)at, .flags = MAP_SHARED, .segment = ++mem->segments};
    area.end = area.start + len;
    area.prot = PROT_READ | (shmflg & SHM_RDONLY ? 0 : PROT_WRITE) | (shmflg & SHM_EXEC ? PROT_EXEC : 0);
    area.prot = mem_guest_prot(mem, area.prot);
    mem_forget_code_locked(mem, area.start, area.end, MEM_FORGET_MAPPING, drop);
    mem_areas_set(&mem->areas, &area);
    return (long)area.start;
}

long mem_shmat(struct guest_mem *mem, int shmid, gaddr_t addr, int shmflg)
{
    if (addr % MEM_PAGE_SIZE && !(shmflg & SHM_RND))
        return -EINVAL;
    addr = mem_page_down(addr);
    if (mem_is_beyond(mem, addr) || (!addr && (shmflg & SHM_REMAP)))
        return -EINVAL;
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    long result = attach_locked(mem, shmid, addr, shmflg, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}

/* What has gone of attachments from addr on: as the kernel, by the host's list. Parts may have been unmapped, moved
 * beside each other so that they are one area here, or have other mappings in their place. */
static void forget_detached_locked(struct guest_mem *mem, gaddr_t addr, struct mem_drop *drop)
{
    enum { PAGES = 512 };
    unsigned char resident[PAGES];
    struct mem_area part;
    for (gaddr_t a = addr; mem_first_part_locked(mem, a, mem->limit, &part); a = part.end) {
        for (gaddr_t at = part.start, next; part.segment && at < part.end; at = next) {
            next = part.end - at < PAGES * MEM_PAGE_SIZE ? part.end : at + PAGES * MEM_PAGE_SIZE;
            if (mincore(mem_host(mem, at), next - at, resident) != 0)
                mem_see_unmapped_locked(mem, at, next, drop);
        }
    }
}

long mem_shmdt(struct guest_mem *mem, gaddr_t addr)
{
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    const long result = shmdt(mem_host(mem, addr)) < 0 ? -errno : 0;
    if (result == 0)
        forget_detached_locked(mem, addr, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
    return result;
}
