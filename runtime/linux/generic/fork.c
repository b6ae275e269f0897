/* SPDX-License-Identifier: Apache-2.0 */
/* fork and clone of processes that are a copy of their parent. Those that share its memory are share.c's.
 *
 * I1  From prepare to parent/child all host signals are blocked, and the locks of all parts are held in the order
 *     actions, engine's, memory's, threads, timers.
 * I2  The code cache is shared memory: the parent gives the locks back only when the child has its own copy, so that
 *     what the child copies is what its metadata says.
 * I3  Every process is made by the C library's fork(), so that no lock of the library is held for ever in the child: as
 *     it is, or, for other flags and exit signals, with the one call in it replaced (src/host/fork.h). Locks of LLVM
 *     are not among them: see Fork in ARCHITECTURE.md.
 *
 * What parent and child share until both know what they need is vfork.c's. */
#include "runtime/linux/generic/fork.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/generic/vfork.h"
#include "runtime/mem/guest_mem.h"
#include "src/base/background.h"
#include "src/host/fork.h"

static void prepare(struct process *proc)
{
    pthread_mutex_lock(&proc->lx->actions_lock);
    engine_fork_prepare(proc->engine);
    mem_fork_prepare(proc->mem);
    pthread_mutex_lock(&process_home(proc)->threads_lock);
    cpu_timers_fork_prepare(proc);
}

static void in_parent(struct process *proc)
{
    cpu_timers_fork_done(proc);
    pthread_mutex_unlock(&process_home(proc)->threads_lock);
    mem_fork_parent(proc->mem);
    engine_fork_parent(proc->engine);
    pthread_mutex_unlock(&proc->lx->actions_lock);
}

/* The copied process has one thread, whose signals in waiting stay with the parent. */
static void in_child(struct thread *t)
{
    struct process *proc = t->proc;
    cpu_timers_fork_done(proc);
    pthread_mutex_unlock(&process_home(proc)->threads_lock);
    pthread_mutex_unlock(&proc->lx->actions_lock);
    proc->lender = NULL; /* what was lent is its own copy now */
    background_forbid(false);
    pthread_mutex_init(&proc->threads_lock, NULL);
    pthread_mutex_init(&proc->lx->actions_lock, NULL);
    t->next = NULL;
    proc->threads = t;
    proc->thread_count = 1;
    proc->lx->parent = getppid();
    proc->lx->parent_tid = t->tid;
    proc->lx->traces = false;
    memset(proc->lx->tracees, 0, sizeof proc->lx->tracees);
    t->tid = (pid_t)host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0);
    t->lx->is_main = true;
    sync_forget(t);
    t->lx->robust_head = 0;
    t->lx->clear_tid = 0;
    mem_fork_child(proc->mem);
    engine_fork_child(proc->engine, t->engine, proc);
    cpu_timers_fork_child(proc);
}

static void copied_tell(struct fork_shared *shared)
{
    __atomic_store_n(&shared->copied, 1, __ATOMIC_RELEASE); /* partner: wait_while */
    host_call(LINUX_futex, (uintptr_t)&shared->copied, FUTEX_WAKE, 1, 0, 0, 0);
}

/* The C library's fork with the guest's flags (I3). */
static long fork_with(struct process *proc, const struct host_fork_args *f)
{
    const uint64_t sys = lx_sigbit(SIGSYS);
    signal_host_catch(SIGSYS);
    host_sigmask(SIG_UNBLOCK, &sys, NULL);
    const long pid = host_fork(f);
    host_block_all(NULL);
    signal_host_install(proc, SIGSYS);
    return pid;
}

/* The host's part. What is about memory, threads and ids in the guest's memory is done here. */
static long copy_process(struct process *proc, const struct lx_clone *c, int *pidfd)
{
    const uint64_t ours = CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
                          CLONE_DETACHED | CLONE_UNTRACED | CLONE_CLEAR_SIGHAND;
    const struct host_fork_args f = {
        .flags = c->flags & ~ours,
        .exit_signal = c->exit_signal,
        .pidfd = pidfd,
        .set_tid = c->set_tid_count ? c->set_tid : NULL,
        .set_tid_count = c->set_tid_count,
        .cgroup = c->cgroup,
    };
    if (f.flags || f.set_tid || f.exit_signal != SIGCHLD)
        return fork_with(proc, &f);
    pid_t pid = fork();
    return pid < 0 ? -errno : pid;
}

static void child_tids(struct thread *t, const struct lx_clone *c)
{
    thread_copy_registers(t, t, c);
    if (c->flags & CLONE_CHILD_SETTID)
        guest_write_u32(t, c->child_tid, (uint32_t)t->tid);
    if (c->flags & CLONE_CHILD_CLEARTID)
        t->lx->clear_tid = c->child_tid;
}

static void child_side(struct thread *t, const struct lx_clone *c, struct fork_shared *shared)
{
    in_child(t);
    if (c->flags & CLONE_CLEAR_SIGHAND)
        signal_host_clear(t->proc);  /* the host's own would take tandem's handlers away */
    vfork_shared_drop(t->lx->vfork); /* of a vfork that this process's parent is the child of */
    t->lx->vfork = NULL;
    if (c->flags & CLONE_VFORK)
        vfork_begin(t, shared);
    copied_tell(shared);
    if (!t->lx->vfork)
        vfork_shared_drop(shared);
    child_tids(t, c);
    traced_inherit(t, t, traced_clone_event(t, c->flags, c->exit_signal));
    signal_apply_mask(t);
}

static void parent_side(struct thread *t, const struct lx_clone *c, long pid, struct fork_shared *shared, int event)
{
    if (pid > 0)
        vfork_wait_for_bit(&shared->copied, 1, pid);
    in_parent(t->proc);
    if (pid > 0 && event)
        traced_event(t, event, (uint64_t)pid);
    if (pid > 0 && (c->flags & CLONE_VFORK)) {
        vfork_wait_for_bit(&shared->owner, FUTEX_OWNER_DIED, pid);
        traced_event(t, PTRACE_EVENT_VFORK_DONE, (uint64_t)pid);
    }
    vfork_shared_drop(shared);
}

long fork_clone(struct thread *t, const struct lx_clone *c)
{
    int pidfd = -1;
    const int event = traced_clone_event(t, c->flags, c->exit_signal);
    struct fork_shared *shared = vfork_shared_create();
    if (!shared)
        return -ENOMEM;
    host_block_all(NULL); /* I1 */
    prepare(t->proc);
    long pid = copy_process(t->proc, c, &pidfd);
    if (pid == 0) {
        child_side(t, c, shared);
        return 0;
    }
    parent_side(t, c, pid, shared, event);
    if (pid > 0 && (c->flags & CLONE_PARENT_SETTID))
        guest_write_u32(t, c->parent_tid, (uint32_t)pid);
    if (pid > 0 && (c->flags & CLONE_PIDFD))
        guest_write_u32(t, c->pidfd, (uint32_t)pidfd);
    signal_apply_mask(t);
    return pid;
}
