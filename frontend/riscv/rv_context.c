/* SPDX-License-Identifier: Apache-2.0 */
/* What an instruction does that is none. */
#include "frontend/riscv/rv_context.h"

void rv_lift_illegal(struct rv_lift *l) { ir_trap(l->b, IR_TRAP_ILLEGAL, l->pc); }
