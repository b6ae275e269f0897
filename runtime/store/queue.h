/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that does the cache's work, and the jobs that wait for it.
 *
 * The thread has a table of descriptors of its own: what it opens takes no number from the guest, is in none of its
 * listings and is inherited by none of its children. */
#ifndef TANDEM_RUNTIME_STORE_QUEUE_H
#define TANDEM_RUNTIME_STORE_QUEUE_H

#include <pthread.h>
#include <semaphore.h>

#include "src/base/types.h"

/* Part of what a caller allocates for a job. */
struct store_job {
    /* Does the job, on the cache's thread. False: not yet, run it again in a while. */
    bool (*run)(struct store_job *job);
    /* Frees it, on any thread. */
    void (*drop)(struct store_job *job);
    struct store_job *next;
    sem_t *done; /* of who waits for it; NULL: nobody does */
};

struct store_queue {
    pthread_mutex_t lock; /* none is taken while it is held */
    pthread_cond_t work, idle;
    struct store_job *head, **tail;
    unsigned waiting, again; /* jobs in the queue; those of them that were run before */
    bool ending;             /* the thread is to end */
    bool started, busy, off; /* off: there can be no thread */
    bool shares;             /* the thread keeps the process's descriptors */
};

TANDEM_BEGIN_DECLS
void store_queue_init(struct store_queue *q, bool shares);
/* Takes the job, or drops it if there can be no thread. The first one starts the thread. */
void store_post(struct store_queue *q, struct store_job *job);
/* Has the job done before all others, and waits for it, ms milliseconds at most: true if it is done. It is dropped in
 * any case. */
bool store_run(struct store_queue *q, struct store_job *job, unsigned ms);
/* Waits until no job is left, ms milliseconds at most. */
void store_drain(struct store_queue *q, unsigned ms);
/* fork: before it, and after it in the parent or the child, which has no jobs and no thread. */
/* Ends the thread after the job that it does; the next job starts it again, and those that wait go on then. */
void store_queue_end(struct store_queue *q);
void store_queue_fork_prepare(struct store_queue *q);
void store_queue_fork_parent(struct store_queue *q);
void store_queue_fork_child(struct store_queue *q);
TANDEM_END_DECLS

#endif
