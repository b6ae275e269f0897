/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous signals: numbers, codes and addresses; what a handler may do to the interrupted registers; alternate
 * stacks; handlers that fault or leave by siglongjmp; death when the signal is blocked or ignored.
 * build: -D_GNU_SOURCE -Wno-infinite-recursion
 * reference: none (qemu 7.2 does not show a blocked SIGSEGV as pending) */
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static sigjmp_buf out;
static volatile int last_signo, last_code;
static void *volatile last_addr;
static volatile int on_stack;

/* An address that the compiler cannot know to be bad. */
static volatile char *at(uintptr_t address)
{
    __asm__("" : "+r"(address));
    return (volatile char *)address;
}

static void note(int signo, siginfo_t *info, void *uc)
{
    stack_t ss;
    last_signo = signo;
    last_code = info->si_code;
    last_addr = info->si_addr;
    sigaltstack(NULL, &ss);
    on_stack = ss.ss_flags;
    (void)uc;
    siglongjmp(out, 1);
}

#define FAULT(what, action, addr)                                                                                      \
    do {                                                                                                               \
        if (!sigsetjmp(out, 1)) {                                                                                      \
            action;                                                                                                    \
            printf("%s: no signal\n", what);                                                                           \
        } else {                                                                                                       \
            printf("%s: signal %d code %d address %s\n", what, last_signo, last_code,                                  \
                   last_addr == (void *)(addr) ? "right" : "WRONG");                                                   \
        }                                                                                                              \
    } while (0)

static void test_codes(void)
{
    char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *rw = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = memfd_create("short", 0);
    char *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    munmap(rw + 4096, 4096);
    FAULT("read null", (void)*at(8), 8);
    FAULT("write null", *at(16) = 1, 16);
    FAULT("write read-only", *(volatile char *)(ro + 100) = 1, ro + 100);
    FAULT("read no access", (void)*(volatile char *)(none + 5), none + 5);
    FAULT("write no access", *(volatile char *)(none + 5) = 1, none + 5);
    FAULT("read unmapped", (void)*(volatile char *)(rw + 4096), rw + 4096);
    FAULT("behind file", (void)*(volatile char *)(file + 4096), file + 4096);
    FAULT("execute data", ((void (*)(void))rw)(), rw);
    FAULT("execute nothing", ((void (*)(void))(rw + 4096))(), rw + 4096);
}

extern char illegal_insn[], break_insn[];
__attribute__((noinline)) static void illegal(void)
{
    __asm__ volatile(".globl illegal_insn\nillegal_insn: .word 0xffffffff");
}
__attribute__((noinline)) static void breakpoint(void)
{
    __asm__ volatile(".option push\n.option norvc\n.globl break_insn\nbreak_insn: ebreak\n.option pop");
}

static void test_instructions(void)
{
    FAULT("illegal", illegal(), illegal_insn);
    FAULT("breakpoint", breakpoint(), break_insn);
}

/* the handler repairs the cause, or steps over the instruction and sets a register */
static char *repaired;
static void repair(int signo, siginfo_t *info, void *uc)
{
    (void)signo, (void)uc;
    require(info->si_addr == repaired + 123, "address to repair");
    mprotect(repaired, 4096, PROT_READ | PROT_WRITE);
}

static void step_over(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signo, (void)info;
    uc->uc_mcontext.__gregs[REG_PC] += 4;
    uc->uc_mcontext.__gregs[10] = 4711;                        /* a0 */
    uc->uc_mcontext.__fpregs.__d.__f[10] = 0x4000000000000000; /* fa0 = 2.0 */
}

static void test_registers(void)
{
    repaired = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    handle(SIGSEGV, repair, 0);
    repaired[123] = 77;
    printf("repaired: %d\n", repaired[123]);
    handle(SIGSEGV, step_over, 0);
    register long a0 __asm__("a0") = 1;
    register double fa0 __asm__("fa0") = 1.0;
    register long s5 __asm__("s5") = 99;
    __asm__ volatile(".option push\n.option norvc\nld a0, 0(zero)\n.option pop" : "+r"(a0), "+f"(fa0), "+r"(s5));
    long x = a0, y = s5;
    double d = fa0;
    printf("stepped over: %ld %g %ld\n", x, d, y);
}

static char alternate[32768];

static void test_alternate(void)
{
    stack_t ss = {.ss_sp = alternate, .ss_size = sizeof alternate}, old;
    SHOW(sigaltstack(&ss, NULL));
    SHOW(sigaltstack(NULL, &old));
    CHECK(old.ss_sp == alternate && old.ss_size == sizeof alternate && old.ss_flags == 0);
    handle(SIGSEGV, note, SA_ONSTACK);
    FAULT("on alternate", *at(24) = 1, 24);
    printf("flags inside: %d\n", on_stack);
    handle(SIGSEGV, note, 0);
    FAULT("on main", *at(32) = 1, 32);
    printf("flags inside: %d\n", on_stack);
    ss.ss_size = 100;
    SHOW(sigaltstack(&ss, NULL));
    ss.ss_flags = SS_DISABLE;
    SHOW(sigaltstack(&ss, NULL));
    SHOW(sigaltstack(NULL, &old));
    printf("disabled: %d\n", old.ss_flags);
}

/* stack overflow, caught on the alternate stack */
__attribute__((noinline)) static int overflow(int n)
{
    volatile char big[4096];
    big[n & 4095] = (char)n;
    return overflow(n + 1) + big[0];
}

static void test_overflow(void)
{
    stack_t ss = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&ss, NULL);
    handle(SIGSEGV, note, SA_ONSTACK);
    if (!sigsetjmp(out, 1))
        printf("%d\n", overflow(0));
    else
        printf("overflow caught: signal %d, on %d\n", last_signo, on_stack);
}

static int child_status(void (*f)(void))
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        f();
        _exit(99);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void die_default(void)
{
    signal(SIGSEGV, SIG_DFL);
    *at(8) = 1;
}
static void die_ignored(void)
{
    signal(SIGSEGV, SIG_IGN);
    *at(8) = 1;
}
static void die_blocked(void)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGSEGV);
    sigprocmask(SIG_BLOCK, &s, NULL);
    *at(8) = 1;
}
static void die_nested(void)
{
    signal(SIGSEGV, (void (*)(int))die_default);
    *at(8) = 1;
}
static void fault_again(int s)
{
    (void)s;
    *at(8) = 1;
}
static void die_in_handler(void)
{
    signal(SIGSEGV, fault_again);
    *at(8) = 1;
}
static void die_illegal(void)
{
    signal(SIGILL, SIG_DFL);
    illegal();
}
static void die_trap(void)
{
    signal(SIGTRAP, SIG_DFL);
    breakpoint();
}
static void die_abort(void) { abort(); }
static void die_no_stack(void)
{
    stack_t ss = {.ss_flags = SS_DISABLE};
    sigaltstack(&ss, NULL);
    __asm__ volatile("li sp, 64\nsd zero, 0(zero)");
}
static void sent_while_blocked(void)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGSEGV);
    sigprocmask(SIG_BLOCK, &s, NULL);
    kill(getpid(), SIGSEGV);
    sigpending(&s);
    _exit(sigismember(&s, SIGSEGV) ? 42 : 43);
}

static void test_deaths(void)
{
    SHOW(child_status(die_default));
    SHOW(child_status(die_ignored));
    SHOW(child_status(die_blocked));
    SHOW(child_status(die_nested));
    SHOW(child_status(die_in_handler));
    SHOW(child_status(die_illegal));
    SHOW(child_status(die_trap));
    SHOW(child_status(die_abort));
    SHOW(child_status(die_no_stack));
    SHOW(child_status(sent_while_blocked));
}

int main(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    for (unsigned i = 0; i < COUNT_OF(signals); i++)
        handle(signals[i], note, 0);
    test_codes();
    test_instructions();
    test_registers();
    test_alternate();
    test_overflow();
    test_deaths();
    return 0;
}
