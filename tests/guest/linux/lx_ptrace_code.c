/* SPDX-License-Identifier: Apache-2.0 */
/* What gdb does: breakpoints in code that has run, by PTRACE_POKETEXT and /proc/PID/mem; registers and floating point
 * registers; single steps; faults.
 * reference: none (qemu has no ptrace)
 * needs: ptrace
 * emulated: none (qemu has no ptrace)
 * not in: cached cache1m fail3 stats (processes, each with an optimizer to wait for)
 *
 * build: -D_GNU_SOURCE */
#include <fcntl.h>

#include "tests/guest/linux/ptrace_test.h"

enum { TURNS = 20000, MOST_STEPS = 1000 };
#ifdef __riscv
enum { HAS_STEPS = 0 };
#else
enum { HAS_STEPS = 1 };
#endif

#ifdef __i386__
#define BY_REGISTER __attribute__((noinline, noclone, regparm(1)))
#else
#define BY_REGISTER __attribute__((noinline, noclone))
#endif

static volatile int total, *volatile bad;
static volatile double third = 3;

BY_REGISTER void callee(int n)
{
    __asm__ volatile("" : "+r"(n));
    total += n;
}

static void turns(int n)
{
    for (int i = 0; i < n; i++)
        callee(1);
}

/* Hot first, and behind each stop again: what was translated is what is in memory. */
static int run_callee(void)
{
    turns(TURNS);
    syscall(SYS_kill, getpid(), SIGUSR1);
    callee(2);
    turns(TURNS);
    return total == 2 * TURNS + 5;
}

static unsigned long pc_of(pid_t pid)
{
    const struct registers r = get_registers(pid);
    return (unsigned long)PC(r);
}

/* At a breakpoint in callee: its instruction is put back and done with another argument. */
static void leave_breakpoint(pid_t pid, int argument)
{
    struct registers r = get_registers(pid);
    siginfo_t info;
    SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    printf("signal %d, at %d\n", info.si_signo, pc_of(pid) == (unsigned long)callee + BREAK_OFFSET);
    printf("argument %d\n", (int)ARGUMENT(r));
    ARGUMENT(r) = argument;
    PC(r) = (unsigned long)callee;
    set_registers(pid, &r);
}

static void test_breakpoint(void)
{
    const unsigned long trap = BREAK;
    const pid_t pid = traced_child(run_callee);
    show_wait("breakpoint", pid);
    go_on(pid, 0);
    show_wait("breakpoint", pid);
    const unsigned long old = (unsigned long)ptrace(PTRACE_PEEKTEXT, pid, callee, 0);
    unsigned long patched = old;
    memcpy(&patched, &trap, BREAK_BYTES);
    CHECK(memcmp(&old, (void *)callee, sizeof old) == 0);
    SHOW(ptrace(PTRACE_POKETEXT, pid, callee, patched));
    go_on(pid, 0);
    show_wait("breakpoint", pid);
    leave_breakpoint(pid, 5);
    SHOW(ptrace(PTRACE_POKETEXT, pid, callee, old));
    go_on(pid, 0);
    show_wait("breakpoint", pid);
}

/* As gdb writes: also to code that may not be written to. */
static void test_by_file(void)
{
    char name[64];
    unsigned char old[BREAK_BYTES], trap[8];
    const unsigned long code = BREAK;
    const pid_t pid = traced_child(run_callee);
    memcpy(trap, &code, sizeof code);
    show_wait("by file", pid);
    go_on(pid, 0);
    show_wait("by file", pid);
    snprintf(name, sizeof name, "/proc/%d/mem", pid);
    const int fd = open(name, O_RDWR);
    require(fd >= 0, name);
    CHECK(pread(fd, old, sizeof old, (off_t)(unsigned long)callee) == sizeof old);
    CHECK(pwrite(fd, trap, sizeof old, (off_t)(unsigned long)callee) == sizeof old);
    go_on(pid, 0);
    show_wait("by file", pid);
    leave_breakpoint(pid, 5);
    CHECK(pwrite(fd, old, sizeof old, (off_t)(unsigned long)callee) == sizeof old);
    close(fd);
    go_on(pid, 0);
    show_wait("by file", pid);
}

/* ---- steps ---- */

/* riscv64's kernel has none. Elsewhere each one goes on, until the function is called. */
static void test_steps(void)
{
    const pid_t pid = traced_child(run_callee);
    show_wait("steps", pid);
    go_on(pid, 0);
    show_wait("steps", pid);
    int seen = 0, trapped = 0, moved = 0, tries = 0, status;
    for (; !seen && tries < MOST_STEPS; tries++) {
        const unsigned long before = pc_of(pid);
        if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0))
            break;
        require(waitpid(pid, &status, 0) == pid, "waitpid");
        trapped += WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
        moved += pc_of(pid) != before;
        seen = pc_of(pid) == (unsigned long)callee;
    }
    CHECK(seen == HAS_STEPS && (tries > 2) == HAS_STEPS);
    CHECK(trapped == moved && trapped == tries);
    go_on(pid, 0);
    show_wait("steps", pid);
}

/* ---- faults ---- */

static int fault(void)
{
    *bad = 1;
    return total;
}

static void test_fault(void)
{
    siginfo_t info;
    const pid_t pid = traced_child(fault);
    show_wait("fault", pid);
    go_on(pid, 0);
    show_wait("fault", pid);
    SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    printf("signal %d code %d address %p\n", info.si_signo, info.si_code, info.si_addr);
    const unsigned long before = pc_of(pid);
    go_on(pid, 0); /* kept from it: the instruction is done again */
    show_wait("fault", pid);
    const unsigned long after = pc_of(pid);
    printf("the same place: %d\n", before == after);
    go_on(pid, SIGSEGV);
    show_wait("fault", pid);
}

/* ---- floating point ---- */

/* A call in which a register is known to hold 3, and may hold something else behind it. */
static int keep(void)
{
    double d = third;
#ifdef __riscv
    register long a0 __asm__("a0") = getpid(), a1 __asm__("a1") = SIGUSR1, a7 __asm__("a7") = SYS_kill;
    __asm__ volatile("fmv.d fs0, %1\n\tecall\n\tfmv.d %1, fs0"
                     : "+r"(a0), "+f"(d)
                     : "r"(a1), "r"(a7)
                     : "memory", "fs0");
#elif defined __aarch64__
    register long x0 __asm__("x0") = getpid(), x1 __asm__("x1") = SIGUSR1, x8 __asm__("x8") = SYS_kill;
    __asm__ volatile("fmov d8, %1\n\tsvc #0\n\tfmov %1, d8" : "+r"(x0), "+r"(d) : "r"(x1), "r"(x8) : "memory", "d8");
#elif defined __x86_64__
    long rax = SYS_kill;
    __asm__ volatile("movsd %1, %%xmm7\n\tsyscall\n\tmovsd %%xmm7, %1"
                     : "+a"(rax), "+m"(d)
                     : "D"((long)getpid()), "S"((long)SIGUSR1)
                     : "rcx", "r11", "memory", "xmm7");
#else
    long eax = SYS_kill;
    __asm__ volatile("movsd %1, %%xmm7\n\tint $0x80\n\tmovsd %%xmm7, %1"
                     : "+a"(eax), "+m"(d)
                     : "b"(getpid()), "c"(SIGUSR1)
                     : "memory");
#endif
    return d == 8 ? 81 : d == 3 ? 82 : 83;
}

static void test_fp(void)
{
#ifdef __riscv
    const long note = NT_PRFPREG;
    enum { AT = 8 * 8 };
#elif defined __aarch64__
    const long note = NT_PRFPREG;
    enum { AT = 8 * 16 };
#else
    const long note = 0x202; /* NT_X86_XSTATE */
    enum { AT = 160 + 7 * 16 };
#endif
    static unsigned char area[16384];
    struct iovec v = {area, sizeof area};
    double d;
    const pid_t pid = traced_child(keep);
    show_wait("fp", pid);
    go_on(pid, 0);
    show_wait("fp", pid);
    SHOW(ptrace(PTRACE_GETREGSET, pid, (void *)note, &v));
    memcpy(&d, area + AT, sizeof d);
    printf("register: %g\n", d);
    d = 8;
    memcpy(area + AT, &d, sizeof d);
    SHOW(ptrace(PTRACE_SETREGSET, pid, (void *)note, &v));
    go_on(pid, 0);
    show_wait("fp", pid);
}

int main(void)
{
    test_breakpoint();
    test_by_file();
    test_steps();
    test_fault();
    test_fp();
    return 0;
}
