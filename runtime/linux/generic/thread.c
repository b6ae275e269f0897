/* SPDX-License-Identifier: Apache-2.0 */
/* Guest threads: each is a host thread of its own, with the host's thread id.
 *
 * I1  A thread is in proc->threads from before it runs guest code until it ends; its creator waits until it is there.
 * I2  A new host thread starts with all signals blocked and gets the guest's mask when its state is complete.
 * I3  A guest thread that ends clears its tid word last of what the guest can see; afterwards it touches no guest
 *     memory.
 * I4  The host's main thread ends by the raw exit call, as the leader of the guest's thread group does.
 * I5  Signals 32 and 33 are the guest's alone. The host's C library sets a handler for 33 when it is asked for a thread
 *     for the first time: thread_claim_signals does so before the guest begins. Tandem calls nothing that uses them
 *     (pthread_cancel, setuid and its kin). */
#include "runtime/linux/generic/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/engine/dispatch.h"
#include "runtime/engine/invalidate.h"
#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/self.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/process.h"
#include "runtime/linux/generic/robust.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/mem/mem_types.h"
#include "src/base/log.h"
#include "src/host/fpenv.h"

enum { JIT_GUARD = 4096, SIGNAL_CANCEL = 32, SIGNAL_SETXID = 33, PIDFD_OF_THREAD = O_EXCL };
#define MORE_STACK_THAN_THERE_IS ((size_t)1 << 62)

static void *map(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* One mapping: guard page, generated code's stack, guard page, host signal stack. Returns its start. */
static char *map_stacks(struct cpu *cpu)
{
    size_t size = JIT_GUARD + LX_JIT_STACK + JIT_GUARD + LX_HOST_STACK;
    char *m = map(size);
    if (!m)
        return NULL;
    mprotect(m, JIT_GUARD, PROT_NONE);
    mprotect(m + JIT_GUARD + LX_JIT_STACK, JIT_GUARD, PROT_NONE);
    char *base = m + JIT_GUARD + LX_JIT_STACK - 56; /* base % 16 == 8: src/base/cpu.h I4 */
    const gaddr_t never = CPU_NO_RETURN;
    memcpy(base + 8, &never, sizeof never);
    cpu->jit_sp_base = cpu->jit_sp = base;
    cpu->jit_sp_limit = m + JIT_GUARD + CPU_JIT_STACK_HEADROOM;
    return m;
}

static void cpu_init(struct cpu *cpu, struct thread *t)
{
    cpu->fp_env = host_fp_default();
    cpu->resv.addr = ~0ull;
}

static void thread_free(struct thread *t)
{
    if (t->lx)
        traced_fini(t);
    if (t->lx && t->lx->host_stack) {
        char *m = (char *)t->lx->host_stack - JIT_GUARD - LX_JIT_STACK - JIT_GUARD;
        munmap(m, JIT_GUARD + LX_JIT_STACK + JIT_GUARD + LX_HOST_STACK);
    }
    if (t->cpu)
        munmap(t->cpu, ALIGN_UP(sizeof *t->cpu, MEM_PAGE_SIZE));
    free(t->lx);
    free(t);
}

static struct thread *thread_alloc(struct process *proc)
{
    struct thread *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->proc = proc;
    t->lx = calloc(1, sizeof *t->lx);
    t->cpu = map(ALIGN_UP(sizeof *t->cpu, MEM_PAGE_SIZE));
    char *stacks = t->lx && t->cpu ? map_stacks(t->cpu) : NULL;
    if (!stacks) {
        thread_free(t);
        return NULL;
    }
    cpu_init(t->cpu, t);
    t->lx->host_stack = stacks + JIT_GUARD + LX_JIT_STACK + JIT_GUARD;
    return t;
}

/* I1 */
void thread_enter(struct thread *t)
{
    struct process *home = process_home(t->proc);
    linux_set_self(t);
    t->tid = (pid_t)host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0);
    signal_host_stack(t);
    pthread_mutex_lock(&home->threads_lock);
    t->next = home->threads;
    home->threads = t;
    __atomic_fetch_add(&t->proc->thread_count, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&home->threads_lock);
}

static void unlink_locked(struct process *home, const struct thread *t)
{
    for (struct thread **p = &home->threads; *p; p = &(*p)->next) {
        if (*p == t) {
            *p = t->next;
            return;
        }
    }
}

/* Takes t out of the list; true if it was the last guest thread of its process, which stays in it. */
static bool thread_leave(struct thread *t)
{
    struct process *proc = t->proc, *home = process_home(proc);
    pthread_mutex_lock(&home->threads_lock);
    bool last = proc->thread_count == 1;
    if (!last) {
        unlink_locked(home, t);
        __atomic_fetch_sub(&proc->thread_count, 1, __ATOMIC_SEQ_CST);
    }
    pthread_mutex_unlock(&home->threads_lock);
    return last;
}

struct thread *linux_thread_main(struct process *proc)
{
    struct thread *t = thread_alloc(proc);
    if (!t)
        return NULL;
    t->lx->is_main = true;
    thread_enter(t);
    uint64_t mask;
    host_sigmask(SIG_SETMASK, NULL, &mask);
    t->lx->mask = mask; /* execve keeps the mask */
    traced_begin(t);
    signal_apply_mask(t);
    return t;
}

static void begin_engine_part(struct thread *t)
{
    struct engine_thread *part = engine_thread_create(t->proc->engine, t->cpu, t);
    __atomic_store_n(&t->engine, part, __ATOMIC_RELEASE); /* partner: whoever visits the list of threads */
}

static void end_engine_part(struct thread *t)
{
    struct engine_thread *part = t->engine;
    struct process *home = process_home(t->proc);
    pthread_mutex_lock(&home->threads_lock); /* nobody visits it any more */
    __atomic_store_n(&t->engine, NULL, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&home->threads_lock);
    engine_thread_destroy(part);
}

struct thread *thread_create(struct process *proc)
{
    struct thread *t = thread_alloc(proc);
    if (!t)
        return NULL;
    t->lx->is_main = true;
    begin_engine_part(t);
    return t;
}

void thread_drop(struct thread *t)
{
    struct process *home = process_home(t->proc);
    pthread_mutex_lock(&home->threads_lock);
    unlink_locked(home, t);
    pthread_mutex_unlock(&home->threads_lock);
    engine_thread_end(t->engine);
    end_engine_part(t);
    thread_free(t);
}

void linux_thread_start(struct thread *t)
{
    t->cpu->mode = t->proc->guest->cpu.mode(t->cpu);
    begin_engine_part(t);
}

void thread_copy_registers(struct thread *child, const struct thread *parent, const struct lx_clone *c)
{
    const struct guest *guest = parent->proc->guest;
    struct cpu *to = child->cpu;
    const struct cpu *from = parent->cpu;
    if (to != from) {
        memcpy(to->guest, from->guest, sizeof to->guest);
        to->pc = from->pc;
        to->mode = from->mode;
        to->fp_flags = from->fp_flags;
        to->fp_env = from->fp_env;
        to->fp_watch = from->fp_watch;
    }
    guest_set(to, guest, guest->abi->call.result, 0);
    if (c->stack)
        guest_set(to, guest, guest->abi->row_sp, c->stack);
    if ((c->flags & CLONE_SETTLS) && guest->abi->set_tls)
        guest->abi->set_tls(to, &c->tls_desc);
    else if (c->flags & CLONE_SETTLS)
        guest_set(to, guest, guest->abi->row_tls, c->tls);
}

/* ---- start ---- */

struct start {
    struct thread *child;
    const struct lx_clone *clone;
    pid_t tid;      /* of the child, once ready */
    long err;       /* 0, or why there is no child */
    uint32_t ready; /* futex: 1 when the child is in the list */
};

/* What the thread has of its own, as unshare takes it: threads of the C library share all of it. */
static uint64_t not_shared(uint64_t flags)
{
    const uint64_t shared = CLONE_FS | CLONE_FILES | CLONE_SYSVSEM;
    const uint64_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
    return (shared & ~flags) | (flags & spaces);
}

/* On the new thread: what its flags ask for beyond a thread of the C library. 0 or -errno. */
static long begin_apart(struct thread *t, const struct lx_clone *c)
{
    const uint64_t apart = not_shared(c->flags);
    long err = 0;
    if (c->flags & CLONE_PIDFD) {
        const long tid = host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0);
        const long fd = host_call(LINUX_pidfd_open, (uint64_t)tid, PIDFD_OF_THREAD, 0, 0, 0, 0);
        err = fd < 0 ? fd : guest_write_u32(t, c->pidfd, (uint32_t)fd);
    }
    if (!err && apart)
        err = host_call(LINUX_unshare, apart, 0, 0, 0, 0, 0);
    return err;
}

/* The last of the host thread: everything of the guest thread is given back. */
static void thread_fini(struct thread *t)
{
    stack_t off = {.ss_flags = SS_DISABLE};
    end_engine_part(t);
    sync_leave(t);
    linux_set_self(NULL);
    host_call(LINUX_sigaltstack, (uintptr_t)&off, 0, 0, 0, 0, 0);
    thread_free(t);
}

static void tell_ready(struct start *s)
{
    uint32_t *ready = &s->ready;
    __atomic_store_n(ready, 1,
                     __ATOMIC_RELEASE); /* partner: wait_ready. *s is gone after this, its address still a stack's */
    host_call(LINUX_futex, (uintptr_t)ready, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}

static void *thread_start(void *arg)
{
    struct start *s = arg;
    struct thread *t = s->child;
    s->err = begin_apart(t, s->clone);
    if (s->err) {
        tell_ready(s);
        return NULL;
    }
    begin_engine_part(t);
    thread_enter(t);
    if (s->clone->flags & CLONE_CHILD_SETTID)
        guest_write_u32(t, s->clone->child_tid, (uint32_t)t->tid);
    if (s->clone->flags & CLONE_PARENT_SETTID)
        guest_write_u32(t, s->clone->parent_tid, (uint32_t)t->tid);
    s->tid = t->tid;
    tell_ready(s);
    if (sigsetjmp(t->lx->end, 0) == 0) {
        signal_apply_mask(t); /* I2 */
        engine_run(t->engine);
    }
    thread_fini(t);
    return NULL;
}

static void wait_ready(struct start *s)
{
    while (!__atomic_load_n(&s->ready, __ATOMIC_ACQUIRE))
        host_call(LINUX_futex, (uintptr_t)&s->ready, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
}

static long create_host_thread(struct start *s)
{
    pthread_t id;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, 8 << 20);
    int err = pthread_create(&id, &attr, thread_start, s);
    pthread_attr_destroy(&attr);
    if (err)
        return -err;
    wait_ready(s);
    return s->err;
}

static void *never_started(void *arg) { return arg; }

void thread_claim_signals(void)
{
    uint64_t inherited[2][4]; /* struct sigaction of the host kernel: at most four words */
    for (int s = SIGNAL_CANCEL; s <= SIGNAL_SETXID; s++)
        host_call(LINUX_rt_sigaction, (uint64_t)s, 0, (uintptr_t)inherited[s - SIGNAL_CANCEL], LX_SIGSET_SIZE, 0, 0);
    pthread_t id;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, MORE_STACK_THAN_THERE_IS);
    pthread_create(&id, &attr, never_started, NULL); /* fails when the library has made itself ready */
    pthread_attr_destroy(&attr);
    for (int s = SIGNAL_CANCEL; s <= SIGNAL_SETXID; s++)
        host_call(LINUX_rt_sigaction, (uint64_t)s, (uintptr_t)inherited[s - SIGNAL_CANCEL], 0, LX_SIGSET_SIZE, 0, 0);
}

/* What no thread can have here: the C library chooses ids and groups, and nothing waits for a thread's end. */
static long refuse(const struct lx_clone *c)
{
    const long err = c->flags & (CLONE_VFORK | CLONE_NEWTIME) ? -EINVAL
                     : c->set_tid_count                       ? -EPERM
                     : c->flags & CLONE_INTO_CGROUP           ? -EOPNOTSUPP
                                                              : 0;
    if (err && log_on(LOG_UNIMP))
        log_printf("clone: a thread with flags %#llx is not there\n", (unsigned long long)c->flags);
    return err;
}

long thread_clone(struct thread *t, const struct lx_clone *c)
{
    const long refused = t->proc->lender ? -EAGAIN : refuse(c); /* share.c I4 */
    if (refused)
        return refused;
    struct thread *child = thread_alloc(t->proc);
    if (!child)
        return -EAGAIN;
    engine_set_ordered(t->proc->engine);
    thread_copy_registers(child, t, c);
    child->lx->mask = t->lx->mask;
    child->lx->alt_flags = SS_DISABLE;
    if (c->flags & CLONE_CHILD_CLEARTID)
        child->lx->clear_tid = c->child_tid;
    const int event = traced_clone_event(t, c->flags, c->exit_signal);
    traced_inherit(child, t, event);
    host_block_all(NULL); /* I2 */
    struct start s = {.child = child, .clone = c};
    long err = create_host_thread(&s);
    long result = err ? err : s.tid;
    if (event && !err)
        traced_event(t, event, (uint64_t)result);
    signal_apply_mask(t);
    if (err)
        thread_free(child);
    return result;
}

/* ---- end ---- */

void thread_exit(struct thread *t, int code)
{
    struct linux_thread *lx = t->lx;
    host_block_all(NULL);
    if (lx->is_main)
        t->proc->lx->leader_code = code; /* the process's exit code if other threads outlive it */
    engine_thread_end(t->engine);        /* while the process cannot end without it */
    sync_leave_begin(t->proc);
    if (thread_leave(t))
        linux_exit_group(t->proc, t->proc->lx->leader_code);
    robust_list_exit(t);
    if (lx->clear_tid && guest_write_u32(t, lx->clear_tid, 0) == 0) /* I3 */
        host_call(LINUX_futex, lx->clear_tid, FUTEX_WAKE, 1, 0, 0, 0);
    if (lx->is_main) {
        end_engine_part(t);
        sync_leave(t);
        linux_set_self(NULL);
        for (;;)
            host_call(LINUX_exit, (uint64_t)(unsigned)code, 0, 0, 0, 0, 0); /* I4 */
    }
    siglongjmp(lx->end, 1);
}
