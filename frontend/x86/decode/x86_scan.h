/* SPDX-License-Identifier: Apache-2.0 */
/* Which status flags are alive where in a block; what an instruction does to memory. */
#ifndef TANDEM_FRONTEND_X86_DECODE_X86_SCAN_H
#define TANDEM_FRONTEND_X86_DECODE_X86_SCAN_H

#include "frontend/block.h"
#include "frontend/x86/decode/x86_decode.h"

/* Fills live and stored of the block's instructions, and notes the bytes that were looked at behind them. */
void x86_scan(struct guest_block *k, struct x86_decoded *insns, bool is64);
/* Does the instruction store to memory? */
bool x86_writes_memory(const struct x86_decoded *d);

#endif
