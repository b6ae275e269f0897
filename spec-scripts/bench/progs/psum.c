/* SPDX-License-Identifier: Apache-2.0 */
/* psum: threads hash and sum their own slices of an array, meeting at a barrier (second argument: threads, 2).
 * class threads; quick 10 */
#include <pthread.h>

#include "bench.h"

enum { WORDS = 1 << 18, MAX_THREADS = 64 };

static uint64_t words[WORDS], partial[MAX_THREADS][8];
static pthread_barrier_t barrier;
static long rounds, threads;

static void *work(void *argument)
{
    long me = (long)(intptr_t)argument;
    long first = WORDS * me / threads, end = WORDS * (me + 1) / threads;
    for (long r = 0; r < rounds; r++) {
        uint64_t sum = 0;
        for (long i = first; i < end; i++) {
            uint64_t x = words[i] + (uint64_t)(r + i);
            x ^= x >> 31;
            x *= UINT64_C(0x9e3779b97f4a7c15);
            x ^= x >> 27;
            words[i] = x;
            sum += x;
        }
        partial[me][0] += sum;
        if (r % 16 == 15)
            pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t id[MAX_THREADS];
    uint64_t sum = 0, seed = 11;
    rounds = bench_size(argc, argv, 10000);
    threads = argc > 2 ? strtol(argv[2], NULL, 10) : 2;
    if (threads < 1 || threads > MAX_THREADS)
        return 1;
    for (long i = 0; i < WORDS; i++)
        words[i] = bench_random(&seed);
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&id[i], NULL, work, (void *)(intptr_t)i))
            return 1;
    for (long i = 0; i < threads; i++) {
        pthread_join(id[i], NULL);
        sum += partial[i][0];
    }
    return bench_report("psum", sum);
}
