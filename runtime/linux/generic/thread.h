/* SPDX-License-Identifier: Apache-2.0 */
/* Guest threads: each is a host thread of its own. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_THREAD_H
#define TANDEM_RUNTIME_LINUX_GENERIC_THREAD_H

#include "runtime/linux/base/state.h"

enum { LX_PID_LEVELS = 32 }; /* nested namespaces of ids: the kernel's MAX_PID_NS_LEVEL */

struct lx_clone {
    uint64_t flags; /* CLONE_*, without the exit signal */
    int exit_signal;
    gaddr_t stack; /* the child's sp; 0: the parent's */
    gaddr_t parent_tid, child_tid, tls;
    struct guest_tls tls_desc; /* what tls points at, for guests where it is an address (guest_linux.read_tls) */
    gaddr_t pidfd;
    pid_t set_tid[LX_PID_LEVELS]; /* clone3: ids that the process is to have, innermost namespace first */
    unsigned set_tid_count;
    uint64_t cgroup; /* CLONE_INTO_CGROUP: a descriptor */
};

/* Before the guest begins: signals 32 and 33 are its own from now on, with the actions that the process has inherited.
 * Main thread only, while there is no other. */
void thread_claim_signals(void);
/* The first guest thread, for the calling host thread: cpu, generated code's stack, signal stack; entered in
 * proc->threads. The guest's registers are left zero: call guest->cpu.init next. NULL: out of memory. */
struct thread *linux_thread_main(struct process *proc);
/* Last step before engine_run on the main thread: translation mode of the registers, engine_thread_init. */
void linux_thread_start(struct thread *t);
/* A thread of a process that shares another one's memory (share.c): made, entered by its own host thread, and dropped
 * when that has ended, by another one. */
struct thread *thread_create(struct process *proc);
void thread_enter(struct thread *t);
void thread_drop(struct thread *t);
long thread_clone(struct thread *t, const struct lx_clone *c);
_Noreturn void thread_exit(struct thread *t, int code);
/* Gives a new thread (or forked process) the registers of its parent with the child's differences. */
void thread_copy_registers(struct thread *child, const struct thread *parent, const struct lx_clone *c);

#endif
