/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz_branches.py's programs share: functions of i386 and x86-64 code that is the same text in both, each run on
 * random registers and flags. Prints a digest a function, of the registers and defined flags that it leaves, and of the
 * registers at its faults, whose handler goes on behind the access. A flag in a handler's frame is not looked at: it
 * may be an older one if the program writes it again before it reads it. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#ifdef __x86_64__
#define FULL(reg)   "%r" reg
#define FAULT_BYTES 7
#define FAULT       ".byte 0x8b, 0x04, 0x25, 0, 0, 0, 0;" /* mov 0, %eax */
#define COUNT_ECX   ".byte 0x67;"
#define FRAME(name) (uint32_t) uc->uc_mcontext.gregs[REG_R##name]
#define PROGRAM_PC  uc->uc_mcontext.gregs[REG_RIP]
#else
#define FULL(reg)   "%e" reg
#define FAULT_BYTES 6
#define FAULT       ".byte 0x8b, 0x05, 0, 0, 0, 0;"
#define COUNT_ECX   ""
#define FRAME(name) (uint32_t) uc->uc_mcontext.gregs[REG_E##name]
#define PROGRAM_PC  uc->uc_mcontext.gregs[REG_EIP]
#endif

enum { DEFINED = 0x8c5, REGS = 6, ROUNDS = 60 }; /* DEFINED: all status flags but A */

/* eax ecx edx ebx esi edi, flags */
uint32_t regs[REGS + 1];
uint32_t memory[16];
void (*target)(void);
void run(void);

__asm__(".text; .globl run; run: push " FULL("bx") "; push " FULL("si") "; push " FULL("di") "; push " FULL(
    "bp") ";"
          "mov regs+24, %eax; push " FULL(
              "ax") "; mov regs, %eax; mov regs+4, %ecx; mov regs+8, %edx; mov regs+12, %ebx;"
                    "mov regs+16, %esi; mov regs+20, %edi; mov " FULL(
                        "sp") ", saved;"
                              "xorps %xmm0, %xmm0; xorps %xmm1, %xmm1; popf; call *target;"
                              "mov %eax, regs; pushf; pop " FULL("ax") "; mov saved, " FULL("sp") "; pop " FULL(
                                  "bp") "; and $0x8c5, %eax;"
                                        "mov %eax, regs+24; mov %ecx, regs+4; mov %edx, regs+8; mov %ebx, regs+12; mov "
                                        "%esi, regs+16;"
                                        "mov %edi, regs+20; pop " FULL("bp") "; pop " FULL("di") "; pop " FULL(
                                            "si") "; pop " FULL("bx") "; ret;"
                                                                      /* called with flags alive, and leaving some */
                                                                      "f_adc: adc $3, %edx; ret; f_stc: stc; ret; "
                                                                      "f_cmp: cmp %esi, %ecx; ret; f_keep: lea "
                                                                      "1(%esi), %esi; ret;"
                                                                      ".data; saved: .quad 0; .text;");

static uint64_t digest;

static void mix(uint32_t v) { digest = (digest ^ v) * 0x9e3779b97f4a7c15u, digest ^= digest >> 29; }

static void handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signo, (void)info;
    mix(FRAME(AX)), mix(FRAME(CX)), mix(FRAME(DX)), mix(FRAME(BX)), mix(FRAME(SI)), mix(FRAME(DI));
    PROGRAM_PC += FAULT_BYTES;
}

static uint32_t seed = 1;

/* Often a value at an edge. */
static uint32_t random_value(void)
{
    static const uint32_t edges[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff};
    seed = seed * 1103515245 + 12345;
    uint32_t r = seed >> 8;
    seed = seed * 1103515245 + 12345;
    return r & 1 ? edges[r % (sizeof edges / sizeof *edges)] : r << 12 ^ seed;
}

static void run_all(void (*const *functions)(void), unsigned count)
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &act, NULL);
    for (unsigned n = 0; n < count; n++) {
        digest = n;
        target = functions[n];
        for (unsigned round = 0; round < ROUNDS; round++) {
            for (unsigned r = 0; r < REGS; r++)
                regs[r] = random_value();
            regs[REGS] = (random_value() & DEFINED) | 0x202;
            for (unsigned m = 0; m < 16; m++)
                memory[m] = random_value();
            run();
            for (unsigned r = 0; r <= REGS; r++)
                mix(regs[r]);
            for (unsigned m = 0; m < 16; m++)
                mix(memory[m]);
        }
        printf("%u %016llx\n", n, (unsigned long long)digest);
    }
}
