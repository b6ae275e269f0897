/* SPDX-License-Identifier: Apache-2.0 */
/* Which lifter a row of rv_insns.def has. */
#include "frontend/riscv/rv_dispatch.h"

rv_lift_fn *const rv_lifters[RV_OP_COUNT] = {
#define RV_INSN(id, name, pattern, format, operands, ext, kind, check, lifter, arg) rv_lift_##lifter,
#include "frontend/riscv/rv_insns.def"
};
