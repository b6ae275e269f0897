/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the register allocator (regalloc.c, regalloc_row.c). Emitters use internal.h only. */
#ifndef TANDEM_TCG_COMMON_REGALLOC_H
#define TANDEM_TCG_COMMON_REGALLOC_H

#include "tcg/x86_64/internal.h"

#define HX_SCRATCH_GPR ((1u << HX_RAX) | (1u << HX_RCX) | (1u << HX_RDX) | (1u << HX_R10) | (1u << HX_R11))

static inline uint32_t ra_scratch_of(const struct tcg *t, enum tcg_reg_class rc)
{
    return rc == TCG_RC_GPR ? HX_SCRATCH_GPR : t->scratch_xmm;
}
static inline bool ra_is_scratch(const struct tcg *t, int reg)
{
    return reg >= 0 && (HX_SCRATCH_GPR | t->scratch_xmm) >> reg & 1;
}

/* Lists of the values in each register */
void ra_link(struct tcg *t, ir_ref v, int reg);
void ra_unlink(struct tcg *t, ir_ref v);
void ra_relink_all(struct tcg *t, int from, int to);
/* A scratch register with nothing in it, not one of avoid; spills if need be. */
int ra_alloc(struct tcg *t, enum tcg_reg_class rc, uint32_t avoid);
/* Loads a value that is in no register into a scratch one. */
int ra_load_value(struct tcg *t, ir_ref v);
/* Homes: a value's place in memory */
unsigned ra_slot_count(unsigned type);
void ra_take_slot(struct tcg *t, ir_ref v);
void ra_drop_home(struct tcg *t, ir_ref v);
/* Makes sure that a value in a register has a home. */
void ra_save_value(struct tcg *t, ir_ref v);
/* A value whose home is a state row gets another one (or a register), because the row changes. */
void ra_leave_row(struct tcg *t, ir_ref v, bool to_slot);

#endif
