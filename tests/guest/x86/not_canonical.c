/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that are not canonical: the stack's are SIGBUS, others SIGSEGV, whatever registers they come in.
 * reference: none for x86_64 (qemu reports all as SEGV_MAPERR)
 *
 * build: -D_GNU_SOURCE */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>

static sigjmp_buf back;
static int signo_seen, code_seen, trap_seen;
static void *addr_seen;

static void handler(int signo, siginfo_t *info, void *context)
{
    signo_seen = signo;
    code_seen = info->si_code;
    addr_seen = info->si_addr;
    trap_seen = (int)((ucontext_t *)context)->uc_mcontext.gregs[REG_TRAPNO];
    siglongjmp(back, 1);
}

static void report(const char *what)
{
    printf("%s: signal %d code %d trap %d addr %p\n", what, signo_seen, code_seen, trap_seen, addr_seen);
    signo_seen = 0;
}

#define CASE(what, code)                                                                                               \
    do {                                                                                                               \
        if (!sigsetjmp(back, 1))                                                                                       \
            __asm__ volatile(code ::"a"(odd), "d"(&word)                                                               \
                             : "memory", "cc", "rcx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",     \
                               "r14", "r15", "xmm0");                                                                  \
        report(what);                                                                                                  \
    } while (0)
#define LOAD(reg)  CASE("load " #reg, "mov %%rax, %%" #reg "; mov (%%" #reg "), %%rdx")
#define STORE(reg) CASE("store " #reg, "mov %%rax, %%" #reg "; movl $1, 8(%%" #reg ")")
#define BOTH(reg)                                                                                                      \
    do {                                                                                                               \
        LOAD(reg);                                                                                                     \
        STORE(reg);                                                                                                    \
    } while (0)

static void all(uint64_t odd)
{
    static uint64_t word[2];
    BOTH(rax);
    BOTH(rbx);
    BOTH(rcx);
    BOTH(rdx);
    BOTH(rsi);
    BOTH(rdi);
    BOTH(r8);
    BOTH(r9);
    BOTH(r10);
    BOTH(r11);
    BOTH(r12);
    BOTH(r13);
    BOTH(r14);
    BOTH(r15);
    CASE("rbp", "push %%rbp; mov %%rax, %%rbp; mov (%%rbp), %%edx; pop %%rbp");
    CASE("rbp store", "push %%rbp; mov %%rax, %%rbp; mov %%edx, 4(%%rbp); pop %%rbp");
    CASE("rbp as index", "push %%rbp; mov %%rax, %%rbp; mov 8(,%%rbp), %%edx; pop %%rbp");
    CASE("ds of rbp", "push %%rbp; mov %%rax, %%rbp; mov %%ds:(%%rbp), %%edx; pop %%rbp");
    CASE("rsp", "mov %%rsp, %%rbx; mov %%rax, %%rsp; mov 16(%%rsp), %%edx; mov %%rbx, %%rsp");
    CASE("push", "mov %%rsp, %%rbx; mov %%rax, %%rsp; push %%rdx; mov %%rbx, %%rsp");
    CASE("pop", "mov %%rsp, %%rbx; mov %%rax, %%rsp; pop %%rdx; mov %%rbx, %%rsp");
    CASE("push of it", "push (%%rax)");
    CASE("movsb from", "mov %%rax, %%rsi; mov %%rdx, %%rdi; movsb");
    CASE("movsb to", "mov %%rax, %%rdi; mov %%rdx, %%rsi; movsb");
    CASE("movups", "movups (%%rax), %%xmm0");
    CASE("add", "addl $1, (%%rax)");
    CASE("lock add", "lock addl $1, (%%rax)");
    CASE("jump", "jmp *%%rax");
}

int main(void)
{
    static char stack[1 << 16];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    all(UINT64_C(1) << 63);
    all((UINT64_C(1) << 62) + 24);
    return 0;
}
