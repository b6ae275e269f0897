/* SPDX-License-Identifier: Apache-2.0 */
/* See account.h.
 *
 * I1  Between entries the sum of ns is seen plus what the account began with.
 * I2  A tick that comes while the thread makes an entry is dropped: the next entry takes its time.
 * I3  A reader that meets an entry in the making tries again, so that it counts no time twice. */
#define _GNU_SOURCE
#include "runtime/engine/account.h"

#include <unistd.h>

#include "runtime/engine/stats.h"

enum { READ_TRIES = 1000 };

/* The clock of a thread's CPU time, as the kernel numbers it. The C library keeps thread ids of its own, which are
 * wrong after a clone that it has not made. */
static clockid_t own_clock(void) { return (clockid_t)(~(unsigned)gettid() << 3 | 6); }

void account_begin(struct account *a, enum account_time before, bool first)
{
    *a = (struct account){.clock = own_clock(), .doing = (uint8_t)before, .code = TIME_TIER1};
    a->seen = stats_clock(a->clock);
    a->ns[before] = first ? stats_clock(CLOCK_PROCESS_CPUTIME_ID) : a->seen;
}

static void enter(struct account *a, enum account_time what)
{
    __atomic_store_n(&a->entries, a->entries + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* I2, I3; partner: account_add */
    uint64_t now = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    a->ns[what] += now - a->seen;
    a->seen = now;
    __atomic_store_n(&a->entries, a->entries + 1, __ATOMIC_RELEASE);
}

static enum account_time doing(const struct account *a)
{
    return a->doing == TIME_CODE ? (enum account_time)a->code : (enum account_time)a->doing;
}

void account_end(struct account *a)
{
    if (!a->clock)
        return;
    enter(a, doing(a));
    a->clock = 0;
}

enum account_time account_switch(struct account *a, enum account_time what)
{
    enum account_time before = (enum account_time)a->doing;
    if (a->clock)
        enter(a, doing(a));
    account_mark(a, what);
    return before;
}

void account_tick(struct account *a, enum account_time code)
{
    if (!a->clock || __atomic_load_n(&a->entries, __ATOMIC_RELAXED) % 2) /* I2 */
        return;
    if (a->doing == TIME_CODE)
        a->code = (uint8_t)code;
    enter(a, doing(a));
}

void account_add(const struct account *a, uint64_t *sum)
{
    struct account copy;
    for (unsigned i = 0; i < READ_TRIES; i++) { /* I3 */
        uint32_t before = __atomic_load_n(&a->entries, __ATOMIC_ACQUIRE);
        copy = *a;
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* partner: enter */
        if (before % 2 == 0 && before == __atomic_load_n(&a->entries, __ATOMIC_RELAXED))
            break;
    }
    for (unsigned i = 0; i < TIME_COUNT; i++)
        sum[i] += copy.ns[i];
    uint64_t now = copy.clock ? stats_clock(copy.clock) : 0;
    if (now > copy.seen)
        sum[doing(&copy)] += now - copy.seen;
}
