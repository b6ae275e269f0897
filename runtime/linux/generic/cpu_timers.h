/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of the process's CPU time, and RLIMIT_CPU, by the guest's time (base/cpu_time.h): the kernel's would count
 * tandem's own threads.
 *
 * Where no thread can look after them (a process that shares its parent's memory, or the system has no thread left),
 * the functions say so, and the kernel's are to be used: nothing of tandem's then runs in that process. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_CPU_TIMERS_H
#define TANDEM_RUNTIME_LINUX_GENERIC_CPU_TIMERS_H

#include <signal.h>
#include <sys/resource.h>

#include "runtime/linux/base/cpu_time.h"
#include "runtime/linux/base/process.h"

struct cpu_timers;

/* What is left of a timer (0: it is off), and its interval: ns. */
struct cpu_timer_value {
    uint64_t left, interval;
};

/* Makes proc->lx->cpu_timers; takes over what execve has left (--exec-cpu, interval timers), and the limit. Main thread
 * only, before the guest runs. */
void cpu_timers_begin(struct process *proc);

/* All of these: any guest thread. False: the kernel's are to be used; nothing was done. */
/* ITIMER_PROF and ITIMER_VIRTUAL: sets (new may be NULL) and returns what was. */
bool cpu_timers_itimer(struct process *proc, int which, const struct cpu_timer_value *new, struct cpu_timer_value *old);
/* Can the timers of timer_create be tandem's? */
bool cpu_timers_can(struct process *proc);
/* The kernel's timer id, of another clock, is the guest's of this one. silent: SIGEV_NONE. False: no memory. */
bool cpu_timers_add(struct process *proc, int id, enum cpu_clock clock, bool silent);
/* timer_settime (new; absolute: new->left is a time of the clock) and timer_gettime (NULL). */
bool cpu_timers_time(struct process *proc, int id, const struct cpu_timer_value *new, bool absolute,
                     struct cpu_timer_value *old);
bool cpu_timers_overrun(struct process *proc, int id, int *overrun);
/* Forgets the timer, which the kernel is told to delete. */
void cpu_timers_remove(struct process *proc, int id);
/* A signal has been taken for the guest: of one of these timers it says how many expirations it stands for. */
void cpu_timers_taken(struct process *proc, siginfo_t *info);
/* Waits until the clock has come to at: 0; LX_RESTARTNOINTR: not begun; -EINTR. */
bool cpu_timers_sleep(struct thread *t, enum cpu_clock clock, uint64_t at, long *result);

/* Is RLIMIT_CPU tandem's? Else the host's is the guest's. */
bool cpu_timers_limited(struct process *proc);
/* Sets the limit. */
void cpu_timers_limit(struct process *proc, const struct rlimit64 *limit);
/* In a process that shares its parent's memory and has a copy of its proc->lx: the limit becomes the host's. */
void cpu_timers_lend(struct process *proc);

/* Around execve: the host gets the timers and, if the new program is not tandem, the limit; after a failure back again.
 * What the new tandem is told besides (--exec-cpu): text of at most CPU_TIMERS_TEXT bytes, false if there is none. */
enum { CPU_TIMERS_TEXT = 96 };
void cpu_timers_leave(struct process *proc, bool limit);
void cpu_timers_return(struct process *proc);
bool cpu_timers_tell(const struct process *proc, char text[CPU_TIMERS_TEXT]);
/* Around fork: before, after in both, and at last in the child. */
void cpu_timers_fork_prepare(struct process *proc);
void cpu_timers_fork_done(struct process *proc);
void cpu_timers_fork_child(struct process *proc);
/* Ends the thread, as engine_end_threads does its own; true is for cpu_timers_go_on. */
bool cpu_timers_pause(struct process *proc);
void cpu_timers_go_on(struct process *proc);

#endif
