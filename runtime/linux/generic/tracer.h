/* SPDX-License-Identifier: Apache-2.0 */
/* The side of ptrace that traces. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_TRACER_H
#define TANDEM_RUNTIME_LINUX_GENERIC_TRACER_H

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"

/* A message to a tracer has come (enum of trace.h). In its signal handler. */
void tracer_message(struct thread *t, const siginfo_t *info);

/* PTRACE_ATTACH, and PTRACE_SEIZE with its options: 0 or -errno. */
long tracer_attach(struct thread *t, pid_t tid, bool seize, uint32_t options);
/* The thread tid that t traces; NULL: it does not. */
struct lx_tracee *tracer_find(struct thread *t, pid_t tid);
/* The record of a thread that stands still: 0, or -ESRCH: it does not. */
long tracer_read(const struct lx_tracee *tracee, struct trace_record *r);
/* Lets it go on as the record says, whose fields are written back. 0 or -ESRCH. */
long tracer_go(struct lx_tracee *tracee, struct trace_record *r);
/* What the record says of registers, signal and options is written back. */
long tracer_write(const struct lx_tracee *tracee, const struct trace_record *r);
/* PTRACE_INTERRUPT: 0 or -ESRCH. */
long tracer_interrupt(struct lx_tracee *tracee);

/* kill and its kin: is signo for thread or process id SIGSTOP to a thread that is traced, so that its tracer is to see
 * it? Then it is on its way. Any thread. */
bool tracer_takes_stop(struct thread *t, pid_t id, int signo);
/* t has written to memory of another process, by a file or a call: what it traces, and stands still, may be changed. */
void tracer_wrote(struct thread *t, gaddr_t addr, uint64_t len);
/* A SIGCHLD that is to be delivered says by which signal a tracee has stopped. */
void tracer_correct(struct thread *t, siginfo_t *info);
/* The process ends: those that are to die with it do. */
void tracer_end(struct process *proc);

#endif
