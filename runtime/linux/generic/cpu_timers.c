/* SPDX-License-Identifier: Apache-2.0 */
/* See cpu_timers.h. A thread of tandem's (cpu_waker.h) wakes when the process has had as much CPU time as the next
 * timer has left. If some of it was tandem's, the timer has not expired, and it waits for the rest.
 *
 * I1  Everything is under the lock, in which only host calls are made.
 * I2  The kernel's timers of timer_create are there, with the guest's numbers and events, on a clock that can be made
 *     to expire at once: so queues, threads and values are the kernel's. Their intervals and counts are kept here.
 * I3  A signal of an interval timer is the kernel's own if there are several threads: it goes to one that runs. */
#include "runtime/linux/generic/cpu_timers.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/cpu_waker.h"
#include "runtime/linux/generic/signal_state.h"
#include "src/base/background.h"

enum { SECOND = 1000000000 };

struct cpu_timer {
    struct cpu_timer *next;
    enum { OF_ITIMER, OF_TIMER, OF_SLEEP } kind;
    enum cpu_clock clock;
    int id;                /* ITIMER_*, or the kernel's number */
    bool silent;           /* no signal */
    bool on;               /* it will expire at this time of its clock: */
    uint64_t at, interval; /* ns; interval 0: once */
    uint64_t expired;      /* how often since a signal was taken */
    int overrun;           /* timer_getoverrun */
    uint32_t done;         /* futex, of OF_SLEEP */
};

struct cpu_timers {
    pthread_mutex_t lock;
    struct cpu_timer prof, virt;
    struct cpu_timer *first; /* the others */
    struct cpu_waker waker;
    bool host; /* there could be no thread once: all is left to the kernel */
};

static struct cpu_timers *lock(struct process *proc)
{
    struct cpu_timers *timers = proc->lx->cpu_timers;
    if (!timers)
        return NULL;
    pthread_mutex_lock(&timers->lock);
    if (!timers->host)
        return timers;
    pthread_mutex_unlock(&timers->lock);
    return NULL;
}

static void unlock(struct cpu_timers *timers) { pthread_mutex_unlock(&timers->lock); }

/* ---- expiring, on the waker's thread ---- */

/* To the process, as the kernel does it. */
static void send(int signo)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signo;
    info.si_code = SI_KERNEL;
    const long tid = host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0); /* else only negative codes are allowed */
    host_call(LINUX_rt_sigqueueinfo, (uint64_t)tid, (uint64_t)signo, (uintptr_t)&info, 0, 0, 0);
}

static void signal_of_itimer(struct process *proc, int which)
{
    const struct itimerval now = {.it_value = {0, 1}};
    if (__atomic_load_n(&proc->thread_count, __ATOMIC_RELAXED) > 1)
        host_call(LINUX_setitimer, (unsigned)which, (uintptr_t)&now, 0, 0, 0, 0); /* I3 */
    else
        send(which == ITIMER_PROF ? SIGPROF : SIGVTALRM);
}

static void signal_of_timer(const struct cpu_timer *timer)
{
    const struct itimerspec now = {.it_value = {0, 1}};
    host_call(LINUX_timer_settime, (unsigned)timer->id, TIMER_ABSTIME, (uintptr_t)&now, 0, 0, 0);
}

/* Counts the expirations until now; false: there is none. */
static bool go_on_to(struct cpu_timer *timer, uint64_t now)
{
    if (!timer->on || now < timer->at)
        return false;
    const uint64_t times = timer->interval ? (now - timer->at) / timer->interval + 1 : 1;
    timer->at += times * timer->interval;
    timer->on = timer->interval;
    timer->expired += times;
    return true;
}

static void expire(struct process *proc, struct cpu_timer *timer)
{
    if (timer->silent || !timer->on || !go_on_to(timer, cpu_time_now(proc, timer->clock)))
        return;
    switch (timer->kind) {
    case OF_ITIMER:
        signal_of_itimer(proc, timer->id);
        break;
    case OF_TIMER:
        signal_of_timer(timer);
        break;
    case OF_SLEEP:
        __atomic_store_n(&timer->done, 1, __ATOMIC_RELEASE); /* partner: cpu_timers_sleep */
        host_call(LINUX_futex, (uintptr_t)&timer->done, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
        break;
    }
}

static uint64_t limit_ns(uint64_t seconds) { return seconds < UINT64_MAX / SECOND ? seconds * SECOND : UINT64_MAX; }

/* When to look at it; UINT64_MAX: never. */
static uint64_t next_limit(const struct process *proc)
{
    const struct rlimit64 *limit = &proc->lx->limit[LX_RLIMIT_CPU];
    if (!proc->lx->limit_set[LX_RLIMIT_CPU])
        return UINT64_MAX;
    const uint64_t soft = limit_ns(limit->rlim_cur), hard = limit_ns(limit->rlim_max);
    return soft < hard ? soft : hard;
}

/* As the kernel: SIGXCPU each second from the soft limit on, SIGKILL at the hard one. */
static void expire_limit(struct process *proc)
{
    struct rlimit64 *limit = &proc->lx->limit[LX_RLIMIT_CPU];
    if (next_limit(proc) == UINT64_MAX)
        return;
    const uint64_t now = cpu_time_now(proc, CPU_CLOCK_ALL);
    if (now >= limit_ns(limit->rlim_max))
        host_call(LINUX_kill, (uint64_t)getpid(), SIGKILL, 0, 0, 0, 0);
    if (now >= limit_ns(limit->rlim_cur)) {
        send(SIGXCPU);
        __atomic_fetch_add(&limit->rlim_cur, 1, __ATOMIC_RELAXED);
    }
}

static void least(uint64_t *left, uint64_t at, uint64_t now)
{
    const uint64_t more = at > now ? at - now : 0;
    *left = more < *left ? more : *left;
}

static void least_of(struct process *proc, const struct cpu_timer *timer, uint64_t *left)
{
    if (timer->on && !timer->silent)
        least(left, timer->at, cpu_time_now(proc, timer->clock));
}

/* The thread is to look when the next of them may have expired. */
static void arm_locked(struct process *proc)
{
    const struct cpu_timers *timers = proc->lx->cpu_timers;
    uint64_t left = UINT64_MAX;
    least_of(proc, &timers->prof, &left);
    least_of(proc, &timers->virt, &left);
    for (const struct cpu_timer *timer = timers->first; timer; timer = timer->next)
        least_of(proc, timer, &left);
    const uint64_t limit = next_limit(proc);
    if (limit != UINT64_MAX)
        least(&left, limit, cpu_time_now(proc, CPU_CLOCK_ALL));
    cpu_waker_arm(&timers->waker, left);
}

static void wake(void *arg)
{
    struct process *proc = arg;
    struct cpu_timers *timers = proc->lx->cpu_timers;
    pthread_mutex_lock(&timers->lock);
    expire(proc, &timers->prof);
    expire(proc, &timers->virt);
    for (struct cpu_timer *timer = timers->first; timer; timer = timer->next)
        expire(proc, timer);
    expire_limit(proc);
    arm_locked(proc);
    unlock(timers);
}

/* ---- setting ---- */

/* Is there a thread that looks? If not, all is the kernel's from now on. */
static bool looks_locked(struct process *proc)
{
    struct cpu_timers *timers = proc->lx->cpu_timers;
    timers->host = !cpu_waker_start(&timers->waker, wake, proc);
    return !timers->host;
}

static void set(struct process *proc, struct cpu_timer *timer, const struct cpu_timer_value *new, bool absolute)
{
    const uint64_t now = absolute ? 0 : cpu_time_now(proc, timer->clock);
    timer->on = new->left;
    timer->at = now + new->left < now ? UINT64_MAX : now + new->left;
    timer->interval = new->interval;
    timer->expired = 0;
    timer->overrun = 0;
    if (timer->on && !timer->silent)
        arm_locked(proc);
}

static struct cpu_timer_value value_of(struct process *proc, struct cpu_timer *timer)
{
    const uint64_t now = timer->on ? cpu_time_now(proc, timer->clock) : 0;
    if (timer->silent)
        go_on_to(timer, now);
    if (!timer->on)
        return (struct cpu_timer_value){0, timer->interval};
    return (struct cpu_timer_value){timer->at > now ? timer->at - now : 1, timer->interval};
}

static struct cpu_timer *itimer(struct cpu_timers *timers, int which)
{
    return which == ITIMER_PROF ? &timers->prof : &timers->virt;
}

bool cpu_timers_itimer(struct process *proc, int which, const struct cpu_timer_value *new, struct cpu_timer_value *old)
{
    struct cpu_timers *timers = lock(proc);
    if (!timers)
        return false;
    const bool ok = !new || !new->left || looks_locked(proc);
    if (ok)
        *old = value_of(proc, itimer(timers, which));
    if (ok && new)
        set(proc, itimer(timers, which), new, false);
    unlock(timers);
    return ok;
}

bool cpu_timers_can(struct process *proc)
{
    struct cpu_timers *timers = lock(proc);
    const bool ok = timers && looks_locked(proc);
    if (timers)
        unlock(timers);
    return ok;
}

bool cpu_timers_add(struct process *proc, int id, enum cpu_clock clock, bool silent)
{
    struct cpu_timer *timer = calloc(1, sizeof *timer);
    struct cpu_timers *timers = timer ? lock(proc) : NULL;
    if (!timers) {
        free(timer);
        return false;
    }
    *timer = (struct cpu_timer){.next = timers->first, .kind = OF_TIMER, .clock = clock, .id = id, .silent = silent};
    timers->first = timer;
    unlock(timers);
    return true;
}

/* The place of the link to a timer of timer_create; NULL: it is none of these. */
static struct cpu_timer **find_locked(struct cpu_timers *timers, int id)
{
    for (struct cpu_timer **p = &timers->first; *p; p = &(*p)->next) {
        if ((*p)->kind == OF_TIMER && (*p)->id == id)
            return p;
    }
    return NULL;
}

/* The same with the lock held; NULL and no lock if there is none. */
static struct cpu_timer *lock_timer(struct process *proc, int id)
{
    struct cpu_timers *timers = lock(proc);
    struct cpu_timer **timer = timers ? find_locked(timers, id) : NULL;
    if (timers && !timer)
        unlock(timers);
    return timer ? *timer : NULL;
}

bool cpu_timers_time(struct process *proc, int id, const struct cpu_timer_value *new, bool absolute,
                     struct cpu_timer_value *old)
{
    const struct itimerspec off = {.it_value = {0}};
    struct cpu_timer *timer = lock_timer(proc, id);
    if (!timer)
        return false;
    *old = value_of(proc, timer);
    if (new) {
        host_call(LINUX_timer_settime, (unsigned)id, 0, (uintptr_t)&off, 0, 0, 0);
        set(proc, timer, new, absolute);
    }
    unlock(proc->lx->cpu_timers);
    return true;
}

bool cpu_timers_overrun(struct process *proc, int id, int *overrun)
{
    const struct cpu_timer *timer = lock_timer(proc, id);
    if (!timer)
        return false;
    *overrun = timer->overrun;
    unlock(proc->lx->cpu_timers);
    return true;
}

void cpu_timers_remove(struct process *proc, int id)
{
    struct cpu_timers *timers = lock(proc);
    struct cpu_timer **place = timers ? find_locked(timers, id) : NULL;
    if (place) {
        struct cpu_timer *timer = *place;
        *place = timer->next;
        free(timer);
    }
    if (timers)
        unlock(timers);
}

void cpu_timers_taken(struct process *proc, siginfo_t *info)
{
    if (info->si_code != SI_TIMER)
        return;
    struct cpu_timer *timer = lock_timer(proc, info->si_timerid);
    if (!timer)
        return;
    const uint64_t more = timer->expired ? timer->expired - 1 : 0;
    info->si_overrun = timer->overrun = more < INT_MAX ? (int)more : INT_MAX;
    timer->expired = 0;
    unlock(proc->lx->cpu_timers);
}

/* ---- sleeping ---- */

static void drop_sleep(struct process *proc, const struct cpu_timer *timer)
{
    struct cpu_timers *timers = proc->lx->cpu_timers;
    pthread_mutex_lock(&timers->lock);
    for (struct cpu_timer **p = &timers->first; *p; p = &(*p)->next) {
        if (*p == timer) {
            *p = timer->next;
            break;
        }
    }
    unlock(timers);
}

bool cpu_timers_sleep(struct thread *t, enum cpu_clock clock, uint64_t at, long *result)
{
    struct process *proc = t->proc;
    struct cpu_timers *timers = lock(proc);
    if (!timers)
        return false;
    struct cpu_timer timer = {.next = timers->first, .kind = OF_SLEEP, .clock = clock, .on = true, .at = at};
    const bool ok = looks_locked(proc);
    if (ok) {
        timers->first = &timer;
        arm_locked(proc);
    }
    unlock(timers);
    if (!ok)
        return false;
    *result = 0;
    while (!*result && !__atomic_load_n(&timer.done, __ATOMIC_ACQUIRE))
        *result = host_call_intr(t, LINUX_futex, (uintptr_t)&timer.done, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
    drop_sleep(proc, &timer);
    if (*result == -EAGAIN || __atomic_load_n(&timer.done, __ATOMIC_ACQUIRE))
        *result = 0;
    else if (*result == LX_RESTARTSYS)
        *result = -EINTR;
    return true;
}

/* ---- the limit ---- */

bool cpu_timers_limited(struct process *proc)
{
    struct cpu_timers *timers = lock(proc);
    if (timers)
        unlock(timers);
    return timers && proc->lx->limit_set[LX_RLIMIT_CPU];
}

static void set_host_limit(const struct rlimit64 *limit)
{
    host_call(LINUX_prlimit64, 0, RLIMIT_CPU, (uintptr_t)limit, 0, 0, 0);
}

/* The host's own limit is to come as late as may be. */
static void raise_host_limit(const struct rlimit64 *host)
{
    const struct rlimit64 none = {RLIM64_INFINITY, RLIM64_INFINITY}, later = {host->rlim_max, host->rlim_max};
    if (host->rlim_cur != RLIM64_INFINITY && host_call(LINUX_prlimit64, 0, RLIMIT_CPU, (uintptr_t)&none, 0, 0, 0))
        set_host_limit(&later);
}

static bool is_finite(const struct rlimit64 *limit)
{
    return limit->rlim_cur != RLIM64_INFINITY || limit->rlim_max != RLIM64_INFINITY;
}

void cpu_timers_limit(struct process *proc, const struct rlimit64 *limit)
{
    struct cpu_timers *timers = lock(proc);
    struct rlimit64 *own = &proc->lx->limit[LX_RLIMIT_CPU];
    if (!timers)
        return;
    if (is_finite(limit) && !looks_locked(proc)) {
        set_host_limit(limit);
        proc->lx->limit_set[LX_RLIMIT_CPU] = false;
    } else {
        __atomic_store_n(&own->rlim_max, limit->rlim_max, __ATOMIC_RELAXED);
        __atomic_store_n(&own->rlim_cur, limit->rlim_cur, __ATOMIC_RELAXED);
        arm_locked(proc);
    }
    unlock(timers);
}

void cpu_timers_lend(struct process *proc)
{
    if (proc->lx->limit_set[LX_RLIMIT_CPU])
        set_host_limit(&proc->lx->limit[LX_RLIMIT_CPU]);
    proc->lx->limit_set[LX_RLIMIT_CPU] = false;
}

/* ---- begin and end ---- */

static void init(struct cpu_timers *timers)
{
    *timers = (struct cpu_timers){.prof = {.kind = OF_ITIMER, .clock = CPU_CLOCK_ALL, .id = ITIMER_PROF},
                                  .virt = {.kind = OF_ITIMER, .clock = CPU_CLOCK_USER, .id = ITIMER_VIRTUAL}};
    pthread_mutex_init(&timers->lock, NULL);
}

/* The limit that the process begins with. */
static void begin_limit(struct process *proc, const struct rlimit64 *told)
{
    struct rlimit64 host;
    if (host_call(LINUX_prlimit64, 0, RLIMIT_CPU, 0, (uintptr_t)&host, 0, 0))
        return;
    const struct rlimit64 limit = told ? *told : host;
    raise_host_limit(&host);
    proc->lx->limit_set[LX_RLIMIT_CPU] = true;
    proc->lx->limit[LX_RLIMIT_CPU] = limit;
    if (is_finite(&limit))
        cpu_timers_limit(proc, &limit);
}

static uint64_t ns_of(const struct timeval *t) { return (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_usec * 1000; }

/* The host's timer becomes tandem's. */
static void take_itimer(struct process *proc, int which)
{
    const struct itimerval off = {.it_value = {0}};
    struct itimerval host;
    struct cpu_timer_value old, left;
    host_call(LINUX_getitimer, (unsigned)which, (uintptr_t)&host, 0, 0, 0, 0);
    left = (struct cpu_timer_value){ns_of(&host.it_value), ns_of(&host.it_interval)};
    if (left.left && cpu_timers_itimer(proc, which, &left, &old))
        host_call(LINUX_setitimer, (unsigned)which, (uintptr_t)&off, 0, 0, 0, 0);
}

void cpu_timers_begin(struct process *proc)
{
    struct rlimit64 limit;
    struct background_time before;
    const char *text = proc->options->exec_cpu;
    const bool told = text && sscanf(text, "%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64, &before.user, &before.system,
                                     (uint64_t *)&limit.rlim_cur, (uint64_t *)&limit.rlim_max) == 4;
    struct cpu_timers *timers = malloc(sizeof *timers);
    if (!timers)
        return;
    init(timers);
    proc->lx->cpu_timers = timers;
    if (told)
        background_had(&before);
    begin_limit(proc, told ? &limit : NULL);
    take_itimer(proc, ITIMER_PROF);
    take_itimer(proc, ITIMER_VIRTUAL);
}

static struct timeval timeval_of(uint64_t ns)
{
    return (struct timeval){(time_t)(ns / SECOND), (suseconds_t)(ns % SECOND / 1000)};
}

static void give_itimer(struct process *proc, struct cpu_timer *timer)
{
    const struct cpu_timer_value left = value_of(proc, timer);
    const struct itimerval host = {timeval_of(left.interval), timeval_of(left.left + 999)};
    if (timer->on)
        host_call(LINUX_setitimer, (unsigned)timer->id, (uintptr_t)&host, 0, 0, 0, 0);
    timer->on = false;
}

void cpu_timers_leave(struct process *proc, bool limit)
{
    struct cpu_timers *timers = lock(proc);
    if (!timers)
        return;
    give_itimer(proc, &timers->prof);
    give_itimer(proc, &timers->virt);
    if (limit && proc->lx->limit_set[LX_RLIMIT_CPU])
        set_host_limit(&proc->lx->limit[LX_RLIMIT_CPU]);
    unlock(timers);
}

void cpu_timers_return(struct process *proc)
{
    struct rlimit64 host;
    if (!proc->lx->cpu_timers)
        return;
    take_itimer(proc, ITIMER_PROF);
    take_itimer(proc, ITIMER_VIRTUAL);
    if (!host_call(LINUX_prlimit64, 0, RLIMIT_CPU, 0, (uintptr_t)&host, 0, 0))
        raise_host_limit(&host);
}

bool cpu_timers_tell(const struct process *proc, char text[CPU_TIMERS_TEXT])
{
    const struct background_time own = background_cpu_time();
    const struct rlimit64 *limit = &proc->lx->limit[LX_RLIMIT_CPU];
    if (!proc->lx->cpu_timers || !proc->lx->limit_set[LX_RLIMIT_CPU] || (!own.user && !own.system && !is_finite(limit)))
        return false;
    snprintf(text, CPU_TIMERS_TEXT, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, own.user, own.system,
             (uint64_t)limit->rlim_cur, (uint64_t)limit->rlim_max);
    return true;
}

void cpu_timers_fork_prepare(struct process *proc)
{
    if (proc->lx->cpu_timers)
        pthread_mutex_lock(&proc->lx->cpu_timers->lock);
}

void cpu_timers_fork_done(struct process *proc)
{
    if (proc->lx->cpu_timers)
        unlock(proc->lx->cpu_timers);
}

/* It has no timers; the others' sleeps lie on stacks that it has not. */
void cpu_timers_fork_child(struct process *proc)
{
    struct cpu_timers *timers = proc->lx->cpu_timers;
    for (struct cpu_timer *timer = timers ? timers->first : NULL, *next; timer; timer = next) {
        next = timer->next;
        if (timer->kind == OF_TIMER)
            free(timer);
    }
    if (!timers && !(timers = malloc(sizeof *timers)))
        return;
    const bool had_limit = proc->lx->cpu_timers && proc->lx->limit_set[LX_RLIMIT_CPU];
    const struct rlimit64 limit = proc->lx->limit[LX_RLIMIT_CPU];
    init(timers);
    proc->lx->cpu_timers = timers;
    begin_limit(proc, had_limit ? &limit : NULL);
}

bool cpu_timers_pause(struct process *proc)
{
    return proc->lx->cpu_timers && cpu_waker_stop(&proc->lx->cpu_timers->waker);
}

void cpu_timers_go_on(struct process *proc)
{
    struct cpu_timers *timers = lock(proc);
    if (timers) {
        looks_locked(proc);
        unlock(timers);
    }
}
