/* SPDX-License-Identifier: Apache-2.0 */
/* fork, vfork, and clone of processes: all are a copy of the process (no shared memory).
 *
 * A vfork child runs on a copy, while the parent waits until it executes a program or ends: a pipe that closes on both
 * tells. What a guest may see of the difference is memory that the child writes before it ends without executing:
 * glibc's posix_spawn reports the error of a failed execve that way. So a vfork child that ends sends the part of the
 * stack above the parent's stack pointer, and the parent puts it in place.
 *
 * I1  From prepare to parent/child all host signals are blocked, and the locks of all parts are held in the order
 *     actions, engine's, memory's, threads.
 * I2  The code cache is shared memory: the parent gives the locks back only when the child has its own copy, so that
 *     what the child copies is what its metadata says. */
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/lx.h"
#include "src/base/log.h"

enum { VFORK_WINDOW = 32 << 10 }; /* bytes of the parent's stack that a vfork child can change */

static void prepare(struct process *proc)
{
    pthread_mutex_lock(&proc->lx->actions_lock);
    engine_fork_prepare(proc);
    mem_fork_prepare(proc->mem);
    pthread_mutex_lock(&proc->threads_lock);
}

static void in_parent(struct process *proc)
{
    pthread_mutex_unlock(&proc->threads_lock);
    mem_fork_parent(proc->mem);
    engine_fork_parent(proc);
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
    t->tid = (pid_t)host_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
    t->lx->is_main = true;
    t->lx->queued = 0;
    t->lx->robust_head = 0;
    t->lx->clear_tid = 0;
    mem_fork_child(proc->mem);
    engine_fork_child(proc, t);
}

/* A futex word that parent and child share (I2). */
static uint32_t *copied_create(void)
{
    void *p = mmap(NULL, MEM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void copied_tell(uint32_t *copied)
{
    __atomic_store_n(copied, 1, __ATOMIC_RELEASE); /* partner: copied_wait */
    host_call(SYS_futex, (uintptr_t)copied, FUTEX_WAKE, 1, 0, 0, 0);
}

/* Until the child says so, or is dead. */
static void copied_wait(const uint32_t *copied, long pid)
{
    const struct timespec while_ = {0, 20000000};
    while (!__atomic_load_n(copied, __ATOMIC_ACQUIRE)) {
        siginfo_t info = {0};
        long r = host_call(SYS_futex, (uintptr_t)copied, FUTEX_WAIT, 0, (uintptr_t)&while_, 0, 0);
        if (r == -ETIMEDOUT)
            r = host_call(SYS_waitid, P_PID, (uint64_t)pid, (uintptr_t)&info, WEXITED | WNOHANG | WNOWAIT | __WALL, 0,
                          0);
        if (info.si_pid || r == -ECHILD) /* ECHILD: the child is somebody else's (CLONE_PARENT), or reaped */
            return;
    }
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
    return host_call(SYS_clone, flags | (unsigned)c->exit_signal, 0, (uintptr_t)pidfd, 0, 0, 0);
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

static bool read_all(int fd, void *buf, size_t n)
{
    for (size_t done = 0; done < n;) {
        long r = host_call(SYS_read, (uint64_t)fd, (uintptr_t)buf + done, n - done, 0, 0, 0);
        if (r <= 0 && r != -EINTR)
            return false;
        done += r > 0 ? (size_t)r : 0;
    }
    return true;
}

/* Parent of a vfork: waits for the child's execve or end; takes over what it wrote. */
static void vfork_wait(struct thread *t, int fd)
{
    char buf[VFORK_WINDOW];
    uint64_t head[2]; /* address, length */
    if (read_all(fd, head, sizeof head) && head[1] <= sizeof buf && read_all(fd, buf, head[1]))
        guest_write(t, head[0], buf, head[1]);
    close(fd);
}

/* The guest may have closed the pipe with "all" descriptors, and have something else there. */
static bool vfork_pipe_is_ours(const struct linux_thread *lx)
{
    struct stat st;
    return lx->vfork_pipe >= 0 && fstat(lx->vfork_pipe, &st) == 0 && S_ISFIFO(st.st_mode) &&
           st.st_ino == lx->vfork_inode;
}

static void vfork_forget(struct thread *t)
{
    if (vfork_pipe_is_ours(t->lx))
        close(t->lx->vfork_pipe);
    t->lx->vfork_pipe = -1;
}

void fork_vfork_report(struct thread *t)
{
    struct linux_thread *lx = t->lx;
    if (!vfork_pipe_is_ours(lx))
        return;
    char buf[VFORK_WINDOW];
    uint64_t head[2] = {lx->vfork_sp, 0};
    while (head[1] < sizeof buf) { /* up to the end of the mapping */
        uint64_t n = MEM_PAGE_SIZE - ((head[0] + head[1]) & (MEM_PAGE_SIZE - 1));
        n = n < sizeof buf - head[1] ? n : sizeof buf - head[1];
        if (guest_read(t, buf + head[1], head[0] + head[1], n))
            break;
        head[1] += n;
    }
    host_call(SYS_write, (uint64_t)lx->vfork_pipe, (uintptr_t)head, sizeof head, 0, 0, 0);
    host_call(SYS_write, (uint64_t)lx->vfork_pipe, (uintptr_t)buf, head[1], 0, 0, 0);
    vfork_forget(t);
}

/* The child's side of a vfork: remembers how to report. A vfork child inside a vfork child drops its parent's pipe. */
static void vfork_begin(struct thread *t, const int *pipe_fd)
{
    close(pipe_fd[0]);
    vfork_forget(t);
    t->lx->vfork_pipe = pipe_fd[1];
    struct stat st;
    t->lx->vfork_inode = fstat(pipe_fd[1], &st) == 0 ? st.st_ino : 0;
    t->lx->vfork_sp =
        guest_get(t->cpu, t->proc->ops, t->proc->ops->row_sp); /* the parent's: before the child's is set */
}

static void child_side(struct thread *t, const struct lx_clone *c, uint32_t *copied, const int *pipe_fds)
{
    in_child(t);
    copied_tell(copied);
    munmap(copied, MEM_PAGE_SIZE);
    if (c->flags & CLONE_VFORK)
        vfork_begin(t, pipe_fds);
    else
        vfork_forget(t);
    child_tids(t, c);
    signal_apply_mask(t);
}

static void parent_side(struct thread *t, const struct lx_clone *c, long pid, uint32_t *copied, const int *pipe_fds)
{
    if (pipe_fds[1] >= 0)
        close(pipe_fds[1]);
    if (pid > 0)
        copied_wait(copied, pid);
    if (copied)
        munmap(copied, MEM_PAGE_SIZE);
    in_parent(t->proc);
    if (pid > 0 && (c->flags & CLONE_VFORK))
        vfork_wait(t, pipe_fds[0]);
    else if (pipe_fds[0] >= 0)
        close(pipe_fds[0]);
}

long fork_clone(struct thread *t, const struct lx_clone *c)
{
    int fds[2] = {-1, -1}, pidfd = -1;
    if ((c->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM) {
        if (log_on(LOG_UNIMP))
            log_printf("clone: processes that share memory are not there\n");
        return -EINVAL;
    }
    uint64_t all = ~0ull;
    host_sigmask(SIG_SETMASK, &all, NULL); /* I1 */
    prepare(t->proc);
    uint32_t *copied = copied_create();
    long pid = -ENOMEM;
    if (copied) /* the pipe is made here so that no other child gets it */
        pid = (c->flags & CLONE_VFORK) && pipe2(fds, O_CLOEXEC) ? -errno : copy_process(c, &pidfd);
    if (pid == 0) {
        child_side(t, c, copied, fds);
        return 0;
    }
    parent_side(t, c, pid, copied, fds);
    if (pid > 0 && (c->flags & CLONE_PARENT_SETTID))
        guest_write_u32(t, c->parent_tid, (uint32_t)pid);
    if (pid > 0 && (c->flags & CLONE_PIDFD))
        guest_write_u32(t, c->pidfd, (uint32_t)pidfd);
    signal_apply_mask(t);
    return pid;
}
