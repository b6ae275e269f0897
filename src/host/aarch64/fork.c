/* SPDX-License-Identifier: Apache-2.0 */
/* fork.h on AArch64: the kernel has no dispatch of system calls there, and no trap flag for programs. */
#include "src/host/fork.h"

#include <linux/sched.h>
#include <sys/syscall.h>

#include "src/host/call.h"

long host_fork(const struct host_fork_args *f)
{
    if (!f->set_tid && !(f->flags >> 32) && !(f->flags & CSIGNAL))
        return host_syscall(SYS_clone, f->flags | (unsigned)f->exit_signal, 0, (uintptr_t)f->pidfd, 0, 0, 0);
    struct clone_args args = {
        .flags = f->flags,
        .pidfd = (uintptr_t)f->pidfd,
        .exit_signal = (unsigned)f->exit_signal,
        .set_tid = (uintptr_t)f->set_tid,
        .set_tid_size = f->set_tid_count,
        .cgroup = f->cgroup,
    };
    return host_syscall(SYS_clone3, (uintptr_t)&args, sizeof args, 0, 0, 0, 0);
}

bool host_fork_signal(int signo, const siginfo_t *info, ucontext_t *uc)
{
    (void)signo, (void)info, (void)uc;
    return false;
}

void host_fork_signal_end(void) {}
bool host_fork_runs(void) { return false; }
