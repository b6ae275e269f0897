/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the code cache are asked for before they are written. A page that comes by a fault costs more than making
 * it, most of all in a virtual machine: 25 us were measured, and 1 ms for a huge page, which is 512 of them.
 *
 * A chunk begins with small pages. What is asked for is a quarter of what is used, so that a small program stays small.
 * A chunk that is used for more, or whose thread has filled another one, gets huge pages: its metadata as far as it is
 * used, and both views of its code with those of its neighbours. Not all of a chunk's metadata is used, and where a
 * hypervisor has to find huge pages first, they cost up to 9 us for each 4 KiB. Where the kernel cannot do that (before
 * 6.1), small ones go on.
 *
 * I1  The kernel puts a huge page in place of small ones that are in use: nothing that runs or is read there notices.
 */
#define _GNU_SOURCE
#include "runtime/engine/code_pages.h"

#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

enum {
    MIN_AHEAD = 16 << 10,
    MAX_AHEAD = 256 << 10,
    HUGE_FROM = 256 << 10, /* bytes of metadata in a chunk */
    HUGE_DATA = 1 << 20,   /* bytes of metadata that there is room for, from which on a chunk has huge pages */
};

/* Asks for the next small pages of an area at once, if fewer than wanted bytes are there. Kernels before 5.14 do not
 * know the advice; their pages come one by one. */
static void touch_ahead(uint8_t *area, const uint8_t *view, size_t size, size_t used, size_t wanted, size_t *touched)
{
    if (*touched >= size || used + wanted <= *touched)
        return;
    size_t ahead = ALIGN_UP(used / 4, MIN_AHEAD);
    ahead = ahead < MIN_AHEAD ? MIN_AHEAD : ahead > MAX_AHEAD ? MAX_AHEAD : ahead;
    size_t begin = *touched > used ? *touched : ALIGN_DOWN(used, 4096);
    size_t end = begin + ahead > used + wanted ? begin + ahead : ALIGN_UP(used + wanted, 4096);
    end = end < size ? end : size;
    if (madvise(area + begin, end - begin, MADV_POPULATE_WRITE) == 0 && view)
        madvise((void *)(uintptr_t)(view + begin), end - begin, MADV_POPULATE_READ);
    *touched = end;
}

uint8_t *code_pages_reserve(size_t size)
{
    size_t more = size + CODE_PAGES_HUGE;
    uint8_t *at = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return at;
    uint8_t *start = (uint8_t *)ALIGN_UP((uintptr_t)at, (uintptr_t)CODE_PAGES_HUGE);
    if (start > at)
        munmap(at, (size_t)(start - at));
    if (at + more > start + size)
        munmap(start + size, (size_t)(at + more - (start + size)));
    return start;
}

/* It needs a small page to begin with. */
bool code_pages_collapse(void *at)
{
    return madvise(at, 4096, MADV_POPULATE_WRITE) == 0 && madvise(at, CODE_PAGES_HUGE, MADV_COLLAPSE) == 0;
}

/* Huge pages for what is used of the metadata and for the next bytes, one by one: the last one is not there before it
 * is needed. The first and the last may have metadata of a neighbour, too. */
static bool collapse_data(const struct code_cache *cc, struct cc_chunk *c, size_t wanted)
{
    size_t end = c->data_used + wanted < cc->data_size ? c->data_used + wanted : cc->data_size;
    while (c->data_touched < end) {
        uint8_t *page = (uint8_t *)ALIGN_DOWN((uintptr_t)(c->data + c->data_touched), (uintptr_t)CODE_PAGES_HUGE);
        if (!code_pages_collapse(page))
            return false;
        c->data_touched = (size_t)(page + CODE_PAGES_HUGE - c->data);
    }
    return true;
}

/* The executable view has the same page, and needs to be told. */
static bool collapse_code(const struct code_cache *cc, const struct cc_chunk *c)
{
    size_t start = ALIGN_DOWN((size_t)(c->rx - cc->rx), CODE_PAGES_HUGE);
    uint8_t *view = (uint8_t *)(uintptr_t)cc->rx + start;
    if (start + CODE_PAGES_HUGE > cc->size || !code_pages_collapse(cc->rw + start))
        return false;
    madvise(view, CODE_PAGES_HUGE, MADV_COLLAPSE);
    madvise(cc->rw + start, CODE_PAGES_HUGE, MADV_POPULATE_WRITE);
    madvise(view, CODE_PAGES_HUGE, MADV_POPULATE_READ);
    return true;
}

void code_pages_come(struct code_cache *cc, struct cc_chunk *c, bool filled)
{
    if (!c->huge && (filled || c->data_used >= HUGE_FROM)) {
        const size_t small = c->data_touched;
        c->huge = true;
        c->data_touched = 0;
        c->data_huge = cc->data_size >= HUGE_DATA && collapse_data(cc, c, MIN_AHEAD);
        c->data_touched = c->data_huge ? c->data_touched : small;
        if (collapse_code(cc, c))
            c->touched = cc->chunk_size;
    }
    code_pages_need(cc, c, MIN_AHEAD / 2, MIN_AHEAD / 2);
}

void code_pages_need(struct code_cache *cc, struct cc_chunk *c, size_t code, size_t data)
{
    touch_ahead(c->rw, c->rx, cc->chunk_size, c->used, code, &c->touched);
    if (c->data_huge && !collapse_data(cc, c, data))
        c->data_huge = false;
    if (!c->data_huge)
        touch_ahead(c->data, NULL, cc->data_size, c->data_used, data, &c->data_touched);
}
