/* SPDX-License-Identifier: Apache-2.0 */
/* What --stats counts. Each thread counts in its own struct without atomics; readers (another thread at exit) accept
 * that a running thread's last few events may be missing. */
#ifndef TANDEM_RUNTIME_ENGINE_STATS_H
#define TANDEM_RUNTIME_ENGINE_STATS_H

#include <stdint.h>
#include <time.h>

#include "runtime/engine/account.h"
#include "src/base/status.h"
#include "src/ir/interp/eval_counts.h"

struct stats {
#define STAT(field, unit, text) uint64_t field;
#include "runtime/engine/stats.def"
#undef STAT
    uint64_t aborts[STATUS_COUNT]; /* regions given up, by reason */
    struct ir_eval_counts evals;   /* calls of ir_eval by generated code */
    uint64_t times[TIME_COUNT];    /* of threads that have ended, and in sums: CPU time, ns (account.h) */
};

/* Nanoseconds of a POSIX clock. */
static inline uint64_t stats_clock(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void stats_add(struct stats *sum, const struct stats *s);
#endif
