/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of the table to its lifter. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_DISPATCH_H
#define TANDEM_FRONTEND_AARCH64_A64_DISPATCH_H

#include "frontend/aarch64/a64_lifters.h"

TANDEM_BEGIN_DECLS
extern a64_lift_fn *const a64_lifters[A64_OP_COUNT];
TANDEM_END_DECLS

/* The lifter of a row. */
static inline a64_lift_fn *a64_lifter(const struct a64_row *row) { return a64_lifters[row - a64_rows]; }

#endif
