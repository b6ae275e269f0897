/* SPDX-License-Identifier: Apache-2.0 */
/* The side of ptrace that is traced. Functions are called by the traced thread itself unless it says otherwise. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_TRACED_H
#define TANDEM_RUNTIME_LINUX_GENERIC_TRACED_H

#include <ucontext.h>

#include "runtime/linux/base/state.h"

static inline bool traced(const struct thread *t)
{
    return __atomic_load_n(&t->lx->trace.tracer, __ATOMIC_RELAXED) != 0;
}

/* PTRACE_TRACEME: 0 or -errno. */
long traced_by_parent(struct thread *t);
/* A message to a traced thread has come (enum of trace.h). In its signal handler. */
void traced_message(struct thread *t, const siginfo_t *info, ucontext_t *uc);

/* Is there something for traced_deliver to do? Cheap. */
static inline bool traced_has_news(const struct thread *t)
{
    return traced(t) || __atomic_load_n(&t->lx->trace_begin.tid, __ATOMIC_RELAXED);
}
/* At a block boundary, before signals are delivered: stops that are not a signal's. cpu->pending is cleared before. */
void traced_deliver(struct thread *t);
/* Is there a SIGSTOP of the tracer's to be delivered? traced_take_stop takes it. Cheap. */
bool traced_asks(const struct thread *t);
bool traced_take_stop(struct thread *t, siginfo_t *info);
/* Stops before signal signo is delivered: the signal to deliver instead, whose *info may have changed; 0: none. Host
 * signals blocked. */
int traced_signal(struct thread *t, int signo, siginfo_t *info);
/* The default action of a signal that stops. */
void traced_group_stop(struct thread *t, int signo);
/* Does SIGTRAP come behind each instruction? */
static inline bool traced_steps(const struct thread *t) { return t->lx->trace.resume == TRACE_STEP; }

/* Around a system call, whose registers are still, or already, in place. False: the tracer does not want it made. */
bool traced_call_begin(struct thread *t);
void traced_call_end(struct thread *t);

/* What event a clone with these arguments is to the tracer of t (PTRACE_EVENT_*); 0: none. */
int traced_clone_event(const struct thread *t, uint64_t flags, int exit_signal);
/* The new thread is traced as its maker is, if event is not 0; else it is not. Before it runs, any thread. */
void traced_inherit(struct thread *child, const struct thread *maker, int event);
/* Tells the tracer of an event, if it wants to know; its message is what PTRACE_GETEVENTMSG gives. */
void traced_event(struct thread *t, int event, uint64_t message);

/* The thread, or with it the whole process, is about to end; status as wait shows it. */
void traced_end(struct thread *t, int status, bool whole);
/* The record is freed. Any thread, when t runs no longer. */
void traced_fini(struct thread *t);

/* For the new tandem of an execve: what it is to know, as text; false: nothing. traced_exec_failed: it did not come to
 * be. */
enum { TRACED_TEXT = 96 };
bool traced_exec(struct thread *t, char text[TRACED_TEXT]);
void traced_exec_failed(struct thread *t);
/* The new tandem's first thread. */
void traced_begin(struct thread *t);

#endif
