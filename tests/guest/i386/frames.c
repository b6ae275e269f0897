/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames of i386 as handlers see them: both kinds, with and without a restorer, what is in them and what
 * sigreturn takes back. What the host itself says is right.
 * reference: none for i386 (qemu 7.2 crashes in the old frame)
 * build: -D_GNU_SOURCE -msse2 */
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

struct old_action {
    void *handler;
    uint32_t mask, flags;
    void *restorer;
};
struct context { /* struct sigcontext_32 */
    uint32_t gs, fs, es, ds, di, si, bp, sp, bx, dx, cx, ax, trapno, err, ip, cs, flags, sp_at_signal, ss, fpstate,
        oldmask, cr2;
};
struct frame { /* struct sigframe behind its return address */
    uint32_t sig;
    struct context sc;
};

static volatile int seen;
static char *page;

/* eax, edx, ecx and the stack are the arguments: the compiler's calling convention reads the stack. */
__attribute__((used)) static void old_handler(struct frame f)
{
    struct context *sc = &((struct frame *)&f)->sc;
    const uint32_t *fp = (const uint32_t *)(uintptr_t)sc->fpstate;
    printf("old: %u at %d cs %x ss %x ds %x\n", f.sig, ((uintptr_t)&f & 15) == 0, sc->cs & 0xffff, sc->ss & 0xffff,
           sc->ds & 0xffff);
    printf("fp: cw %x tag %x magic %x mxcsr %x xmm1 %x\n", fp[0], fp[2] & 0xffff, fp[27] >> 16, fp[28 + 6],
           fp[28 + 40 + 4]);
    printf("flags DF %d oldmask %x\n", sc->flags >> 10 & 1, sc->oldmask);
    seen++;
    if (f.sig == SIGSEGV) { /* for others, what is left of the last fault */
        printf("bx %x trapno %u err %x cr2 %d\n", sc->bx, sc->trapno, sc->err, sc->cr2 == (uintptr_t)page);
        *(volatile uint32_t *)&sc->ip += 2; /* the store at hand */
        *(volatile uint32_t *)&sc->ax = 4711;
        ((volatile uint32_t *)fp)[28 + 40 + 4] = 0x12345678; /* xmm1 */
        ((volatile uint16_t *)fp)[14 + 4] = 0xc000;          /* st0: its sign and exponent */
    }
}

static void rt_handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    const uint32_t *fp = (const uint32_t *)u->uc_mcontext.fpregs;
    printf("rt: %d code %d at %d trapno %d err %x addr %d cr2 %d flags %lx\n", sig, info->si_code,
           info->si_addr == page, u->uc_mcontext.gregs[REG_TRAPNO], u->uc_mcontext.gregs[REG_ERR],
           info->si_addr == page, u->uc_mcontext.cr2 == (uintptr_t)page, u->uc_flags & 1);
    printf("stack %u mask %lx magic %x\n", u->uc_stack.ss_size, u->uc_sigmask.__val[0], fp[28 + 116]);
    seen++;
    if (sig == SIGSEGV) {
        u->uc_mcontext.gregs[REG_EIP] += 2;
        u->uc_mcontext.gregs[REG_EAX] = 4712;
        sigaddset(&u->uc_sigmask, SIGUSR2);
    }
}

/* A fault with registers that the frame shall show. */
static void fault(void)
{
    uint32_t eax, out[4];
    double st;
    __asm__ volatile("movd %[x], %%xmm1\n\t"
                     "fld1\n\t"
                     "mov $0x5151, %%ebx\n\t"
                     "mov %[page], %%eax\n\t"
                     "movb %%cl, (%%eax)\n\t"
                     "movdqu %%xmm1, %[out]\n\t"
                     "fstpl %[st]"
                     : "=&a"(eax), [out] "=m"(out), [st] "=m"(st)
                     : [x] "r"(0x7654321), [page] "m"(page)
                     : "ebx", "memory", "xmm1", "st");
    printf("back: eax %u xmm1 %x st %g\n", eax, out[0], st);
}

static void install_old(int sig, uint32_t flags, void *handler)
{
    struct old_action a = {handler, 1u << (SIGUSR1 - 1), flags, NULL}, was;
    SHOW(syscall(SYS_sigaction, sig, &a, NULL));
    SHOW(syscall(SYS_sigaction, sig, NULL, &was) == 0 && was.handler == handler && was.mask == a.mask);
}

static void install_raw_rt(int sig, uint32_t flags, void *handler)
{
    const uint32_t a[5] = {(uint32_t)(uintptr_t)handler, flags, 0, 0, 0}; /* no restorer: the vDSO's code returns */
    SHOW(syscall(SYS_rt_sigaction, sig, a, NULL, 8));
}

static void info_handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    printf("info: %d code %d pid %d uid %d value %x\n", sig, info->si_code, info->si_pid == getpid(),
           info->si_uid == getuid(), info->si_value.sival_int);
}

int main(void)
{
    page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(*(volatile char *)page); /* it is there, but not to be written */
    uint32_t old_mask = 1u << (SIGWINCH - 1), mask = 0;
    SHOW(syscall(SYS_sigprocmask, SIG_BLOCK, &old_mask, &mask));
    install_old(SIGSEGV, 0, (void *)old_handler);
    fault();
    install_old(SIGUSR2, 0, (void *)old_handler);
    SHOW(kill(getpid(), SIGUSR2));
    install_raw_rt(SIGSEGV, SA_SIGINFO, (void *)rt_handler);
    fault();
    stack_t alt = {.ss_sp = malloc(65536), .ss_size = 65536}, was;
    SHOW(sigaltstack(&alt, NULL));
    SHOW(sigaltstack(NULL, &was) == 0 && was.ss_size == 65536 && was.ss_flags == 0);
    install_raw_rt(SIGSEGV, SA_SIGINFO | SA_ONSTACK, (void *)rt_handler);
    fault();
    SHOW(kill(getpid(), SIGUSR2)); /* blocked by what the handler did to the mask */
    SHOW(syscall(SYS_sigpending, &mask));
    printf("pending %x seen %d\n", mask, seen);
    mask = 0;
    SHOW(syscall(SYS_sigsuspend, 0, 0, 0)); /* delivers it */
    printf("seen %d\n", seen);
    SHOW(syscall(SYS_sgetmask));
    SHOW(syscall(SYS_ssetmask, 0));
    handle(SIGRTMIN, info_handler, 0);
    SHOW(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 0x1234}));
    SHOW(syscall(SYS_signal, SIGUSR1, SIG_IGN));
    SHOW(kill(getpid(), SIGUSR1));
    int pid;
    __asm__ volatile("call *%1" : "=a"(pid) : "r"(getauxval(AT_SYSINFO)), "a"(SYS_getpid) : "memory", "ecx", "edx");
    SHOW(pid == getpid());
    SHOW(memcmp((void *)getauxval(AT_SYSINFO_EHDR), "\177ELF\1", 5));
    return 0;
}
