/* SPDX-License-Identifier: Apache-2.0 */
/* Which lifter a row of the table has. */
#include "frontend/aarch64/a64_dispatch.h"

a64_lift_fn *const a64_lifters[A64_OP_COUNT] = {
#define A64_INSN(id, name, pattern, operands, feature, kind, flags, check, lifter, arg, section) a64_lift_##lifter,
#include "frontend/aarch64/a64_table.def"
};
