/* SPDX-License-Identifier: Apache-2.0 */
/* The exceptions in the order of x86's status and control words (SDM volume 1, 8.1.3), which is not that of enum
 * fp_flag. */
#ifndef TANDEM_BASE_FP_X86_H
#define TANDEM_BASE_FP_X86_H

#include <stdint.h>

enum fp_x86_flag {
    FP_X86_INVALID = 1,
    FP_X86_DENORMAL = 2,
    FP_X86_DIV_ZERO = 4,
    FP_X86_OVERFLOW = 8,
    FP_X86_UNDERFLOW = 16,
    FP_X86_INEXACT = 32
};

/* Into enum fp_flag's order; other bits are dropped. Without branches: guests read their flags in loops. */
static inline unsigned fp_from_x86(uint32_t x86)
{
    return (x86 & 1) << 4 | (x86 & 2) << 4 | (x86 & 4) << 1 | (x86 & 8) >> 1 | (x86 & 16) >> 3 | (x86 & 32) >> 5;
}

/* The reverse */
static inline uint32_t fp_to_x86(unsigned flags)
{
    return (flags >> 4 & 1) | (flags >> 4 & 2) | (flags >> 1 & 4) | (flags << 1 & 8) | (flags << 3 & 16) |
           (flags << 5 & 32);
}

#endif
