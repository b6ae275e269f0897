/* SPDX-License-Identifier: Apache-2.0 */
/* fork, vfork, and clone of processes: all are a copy of the process (no shared memory).
 *
 * A vfork child runs on a copy, while the parent waits until it executes a program or ends. What a guest may see of the
 * difference is memory that the child writes before it ends without executing: glibc's posix_spawn reports the error of
 * a failed execve that way. So a vfork child that ends hands over the part of the stack above the parent's stack
 * pointer, and the parent puts it in place.
 *
 * I1  From prepare to parent/child all host signals are blocked, and the locks of all parts are held in the order
 *     actions, engine's, memory's, threads.
 * I2  The code cache is shared memory: the parent gives the locks back only when the child has its own copy, so that
 *     what the child copies is what its metadata says.
 *
 * What parent and child share until both know what they need is vfork.c's. */
#include "runtime/linux/generic/fork.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
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
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/linux/generic/vfork.h"
#include "runtime/mem/guest_mem.h"
#include "src/base/log.h"

static void prepare(struct process *proc)
{
    pthread_mutex_lock(&proc->lx->actions_lock);
    engine_fork_prepare(proc->engine);
    mem_fork_prepare(proc->mem);
    pthread_mutex_lock(&proc->threads_lock);
}

static void in_parent(struct process *proc)
{
    pthread_mutex_unlock(&proc->threads_lock);
    mem_fork_parent(proc->mem);
    engine_fork_parent(proc->engine);
    pthread_mutex_unlock(&proc->lx->actions_lock);
}

/* The copied process has one thread, whose signals in waiting stay with the parent. */
static void in_child(struct thread *t)
{
    struct process *proc = t->proc;
    pthread_mutex_init(&proc->threads_lock, NULL);
    pthread_mutex_init(&proc->lx->actions_lock, NULL);
    t->next = NULL;
    proc->threads = t;
    proc->thread_count = 1;
    t->tid = (pid_t)host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0);
    t->lx->is_main = true;
    sync_forget(t);
    t->lx->robust_head = 0;
    t->lx->clear_tid = 0;
    mem_fork_child(proc->mem);
    engine_fork_child(proc->engine, t->engine);
}

static void copied_tell(struct fork_shared *shared)
{
    __atomic_store_n(&shared->copied, 1, __ATOMIC_RELEASE); /* partner: wait_while */
    host_call(LINUX_futex, (uintptr_t)&shared->copied, FUTEX_WAKE, 1, 0, 0, 0);
}

/* The host's part: the C library's fork where it does, so that its locks are taken care of. */
static long copy_process(const struct lx_clone *c, int *pidfd)
{
    uint64_t flags =
        c->flags & ~(uint64_t)(CLONE_VM | CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                               CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED);
    if (!flags && c->exit_signal == SIGCHLD) {
        pid_t pid = fork();
        return pid < 0 ? -errno : pid;
    }
    return host_call(LINUX_clone, flags | (unsigned)c->exit_signal, 0, (uintptr_t)pidfd, 0, 0, 0);
}

static void child_tids(struct thread *t, const struct lx_clone *c)
{
    thread_copy_registers(t, t, c);
    if (c->flags & CLONE_CHILD_SETTID)
        guest_write_u32(t, c->child_tid, (uint32_t)t->tid);
    if (c->flags & CLONE_CHILD_CLEARTID)
        t->lx->clear_tid = c->child_tid;
    if ((c->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
        t->lx->alt_size = t->lx->alt_flags = 0;
}

static void child_side(struct thread *t, const struct lx_clone *c, struct fork_shared *shared)
{
    in_child(t);
    vfork_shared_drop(t->lx->vfork); /* of a vfork that this process's parent is the child of */
    t->lx->vfork = NULL;
    if (c->flags & CLONE_VFORK)
        vfork_begin(t, shared);
    copied_tell(shared);
    if (!t->lx->vfork)
        vfork_shared_drop(shared);
    child_tids(t, c);
    signal_apply_mask(t);
}

static void parent_side(struct thread *t, const struct lx_clone *c, long pid, struct fork_shared *shared)
{
    if (pid > 0)
        vfork_wait_for_bit(&shared->copied, 1, pid);
    in_parent(t->proc);
    if (pid > 0 && (c->flags & CLONE_VFORK)) {
        vfork_wait_for_bit(&shared->owner, FUTEX_OWNER_DIED, pid);
        vfork_take(t, shared);
    }
    vfork_shared_drop(shared);
}

long fork_clone(struct thread *t, const struct lx_clone *c)
{
    int pidfd = -1;
    if ((c->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM) {
        if (log_on(LOG_UNIMP))
            log_printf("clone: processes that share memory are not there\n");
        return -EINVAL;
    }
    struct fork_shared *shared = vfork_shared_create();
    if (!shared)
        return -ENOMEM;
    host_block_all(NULL); /* I1 */
    prepare(t->proc);
    long pid = copy_process(c, &pidfd);
    if (pid == 0) {
        child_side(t, c, shared);
        return 0;
    }
    parent_side(t, c, pid, shared);
    if (pid > 0 && (c->flags & CLONE_PARENT_SETTID))
        guest_write_u32(t, c->parent_tid, (uint32_t)pid);
    if (pid > 0 && (c->flags & CLONE_PIDFD))
        guest_write_u32(t, c->pidfd, (uint32_t)pidfd);
    signal_apply_mask(t);
    return pid;
}
