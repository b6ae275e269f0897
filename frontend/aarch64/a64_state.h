/* SPDX-License-Identifier: Apache-2.0 */
/* struct a64_state: the AArch64 registers at the start of cpu->guest, and the row numbers by which IR names them. Both
 * come from a64_state.def. Owned by the thread of its struct cpu. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_STATE_H
#define TANDEM_FRONTEND_AARCH64_A64_STATE_H

#include "src/ir/ir.h"
#include "src/ir/state.h"

struct a64_vector {
    TANDEM_ALIGNED(16) uint64_t d[2];
};

struct a64_state {
#define A64_REG(field, c_type, ir_type, name) c_type field;
#include "frontend/aarch64/a64_state.def"
};

enum a64_reg_row {
#define A64_REG(field, c_type, ir_type, name) A64_ROW_##field,
#include "frontend/aarch64/a64_state.def"
    A64_ROW_RESERVATION, /* address of the exclusive monitor: CLREX and recognized loops drop it */
    A64_ROW_MODE,        /* cpu->mode, for instructions that may change it; the exit behind them is IR_HINT_MODE */
    A64_ROW_COUNT
};

/* Translation modes (cpu->mode): bits. */
enum a64_mode_bits {
    A64_MODE_SP_ODD = 1, /* sp is no multiple of 16: accesses by sp fault (DDI 0487, D1.8.2) */
    A64_MODE_FZ = 2,     /* FPCR.FZ, FPCR.DN */
    A64_MODE_DN = 4,
    A64_MODE_FPSR = 8, /* the thread has looked at FPSR, or changed it: all its flags are exact from then on */
};

/* NZCV as a set of flags: in the order of the instructions' nzcv fields, and of bits 31 to 28 of the register. */
enum { A64_V = 1, A64_C = 2, A64_Z = 4, A64_N = 8, A64_NZCV = 15, A64_NZCV_SHIFT = 28 };

/* What the last instruction that set the flags did, stored instead of them: the flags are those of fl_p + fl_q or of
 * fl_p - fl_q. Of 32-bit operations the low halves count. */
enum a64_record { A64_RECORD_NONE, A64_RECORD_ADD32, A64_RECORD_SUB32, A64_RECORD_ADD64, A64_RECORD_SUB64 };

TANDEM_BEGIN_DECLS
extern const struct ir_state a64_state_table;
/* NZCV as in the register and in PSTATE of signal frames: bits 31 to 28. */
uint32_t a64_get_nzcv(const struct a64_state *s);
void a64_set_nzcv(struct a64_state *s, uint32_t nzcv);
/* struct guest_cpu's: brings a record into the rows. */
void a64_settle(struct cpu *cpu);
TANDEM_END_DECLS

static inline struct a64_state *a64_state_of(struct cpu *cpu) { return (struct a64_state *)cpu->guest; }
static inline const struct a64_state *a64_state_const(const struct cpu *cpu)
{
    return (const struct a64_state *)cpu->guest;
}
/* Row of x[n], n = 0..30, or of sp, n = 31; of v[n]. */
static inline unsigned a64_row_x(unsigned n) { return A64_ROW_x0 + n; }
static inline unsigned a64_row_v(unsigned n) { return A64_ROW_v0 + n; }

#endif
