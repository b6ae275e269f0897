/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous signals that somebody sent: SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGTRAP by kill and its kin.
 *
 * Generated code needs these unblocked on the host, so that the host's kernel cannot keep one until the guest unblocks
 * it. Tandem does: one for a thread is in the thread's slots, one for the process is here. A window is the time of a
 * host call for a guest that blocks such signals: they are then blocked on the host as well, and those in waiting are
 * with the kernel. So signalfd, sigtimedwait, sigpending and execve see them. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_SYNC_SIGNALS_H
#define TANDEM_RUNTIME_LINUX_BASE_SYNC_SIGNALS_H

#include "runtime/linux/base/state.h"

/* A sent signal has arrived on its thread; called by the handler. False: the guest ignores it. */
bool sync_arrive(struct thread *t, const siginfo_t *info);
/* Set of those that wait for the process. */
uint64_t sync_waiting(const struct process *proc);
/* Takes the process's instance of signo out; false: there is none any more. */
bool sync_take(struct process *proc, int signo, siginfo_t *info);
/* For a thread that has unblocked a synchronous signal and finds none: one that was on its way is in a slot, or with
 * the kernel, which lets it in when the host's mask does. */
void sync_settle(const struct process *proc);
/* The guest ignores signo now: what waits is gone. t is the calling thread; threads_lock not held. */
void sync_discard(struct thread *t, int signo);
/* What waits for the process and is blocked by t is passed on or offered to other threads. At a block boundary, host
 * signals blocked, threads_lock not held. */
void sync_route(struct thread *t);
/* Around the end of a thread: before it is taken out of the list; and when it uses guest memory no longer, so that
 * synchronous signals can be blocked on the host. What waits is passed on. */
void sync_leave_begin(struct process *proc);
void sync_leave(struct thread *t);
/* In the child of a fork: nothing waits there. */
void sync_forget(struct thread *t);

/* The signals of a window for t's next host call; 0: it needs none. */
uint64_t sync_window(const struct thread *t);
void sync_window_begin(struct thread *t, uint64_t window, enum linux_call call);
void sync_window_end(struct thread *t, uint64_t window);

/* Says of a siginfo that is to be sent that it is for one thread: its receiver could not tell. */
void sync_mark_thread(siginfo_t *info);
/* Takes what tandem has added off a siginfo for the guest. */
void sync_unmark(siginfo_t *info);

#endif
