/* SPDX-License-Identifier: Apache-2.0 */
/* The code cache: one piece of shared memory mapped twice (executable at rx, writable elsewhere), cut into chunks. Each
 * chunk has a data part for the metadata of the code in it, within reach of rip-relative addressing. A thread checks a
 * chunk out for one translation and back in; it gets the same one again unless memory is short, so threads write to
 * different chunks. When no chunk has room, the oldest is evicted: its code is retired and, after a grace period, the
 * chunk is reused whole.
 *
 * I1  No page is mapped writable and executable at once.
 * I2  A chunk that is checked out belongs to that thread alone.
 */
#ifndef TANDEM_RUNTIME_ENGINE_CODE_CACHE_H
#define TANDEM_RUNTIME_ENGINE_CODE_CACHE_H

#include <pthread.h>

#include "src/base/status.h"
#include "src/base/types.h"

struct tb;

enum { CC_PAGE = 4096, CC_CODE_ALIGN = 8, CC_NEAR = 32 << 10 };

enum cc_state { CC_FREE, CC_OPEN, CC_OUT, CC_FULL, CC_RETIRING };

struct cc_chunk {
    uint8_t *rw;
    const uint8_t *rx;
    uint8_t *data;
    size_t used, data_used;
    size_t touched, data_touched; /* bytes from the start whose pages are there; of who has it checked out */
    bool huge, data_huge;         /* huge pages were asked for; metadata has them; the same */
    uint8_t state;                /* enum cc_state; under cc.lock */
    struct tb *tbs;               /* pieces of code in it, newest first: descending addresses */
    uint64_t born;                /* order of first use, for eviction */
    struct cc_chunk *next_fresh;
};

struct code_cache {
    pthread_mutex_t lock;
    pthread_cond_t returned; /* a chunk was checked in or freed */
    uint8_t *rw;
    const uint8_t *rx;
    uint8_t *data;
    uint8_t *near;                      /* CC_NEAR bytes within reach of the code, for other than blocks; writable */
    size_t size, chunk_size, data_size; /* data_size: per chunk */
    size_t glue_size;                   /* bytes at the start of the first chunk */
    unsigned chunk_count;
    struct cc_chunk *chunks;
    struct tb **newest; /* atomic, for each CC_PAGE of code: the newest piece that has bytes there */
    uint64_t births, evictions;
};

/* Room for code that is being made: checked out until commit or abort. */
struct cc_reservation {
    struct cc_chunk *chunk;
    uint8_t *rw;
    const uint8_t *rx;
    size_t capacity; /* bytes of code */
    uint8_t *data;
    size_t data_capacity;
};

enum status cc_init(struct code_cache *cc, size_t size);
/* Unmaps all code. Nothing runs in it any more. */
void cc_fini(struct code_cache *cc);
/* Checks out a chunk with at least code and data bytes free, *affinity first: true. False: none has room; *victim is
 * the oldest, whose code the caller retires, and frees it with cc_free after a grace period. Waits while others have
 * all chunks. */
bool cc_check_out(struct code_cache *cc, struct cc_chunk **affinity, size_t code, size_t data, struct cc_reservation *r,
                  struct cc_chunk **victim);
/* Nothing runs or reads what is in the chunk any more: it is used anew. */
void cc_free(struct code_cache *cc, struct cc_chunk *c);
/* Takes data memory from the reservation, zeroed, 16-aligned; NULL if it is used up. */
void *cc_data(struct cc_reservation *r, size_t size);
/* The same, but what was already written to r->data stays. */
void *cc_data_filled(struct cc_reservation *r, size_t size);
/* Keeps the first code bytes (rounded up to CC_CODE_ALIGN) and the data taken. */
void cc_commit(struct code_cache *cc, struct cc_reservation *r, size_t code);
void cc_abort(struct code_cache *cc, struct cc_reservation *r);
static inline bool cc_owns(const struct code_cache *cc, uintptr_t host_pc)
{
    return host_pc - (uintptr_t)cc->rx < cc->size;
}
/* In the child of a fork: a private copy of the code (the memory object is shared with the parent). */
enum status cc_fork_child(struct code_cache *cc);

#endif
