/* SPDX-License-Identifier: Apache-2.0 */
/* struct rv_state: the RISC-V registers at the start of cpu->guest, and the row numbers by which IR names them. Both
 * come from rv_state.def. Owned by the thread of its struct cpu. */
#ifndef TANDEM_FRONTEND_RISCV_RV_STATE_H
#define TANDEM_FRONTEND_RISCV_RV_STATE_H

#include "src/ir/ir.h"
#include "src/ir/state.h"

struct rv_state {
#define RV_REG(field, c_type, ir_type, name) c_type field;
#include "frontend/riscv/rv_state.def"
};

enum rv_reg_row {
#define RV_REG(field, c_type, ir_type, name) RV_ROW_##field,
#include "frontend/riscv/rv_state.def"
    RV_ROW_RESERVATION, /* address of the LL/SC reservation, so that lifted LR/SC loops can drop it */
    RV_ROW_COUNT
};

/* Translation modes (cpu->mode): what a dynamic rounding mode means, as far as the host's FP environment cannot say
 * it. */
enum rv_mode {
    RV_MODE_HOST_RM,    /* frm is 0..3: IR_RDYN */
    RV_MODE_RMM,        /* frm is 4, ties away: lifted as IR_RMM */
    RV_MODE_INVALID_RM, /* frm is 5..7: instructions with a dynamic rounding mode are illegal */
};

enum { RV_FRM_RMM = 4, RV_RM_DYN = 7, RV_FFLAGS_MASK = 0x1f };

TANDEM_BEGIN_DECLS
extern const struct ir_state rv_state_table;
TANDEM_END_DECLS

static inline struct rv_state *rv_state_of(struct cpu *cpu) { return (struct rv_state *)cpu->guest; }
static inline const struct rv_state *rv_state_const(const struct cpu *cpu)
{
    return (const struct rv_state *)cpu->guest;
}
/* Row of x[n], n = 1..31, and of f[n], n = 0..31. */
static inline unsigned rv_row_x(unsigned n) { return RV_ROW_x1 + n - 1; }
static inline unsigned rv_row_f(unsigned n) { return RV_ROW_f0 + n; }
/* The mode that a value of frm calls for. */
static inline uint32_t rv_mode_of_frm(uint32_t frm)
{
    return frm < RV_FRM_RMM ? RV_MODE_HOST_RM : frm == RV_FRM_RMM ? RV_MODE_RMM : RV_MODE_INVALID_RM;
}

#endif
