// SPDX-License-Identifier: Apache-2.0
// What a program is told of its exceptions: signal, si_code, where si_addr and the interrupted instruction are; the
// exception's number and the error code of page faults; FP status. Each case is a piece of assembly; the handler prints
// and goes on behind it.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <unistd.h>

enum { PAGE_FAULT = 14 };
static sigjmp_buf back;
static volatile uintptr_t begin; // of the case's code
static const char *name;
static uint8_t page[4096] __attribute__((aligned(4096)));

// Addresses as distances from what they should be near.
static void print_address(const char *what, uintptr_t at)
{
    if (at - begin < 64)
        printf(" %s=code+%d", what, (int)(at - begin));
    else if (at - (uintptr_t)page < 2 * sizeof page)
        printf(" %s=page+%d", what, (int)(at - (uintptr_t)page));
    else
        printf(" %s=%#lx", what, (unsigned long)at);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    const greg_t *g = uc->uc_mcontext.gregs;
    const struct _libc_fpstate *fp = uc->uc_mcontext.fpregs;
    printf("%s: signal %d code %d", name, signo, info->si_code);
    print_address("addr", (uintptr_t)info->si_addr);
    print_address("ip", (uintptr_t)g[REG_RIP]);
    if (g[REG_TRAPNO] == PAGE_FAULT) // but for whether the page was there already
        printf(" trap %d err %d", PAGE_FAULT, (int)g[REG_ERR] & ~1);
    if (signo == SIGFPE)
        printf(" trap %d mxcsr %#x cw %#x sw %#x", (int)g[REG_TRAPNO], fp->mxcsr, fp->cwd, fp->swd);
    printf("\n");
    siglongjmp(back, 1);
}

// code: what is to trap; eax: page, edx: 0
#define CASE(text, code, ...)                                                                                          \
    do {                                                                                                               \
        name = text;                                                                                                   \
        if (sigsetjmp(back, 1) == 0) {                                                                                 \
            __asm__ volatile("lea 1f(%%rip), %%r11\n\tmov %%r11, %[begin]\n\t1: " code "\n\t"                          \
                             : [begin] "=m"(begin)                                                                     \
                             : "a"(page), "d"(0), ##__VA_ARGS__                                                        \
                             : "memory", "r11", "rcx", "xmm0", "xmm1", "cc");                                          \
            printf("%s: nothing\n", text);                                                                             \
        }                                                                                                              \
        __asm__ volatile("fninit; ldmxcsr %0; cld" : : "m"((const uint32_t){0x1f80}));                                 \
    } while (0)

static void machine(void)
{
    CASE("int3", "int3");
    CASE("int 3", "int $3");
    CASE("int 3, two bytes", ".byte 0xcd, 3");
    CASE("int 4", "int $4");
    CASE("int 0x81", "int $0x81");
    CASE("ud2", "ud2");
    CASE("ud1", "ud1 %%eax, %%eax");
    CASE("ud0", ".byte 0x0f, 0xff, 0xc0");
    CASE("lock without memory", ".byte 0xf0, 0x01, 0xc0");
    CASE("no instruction", ".byte 0x06");
    CASE("hlt", "hlt");
    CASE("cli", "cli");
    CASE("sti", "sti");
    CASE("in", "in $0x80, %%al");
    CASE("out", "outb %%al, $0x80");
    CASE("insb", "insb");
    CASE("rdmsr", "rdmsr");
    CASE("wrmsr", "wrmsr");
    CASE("lgdt", "lgdt (%%rax)");
    CASE("lidt", "lidt (%%rax)");
    CASE("lldt", "lldt %%dx");
    CASE("ltr", "ltr %%dx");
    CASE("lmsw", "lmsw %%dx");
    CASE("clts", "clts");
    CASE("invlpg", "invlpg (%%rax)");
    CASE("wbinvd", "wbinvd");
    CASE("swapgs", "swapgs");
    CASE("mov to cr0", "mov %%rdx, %%cr0");
    CASE("mov from cr3", "mov %%cr3, %%rdx");
    CASE("mov from dr7", "mov %%dr7, %%rdx");
    CASE("xsetbv", "mov $0, %%ecx; xsetbv");
    CASE("mov to ss", "mov %%edx, %%ss");
    CASE("mov to ds", "mov $0x10, %%edx; mov %%edx, %%ds");
    CASE("far jump", "pushq $0x10; pushq $0; ljmp *(%%rsp)");
    CASE("monitor", "monitor");
    CASE("clac", "clac");
    CASE("sysexit", "sysexit");
}

static void arithmetic(void)
{
    CASE("div by 0", "mov $1, %%eax; div %%edx");
    CASE("div too large", "mov $5, %%edx; mov $2, %%ecx; div %%ecx");
    CASE("idiv too large", "mov $0x80000000, %%eax; cdq; mov $-1, %%ecx; idiv %%ecx");
    CASE("64-bit idiv", "mov $1, %%rdx; mov $1, %%ecx; idiv %%rcx");
    CASE("8-bit div", "mov $0x500, %%eax; mov $5, %%cl; div %%cl");
}

static void memory(void)
{
    mprotect(page, sizeof page, PROT_READ);
    CASE("read-only", "movl $1, 8(%%rax)");
    CASE("read-only add", "addl $1, 12(%%rax)");
    mprotect(page, sizeof page, PROT_NONE);
    CASE("no access", "mov 16(%%rax), %%edx");
    CASE("no access, crossing", "mov -2(%%rax), %%edx");
    CASE("jump to data", "jmp *%%rax");
    CASE("unmapped", "mov $4096, %%edx; mov (%%rdx), %%edx");
    CASE("not canonical", "movabs $0x8000000000000000, %%rdx; mov (%%rdx), %%edx");
    mprotect(page, sizeof page, PROT_READ | PROT_WRITE);
    CASE("movaps misaligned", "movaps 8(%%rax), %%xmm0");
    CASE("paddd misaligned", "paddd 4(%%rax), %%xmm0");
    CASE("cmpxchg16b misaligned", "cmpxchg16b 8(%%rax)");
    CASE("vmovdqa misaligned", "vmovdqa 8(%%rax), %%xmm0");
    CASE("fxsave misaligned", "fxsave 8(%%rax)");
    CASE("ldmxcsr", "movl $0x100000, (%%rax); ldmxcsr (%%rax)");
}

// Control words with one exception unmasked.
enum { INVALID, DENORMAL, ZERO, OVERFLOWED, UNDERFLOW, INEXACT };
#define SSE(exception) "m"((const uint32_t){0x1f80u & ~(0x80u << (exception))})
#define X87(exception) "m"((const uint16_t){(uint16_t)(0x37f & ~(1 << (exception)))})
static const double one = 1, zero, huge = 1e308, tiny = 1e-308, subnormal = 4e-324, minus = -1, third = 3;

static void sse(void)
{
    CASE("divsd by 0", "ldmxcsr %3; movsd %4, %%xmm0; divsd %5, %%xmm0", SSE(ZERO), "m"(one), "m"(zero));
    CASE("sqrtsd", "ldmxcsr %3; sqrtsd %4, %%xmm0", SSE(INVALID), "m"(minus));
    CASE("mulsd", "ldmxcsr %3; movsd %4, %%xmm0; mulsd %4, %%xmm0", SSE(OVERFLOWED), "m"(huge));
    CASE("mulsd small", "ldmxcsr %3; movsd %4, %%xmm0; mulsd %4, %%xmm0", SSE(UNDERFLOW), "m"(tiny));
    CASE("divsd inexact", "ldmxcsr %3; movsd %4, %%xmm0; divsd %5, %%xmm0", SSE(INEXACT), "m"(one), "m"(third));
    CASE("addsd subnormal", "ldmxcsr %3; movsd %4, %%xmm0; addsd %5, %%xmm0", SSE(DENORMAL), "m"(one), "m"(subnormal));
    CASE("ucomisd", "ldmxcsr %3; xorpd %%xmm0, %%xmm0; divsd %%xmm0, %%xmm0", SSE(INVALID));
    CASE("cvttsd2si", "ldmxcsr %3; cvttsd2si %4, %%ecx", SSE(INVALID), "m"(huge));
    CASE("divpd by 0", "ldmxcsr %3; movddup %4, %%xmm0; xorpd %%xmm1, %%xmm1; divpd %%xmm1, %%xmm0", SSE(ZERO),
         "m"(one));
    CASE("flag that is set, unmasked", "xorpd %%xmm0, %%xmm0; divsd %%xmm0, %%xmm0; ldmxcsr %3; addsd %4, %%xmm1",
         SSE(ZERO), "m"(one));
}

static void x87(void)
{
    CASE("fdiv by 0, fwait", "fldcw %3; fldz; fld1; fdivp; nop; fwait", X87(ZERO));
    CASE("fdiv by 0, fld1", "fldcw %3; fldz; fld1; fdivp; nop; fld1", X87(ZERO));
    CASE("fdiv by 0, fnstsw", "fldcw %3; fldz; fld1; fdivp; fnstsw %%ax; fnclex; fwait", X87(ZERO));
    CASE("fdiv by 0, movq", "fldcw %3; fldz; fld1; fdivp; nop; movq %%mm1, %%mm0", X87(ZERO));
    CASE("fdiv by 0, emms", "fldcw %3; fldz; fld1; fdivp; nop; emms", X87(ZERO));
    CASE("fsqrt", "fldcw %3; fld1; fchs; fsqrt; fwait", X87(INVALID));
    CASE("stack", "fldcw %3; fstp %%st(0); fwait", X87(INVALID));
    CASE("fmul",
         "fldcw %3; fldl %4; fmul %%st(0); fmul %%st(0); fmul %%st(0); fmul %%st(0); fmul %%st(0); fmul %%st(0); fwait",
         X87(OVERFLOWED), "m"(huge));
    CASE("fdiv inexact", "fldcw %3; fld1; fdivl %4; fwait", X87(INEXACT), "m"(third));
    CASE("fld subnormal", "fldcw %3; fldl %4; fwait", X87(DENORMAL), "m"(subnormal));
    CASE("fistp", "fldcw %3; fldl %4; fistpl (%%rax); fwait", X87(INVALID), "m"(huge));
    CASE("pending, unmasked later", "fldz; fld1; fdivp; fldcw %3; fld1", X87(ZERO));
    CASE("fninit forgets", "fldcw %3; fldz; fld1; fdivp; fninit; fld1; fwait", X87(ZERO));
}

int main(void)
{
    static uint8_t stack[64 << 10];
    stack_t alt = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    sigaltstack(&alt, NULL);
    for (unsigned n = 0; n < sizeof signals / sizeof signals[0]; n++)
        sigaction(signals[n], &sa, NULL);
    machine();
    arithmetic();
    memory();
    sse();
    x87();
    return 0;
}
