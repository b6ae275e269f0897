/* SPDX-License-Identifier: Apache-2.0 */
/* What the cache's thread works with in this engine. It is its own but for e and store, which are const. The child of a
 * fork begins anew. */
#ifndef TANDEM_RUNTIME_ENGINE_WARM_THREAD_H
#define TANDEM_RUNTIME_ENGINE_WARM_THREAD_H

#include "runtime/engine/engine.h"
#include "runtime/store/store.h"
#include "src/base/arena.h"

struct warm_thread {
    struct engine *e;
    struct store *store;
    struct arena arena;
    struct cc_chunk *chunk; /* affinity */
    uint64_t section;
    bool registered;
    struct stats stats;
    struct account account;
};

/* engine.warm. */
struct warm {
    struct warm_thread on;
    bool waits; /* guest threads wait for their jobs (warm.c I2) */
};

/* At the begin of each job. */
void warm_thread_begin(struct warm_thread *w);
/* The thread has ended. */
void warm_thread_end(struct warm_thread *w);
void warm_thread_fork_child(struct warm_thread *w);
/* The file of the guest's that has the code at pc. */
bool warm_file_at(struct engine *e, gaddr_t pc, struct hash128 *file);

#endif
