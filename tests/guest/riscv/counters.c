/* SPDX-License-Identifier: Apache-2.0 */
/* The user's counters: cycle, time and instret grow, and time runs at the speed of the clock. */
#include <time.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

static uint64_t read_cycle(void)
{
    uint64_t v;
    __asm__ volatile("rdcycle %0" : "=r"(v));
    return v;
}

static uint64_t read_time(void)
{
    uint64_t v;
    __asm__ volatile("rdtime %0" : "=r"(v));
    return v;
}

static uint64_t read_instret(void)
{
    uint64_t v;
    __asm__ volatile("rdinstret %0" : "=r"(v));
    return v;
}

int main(void)
{
    uint64_t c = read_cycle(), t = read_time(), i = read_instret();
    volatile uint64_t sink = 0;
    for (int n = 0; n < 100000; n++)
        sink += (uint64_t)n;
    usleep(2000);
    printf("grow %d %d %d\n", read_cycle() > c, read_time() > t, read_instret() > i);
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    usleep(1000);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("clock %d\n", b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec + 900000);
    printf("time of day %d\n", time(NULL) > 1600000000);
    return 0;
}
