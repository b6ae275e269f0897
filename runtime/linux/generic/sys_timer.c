/* SPDX-License-Identifier: Apache-2.0 */
/* Timers and sleeping. Those of other clocks than the process's CPU time are the kernel's. */
#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/cpu_time.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/signal_state.h"

enum { SECOND = 1000000000, MICROSECONDS = 1000000 };

/* ---- interval timers ---- */

static bool is_cpu_itimer(uint64_t which) { return (int)which == ITIMER_PROF || (int)which == ITIMER_VIRTUAL; }

static uint64_t ns_of_timeval(const struct timeval *t)
{
    return (uint64_t)t->tv_sec < UINT64_MAX / 2 / SECOND ? (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_usec * 1000
                                                         : UINT64_MAX / 2;
}

static bool is_timeval(const struct timeval *t)
{
    return t->tv_sec >= 0 && t->tv_usec >= 0 && t->tv_usec < MICROSECONDS;
}

/* Rounded up: what has not expired is not 0. */
static struct timeval timeval_of(uint64_t ns)
{
    const uint64_t us = ns / 1000 + (ns % 1000 != 0);
    return (struct timeval){(time_t)(us / MICROSECONDS), (suseconds_t)(us % MICROSECONDS)};
}

static long put_itimer(struct sys_ctx *c, gaddr_t to, const struct cpu_timer_value *v)
{
    const struct itimerval value = {timeval_of(v->interval), timeval_of(v->left)};
    return abi_put(c, SYS_STRUCT_itimerval, to, &value);
}

long sys_getitimer(struct sys_ctx *c)
{
    struct cpu_timer_value now;
    if (!is_cpu_itimer(c->a[0]) || !cpu_timers_itimer(c->t->proc, (int)c->a[0], NULL, &now))
        return sys_pass(c);
    return put_itimer(c, c->a[1], &now);
}

long sys_setitimer(struct sys_ctx *c)
{
    struct itimerval value = {.it_value = {0}};
    struct cpu_timer_value old;
    if (!is_cpu_itimer(c->a[0]))
        return sys_pass(c);
    if (c->a[1] && abi_get(c, SYS_STRUCT_itimerval, &value, c->a[1]))
        return -EFAULT;
    if (!is_timeval(&value.it_value) || !is_timeval(&value.it_interval))
        return -EINVAL;
    const struct cpu_timer_value new = {ns_of_timeval(&value.it_value), ns_of_timeval(&value.it_interval)};
    if (!cpu_timers_itimer(c->t->proc, (int)c->a[0], &new, &old))
        return sys_pass(c);
    return c->a[2] ? put_itimer(c, c->a[2], &old) : 0;
}

/* ---- timers of timer_create ---- */

static bool is_timespec(const struct timespec *t) { return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < SECOND; }

static uint64_t ns_of(const struct timespec *t)
{
    return (uint64_t)t->tv_sec < UINT64_MAX / 2 / SECOND ? (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_nsec
                                                         : UINT64_MAX / 2;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / SECOND), (long)(ns % SECOND)};
}

/* On a clock of the kernel's, which cpu_timers makes expire. */
long sys_timer_create(struct sys_ctx *c)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL};
    struct process *proc = c->t->proc;
    const enum cpu_clock clock = cpu_time_clock((clockid_t)c->a[0]);
    int id;
    if (!clock || !cpu_timers_can(proc))
        return sys_pass(c);
    if (c->a[1] && abi_get(c, SYS_STRUCT_sigevent, &event, c->a[1]))
        return -EFAULT;
    const uint64_t given = c->a[0];
    c->a[0] = CLOCK_MONOTONIC;
    const long result = sys_pass(c);
    c->a[0] = given;
    if (!result && !abi_get(c, SYS_STRUCT_timerid, &id, c->a[2]) &&
        !cpu_timers_add(proc, id, clock, event.sigev_notify == SIGEV_NONE))
        return -EAGAIN;
    return result;
}

static long put_timer(struct sys_ctx *c, gaddr_t to, const struct cpu_timer_value *v)
{
    const struct itimerspec value = {timespec_of(v->interval), timespec_of(v->left)};
    return abi_put(c, SYS_STRUCT_itimerspec, to, &value);
}

long sys_timer_gettime(struct sys_ctx *c)
{
    struct cpu_timer_value now;
    if (!cpu_timers_time(c->t->proc, (int)c->a[0], NULL, false, &now))
        return sys_pass(c);
    return put_timer(c, c->a[1], &now);
}

long sys_timer_settime(struct sys_ctx *c)
{
    struct itimerspec value;
    struct cpu_timer_value old;
    if (!c->a[2])
        return -EINVAL;
    if (abi_get(c, SYS_STRUCT_itimerspec, &value, c->a[2]))
        return -EFAULT;
    if (!is_timespec(&value.it_value) || !is_timespec(&value.it_interval))
        return -EINVAL;
    const struct cpu_timer_value new = {ns_of(&value.it_value), ns_of(&value.it_interval)};
    if (!cpu_timers_time(c->t->proc, (int)c->a[0], &new, c->a[1] & TIMER_ABSTIME, &old))
        return sys_pass(c);
    return c->a[3] ? put_timer(c, c->a[3], &old) : 0;
}

long sys_timer_getoverrun(struct sys_ctx *c)
{
    int overrun;
    return cpu_timers_overrun(c->t->proc, (int)c->a[0], &overrun) ? overrun : sys_pass(c);
}

long sys_timer_delete(struct sys_ctx *c)
{
    cpu_timers_remove(c->t->proc, (int)c->a[0]);
    return sys_pass(c);
}

/* ---- sleeping ---- */

long sys_clock_nanosleep(struct sys_ctx *c)
{
    struct process *proc = c->t->proc;
    const enum cpu_clock clock = cpu_time_clock((clockid_t)c->a[0]);
    const bool absolute = c->a[1] & TIMER_ABSTIME;
    struct timespec time;
    long result;
    if (!clock)
        return sys_pass(c);
    if (abi_get(c, SYS_STRUCT_timespec, &time, c->a[2]))
        return -EFAULT;
    if (!is_timespec(&time))
        return -EINVAL;
    const uint64_t at = ns_of(&time) + (absolute ? 0 : cpu_time_now(proc, clock));
    if (!cpu_timers_sleep(c->t, clock, at, &result))
        return sys_pass(c);
    if (result == -EINTR && !absolute && c->a[3]) {
        const uint64_t now = cpu_time_now(proc, clock);
        time = timespec_of(at > now ? at - now : 0);
        const long err = abi_put(c, SYS_STRUCT_timespec, c->a[3], &time);
        return err ? err : result;
    }
    return result;
}
