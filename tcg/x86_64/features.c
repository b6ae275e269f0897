/* SPDX-License-Identifier: Apache-2.0 */
/* Which optional instructions this machine has. */
#include "tcg/x86_64/features.h"

#include <cpuid.h>

uint32_t tcg_detect_features(void)
{
    unsigned a, b, c, d, features = 0;
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        bool os_avx = false;
        if (c & bit_OSXSAVE) {
            unsigned lo, hi;
            __asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
            os_avx = (lo & 6) == 6;
        }
        features |= os_avx && c & bit_AVX ? TCG_HAS_AVX : 0;
        features |= os_avx && c & bit_FMA ? TCG_HAS_FMA : 0;
        features |= c & bit_SSSE3 ? TCG_HAS_SSSE3 : 0;
        features |= c & bit_SSE4_1 ? TCG_HAS_SSE41 : 0;
        features |= c & bit_SSE4_2 ? TCG_HAS_SSE42 : 0;
        features |= c & bit_POPCNT ? TCG_HAS_POPCNT : 0;
        features |= c & bit_PCLMUL ? TCG_HAS_CLMUL : 0;
        features |= c & bit_AES ? TCG_HAS_AES : 0;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        features |= (b & bit_SHA ? TCG_HAS_SHA : 0) | (b & bit_BMI ? TCG_HAS_BMI1 : 0) |
                    (b & bit_BMI2 ? TCG_HAS_BMI2 : 0) | (features & TCG_HAS_AVX && b & bit_AVX2 ? TCG_HAS_AVX2 : 0);
    if (__get_cpuid(0x80000001, &a, &b, &c, &d))
        features |= c & bit_LZCNT ? TCG_HAS_LZCNT : 0;
    return features;
}
