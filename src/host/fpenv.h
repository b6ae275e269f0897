/* SPDX-License-Identifier: Apache-2.0 */
/* The host's FP environment: rounding mode, sticky flags and masks of exceptions, in one word of the host's own layout
 * (x86-64: MXCSR; AArch64: FPCR and FPSR, which have no bit in common). A guest's environment is kept in that layout,
 * in cpu->fp_env, so that entering generated code is one load (src/base/cpu.h I3).
 *
 * Flags are enum fp_flag, rounding modes enum fp_rounding. Every function is async-signal-safe and may be called by any
 * thread; host_fp_get and host_fp_set are about the calling thread's own FPU, the others are pure.
 *
 *   uint32_t host_fp_get(void)                               the environment in the FPU
 *   void host_fp_set(uint32_t env)                           loads it
 *   uint32_t host_fp_default(void)                           to nearest, no flag, nothing unmasked
 *   unsigned host_fp_flags(uint32_t env)                     its sticky flags
 *   uint32_t host_fp_clear(uint32_t env, unsigned flags)     env without these flags
 *   unsigned host_fp_rounding(uint32_t env)                  enum fp_rounding
 *   uint32_t host_fp_with_rounding(uint32_t env, unsigned r) env with another rounding mode
 *   bool host_fp_flushes(uint32_t env)                       are subnormal operands and results zero?
 *   uint32_t host_fp_with_flush(uint32_t env, bool flush)    env in which they are, or are not
 *   bool host_fp_traps(void)                                 can an exception be unmasked on this host at all?
 *   unsigned host_fp_unmasked(uint32_t env)                  the flags whose exceptions raise SIGFPE
 *   uint32_t host_fp_unmask(uint32_t env, unsigned flags)    env in which exactly these are unmasked */
#ifndef TANDEM_HOST_FPENV_H
#define TANDEM_HOST_FPENV_H

#include "src/base/fp.h"
#include "src/base/types.h"

#if defined(__x86_64__)
#include "src/host/x86_64/fpenv_x86_64.h"
#elif defined(__aarch64__)
#include "src/host/aarch64/fpenv_aarch64.h"
#else
#error "src/host: write a folder for this host"
#endif

TANDEM_BEGIN_DECLS
/* Meets these exceptions (enum fp_flag) in the calling thread's FPU, as its own instructions would: an unmasked one
 * raises SIGFPE. Hosts that cannot trap only get the flags. */
void host_fp_raise(unsigned flags);
TANDEM_END_DECLS

#endif
