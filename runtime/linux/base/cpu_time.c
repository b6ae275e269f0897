/* SPDX-License-Identifier: Apache-2.0 */
/* See cpu_time.h.
 *
 * I1  No sum is less than one before, whatever happened between the readings of the clocks; nor is a part, unless
 *     several threads ask for parts at once. A child of fork begins again. */
#include "runtime/linux/base/cpu_time.h"

#include <sys/resource.h>
#include <unistd.h>

#include "runtime/linux/base/state.h"
#include "src/base/background.h"

enum { SECOND = 1000000000, CLOSE_ENOUGH = 100000, LOOKS = 5 };

/* The answers before are those of this process, or none. */
static struct lx_cpu_time *answers(struct process *proc)
{
    struct lx_cpu_time *a = &proc->lx->cpu_time;
    const pid_t pid = getpid();
    if (__atomic_load_n(&a->pid, __ATOMIC_ACQUIRE) != pid) {
        __atomic_store_n(&a->total, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&a->user, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&a->system, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&a->pid, pid, __ATOMIC_RELEASE);
    }
    return a;
}

/* now, or the largest answer until now (I1). */
static uint64_t not_less(uint64_t *last, uint64_t now)
{
    uint64_t before = __atomic_load_n(last, __ATOMIC_RELAXED);
    while (before < now && !__atomic_compare_exchange_n(last, &before, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    return before < now ? now : before;
}

enum cpu_clock cpu_time_clock(clockid_t clock)
{
    enum { KIND = 7, PROF = 0, VIRT = 1, SCHED = 2 };
    if (clock == CLOCK_PROCESS_CPUTIME_ID)
        return CPU_CLOCK_ALL;
    const pid_t pid = (pid_t) ~(clock >> 3);
    if (clock >= 0 || (pid != 0 && pid != getpid()))
        return CPU_CLOCK_NONE;
    const unsigned kind = (unsigned)clock & KIND;
    return kind == PROF || kind == SCHED ? CPU_CLOCK_ALL : kind == VIRT ? CPU_CLOCK_USER : CPU_CLOCK_NONE;
}

static uint64_t background_total(void)
{
    const struct background_time t = background_cpu_time();
    return t.user + t.system;
}

static uint64_t all_time(struct process *proc)
{
    struct timespec ts = {0, 0};
    uint64_t before = background_total(), after;
    for (unsigned look = 0; look < LOOKS; look++) {
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
        after = background_total();
        if (after - before <= CLOSE_ENOUGH)
            break;
        before = after;
    }
    const uint64_t all = (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
    return not_less(&answers(proc)->total, all > before ? all - before : 0);
}

static uint64_t ns_of(const struct timeval *t) { return (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_usec * 1000; }

uint64_t cpu_time_now(struct process *proc, enum cpu_clock clock)
{
    struct rusage u;
    if (clock != CPU_CLOCK_USER || getrusage(RUSAGE_SELF, &u))
        return all_time(proc);
    uint64_t user = ns_of(&u.ru_utime), system = ns_of(&u.ru_stime);
    cpu_time_correct(proc, &user, &system);
    return user;
}

/* As the kernel does it (cputime_adjust): the sum is right, and neither part goes back. */
void cpu_time_correct(struct process *proc, uint64_t *user, uint64_t *system)
{
    const struct background_time t = background_cpu_time();
    struct lx_cpu_time *a = answers(proc);
    const uint64_t own = t.user + t.system, host = *user + *system;
    const uint64_t all = not_less(&a->total, host > own ? host - own : 0);
    const uint64_t last_user = __atomic_load_n(&a->user, __ATOMIC_RELAXED);
    uint64_t part = not_less(&a->system, *system > t.system ? *system - t.system : 0);
    if (part + last_user > all)
        part = all > last_user ? all - last_user : 0;
    *system = part;
    *user = all - part;
    __atomic_store_n(&a->user, *user, __ATOMIC_RELAXED);
    __atomic_store_n(&a->system, part, __ATOMIC_RELAXED);
}
