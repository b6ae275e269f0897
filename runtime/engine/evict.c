/* SPDX-License-Identifier: Apache-2.0 */
/* Eviction: when no chunk of the code cache has room, the code of the oldest is retired, and the chunk is used anew
 * after a grace period. */
#include "runtime/engine/evict.h"

#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"

/* Retires all code of a chunk, waits until no thread can be in it, and frees it. */
static void evict(struct engine *e, struct cc_chunk *c)
{
    pthread_mutex_lock(&e->tbs->lock);
    for (struct tb *tb = c->tbs; tb; tb = tb->links.chunk_next)
        if (!tb->links.retired)
            tb_retire_locked(e, tb);
    pthread_mutex_unlock(&e->tbs->lock);
    reclaim_wait(e);
    cc_free(&e->cc, c);
}

enum status cc_reserve(struct engine *e, struct cc_chunk **affinity, size_t code, size_t data, struct cc_reservation *r)
{
    struct cc_chunk *victim;
    if (code + e->cc.glue_size > e->cc.chunk_size || data > e->cc.data_size)
        return STATUS_TOO_LARGE;
    while (!cc_check_out(&e->cc, affinity, code, data, r, &victim))
        evict(e, victim);
    return STATUS_OK;
}
