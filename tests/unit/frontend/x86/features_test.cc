// SPDX-License-Identifier: Apache-2.0
// -cpu for the x86 guests, and CPUID as the guest sees it.
#include <gtest/gtest.h>

#include <cstring>

#include "frontend/x86/decode/x86_features.h"

namespace
{

struct guest_config parsed(const char *text)
{
    struct guest_config config = {};
    char why[128] = "";
    EXPECT_TRUE(x86_parse_cpu(text, &config, why, sizeof why)) << why;
    return config;
}

std::string refusal(const char *text)
{
    struct guest_config config = {};
    char why[128] = "";
    return x86_parse_cpu(text, &config, why, sizeof why) ? "accepted" : why;
}

bool has(const struct guest_config &config, std::initializer_list<uint8_t> code)
{
    ZydisDecoder decoder;
    ZydisDecodedInstruction i;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    EXPECT_TRUE(ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, code.begin(), code.size(), &i)));
    return x86_cpu_has(&config, &i);
}

bool cpuid_bit(const struct guest_config &config, uint32_t leaf, unsigned reg, unsigned bit)
{
    uint32_t r[4];
    x86_cpuid(&config, leaf, 0, r);
    return r[reg] >> bit & 1;
}

TEST(X86Features, DefaultIsAllThatIsOffered)
{
    EXPECT_EQ(parsed(nullptr).features, parsed("max").features);
    EXPECT_STREQ(parsed(nullptr).model, "max");
    struct guest_config config = parsed("max");
    EXPECT_TRUE(x86_cpu_feature(&config, X86_FEATURE_sse2));
}

TEST(X86Features, ModelsAndFeaturesByName)
{
    EXPECT_FALSE(has(parsed("qemu64"), {0xc4, 0xe2, 0x78, 0xf2, 0xc1})); // andn eax, eax, ecx
    EXPECT_TRUE(has(parsed("qemu64,bmi1=on"), {0xc4, 0xe2, 0x78, 0xf2, 0xc1}));
    EXPECT_FALSE(has(parsed("max,popcnt=off"), {0xf3, 0x0f, 0xb8, 0xc1})); // popcnt eax, ecx
    EXPECT_FALSE(has(parsed("max,-popcnt"), {0xf3, 0x0f, 0xb8, 0xc1}));
    EXPECT_TRUE(has(parsed("qemu64,+popcnt"), {0xf3, 0x0f, 0xb8, 0xc1}));
    EXPECT_TRUE(has(parsed("qemu64"), {0xf3, 0x0f, 0xbc, 0xc1})); // tzcnt is bsf then
}

TEST(X86Features, UnknownOnesAreRefused)
{
    EXPECT_EQ(refusal("pentium9"), "unknown CPU model 'pentium9'");
    EXPECT_EQ(refusal("max,flux=on"), "CPU feature 'flux' is unknown or cannot be had");
    EXPECT_EQ(refusal("max,popcnt=maybe"), "CPU feature 'popcnt' is unknown or cannot be had");
    EXPECT_EQ(refusal(""), "unknown CPU model ''");
}

TEST(X86Features, CpuidShowsWhatIsOn)
{
    EXPECT_TRUE(cpuid_bit(parsed("max"), 1, 2, 23));
    EXPECT_FALSE(cpuid_bit(parsed("max,popcnt=off"), 1, 2, 23));
    EXPECT_TRUE(cpuid_bit(parsed("max"), 7, 1, 3));
    EXPECT_FALSE(cpuid_bit(parsed("qemu64"), 7, 1, 3));
    EXPECT_TRUE(cpuid_bit(parsed("max"), 0x80000001, 3, 29)); // long mode
}

TEST(X86Features, HardwareCapabilitiesFollowCpuid)
{
    struct guest_config config = parsed("max");
    uint32_t r[4];
    x86_cpuid(&config, 1, 0, r);
    EXPECT_EQ(x86_hwcap(&config), r[3]);
    config = parsed("max,fsgsbase=off");
    EXPECT_EQ(x86_hwcap2(&config) & 2, 0u);
}

TEST(X86Features, StateComponentsGoWithAvx)
{
    struct guest_config config = parsed("max,avx=off");
    uint32_t r[4];
    EXPECT_EQ(x86_xcr0(&config), 3u);
    x86_cpuid(&config, 0xd, 2, r);
    EXPECT_EQ(r[0], 0u);
}

} // namespace
