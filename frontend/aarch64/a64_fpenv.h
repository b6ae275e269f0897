/* SPDX-License-Identifier: Apache-2.0 */
/* FPCR and FPSR, and the FP environment of the host that they live in partly (src/base/cpu.h I3). */
#ifndef TANDEM_FRONTEND_AARCH64_A64_FPENV_H
#define TANDEM_FRONTEND_AARCH64_A64_FPENV_H

#include "frontend/guest.h"

/* DDI 0487, C5.2.8 and C5.2.10: bits. RES0 of Neoverse-N1 are not kept. */
enum {
    A64_FPCR_RMODE_SHIFT = 22, /* to nearest, up, down, to zero */
    A64_FPCR_FZ16 = 1 << 19,
    A64_FPCR_FZ = 1 << 24,
    A64_FPCR_DN = 1 << 25,
    A64_FPCR_AHP = 1 << 26,
    A64_FPCR_MASK = A64_FPCR_FZ16 | A64_FPCR_FZ | A64_FPCR_DN | A64_FPCR_AHP | 3 << A64_FPCR_RMODE_SHIFT,
    A64_FPSR_QC = 1 << 27,
    A64_FPSR_IDC = 1 << 7,
    A64_FPSR_FLAGS = 0x9f,      /* IOC DZC OFC UFC IXC, IDC: enum fp_flag */
    A64_FPSR_ROW = 0xf0000000u, /* what the row holds: what only AArch32's FPSCR uses */
    A64_FPSR_MASK = A64_FPSR_ROW | A64_FPSR_QC | A64_FPSR_FLAGS,
};

TANDEM_BEGIN_DECLS
/* struct guest_cpu's: FZ and DN of FPCR, and whether sp is odd. */
uint32_t a64_mode(const struct cpu *cpu);
/* The mode with what a value of FPCR calls for. */
uint32_t a64_mode_of(uint32_t mode, uint32_t fpcr);
/* In this mode subnormal numbers are flushed by the host's environment (a64_fp.c I1). */
bool a64_host_flushes(uint32_t mode);
/* The rounding mode of FPCR as enum fp_rounding. */
unsigned a64_fpcr_rounding(uint32_t fpcr);
/* FPSR of a cpu that is outside generated code. */
uint32_t a64_get_fpsr(const struct cpu *cpu);
/* The flags of enum fp_flag as bits of FPSR, and the reverse. */
uint32_t a64_fpsr_of_flags(uint32_t flags);
uint32_t a64_flags_of_fpsr(uint32_t fpsr);
/* struct guest_fp's: fpsr of the state is brought up to date; what fpcr and fpsr say is brought into cpu. */
void a64_fp_to_guest(struct cpu *cpu);
void a64_fp_from_guest(struct cpu *cpu);
TANDEM_END_DECLS

#endif
