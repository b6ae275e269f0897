/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of C functions: see emit_call.c. */
#ifndef TANDEM_TCG_X86_64_EMIT_CALL_H
#define TANDEM_TCG_X86_64_EMIT_CALL_H

#include "tcg/common/context.h"

/* Out of line through ir_eval: any value or memory operation. */
void tcg_fallback(struct tcg *t, const struct ir_insn *in);
/* The same for what the current instruction rarely is, where the jump `from` goes: its operands, three at most, are in
 * registers, its result will be in result, another one; no other register changes. The code goes on at ->back, which is
 * the caller's to set. The operation has no memory access and does not trap. */
struct tcg_cold *tcg_cold_eval(struct tcg *t, uint32_t from, const int *operands, int result);

#endif
