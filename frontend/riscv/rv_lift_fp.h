/* SPDX-License-Identifier: Apache-2.0 */
/* Beside the lifters of F and D: what quiet compares need of them. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LIFT_FP_H
#define TANDEM_FRONTEND_RISCV_RV_LIFT_FP_H

#include "frontend/riscv/rv_context.h"

/* The compare i without flags. */
void rv_lift_fcmp_noexc(struct rv_lift *l, const struct rv_insn *i);

#endif
