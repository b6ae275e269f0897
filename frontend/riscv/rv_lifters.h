/* SPDX-License-Identifier: Apache-2.0 */
/* The lifters: every function that a row of rv_insns.def names. A row whose lifter is missing does not link. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LIFTERS_H
#define TANDEM_FRONTEND_RISCV_RV_LIFTERS_H

#include "frontend/riscv/rv_context.h"

TANDEM_BEGIN_DECLS
#define RV_INSN(id, name, pattern, format, operands, ext, kind, check, lifter, arg) rv_lift_fn rv_lift_##lifter;
#include "frontend/riscv/rv_insns.def"
/* An indirect jump or call, but no return. */
bool rv_jumps_anywhere(const struct rv_insn *i);
TANDEM_END_DECLS

#endif
