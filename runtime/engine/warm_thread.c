/* SPDX-License-Identifier: Apache-2.0 */
/* The cache's thread begins its work with the first job; until then nothing of it is known to the engine. */
#include "runtime/engine/warm_thread.h"

#include <string.h>

#include "runtime/engine/reclaim.h"

void warm_thread_begin(struct warm_thread *w)
{
    if (w->registered)
        return;
    reclaim_register(w->e, &w->section);
    if (w->e->options->stats)
        account_begin(&w->account, TIME_CACHE, false);
    w->registered = true;
}

void warm_thread_end(struct warm_thread *w)
{
    struct engine *e = w->e;
    if (!w->registered)
        return;
    reclaim_unregister(e, &w->section);
    pthread_mutex_lock(&e->stats_lock);
    account_add(&w->account, e->total.times);
    pthread_mutex_unlock(&e->stats_lock);
    memset(&w->account, 0, sizeof w->account);
    w->registered = false;
}

void warm_thread_fork_child(struct warm_thread *w)
{
    arena_init(&w->arena); /* it may have been in use; what it had is lost */
    w->chunk = NULL;
    w->section = 0;
    w->registered = false;
    memset(&w->stats, 0, sizeof w->stats);
    memset(&w->account, 0, sizeof w->account);
}

bool warm_file_at(struct engine *e, gaddr_t pc, struct hash128 *file)
{
    return e->mem->file_at(e->memory, pc, file->lane);
}
