/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on AArch64. */
#include "src/host/host.h"

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>

uint64_t host_cycles(void)
{
    uint64_t count;
    __asm__ __volatile__("isb\n\tmrs %0, cntvct_el0" : "=r"(count));
    return count;
}

void host_pause(void) { __asm__ __volatile__("yield"); }

/* Exclusive loads and stores, which every AArch64 has. A pair that was loaded is known to be one value only when the
 * store succeeds, so what differs is stored back, too. */
bool host_cas16(void *p, uint64_t *expected, const uint64_t *desired)
{
    uint64_t low, high;
    uint32_t failed;
    bool same;
    do {
        __asm__ __volatile__("ldaxp %0, %1, [%2]" : "=&r"(low), "=&r"(high) : "r"(p) : "memory");
        same = low == expected[0] && high == expected[1];
        __asm__ __volatile__("stlxp %w0, %1, %2, [%3]"
                             : "=&r"(failed)
                             : "r"(same ? desired[0] : low), "r"(same ? desired[1] : high), "r"(p)
                             : "memory");
    } while (failed);
    expected[0] = low, expected[1] = high;
    return same;
}

uint16_t host_elf_machine(void) { return EM_AARCH64; }

bool host_runs_elf(uint16_t machine) { return machine == EM_AARCH64; }

void host_cpu_words(uint32_t words[HOST_CPU_WORDS])
{
    const uint64_t caps[2] = {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
    memset(words, 0, HOST_CPU_WORDS * sizeof *words);
    memcpy(words, caps, sizeof caps);
}
