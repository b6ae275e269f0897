/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that cannot be fetched, wholly or from a page boundary on, that are too long, or that are none: signal,
 * code, address, error code and exception as the CPU and the kernel have them, in both widths. What the frame says of
 * the last exception stays for later signals.
 * build: -D_GNU_SOURCE
 * reference: none (qemu 7.2 says where the instruction begins, and no error code) */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/guest/guest_test.h"

enum { PAGE = 4096, HERE = -1, MAX_PREFIXES = 14 };

static unsigned char *memory; /* two pages */
static sigjmp_buf back;
static const char *what;

#ifdef __x86_64__
#define IP(mc)  ((mc)->gregs[REG_RIP])
#define CR2(mc) ((uintptr_t)(mc)->gregs[REG_CR2])
#else
#define IP(mc)  ((mc)->gregs[REG_EIP])
#define CR2(mc) ((uintptr_t)(mc)->cr2)
#endif

/* Relative to the boundary; addresses elsewhere as they are. */
static long place(uintptr_t address)
{
    long from = (long)(address - (uintptr_t)memory) - PAGE;
    return from >= -PAGE && from < PAGE ? from : (long)address;
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    const mcontext_t *mc = &((ucontext_t *)context)->uc_mcontext;
    long at = info->si_code > 0 ? place((uintptr_t)info->si_addr) : 0;
    printf("%-26s signal %d code %d at %ld ip %ld exception %d error %#x cr2 %ld\n", what, signal, info->si_code, at,
           signal == SIGUSR1 ? 0 : place((uintptr_t)IP(mc)), (int)mc->gregs[REG_TRAPNO], (unsigned)mc->gregs[REG_ERR],
           place(CR2(mc)));
    siglongjmp(back, 1);
}

/* Runs the code, of which so many bytes lie before the boundary; prot: of the page behind it. */
static void try(const char *name, const unsigned char *code, size_t size, size_t before, int prot)
{
    what = name;
    mprotect(memory, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    memset(memory, 0x90, 2 * PAGE);
    memcpy(memory + PAGE - before, code, size);
    if (prot != HERE)
        mprotect(memory + PAGE, PAGE, prot);
    if (!sigsetjmp(back, 1)) {
        ((void (*)(void))(uintptr_t)(memory + PAGE - before))();
        printf("%-26s returned\n", name);
    }
}

static void try_boundaries(void)
{
    static const unsigned char move[] = {0xb8, 1, 2, 3, 4, 0xc3}, nops[] = {0x90, 0x90, 0x90, 0x90};
    for (size_t before = 1; before < 5; before++) {
        try("immediate, no access", move, sizeof move, before, PROT_NONE);
        try("immediate, not executable", move, sizeof move, before, PROT_READ);
    }
    try("next one, no access", nops, sizeof nops, sizeof nops, PROT_NONE);
    try("next one, not executable", nops, sizeof nops, sizeof nops, PROT_READ | PROT_WRITE);
    try("next one, writable code", nops, sizeof nops, sizeof nops, PROT_WRITE);
}

static void try_lengths(void)
{
    unsigned char code[MAX_PREFIXES + 4];
    memset(code, 0x66, sizeof code);
    code[MAX_PREFIXES] = 0x90, code[MAX_PREFIXES + 1] = 0xc3;
    try("15 bytes", code, MAX_PREFIXES + 2, 40, HERE);
    code[MAX_PREFIXES] = 0x66, code[MAX_PREFIXES + 1] = 0x90, code[MAX_PREFIXES + 2] = 0xc3;
    try("16 bytes", code, MAX_PREFIXES + 3, 40, HERE);
    try("15 of 16 bytes", code, MAX_PREFIXES + 3, 15, PROT_NONE);
    try("14 of 16 bytes", code, MAX_PREFIXES + 3, 14, PROT_NONE);
}

static void try_others(void)
{
    static const unsigned char ud2[] = {0x0f, 0x0b}, lock[] = {0xf0, 0x90, 0xc3}, hlt[] = {0xf4};
    static const unsigned char load[] = {0x31, 0xc0, 0x8b, 0x00}, store[] = {0x31, 0xc0, 0x89, 0x00};
    try("ud2", ud2, sizeof ud2, 2, HERE);
    try("half of ud2", ud2, sizeof ud2, 1, PROT_NONE);
    try("lock nop", lock, sizeof lock, 8, HERE);
    try("hlt", hlt, sizeof hlt, 8, HERE);
    try("load from 0", load, sizeof load, 8, HERE);
    try("hlt after it", hlt, sizeof hlt, 8, HERE);
    try("store to 0", store, sizeof store, 8, HERE);
    what = "sent after it";
    if (!sigsetjmp(back, 1))
        raise(SIGUSR1);
}

static void try_protected(void)
{
    /* mov eax, imm32; mov [eax], eax: a page that may be read */
    unsigned char store[] = {0xb8, 0, 0, 0, 0, 0x89, 0x00, 0xc3};
    uint32_t to = (uint32_t)(uintptr_t)(memory + PAGE + 64);
    memcpy(store + 1, &to, sizeof to);
    try("store to what may be read", store, sizeof store, 100, PROT_READ);
    store[5] = 0x8b;
    try("load of what may not", store, sizeof store, 100, PROT_NONE);
}

int main(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGUSR1};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], &action, NULL);
    memory = mmap((void *)0x20000000, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    require(memory != MAP_FAILED, "mmap");
    try_boundaries();
    try_lengths();
    try_others();
    try_protected();
    return 0;
}
