/* SPDX-License-Identifier: Apache-2.0 */
/* Registers for operands and results of the current instruction: what emitters ask for. See regalloc.c. */
#ifndef TANDEM_TCG_COMMON_REGALLOC_H
#define TANDEM_TCG_COMMON_REGALLOC_H

#include "tcg/common/host.h"

/* The value in a register of its class, locked until the end of the instruction. */
int ra_use(struct tcg *t, ir_ref v);
/* Loads v into reg without touching the allocation (v must not be fused). */
void ra_load_into(struct tcg *t, int reg, ir_ref v);
/* Loads a value that is in no register into a scratch one. */
int ra_load_value(struct tcg *t, ir_ref v);

/* The register for the result of the current instruction: the hinted one, else prefer or prefer2 if they come free
 * here, else any. Never one of avoid. */
int ra_def(struct tcg *t, int prefer, int prefer2, tcg_regset avoid);
/* Result is in reg, a temporary: make it the result's register (or move it to the hinted one). */
void ra_def_in(struct tcg *t, int reg);
/* The result is the same bits as v: share its register. */
void ra_def_alias(struct tcg *t, ir_ref v);
/* The result is in a fresh spill slot (class TCG_RC_MEM): its place. */
struct tcg_mem ra_def_mem(struct tcg *t);

/* Reserves one particular scratch register as a temporary; what lives there moves. */
void ra_take(struct tcg *t, int reg);
/* Reserves scratch register reg and puts a copy of v there. keep: v is used by this instruction otherwise, too. */
void ra_take_copy(struct tcg *t, int reg, ir_ref v, bool keep);
/* Moves everything that lives on out of scratch registers; all: out of pinned registers and state rows, too (the
 * current instruction changes guest state behind the translator's back). */
void ra_flush(struct tcg *t, bool all);
/* The current instruction is done: releases what it used for the last time. */
void ra_end(struct tcg *t);

#endif
