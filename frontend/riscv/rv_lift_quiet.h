/* SPDX-License-Identifier: Apache-2.0 */
/* Quiet compares; see rv_lift_quiet.c. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LIFT_QUIET_H
#define TANDEM_FRONTEND_RISCV_RV_LIFT_QUIET_H

#include "frontend/riscv/rv_context.h"

/* If the instruction at hand begins a compare wrapped in frflags and fsflags, lifts the three instructions, and true.
 * insns: the decoded instructions of the block from it on. */
bool rv_lift_quiet_compare(struct guest_block *k, const struct rv_insn *insns);

#endif
