/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocation in a list of chunks, newest first.
 *
 * I1  Everything is in one chunk until it is full; a new chunk is at least twice as large as the one before it, up to a
 *     cap, so the number of chunks is logarithmic in what one compilation uses.
 * I2  Memory is cleared when it is handed out (but for arena_alloc_raw), because a reset arena hands the same bytes out
 *     again. */
#include "src/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"

enum { FIRST_CHUNK = 64 << 10, LARGEST_CHUNK = 4 << 20, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* bytes in data */
    TANDEM_ALIGNED(16) char data[];
};

void arena_init(struct arena *a) { *a = (struct arena){0}; }

static void free_chunks(struct arena *a, struct arena_chunk *keep)
{
    while (a->head != keep) {
        struct arena_chunk *c = a->head;
        a->head = c->older;
        a->total -= c->size;
        free(c);
    }
}

void arena_fini(struct arena *a)
{
    free_chunks(a, NULL);
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *first = a->head;
    while (first && first->older)
        first = first->older;
    free_chunks(a, first);
    a->used = 0;
}

static void add_chunk(struct arena *a, size_t need)
{
    size_t size = a->head ? a->head->size * 2 : FIRST_CHUNK;
    if (size > LARGEST_CHUNK)
        size = LARGEST_CHUNK;
    if (size < need)
        size = need;
    struct arena_chunk *c = malloc(sizeof *c + size);
    if (!c)
        out_of_memory("the translator");
    c->older = a->head;
    c->size = size;
    a->head = c;
    a->used = 0;
    a->total += size;
}

void *arena_alloc_raw(struct arena *a, size_t size)
{
    size = ALIGN_UP(size, ALIGNMENT);
    if (!a->head || a->head->size - a->used < size)
        add_chunk(a, size);
    void *p = a->head->data + a->used;
    a->used += size;
    return p;
}

void *arena_alloc(struct arena *a, size_t size) { return memset(arena_alloc_raw(a, size), 0, size); /* I2 */ }

void *arena_grow(struct arena *a, const void *list, unsigned count, unsigned *capacity, unsigned first, size_t element)
{
    *capacity = *capacity ? *capacity * 2 : first;
    void *more = arena_alloc(a, *capacity * element);
    if (count)
        memcpy(more, list, count * element);
    return more;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    size_t size = len < 0 ? 1 : (size_t)len + 1;
    char *text = arena_alloc(a, size);
    if (size <= sizeof small)
        memcpy(text, small, size - 1); /* already terminated: I2 */
    else
        vsnprintf(text, size, fmt, again);
    va_end(again);
    return text;
}
