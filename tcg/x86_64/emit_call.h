/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of C functions: see emit_call.c. */
#ifndef TANDEM_TCG_X86_64_EMIT_CALL_H
#define TANDEM_TCG_X86_64_EMIT_CALL_H

#include "tcg/common/context.h"

/* Out of line through ir_eval: any value or memory operation. */
void tcg_fallback(struct tcg *t, const struct ir_insn *in);

#endif
