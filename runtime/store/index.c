/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table with chains, newest first. It is made anew at twice the size when it is full. */
#include "runtime/store/index.h"

#include <stdlib.h>

enum { FIRST_BITS = 6 };

static uint64_t hash_of(gaddr_t pc, uint32_t mode)
{
    return (pc ^ (uint64_t)mode << 32) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint32_t *bucket_of(const struct store_index *x, gaddr_t pc, uint32_t mode)
{
    return &x->bucket[hash_of(pc, mode) >> (64 - x->bits)];
}

/* Its bit in x->seen. */
static uint32_t bit_of(gaddr_t pc, uint32_t mode) { return (uint32_t)(hash_of(pc, mode) >> (64 - STORE_SEEN_BITS)); }

static void link_record(struct store_index *x, uint32_t i)
{
    uint32_t *bucket = bucket_of(x, x->records[i].pc, x->records[i].mode);
    x->next[i] = *bucket;
    *bucket = i + 1;
}

static bool grow(struct store_index *x)
{
    unsigned bits = x->bits ? x->bits + 1 : FIRST_BITS;
    uint32_t capacity = UINT32_C(1) << bits;
    struct store_record *records = realloc(x->records, capacity * sizeof *records);
    if (records)
        x->records = records;
    uint32_t *next = realloc(x->next, capacity * sizeof *next);
    if (next)
        x->next = next;
    uint32_t *bucket = calloc(capacity, sizeof *bucket);
    if (!records || !next || !bucket) {
        free(bucket);
        return false;
    }
    free(x->bucket);
    x->bucket = bucket;
    x->bits = bits;
    x->capacity = capacity;
    for (uint32_t i = 0; i < x->count; i++)
        link_record(x, i);
    return true;
}

void store_index_fini(struct store_index *x)
{
    free(x->records);
    free(x->next);
    free(x->bucket);
    *x = (struct store_index){0};
}

bool store_index_add(struct store_index *x, const struct store_record *r)
{
    if (x->count == x->capacity && !grow(x))
        return false;
    uint32_t bit = bit_of(r->pc, r->mode);
    x->seen[bit / 64] |= UINT64_C(1) << bit % 64;
    x->records[x->count] = *r;
    link_record(x, x->count++);
    return true;
}

const struct store_record *store_index_find(const struct store_index *x, gaddr_t pc, uint32_t mode, uint32_t *at)
{
    uint32_t bit = bit_of(pc, mode);
    if (!(x->seen[bit / 64] >> bit % 64 & 1))
        return NULL;
    uint32_t i = *at ? x->next[*at - 1] : x->bits ? *bucket_of(x, pc, mode) : 0;
    for (; i; i = x->next[i - 1]) {
        const struct store_record *r = &x->records[i - 1];
        if (r->pc == pc && r->mode == mode && r->size) {
            *at = i;
            return r;
        }
    }
    return NULL;
}

void store_index_drop(struct store_index *x, uint32_t at) { x->records[at - 1].size = 0; }
