/* SPDX-License-Identifier: Apache-2.0 */
/* CPU models, features and CPUID; registers of a new process; signal frames. What x86.c puts into guest_ops. */
#ifndef TANDEM_FRONTEND_X86_X86_CPU_H
#define TANDEM_FRONTEND_X86_X86_CPU_H

#include <Zydis/Zydis.h>

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
bool x86_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size);
extern const char *const x86_cpu_models[];
uint64_t x86_hwcap(const struct guest_config *config);
uint64_t x86_hwcap2(const struct guest_config *config);
/* Does the configured CPU have this instruction? */
bool x86_cpu_has(const struct guest_config *config, const ZydisDecodedInstruction *i);
void x86_64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
uint32_t x86_mode(const struct cpu *cpu);
void x86_fp_to_guest(struct cpu *cpu);
void x86_fp_from_guest(struct cpu *cpu);
/* x86_disas.c */
unsigned x86_64_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
TANDEM_END_DECLS

#endif
