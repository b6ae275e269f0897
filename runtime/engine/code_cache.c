/* SPDX-License-Identifier: Apache-2.0 */
/* The code cache's memory: mapping, chunks, check-out. See code_cache.h for the invariants. */
#define _GNU_SOURCE
#include "runtime/engine/code_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/engine/code_pages.h"

enum {
    CC_MIN_SIZE = 256 << 10,
    CC_MAX_SIZE = 384 << 20, /* code and data together stay within the reach of rip-relative addresses */
    CC_MIN_CHUNK = 16 << 10,
    CC_MAX_CHUNK = 512 << 10,
    CC_CHUNKS_WANTED = 64,
    CC_DATA_FACTOR = 3, /* bytes of metadata per byte of code: blocks of a few instructions have that */
};

static size_t chunk_size_for(size_t size)
{
    size_t chunk = CC_MIN_CHUNK;
    while (chunk < CC_MAX_CHUNK && chunk * CC_CHUNKS_WANTED < size)
        chunk *= 2;
    return chunk;
}

/* Makes the second, executable view of the shared memory at rw, over what is mapped at rx. An old size of 0 makes
 * mremap(2) add a mapping of the same pages. Anonymous memory rather than a memfd, because perf looks code up in
 * /tmp/perf-PID.map only where no file is mapped. */
static bool map_executable(uint8_t *rw, uint8_t *rx, size_t size)
{
    return mremap(rw, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, rx) != MAP_FAILED &&
           mprotect(rx, size, PROT_READ | PROT_EXEC) == 0;
}

static uint8_t *map_shared(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* All chunks', what is near, and the rest of the last huge page. */
static size_t data_total(const struct code_cache *cc)
{
    return ALIGN_UP(cc->chunk_count * cc->data_size + CC_NEAR, (size_t)CODE_PAGES_HUGE);
}

/* Maps the code twice, and the data area right after the executable view. */
static enum status map_views(struct code_cache *cc)
{
    uint8_t *base = code_pages_reserve(cc->size + data_total(cc)), *rw = code_pages_reserve(cc->size);
    if (rw != MAP_FAILED)
        rw = mmap(rw, cc->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || rw == MAP_FAILED || !map_executable(rw, base, cc->size)) {
        if (base != MAP_FAILED)
            munmap(base, cc->size + data_total(cc));
        if (rw != MAP_FAILED)
            munmap(rw, cc->size);
        return STATUS_NO_MEMORY;
    }
    cc->rw = rw;
    cc->rx = base;
    cc->data = base + cc->size;
    cc->near = cc->data + data_total(cc) - CC_NEAR;
    return STATUS_OK;
}

enum status cc_init(struct code_cache *cc, size_t size)
{
    memset(cc, 0, sizeof *cc);
    if (size < CC_MIN_SIZE)
        size = CC_MIN_SIZE;
    if (size > CC_MAX_SIZE)
        size = CC_MAX_SIZE;
    cc->chunk_size = chunk_size_for(size);
    cc->size = ALIGN_UP(size, cc->chunk_size < CC_MAX_CHUNK ? cc->chunk_size : (size_t)CODE_PAGES_HUGE);
    cc->data_size = cc->chunk_size * CC_DATA_FACTOR;
    cc->chunk_count = (unsigned)(cc->size / cc->chunk_size);
    pthread_mutex_init(&cc->lock, NULL);
    pthread_cond_init(&cc->returned, NULL);
    cc->chunks = calloc(cc->chunk_count, sizeof *cc->chunks);
    cc->newest = calloc(cc->size / CC_PAGE, sizeof *cc->newest);
    if (!cc->chunks || !cc->newest)
        return STATUS_NO_MEMORY;
    enum status s = map_views(cc);
    if (s != STATUS_OK)
        return s;
    for (unsigned i = 0; i < cc->chunk_count; i++) {
        struct cc_chunk *c = &cc->chunks[i];
        c->rw = cc->rw + i * cc->chunk_size;
        c->rx = cc->rx + i * cc->chunk_size;
        c->data = cc->data + i * cc->data_size;
    }
    return STATUS_OK;
}

void cc_fini(struct code_cache *cc)
{
    if (cc->rw) {
        munmap(cc->rw, cc->size);
        munmap((uint8_t *)(uintptr_t)cc->rx, cc->size + data_total(cc));
    }
    free(cc->chunks);
    free(cc->newest);
    memset(cc, 0, sizeof *cc);
}

static size_t chunk_base(const struct code_cache *cc, const struct cc_chunk *c)
{
    return c == cc->chunks ? cc->glue_size : 0;
}

static bool has_room(const struct code_cache *cc, const struct cc_chunk *c, size_t code, size_t data)
{
    return cc->chunk_size - c->used >= code && cc->data_size - c->data_used >= data;
}

/* A chunk with room: the affine one, an open one, a fresh one. NULL: none. cc.lock held. */
static struct cc_chunk *pick_locked(struct code_cache *cc, struct cc_chunk *affine, size_t code, size_t data)
{
    if (affine && affine->state == CC_OPEN && has_room(cc, affine, code, data))
        return affine;
    struct cc_chunk *fresh = NULL, *open = NULL;
    for (unsigned i = 0; i < cc->chunk_count; i++) {
        struct cc_chunk *c = &cc->chunks[i];
        if (c->state == CC_FREE && !fresh)
            fresh = c;
        if (c->state == CC_OPEN && !open && has_room(cc, c, code, data))
            open = c;
        if (fresh)
            break; /* chunks are handed out in order: behind a free one there are only freed ones */
    }
    /* a fresh chunk keeps threads apart; when there is none, share */
    return fresh && has_room(cc, fresh, code, data) ? fresh : open;
}

/* The oldest chunk that nobody has checked out. cc.lock held. */
static struct cc_chunk *victim_locked(struct code_cache *cc)
{
    struct cc_chunk *victim = NULL;
    for (unsigned i = 0; i < cc->chunk_count; i++) {
        struct cc_chunk *c = &cc->chunks[i];
        if ((c->state == CC_FULL || c->state == CC_OPEN) && (!victim || c->born < victim->born))
            victim = c;
    }
    return victim;
}

static void check_out_locked(struct code_cache *cc, struct cc_chunk *c, struct cc_reservation *r)
{
    if (c->state == CC_FREE)
        c->born = ++cc->births;
    c->state = CC_OUT;
    *r = (struct cc_reservation){
        .chunk = c,
        .rw = c->rw + c->used,
        .rx = c->rx + c->used,
        .capacity = cc->chunk_size - c->used,
        .data = c->data + c->data_used,
        .data_capacity = cc->data_size - c->data_used,
    };
}

bool cc_check_out(struct code_cache *cc, struct cc_chunk **affinity, size_t code, size_t data, struct cc_reservation *r,
                  struct cc_chunk **victim)
{
    *victim = NULL;
    pthread_mutex_lock(&cc->lock);
    struct cc_chunk *c = pick_locked(cc, *affinity, code, data);
    bool filled = *affinity && *affinity != c;
    while (!c && !(*victim = victim_locked(cc))) {
        pthread_cond_wait(&cc->returned, &cc->lock);
        c = pick_locked(cc, *affinity, code, data);
    }
    if (c) {
        check_out_locked(cc, c, r);
        *affinity = c;
    } else {
        (*victim)->state = CC_RETIRING;
    }
    pthread_mutex_unlock(&cc->lock);
    if (c)
        code_pages_come(cc, c, filled);
    return c != NULL;
}

void cc_free(struct code_cache *cc, struct cc_chunk *c)
{
    pthread_mutex_lock(&cc->lock);
    c->tbs = NULL;
    memset(cc->newest + (size_t)(c->rx - cc->rx) / CC_PAGE, 0, cc->chunk_size / CC_PAGE * sizeof *cc->newest);
    c->data_used = 0;
    c->used = chunk_base(cc, c);
    c->state = CC_FREE;
    cc->evictions++;
    pthread_cond_broadcast(&cc->returned);
    pthread_mutex_unlock(&cc->lock);
}

void *cc_data(struct cc_reservation *r, size_t size)
{
    void *p = cc_data_filled(r, size);
    return p ? memset(p, 0, size) : NULL;
}

void *cc_data_filled(struct cc_reservation *r, size_t size)
{
    size = ALIGN_UP(size, 16);
    if (size > r->data_capacity)
        return NULL;
    void *p = r->data;
    r->data += size;
    r->data_capacity -= size;
    return p;
}

void cc_commit(struct code_cache *cc, struct cc_reservation *r, size_t code)
{
    struct cc_chunk *c = r->chunk;
    c->used += ALIGN_UP(code, CC_CODE_ALIGN);
    if (c->used > cc->chunk_size)
        c->used = cc->chunk_size;
    c->data_used = (size_t)(r->data - c->data);
    pthread_mutex_lock(&cc->lock);
    c->state = has_room(cc, c, cc->chunk_size / 16, cc->data_size / 16) ? CC_OPEN : CC_FULL;
    pthread_cond_signal(&cc->returned);
    pthread_mutex_unlock(&cc->lock);
}

void cc_abort(struct code_cache *cc, struct cc_reservation *r)
{
    struct cc_chunk *c = r->chunk;
    pthread_mutex_lock(&cc->lock);
    c->state = CC_OPEN;
    pthread_cond_signal(&cc->returned);
    pthread_mutex_unlock(&cc->lock);
}

enum status cc_fork_child(struct code_cache *cc)
{
    if (!cc->chunk_count) /* the interpreter alone */
        return STATUS_OK;
    uint8_t *copy = map_shared(cc->size);
    if (copy == MAP_FAILED)
        return STATUS_NO_MEMORY;
    for (unsigned i = 0; i < cc->chunk_count; i++) {
        struct cc_chunk *c = &cc->chunks[i];
        memcpy(copy + (c->rx - cc->rx), c->rx, c->used);
        if (c->state == CC_OUT || c->state == CC_RETIRING)
            c->state = CC_FULL; /* its user does not exist here */
    }
    if (!map_executable(copy, (uint8_t *)(uintptr_t)cc->rx, cc->size) ||
        mremap(copy, cc->size, cc->size, MREMAP_MAYMOVE | MREMAP_FIXED, cc->rw) == MAP_FAILED)
        return STATUS_NO_MEMORY;
    return STATUS_OK;
}
