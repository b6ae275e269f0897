/* SPDX-License-Identifier: Apache-2.0 */
/* The records of one NAME.idx in memory, found by guest address and mode. Not thread-safe: store.c's lock guards it. */
#ifndef TANDEM_RUNTIME_STORE_INDEX_H
#define TANDEM_RUNTIME_STORE_INDEX_H

#include "runtime/store/format.h"

/* A bit for each value of a short hash: set if a record may have it. */
enum { STORE_SEEN_BITS = 14 };

struct store_index {
    struct store_record *records; /* in the file's order; a size of 0: dropped */
    uint32_t *next;               /* of each record: the next older one in its bucket + 1; 0: none */
    uint32_t *bucket;             /* 1 << bits: the newest record + 1; 0: none */
    uint32_t count, capacity;
    unsigned bits;
    uint64_t seen[(1 << STORE_SEEN_BITS) / 64]; /* most that is looked for is not there */
};

TANDEM_BEGIN_DECLS
void store_index_fini(struct store_index *x);
/* False: no memory. */
bool store_index_add(struct store_index *x, const struct store_record *r);
/* The newest record of pc and mode behind (older than) number *at, which then is its number. *at begins as
 * STORE_NEWEST. NULL: there is none. */
const struct store_record *store_index_find(const struct store_index *x, gaddr_t pc, uint32_t mode, uint32_t *at);
/* The record is not found any more. */
void store_index_drop(struct store_index *x, uint32_t at);
TANDEM_END_DECLS

#endif
