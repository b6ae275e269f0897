/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's account of its CPU time, with --stats: what it was spent on (times.def). Nothing is lost: each entry takes
 * all the time since the last one, and a reader counts what came since for what the thread does now.
 *
 * Who does what: the thread itself says what it does (account_mark costs one store, account_switch reads the clock);
 * ticks of the thread's CPU time (engine_os.ticks) enter what was marked; any thread may read. */
#ifndef TANDEM_RUNTIME_ENGINE_ACCOUNT_H
#define TANDEM_RUNTIME_ENGINE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum account_time {
#define TIME(name, json, text) TIME_##name,
#include "runtime/engine/times.def"
#undef TIME
    TIME_COUNT,
    TIME_CODE = TIME_COUNT /* generated code: the pc of each tick tells which, or whose helper */
};

struct account {
    uint64_t ns[TIME_COUNT];
    uint64_t seen;    /* the thread's CPU time up to the last entry */
    clockid_t clock;  /* that time's; 0: nothing is counted */
    uint32_t entries; /* atomic: odd while an entry is made */
    uint8_t doing;    /* enum account_time */
    uint8_t code;     /* what TIME_CODE was at the last tick */
};

/* Begins the calling thread's account. What it has used until now was spent on `before`; the process's first thread
 * (`first`) answers for all that the process has used. */
void account_begin(struct account *a, enum account_time before, bool first);
/* No more entries; the last is made. On the thread itself. */
void account_end(struct account *a);
/* From now on the thread does what. */
static inline void account_mark(struct account *a, enum account_time what) { a->doing = (uint8_t)what; }
/* The same, with an entry for what it did until now, which is returned. On the thread itself. */
enum account_time account_switch(struct account *a, enum account_time what);
/* An entry for what the thread does; `code`: what that is if it is TIME_CODE. In a signal handler on the thread. */
void account_tick(struct account *a, enum account_time code);
/* Adds the account as it is now to sum[TIME_COUNT]. Any thread, while the account's exists. */
void account_add(const struct account *a, uint64_t *sum);

#endif
