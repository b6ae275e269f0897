/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of riscv64 as ptrace shows them: struct user_regs_struct and struct __riscv_d_ext_state of uapi
 * asm/ptrace.h. */
#include "frontend/riscv/rv_ptrace.h"

#include <elf.h>
#include <string.h>

#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_state.h"

struct regs {
    uint64_t pc, x[31];
};
struct fp_regs {
    uint64_t f[32];
    uint32_t fcsr;
};
enum { FRM_SHIFT = 5, FRM_MASK = 7 };

static void get(const struct cpu *cpu, uint8_t *regs, uint8_t *fp)
{
    const struct rv_state *s = rv_state_const(cpu);
    struct regs r = {.pc = cpu->pc};
    struct fp_regs f;
    memset(&f, 0, sizeof f);
    memcpy(r.x, &s->x1, sizeof r.x);
    memcpy(f.f, &s->f0, sizeof f.f);
    f.fcsr = rv_fflags(cpu) | s->frm << FRM_SHIFT;
    memcpy(regs, &r, sizeof r);
    memcpy(fp, &f, sizeof f);
}

static void set_regs(struct cpu *cpu, const uint8_t *regs)
{
    struct regs r;
    memcpy(&r, regs, sizeof r);
    memcpy(&rv_state_of(cpu)->x1, r.x, sizeof r.x);
    cpu->pc = r.pc & ~UINT64_C(1);
}

static void set_fp(struct cpu *cpu, const uint8_t *fp)
{
    struct rv_state *s = rv_state_of(cpu);
    struct fp_regs f;
    memcpy(&f, fp, sizeof f);
    memcpy(&s->f0, f.f, sizeof f.f);
    s->fflags = f.fcsr & RV_FFLAGS_MASK;
    s->frm = f.fcsr >> FRM_SHIFT & FRM_MASK;
}

const struct guest_ptrace rv_ptrace = {
    .regs_size = sizeof(struct regs),
    .fp_size = sizeof(struct fp_regs),
    .fp_note = NT_PRFPREG,
    .get = get,
    .set_regs = set_regs,
    .set_fp = set_fp,
};
