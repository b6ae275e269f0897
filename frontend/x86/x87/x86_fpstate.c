/* SPDX-License-Identifier: Apache-2.0 */
/* FP and vector registers to and from memory: see x86_fpstate.h. */
#include "frontend/x86/x87/x86_fpstate.h"

#include <signal.h>
#include <string.h>

#include "src/base/fp_x86.h"

enum { MXCSR_DAZ = 1 << 6, MXCSR_FTZ = 1 << 15, MXCSR_MASKS = 0x1f80, MXCSR_MASK_SHIFT = 7 };

uint32_t x86_get_mxcsr(const struct cpu *cpu) { return cpu->fp_env | fp_to_x86(cpu->fp_flags); }

void x86_set_mxcsr(struct cpu *cpu, uint32_t mxcsr)
{
    cpu->fp_env = mxcsr & X86_MXCSR_MASK;
    cpu->fp_flags = 0;
    cpu->mode &= ~(uint32_t)(X86_MODE_FTZ | X86_MODE_DAZ | X86_MODE_SSE_TRAPS);
    bool flush = mxcsr & MXCSR_FTZ && mxcsr & FP_X86_UNDERFLOW << MXCSR_MASK_SHIFT; /* SDM volume 1, 10.2.3.3 */
    cpu->mode |= (flush ? X86_MODE_FTZ : 0) | (mxcsr & MXCSR_DAZ ? X86_MODE_DAZ : 0);
    cpu->mode |= ~mxcsr & MXCSR_MASKS ? X86_MODE_SSE_TRAPS : 0;
}

void x86_fpstate_store(const struct cpu *cpu, struct x86_xsave *out, unsigned components)
{
    const struct x86_state *s = x86_state_const(cpu);
    if (components & X86_XF_X87)
        x86_x87_store(cpu, &out->x87);
    if (components & X86_XF_X87 && !(out->x87.fsw & X86_X87_SW_SUMMARY)) /* as AMD's CPUs do it; Intel's always tell */
        out->x87.fop = 0, out->x87.fip = out->x87.fdp = 0;
    if (components & (X86_XF_SSE | X86_XF_YMM)) {
        out->x87.mxcsr = x86_get_mxcsr(cpu);
        out->x87.mxcsr_mask = X86_MXCSR_MASK;
    }
    if (components & X86_XF_SSE)
        memcpy(out->xmm, &s->xmm0, sizeof out->xmm);
    if (components & X86_XF_YMM)
        memcpy(out->ymmh, &s->ymmh0, sizeof out->ymmh);
}

void x86_fpstate_load(struct cpu *cpu, const struct x86_xsave *in, unsigned components, unsigned present)
{
    static const struct x86_xsave initial = {.x87 = {.fcw = X86_FPU_CW_INIT, .mxcsr = X86_MXCSR_DEFAULT}};
    struct x86_state *s = x86_state_of(cpu);
    if (components & X86_XF_X87)
        x86_x87_load(cpu, present & X86_XF_X87 ? &in->x87 : &initial.x87);
    if (components & X86_XF_SSE) {
        const struct x86_xsave *from = present & X86_XF_SSE ? in : &initial;
        memcpy(&s->xmm0, from->xmm, sizeof from->xmm);
        x86_set_mxcsr(cpu, from->x87.mxcsr);
    }
    if (components & X86_XF_YMM) {
        const struct x86_xsave *from = present & X86_XF_YMM ? in : &initial;
        memcpy(&s->ymmh0, from->ymmh, sizeof from->ymmh);
    }
}

static int trap_code(uint32_t raised)
{
    return raised & FP_X86_INVALID                         ? FPE_FLTINV
           : raised & FP_X86_DIV_ZERO                      ? FPE_FLTDIV
           : raised & FP_X86_OVERFLOW                      ? FPE_FLTOVF
           : raised & (FP_X86_UNDERFLOW | FP_X86_DENORMAL) ? FPE_FLTUND
           : raised & FP_X86_INEXACT                       ? FPE_FLTRES
                                                           : 0;
}

int x86_sse_trap_code(const struct cpu *cpu)
{
    uint32_t mxcsr = x86_get_mxcsr(cpu);
    return trap_code(mxcsr & ~(mxcsr >> MXCSR_MASK_SHIFT));
}

int x86_x87_trap_code(const struct cpu *cpu)
{
    return trap_code(x86_x87_status_word(cpu) & ~(uint32_t)x86_state_const(cpu)->fp_cw);
}
