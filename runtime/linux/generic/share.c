/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that share the guest's memory without being threads of it: vfork, posix_spawn, CLONE_VM.
 *
 * The child is a process of the host that runs in the same address space. It has a struct process of its own, with the
 * signal actions, and a struct thread. Guest memory, engine and translated code are those of the process that lends
 * them (process.lender).
 *
 * I1  The child is made with the host's CLONE_VFORK, so the host thread that makes it stands still until the child
 *     executes a program or ends. Until then the child has that thread's thread-local storage, and so its place in the
 *     C library. For vfork that is the guest's thread, which has to wait anyway; else a helper thread.
 * I2  The child has a host stack of its own. Whatever it leaves behind in memory is freed by the thread that made it.
 * I3  The lender's list of threads has the child's thread, so the engine sees it like any other.
 * I4  The child starts no thread: it would end with the child. Threads of the guest are refused there.
 * I5  Signals that would end the child are caught, and it ends where it holds no lock. SIGKILL cannot be: a child that
 *     it hits inside the translator may leave a lock held, as it may leave one of the guest's own.
 * I6  Where a helper makes the child, the guest's thread opens its pidfd: the kernel tells the helper's clone either a
 *     pidfd or a pid, and the child does not know its pid in its parent's namespace. The child waits for it.
 * I7  A child that outlives its parent process has no optimizers any more, and what the parent's threads had locked
 *     when they were killed stays locked.
 * I8  A vfork whose tracer wants to know of it is made by a helper, too: the guest's thread can stop for the event
 *     while the child runs, and then waits for the helper. */
#define _GNU_SOURCE
#include "runtime/linux/generic/share.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/engine/dispatch.h"
#include "runtime/engine/invalidate.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/self.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/exec.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/mem/mem_code.h"
#include "src/base/background.h"
#include "src/base/log.h"
#include "src/host/call.h"

enum { HOST_STACK = 8 << 20, GUARD = 4096, HELPER_STACK = 256 << 10 };

/* On the stack of the guest's thread that makes the child, until it is told that the child runs. */
struct start {
    long result;    /* the child's pid, or -errno */
    uint32_t ready; /* futex */
};

struct share {
    struct process proc; /* the child's */
    struct linux_process lx;
    struct thread *child;
    struct thread *maker; /* the guest thread whose host thread makes it; NULL: a helper */
    struct lx_clone clone;
    struct start *start;
    char *stack;
    int pid;        /* the kernel writes it before the child runs; 0: it was asked for a pidfd */
    uint32_t users; /* atomic: who still needs this: the thread that makes the child, and the guest's thread (I6) */
    uint32_t go;    /* futex, I6 */
    uint32_t ended; /* futex: the helper's part is done, I8 */
    bool awaited;   /* I8 */
};
enum { GO_WAIT, GO_ON, GO_END };

static void tell(struct start *start, long result)
{
    start->result = result;
    __atomic_store_n(&start->ready, 1, __ATOMIC_RELEASE); /* partner: wait_for. *start may be gone after this */
    host_call(LINUX_futex, (uintptr_t)&start->ready, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}

static long wait_for(struct start *start)
{
    while (!__atomic_load_n(&start->ready, __ATOMIC_ACQUIRE))
        host_call(LINUX_futex, (uintptr_t)&start->ready, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
    return start->result;
}

static void drop(struct share *s)
{
    if (s->child) {
        exec_forget(s->child); /* I2 */
        thread_drop(s->child);
    }
    if (s->stack)
        munmap(s->stack, HOST_STACK);
    free(s);
}

static void release(struct share *s)
{
    if (__atomic_sub_fetch(&s->users, 1, __ATOMIC_ACQ_REL) == 0)
        drop(s);
}

/* I6, on the guest's thread. 0, or -errno: the child has ended. */
static long make_pidfd(struct thread *t, struct share *s, long pid)
{
    const long fd = host_call(LINUX_pidfd_open, (uint64_t)pid, 0, 0, 0, 0, 0);
    const long err = fd < 0 ? fd : guest_write_u32(t, s->clone.pidfd, (uint32_t)fd);
    __atomic_store_n(&s->go, err ? GO_END : GO_ON, __ATOMIC_RELEASE); /* partner: wait_for_pidfd */
    host_call(LINUX_futex, (uintptr_t)&s->go, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
    if (err)
        host_call(LINUX_wait4, (uint64_t)pid, 0, __WALL, 0, 0, 0);
    if (err && fd >= 0)
        close((int)fd);
    return err;
}

/* I6, in the child. */
static void wait_for_pidfd(struct share *s)
{
    while (__atomic_load_n(&s->go, __ATOMIC_ACQUIRE) == GO_WAIT)
        host_call(LINUX_futex, (uintptr_t)&s->go, FUTEX_WAIT_PRIVATE, GO_WAIT, 0, 0, 0);
    if (s->go == GO_END)
        host_call(LINUX_exit_group, 0, 0, 0, 0, 0, 0);
}

/* The child's process: what the lender's is, with actions and limits of its own. */
static void init_process(struct share *s, struct process *parent)
{
    s->proc = *parent;
    s->proc.lender = process_home(parent);
    s->proc.threads = NULL;
    s->proc.thread_count = 0;
    pthread_mutex_init(&s->proc.threads_lock, NULL);
    s->lx = *parent->lx;
    memset(&s->lx.sync, 0, sizeof s->lx.sync); /* nothing waits for it yet */
    s->lx.catch_fatal = true;                  /* I5 */
    s->lx.cpu_timers = NULL;                   /* I4 */
    s->lx.parent = getpid();
    s->lx.traces = false;
    memset(s->lx.tracees, 0, sizeof s->lx.tracees);
    pthread_mutex_init(&s->lx.actions_lock, NULL);
    s->proc.lx = &s->lx;
}

static void copy_state(struct thread *to, const struct thread *from, const struct lx_clone *c)
{
    thread_copy_registers(to, from, c);
    to->lx->mask = from->lx->mask;
    if (!(c->flags & CLONE_VFORK)) { /* as in the kernel: with a stack of its own */
        to->lx->alt_flags = SS_DISABLE;
        return;
    }
    to->lx->alt_sp = from->lx->alt_sp;
    to->lx->alt_size = from->lx->alt_size;
    to->lx->alt_flags = from->lx->alt_flags;
}

static struct share *make(struct thread *t, const struct lx_clone *c, struct start *start, int event)
{
    struct share *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    init_process(s, t->proc);
    s->lx.parent_tid = t->tid;
    s->clone = *c;
    s->start = start;
    s->maker = c->flags & CLONE_VFORK && !event ? t : NULL;
    s->awaited = c->flags & CLONE_VFORK && event;
    s->users = s->awaited || (!s->maker && (c->flags & CLONE_PIDFD)) ? 2 : 1;
    void *stack = mmap(NULL, HOST_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    s->stack = stack == MAP_FAILED ? NULL : stack;
    s->child = thread_create(&s->proc);
    if (!s->stack || !s->child || mprotect(s->stack, GUARD, PROT_NONE)) {
        drop(s);
        return NULL;
    }
    copy_state(s->child, t, c);
    traced_inherit(s->child, t, event);
    return s;
}

static void begin_signals(struct share *s)
{
    if (s->clone.flags & CLONE_CLEAR_SIGHAND) {
        signal_host_clear(&s->proc);
        return;
    }
    for (int signo = 1; signo <= LX_NSIG; signo++) /* I5 */
        if (signo != SIGKILL && signo != SIGSTOP && s->lx.actions[signo].handler == LX_SIG_DFL)
            signal_host_install(&s->proc, signo);
}

static int child_main(void *arg)
{
    struct share *s = arg;
    struct thread *t = s->child;
    background_forbid(true); /* I4 */
    thread_enter(t);
    cpu_timers_lend(&s->proc);
    begin_signals(s);
    if (!s->pid)
        s->pid = t->tid;
    if (s->clone.flags & CLONE_PARENT_SETTID)
        guest_write_u32(t, s->clone.parent_tid, (uint32_t)s->pid);
    if (s->clone.flags & CLONE_CHILD_SETTID)
        guest_write_u32(t, s->clone.child_tid, (uint32_t)t->tid);
    if (!s->maker)
        tell(s->start, s->pid);
    if (!s->maker && (s->clone.flags & CLONE_PIDFD))
        wait_for_pidfd(s);
    signal_apply_mask(t);
    engine_run(t->engine);
}

/* With what only clone3 can be told: chosen ids, a control group. */
static long clone_anew(struct share *s, uint64_t flags)
{
    const struct lx_clone *c = &s->clone;
    const struct clone_args a = {
        .flags = (flags & ~(uint64_t)CSIGNAL) | CLONE_PARENT_SETTID | (c->flags & CLONE_INTO_CGROUP),
        .pidfd = flags & CLONE_PIDFD ? c->pidfd : 0,
        .parent_tid = (uintptr_t)&s->pid,
        .child_tid = c->child_tid,
        .exit_signal = (unsigned)c->exit_signal,
        .stack = (uintptr_t)s->stack,
        .stack_size = HOST_STACK,
        .set_tid = c->set_tid_count ? (uintptr_t)c->set_tid : 0,
        .set_tid_size = c->set_tid_count,
        .cgroup = c->cgroup,
    };
    return host_clone3(&a, sizeof a, child_main, s);
}

static long clone_old(struct share *s, uint64_t flags)
{
    void *parent_word = (void *)(uintptr_t)s->clone.pidfd;
    if (!(flags & CLONE_PIDFD)) {
        flags |= CLONE_PARENT_SETTID;
        parent_word = &s->pid;
    }
    const int pid = clone(child_main, s->stack + HOST_STACK, (int)(unsigned)flags, s, parent_word, NULL,
                          (void *)(uintptr_t)s->clone.child_tid);
    return pid < 0 ? -errno : pid;
}

/* Makes the child, and returns when it uses the memory no longer: its pid or -errno. Signals are blocked. */
static long run(struct share *s)
{
    const uint64_t ours = CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_DETACHED |
                          CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
    const struct lx_clone *c = &s->clone;
    const uint64_t flags =
        (c->flags & ~(ours | (s->maker ? 0 : CLONE_PIDFD))) | CLONE_VM | CLONE_VFORK | (unsigned)c->exit_signal;
    if (flags & CLONE_PIDFD)
        mem_prepare_write(s->proc.mem, c->pidfd, sizeof(int));
    if (c->flags & CLONE_CHILD_CLEARTID)
        mem_prepare_write(s->proc.mem, c->child_tid, sizeof(int));
    const bool lent = background_is_forbidden(); /* a vfork child makes another one */
    const bool anew = (c->flags & CLONE_INTO_CGROUP) || c->set_tid_count;
    const long result = anew ? clone_anew(s, flags) : clone_old(s, flags);
    if (result > 0 && (flags & CLONE_PIDFD) && (flags & CLONE_NEWPID) && (c->flags & CLONE_PARENT_SETTID))
        guest_write_u32(s->maker, c->parent_tid, (uint32_t)result); /* the child knew another one */
    background_forbid(lent);
    linux_set_self(s->maker);
    return result;
}

static void *helper_main(void *arg)
{
    struct share *s = arg;
    struct start *start = s->start;
    const long result = run(s);
    __atomic_store_n(&s->ended, 1, __ATOMIC_RELEASE); /* partner: await_end */
    host_call(LINUX_futex, (uintptr_t)&s->ended, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
    release(s);
    if (result < 0)
        tell(start, result);
    return NULL;
}

/* I8 */
static void await_end(struct share *s)
{
    while (!__atomic_load_n(&s->ended, __ATOMIC_ACQUIRE))
        host_call(LINUX_futex, (uintptr_t)&s->ended, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
}

/* CLONE_VM alone, or with an event for the tracer. */
static long beside(struct thread *t, struct share *s, struct start *start, int event)
{
    const bool needs_pidfd = s->clone.flags & CLONE_PIDFD, awaited = s->awaited;
    pthread_t helper;
    engine_set_ordered(t->proc->engine);
    if (background_is_forbidden() || !background_start(&helper, helper_main, s, HELPER_STACK)) {
        drop(s);
        return -EAGAIN;
    }
    pthread_detach(helper);
    const long pid = wait_for(start);
    const long err = pid < 0 || !needs_pidfd ? 0 : make_pidfd(t, s, pid);
    if (event && pid > 0 && !err)
        traced_event(t, event, (uint64_t)pid);
    if (awaited) {
        await_end(s);
        if (pid > 0)
            traced_event(t, PTRACE_EVENT_VFORK_DONE, (uint64_t)pid);
    }
    if (needs_pidfd || awaited) /* else s may be gone */
        release(s);
    return err ? err : pid;
}

/* What there is not: handlers in common. */
static long refuse(const struct lx_clone *c)
{
    if (!(c->flags & CLONE_SIGHAND))
        return 0;
    if (log_on(LOG_UNIMP))
        log_printf("clone: a process in the same memory with flags %#llx is not there\n", (unsigned long long)c->flags);
    return -EINVAL;
}

long share_clone(struct thread *t, const struct lx_clone *c)
{
    struct start start = {0};
    const long refused = refuse(c);
    if (refused)
        return refused;
    const int event = background_is_forbidden() ? 0 : traced_clone_event(t, c->flags, c->exit_signal);
    struct share *s = make(t, c, &start, event);
    if (!s)
        return -ENOMEM;
    host_block_all(NULL);
    long result;
    if (s->maker) {
        result = run(s);
        drop(s);
    } else {
        result = beside(t, s, &start, event);
    }
    signal_apply_mask(t);
    return result;
}
