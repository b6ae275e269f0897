/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of 32-bit code that wrap at 4 GiB by a small displacement, in both directions: the faults that they are.
 * And those that wrap by an index, which are good ones. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static sigjmp_buf back;
static uint8_t stack[16384];

static void on_segv(int signo, siginfo_t *info, void *context)
{
    (void)context;
    printf("signal %d at %p\n", signo, info->si_addr);
    siglongjmp(back, 1);
}

/* Each reads, writes or pushes where base + displacement is. */
#define ACCESS(name, code)                                                                                             \
    static void name(uint32_t base) { __asm__ volatile(code : : "b"(base) : "eax", "ecx", "memory"); }
ACCESS(read_below, "mov -8(%%ebx), %%eax")
ACCESS(read_above, "mov 8(%%ebx), %%eax")
ACCESS(write_below, "movb $1, -4000(%%ebx)")
ACCESS(write_above, "movw $1, 7000(%%ebx)")
ACCESS(add_above, "lock addl $1, 100(%%ebx)")
ACCESS(push_there, "mov %%esp, %%ecx; mov %%ebx, %%esp; push %%eax; mov %%ecx, %%esp")
ACCESS(pop_there, "mov %%esp, %%ecx; mov %%ebx, %%esp; pop %%eax; pop %%eax; mov %%ecx, %%esp")

static void all(uint32_t base)
{
    static void (*const accesses[])(uint32_t) = {read_below, read_above, write_below, write_above,
                                                 add_above,  push_there, pop_there};
    for (volatile unsigned i = 0; i < sizeof accesses / sizeof *accesses; i++) {
        printf("%u %08x: ", i, base);
        if (!sigsetjmp(back, 1))
            accesses[i](base);
    }
}

/* The sum of what table[first - 1 .. -1] has, by a negative index and by one that makes the sum wrap. */
static uint32_t by_index(const uint32_t *end, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = -count; i; i++) {
        uint32_t v;
        __asm__ volatile("mov (%1, %2, 4), %0" : "=r"(v) : "r"(end), "r"(i) : "memory");
        sum = sum * 31 + v;
        __asm__ volatile("mov -4(%1, %2, 4), %0" : "=r"(v) : "r"(end), "r"(i + 1) : "memory");
        sum = sum * 31 + v;
        __asm__ volatile("mov table(%1), %0" : "=r"(v) : "r"((uint32_t)end - (uint32_t)stack + 4 * i) : "memory");
        sum = sum * 31 + v;
    }
    return sum;
}
__asm__(".set table, stack");

/* Pushes far below where the block began, and moves of the stack pointer in between. */
static uint32_t deep_pushes(uint32_t rounds)
{
    uint32_t sum = 1;
    for (uint32_t i = 0; i < rounds; i++)
        __asm__ volatile(
            "mov %%esp, %%ecx; lea stack+16000, %%esp; push %0; push $5; sub $4000, %%esp; push %1; push %%esp;"
            "add %%esp, (%%esp); pop %%eax; pop %%edx; add $4000, %%esp; imul (%%esp), %%edx; pop %%eax; add %%edx, "
            "%%eax;"
            "add (%%esp), %%eax; push 4(%%esp); pop 8(%%esp); mov %%ecx, %%esp; lea (%%eax, %0, 8), %0"
            : "+r"(sum)
            : "r"(i)
            : "eax", "ecx", "edx", "memory");
    return sum;
}

int main(void)
{
    static uint8_t handler_stack[32768];
    const stack_t other = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&other, NULL);
    sa.sa_sigaction = on_segv;
    sigaction(SIGSEGV, &sa, NULL);
    for (uint32_t i = 0; i < sizeof stack / 4; i++)
        memcpy(stack + 4 * i, &(uint32_t){i * 2654435761u}, 4);
    for (unsigned round = 0; round < 3; round++) {
        all(4);
        all(0xfffffffc);
        all(0xfffff800);
    }
    for (unsigned round = 0; round < 100; round++)
        printf("%08x %08x\n", by_index((const uint32_t *)(void *)(stack + 8192), 64 + round), deep_pushes(100 + round));
    return 0;
}
