/* SPDX-License-Identifier: Apache-2.0 */
/* FP and vector registers to and from memory: see x86_fpstate.h.
 *
 * In MMX mode the registers are mm0..mm7 with TOP 0; their x87 form has the exponent of an infinity or NaN (SDM volume 1,
 * 9.6.2). */
#include "frontend/x86/x86_fpstate.h"

#include <string.h>

#include "src/ir/softfp.h"

enum { TOP_SHIFT = 11, TOP_MASK = 7 << TOP_SHIFT, ST_BYTES = 10, MXCSR_DAZ = 1 << 6, MXCSR_FTZ = 1 << 15 };

uint32_t x86_get_mxcsr(const struct cpu *cpu) { return cpu->mxcsr | fp_flags_to_mxcsr(cpu->fp_flags); }

void x86_set_mxcsr(struct cpu *cpu, uint32_t mxcsr)
{
    cpu->mxcsr = mxcsr & X86_MXCSR_MASK;
    cpu->fp_flags = 0;
    cpu->mode &= ~(uint32_t)(X86_MODE_FTZ | X86_MODE_DAZ);
    cpu->mode |= (mxcsr & MXCSR_FTZ ? X86_MODE_FTZ : 0) | (mxcsr & MXCSR_DAZ ? X86_MODE_DAZ : 0);
}

static void store_x87(const struct cpu *cpu, struct x86_xsave *out)
{
    const struct x86_state *s = x86_state_const(cpu);
    bool mmx = cpu->mode & X86_MODE_MMX;
    unsigned top = mmx ? 0 : s->fp_top & 7;
    out->fcw = s->fp_cw;
    out->fsw = (uint16_t)((s->fp_sw & ~TOP_MASK) | top << TOP_SHIFT);
    out->ftw = s->fp_tag;
    out->reserved1 = 0;
    out->fop = 0;
    out->fip = out->fdp = 0;
    memset(out->st, 0, sizeof out->st);
    for (unsigned i = 0; i < 8; i++) {
        if (mmx) {
            memcpy(out->st[i], &s->mm0 + i, 8);
            memset(out->st[i] + 8, 0xff, 2);
        } else {
            memcpy(out->st[i], &s->st0 + ((top + i) & 7), ST_BYTES);
        }
    }
}

void x86_fpstate_store(const struct cpu *cpu, struct x86_xsave *out, unsigned components)
{
    const struct x86_state *s = x86_state_const(cpu);
    if (components & X86_XF_X87)
        store_x87(cpu, out);
    if (components & (X86_XF_SSE | X86_XF_YMM)) {
        out->mxcsr = x86_get_mxcsr(cpu);
        out->mxcsr_mask = X86_MXCSR_MASK;
    }
    if (components & X86_XF_SSE)
        memcpy(out->xmm, &s->xmm0, sizeof out->xmm);
    if (components & X86_XF_YMM)
        memcpy(out->ymmh, &s->ymmh0, sizeof out->ymmh);
}

static void load_x87(struct cpu *cpu, const struct x86_xsave *in)
{
    struct x86_state *s = x86_state_of(cpu);
    cpu->mode &= ~(uint32_t)X86_MODE_MMX;
    s->fp_cw = in->fcw;
    s->fp_sw = in->fsw & (uint16_t)~TOP_MASK;
    s->fp_top = in->fsw >> TOP_SHIFT & 7;
    s->fp_tag = in->ftw;
    memset(&s->st0, 0, 8 * sizeof s->st0);
    for (unsigned i = 0; i < 8; i++)
        memcpy(&s->st0 + ((s->fp_top + i) & 7), in->st[i], ST_BYTES);
}

void x86_fpstate_load(struct cpu *cpu, const struct x86_xsave *in, unsigned components, unsigned present)
{
    static const struct x86_xsave initial = {.fcw = X86_FPU_CW_DEFAULT, .mxcsr = X86_MXCSR_DEFAULT};
    struct x86_state *s = x86_state_of(cpu);
    if (components & X86_XF_X87)
        load_x87(cpu, present & X86_XF_X87 ? in : &initial);
    if (components & X86_XF_SSE) {
        const struct x86_xsave *from = present & X86_XF_SSE ? in : &initial;
        memcpy(&s->xmm0, from->xmm, sizeof from->xmm);
        x86_set_mxcsr(cpu, from->mxcsr);
    }
    if (components & X86_XF_YMM) {
        const struct x86_xsave *from = present & X86_XF_YMM ? in : &initial;
        memcpy(&s->ymmh0, from->ymmh, sizeof from->ymmh);
    }
}
