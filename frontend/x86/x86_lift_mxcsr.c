/* SPDX-License-Identifier: Apache-2.0 */
/* MXCSR, and the FP and vector registers as a whole: ldmxcsr, stmxcsr, fxsave, fxrstor, xsave, xsavec, xsaveopt, xrstor.
 *
 * I1  A helper runs with the guest's MXCSR in the host's register (cpu.h I3); what works on cpu->mxcsr is wrapped.
 * I2  What may set FTZ or DAZ, or leave MMX mode, changes the translation mode and ends the block.
 * I3  All components count as in use, so that xsave stores what it is asked for. */
#include <immintrin.h>
#include <string.h>

#include "frontend/x86/x86_fpstate.h"
#include "frontend/x86/x86_lift.h"
#include "src/ir/builder.h"

enum {
    FXSAVE_BYTES_64 = 416, FXSAVE_BYTES_32 = 288, /* what is written of the 512 bytes */
    XSAVE_FXSAVE = 8, XSAVE_IS64 = 16,            /* with the components, an argument of the helpers */
    XSAVE_COMPACT = 32,
    STATE = IR_FX_RSTATE | IR_FX_WSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT | IR_FX_FPOBS | IR_FX_FPFLAG
};
#define XCOMP_COMPACT (UINT64_C(1) << 63)

/* ---- MXCSR ---- */

static uint64_t helper_ldmxcsr(struct cpu *cpu, uint64_t v, uint64_t b, uint64_t c, uint64_t d)
{
    x86_set_mxcsr(cpu, (uint32_t)v);
    _mm_setcsr(cpu->mxcsr);
    return 0;
}

static uint64_t helper_stmxcsr(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    cpu->mxcsr = _mm_getcsr();
    return x86_get_mxcsr(cpu);
}

static const struct ir_helper ldmxcsr = {"x86_ldmxcsr", helper_ldmxcsr, 1, IR_VOID,
                                         IR_FX_RSTATE | IR_FX_WSTATE | IR_FX_FPOBS | IR_FX_FPFLAG};
static const struct ir_helper stmxcsr = {"x86_stmxcsr", helper_stmxcsr, 0, IR_I32, IR_FX_FPOBS | IR_FX_FPFLAG};

static void trap_unless_zero(struct x86_lift *l, ir_ref v)
{
    ir_ref zero = x86_const(l, ir_type_of(l->b, v), 0);
    ir_trap_if(l->b, ir_icmp(l->b, IR_NE, v, zero), IR_TRAP_PRIVILEGED, l->pc);
}

void x86_lift_ldmxcsr(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref v = x86_load(l, IR_I32, x86_addr(l, 0), 0);
    trap_unless_zero(l, ir_bini(l->b, IR_AND, v, ~(uint32_t)X86_MXCSR_MASK));
    ir_call(l->b, &ldmxcsr, v, IR_NO_REF, IR_NO_REF, IR_NO_REF);
    l->unknown_mode = true; /* I2 */
}

void x86_lift_stmxcsr(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref addr = x86_addr(l, 0);
    x86_store(l, addr, 0, ir_call(l->b, &stmxcsr, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF));
}

/* ---- areas ---- */

static void store_legacy(const struct cpu *cpu, struct x86_xsave *out, unsigned components, bool is64)
{
    struct x86_xsave area;
    memcpy(&area, out, FXSAVE_BYTES_64);
    x86_fpstate_store(cpu, &area, components);
    memcpy(out, &area, is64 ? FXSAVE_BYTES_64 : FXSAVE_BYTES_32);
}

static uint64_t helper_save(struct cpu *cpu, uint64_t addr, uint64_t what, uint64_t c, uint64_t d)
{
    struct x86_xsave *out = (struct x86_xsave *)(uintptr_t)addr;
    unsigned components = (unsigned)what & X86_XF_ALL;
    cpu->mxcsr = _mm_getcsr();
    store_legacy(cpu, out, components, what & XSAVE_IS64);
    if (what & XSAVE_FXSAVE)
        return 0;
    if (components & X86_XF_YMM)
        memcpy(out->ymmh, &x86_state_of(cpu)->ymmh0, (what & XSAVE_IS64 ? 16 : 8) * sizeof out->ymmh[0]);
    out->xstate_bv = (what & XSAVE_COMPACT ? 0 : out->xstate_bv & ~(uint64_t)components) | components;
    if (what & XSAVE_COMPACT)
        out->xcomp_bv = XCOMP_COMPACT | components;
    return 0;
}

/* Only the low 8 vector registers exist outside of 64-bit mode; the others stay. */
static void load_area(struct cpu *cpu, const struct x86_xsave *in, unsigned components, unsigned present, bool is64)
{
    struct x86_state before = *x86_state_of(cpu), *s = x86_state_of(cpu);
    x86_fpstate_load(cpu, in, components, present);
    if (!is64) {
        memcpy(&s->xmm8, &before.xmm8, 8 * sizeof s->xmm8);
        memcpy(&s->ymmh8, &before.ymmh8, 8 * sizeof s->ymmh8);
    }
}

/* The header's rules (SDM volume 1, 13.8). */
static bool header_valid(const struct x86_xsave *in)
{
    bool compact = in->xcomp_bv & XCOMP_COMPACT;
    if (in->xcomp_bv && !compact)
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(in->reserved3); i++) {
        if (in->reserved3[i])
            return false;
    }
    uint64_t allowed = compact ? in->xcomp_bv & X86_XF_ALL : X86_XF_ALL;
    return !(in->xstate_bv & ~allowed) && !(in->xcomp_bv & ~(XCOMP_COMPACT | X86_XF_ALL));
}

/* 1: general protection */
static uint64_t helper_restore(struct cpu *cpu, uint64_t addr, uint64_t what, uint64_t c, uint64_t d)
{
    const struct x86_xsave *in = (const struct x86_xsave *)(uintptr_t)addr;
    unsigned components = (unsigned)what & X86_XF_ALL, present = X86_XF_X87 | X86_XF_SSE;
    if (!(what & XSAVE_FXSAVE)) {
        if (!header_valid(in))
            return 1;
        present = (unsigned)in->xstate_bv;
    }
    bool compact = !(what & XSAVE_FXSAVE) && in->xcomp_bv;
    bool mxcsr = components & (compact ? X86_XF_SSE & present : X86_XF_SSE | X86_XF_YMM);
    uint32_t wanted = in->x87.mxcsr;
    if (mxcsr && wanted & ~(uint32_t)X86_MXCSR_MASK)
        return 1;
    cpu->mxcsr = _mm_getcsr();
    uint32_t old = x86_get_mxcsr(cpu);
    load_area(cpu, in, components, present, what & XSAVE_IS64);
    if (!(compact && components & X86_XF_SSE)) /* else it went with the registers */
        x86_set_mxcsr(cpu, mxcsr ? wanted : old);
    _mm_setcsr(cpu->mxcsr);
    return 0;
}

static const struct ir_helper save = {"x86_xsave", helper_save, 2, IR_VOID, STATE};
static const struct ir_helper restore = {"x86_xrstor", helper_restore, 2, IR_I64, STATE};

/* The address, with general protection unless it is aligned; *what: components and flags for the helper. */
static ir_ref area(struct x86_lift *l, unsigned align, ir_ref *what, unsigned flags)
{
    ir_ref addr = x86_addr(l, 0);
    trap_unless_zero(l, ir_bini(l->b, IR_AND, addr, align - 1));
    flags |= l->is64 ? XSAVE_IS64 : 0;
    if (flags & XSAVE_FXSAVE) {
        *what = ir_const(l->b, IR_I64, flags | X86_XF_X87 | X86_XF_SSE);
    } else {
        ir_ref mask = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_rax), X86_XF_ALL);
        *what = ir_bini(l->b, IR_OR, mask, flags);
    }
    return addr;
}

static void lift_save(struct x86_lift *l, unsigned align, unsigned flags)
{
    ir_ref what, addr = area(l, align, &what, flags);
    ir_call(l->b, &save, addr, what, IR_NO_REF, IR_NO_REF);
}

static void lift_restore(struct x86_lift *l, unsigned align, unsigned flags)
{
    ir_ref what, addr = area(l, align, &what, flags);
    trap_unless_zero(l, ir_call(l->b, &restore, addr, what, IR_NO_REF, IR_NO_REF));
    l->unknown_mode = true; /* I2 */
}

void x86_lift_fxsave(struct x86_lift *l, unsigned arg) { lift_save(l, 16, XSAVE_FXSAVE); }
void x86_lift_fxrstor(struct x86_lift *l, unsigned arg) { lift_restore(l, 16, XSAVE_FXSAVE); }
/* arg: compact form */
void x86_lift_xsave(struct x86_lift *l, unsigned arg) { lift_save(l, 64, arg ? XSAVE_COMPACT : 0); }
void x86_lift_xrstor(struct x86_lift *l, unsigned arg) { lift_restore(l, 64, 0); }
