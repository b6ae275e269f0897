/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of runtime/mem share. */
#ifndef TANDEM_RUNTIME_MEM_MEM_PRIVATE_H
#define TANDEM_RUNTIME_MEM_MEM_PRIVATE_H

#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_areas.h"
#include "runtime/mem/mem_pages.h"

struct guest_mem {
    pthread_rwlock_t lock;
    mem_invalidate_fn invalidate;
    void *invalidate_arg;
    struct mem_areas areas;
    struct mem_pages pages;
    size_t protected_pages; /* pages with MEM_PAGE_PROTECTED; see mem_any_protected */
    unsigned fault_limit;   /* mem_set_fault_limit */
    gaddr_t brk_start, brk;
    gaddr_t limit;       /* the guest's addresses end here */
    gaddr_t top;         /* 0: the host chooses addresses; else mappings go below this, as mem_place.c finds room */
    struct mem_shm *shm; /* attached segments */
};

/* A range whose translations have to go once mem.lock is free. */
struct mem_drop {
    gaddr_t start, end; /* empty: nothing to do */
};

/* No address and no size of the guest's may be more than this. */
static inline bool mem_is_beyond(const struct guest_mem *mem, uint64_t a) { return a > mem->limit; }

/* A search for room: places come one after another, the best first. */
struct mem_place {
    gaddr_t at;         /* the place at hand */
    gaddr_t hint, top;  /* what was asked for; where the search is */
    uint64_t len, unit; /* unit: alignment, a power of two */
    unsigned step;
};
/* Starts a search for len bytes, at hint if that is free (0: anywhere). */
void mem_place_begin(const struct guest_mem *mem, struct mem_place *p, gaddr_t hint, uint64_t len, uint64_t unit);
/* The next place that the guest does not use, in p->at; the host may have something there. False: there is none. Under
 * mem.lock. */
bool mem_place_next(const struct guest_mem *mem, struct mem_place *p);

static inline gaddr_t mem_page_down(gaddr_t a) { return a & ~(gaddr_t)(MEM_PAGE_SIZE - 1); }
static inline gaddr_t mem_page_up(gaddr_t a) { return (a + MEM_PAGE_SIZE - 1) & ~(gaddr_t)(MEM_PAGE_SIZE - 1); }

/* The host's rights for a page with the guest's rights prot: code is data, and readable. */
static inline int mem_host_prot(int prot)
{
    return (prot & (PROT_READ | PROT_WRITE)) | (prot & PROT_EXEC ? PROT_READ : 0);
}

/* Relaxed: a page that becomes protected after this was read is the race that mem_prepare_write documents. */
static inline bool mem_any_protected(const struct guest_mem *mem)
{
    return __atomic_load_n(&mem->protected_pages, __ATOMIC_RELAXED) != 0;
}

/* Why translations of a page go. */
enum mem_forget {
    MEM_FORGET_WRITTEN, /* its bytes change: what we protect becomes writable */
    MEM_FORGET_RIGHTS,  /* the caller sets the host's rights anew */
    MEM_FORGET_MAPPING, /* it is unmapped or replaced: its history goes, too */
};

/* Forgets code pages of [start, end): flags off, new generation. Under mem.lock (write). Grows drop by what had code.
 */
void mem_forget_code_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, enum mem_forget why,
                            struct mem_drop *drop);
/* Calls the invalidate hook if there is anything to drop. Without mem.lock. */
void mem_drop_code(struct guest_mem *mem, const struct mem_drop *drop);

/* mem_mmap and mem_munmap of page-aligned ranges. Under mem.lock (write). Address or 0, or -errno. */
long mem_map_locked(struct guest_mem *mem, const struct mem_area *want, int fd, uint64_t offset, struct mem_drop *drop);
long mem_unmap_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_drop *drop);
/* Takes the parts of [start, end) that the guest does not own yet, if the host has nothing there; false: it has, and
 * nothing was taken. release gives them back. Under mem.lock (write). */
bool mem_claim_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end);
void mem_release_gaps_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end);

#endif
