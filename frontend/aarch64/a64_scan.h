/* SPDX-License-Identifier: Apache-2.0 */
/* Which flags are alive where in a block. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_SCAN_H
#define TANDEM_FRONTEND_AARCH64_A64_SCAN_H

#include "frontend/aarch64/a64_decode.h"
#include "frontend/block.h"

/* Fills live, stored and taken of the block's instructions, and notes the bytes that were looked at behind them. */
void a64_scan(struct guest_block *k, struct a64_insn *insns);

#endif
