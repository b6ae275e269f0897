/* SPDX-License-Identifier: Apache-2.0 */
/* The trap flag: SIGTRAP behind each instruction, of all kinds, from the one behind popf to the one that clears it.
 * reference: none for i386 (qemu does not step)
 * build: -D_GNU_SOURCE */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#ifdef __x86_64__
#define PC   REG_RIP
#define CALL "syscall\n"
#define NR   39 /* getpid */
#define A    "rax"
#define SP   "rsp"
#define C    "rcx"
#define DI   "rdi"
#define SI   "rsi"
#define AWAY "sub $256, %%rsp\n"
#define BACK "add $256, %%rsp\n"
#else
#define PC   REG_EIP
#define CALL "int $0x80\n"
#define NR   20
#define A    "eax"
#define SP   "esp"
#define C    "ecx"
#define DI   "edi"
#define SI   "esi"
#define AWAY ""
#define BACK ""
#endif
enum { TF = 0x100, MAX = 64 };

static volatile int traps, codes, at_pc, flagged, others;
static volatile int offset[MAX];
static const char *begin;
static volatile int step_on, step_off_at;

static void on_trap(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    const char *pc = (const char *)(uintptr_t)uc->uc_mcontext.gregs[PC];
    (void)signo;
    if (info->si_code != TRAP_TRACE) {
        others++;
        if (step_on)
            uc->uc_mcontext.gregs[REG_EFL] |= TF;
        return;
    }
    if (traps < MAX)
        offset[traps] = (int)(pc - begin);
    codes += uc->uc_mcontext.gregs[REG_TRAPNO] == 1 && uc->uc_mcontext.gregs[REG_ERR] == 0;
    at_pc += info->si_addr == pc;
    flagged += (uc->uc_mcontext.gregs[REG_EFL] & TF) != 0;
    traps++;
    if (traps == step_off_at)
        uc->uc_mcontext.gregs[REG_EFL] &= ~TF;
}

static void start(const char *where)
{
    begin = where;
    traps = codes = at_pc = flagged = others = 0;
}

static void tell(const char *what, int places)
{
    printf("%s: %d traps, %d as of the processor, %d at the next instruction, %d with the flag, %d others", what, traps,
           codes, at_pc, flagged, others);
    for (int i = 0; places && i < traps && i < MAX; i++)
        printf(" %d", offset[i]);
    printf("\n");
}

/* body runs with the flag set; what it clobbers: all that it may. */
#define STEP(name, what, places, body)                                                                                 \
    static void __attribute__((noinline)) name(void)                                                                   \
    {                                                                                                                  \
        extern const char name##_begin[] __asm__(#name "_begin");                                                      \
        start(name##_begin);                                                                                           \
        __asm__ volatile(AWAY "pushf\n"                                                                                \
                              "orl $0x100, (%%" SP ")\n"                                                               \
                              "popf\n" #name "_begin:\n" body "pushf\n"                                                \
                              "andl $~0x100, (%%" SP ")\n"                                                             \
                              "popf\n"                                                                                 \
                              "nop\n" BACK                                                                             \
                         :                                                                                             \
                         :                                                                                             \
                         : A, C, DI, SI, "memory", "cc");                                                              \
        tell(what, places);                                                                                            \
    }

static char from[16] = "abcdefg", to[16];
static volatile unsigned seen_flags;

STEP(straight, "straight", 1, "nop\nxor %%eax, %%eax\nadd $3, %%eax\n")
STEP(flags_live, "flags", 0, "cmp %%eax, %%eax\nstc\njc 1f\nnop\n1:\nsetc %%al\n")
STEP(branches, "branches", 0, "mov $3, %%ecx\n1:\ndec %%ecx\njnz 1b\njmp 2f\nnop\n2:\n")
STEP(calls, "calls", 0, "call 1f\njmp 2f\n1:\nnop\nret\n2:\n")
STEP(system_call, "system call", 0, "mov $" TEXT(NR) ", %%eax\n" CALL "nop\nnop\n")

static void string(void)
{
    extern const char string_begin[] __asm__("string_begin");
    unsigned flags;
    void *d = to, *s = from;
    start(string_begin);
    __asm__ volatile(AWAY "pushf\n"
                          "orl $0x100, (%%" SP ")\n"
                          "popf\n"
                          "string_begin:\n"
                          "movsb\n"
                          "movsb\n"
                          "pushf\n"
                          "mov (%%" SP "), %%eax\n"
                          "andl $~0x100, (%%" SP ")\n"
                          "popf\n" BACK
                     : "+D"(d), "+S"(s), "=a"(flags)
                     :
                     : "memory", "cc");
    seen_flags = flags;
    tell("string", 0);
    printf("copied %s, pushf has the flag: %d\n", to, (seen_flags & TF) != 0);
}

/* A fault while stepping comes alone. The handler goes on behind it. */
static volatile int faults;
static void on_fault(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signo, (void)info;
    faults++;
    flagged += (uc->uc_mcontext.gregs[REG_EFL] & TF) ? 100 : 0;
    uc->uc_mcontext.gregs[PC] += 2; /* mov (%eax), %eax, in 64-bit code by the lower half */
#ifdef __x86_64__
    uc->uc_mcontext.gregs[PC] += 1;
#endif
}

STEP(fault, "fault", 0, "xor %%eax, %%eax\nmovl (%%eax), %%eax\nnop\n")

/* A debugger's way: a breakpoint's handler sets the flag, and a later one clears it. */
static void by_frame(void)
{
    extern const char by_frame_begin[] __asm__("by_frame_begin");
    start(by_frame_begin);
    step_on = 1;
    step_off_at = 3;
    __asm__ volatile("by_frame_begin:\nint3\nnop\nnop\nnop\nnop\nnop\n" ::: "memory");
    step_on = step_off_at = 0;
    tell("by frames", 1);
}

/* Code that is hot goes on as it was when the flag is clear again. */
static void hot(void)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 200000; i++)
        sum = sum * 3 + i;
    for (int i = 0; i < 3; i++)
        straight();
    for (unsigned i = 0; i < 200000; i++)
        sum = sum * 3 + i;
    printf("hot %u\n", sum);
}

static void run_blocked(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTRAP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    straight();
}

static void run_ignored(void)
{
    signal(SIGTRAP, SIG_IGN);
    straight();
}

/* A child that is made while its parent steps does, too. */
static void run_fork(void)
{
    start((const char *)&run_fork);
    __asm__ volatile(AWAY "pushf\norl $0x100, (%%" SP ")\npopf\n" BACK ::: "memory", "cc");
    const pid_t pid = fork();
    __asm__ volatile(AWAY "pushf\nandl $~0x100, (%%" SP ")\npopf\n" BACK ::: "memory", "cc");
    if (pid == 0)
        _exit(traps > 3 && traps == at_pc ? 42 : 1);
    int status = -1;
    waitpid(pid, &status, 0);
    _exit(WEXITSTATUS(status));
}

static void in_child(const char *what, void (*f)(void))
{
    int status = -1;
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        f();
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("%s: %s %d\n", what, WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &sa, NULL);
    sa.sa_sigaction = on_fault;
    sigaction(SIGSEGV, &sa, NULL);
    setvbuf(stdout, NULL, _IOFBF, 8192);
    straight();
    flags_live();
    branches();
    calls();
    system_call();
    string();
    fault();
    printf("%d faults\n", faults);
    by_frame();
    hot();
    in_child("blocked", run_blocked);
    in_child("ignored", run_ignored);
    in_child("fork", run_fork);
    return 0;
}
