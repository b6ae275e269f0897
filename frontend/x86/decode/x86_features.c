/* SPDX-License-Identifier: Apache-2.0 */
/* CPU models, features by name, CPUID. SDM volume 2: CPUID.
 *
 * I1  CPUID tells the truth: a feature is shown if and only if its instructions are lifted, the host can do what
 *     lifting it needs, and -cpu did not switch it off. Vendor, family, caches and topology are the host's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/x86/decode/x86_features.h"
#include "src/host/x86_machine.h"

enum offered { ALWAYS, HOST, NEVER };

static const struct feature {
    const char *name;
    uint32_t leaf;
    uint8_t reg, bit, offered;
} features[X86_FEATURE_COUNT] = {
#define X86_FEATURE(name, leaf, reg, bit, offered) {#name, leaf, reg, bit, offered},
#include "frontend/x86/decode/x86_features.def"
};
_Static_assert(X86_FEATURE_COUNT <= 64, "a bit each in struct guest_config");

/* feature + 1 by ISA set; 0: no CPU of ours has it */
static const uint8_t isa_feature[ZYDIS_ISA_SET_MAX_VALUE + 1] = {
#define X86_ISA(set, name) [ZYDIS_ISA_SET_##set] = X86_FEATURE_##name + 1,
#include "frontend/x86/decode/x86_features.def"
};

bool x86_cpu_has(const struct guest_config *config, const ZydisDecodedInstruction *i)
{
    unsigned feature = isa_feature[i->meta.isa_set];
    if (i->mnemonic == ZYDIS_MNEMONIC_TZCNT && i->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY) /* bsf without it */
        return true;
    return feature && x86_cpu_feature(config, (enum x86_feature)(feature - 1));
}

/* ---- what the host has ---- */

static uint32_t subleaf_of(uint32_t leaf) { return leaf == 0xd ? 1 : 0; }

/* Under a hypervisor each CPUID costs as much as a system call: the table has the features of a leaf together. */
uint64_t x86_host_features(void)
{
    uint64_t set = 0;
    uint32_t host[4];
    for (unsigned n = 0; n < X86_FEATURE_COUNT; n++) {
        const struct feature *f = &features[n];
        if (n == 0 || f->leaf != features[n - 1].leaf)
            host_x86_cpuid(f->leaf, subleaf_of(f->leaf), host);
        set |= (uint64_t)(host[f->reg] >> f->bit & 1) << n;
    }
    return set;
}

static uint64_t offered_features(void)
{
    uint64_t host = x86_host_features(), set = 0;
    for (unsigned n = 0; n < X86_FEATURE_COUNT; n++) {
        uint64_t bit = UINT64_C(1) << n;
        if (features[n].offered == ALWAYS || (features[n].offered == HOST && host & bit))
            set |= bit;
    }
    return set;
}

/* ---- -cpu ---- */

#define F(name) (UINT64_C(1) << X86_FEATURE_##name)
enum { ALL_MODELS = 3 };
static const struct model {
    const char *name;
    uint64_t features; /* of those that are offered */
} models[ALL_MODELS] = {
    {"max", ~UINT64_C(0)},
    {"any", ~UINT64_C(0)},
    {"qemu64", F(base) | F(tsc) | F(cx8) | F(cmov) | F(clflush) | F(mmx) | F(fxsr) | F(sse) | F(sse2) | F(sse3) |
                   F(cx16) | F(lahf) | F(syscall) | F(lm)},
};
const char *const x86_cpu_models[] = {"max", "any", "qemu64", NULL};

static bool find_model(const char *name, struct guest_config *config)
{
    for (unsigned n = 0; n < ALL_MODELS; n++) {
        if (strcmp(models[n].name, name) == 0) {
            config->features = models[n].features & offered_features();
            snprintf(config->model, sizeof config->model, "%s", name);
            return true;
        }
    }
    return false;
}

/* "name=on", "name=off", "+name", "-name"; a feature that is not offered can only be switched off. */
static bool set_feature(char *word, struct guest_config *config)
{
    bool on = *word != '-';
    char *name = *word == '+' || *word == '-' ? word + 1 : word, *value = strchr(name, '=');
    if (value) {
        *value++ = 0;
        on = strcmp(value, "on") == 0 || strcmp(value, "true") == 0;
        if (!on && strcmp(value, "off") != 0 && strcmp(value, "false") != 0)
            return false;
    }
    for (unsigned n = 1; n < X86_FEATURE_COUNT; n++) {
        uint64_t bit = UINT64_C(1) << n;
        if (strcmp(features[n].name, name) != 0)
            continue;
        if (on && !(offered_features() & bit))
            return false;
        config->features = on ? config->features | bit : config->features & ~bit;
        return true;
    }
    return false;
}

bool x86_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size)
{
    char copy[256], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", text ? text : "max");
    char *word = strtok_r(copy, ",", &rest);
    if (!word || !find_model(word, config)) {
        snprintf(message, size, "unknown CPU model '%s'", word ? word : "");
        return false;
    }
    while ((word = strtok_r(NULL, ",", &rest))) {
        if (!set_feature(word, config)) {
            snprintf(message, size, "CPU feature '%s' is unknown or cannot be had", word);
            return false;
        }
    }
    return true;
}

/* ---- CPUID ---- */

enum { XCR0_X87_SSE = 3, XCR0_AVX = 7, XSAVE_LEGACY = 576, XSAVE_YMM = 256, MAX_LEAF = 0xd, LINE = 64 };

uint64_t x86_xcr0(const struct guest_config *config)
{
    return x86_cpu_feature(config, X86_FEATURE_avx) ? XCR0_AVX : XCR0_X87_SSE;
}

static void feature_bits(const struct guest_config *config, uint32_t leaf, uint32_t out[4])
{
    for (unsigned n = 0; n < X86_FEATURE_COUNT; n++) {
        if (features[n].leaf == leaf && x86_cpu_feature(config, (enum x86_feature)n))
            out[features[n].reg] |= UINT32_C(1) << features[n].bit;
    }
}

static void xsave_leaf(const struct guest_config *config, uint32_t subleaf, uint32_t out[4])
{
    bool avx = x86_cpu_feature(config, X86_FEATURE_avx);
    uint32_t size = XSAVE_LEGACY + (avx ? XSAVE_YMM : 0);
    if (!x86_cpu_feature(config, X86_FEATURE_xsave))
        return;
    if (subleaf == 0)
        out[0] = (uint32_t)x86_xcr0(config), out[1] = out[2] = size;
    else if (subleaf == 1)
        feature_bits(config, 0xd, out), out[1] = size;
    else if (subleaf == 2 && avx)
        out[0] = XSAVE_YMM, out[1] = XSAVE_LEGACY;
}

/* Registers of a CPUID instruction: eax, ebx, ecx, edx. */
void x86_cpuid(const struct guest_config *config, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    uint32_t host[4];
    host_x86_cpuid(leaf, subleaf, host);
    memset(out, 0, 4 * sizeof out[0]);
    switch (leaf) {
    case 0:
        memcpy(out, host, sizeof host);
        out[0] = MAX_LEAF;
        break;
    case 1: /* ebx: APIC number, count of logical CPUs, size of a cache line */
        out[0] = host[0];
        out[1] = (host[1] & 0xffff0000) | LINE / 8 << 8;
        out[3] = host[3] & (1u << 28);
        feature_bits(config, leaf, out);
        break;
    case 7:
        if (subleaf == 0)
            feature_bits(config, leaf, out);
        break;
    case 0xd:
        xsave_leaf(config, subleaf, out);
        break;
    case 0x80000001: /* AMD repeats bits of leaf 1 in edx */
        feature_bits(config, leaf, out);
        out[0] = host[0];
        break;
    case 0x80000000:
    case 0x80000002:
    case 0x80000003:
    case 0x80000004: /* name; caches, address widths, clock */
    case 0x80000005:
    case 0x80000006:
    case 0x80000007:
    case 0x80000008:
    case 0x8000001d:
    case 0x8000001e:
    case 2:
    case 4:
    case 0xb:
        memcpy(out, host, sizeof host);
        break;
    default:
        break;
    }
}

/* AT_HWCAP is CPUID.1:EDX; AT_HWCAP2 has a bit for rdfsbase and the like. */
uint64_t x86_hwcap(const struct guest_config *config)
{
    uint32_t r[4];
    x86_cpuid(config, 1, 0, r);
    return r[3];
}
uint64_t x86_hwcap2(const struct guest_config *config) { return x86_cpu_feature(config, X86_FEATURE_fsgsbase) ? 2 : 0; }
