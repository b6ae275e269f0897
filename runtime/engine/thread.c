/* SPDX-License-Identifier: Apache-2.0 */
/* Making and freeing the engine's part of a guest thread: see thread.h. */
#include "runtime/engine/thread.h"

#include <stdlib.h>

#include "runtime/engine/engine.h"

struct engine_thread *engine_thread_create(struct engine *e, struct cpu *cpu, void *owner)
{
    struct engine_thread *t = calloc(1, sizeof *t);
    if (!t || !(t->map_buf = calloc(ENGINE_MAP_ROOM, sizeof *t->map_buf)))
        abort();
    arena_init(&t->arena);
    t->engine = e;
    t->cpu = cpu;
    t->owner = owner;
    t->flush_seen = ~(uint64_t)0;
    return t;
}

void engine_thread_destroy(struct engine_thread *t)
{
    struct engine *e = t->engine;
    EVENT(e, thread_end, t);
    pthread_mutex_lock(&e->stats_lock);
    stats_add(&e->total, &t->stats);
    pthread_mutex_unlock(&e->stats_lock);
    arena_fini(&t->arena);
    free(t->map_buf);
    free(t);
}
