/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs: names for the disassembler, and facts about the counters. */
#ifndef TANDEM_FRONTEND_RISCV_RV_CSR_H
#define TANDEM_FRONTEND_RISCV_RV_CSR_H

#include "src/base/types.h"

/* The time CSR ticks at 10 MHz, as QEMU's virt machine does: one tick is 100 ns of CLOCK_MONOTONIC. */
enum { RV_TIME_HZ = 10000000 };

TANDEM_BEGIN_DECLS
/* Name of a CSR, NULL if user mode has none of that number. Any thread. */
const char *rv_csr_name(unsigned number);
TANDEM_END_DECLS

#endif
