/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator for data that lives as long as one compilation and is freed whole.
 * Owned by one thread at a time. Allocation never fails visibly: out of memory ends the process with a message (the
 * kernel overcommits; a compiler that half-builds its IR helps nobody). */
#ifndef TANDEM_BASE_ARENA_H
#define TANDEM_BASE_ARENA_H

#include "src/base/types.h"

struct arena_chunk;
struct arena {
    struct arena_chunk *head; /* newest first */
    size_t used;              /* bytes used in head */
    size_t total;             /* bytes obtained from malloc, for statistics */
};

TANDEM_BEGIN_DECLS
void arena_init(struct arena *a);
void arena_fini(struct arena *a);
/* Forget everything allocated but keep the first chunk for reuse. */
void arena_reset(struct arena *a);
/* size bytes, zeroed, aligned to 16. */
void *arena_alloc(struct arena *a, size_t size);
/* The same, but the bytes are not zeroed: for large arrays that are filled anyway. */
void *arena_alloc_raw(struct arena *a, size_t size);
/* A list of *capacity elements of so many bytes, count of them in use, that has to grow: the new one, with what was in
 * use. *capacity is doubled, or is first. */
void *arena_grow(struct arena *a, const void *list, unsigned count, unsigned *capacity, unsigned first, size_t element);
/* printf into arena memory. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
TANDEM_END_DECLS

#endif
