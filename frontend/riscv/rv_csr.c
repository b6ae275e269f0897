/* SPDX-License-Identifier: Apache-2.0 */
/* CSR instructions and the helpers behind them.
 *
 * I1  frm is a row of the register table. The accrued flags are not: they are cpu->fp_flags | those of the FP
 *     environment, and helpers find the guest's environment in the host's FPU (cpu.h I3; the interpreter brackets its
 *     calls so that this holds there, too).
 * I2  What a helper does to flags and rounding is declared as FPOBS|FPFLAG, so no FP operation moves across its call;
 *     one that only reads has FPOBS alone, and vanishes where nothing uses the result.
 * I3  A write that can change frm sets the environment's rounding mode and cpu->mode, and leaves through IR_HINT_MODE
 *     if that is another mode than the one that the code is translated for; the block ends there.
 * I4  cycle and instret are the host's cycle counter: monotonic, and neither counts guest cycles nor instructions. */
#include "frontend/riscv/rv_csr.h"

#include <time.h>

#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_lifters.h"
#include "frontend/riscv/rv_vdso.h"
#include "frontend/vdso_clock.h"
#include "src/host/fpenv.h"
#include "src/host/host.h"
#include "src/ir/fp_watch.h"

enum { FRM_MASK = 7, FRM_SHIFT = 5, HELPER_FP = IR_FX_FPOBS | IR_FX_FPFLAG };

static uint64_t helper_set_fflags(struct cpu *cpu, uint64_t flags, uint64_t b, uint64_t c, uint64_t d)
{
    uint32_t raised = cpu->fp_watch, env;

    cpu->fp_flags = flags & RV_FFLAGS_MASK;
    /* The environment is slow to read and to load. What libm does around rounding is to read the flags and write the
     * same ones back: then nothing there needs to go. */
    if (!raised)
        raised = host_fp_flags(host_fp_get());
    if (raised & RV_FFLAGS_MASK & ~flags) {
        env = host_fp_clear(host_fp_get(), FP_ALL_FLAGS);
        fp_watch_stop(cpu, &env);
        host_fp_set(env);
    }
    return 0;
}

/* Row frm has been written by the caller. Returns the translation mode. */
static uint64_t helper_set_frm(struct cpu *cpu, uint64_t frm, uint64_t b, uint64_t c, uint64_t d)
{
    uint32_t old = host_fp_get(), env = host_fp_with_rounding(old, frm < RV_FRM_RMM ? (unsigned)frm : FP_TO_NEAREST);

    cpu->mode = rv_mode_of_frm((uint32_t)frm);
    if (env != old) /* loading it is slow, and libm mostly puts back the mode that it has found */
        host_fp_set(env);
    return cpu->mode;
}

static uint64_t helper_time(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * RV_TIME_HZ + (uint64_t)now.tv_nsec / (UINT64_C(1000000000) / RV_TIME_HZ);
}

static uint64_t helper_cycle(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return host_cycles(); }

/* The counters claim to read memory, so that two reads are two reads. */
static const struct ir_helper set_fflags = {"rv_set_fflags", helper_set_fflags, 1, IR_VOID, HELPER_FP};
static const struct ir_helper set_frm = {"rv_set_frm", helper_set_frm, 1, IR_I32, HELPER_FP};
static const struct ir_helper get_time = {"rv_time", helper_time, 0, IR_I64, IR_FX_RMEM | IR_FX_WMEM};
static const struct ir_helper get_cycle = {"rv_cycle", helper_cycle, 0, IR_I64, IR_FX_RMEM | IR_FX_WMEM};

static ir_ref call0(struct rv_lift *l, const struct ir_helper *h)
{
    return ir_call(l->b, h, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}
static ir_ref call1(struct rv_lift *l, const struct ir_helper *h, ir_ref a)
{
    return ir_call(l->b, h, a, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}

ir_ref rv_read_fflags(struct rv_lift *l) { return ir_conv(l->b, IR_ZEXT, IR_I64, ir_fflags(l->b)); }
static ir_ref csr_read_fflags(struct rv_lift *l) { return rv_read_fflags(l); }
static ir_ref csr_read_frm(struct rv_lift *l) { return ir_conv(l->b, IR_ZEXT, IR_I64, ir_get(l->b, RV_ROW_frm)); }
static ir_ref csr_read_fcsr(struct rv_lift *l)
{
    ir_ref frm = ir_bini(l->b, IR_SHL, csr_read_frm(l), FRM_SHIFT);

    return ir_bin(l->b, IR_OR, frm, csr_read_fflags(l));
}
static ir_ref csr_read_time(struct rv_lift *l) { return call0(l, &get_time); }
/* Counters are not allowed to programs; in the vDSO one reads a clock. */
static bool is_vdso_clock(const struct rv_lift *l, const struct rv_insn *i)
{
    return i->imm == RV_CSR_VDSO_CLOCK && i->row->arg == RV_CSR_SET && !i->rs1 && vdso_has(l->req->config, l->pc);
}
static ir_ref csr_read_cycle(struct rv_lift *l) { return call0(l, &get_cycle); }

/* A write; true if the block is to end behind it (I3). */
typedef bool csr_write_fn(struct rv_lift *l, ir_ref value);

static bool csr_write_fflags(struct rv_lift *l, ir_ref value)
{
    if (!l->b->fp_fast) /* else there are none */
        call1(l, &set_fflags, value);
    return false;
}
static bool csr_write_frm(struct rv_lift *l, ir_ref value)
{
    ir_ref frm = ir_bini(l->b, IR_AND, value, FRM_MASK);

    ir_put(l->b, RV_ROW_frm, ir_conv(l->b, IR_TRUNC, IR_I32, frm));
    ir_ref mode = call1(l, &set_frm, frm);
    ir_exit_if_mode(l->b, ir_icmp(l->b, IR_NE, mode, ir_const(l->b, IR_I32, l->req->mode)), l->next);
    return true;
}
static bool csr_write_fcsr(struct rv_lift *l, ir_ref value)
{
    csr_write_fflags(l, value);
    return csr_write_frm(l, ir_bini(l->b, IR_SHR, value, FRM_SHIFT));
}

struct csr {
    uint32_t ext;
    uint16_t number;
    ir_ref (*read)(struct rv_lift *l);
    csr_write_fn *write; /* NULL: read-only */
};

#define RV_CSR(id, name, number, ext, read, write) CSR_##id,
enum csr_index {
#include "frontend/riscv/rv_csr.def"
    CSR_COUNT
};
#undef RV_CSR

#define csr_write_none NULL
static const struct csr csrs[CSR_COUNT] = {
#define RV_CSR(id, name, number, ext, read, write) {RV_EXT_##ext, number, csr_read_##read, csr_write_##write},
#include "frontend/riscv/rv_csr.def"
#undef RV_CSR
};

static const struct csr *find_csr(unsigned number)
{
    for (unsigned n = 0; n < CSR_COUNT; n++) {
        if (csrs[n].number == number)
            return &csrs[n];
    }
    return NULL;
}

/* arg: RV_CSR_*. csrrs and csrrc with rs1 = x0 (or an immediate of 0) do not write; csrrw always does. Chapter "Zicsr".
 */
void rv_lift_csr(struct rv_lift *l, const struct rv_insn *i)
{
    const struct csr *csr = find_csr((unsigned)i->imm);
    unsigned op = i->row->arg & RV_CSR_OP;
    bool writes = op == RV_CSR_WRITE || i->rs1 != 0;
    bool reads = op != RV_CSR_WRITE || i->rd != 0;

    if (is_vdso_clock(l, i)) {
        rv_put_x(l, i->rd, call1(l, &vdso_clock, ir_get(l->b, RV_ROW_x10)));
        return;
    }
    if (!csr || (csr->ext & ~l->req->config->features) != 0 || (writes && !csr->write)) {
        rv_lift_illegal(l);
        return;
    }
    ir_ref source = i->row->arg & RV_CSR_IMM ? ir_const(l->b, IR_I64, i->rs1) : rv_get_x(l, i->rs1);
    ir_ref old = reads ? csr->read(l) : IR_NO_REF;
    ir_ref value = source;
    if (op == RV_CSR_SET)
        value = ir_bin(l->b, IR_OR, old, source);
    else if (op == RV_CSR_CLEAR)
        value = ir_bin(l->b, IR_AND, old, ir_un(l->b, IR_NOT, source));
    if (reads)
        rv_put_x(l, i->rd, old);
    if (writes && csr->write(l, value))
        ir_jump(l->b, IR_HINT_NONE, l->next);
}
