/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of aarch64 as ptrace shows them: struct user_pt_regs and struct user_fpsimd_state of uapi
 * asm/ptrace.h. */
#include "frontend/aarch64/a64_ptrace.h"

#include <elf.h>
#include <string.h>

#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_state.h"

struct regs {
    uint64_t x[31], sp, pc, pstate;
};
struct fp_regs {
    struct a64_vector v[32];
    uint32_t fpsr, fpcr, reserved[2];
};

static void get(const struct cpu *cpu, uint8_t *regs, uint8_t *fp)
{
    const struct a64_state *s = a64_state_const(cpu);
    struct regs r = {.sp = s->sp, .pc = cpu->pc, .pstate = a64_get_nzcv(s)};
    struct fp_regs f;
    memset(&f, 0, sizeof f);
    memcpy(r.x, &s->x0, sizeof r.x);
    memcpy(f.v, &s->v0, sizeof f.v);
    f.fpsr = a64_get_fpsr(cpu);
    f.fpcr = s->fpcr;
    memcpy(regs, &r, sizeof r);
    memcpy(fp, &f, sizeof f);
}

static void set_regs(struct cpu *cpu, const uint8_t *regs)
{
    struct a64_state *s = a64_state_of(cpu);
    struct regs r;
    memcpy(&r, regs, sizeof r);
    memcpy(&s->x0, r.x, sizeof r.x);
    s->sp = r.sp;
    cpu->pc = r.pc;
    a64_set_nzcv(s, (uint32_t)r.pstate);
}

static void set_fp(struct cpu *cpu, const uint8_t *fp)
{
    struct a64_state *s = a64_state_of(cpu);
    struct fp_regs f;
    memcpy(&f, fp, sizeof f);
    memcpy(&s->v0, f.v, sizeof f.v);
    s->fpsr = f.fpsr & A64_FPSR_MASK;
    s->fpcr = f.fpcr & A64_FPCR_MASK;
    a64_fp_from_guest(cpu);
}

const struct guest_ptrace a64_ptrace = {
    .regs_size = sizeof(struct regs),
    .fp_size = sizeof(struct fp_regs),
    .fp_note = NT_PRFPREG,
    .tls_note = NT_ARM_TLS,
    .call_note = NT_ARM_SYSTEM_CALL,
    .steps = true,
    .get = get,
    .set_regs = set_regs,
    .set_fp = set_fp,
};
