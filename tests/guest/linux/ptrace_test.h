/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs about ptrace share: children that stop for their tracer, waiting, registers of all guests. */
#ifndef GUEST_PTRACE_TEST_H
#define GUEST_PTRACE_TEST_H

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

#ifdef __riscv
struct registers {
    unsigned long pc, x[31];
};
#define PC(r)        (r).pc
#define ARGUMENT(r)  (r).x[9]
#define NUMBER(r)    (r).x[16]
#define RESULT(r)    (r).x[9]
#define BREAK_BYTES  4
#define BREAK        0x00100073ul
#define BREAK_OFFSET 0 /* of the pc behind the breakpoint */
#elif defined __aarch64__
#define registers    user_regs_struct
#define PC(r)        (r).pc
#define ARGUMENT(r)  (r).regs[0]
#define NUMBER(r)    (r).regs[8]
#define RESULT(r)    (r).regs[0]
#define BREAK_BYTES  4
#define BREAK        0xd4200000ul
#define BREAK_OFFSET 0
#elif defined __x86_64__
#define registers    user_regs_struct
#define PC(r)        (r).rip
#define ARGUMENT(r)  (r).rdi
#define NUMBER(r)    (r).orig_rax
#define RESULT(r)    (r).rax
#define BREAK_BYTES  1
#define BREAK        0xccul
#define BREAK_OFFSET 1
#else
#define registers    user_regs_struct
#define PC(r)        (r).eip
#define ARGUMENT(r)  (r).eax /* by regparm */
#define NUMBER(r)    (r).orig_eax
#define RESULT(r)    (r).eax
#define BREAK_BYTES  1
#define BREAK        0xccul
#define BREAK_OFFSET 1
#endif

static inline struct registers get_registers(pid_t pid)
{
    struct registers r;
    struct iovec v = {&r, sizeof r};
    memset(&r, 0, sizeof r);
    require(ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &v) == 0 && v.iov_len == sizeof r, "PTRACE_GETREGSET");
    return r;
}

static inline void set_registers(pid_t pid, struct registers *r)
{
    struct iovec v = {r, sizeof *r};
    require(ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &v) == 0, "PTRACE_SETREGSET");
}

/* A child that is traced runs f, once its tracer lets it go on from its SIGSTOP, and exits with what f returns. */
static inline pid_t traced_child(int (*f)(void))
{
    fflush(stdout);
    const pid_t pid = fork();
    if (!pid) {
        if (ptrace(PTRACE_TRACEME, 0, 0, 0))
            _exit(99);
        syscall(SYS_kill, getpid(), SIGSTOP);
        _exit(f());
    }
    return pid;
}

/* "stopped by S", "event E", "exited with N", "killed by S". */
static inline int show_wait(const char *who, pid_t pid)
{
    int status = 0;
    const pid_t got = waitpid(pid, &status, __WALL);
    printf("%s: ", who);
    if (got != pid && pid > 0)
        printf("%s\n", strerrorname_np(errno));
    else if (WIFEXITED(status))
        printf("exited with %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("killed by %s\n", sigabbrev_np(WTERMSIG(status)));
    else if (status >> 16)
        printf("event %d, %s\n", status >> 16, sigabbrev_np(WSTOPSIG(status)));
    else if (WSTOPSIG(status) & 0x80)
        printf("call\n");
    else
        printf("stopped by %s\n", sigabbrev_np(WSTOPSIG(status)));
    return status;
}

static inline void go_on(pid_t pid, int signo) { require(ptrace(PTRACE_CONT, pid, 0, signo) == 0, "PTRACE_CONT"); }

#endif
