/* SPDX-License-Identifier: Apache-2.0 */
/* The host's registers by use: the register contract of tcg.h. */
#ifndef TANDEM_TCG_X86_64_REGS_H
#define TANDEM_TCG_X86_64_REGS_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

extern const int8_t tcg_pinned_gprs[CPU_PINNED_GPRS]; /* in the order of pinned rows */
extern const int8_t tcg_pinned_fprs[CPU_PINNED_FPRS];

#define HX_SET(reg)     ((tcg_regset)1 << (reg))
#define HX_SCRATCH_GPRS (HX_SET(HX_RAX) | HX_SET(HX_RCX) | HX_SET(HX_RDX) | HX_SET(HX_R10) | HX_SET(HX_R11))
#define HX_ALL_XMM      ((tcg_regset)0xffff << HX_XMM0)
/* Pinned registers that C functions may change */
#define HX_CALLER_SAVED_PINS                                                                                           \
    (HX_SET(HX_RSI) | HX_SET(HX_RDI) | HX_SET(HX_R8) | HX_SET(HX_R9) | (tcg_regset)0x7e << HX_XMM0)

/* A field of struct cpu, which r13 points at */
#define HX_CPU(field) TCG_MEM(HX_R13, TCG_CPU_OFF(field))

#endif
