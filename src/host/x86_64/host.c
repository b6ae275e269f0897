/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on x86-64. */
#include "src/host/host.h"

#include <elf.h>

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
