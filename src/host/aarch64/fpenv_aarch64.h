/* SPDX-License-Identifier: Apache-2.0 */
/* fpenv.h on AArch64: the environment is FPCR | FPSR (Arm ARM, C5.2.8 and C5.2.10). The sticky flags are bits 0-4 and 7
 * of FPSR, the rounding mode is bits 22-23 of FPCR, FZ is its bit 24. Most implementations cannot trap, so no exception
 * is ever unmasked here. */
#ifndef TANDEM_HOST_FPENV_AARCH64_H
#define TANDEM_HOST_FPENV_AARCH64_H

#include "src/base/fp.h"
#include "src/base/types.h"

enum { HOST_FPSR_FLAGS = 0x9f, HOST_FPCR_ROUND_SHIFT = 22, HOST_FPCR_FZ = 1 << 24 };
enum { HOST_FPCR_KEPT = 3 << HOST_FPCR_ROUND_SHIFT | HOST_FPCR_FZ };

static inline uint32_t host_fp_get(void)
{
    uint64_t control, status;
    __asm__ __volatile__("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(status));
    return ((uint32_t)control & HOST_FPCR_KEPT) | ((uint32_t)status & HOST_FPSR_FLAGS);
}

static inline void host_fp_set(uint32_t env)
{
    uint64_t control = env & HOST_FPCR_KEPT, status = env & HOST_FPSR_FLAGS;
    __asm__ __volatile__("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"(control), "r"(status) : "memory");
}

static inline uint32_t host_fp_default(void) { return 0; }

/* IOC DZC OFC UFC IXC (bits 0-4) and IDC (bit 7) in the order of enum fp_flag */
static inline unsigned host_fp_flags(uint32_t env)
{
    return (env & 1) << 4 | (env & 2) << 2 | (env & 4) | (env & 8) >> 2 | (env & 16) >> 4 | (env & 128) >> 2;
}

static inline uint32_t host_fpsr_flags(unsigned flags)
{
    return (flags >> 4 & 1) | (flags >> 2 & 2) | (flags & 4) | (flags << 2 & 8) | (flags << 4 & 16) |
           (flags << 2 & 128);
}

static inline uint32_t host_fp_clear(uint32_t env, unsigned flags) { return env & ~host_fpsr_flags(flags); }

static inline unsigned host_fp_rounding(uint32_t env)
{
    static const uint8_t modes[4] = {FP_TO_NEAREST, FP_UP, FP_DOWN, FP_TO_ZERO};
    return modes[env >> HOST_FPCR_ROUND_SHIFT & 3];
}

static inline uint32_t host_fp_with_rounding(uint32_t env, unsigned rounding)
{
    static const uint8_t fields[4] = {[FP_TO_NEAREST] = 0, [FP_TO_ZERO] = 3, [FP_DOWN] = 2, [FP_UP] = 1};
    return (env & ~(3u << HOST_FPCR_ROUND_SHIFT)) | (uint32_t)fields[rounding & 3] << HOST_FPCR_ROUND_SHIFT;
}

static inline bool host_fp_flushes(uint32_t env) { return env & HOST_FPCR_FZ; }
static inline uint32_t host_fp_with_flush(uint32_t env, bool flush)
{
    return flush ? env | HOST_FPCR_FZ : env & ~(uint32_t)HOST_FPCR_FZ;
}

static inline bool host_fp_traps(void) { return false; }
static inline unsigned host_fp_unmasked(uint32_t env) { return 0; }
static inline uint32_t host_fp_unmask(uint32_t env, unsigned flags) { return env; }

#endif
