/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on x86-64. */
#include "src/host/host.h"

#include <cpuid.h>
#include <elf.h>
#include <string.h>

uint64_t host_cycles(void) { return __builtin_ia32_rdtsc(); }

void host_pause(void) { __builtin_ia32_pause(); }

bool host_cas16(void *p, uint64_t *expected, const uint64_t *desired)
{
    bool ok;
    __asm__ __volatile__("lock cmpxchg16b (%[p])"
                         : "=@ccz"(ok), "+a"(expected[0]), "+d"(expected[1])
                         : [p] "r"(p), "b"(desired[0]), "c"(desired[1])
                         : "memory");
    return ok;
}

uint16_t host_elf_machine(void) { return EM_X86_64; }

bool host_runs_elf(uint16_t machine) { return machine == EM_X86_64 || machine == EM_386; }

/* The registers that the operating system lets programs use (XCR0). */
static uint32_t enabled_state(void)
{
    uint32_t low, high;
    __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* Feature words of CPUID, but for what differs between the cores of one machine (the APIC's number). */
void host_cpu_words(uint32_t words[HOST_CPU_WORDS])
{
    static const struct {
        uint32_t leaf, subleaf;
        uint8_t registers; /* bit i: out[i] counts */
    } rows[] = {{0, 0, 0xe}, {1, 0, 0xd}, {7, 0, 0xe}, {7, 1, 0xf}, {0x80000001, 0, 0xc}};
    unsigned n = 0, osxsave = 1u << 27;
    memset(words, 0, HOST_CPU_WORDS * sizeof *words);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t out[4] = {0};
        if (!__get_cpuid_count(rows[i].leaf, rows[i].subleaf, &out[0], &out[1], &out[2], &out[3]))
            continue;
        if (rows[i].leaf == 1 && out[2] & osxsave)
            words[HOST_CPU_WORDS - 1] = enabled_state();
        for (unsigned k = 0; k < 4 && n < HOST_CPU_WORDS - 1; k++)
            if (rows[i].registers >> k & 1)
                words[n++] = out[k];
    }
}
