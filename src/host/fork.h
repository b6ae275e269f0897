/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's fork() for processes that it does not make: with other flags and exit signals.
 *
 * Only fork() knows all locks of the library (of memory, streams, threads), and only it can hold them while the process
 * is copied and free them in the child. So it is called as always, and the one system call in it that makes the process
 * is replaced: the kernel is asked to send a signal in its place (prctl's syscall user dispatch), or, where it cannot,
 * after each instruction. The signal's handler makes the call with what is wanted, and fork() goes on behind it.
 *
 * On other hosts than x86-64 the process is made without fork(): a lock that another thread holds at that moment is
 * never free in the child. */
#ifndef TANDEM_HOST_FORK_H
#define TANDEM_HOST_FORK_H

#include <signal.h>
#include <ucontext.h>

#include "src/base/types.h"

struct host_fork_args {
    uint64_t flags; /* CLONE_*: none that shares memory or threads, none about tids or thread-local storage */
    int exit_signal;
    int *pidfd;         /* CLONE_PIDFD: gets the descriptor */
    const int *set_tid; /* clone3's, or NULL */
    size_t set_tid_count;
    uint64_t cgroup; /* CLONE_INTO_CGROUP: a descriptor */
    bool by_steps;   /* as where the kernel cannot send a signal in the call's place */
};

TANDEM_BEGIN_DECLS
/* As fork(): the child's pid, 0 in the child, or -errno. While it runs, SIGSYS and SIGTRAP are not blocked on this
 * thread. They, and all other signals that are not blocked, have a handler that begins with host_fork_signal and
 * returns by host_sigreturn (call.h). */
long host_fork(const struct host_fork_args *f);
/* Was the signal host_fork's? Then that is all that is to be done. Else the handler ends with host_fork_signal_end. */
bool host_fork_signal(int signo, const siginfo_t *info, ucontext_t *uc);
void host_fork_signal_end(void);
/* In a handler on the calling thread: does host_fork run, so that SIGSYS must stay unblocked? */
bool host_fork_runs(void);
TANDEM_END_DECLS

#endif
