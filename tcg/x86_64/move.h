/* SPDX-License-Identifier: Apache-2.0 */
/* Moves between registers, memory and constants: see move.c and host.h. */
#ifndef TANDEM_TCG_X86_64_MOVE_H
#define TANDEM_TCG_X86_64_MOVE_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

void tcg_move(struct tcg *t, int dst, int src);
void tcg_load(struct tcg *t, unsigned type, int reg, struct tcg_mem m);
void tcg_store(struct tcg *t, unsigned type, struct tcg_mem m, int reg);
void tcg_load_const(struct tcg *t, int reg, ir_ref v);
bool tcg_store_const(struct tcg *t, struct tcg_mem m, ir_ref v);
void tcg_copy_wide(struct tcg *t, unsigned type, struct tcg_mem to, struct tcg_mem from);
void tcg_write_const(struct tcg *t, struct tcg_mem m, ir_ref v);

#endif
