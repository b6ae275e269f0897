/* SPDX-License-Identifier: Apache-2.0 */
/* See cpu_waker.h. A timer of the host on the process's CPU time sends the thread a signal, for which it waits.
 *
 * I1  The signal is one that the guest's threads do not block on the host but in windows (base/sync_signals.h). So
 *     there is hardly ever one in waiting for the process, which the thread would take by mistake. It gives it back,
 *     and lets it alone for a while. */
#define _GNU_SOURCE
#include "runtime/linux/generic/cpu_waker.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/state.h"
#include "src/base/background.h"

enum { WAKE_SIGNAL = SIGFPE, STACK = 256 << 10, LOOK_NS = 10000000, SECOND = 1000000000 };

/* Its address is in the timer's signals. */
static const char key;

static bool is_own(const siginfo_t *info)
{
    return (info->si_code == SI_TIMER && info->si_value.sival_ptr == &key) ||
           (info->si_code == SI_TKILL && info->si_pid == getpid());
}

static void wait(const struct cpu_waker *w)
{
    const struct timespec look = {0, LOOK_NS};
    const uint64_t set = lx_sigbit(WAKE_SIGNAL);
    siginfo_t info;
    if (host_call(LINUX_rt_sigtimedwait, (uintptr_t)&set, (uintptr_t)&info, w->has_timer ? 0 : (uintptr_t)&look,
                  LX_SIGSET_SIZE, 0, 0) <= 0 ||
        is_own(&info))
        return;
    host_call(LINUX_rt_sigqueueinfo, (uint64_t)w->tid, WAKE_SIGNAL, (uintptr_t)&info, 0, 0, 0); /* I1 */
    host_call(LINUX_nanosleep, (uintptr_t)&look, 0, 0, 0, 0, 0);
}

static void *waker_main(void *arg)
{
    struct cpu_waker *w = arg;
    struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = WAKE_SIGNAL};
    pthread_setname_np(pthread_self(), "tandem-timer");
    w->tid = (pid_t)host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0);
    ev.sigev_value.sival_ptr = (void *)(uintptr_t)&key;
    ev._sigev_un._tid = w->tid;
    w->has_timer =
        !host_call(LINUX_timer_create, CLOCK_PROCESS_CPUTIME_ID, (uintptr_t)&ev, (uintptr_t)&w->timer, 0, 0, 0);
    __atomic_store_n(&w->waits, true,
                     __ATOMIC_RELEASE); /* partner: cpu_waker_arm; wake takes its caller's lock after */
    while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE)) {
        w->wake(w->arg);
        wait(w);
    }
    if (w->has_timer)
        host_call(LINUX_timer_delete, (unsigned)w->timer, 0, 0, 0, 0, 0);
    return NULL;
}

bool cpu_waker_start(struct cpu_waker *w, void (*wake)(void *arg), void *arg)
{
    if (w->runs)
        return true;
    *w = (struct cpu_waker){.wake = wake, .arg = arg};
    w->runs = !background_is_forbidden() && background_start(&w->thread, waker_main, w, STACK);
    return w->runs;
}

void cpu_waker_arm(const struct cpu_waker *w, uint64_t ns)
{
    struct itimerspec spec = {.it_value = {0}};
    if (!w->runs || !__atomic_load_n(&w->waits, __ATOMIC_ACQUIRE) || !w->has_timer)
        return;
    if (ns != UINT64_MAX)
        spec.it_value = (struct timespec){(time_t)(ns / SECOND), (long)(ns % SECOND) + !ns};
    host_call(LINUX_timer_settime, (unsigned)w->timer, 0, (uintptr_t)&spec, 0, 0, 0);
}

bool cpu_waker_stop(struct cpu_waker *w)
{
    if (!w->runs)
        return false;
    while (!__atomic_load_n(&w->waits, __ATOMIC_ACQUIRE))
        host_call(LINUX_sched_yield, 0, 0, 0, 0, 0, 0);
    __atomic_store_n(&w->stop, true, __ATOMIC_RELEASE);
    host_call(LINUX_tgkill, (uint64_t)getpid(), (uint64_t)w->tid, WAKE_SIGNAL, 0, 0, 0);
    pthread_join(w->thread, NULL);
    w->runs = false;
    return true;
}
