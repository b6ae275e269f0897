/* SPDX-License-Identifier: Apache-2.0 */
/* LR/SC sequences; see rv_lift_atomic.c. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LIFT_ATOMIC_H
#define TANDEM_FRONTEND_RISCV_RV_LIFT_ATOMIC_H

#include "frontend/riscv/rv_decode.h"

/* How many bytes an LR at code[0] and the rest of its sequence take if they can be lifted as a load and a
 * compare-and-swap; 0 if not. *insns: instructions of it. */
unsigned rv_llsc_scan(const struct rv_insn *lr, const uint8_t *code, size_t avail, uint64_t features, unsigned *insns);

#endif
