/* SPDX-License-Identifier: Apache-2.0 */
/* CPU models, features and CPUID: which instructions the emulated CPU has. */
#ifndef TANDEM_FRONTEND_X86_DECODE_X86_FEATURES_H
#define TANDEM_FRONTEND_X86_DECODE_X86_FEATURES_H

#include <Zydis/Zydis.h>

#include "frontend/guest.h"

/* Bits of guest_config.features. */
enum x86_feature {
#define X86_FEATURE(name, leaf, reg, bit, offered) X86_FEATURE_##name,
#include "frontend/x86/decode/x86_features.def"
    X86_FEATURE_COUNT
};
static inline bool x86_cpu_feature(const struct guest_config *config, enum x86_feature feature)
{
    return config->features >> feature & 1;
}

TANDEM_BEGIN_DECLS
bool x86_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size);
extern const char *const x86_cpu_models[];
uint64_t x86_hwcap(const struct guest_config *config);
uint64_t x86_hwcap2(const struct guest_config *config);
/* What CPUID answers: eax, ebx, ecx, edx. */
void x86_cpuid(const struct guest_config *config, uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
/* struct guest_linux's. */
void x86_cpuinfo(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size);
/* Which features this machine has, as bits of guest_config.features; also ones that are not offered to guests. */
uint64_t x86_host_features(void);
/* The state components that XSAVE knows, as xgetbv shows them. */
uint64_t x86_xcr0(const struct guest_config *config);
/* Does the configured CPU have this instruction? */
bool x86_cpu_has(const struct guest_config *config, const ZydisDecodedInstruction *i);
TANDEM_END_DECLS

#endif
