/* SPDX-License-Identifier: Apache-2.0 */
/* Recognizes sequences of load and store exclusive. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_LIFT_ATOMIC_H
#define TANDEM_FRONTEND_AARCH64_A64_LIFT_ATOMIC_H

#include "frontend/aarch64/a64_decode.h"

/* load is a load exclusive of one register at code (avail bytes readable). Its length in bytes if a sequence that can
 * be lifted as one begins there, with the number of its instructions in *insns; else 0. */
unsigned a64_llsc_scan(const struct a64_insn *load, const uint8_t *code, size_t avail, uint64_t features,
                       unsigned *insns);

#endif
