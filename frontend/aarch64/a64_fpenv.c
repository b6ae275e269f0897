/* SPDX-License-Identifier: Apache-2.0 */
/* FPCR and FPSR; see a64_fpenv.h.
 *
 * I1  fpcr is a row; its rounding mode is also the environment's. FPSR's IEEE flags are cpu->fp_flags | those of the
 *     environment. QC is set if any bit of the row qc is. IDC is FP_DE of cpu->fp_flags alone: softfp flushes, not the
 *     host, whose environment may have that flag for other reasons. The row fpsr has the rest (A64_FPSR_ROW). */
#include "frontend/aarch64/a64_fpenv.h"

#include "frontend/aarch64/a64_state.h"
#include "src/host/fpenv.h"
#include "src/ir/fp_watch.h"

static const struct {
    uint8_t flag, fpsr;
} bits[] = {{FP_NV, 1 << 0}, {FP_DZ, 1 << 1}, {FP_OF, 1 << 2}, {FP_UF, 1 << 3}, {FP_NX, 1 << 4}, {FP_DE, A64_FPSR_IDC}};

uint32_t a64_mode_of(uint32_t mode, uint32_t fpcr)
{
    return (mode & (A64_MODE_SP_ODD | A64_MODE_FPSR)) | (fpcr & A64_FPCR_FZ ? A64_MODE_FZ : 0) |
           (fpcr & A64_FPCR_DN ? A64_MODE_DN : 0);
}

uint32_t a64_mode(const struct cpu *cpu)
{
    const struct a64_state *state = a64_state_const(cpu);
    return a64_mode_of((state->sp & 15 ? A64_MODE_SP_ODD : 0) | (cpu->mode & A64_MODE_FPSR), state->fpcr);
}

bool a64_host_flushes(uint32_t mode) { return (mode & (A64_MODE_FZ | A64_MODE_FPSR)) == A64_MODE_FZ; }

unsigned a64_fpcr_rounding(uint32_t fpcr)
{
    static const uint8_t roundings[4] = {FP_TO_NEAREST, FP_UP, FP_DOWN, FP_TO_ZERO};
    return roundings[fpcr >> A64_FPCR_RMODE_SHIFT & 3];
}

uint32_t a64_fpsr_of_flags(uint32_t flags)
{
    uint32_t fpsr = 0;
    for (unsigned n = 0; n < ARRAY_LEN(bits); n++)
        fpsr |= flags & bits[n].flag ? bits[n].fpsr : 0;
    return fpsr;
}

uint32_t a64_flags_of_fpsr(uint32_t fpsr)
{
    uint32_t flags = 0;
    for (unsigned n = 0; n < ARRAY_LEN(bits); n++)
        flags |= fpsr & bits[n].fpsr ? bits[n].flag : 0;
    return flags;
}

uint32_t a64_get_fpsr(const struct cpu *cpu)
{
    const struct a64_state *state = a64_state_const(cpu);
    const uint32_t flags = (fp_watch_flags(cpu) & ~(uint32_t)FP_DE) | (cpu->fp_flags & FP_DE);
    const uint32_t qc = state->qc.d[0] | state->qc.d[1] ? A64_FPSR_QC : 0;
    return (state->fpsr & A64_FPSR_ROW) | qc | a64_fpsr_of_flags(flags);
}

void a64_fp_to_guest(struct cpu *cpu) { a64_state_of(cpu)->fpsr = a64_get_fpsr(cpu); }

void a64_fp_from_guest(struct cpu *cpu)
{
    struct a64_state *state = a64_state_of(cpu);
    state->qc = (struct a64_vector){.d = {state->fpsr & A64_FPSR_QC, 0}};
    cpu->fp_flags = a64_flags_of_fpsr(state->fpsr);
    fp_watch_stop(cpu, &cpu->fp_env);
    cpu->mode = a64_mode(cpu);
    cpu->fp_env = host_fp_with_flush(host_fp_with_rounding(host_fp_default(), a64_fpcr_rounding(state->fpcr)),
                                     a64_host_flushes(cpu->mode));
}
