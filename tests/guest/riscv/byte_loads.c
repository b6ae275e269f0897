/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are loaded byte by byte and put together, in both byte orders, of all widths; and faults between the
 * bytes: the handler finds the load that faulted, and just the registers changed that were loaded before it.
 * build: -D_GNU_SOURCE */
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/guest/guest_test.h"

enum { PAGE = 4096, BYTES = 8, ROUNDS = 200 };

/* Byte n goes to register into[n]; they are loaded in this order. */
static const unsigned char order[BYTES] = {0, 3, 1, 2, 7, 4, 6, 5}, into[BYTES] = {11, 12, 13, 14, 15, 16, 17, 5};

#define LOAD(at, reg)     "load_" #at ": lbu " #reg ", " #at "(a0)\n"
#define SOME              LOAD(0, a1) LOAD(3, a4) LOAD(1, a2) LOAD(2, a3)
#define REST              LOAD(7, t0) LOAD(4, a5) LOAD(6, a7) LOAD(5, a6)
#define PLACE(reg, shift) "slli " #reg ", " #reg ", " #shift "\n or a1, a1, " #reg "\n"

/* first: what the registers hold before */
uint64_t load_bytes(const unsigned char *p, uint64_t first);
extern char load_0[], load_1[], load_2[], load_3[], load_4[], load_5[], load_6[], load_7[];
static char *const loads[BYTES] = {load_0, load_1, load_2, load_3, load_4, load_5, load_6, load_7};

__asm__(".globl load_bytes, load_0, load_1, load_2, load_3, load_4, load_5, load_6, load_7\n"
        "load_bytes:\n"
        "  mv t0, a1\n  mv a2, a1\n  mv a3, a1\n  mv a4, a1\n  mv a5, a1\n  mv a6, a1\n  mv a7, a1\n" SOME REST PLACE(
            a2, 8) PLACE(a3, 16) PLACE(a4, 24) PLACE(a5, 32) PLACE(a6, 40) PLACE(a7, 48) PLACE(t0, 56) "  mv a0, a1\n"
                                                                                                       "  ret\n");

__attribute__((noinline)) static uint32_t little32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
__attribute__((noinline)) static uint32_t big32(const unsigned char *p)
{
    return p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}
__attribute__((noinline)) static uint64_t big64(const unsigned char *p)
{
    return (uint64_t)big32(p) << 32 | big32(p + 4);
}
__attribute__((noinline)) static uint64_t little64(const unsigned char *p)
{
    return little32(p) | (uint64_t)little32(p + 4) << 32;
}
__attribute__((noinline)) static unsigned little16(const unsigned char *p) { return p[0] | (unsigned)p[1] << 8; }
__attribute__((noinline)) static unsigned big16(const unsigned char *p) { return p[1] | (unsigned)p[0] << 8; }
__attribute__((noinline)) static int32_t signed32(const unsigned short *p)
{
    return (int)(p[0] | (unsigned)p[1] << 16);
}
/* A store in between: the bytes behind it are loaded behind it. */
__attribute__((noinline)) static uint32_t stored(unsigned char *p, unsigned char *q, unsigned char c)
{
    uint32_t low = p[0] | (uint32_t)p[1] << 8;
    *q = c;
    return low | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static unsigned char *memory; /* two pages */
static volatile uint64_t before;
static volatile unsigned boundary, faults;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    const ucontext_t *uc = context;
    unsigned at = 0;
    while (order[at] < boundary)
        at++;
    require(info->si_addr == memory + PAGE + (int)order[at] - (int)boundary, "address of the fault");
    require(uc->uc_mcontext.__gregs[0] == (uintptr_t)loads[order[at]], "instruction that faulted");
    for (unsigned i = 0; i < BYTES; i++) {
        uint64_t want = i < at ? memory[PAGE + (int)order[i] - (int)boundary] : before;
        require(uc->uc_mcontext.__gregs[into[order[i]]] == want, "registers");
    }
    faults++;
    mprotect(memory + PAGE, PAGE, PROT_READ | PROT_WRITE);
}

static uint64_t values(unsigned char *p)
{
    unsigned short halves[2] = {(unsigned short)little16(p), (unsigned short)little16(p + 2)};
    uint64_t h = mix(mix(mix(0, little32(p)), big32(p)), little64(p));
    h = mix(mix(mix(h, big64(p)), little16(p)), big16(p));
    h = mix(mix(h, (uint64_t)signed32(halves)), load_bytes(p, 1));
    for (unsigned i = 0; i < 4; i++)
        h = mix(h, stored(p, p + i, (unsigned char)(i * 77)));
    return h;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    uint64_t seed = 5, hash = 0;
    sigaction(SIGSEGV, &action, NULL);
    memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned k = 0; k < 16; k++)
            memory[k] = (unsigned char)next_random(&seed);
        hash = mix(hash, values(memory + i % 8));
    }
    print_hash("values", hash);
    for (boundary = 0; boundary < BYTES; boundary++) {
        unsigned char *p = memory + PAGE - boundary;
        before = next_random(&seed);
        for (unsigned k = 0; k < BYTES; k++)
            p[k] = (unsigned char)next_random(&seed);
        uint64_t want = little64(p);
        mprotect(memory + PAGE, PAGE, PROT_NONE);
        require(load_bytes(p, before) == want, "value");
        require(faults == boundary + 1, "a fault");
    }
    printf("faults         %u\n", faults);
    return 0;
}
