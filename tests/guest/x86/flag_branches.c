/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags over forward branches, behind which code goes on: alive only where the branch goes to, only on the way
 * on, on both ways; through inc and dec that keep CF, shifts by counts of 0, sahf, lahf, pushf and popf behind a
 * branch, chains of adc over one, several branches on one compare, jecxz and loop between a compare and its reader, and
 * faults behind a branch, whose handler goes on behind the access. Each row runs often enough to become hot, on edge
 * values. Its digest has registers and the flags that are defined.
 * build: -D_GNU_SOURCE -fno-pie -no-pie
 * not in: tier2 cached */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>

#ifdef __x86_64__
#define R(reg)      "%r" reg
#define FAULT       ".byte 0x8b, 0x04, 0x25, 0, 0, 0, 0;" /* mov 0, %eax */
#define FAULT_BYTES 7
#define COUNT_ECX   ".byte 0x67;"
#define PC_OF(uc)   (uc)->uc_mcontext.gregs[REG_RIP]
#else
#define R(reg)      "%e" reg
#define FAULT       ".byte 0x8b, 0x05, 0, 0, 0, 0;"
#define FAULT_BYTES 6
#define COUNT_ECX   ""
#define PC_OF(uc)   (uc)->uc_mcontext.gregs[REG_EIP]
#endif
#define FLAGS_TO_EBP "pushf; pop " R("bp") "; andl $0x8c5, %ebp; addl %ebp, %edi; roll $3, %edi;"

enum { REGS = 4, ROUNDS = 400, DEFINED = 0x8c5 };
uint32_t regs[REGS + 2]; /* eax ecx edx ebx, edi, flags: before and after */
void (*target)(void);
static unsigned faults;

/* regs to registers, the row, and back */
void run(void);
__asm__(".text; run: push " R("bx") "; push " R("si") "; push " R("di") "; push " R(
    "bp") "; mov regs+20, %eax;"
          "push " R("ax") "; mov regs, %eax; mov regs+4, %ecx; mov regs+8, %edx; mov regs+12, %ebx; mov regs+16, %edi;"
                          "popf; call *target; mov %eax, regs; pushf; pop " R(
                              "ax") "; and $0x8c5, %eax; mov %eax, regs+20;"
                                    "mov %ecx, regs+4; mov %edx, regs+8; mov %ebx, regs+12; mov %edi, regs+16; pop " R(
                                        "bp") "; pop " R("di") ";"
                                                               "pop " R("si") "; pop " R("bx") "; ret;");

/* name, code: it ends in ret, with flags that the caller looks at. 9: is for those that leave early, flags alive. */
#define ROWS(ROW)                                                                                                      \
    ROW(taken, "cmp %edx, %eax; jb 9f; xor %ebx, %edi; add %ecx, %edi; ret; 9: ret;")                                  \
    ROW(taken_later, "cmp %edx, %eax; jb 8f; xor %ebx, %edi; ret; 8: lea 3(%edi), %edi; adc $0, %edi; ret;")           \
    ROW(way_on, "cmp %edx, %eax; jb 8f; adc $5, %edi; seto %cl; ret; 8: xor %edi, %edi; ret;")                         \
    ROW(both, "sub %edx, %eax; je 8f; sbb %ecx, %edi; ret; 8: adc %ebx, %edi; ret;")                                   \
    ROW(three, "cmp %edx, %eax; jb 8f; jl 7f; jo 6f; seta %cl; ret; 8: setg %ch; ret; 7: setp %cl; 6: ret;")           \
    ROW(test_bits, "test $0x80ff, %eax; js 9f; jz 8f; jp 7f; inc %edi; 7: ret; 8: lahf; and $0xc5, %ah; ret; 9: ret;") \
    ROW(test_regs, "test %dl, %al; jnz 9f; test %ecx, %ebx; js 9f; add %ecx, %edi; 9: ret;")                           \
    ROW(increment, "cmp %edx, %eax; inc %ebx; jo 8f; jc 9f; dec %ecx; js 9f; adc %ebx, %edi; ret; 8: sbb $1, %edi;"    \
                   "9: ret;")                                                                                          \
    ROW(increments, "add %edx, %eax; dec %ebx; jz 9f; inc %ecx; jz 9f; inc %edi; ret; 9: setc %dl; ret;")              \
    ROW(shift, "and $1, %ecx; cmp %edx, %eax; jp 9f; shl %cl, %ebx; jb 9f; jo 8f; sar %cl, %edi; 8: ret; 9: ret;")     \
    ROW(shift_kept, "and $1, %ecx; sub %edx, %eax; js 9f; rcr %cl, %ebx; adc %ebx, %edi; 9: ret;")                     \
    ROW(sahf_lahf, "mov %al, %ah; sahf; jz 9f; jnc 8f; lahf; and $0xc5, %ah; 8: setp %dl; 9: ret;")                    \
    ROW(pushf_popf, "cmp %edx, %eax; jl 8f; " FLAGS_TO_EBP "8: mov %ebx, %ebp; andl $0x8c5, %ebp; orl $0x202, %ebp;"   \
                    "push " R("bp") "; popf; jo 9f; jc 9f; " FLAGS_TO_EBP "9: ret;")                                   \
    ROW(pushf_behind, "add %edx, %eax; jc 8f; lea 7(%edi), %edi; 8: " FLAGS_TO_EBP "cmp %ebx, %ecx; ret;")             \
    ROW(chain, "add %edx, %eax; jz 8f; adc %ecx, %ebx; js 8f; adc %eax, %edi; jo 8f; adc $0, %ecx; 8: ret;")           \
    ROW(chain_back, "mov $3, %ecx; clc; 7: adc %eax, %ebx; jz 8f; 8: lea -1(%ecx), %ecx; rcl $1, %edi; jecxz 9f;"      \
                    "jmp 7b; 9: ret;")                                                                                 \
    ROW(count_between, "cmp %edx, %eax; jecxz 9f; mov $1, %ecx; jb 8f; inc %edi; 8: ret; 9: ret;")                     \
    ROW(loop_between, "cmp %edx, %eax; " COUNT_ECX "loop 8f; setb %bl; 8: adc $2, %edi; ret;")                         \
    ROW(loope_between, "cmp %edx, %eax; " COUNT_ECX "loope 8f; jg 9f; 8: sbb $2, %edi; 9: ret;")                       \
    ROW(carry_flags, "stc; jp 8f; cmc; js 8f; jc 9f; stc; 8: adc %eax, %edi; 9: ret;")                                 \
    ROW(floats, "cvtsi2sd %eax, %xmm0; cvtsi2sd %edx, %xmm1; ucomisd %xmm1, %xmm0; jecxz 9f; ja 8f; je 9f; setb %cl;"  \
                "8: ret; 9: ret;")                                                                                     \
    ROW(fault, "cmp %edx, %eax; jb 8f; " FAULT "ja 9f; inc %edi; 9: ret; 8: " FAULT "sbb %ebx, %edi; ret;")            \
    ROW(fault_behind, "sub %edx, %eax; js 9f; jz 9f; lea (%ebx, %ecx, 2), %ecx; " FAULT "jp 8f; adc $0, %edi; 8: ret;" \
                      "9: " FAULT "ret;")                                                                              \
    ROW(fault_kept, "cmp %edx, %eax; inc %ecx; jz 9f; " FAULT "adc %ecx, %edi; 9: ret;")                               \
    ROW(backward, "and $7, %ecx; inc %ecx; 7: add %eax, %ebx; jo 8f; xor %ebx, %edi; 8: dec %ecx; jnz 7b; ret;")       \
    ROW(backward_alive, "and $3, %ecx; inc %ecx; clc; 7: adc %eax, %ebx; rol $1, %edi; dec %ecx; jnz 7b; ret;")

#define CODE(name, code) __asm__(".text; row_" #name ": " code);
ROWS(CODE)
#define DECLARE(name, code) void row_##name(void);
ROWS(DECLARE)

static void handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signo, (void)info;
    PC_OF(uc) += FAULT_BYTES;
    faults++;
}

static uint32_t value(uint32_t *seed)
{
    static const uint32_t edges[] = {0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    *seed = *seed * 1103515245 + 12345;
    uint32_t r = *seed >> 9;
    *seed = *seed * 1103515245 + 12345;
    return r % 3 ? edges[r % (sizeof edges / sizeof *edges)] : r << 12 ^ *seed;
}

static uint64_t digest_of(void (*row)(void))
{
    uint32_t seed = 7;
    uint64_t digest = 0;
    target = row;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned r = 0; r <= REGS; r++)
            regs[r] = value(&seed);
        regs[REGS + 1] = (value(&seed) & DEFINED) | 0x202;
        run();
        for (unsigned r = 0; r < REGS + 2; r++)
            digest = (digest ^ regs[r]) * 0x9e3779b97f4a7c15, digest ^= digest >> 31;
    }
    return digest;
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &act, NULL);
#define SHOW(name, code) printf("%s %016llx\n", #name, (unsigned long long)digest_of(row_##name));
    ROWS(SHOW)
    printf("faults %u\n", faults);
    return 0;
}
