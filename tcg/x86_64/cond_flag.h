/* SPDX-License-Identifier: Apache-2.0 */
/* Carry, borrow, overflow and parity in the host's flags: see cond_flag.c. */
#ifndef TANDEM_TCG_X86_64_COND_FLAG_H
#define TANDEM_TCG_X86_64_COND_FLAG_H

#include "tcg/x86_64/cond_type.h"

/* CARRY to PARITY of up to 64 bits (tcg_is_flag) */
struct tcg_cond tcg_emit_flag(struct tcg *t, const struct ir_insn *in, uint32_t *start);
/* The register of a carry that comes in, an i1; TCG_NO_REG: it is known to be 0. */
int tcg_use_carry(struct tcg *t, ir_ref c);
/* CF := the carry in register c, if there is one. Other flags change. */
void tcg_carry_to_cf(struct tcg *t, int c);
/* d := d op b, or d op b op CF */
void tcg_alu_with(struct tcg *t, bool sub, bool with_carry, unsigned size, int d, int b);

#endif
