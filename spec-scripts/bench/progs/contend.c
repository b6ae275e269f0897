/* SPDX-License-Identifier: Apache-2.0 */
/* contend: threads fight over one counter, a compare-and-swap word and a spin lock (second argument: threads, 2).
 * class threads; quick 20000 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "bench.h"

enum { MAX_THREADS = 64 };

static _Alignas(64) atomic_ulong counter;
static _Alignas(64) atomic_ulong word;
static _Alignas(64) atomic_int lock;
static _Alignas(64) unsigned long guarded;
static long rounds;

static void locked_add(unsigned long n)
{
    for (int tries = 0; atomic_exchange_explicit(&lock, 1, memory_order_acquire); tries++)
        if (tries > 100)
            sched_yield();
    guarded += n;
    atomic_store_explicit(&lock, 0, memory_order_release);
}

static void *work(void *argument)
{
    for (long r = 0; r < rounds; r++) {
        atomic_fetch_add(&counter, 3);
        unsigned long seen = atomic_load(&word);
        while (!atomic_compare_exchange_weak(&word, &seen, seen + 5))
            ;
        if ((r & 15) == 0)
            locked_add((unsigned long)r & 0xff);
    }
    return argument;
}

int main(int argc, char **argv)
{
    pthread_t id[MAX_THREADS];
    rounds = bench_size(argc, argv, 16000000);
    long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 2;
    if (threads < 1 || threads > MAX_THREADS)
        return 1;
    for (long i = 0; i < threads; i++)
        if (pthread_create(&id[i], NULL, work, NULL))
            return 1;
    for (long i = 0; i < threads; i++)
        pthread_join(id[i], NULL);
    return bench_report("contend", bench_fold(bench_fold(counter, word), guarded));
}
