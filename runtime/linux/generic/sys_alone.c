/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that the kernel allows only to a process of one thread, or to one that shares no directory: if the guest has
 * one thread, so has the process while they are made. */
#include <sched.h>
#include <sys/stat.h>
#include <time.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/pass.h"

enum { LOOKS = 1000, PAUSE_NS = 50000, LINKS_OF_ONE_THREAD = 3 };

/* A thread that has been joined is still the kernel's for a moment. */
static void await_alone(void)
{
    struct stat tasks;
    for (unsigned i = 0; i < LOOKS; i++) {
        if (stat("/proc/self/task", &tasks) || tasks.st_nlink <= LINKS_OF_ONE_THREAD)
            return;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
}

static long by_itself(struct sys_ctx *c)
{
    struct process *proc = c->t->proc;
    if (proc->lender || __atomic_load_n(&proc->thread_count, __ATOMIC_RELAXED) != 1)
        return sys_host(c);
    const bool timed = cpu_timers_pause(proc), ticked = engine_end_threads(proc->engine);
    await_alone();
    const long result = sys_host(c);
    engine_begin_threads(proc->engine, ticked);
    if (timed)
        cpu_timers_go_on(proc);
    return result;
}

long sys_unshare(struct sys_ctx *c)
{
    const uint64_t alone = CLONE_NEWUSER | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
    return c->a[0] & alone ? by_itself(c) : sys_host(c);
}

long sys_setns(struct sys_ctx *c) { return by_itself(c); }
