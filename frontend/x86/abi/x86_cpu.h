/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a new process, and the FP state as the outside sees it. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_CPU_H
#define TANDEM_FRONTEND_X86_ABI_X86_CPU_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
void x86_64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
void x86_i386_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
uint32_t x86_mode(const struct cpu *cpu);
void x86_fp_to_guest(struct cpu *cpu);
void x86_fp_from_guest(struct cpu *cpu);
TANDEM_END_DECLS

#endif
