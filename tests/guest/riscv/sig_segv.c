/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous signals seen exactly: the handler checks every register, pc, si_addr and si_code at the faulting
 * instruction, then repairs and goes on behind it. The faulting code has all of its registers set to known values and
 * runs hot first. */
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/guest/guest_test.h"

static uint8_t *page;
static struct {
    int signo, code;
    uint64_t address, pc;
    uint64_t reg[32], fpr[32];
} seen;
static uint64_t skip; /* bytes of the instruction to step over */

static void handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    seen.signo = signo;
    seen.code = info->si_code;
    seen.address = (uint64_t)info->si_addr;
    seen.pc = u->uc_mcontext.__gregs[REG_PC];
    for (int i = 1; i < 32; i++)
        seen.reg[i] = u->uc_mcontext.__gregs[i];
    for (int i = 0; i < 32; i++)
        seen.fpr[i] = u->uc_mcontext.__fpregs.__d.__f[i];
    u->uc_mcontext.__gregs[REG_A0] = 0xabcd;
    u->uc_mcontext.__gregs[REG_PC] += skip;
}

/* Loads from `where` after making x and f registers a function of n; n turns of a loop come before that. */
extern uint64_t probe(const void *where, uint64_t n);
extern const char probe_fault[];
__asm__("    .text\n"
        "    .balign 4\n"
        "    .option push\n    .option norvc\n"
        "probe:\n"
        "    mv      t6, a0\n"
        "    li      t0, 0\n"
        "1:  addi    t0, t0, 3\n"
        "    xor     t1, t0, a1\n"
        "    slli    t2, t1, 5\n"
        "    add     t3, t2, t1\n"
        "    mul     t4, t3, t0\n"
        "    srli    t5, t4, 9\n"
        "    fcvt.d.l ft0, t4\n"
        "    fadd.d  ft1, ft0, ft0\n"
        "    fmul.d  ft2, ft1, ft0\n"
        "    add     a2, t5, t4\n"
        "    sub     a3, a2, t2\n"
        "    not     a4, a3\n"
        "    andi    a5, a4, 255\n"
        "    sltu    a6, a3, a4\n"
        "    lui     a7, 0x12345\n"
        "    addi    a1, a1, -1\n"
        "    bnez    a1, 1b\n"
        "probe_fault:\n"
        "    lw      a0, 8(t6)\n"
        "    addi    t0, t0, 1\n"
        "    .option pop\n"
        "    ret\n");

static void faulting_load(void)
{
    static const uint64_t turns[] = {1, 2, 50, 5000};
    skip = 4;
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        for (int again = 0; again < 20; again++) {
            uint64_t hash = 0;
            memset(&seen, 0, sizeof(seen));
            uint64_t got = probe(page + 16, turns[i]);
            require(got == 0xabcd, "the handler's a0 comes back");
            require(seen.signo == SIGSEGV && seen.code == SEGV_ACCERR, "SIGSEGV, SEGV_ACCERR");
            require(seen.address == (uint64_t)page + 24, "si_addr");
            require(seen.pc == (uint64_t)probe_fault, "pc of the load");
            require(seen.reg[31] == (uint64_t)page + 16, "t6");
            require(seen.reg[10] == (uint64_t)page + 16, "a0 not yet written");
            for (int r = 5; r < 31; r++)
                if (r < 8 || (r > 10 && r < 18) || r > 27)
                    hash = mix(hash, seen.reg[r]);
            hash = mix(mix(mix(hash, seen.fpr[0]), seen.fpr[1]), seen.fpr[2]);
            if (again == 0)
                printf("load after %" PRIu64 " turns: %016" PRIx64 "\n", turns[i], hash);
        }
}

/* A loop of stores that runs off the end of a page: how far it came is exact. */
static void store_loop(void)
{
    for (int round = 0; round < 30; round++) {
        register uint64_t at __asm__("s2") = (uint64_t)page - 4096;
        register uint64_t count __asm__("s3") = 0;
        __asm__ volatile(
            ".option push\n\t.option norvc\n1:\taddi %1, %1, 1\n\tsd %1, 0(%0)\n\taddi %0, %0, 8\n\tj 1b\n\t.option pop"
            : "+r"(at), "+r"(count)
            :
            : "memory", "a0");
        (void)at;
    }
}

/* store_loop has no end: pc goes on behind its jump. */
static void store_handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    require(signo == SIGSEGV, "SIGSEGV from the store");
    require(info->si_addr == page, "the first byte of the page");
    require(u->uc_mcontext.__gregs[18] == (uint64_t)page, "s2 at the page");
    require(u->uc_mcontext.__gregs[19] == 513, "513 turns begun");
    u->uc_mcontext.__gregs[REG_PC] += 12;
}

static void unmapped_and_null(void)
{
    skip = 4;
    __asm__ volatile(".option push\n\t.option norvc\n\tlw a0, 0(zero)\n\t.option pop" : : : "a0", "memory");
    printf("null: %d %d %" PRIx64 "\n", seen.signo, seen.code, seen.address);
    munmap(page, 4096);
    __asm__ volatile(".option push\n\t.option norvc\n\tsw zero, 0(%0)\n\t.option pop" : : "r"(page) : "a0", "memory");
    printf("unmapped: %d %d %d\n", seen.signo, seen.code, seen.address == (uint64_t)page);
}

static void illegal(void)
{
    uint64_t here;
    skip = 4;
    __asm__ volatile(".option push\n\t.option norvc\n\tla %0, 1f\n1:\t.word 0xffffffff\n\t.option pop"
                     : "=&r"(here)
                     :
                     : "a0");
    printf("illegal: %d %d %d %d\n", seen.signo, seen.code, seen.pc == here, seen.address == here);
    skip = 2;
    __asm__ volatile("la %0, 1f\n1:\t.half 0" : "=&r"(here) : : "a0");
    printf("compressed illegal: %d %d %d\n", seen.signo, seen.code, seen.pc == here);
    skip = 4;
    __asm__ volatile(".option push\n\t.option norvc\n\tla %0, 1f\n1:\tcsrr a0, 0x300\n\t.option pop"
                     : "=&r"(here)
                     :
                     : "a0");
    printf("machine register: %d %d %d\n", seen.signo, seen.code, seen.pc == here);
}

static void breakpoint(void)
{
    uint64_t here;
    skip = 4;
    __asm__ volatile(".option push\n\t.option norvc\n\tla %0, 1f\n1:\tebreak\n\t.option pop" : "=&r"(here) : : "a0");
    printf("ebreak: %d %d %d\n", seen.signo, seen.code, seen.pc == here);
}

/* A jump into memory that may not be executed: pc is the target, ra what the jump linked. */
static void bad_jump(void)
{
    static uint64_t data[2] = {0x00008067, 0};
    uint64_t target = (uint64_t)data, back;
    skip = 0;
    __asm__ volatile(
        ".option push\n\t.option norvc\n\tla s4, 1f\n\tla s5, go_back\n\tsd s4, 0(s5)\n\tjalr %1\n1:\tmv %0, ra\n\t"
        ".option pop\n\t.pushsection .data\n\t.balign 8\ngo_back:\t.dword 0\n\t.popsection"
        : "=r"(back)
        : "r"(target)
        : "ra", "s4", "s5", "a0", "memory");
    printf("jump to data: %d pc %d\n", seen.signo, seen.pc == target);
}

extern uint64_t go_back;

static void jump_handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    seen.signo = signo;
    seen.pc = u->uc_mcontext.__gregs[REG_PC];
    require((uint64_t)info->si_addr == seen.pc, "si_addr is the target");
    require(u->uc_mcontext.__gregs[REG_RA] == go_back, "ra was linked");
    u->uc_mcontext.__gregs[REG_PC] = go_back;
}

static void install(int signo, void (*function)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = function, .sa_flags = SA_SIGINFO};
    sigaction(signo, &action, NULL);
}

int main(void)
{
    page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(page != MAP_FAILED, "mmap");
    page += 4096;
    mprotect(page, 4096, PROT_NONE);
    install(SIGSEGV, handler);
    install(SIGILL, handler);
    install(SIGTRAP, handler);
    faulting_load();
    install(SIGSEGV, store_handler);
    store_loop();
    puts("store loop exact");
    install(SIGSEGV, handler);
    illegal();
    breakpoint();
    unmapped_and_null();
    install(SIGSEGV, jump_handler);
    bad_jump();
    return 0;
}
