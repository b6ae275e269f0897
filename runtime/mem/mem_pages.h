/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of each page that holds, or held, translated code: a radix tree over page numbers.
 *
 * Threads: reading is lock-free. Changes are made under mem.lock (write). Nodes live as long as the tree. */
#ifndef TANDEM_RUNTIME_MEM_MEM_PAGES_H
#define TANDEM_RUNTIME_MEM_MEM_PAGES_H

#include "src/base/types.h"

enum mem_page_flag {
    MEM_PAGE_CODE = 1,      /* translations of this page may exist */
    MEM_PAGE_PROTECTED = 2, /* the guest may write here, the host may not: we took the right away */
    MEM_PAGE_VOLATILE = 4,  /* written too often, or through aliases: never protected, checked by content */
    MEM_PAGE_SELF = 8,      /* its own code has written to it: mem_code_writes_itself */
};

struct mem_page {
    uint32_t generation; /* see mem_page_generation */
    uint8_t flags;       /* enum mem_page_flag */
    uint8_t pad;
    uint16_t faults; /* write faults since the page was mapped; saturates */
};

enum {
    MEM_PAGE_SHIFT = 12,
    MEM_ADDRESS_BITS = 47,
    MEM_LEAF_BITS = 11,
    MEM_NODE_BITS = 12,
    MEM_ROOT_BITS = MEM_ADDRESS_BITS - MEM_PAGE_SHIFT - MEM_NODE_BITS - MEM_LEAF_BITS,
};

struct mem_page_leaf {
    struct mem_page page[1 << MEM_LEAF_BITS];
};
struct mem_page_node {
    struct mem_page_leaf *leaf[1 << MEM_NODE_BITS];
};
struct mem_pages {
    struct mem_page_node *node[1 << MEM_ROOT_BITS];
};

TANDEM_BEGIN_DECLS
void mem_pages_fini(struct mem_pages *p);
/* The page's record, or NULL: never held code (or no such address). Lock-free. */
struct mem_page *mem_pages_find(const struct mem_pages *p, gaddr_t addr);
/* The page's record, made if needed. addr < 2^47. Under mem.lock (write). */
struct mem_page *mem_pages_make(struct mem_pages *p, gaddr_t addr);
/* The first page at or after addr and below end that has a record and one of these flags; end if none. Skips what has
 * no records in big steps. */
gaddr_t mem_pages_next(const struct mem_pages *p, gaddr_t addr, gaddr_t end, unsigned flags);
TANDEM_END_DECLS

/* Flags and generation are a pair; each access is sequentially consistent.
 * Writer (mem.lock held): clears flags, then raises the generation.
 * Reader (no lock): reads the generation, then the flags.
 * A reader that still saw MEM_PAGE_CODE has read the generation before the writer raised it. It will find another
 * generation when it compares. */
static inline unsigned mem_page_flags(const struct mem_page *page)
{
    return __atomic_load_n(&page->flags, __ATOMIC_SEQ_CST);
}
static inline void mem_page_set_flags(struct mem_page *page, unsigned flags)
{
    __atomic_store_n(&page->flags, (uint8_t)flags, __ATOMIC_SEQ_CST);
}
static inline uint32_t mem_page_generation(const struct mem_page *page)
{
    return __atomic_load_n(&page->generation, __ATOMIC_SEQ_CST);
}
static inline void mem_page_new_generation(struct mem_page *page)
{
    __atomic_fetch_add(&page->generation, 1, __ATOMIC_SEQ_CST);
}

#endif
