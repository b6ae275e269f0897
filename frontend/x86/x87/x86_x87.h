/* SPDX-License-Identifier: Apache-2.0 */
/* x87 and MMX state outside of IR: the 160 bytes that fxsave, xsave and signal frames begin with, and the helpers of
 * the x87 lifters. All functions: the thread of that cpu only (exception flags and control word are in its host x87
 * unit). */
#ifndef TANDEM_FRONTEND_X86_X87_X86_X87_H
#define TANDEM_FRONTEND_X86_X87_X86_X87_H

#include <assert.h>

#include "frontend/x86/common/x86_state.h"

/* The legacy area (SDM volume 1, 10.5.1), in the 64-bit form. st[i] is ST(i); MMX registers are the low 8 bytes with
 * TOP 0. */
struct x86_x87_area {
    uint16_t fcw, fsw;
    uint8_t ftw, reserved1;
    uint16_t fop;
    uint64_t fip, fdp;
    uint32_t mxcsr, mxcsr_mask;
    uint8_t st[8][16]; /* the low 10 bytes */
};
static_assert(sizeof(struct x86_x87_area) == 160, "fxsave area");

enum {
    X86_FPU_CW_INIT = 0x37f,
    X86_X87_SW_C0 = 0x100,
    X86_X87_SW_C1 = 0x200,
    X86_X87_SW_C2 = 0x400,
    X86_X87_SW_C3 = 0x4000,
    X86_X87_SW_TOP = 0x3800,
    X86_X87_SW_SUMMARY = 0x8080
};

/* fp_ip and fp_dp: 48 bits of an address, and above them the selector. */
#define X86_X87_POINTER ((UINT64_C(1) << X86_X87_SELECTOR_SHIFT) - 1)
enum { X86_X87_SELECTOR_SHIFT = 48, X86_X87_DATA_SEGMENT = 0x2b };

/* Kinds of instruction for x86_x87_helper_execute (bits of its argument). */
enum {
    X86_X87_CODE_REG = 0x1ff,
    X86_X87_CODE_MEM = 0x200,
    X86_X87_CODE_DATA16 = 0x400,
    X86_X87_CODE_ENV = 0x800,
    X86_X87_CODE_COUNTS = 0x1000,
    X86_X87_CODE_FOP_SHIFT = 16 /* it becomes the last instruction, with this opcode */
};

TANDEM_BEGIN_DECLS
/* The status word as fnstsw gives it. */
uint16_t x86_x87_status_word(const struct cpu *cpu);
/* Fills all of the area but MXCSR. */
void x86_x87_store(const struct cpu *cpu, struct x86_x87_area *out);
/* A pointer as the 32-bit form of fxsave has it. */
uint64_t x86_x87_pointer_32(uint64_t pointer);
/* The reverse; the registers are x87 ones afterwards, not MMX ones, and cpu->mode says so. */
void x86_x87_load(struct cpu *cpu, const struct x86_x87_area *in);

extern const struct ir_helper x86_x87_helper_execute, x86_x87_helper_clear, x86_x87_helper_reset, x86_x87_helper_to_mmx,
    x86_x87_helper_from_mmx;
TANDEM_END_DECLS

#endif
