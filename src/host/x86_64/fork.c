/* SPDX-License-Identifier: Apache-2.0 */
/* fork.h on x86-64 Linux.
 *
 * I1  Between begin and the call that makes the process, every system call of this thread arrives here first: as
 *     SIGSYS (selector BLOCK), or because each instruction is looked at before it runs (trap flag).
 * I2  Any other call is let through: with the selector at ALLOW and the trap flag set, so that the next instruction's
 *     SIGTRAP puts the selector back. The return from that handler is a system call that the kernel never sends here:
 *     host_sigreturn's.
 *     A signal may come in between: then the call arrives twice.
 * I3  The handler makes the process. The child returns from the same handler, on its copy of the signal stack; the
 *     kernel does not hand the dispatch down to it. */
#define _GNU_SOURCE
#include "src/host/fork.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/host/call.h"

enum { TRAP_FLAG = 0x100, SYSCALL_BYTES = 2, DISPATCH_CODE = 2 /* SYS_USER_DISPATCH */ };
enum { SIGRETURN_BYTES = 8 }; /* host_sigreturn, and the address behind it */
enum { DISPATCH_OPTION = 59, DISPATCH_OFF = 0, DISPATCH_ON = 1, ALLOW = 0, BLOCK = 1 }; /* linux/prctl.h */

struct run {
    const struct host_fork_args *want;
    volatile uint8_t selector; /* the kernel reads it at each system call */
    bool dispatched;           /* the kernel sends SIGSYS; else by steps */
    volatile bool made;        /* the call was made */
};

static _Thread_local struct run *run __attribute__((tls_model("initial-exec")));

static void trap_flag_set(void)
{
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\t" /* below the red zone */
                     "pushfq\n\t"
                     "orq %0, (%%rsp)\n\t"
                     "popfq\n\t"
                     "lea 128(%%rsp), %%rsp"
                     :
                     : "i"(TRAP_FLAG)
                     : "memory", "cc");
}

static bool makes_process(greg_t nr)
{
    return nr == SYS_clone || nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone3;
}

/* What the library's own call asks of the kernel for its thread id: kept. */
static uint64_t library_tid(const greg_t *r, uint64_t *tid)
{
    uint64_t flags = 0;
    struct clone_args args;
    *tid = 0;
    if (r[REG_RAX] == SYS_clone) {
        flags = (uint64_t)r[REG_RDI];
        *tid = (uint64_t)r[REG_R10];
    } else if (r[REG_RAX] == SYS_clone3) {
        memcpy(&args, (const void *)r[REG_RDI], CLONE_ARGS_SIZE_VER0);
        flags = args.flags;
        *tid = args.child_tid;
    }
    return flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
}

static long make_process(const struct host_fork_args *f, const greg_t *r)
{
    uint64_t tid;
    const uint64_t flags = f->flags | library_tid(r, &tid);
    if (!f->set_tid && !(flags >> 32) && !(flags & CSIGNAL)) /* those are clone3's alone */
        return host_syscall(SYS_clone, flags | (unsigned)f->exit_signal, 0, (uintptr_t)f->pidfd, tid, 0, 0);
    struct clone_args args = {
        .flags = flags,
        .pidfd = (uintptr_t)f->pidfd,
        .child_tid = tid,
        .exit_signal = (unsigned)f->exit_signal,
        .set_tid = (uintptr_t)f->set_tid,
        .set_tid_size = f->set_tid_count,
        .cgroup = f->cgroup,
    };
    return host_syscall(SYS_clone3, (uintptr_t)&args, sizeof args, 0, 0, 0, 0);
}

/* The interrupted code is at the library's call, next is the instruction behind it. */
static void replace_call(ucontext_t *uc, greg_t next)
{
    greg_t *r = uc->uc_mcontext.gregs;
    run->selector = ALLOW;
    run->made = true;
    r[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    r[REG_RAX] = make_process(run->want, r); /* I3 */
    r[REG_RIP] = next;
}

static void on_dispatch(ucontext_t *uc)
{
    greg_t *r = uc->uc_mcontext.gregs;
    if (makes_process(r[REG_RAX])) {
        replace_call(uc, r[REG_RIP]);
        return;
    }
    run->selector = ALLOW; /* I2 */
    r[REG_EFL] |= TRAP_FLAG;
    r[REG_RIP] -= SYSCALL_BYTES;
}

static void on_step(ucontext_t *uc)
{
    static const uint8_t syscall_insn[SYSCALL_BYTES] = {0x0f, 0x05};
    greg_t *r = uc->uc_mcontext.gregs;
    if (run->dispatched) { /* I2 */
        run->selector = BLOCK;
        r[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    } else if (run->made) {
        r[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    } else if (makes_process(r[REG_RAX]) && !memcmp((const void *)r[REG_RIP], syscall_insn, SYSCALL_BYTES)) {
        replace_call(uc, r[REG_RIP] + SYSCALL_BYTES);
    }
}

/* A handler of another signal makes calls of its own, while SIGSYS is blocked. */
static bool let_calls_through(void)
{
    run->selector = ALLOW;
    return false;
}

bool host_fork_signal(int signo, const siginfo_t *info, ucontext_t *uc)
{
    if (!run)
        return false;
    if (signo == SIGSYS && info->si_code == DISPATCH_CODE)
        on_dispatch(uc);
    else if (signo == SIGTRAP && info->si_code > 0)
        on_step(uc);
    else
        return let_calls_through();
    return true;
}

void host_fork_signal_end(void)
{
    if (run && run->dispatched && !run->made)
        run->selector = BLOCK;
}

bool host_fork_runs(void) { return run != NULL; }

static long forked(struct run *r)
{
    pid_t pid = fork();
    const long result = pid < 0 ? -errno : pid;
    r->made = true; /* had fork() failed before its call, steps would go on */
    r->selector = ALLOW;
    run = NULL;
    return result;
}

static bool dispatch_begin(struct run *r)
{
    const uintptr_t ours = (uintptr_t)host_sigreturn;
    return !r->want->by_steps && !prctl(DISPATCH_OPTION, DISPATCH_ON, ours, SIGRETURN_BYTES, &r->selector);
}

long host_fork(const struct host_fork_args *f)
{
    struct run r = {.want = f};
    r.dispatched = dispatch_begin(&r);
    run = &r;
    if (r.dispatched)
        r.selector = BLOCK;
    else
        trap_flag_set();
    const long result = forked(&r);
    if (r.dispatched)
        prctl(DISPATCH_OPTION, DISPATCH_OFF, 0, 0, 0);
    return result;
}
