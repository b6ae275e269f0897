/* SPDX-License-Identifier: Apache-2.0 */
/* fpenv.h on x86-64: the environment is MXCSR (Intel SDM volume 1, 10.2.3). */
#ifndef TANDEM_HOST_FPENV_X86_64_H
#define TANDEM_HOST_FPENV_X86_64_H

#include "src/base/fp.h"
#include "src/base/fp_x86.h"
#include "src/base/types.h"

enum { HOST_MXCSR_FLAGS = 0x3f, HOST_MXCSR_MASK_SHIFT = 7, HOST_MXCSR_ROUND_SHIFT = 13, HOST_MXCSR_DEFAULT = 0x1f80 };
enum { HOST_MXCSR_FLUSH = 1 << 15 | 1 << 6 }; /* FTZ, DAZ */

static inline uint32_t host_fp_get(void) { return __builtin_ia32_stmxcsr(); }
static inline void host_fp_set(uint32_t env) { __builtin_ia32_ldmxcsr(env); }
static inline uint32_t host_fp_default(void) { return HOST_MXCSR_DEFAULT; }

/* Bits 0-5 are the flags. */
static inline unsigned host_fp_flags(uint32_t env) { return fp_from_x86(env); }

static inline uint32_t host_fp_clear(uint32_t env, unsigned flags) { return env & ~fp_to_x86(flags); }

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

static inline bool host_fp_flushes(uint32_t env) { return env & HOST_MXCSR_FLUSH; }
static inline uint32_t host_fp_with_flush(uint32_t env, bool flush)
{
    return flush ? env | HOST_MXCSR_FLUSH : env & ~(uint32_t)HOST_MXCSR_FLUSH;
}

static inline bool host_fp_traps(void) { return true; }
static inline unsigned host_fp_unmasked(uint32_t env) { return host_fp_flags(~env >> HOST_MXCSR_MASK_SHIFT); }
static inline uint32_t host_fp_unmask(uint32_t env, unsigned flags)
{
    return (env | HOST_MXCSR_FLAGS << HOST_MXCSR_MASK_SHIFT) & ~(fp_to_x86(flags) << HOST_MXCSR_MASK_SHIFT);
}

#endif
