/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of hints, barriers, caches and system registers.
 *
 * I1  fpcr is a row of the register table. FPSR's exception flags are cpu->fp_flags | those of the FP environment, and
 *     helpers find the guest's environment in the host's FPU (cpu.h I3; the interpreter brackets its calls so that this
 *     holds there, too).
 * I2  What a helper does to flags and rounding is declared as FPOBS|FPFLAG, so no FP operation moves across its call.
 * I3  A write to FPCR may change the mode: it sets cpu->mode, and leaves through IR_HINT_MODE if it does.
 * I4  The kernel shows the ID registers to programs (HWCAP_CPUID; Documentation/arch/arm64/cpu-feature-registers.rst):
 *     those of CRn = 0, CRm = 0 and 2 to 7. What is not in the table is 0 there, and SIGILL elsewhere. */
#include <time.h>

#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_sysreg.h"
#include "frontend/vdso_clock.h"
#include "src/host/fpenv.h"
#include "src/ir/fp_watch.h"

enum { HELPER_FP = IR_FX_FPOBS | IR_FX_FPFLAG, CNTFRQ = 1000000000 };

/* PAC, BTI and the like are in the hint space: they do nothing on a CPU that has them not. WFE and WFI may come back at
 * once. ISB has nothing to wait for: code that is written to is noticed at once (runtime/engine/invalidate.c). PRFM of
 * a literal is one, too. */
void a64_lift_hint(struct a64_lift *l, const struct a64_insn *i) {}

/* Bits 9 and 8: loads, stores, or both, before; loads order loads and stores behind them, stores order stores. */
void a64_lift_barrier(struct a64_lift *l, const struct a64_insn *i)
{
    static const uint8_t orders[4] = {IR_FENCE_FULL, IR_FENCE_RR | IR_FENCE_RW, IR_FENCE_WW, IR_FENCE_FULL};
    const uint16_t order = orders[a64_bits(i, 8, 2)];
    ir_emit(l->b, IR_FENCE, IR_VOID, order, IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
}

/* Blocks of pages that are written again and again compare their bytes themselves; the trap looks at the block behind.
 */
void a64_lift_ic_ivau(struct a64_lift *l, const struct a64_insn *i) { ir_trap(l->b, IR_TRAP_ICACHE_SYNC, l->next); }

/* ---- NZCV ---- */

void a64_lift_mrs_nzcv(struct a64_lift *l, const struct a64_insn *i) { a64_put(l, a64_rd(i), a64_flags_get_nzcv(l)); }
void a64_lift_msr_nzcv(struct a64_lift *l, const struct a64_insn *i) { a64_flags_set_nzcv(l, a64_get_x(l, a64_rd(i))); }

/* The thread pointer, which programs read often: it does not leave the block as others may. */
void a64_lift_mrs_tpidr(struct a64_lift *l, const struct a64_insn *i)
{
    a64_put(l, a64_rd(i), ir_get(l->b, A64_ROW_tpidr_el0));
}

/* ---- helpers ---- */

static uint64_t helper_set_fpsr(struct cpu *cpu, uint64_t fpsr, uint64_t b, uint64_t c, uint64_t d)
{
    const uint32_t flags = a64_flags_of_fpsr((uint32_t)fpsr);
    uint32_t raised = cpu->fp_watch, env;
    cpu->fp_flags = flags;
    if (!raised)
        raised = host_fp_flags(host_fp_get());
    if (raised & FP_ALL_FLAGS & ~flags) {
        env = host_fp_clear(host_fp_get(), FP_ALL_FLAGS);
        fp_watch_stop(cpu, &env);
        host_fp_set(env);
    }
    return 0;
}

/* FPSR.IDC: subnormal operands that were flushed, which softfp alone does. */
static uint64_t helper_get_idc(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return a64_fpsr_of_flags(cpu->fp_flags & FP_DE);
}

/* Row fpcr has been written by the caller. Returns the translation mode. */
static uint64_t helper_set_fpcr(struct cpu *cpu, uint64_t fpcr, uint64_t b, uint64_t c, uint64_t d)
{
    const uint32_t old = host_fp_get(), rounding = host_fp_with_rounding(old, a64_fpcr_rounding((uint32_t)fpcr));
    cpu->mode = a64_mode_of(cpu->mode, (uint32_t)fpcr);
    const uint32_t env = host_fp_with_flush(rounding, a64_host_flushes(cpu->mode));
    if (env != old)
        host_fp_set(env);
    return cpu->mode;
}

/* From here on softfp flushes. */
static uint64_t helper_no_flush(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    host_fp_set(host_fp_with_flush(host_fp_get(), false));
    return 0;
}

static uint64_t helper_cntvct(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * CNTFRQ + (uint64_t)ts.tv_nsec;
}

/* The counter claims to touch memory, so that two readings are two. */
static const struct ir_helper set_fpsr = {"a64_set_fpsr", helper_set_fpsr, 1, IR_VOID, HELPER_FP};
static const struct ir_helper get_idc = {"a64_get_idc", helper_get_idc, 0, IR_I64, HELPER_FP};
static const struct ir_helper set_fpcr = {"a64_set_fpcr", helper_set_fpcr, 1, IR_I32, HELPER_FP};
static const struct ir_helper no_flush = {"a64_no_flush", helper_no_flush, 0, IR_VOID, HELPER_FP};
static const struct ir_helper get_cntvct = {"a64_cntvct", helper_cntvct, 0, IR_I64, IR_FX_RMEM | IR_FX_WMEM};

static ir_ref call(struct a64_lift *l, const struct ir_helper *h, ir_ref a)
{
    return ir_call(l->b, h, a, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}

/* ---- reading, i64; writing ---- */

typedef ir_ref sysreg_read_fn(struct a64_lift *l);
typedef void sysreg_write_fn(struct a64_lift *l, ir_ref value);

static ir_ref constant(struct a64_lift *l, uint64_t v) { return ir_const(l->b, IR_I64, v); }
static ir_ref get_wide(struct a64_lift *l, unsigned row) { return ir_conv(l->b, IR_ZEXT, IR_I64, ir_get(l->b, row)); }

static ir_ref sysreg_read_zero(struct a64_lift *l) { return constant(l, 0); }
static ir_ref sysreg_read_ctr(struct a64_lift *l) { return constant(l, 0x8444c004); }
static ir_ref sysreg_read_dczid(struct a64_lift *l) { return constant(l, 4); }
static ir_ref sysreg_read_cntfrq(struct a64_lift *l) { return constant(l, CNTFRQ); }
static ir_ref sysreg_read_cntvct(struct a64_lift *l) { return call(l, &get_cntvct, IR_NO_REF); }
static ir_ref sysreg_read_tpidr(struct a64_lift *l) { return ir_get(l->b, A64_ROW_tpidr_el0); }
static void sysreg_write_tpidr(struct a64_lift *l, ir_ref v) { ir_put(l->b, A64_ROW_tpidr_el0, v); }

static ir_ref sysreg_read_fpcr(struct a64_lift *l) { return get_wide(l, A64_ROW_fpcr); }
static void sysreg_write_fpcr(struct a64_lift *l, ir_ref v)
{
    ir_ref fpcr = ir_bini(l->b, IR_AND, v, A64_FPCR_MASK);
    ir_put(l->b, A64_ROW_fpcr, ir_conv(l->b, IR_TRUNC, IR_I32, fpcr));
    ir_ref mode = call(l, &set_fpcr, fpcr);
    ir_exit_if_mode(l->b, ir_icmp(l->b, IR_NE, mode, ir_const(l->b, IR_I32, l->req->mode)), l->next);
}

/* QC is set if any bit of row qc is. */
static ir_ref read_qc(struct a64_lift *l)
{
    ir_ref qc = ir_get(l->b, A64_ROW_qc), half[2];
    for (unsigned n = 0; n < 2; n++)
        half[n] = ir_emit(l->b, IR_VGETE, IR_I64, IR_I64, qc, IR_NO_REF, IR_NO_REF, n);
    ir_ref set = ir_icmp(l->b, IR_NE, ir_bin(l->b, IR_OR, half[0], half[1]), constant(l, 0));
    return ir_select(l->b, set, constant(l, A64_FPSR_QC), constant(l, 0));
}

/* The five IEEE flags are those of enum fp_flag, in reverse order. */
static ir_ref sysreg_read_fpsr(struct a64_lift *l)
{
    ir_ref flags = ir_bini(l->b, IR_SHR, ir_un(l->b, IR_BITREV, ir_fflags(l->b)), 32 - 5);
    ir_ref v = ir_bin(l->b, IR_OR, ir_conv(l->b, IR_ZEXT, IR_I64, flags), read_qc(l));
    v = ir_bin(l->b, IR_OR, v, get_wide(l, A64_ROW_fpsr));
    return ir_bin(l->b, IR_OR, v, call(l, &get_idc, IR_NO_REF));
}
static void sysreg_write_fpsr(struct a64_lift *l, ir_ref v)
{
    ir_ref zero = ir_const128(l->b, IR_V128, 0, 0), qc = ir_bini(l->b, IR_AND, v, A64_FPSR_QC);
    ir_put(l->b, A64_ROW_qc, ir_emit(l->b, IR_VSETE, IR_V128, IR_I64, zero, qc, IR_NO_REF, 0));
    ir_put(l->b, A64_ROW_fpsr, ir_conv(l->b, IR_TRUNC, IR_I32, ir_bini(l->b, IR_AND, v, (uint32_t)A64_FPSR_ROW)));
    if (!l->b->fp_fast) /* else there are none */
        call(l, &set_fpsr, v);
}

#define sysreg_write_none NULL
static const struct {
    uint16_t number;
    sysreg_read_fn *read;
    sysreg_write_fn *write; /* NULL: read-only */
} regs[] = {
#define A64_SYSREG(id, name, o0, op1, crn, crm, op2, read, write)                                                      \
    {A64_SYSREG_NUMBER(o0, op1, crn, crm, op2), sysreg_read_##read, sysreg_write_##write},
#include "frontend/aarch64/a64_sysregs.def"
#undef A64_SYSREG
};

/* ---- ID registers (I4) ---- */

static const struct {
    uint8_t crm, op2;
    uint64_t value;
} ids[] = {
    {0, 0, 0x414fd0c1},           /* MIDR_EL1 */
    {0, 5, UINT64_C(1) << 31},    /* MPIDR_EL1 */
    {0, 6, 0},                    /* REVIDR_EL1 */
    {4, 0, 0x110011},             /* ID_AA64PFR0_EL1 */
    {5, 0, 6},                    /* ID_AA64DFR0_EL1 */
    {6, 0, 0x100010211120},       /* ID_AA64ISAR0_EL1 */
    {6, 1, 0x100001},             /* ID_AA64ISAR1_EL1 */
    {7, 0, UINT64_C(0xff) << 24}, /* ID_AA64MMFR0_EL1: no granule that is known */
};

/* Fields of four bits that a feature which is off has otherwise. */
static const struct {
    uint8_t crm, op2, shift, feature, without;
} fields[] = {
    {4, 0, 16, A64_FEAT_FPHP, 0},   {4, 0, 20, A64_FEAT_ASIMDHP, 0}, {4, 0, 16, A64_FEAT_FP, 15},
    {4, 0, 20, A64_FEAT_ASIMD, 15}, {6, 0, 4, A64_FEAT_PMULL, 1},    {6, 0, 4, A64_FEAT_AES, 0},
    {6, 0, 8, A64_FEAT_SHA1, 0},    {6, 0, 12, A64_FEAT_SHA2, 0},    {6, 0, 16, A64_FEAT_CRC32, 0},
    {6, 0, 20, A64_FEAT_LSE, 0},    {6, 0, 28, A64_FEAT_RDM, 0},     {6, 0, 44, A64_FEAT_DOTPROD, 0},
    {6, 1, 0, A64_FEAT_DCPOP, 0},   {6, 1, 20, A64_FEAT_LRCPC, 0},
};

/* The value as it is without the features that are off. */
static uint64_t as_configured(const struct a64_lift *l, unsigned crm, unsigned op2, uint64_t value)
{
    for (unsigned n = 0; n < ARRAY_LEN(fields); n++) {
        if (fields[n].crm == crm && fields[n].op2 == op2 && !(l->req->config->features >> fields[n].feature & 1))
            value = (value & ~(UINT64_C(15) << fields[n].shift)) | (uint64_t)fields[n].without << fields[n].shift;
    }
    return value;
}

static bool read_id(const struct a64_lift *l, const struct a64_insn *i, uint64_t *value)
{
    const unsigned crm = a64_bits(i, 8, 4), op2 = a64_bits(i, 5, 3);
    const bool is_id = a64_bits(i, 12, 8) == 0x80 && crm < 8 && crm != 1; /* op0 3, op1 0, CRn 0 */
    *value = 0;
    for (unsigned n = 0; n < ARRAY_LEN(ids); n++) {
        if (ids[n].crm == crm && ids[n].op2 == op2) {
            *value = as_configured(l, crm, op2, ids[n].value);
            return is_id;
        }
    }
    return is_id && crm != 0;
}

/* ---- the instructions ---- */

/* Programs may not read it; in the vDSO it is a clock: w0 says which (vdso_clock.h). */
static bool is_vdso_clock(const struct a64_lift *l, const struct a64_insn *i)
{
    return a64_bits(i, 5, 16) == A64_SYSREG_VDSO_CLOCK && vdso_has(l->req->config, l->pc);
}

/* The program looks at its flags: from here on they are exact (a64_fp.c I4). */
static void note_fpsr(struct a64_lift *l, unsigned number)
{
    const uint32_t mode = l->req->mode | A64_MODE_FPSR;
    if (number != A64_SYSREG_FPSR || mode == l->req->mode)
        return;
    if (a64_host_flushes(l->req->mode))
        call(l, &no_flush, IR_NO_REF);
    ir_ref old = ir_get(l->b, A64_ROW_MODE), exact = ir_const(l->b, IR_I32, mode);
    ir_put(l->b, A64_ROW_MODE, exact);
    ir_exit_if_mode(l->b, ir_icmp(l->b, IR_NE, old, exact), l->next);
}

void a64_lift_mrs(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned number = a64_bits(i, 5, 16);
    uint64_t id;
    if (is_vdso_clock(l, i)) {
        a64_put(l, a64_rd(i), call(l, &vdso_clock, ir_conv(l->b, IR_ZEXT, IR_I64, a64_get(l, false, 0))));
        return;
    }
    for (size_t n = 0; n < ARRAY_LEN(regs); n++) {
        if (regs[n].number == number) {
            a64_put(l, a64_rd(i), regs[n].read(l));
            note_fpsr(l, number);
            return;
        }
    }
    if (l->req->config->features >> A64_FEAT_CPUID & 1 && read_id(l, i, &id))
        a64_put(l, a64_rd(i), constant(l, id));
    else
        a64_lift_unallocated(l);
}

void a64_lift_msr(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned number = a64_bits(i, 5, 16);
    for (size_t n = 0; n < ARRAY_LEN(regs); n++) {
        if (regs[n].number == number && regs[n].write) {
            regs[n].write(l, a64_get_x(l, a64_rd(i)));
            note_fpsr(l, number);
            return;
        }
    }
    a64_lift_unallocated(l);
}
