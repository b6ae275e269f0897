/* SPDX-License-Identifier: Apache-2.0 */
/* Radix tree of code pages: root -> node -> leaf -> struct mem_page.
 *
 * How: nodes and leaves are anonymous mappings (zeroed, resident only where touched), so that a sparse guest address
 * space costs a few pages, and no lock of malloc is involved.
 *
 * Invariants
 * I1  A pointer in the tree is set once, with release order, after what it points at is complete; it never changes
 * again. */
#include "runtime/mem/mem_pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "src/base/log.h"

static size_t root_index(gaddr_t addr) { return addr >> (MEM_PAGE_SHIFT + MEM_LEAF_BITS + MEM_NODE_BITS); }
static size_t node_index(gaddr_t addr) { return addr >> (MEM_PAGE_SHIFT + MEM_LEAF_BITS) & ((1 << MEM_NODE_BITS) - 1); }
static size_t leaf_index(gaddr_t addr) { return addr >> MEM_PAGE_SHIFT & ((1 << MEM_LEAF_BITS) - 1); }

/* I1; partner: publish_child. */
static void *load_child(void *const *slot) { return __atomic_load_n(slot, __ATOMIC_ACQUIRE); }
static void publish_child(void **slot, void *child) { __atomic_store_n(slot, child, __ATOMIC_RELEASE); }

static struct mem_page_leaf *find_leaf(const struct mem_pages *p, gaddr_t addr)
{
    if (addr >> MEM_ADDRESS_BITS)
        return NULL;
    const struct mem_page_node *node = load_child((void *const *)&p->node[root_index(addr)]);
    return node ? load_child((void *const *)&node->leaf[node_index(addr)]) : NULL;
}

struct mem_page *mem_pages_find(const struct mem_pages *p, gaddr_t addr)
{
    struct mem_page_leaf *leaf = find_leaf(p, addr);
    return leaf ? &leaf->page[leaf_index(addr)] : NULL;
}

static void *make_child(void **slot, size_t size)
{
    void *child = load_child(slot);
    if (child)
        return child;
    child = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (child == MAP_FAILED)
        out_of_memory("the table of the guest's pages");
    publish_child(slot, child);
    return child;
}

struct mem_page *mem_pages_make(struct mem_pages *p, gaddr_t addr)
{
    struct mem_page_node *node = make_child((void **)&p->node[root_index(addr)], sizeof *node);
    struct mem_page_leaf *leaf = make_child((void **)&node->leaf[node_index(addr)], sizeof *leaf);
    return &leaf->page[leaf_index(addr)];
}

gaddr_t mem_pages_next(const struct mem_pages *p, gaddr_t addr, gaddr_t end, unsigned flags)
{
    const gaddr_t page = 1ull << MEM_PAGE_SHIFT, leaf_span = page << MEM_LEAF_BITS,
                  node_span = leaf_span << MEM_NODE_BITS;
    while (addr < end && !(addr >> MEM_ADDRESS_BITS)) {
        if (!load_child((void *const *)&p->node[root_index(addr)])) {
            addr = (addr | (node_span - 1)) + 1;
            continue;
        }
        const struct mem_page_leaf *leaf = find_leaf(p, addr);
        if (!leaf) {
            addr = (addr | (leaf_span - 1)) + 1;
            continue;
        }
        if (mem_page_flags(&leaf->page[leaf_index(addr)]) & flags)
            return addr;
        addr = (addr | (page - 1)) + 1;
    }
    return end;
}

void mem_pages_fini(struct mem_pages *p)
{
    for (size_t i = 0; i < ARRAY_LEN(p->node); i++) {
        for (size_t k = 0; p->node[i] && k < ARRAY_LEN(p->node[i]->leaf); k++)
            if (p->node[i]->leaf[k])
                munmap(p->node[i]->leaf[k], sizeof *p->node[i]->leaf[k]);
        if (p->node[i])
            munmap(p->node[i], sizeof *p->node[i]);
    }
}
