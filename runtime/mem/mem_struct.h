/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest_mem, for the files of runtime/mem. The other files of this folder lie above this one. */
#ifndef TANDEM_RUNTIME_MEM_MEM_STRUCT_H
#define TANDEM_RUNTIME_MEM_MEM_STRUCT_H

#include <pthread.h>
#include <sys/mman.h>

#include "runtime/mem/mem_areas.h"
#include "runtime/mem/mem_files.h"
#include "runtime/mem/mem_pages.h"
#include "runtime/mem/mem_types.h"

/* A file that private mappings had code of (mem_writers.c). It stays for good. */
struct mem_code_file {
    uint64_t dev, ino;
    bool changes; /* the process has, or had, something to write it with */
};

struct guest_mem {
    pthread_rwlock_t lock;
    mem_invalidate_fn invalidate;
    void *invalidate_arg;
    struct mem_areas areas;
    struct mem_pages pages;
    size_t protected_pages; /* pages with MEM_PAGE_PROTECTED; see mem_any_protected */
    unsigned fault_limit;   /* mem_set_fault_limit */
    gaddr_t brk_start, brk;
    bool read_executes;  /* mem_set_read_executes; atomic */
    gaddr_t limit;       /* the guest's addresses end here */
    gaddr_t stack_floor; /* a page of ours below the zone of the first stack (mem_grow.c), or 0 */
    gaddr_t top;         /* 0: the host chooses addresses. Else mappings go below this, where mem_place.c finds room */
    unsigned segments;   /* how often one was attached */
    bool is_limited;     /* mem_limits.h */
    uint64_t limit_all, limit_data;
    struct mem_files files;
    struct mem_code_file *code_files; /* mem_writers.h */
    size_t code_file_count;
    bool has_memory_file; /* atomic */
};

/* No address and no size of the guest's may be more than this. */
static inline bool mem_is_beyond(const struct guest_mem *mem, uint64_t a) { return a > mem->limit; }

static inline gaddr_t mem_page_down(gaddr_t a) { return a & ~(gaddr_t)(MEM_PAGE_SIZE - 1); }
static inline gaddr_t mem_page_up(gaddr_t a) { return (a + MEM_PAGE_SIZE - 1) & ~(gaddr_t)(MEM_PAGE_SIZE - 1); }

/* The host's rights for a page with the guest's rights prot: code is data, and readable. */
static inline int mem_host_prot(int prot)
{
    return (prot & (PROT_READ | PROT_WRITE)) | (prot & PROT_EXEC ? PROT_READ : 0);
}

/* The guest's rights where it asks for prot. */
static inline int mem_guest_prot(const struct guest_mem *mem, int prot)
{
    const bool executes = __atomic_load_n(&mem->read_executes, __ATOMIC_RELAXED);
    return prot & PROT_READ && executes ? prot | PROT_EXEC : prot;
}

/* Relaxed: a page that becomes protected after this was read is the race that mem_prepare_write documents. */
static inline bool mem_any_protected(const struct guest_mem *mem)
{
    return __atomic_load_n(&mem->protected_pages, __ATOMIC_RELAXED) != 0;
}

#endif
