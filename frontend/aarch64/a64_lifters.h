/* SPDX-License-Identifier: Apache-2.0 */
/* The lifters: every function that a row of the table names. A row whose lifter is missing does not link. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_LIFTERS_H
#define TANDEM_FRONTEND_AARCH64_A64_LIFTERS_H

#include "frontend/aarch64/a64_context.h"

TANDEM_BEGIN_DECLS
#define A64_INSN(id, name, pattern, operands, feature, kind, flags, check, lifter, arg, section)                       \
    a64_lift_fn a64_lift_##lifter;
#include "frontend/aarch64/a64_table.def"
TANDEM_END_DECLS

#endif
