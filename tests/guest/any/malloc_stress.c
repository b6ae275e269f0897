/* SPDX-License-Identifier: Apache-2.0 */
/* malloc, realloc and free of all sizes in several threads, with contents checked; brk and mmap underneath.
 * not in: tier2 */
#include <pthread.h>

#include "tests/guest/guest_test.h"

enum { THREADS = 3, SLOTS = 200, STEPS = 6000 };

static void fill(uint8_t *p, size_t n, uint8_t v)
{
    for (size_t i = 0; i < n; i += 1 + n / 64)
        p[i] = (uint8_t)(v + i);
}

static int check(const uint8_t *p, size_t n, uint8_t v)
{
    for (size_t i = 0; i < n; i += 1 + n / 64)
        if (p[i] != (uint8_t)(v + i))
            return 0;
    return 1;
}

static void *work(void *argument)
{
    uint64_t seed = 1000 + (uintptr_t)argument, total = 0;
    uint8_t *slot[SLOTS] = {0};
    size_t size[SLOTS] = {0};
    for (int step = 0; step < STEPS; step++) {
        uint64_t r = next_random(&seed);
        unsigned i = r % SLOTS;
        if (slot[i])
            require(check(slot[i], size[i], (uint8_t)i), "contents");
        if (slot[i] && (r >> 20 & 3) == 0) {
            size_t n = 1 + (r >> 24) % (2 * size[i] + 1);
            size_t common = n < size[i] ? n : size[i];
            uint8_t first = slot[i][0];
            slot[i] = realloc(slot[i], n);
            require(slot[i] && slot[i][0] == first && common, "realloc");
            size[i] = n;
        } else {
            free(slot[i]);
            size[i] = (r >> 22 & 63) == 0 ? 200000 + (r >> 30) % 300000 : 1 + (r >> 30) % ((r >> 28 & 1) ? 3000 : 100);
            slot[i] = malloc(size[i]);
            require(slot[i] != NULL, "malloc");
        }
        fill(slot[i], size[i], (uint8_t)i);
        total += size[i];
    }
    for (int i = 0; i < SLOTS; i++)
        free(slot[i]);
    return (void *)(uintptr_t)total;
}

int main(void)
{
    pthread_t id[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        require(pthread_create(&id[i], NULL, work, (void *)i) == 0, "pthread_create");
    for (int i = 0; i < THREADS; i++) {
        void *total;
        pthread_join(id[i], &total);
        printf("thread %d: %zu bytes\n", i, (size_t)(uintptr_t)total);
    }
    return 0;
}
