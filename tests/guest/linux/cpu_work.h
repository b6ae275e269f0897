/* SPDX-License-Identifier: Apache-2.0 */
/* Work for a time of the thread's CPU: many small pieces of code, all of them hot for a moment, so that tandem's own
 * threads have something to do. */
#ifndef TANDEM_TESTS_GUEST_LINUX_CPU_WORK_H
#define TANDEM_TESTS_GUEST_LINUX_CPU_WORK_H

#include <stdint.h>
#include <time.h>

static int64_t ns_of(struct timespec t) { return t.tv_sec * INT64_C(1000000000) + t.tv_nsec; }

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t = {-1, 0};
    clock_gettime(clock, &t);
    return ns_of(t);
}

#define PIECE(n)                                                                                                       \
    static uint64_t __attribute__((noinline)) piece_##n(uint64_t h)                                                    \
    {                                                                                                                  \
        for (uint64_t i = 0; i < 2000; i++)                                                                            \
            h = (h & n ? h * (2 * n + 1) : h + i) ^ (h >> (n & 31));                                                   \
        return h;                                                                                                      \
    }
PIECE(1)
PIECE(3)
PIECE(5)
PIECE(7)
PIECE(9)
PIECE(11)
PIECE(13)
PIECE(15)
PIECE(17)
PIECE(19)
PIECE(21)
PIECE(23)

static volatile uint64_t sink;

/* ns of the calling thread's CPU time. */
static void work(int64_t ns)
{
    static uint64_t (*const pieces[])(uint64_t) = {piece_1,  piece_3,  piece_5,  piece_7,  piece_9,  piece_11,
                                                   piece_13, piece_15, piece_17, piece_19, piece_21, piece_23};
    const int64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;
    for (unsigned n = 0; clock_ns(CLOCK_THREAD_CPUTIME_ID) < end; n++)
        sink = pieces[n % (sizeof pieces / sizeof *pieces)](sink + 1);
}

#endif
