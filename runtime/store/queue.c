/* SPDX-License-Identifier: Apache-2.0 */
/* A list under a lock, and one thread that takes jobs from its head.
 *
 * I1  A job that is to be run again goes to the tail. If all that wait have been run before, the thread pauses.
 * I2  The thread blocks all signals: the guest's are not its.
 * I3  It has a current folder, a root folder and a umask of its own: what the guest changes later is not its.
 */
#define _GNU_SOURCE
#include "runtime/store/queue.h"

#include <errno.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "src/base/background.h"

enum { PAUSE_NS = 2000000, STACK = 256 << 10 };

static void init_conditions(struct store_queue *q)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->work, &attr);
    pthread_cond_init(&q->idle, &attr);
    pthread_condattr_destroy(&attr);
}

void store_queue_init(struct store_queue *q, bool shares)
{
    *q = (struct store_queue){.shares = shares};
    pthread_mutex_init(&q->lock, NULL);
    init_conditions(q);
    q->tail = &q->head;
}

static struct timespec in_ns(uint64_t ns)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    ns += (uint64_t)t.tv_nsec;
    return (struct timespec){t.tv_sec + (time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

static void prepend_locked(struct store_queue *q, struct store_job *job)
{
    job->next = q->head;
    if (!q->head)
        q->tail = &job->next;
    q->head = job;
    q->waiting++;
}

static void append_locked(struct store_queue *q, struct store_job *job)
{
    job->next = NULL;
    *q->tail = job;
    q->tail = &job->next;
    q->waiting++;
}

/* NULL: the thread is to end. */
static struct store_job *take_locked(struct store_queue *q)
{
    while (!q->head || q->ending) {
        if (q->ending)
            return NULL;
        q->busy = false;
        pthread_cond_broadcast(&q->idle);
        pthread_cond_wait(&q->work, &q->lock);
    }
    q->busy = true;
    if (q->again == q->waiting) { /* I1 */
        const struct timespec until = in_ns(PAUSE_NS);
        pthread_cond_timedwait(&q->work, &q->lock, &until);
    }
    struct store_job *job = q->head;
    q->head = job->next;
    if (!q->head)
        q->tail = &q->head;
    q->waiting--;
    return job;
}

/* The job is done. q->lock is left meanwhile. */
static void finish_locked(struct store_queue *q, struct store_job *job)
{
    if (job->done)
        sem_post(job->done);
    pthread_mutex_unlock(&q->lock);
    job->drop(job);
    pthread_mutex_lock(&q->lock);
}

static void *work(void *arg)
{
    struct store_queue *q = arg;
    pthread_setname_np(pthread_self(), "tandem-cache");
    unshare(CLONE_FS); /* I3 */
    bool alone = q->shares || background_own_descriptors();
    pthread_mutex_lock(&q->lock);
    q->off = !alone;
    for (unsigned again = 0;;) { /* how many at the head were run before is not known: at most so many */
        q->again = again < q->waiting ? again : q->waiting;
        struct store_job *job = take_locked(q);
        if (!job)
            break;
        pthread_mutex_unlock(&q->lock);
        bool done = !alone || job->run(job);
        pthread_mutex_lock(&q->lock);
        again = done ? 0 : again + 1;
        if (!done)
            append_locked(q, job);
        else
            finish_locked(q, job);
    }
    q->busy = q->started = false;
    pthread_cond_broadcast(&q->idle);
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

static void start_locked(struct store_queue *q)
{
    pthread_t thread;
    q->started = true;
    q->off = !background_start(&thread, work, q, STACK);
    if (!q->off)
        pthread_detach(thread);
}

/* Is there a thread that will do it? */
static bool works_locked(struct store_queue *q)
{
    if (!q->started && !q->off && !background_is_forbidden())
        start_locked(q);
    return q->started && !q->off;
}

void store_post(struct store_queue *q, struct store_job *job)
{
    pthread_mutex_lock(&q->lock);
    bool taken = works_locked(q);
    if (taken)
        append_locked(q, job);
    pthread_cond_signal(&q->work);
    pthread_mutex_unlock(&q->lock);
    if (!taken)
        job->drop(job);
}

/* The lock is not taken on the way: a waiter that is woken needs nothing that the thread still has. */
static bool wait_for(sem_t *done, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + ms * UINT64_C(1000000);
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    int result;
    while ((result = sem_timedwait(done, &until)) != 0 && errno == EINTR)
        continue;
    return result == 0;
}

bool store_run(struct store_queue *q, struct store_job *job, unsigned ms)
{
    sem_t done;
    pthread_mutex_lock(&q->lock);
    bool taken = works_locked(q);
    if (taken) {
        sem_init(&done, 0, 0);
        job->done = &done;
        prepend_locked(q, job);
    }
    pthread_mutex_unlock(&q->lock);
    if (!taken) {
        job->drop(job);
        return false;
    }
    pthread_cond_signal(&q->work);
    if (wait_for(&done, ms))
        return true;
    pthread_mutex_lock(&q->lock);
    bool is_done = sem_trywait(&done) == 0; /* between the wait's end and the lock */
    if (!is_done)
        job->done = NULL; /* it is in the queue, or runs: nobody has dropped it */
    pthread_mutex_unlock(&q->lock);
    return is_done;
}

void store_drain(struct store_queue *q, unsigned ms)
{
    const struct timespec until = in_ns(ms * UINT64_C(1000000));
    pthread_mutex_lock(&q->lock);
    while (q->started && !q->off && (q->head || q->busy))
        if (pthread_cond_timedwait(&q->idle, &q->lock, &until) != 0)
            break;
    pthread_mutex_unlock(&q->lock);
}

void store_queue_end(struct store_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->ending = q->started && !q->off;
    pthread_cond_broadcast(&q->work);
    while (q->ending && q->started)
        pthread_cond_wait(&q->idle, &q->lock);
    q->ending = false;
    pthread_mutex_unlock(&q->lock);
}

void store_queue_fork_prepare(struct store_queue *q) { pthread_mutex_lock(&q->lock); }
void store_queue_fork_parent(struct store_queue *q) { pthread_mutex_unlock(&q->lock); }

void store_queue_fork_child(struct store_queue *q)
{
    struct store_job *job = q->head;
    pthread_mutex_unlock(&q->lock);
    pthread_mutex_init(&q->lock, NULL);
    init_conditions(q);
    q->head = NULL;
    q->tail = &q->head;
    q->waiting = q->again = 0;
    q->started = q->busy = false;
    while (job) {
        struct store_job *next = job->next;
        job->drop(job);
        job = next;
    }
}
