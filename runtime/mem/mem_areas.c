/* SPDX-License-Identifier: Apache-2.0 */
/* The sorted array behind the guest's memory map.
 *
 * How: a change first makes a hole of exactly the range that changes (splitting at most two areas), then fills it and
 * joins it with neighbours that are alike. Programs have tens to thousands of areas, so moving the array's tail is
 * cheaper than a tree would be.
 *
 * Invariants
 * I1  Areas are sorted, not empty and disjoint.
 * I2  No two adjacent areas differ only in their bounds. */
#include "runtime/mem/mem_areas.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "src/base/log.h"

void mem_areas_fini(struct mem_areas *a)
{
    free(a->item);
    memset(a, 0, sizeof *a);
}

size_t mem_areas_index(const struct mem_areas *a, gaddr_t addr)
{
    size_t low = 0, high = a->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->item[middle].end > addr)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct mem_area *mem_areas_find(const struct mem_areas *a, gaddr_t addr)
{
    size_t i = mem_areas_index(a, addr);
    return i < a->count && a->item[i].start <= addr ? &a->item[i] : NULL;
}

static bool alike(const struct mem_area *x, const struct mem_area *y)
{
    return x->prot == y->prot && x->flags == y->flags && x->label == y->label && x->dev == y->dev && x->ino == y->ino &&
           x->writes_file == y->writes_file && x->segment == y->segment;
}

/* Makes room for n more areas. Out of memory ends the process, as in arena.h. */
static void grow(struct mem_areas *a, size_t n)
{
    if (a->count + n <= a->capacity)
        return;
    a->capacity = a->capacity ? a->capacity * 2 : 64;
    a->item = realloc(a->item, a->capacity * sizeof *a->item);
    if (!a->item)
        out_of_memory("the list of the guest's mappings");
}

static void insert_at(struct mem_areas *a, size_t i, const struct mem_area *area)
{
    grow(a, 1);
    memmove(&a->item[i + 1], &a->item[i], (a->count - i) * sizeof *a->item);
    a->item[i] = *area;
    a->count++;
}

static void remove_at(struct mem_areas *a, size_t i, size_t n)
{
    if (n == 0)
        return;
    memmove(&a->item[i], &a->item[i + n], (a->count - i - n) * sizeof *a->item);
    a->count -= n;
}

void mem_areas_clear(struct mem_areas *a, gaddr_t start, gaddr_t end)
{
    size_t i = mem_areas_index(a, start);
    if (i < a->count && a->item[i].start < start) {
        struct mem_area tail = a->item[i];
        a->item[i].end = start;
        i++;
        if (tail.end > end) {
            tail.start = end;
            insert_at(a, i, &tail);
            return;
        }
    }
    size_t last = i;
    while (last < a->count && a->item[last].end <= end)
        last++;
    remove_at(a, i, last - i);
    if (i < a->count && a->item[i].start < end)
        a->item[i].start = end;
}

void mem_areas_set(struct mem_areas *a, const struct mem_area *area)
{
    struct mem_area joined = *area;
    mem_areas_clear(a, joined.start, joined.end);
    size_t i = mem_areas_index(a, joined.start);
    if (i < a->count && a->item[i].start == joined.end && alike(&a->item[i], &joined)) {
        joined.end = a->item[i].end;
        remove_at(a, i, 1);
    }
    if (i > 0 && a->item[i - 1].end == joined.start && alike(&a->item[i - 1], &joined))
        a->item[i - 1].end = joined.end;
    else
        insert_at(a, i, &joined);
}

bool mem_areas_cover(const struct mem_areas *a, gaddr_t start, gaddr_t end, int prot)
{
    for (size_t i = mem_areas_index(a, start); start < end; i++) {
        if (i >= a->count || a->item[i].start > start || (a->item[i].prot & prot) != prot)
            return false;
        start = a->item[i].end;
    }
    return true;
}
