/* SPDX-License-Identifier: Apache-2.0 */
/* A guest program: invalid rounding modes, static or in frm, raise SIGILL at the instruction and change neither
 * registers nor flags; what does not round runs under any frm. Says which instructions do otherwise (rules of
 * gen_kernels.py); status 1 if any does. Not part of worker.c, because a handler of SIGILL has all code translated for
 * precise faults. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { INSN_SLOT = 8, OLD_FLAGS = 0x15 }; /* INSN_SLOT: bytes of an instruction and its return */

struct illegal_rule {
    uint32_t first_frm, traps;
};

extern const uint64_t illegal_count;
extern const uint8_t illegal_code[];
extern const struct illegal_rule illegal_rules[];

static volatile uint64_t trap_count, trap_pc;

static void on_illegal(int signo, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    trap_count++;
    trap_pc = u->uc_mcontext.__gregs[REG_PC];
    u->uc_mcontext.__gregs[REG_PC] += 4;
}

/* Runs one instruction; false if the result registers or the flags do not show what they showed before. */
static int run_one(const uint8_t *code, uint64_t frm)
{
    const uint64_t pattern = 0x123456789abcdef0;
    uint64_t f, x, flags;

    __asm__ volatile("csrw fflags, %[old]\n csrw frm, %[frm]\n"
                     "fmv.d.x f10, zero\n fmv.d.x f11, zero\n fmv.d.x f12, zero\n mv x6, zero\n"
                     "fmv.d.x f13, %[pattern]\n mv x7, %[pattern]\n"
                     "jalr %[code]\n"
                     "fmv.x.d %[f], f13\n mv %[x], x7\n csrr %[flags], fflags\n csrw frm, zero\n"
                     : [f] "=&r"(f), [x] "=&r"(x), [flags] "=&r"(flags)
                     : [old] "r"((uint64_t)OLD_FLAGS), [frm] "r"(frm), [pattern] "r"(pattern), [code] "r"(code)
                     : "ra", "x6", "x7", "f10", "f11", "f12", "f13", "memory");
    return f == pattern && x == pattern && flags == OLD_FLAGS;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO};
    unsigned bad = 0;

    sigaction(SIGILL, &action, NULL);
    for (uint64_t i = 0; i < illegal_count; i++) {
        for (uint64_t frm = illegal_rules[i].first_frm; frm < 8; frm++) {
            const uint8_t *code = illegal_code + i * INSN_SLOT;
            uint32_t word;
            memcpy(&word, code, sizeof word);
            trap_count = 0;
            int same = run_one(code, frm);
            int right = illegal_rules[i].traps ? trap_count == 1 && trap_pc == (uint64_t)code && same : trap_count == 0;
            if (!right && ++bad <= 20)
                printf("instruction %08x, frm %u: %u SIGILL, %u expected; registers and flags %s\n", word,
                       (unsigned)frm, (unsigned)trap_count, illegal_rules[i].traps, same ? "as before" : "changed");
        }
    }
    printf("%u of %u instructions wrong\n", bad, (unsigned)illegal_count);
    return bad != 0;
}
