/* SPDX-License-Identifier: Apache-2.0 */
/* What else differs between hosts: cycle counter, pause hint, wide compare-and-swap, number of the machine. Beside it
 * stand fpenv.h (FP environment), context.h (signal contexts) and call.h (system calls). Any thread;
 * async-signal-safe. */
#ifndef TANDEM_HOST_HOST_H
#define TANDEM_HOST_HOST_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* A counter that runs at a constant rate; it never goes back. */
uint64_t host_cycles(void);
/* In a loop that waits for another thread. */
void host_pause(void);
/* If the 16 bytes at p (16-byte aligned) are expected[0..1], stores desired[0..1] there; expected receives what was
 * there. Atomic, sequentially consistent. */
bool host_cas16(void *p, uint64_t *expected, const uint64_t *desired);
/* EM_* of the host in ELF files. */
uint16_t host_elf_machine(void);
/* Does the host execute ELF files of this EM_* itself? */
bool host_runs_elf(uint16_t machine);
/* What code may depend on that was compiled for this very CPU: model and features. Two hosts with the same words run
 * each other's code. */
enum { HOST_CPU_WORDS = 16 };
void host_cpu_words(uint32_t words[HOST_CPU_WORDS]);
TANDEM_END_DECLS

#endif
