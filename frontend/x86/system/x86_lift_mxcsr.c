/* SPDX-License-Identifier: Apache-2.0 */
/* MXCSR, and the FP and vector registers as a whole: ldmxcsr, stmxcsr, fxsave, fxrstor, xsave, xsavec, xsaveopt,
 * xrstor.
 *
 * I1  A helper runs with the guest's MXCSR in the host's register (cpu.h I3); what works on cpu->fp_env is wrapped.
 * I2  What may set FTZ or DAZ, or leave MMX mode, changes the translation mode and ends the block.
 * I3  A component is in use unless it is in its initial configuration (SDM volume 1, 13.6): found out by looking. */
#include <string.h>

#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/decode/x86_features.h"
#include "frontend/x86/x87/x86_fpstate.h"
#include "src/host/fpenv.h"
#include "src/ir/build/builder.h"

enum {
    FXSAVE_AREA = 512,
    XSAVE_AREA = 576, /* bytes; the second without upper halves */
    XSAVE_FXSAVE = 8,
    XSAVE_IS64 = 16, /* with the components, an argument of the helpers */
    XSAVE_COMPACT = 32,
    XSAVE_OPTIMIZED = 64,
    XSAVE_WIDE = 128 /* REX.W: pointers of 64 bits */,
    STATE = IR_FX_RSTATE | IR_FX_WSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT | IR_FX_FPOBS | IR_FX_FPFLAG
};
#define XCOMP_COMPACT (UINT64_C(1) << 63)

/* ---- MXCSR ---- */

static uint64_t helper_ldmxcsr(struct cpu *cpu, uint64_t v, uint64_t b, uint64_t c, uint64_t d)
{
    x86_set_mxcsr(cpu, (uint32_t)v);
    host_fp_set(cpu->fp_env);
    return 0;
}

static uint64_t helper_stmxcsr(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    cpu->fp_env = host_fp_get();
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

static bool any_bit(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    unsigned any = 0;
    for (size_t i = 0; i < size; i++)
        any |= p[i];
    return any;
}

/* I3; area: what x86_fpstate_store gives for all components */
static unsigned in_use(const struct x86_xsave *area)
{
    const struct x86_x87_area *f = &area->x87;
    bool x87 =
        f->fcw != X86_FPU_CW_INIT || f->fsw || f->ftw || f->fop || f->fip || f->fdp || any_bit(f->st, sizeof f->st);
    bool sse = any_bit(area->xmm, sizeof area->xmm) || f->mxcsr != X86_MXCSR_DEFAULT;
    return (x87 ? X86_XF_X87 : 0u) | (sse ? X86_XF_SSE : 0u) |
           (any_bit(area->ymmh, sizeof area->ymmh) ? X86_XF_YMM : 0u);
}

/* Both ends are looked at, so that an area that is not there is left alone as a whole. */
static void probe(const void *area, unsigned what, unsigned components)
{
    size_t size = what & XSAVE_FXSAVE ? FXSAVE_AREA : components & X86_XF_YMM ? sizeof(struct x86_xsave) : XSAVE_AREA;
    (void)*(volatile const uint8_t *)area;
    (void)((volatile const uint8_t *)area)[size - 1];
}

static void copy_components(struct x86_xsave *out, const struct x86_xsave *from, unsigned components, bool mxcsr,
                            bool is64)
{
    size_t registers = is64 ? 16 : 8;
    if (components & X86_XF_X87) {
        memcpy(&out->x87, &from->x87, offsetof(struct x86_x87_area, mxcsr));
        memcpy(out->x87.st, from->x87.st, sizeof out->x87.st);
    }
    if (mxcsr)
        memcpy(&out->x87.mxcsr, &from->x87.mxcsr, 2 * sizeof out->x87.mxcsr);
    if (components & X86_XF_SSE)
        memcpy(out->xmm, from->xmm, registers * sizeof out->xmm[0]);
    if (components & X86_XF_YMM)
        memcpy(out->ymmh, from->ymmh, registers * sizeof out->ymmh[0]);
}

/* SDM volume 1, 13.7 (xsave: all that is asked for), 13.9 (xsaveopt: of that what is in use), 13.10 (xsavec: the same,
 * and MXCSR is part of SSE alone) */
static uint64_t helper_save(struct cpu *cpu, uint64_t addr, uint64_t what, uint64_t c, uint64_t d)
{
    struct x86_xsave *out = (struct x86_xsave *)(uintptr_t)addr, now;
    unsigned wanted = (unsigned)what & X86_XF_ALL, used;
    memset(&now, 0, sizeof now);
    cpu->fp_env = host_fp_get();
    x86_fpstate_store(cpu, &now, X86_XF_ALL);
    used = in_use(&now) & wanted;
    if (!(what & XSAVE_WIDE) && now.x87.fip) {
        now.x87.fip = x86_x87_pointer_32(x86_state_of(cpu)->fp_ip);
        now.x87.fdp = x86_x87_pointer_32(x86_state_of(cpu)->fp_dp);
    }
    probe(out, (unsigned)what, wanted);
    unsigned written = what & (XSAVE_OPTIMIZED | XSAVE_COMPACT) ? used : wanted;
    bool mxcsr = what & XSAVE_COMPACT ? used & X86_XF_SSE : wanted & (X86_XF_SSE | X86_XF_YMM);
    copy_components(out, &now, written, mxcsr, what & XSAVE_IS64);
    if (what & XSAVE_FXSAVE)
        return 0;
    out->xstate_bv = (what & XSAVE_COMPACT ? 0 : out->xstate_bv & ~(uint64_t)wanted) | used;
    if (what & XSAVE_COMPACT)
        out->xcomp_bv = XCOMP_COMPACT | wanted;
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
    for (unsigned i = 0; i < (compact ? ARRAY_LEN(in->reserved3) : 1); i++) {
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
    probe(in, (unsigned)what, components);
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
    cpu->fp_env = host_fp_get();
    uint32_t old = x86_get_mxcsr(cpu);
    load_area(cpu, in, components, present, what & XSAVE_IS64);
    if (!(compact && components & X86_XF_SSE)) /* else it went with the registers */
        x86_set_mxcsr(cpu, mxcsr ? wanted : old);
    host_fp_set(cpu->fp_env);
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
    flags |= l->is64 && l->i->raw.rex.W ? XSAVE_WIDE : 0;
    if (flags & XSAVE_FXSAVE) {
        *what = ir_const(l->b, IR_I64, flags | X86_XF_X87 | X86_XF_SSE);
    } else {
        ir_ref mask = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_rax), x86_xcr0(l->req->config));
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
/* 1: xsaveopt, 2: xsavec */
void x86_lift_xsave(struct x86_lift *l, unsigned arg)
{
    lift_save(l, 64, arg == 2 ? XSAVE_COMPACT : arg ? XSAVE_OPTIMIZED : 0);
}
void x86_lift_xrstor(struct x86_lift *l, unsigned arg) { lift_restore(l, 64, 0); }
