/* SPDX-License-Identifier: Apache-2.0 */
/* The program that fuzz_elf.py puts together: it looks at its data, its zeros, its stack and its auxiliary vector, and
 * ends with a status that says what it saw. It runs wherever it is mapped, as program or as dynamic linker, if its code
 * and its data keep their distance (subject.ld). No C library. */
#include <elf.h>

enum { MAGIC = 0x600dda7a, ZEROS = 3000, DEEP = 65536, RIGHT = 8, STATES = 96 };

extern char first_page[] __attribute__((visibility("hidden"))); /* of the file, as it is mapped */
extern volatile unsigned data __attribute__((visibility("hidden")));
extern volatile unsigned zeros[ZEROS] __attribute__((visibility("hidden")));
volatile unsigned data __attribute__((section(".data"))) = MAGIC;
volatile unsigned zeros[ZEROS] __attribute__((section(".bss"), aligned(16))); /* as far behind in each guest */

#define START ".section .text.start, \"ax\"\n.globl _start\n_start: "

#if defined __x86_64__
__asm__(START "mov %rsp, %rdi\ncall begin");
static void leave(long status) { __asm__ volatile("syscall" ::"a"(231), "D"(status)); }
#elif defined __i386__
__asm__(START "push %esp\ncall begin");
static void leave(long status) { __asm__ volatile("int $0x80" ::"a"(252), "b"(status)); }
#else
__asm__(START "mv a0, sp\ncall begin");
static void leave(long status)
{
    register long a0 __asm__("a0") = status, a7 __asm__("a7") = 94;
    __asm__ volatile("ecall" ::"r"(a0), "r"(a7));
}
#endif

/* What is wrong ends like what is not there, which depends on the neighbours: by SIGSEGV. */
static void expect(int right)
{
    if (!right)
        *(volatile char *)-4096L = 0;
}

static unsigned mix(unsigned h, unsigned long v) { return (h ^ (unsigned)v) * 0x9e3779b1u >> 3; }

/* What the vector says, as distances: the kernel chooses addresses at random. */
static unsigned look_at_vector(const unsigned long *v)
{
    unsigned long phdr = 0, number = 0, size = 0, base = 0, entry = 0;
    const unsigned long here = (unsigned long)first_page;
    for (; v[0]; v += 2) {
        phdr = v[0] == AT_PHDR ? v[1] : phdr;
        size = v[0] == AT_PHENT ? v[1] : size;
        number = v[0] == AT_PHNUM ? v[1] : number;
        base = v[0] == AT_BASE ? v[1] : base;
        entry = v[0] == AT_ENTRY ? v[1] : entry;
    }
    return mix(mix(mix(mix(number, size), entry - phdr), base ? base - here : 0), base ? 0 : entry - here & 0xfff);
}

__attribute__((used, visibility("hidden"))) void begin(const unsigned long *stack)
{
    volatile char deep[DEEP];
    const unsigned long *v = stack + 1 + stack[0] + 1;
    for (unsigned i = 0; i < DEEP; i += 4096)
        deep[i] = 1;
    expect(data == MAGIC);
    for (unsigned i = 0; i < ZEROS; i++)
        expect(zeros[i] == 0);
    for (unsigned i = 0; i < ZEROS; i += 64)
        zeros[i] = data = i;
    while (*v)
        v++;
    leave(RIGHT + look_at_vector(v + 1) % STATES);
}
