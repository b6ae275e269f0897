/* SPDX-License-Identifier: Apache-2.0 */
/* The pthread library: mutexes, conditions, barriers, read-write locks, once, semaphores, cancellation, many short
 * threads.
 * not in: tier2 (what it is about is the same in mixed) */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static sem_t semaphore;
static int ring[8], head, tail, held, once_count, cleaned;
static uint64_t shared[2];

static void *produce(void *argument)
{
    for (int i = 1; i <= 3000; i++) {
        pthread_mutex_lock(&mutex);
        while (held == 8)
            pthread_cond_wait(&not_full, &mutex);
        ring[head++ & 7] = i;
        held++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&mutex);
    }
    return argument;
}

static void *consume(void *argument)
{
    uint64_t sum = 0;
    for (int i = 0; i < 1500; i++) {
        pthread_mutex_lock(&mutex);
        while (held == 0)
            pthread_cond_wait(&not_empty, &mutex);
        sum += (uint64_t)ring[tail++ & 7];
        held--;
        pthread_cond_signal(&not_full);
        pthread_mutex_unlock(&mutex);
    }
    *(uint64_t *)argument = sum;
    return NULL;
}

static void count_once(void) { once_count++; }

static void *meet(void *argument)
{
    int serial = 0;
    for (int i = 0; i < 200; i++) {
        pthread_once(&once, count_once);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            serial++;
        if (i % 10 == (int)(intptr_t)argument) {
            pthread_rwlock_wrlock(&rwlock);
            shared[0]++;
            shared[1]++;
        } else {
            pthread_rwlock_rdlock(&rwlock);
            require(shared[0] == shared[1], "no write is seen half done");
        }
        pthread_rwlock_unlock(&rwlock);
    }
    return (void *)(intptr_t)serial;
}

static void clean(void *argument) { cleaned += *(int *)argument; }

static void *wait_forever(void *argument)
{
    pthread_cleanup_push(clean, argument);
    sem_post(&semaphore);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *short_life(void *argument)
{
    char stack_use[2000];
    memset(stack_use, (int)(intptr_t)argument, sizeof(stack_use));
    return (void *)(intptr_t)(stack_use[999] + 1);
}

int main(void)
{
    pthread_t a, b, c, group[4];
    uint64_t sum[2];
    pthread_create(&a, NULL, produce, NULL);
    pthread_create(&b, NULL, consume, &sum[0]);
    pthread_create(&c, NULL, consume, &sum[1]);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    pthread_join(c, NULL);
    printf("queue %" PRIu64 "\n", sum[0] + sum[1]);
    pthread_barrier_init(&barrier, NULL, 4);
    intptr_t serial = 0;
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&group[i], NULL, meet, (void *)i);
    for (int i = 0; i < 4; i++) {
        void *v;
        pthread_join(group[i], &v);
        serial += (intptr_t)v;
    }
    printf("barrier %d once %d shared %" PRIu64 "\n", (int)serial, once_count, shared[0]);
    sem_init(&semaphore, 0, 0);
    int weight = 5;
    pthread_create(&a, NULL, wait_forever, &weight);
    sem_wait(&semaphore);
    pthread_cancel(a);
    void *result;
    pthread_join(a, &result);
    printf("cancelled %d cleaned %d\n", result == PTHREAD_CANCELED, cleaned);
    int total = 0;
    for (intptr_t i = 0; i < 150; i++) {
        pthread_create(&a, NULL, short_life, (void *)(i & 63));
        pthread_join(a, &result);
        total += (int)(intptr_t)result;
    }
    printf("short lives %d\n", total);
    return 0;
}
