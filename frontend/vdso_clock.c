/* SPDX-License-Identifier: Apache-2.0 */
/* See vdso_clock.h. */
#include "frontend/vdso_clock.h"

#include <sched.h>
#include <sys/time.h>
#include <time.h>

static uint64_t pack(time_t seconds, long fraction)
{
    return (uint64_t)seconds << VDSO_FRACTION_BITS | (uint64_t)fraction;
}

/* Clocks that the host's vDSO knows without the kernel: not those of CPU time, of which the process's is not the host's
 * either, and not those with alarms. */
static bool is_light(uint64_t clock)
{
    const uint64_t set = 1u << CLOCK_REALTIME | 1u << CLOCK_MONOTONIC | 1u << CLOCK_MONOTONIC_RAW |
                         1u << CLOCK_REALTIME_COARSE | 1u << CLOCK_MONOTONIC_COARSE | 1u << CLOCK_BOOTTIME |
                         1u << CLOCK_TAI;
    return clock < VDSO_CLOCKS && set >> clock & 1;
}

static uint64_t read_clock(struct cpu *cpu, uint64_t what, uint64_t b, uint64_t c, uint64_t d)
{
    struct timespec ts;
    struct timeval tv;
    unsigned number, node;
    (void)cpu, (void)b, (void)c, (void)d;
    switch (what) {
    case VDSO_CPU:
        return getcpu(&number, &node) ? ~UINT64_C(0) : number | (uint64_t)node << 32;
    case VDSO_TIMEOFDAY:
        return gettimeofday(&tv, NULL) ? ~UINT64_C(0) : pack(tv.tv_sec, tv.tv_usec);
    case VDSO_TIME:
        return pack(time(NULL), 0);
    default:
        break;
    }
    if (is_light(what))
        return clock_gettime((clockid_t)what, &ts) ? ~UINT64_C(0) : pack(ts.tv_sec, ts.tv_nsec);
    what -= VDSO_RESOLUTION;
    if (!is_light(what) || clock_getres((clockid_t)what, &ts) || ts.tv_sec)
        return ~UINT64_C(0);
    return (uint64_t)ts.tv_nsec;
}

/* It claims to touch memory, so that two readings are two. */
const struct ir_helper vdso_clock = {"vdso_clock", read_clock, 1, IR_I64, IR_FX_RMEM | IR_FX_WMEM};
