/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions in the host's flags: see cond.c. */
#ifndef TANDEM_TCG_X86_64_COND_H
#define TANDEM_TCG_X86_64_COND_H

#include "tcg/x86_64/cond_type.h"

/* Emits code that sets the flags for i1 value v; start: offset where the code that sets flags begins. */
struct tcg_cond tcg_emit_cond(struct tcg *t, ir_ref v, uint32_t *start);
/* reg32 := 0 or 1 */
void tcg_emit_setcond(struct tcg *t, struct tcg_cond c, int reg);

#endif
