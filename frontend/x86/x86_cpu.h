/* SPDX-License-Identifier: Apache-2.0 */
/* CPU models, features and CPUID; registers of a new process; signal frames. What x86.c puts into guest_ops. */
#ifndef TANDEM_FRONTEND_X86_X86_CPU_H
#define TANDEM_FRONTEND_X86_X86_CPU_H

#include <Zydis/Zydis.h>

#include "frontend/guest.h"

/* Bits of guest_config.features. */
enum x86_feature {
#define X86_FEATURE(name, leaf, reg, bit, offered) X86_FEATURE_##name,
#include "frontend/x86/x86_features.def"
    X86_FEATURE_COUNT
};
static inline bool x86_cpu_feature(const struct guest_config *config, enum x86_feature feature)
{
    return config->features >> feature & 1;
}

TANDEM_BEGIN_DECLS
/* ---- x86_features.c ---- */
bool x86_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size);
extern const char *const x86_cpu_models[];
uint64_t x86_hwcap(const struct guest_config *config);
uint64_t x86_hwcap2(const struct guest_config *config);
/* What CPUID answers: eax, ebx, ecx, edx. */
void x86_cpuid(const struct guest_config *config, uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
/* Which features this machine has, as bits of guest_config.features; also ones that are not offered to guests. */
uint64_t x86_host_features(void);
/* The state components that XSAVE knows, as xgetbv shows them. */
uint64_t x86_xcr0(const struct guest_config *config);
/* Does the configured CPU have this instruction? */
bool x86_cpu_has(const struct guest_config *config, const ZydisDecodedInstruction *i);
/* ---- x86_cpu.c ---- */
void x86_64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
void x86_i386_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
uint32_t x86_mode(const struct cpu *cpu);
void x86_fp_to_guest(struct cpu *cpu);
void x86_fp_from_guest(struct cpu *cpu);
/* x86_signal.c */
enum { X86_SIGFRAME_CORE = 448, X86_SIGFRAME_SIZE = X86_SIGFRAME_CORE + 832 + 16, X86_SIGFRAME_ALIGN = 64 };
void x86_sigframe_fill(const struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void x86_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
void x86_trap(const struct cpu *cpu, enum ir_trap trap, struct guest_trap *out);
bool x86_sigframe_part(const uint8_t *buf, struct guest_sigframe_part *part);
bool x86_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
/* x86_signal32.c */
enum {
    X86_SIGFRAME32_SIZE = 784 + 112 + 832 + 4,
    X86_SIGFRAME32_ALIGN = 64,
    X86_SIGFRAME32_CORE = 268,
    X86_SIGFRAME32_OLD_CORE = 732
};
void x86_sigframe32_fill(const struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void x86_sigframe32_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
bool x86_sigframe32_part(const uint8_t *buf, struct guest_sigframe_part *part);
bool x86_sigframe32_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
bool x86_sigframe32_old_part(const uint8_t *buf, struct guest_sigframe_part *part);
bool x86_sigframe32_old_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
/* x86_disas.c */
unsigned x86_i386_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
unsigned x86_64_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
TANDEM_END_DECLS

#endif
