/* SPDX-License-Identifier: Apache-2.0 */
/* Beside the lifter of CSR instructions: what quiet compares need of it. */
#ifndef TANDEM_FRONTEND_RISCV_RV_CSR_H
#define TANDEM_FRONTEND_RISCV_RV_CSR_H

#include "frontend/riscv/rv_context.h"

/* The accrued flags as i64. */
ir_ref rv_read_fflags(struct rv_lift *l);

#endif
