/* SPDX-License-Identifier: Apache-2.0 */
/* The FP and vector registers as fxsave and xsave lay them out in memory (SDM volume 1, 10.5.1 and 13.4, standard
 * form). */
#ifndef TANDEM_FRONTEND_X86_X87_X86_FPSTATE_H
#define TANDEM_FRONTEND_X86_X87_X86_FPSTATE_H

#include <assert.h>

#include "frontend/x86/common/x86_state.h"
#include "frontend/x86/x87/x86_x87.h"

/* Components: bits of XCR0 and XSTATE_BV. */
enum x86_xfeature { X86_XF_X87 = 1, X86_XF_SSE = 2, X86_XF_YMM = 4, X86_XF_ALL = 7 };

struct x86_xsave {
    struct x86_x87_area x87;
    struct x86_vec xmm[16];
    uint8_t reserved2[48];
    uint8_t software[48]; /* left to software: signal frames use it */
    uint64_t xstate_bv, xcomp_bv, reserved3[6];
    struct x86_vec ymmh[16];
};
static_assert(offsetof(struct x86_xsave, xmm) == 160, "fxsave area");
static_assert(offsetof(struct x86_xsave, software) == 464, "fxsave area");
static_assert(offsetof(struct x86_xsave, xstate_bv) == 512, "XSAVE header");
static_assert(sizeof(struct x86_xsave) == 832, "XSAVE area with AVX");

enum { X86_MXCSR_DEFAULT = 0x1f80, X86_MXCSR_MASK = 0xffff };

TANDEM_BEGIN_DECLS
/* The guest's MXCSR, outside of generated code: with the flags that software raised. Setting it chooses the translation
 * mode, too. This front end needs a host whose FP environment is an MXCSR (cpu->fp_env, src/base/cpu.h I3). */
uint32_t x86_get_mxcsr(const struct cpu *cpu);
void x86_set_mxcsr(struct cpu *cpu, uint32_t mxcsr);
/* si_code of the unmasked exceptions that MXCSR or the x87 status word shows, as the kernel finds it
 * (arch/x86/kernel/fpu/core.c, fpu__exception_code); 0: there is none. */
int x86_sse_trap_code(const struct cpu *cpu);
int x86_x87_trap_code(const struct cpu *cpu);
/* Fills the parts of out that belong to the components; the rest stays as it is. Outside of generated code. */
void x86_fpstate_store(const struct cpu *cpu, struct x86_xsave *out, unsigned components);
/* Sets the components from in; those that present does not name get their initial values. x87 registers: not in MMX
 * mode any more. MXCSR goes with SSE. */
void x86_fpstate_load(struct cpu *cpu, const struct x86_xsave *in, unsigned components, unsigned present);
TANDEM_END_DECLS

#endif
