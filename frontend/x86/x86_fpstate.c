/* SPDX-License-Identifier: Apache-2.0 */
/* FP and vector registers to and from memory: see x86_fpstate.h. */
#include "frontend/x86/x86_fpstate.h"

#include <string.h>

#include "src/ir/softfp.h"

enum { MXCSR_DAZ = 1 << 6, MXCSR_FTZ = 1 << 15 };

uint32_t x86_get_mxcsr(const struct cpu *cpu) { return cpu->mxcsr | fp_flags_to_mxcsr(cpu->fp_flags); }

void x86_set_mxcsr(struct cpu *cpu, uint32_t mxcsr)
{
    cpu->mxcsr = mxcsr & X86_MXCSR_MASK;
    cpu->fp_flags = 0;
    cpu->mode &= ~(uint32_t)(X86_MODE_FTZ | X86_MODE_DAZ);
    cpu->mode |= (mxcsr & MXCSR_FTZ ? X86_MODE_FTZ : 0) | (mxcsr & MXCSR_DAZ ? X86_MODE_DAZ : 0);
}

void x86_fpstate_store(const struct cpu *cpu, struct x86_xsave *out, unsigned components)
{
    const struct x86_state *s = x86_state_const(cpu);
    if (components & X86_XF_X87)
        x86_x87_store(cpu, &out->x87);
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
