/* SPDX-License-Identifier: Apache-2.0 */
/* See ticks.h. The kernel looks at timers of CPU time at its own ticks, so that a period below theirs asks for one
 * signal a tick. */
#include "runtime/linux/generic/ticks.h"

#include <time.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/state.h"

enum {
    TICKS_SIGNAL = SIGBUS, /* faults that it stands in the way of are repeated by the instruction */
    TICKS_PERIOD_NS = 1000000,
};

/* Its address is in each tick. */
static const char key;

bool ticks_is_one(const siginfo_t *info)
{
    return info->si_signo == TICKS_SIGNAL && info->si_code == SI_TIMER && info->si_value.sival_ptr == &key;
}

void ticks_begin(struct thread *t)
{
    struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICKS_SIGNAL};
    ev.sigev_value.sival_ptr = (void *)(uintptr_t)&key;
    ev._sigev_un._tid = t->tid;
    struct lx_ticks *ticks = &t->lx->ticks;
    ticks->on =
        !host_call(LINUX_timer_create, CLOCK_THREAD_CPUTIME_ID, (uintptr_t)&ev, (uintptr_t)&ticks->timer, 0, 0, 0);
    const struct timespec period = {.tv_nsec = TICKS_PERIOD_NS};
    const struct itimerspec spec = {.it_interval = period, .it_value = period};
    if (ticks->on)
        host_call(LINUX_timer_settime, (unsigned)ticks->timer, 0, (uintptr_t)&spec, 0, 0, 0);
}

void ticks_end(struct thread *t)
{
    if (t->lx->ticks.on)
        host_call(LINUX_timer_delete, (unsigned)t->lx->ticks.timer, 0, 0, 0, 0, 0);
    t->lx->ticks.on = false;
}
