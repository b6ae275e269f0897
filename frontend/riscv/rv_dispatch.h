/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of rv_insns.def to its lifter. */
#ifndef TANDEM_FRONTEND_RISCV_RV_DISPATCH_H
#define TANDEM_FRONTEND_RISCV_RV_DISPATCH_H

#include "frontend/riscv/rv_lifters.h"

TANDEM_BEGIN_DECLS
extern rv_lift_fn *const rv_lifters[RV_OP_COUNT];
TANDEM_END_DECLS

/* The lifter of a row. */
static inline rv_lift_fn *rv_lifter(const struct rv_row *row) { return rv_lifters[row - rv_rows]; }

#endif
