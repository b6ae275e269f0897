/* SPDX-License-Identifier: Apache-2.0 */
/* fpenv.h on x86-64: the environment is MXCSR (Intel SDM volume 1, 10.2.3). */
#ifndef TANDEM_HOST_FPENV_X86_64_H
#define TANDEM_HOST_FPENV_X86_64_H

#include "src/base/fp.h"
#include "src/base/types.h"

enum { HOST_MXCSR_FLAGS = 0x3f, HOST_MXCSR_MASK_SHIFT = 7, HOST_MXCSR_ROUND_SHIFT = 13, HOST_MXCSR_DEFAULT = 0x1f80 };

static inline uint32_t host_fp_get(void) { return __builtin_ia32_stmxcsr(); }
static inline void host_fp_set(uint32_t env) { __builtin_ia32_ldmxcsr(env); }
static inline uint32_t host_fp_default(void) { return HOST_MXCSR_DEFAULT; }

/* IE DE ZE OE UE PE (bits 0-5) in the order of enum fp_flag; without branches: guests read their flags in loops. */
static inline unsigned host_fp_flags(uint32_t env)
{
    return (env & 1) << 4 | (env & 2) << 4 | (env & 4) << 1 | (env & 8) >> 1 | (env & 16) >> 3 | (env & 32) >> 5;
}

/* The reverse */
static inline uint32_t host_mxcsr_flags(unsigned flags)
{
    return (flags >> 4 & 1) | (flags >> 4 & 2) | (flags >> 1 & 4) | (flags << 1 & 8) | (flags << 3 & 16) |
           (flags << 5 & 32);
}

static inline uint32_t host_fp_clear(uint32_t env, unsigned flags) { return env & ~host_mxcsr_flags(flags); }

static inline unsigned host_fp_rounding(uint32_t env)
{
    static const uint8_t modes[4] = {FP_TO_NEAREST, FP_DOWN, FP_UP, FP_TO_ZERO};
    return modes[env >> HOST_MXCSR_ROUND_SHIFT & 3];
}

static inline uint32_t host_fp_with_rounding(uint32_t env, unsigned rounding)
{
    static const uint8_t fields[4] = {[FP_TO_NEAREST] = 0, [FP_TO_ZERO] = 3, [FP_DOWN] = 1, [FP_UP] = 2};
    return (env & ~(3u << HOST_MXCSR_ROUND_SHIFT)) | (uint32_t)fields[rounding & 3] << HOST_MXCSR_ROUND_SHIFT;
}

static inline bool host_fp_traps(void) { return true; }
static inline unsigned host_fp_unmasked(uint32_t env) { return host_fp_flags(~env >> HOST_MXCSR_MASK_SHIFT); }
static inline uint32_t host_fp_unmask(uint32_t env, unsigned flags)
{
    return (env | HOST_MXCSR_FLAGS << HOST_MXCSR_MASK_SHIFT) & ~(host_mxcsr_flags(flags) << HOST_MXCSR_MASK_SHIFT);
}

#endif
