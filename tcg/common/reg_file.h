/* SPDX-License-Identifier: Apache-2.0 */
/* Which value is in which host register, and which place in memory is its home: see reg_file.c. */
#ifndef TANDEM_TCG_COMMON_REG_FILE_H
#define TANDEM_TCG_COMMON_REG_FILE_H

#include "tcg/common/host.h"

static inline bool ra_is_scratch(const struct tcg *t, int reg)
{
    return (t->scratch[TCG_RC_GPR] | t->scratch[TCG_RC_FPR]) & tcg_bit(reg);
}
static inline bool ra_is_locked(const struct tcg *t, int reg) { return t->locked & tcg_bit(reg); }

void ra_init(struct tcg *t);

/* Lists of the values in each register */
void ra_link(struct tcg *t, ir_ref v, int reg);
void ra_unlink(struct tcg *t, ir_ref v);
void ra_relink_all(struct tcg *t, int from, int to);
/* Everything in reg is used by the current instruction for the last time (or nothing is there). */
bool ra_all_dying(const struct tcg *t, int reg);

/* Homes */
struct tcg_mem ra_row_mem(const struct tcg *t, unsigned row);
/* The place that a value's home stands for, and that of a value that is in memory. */
struct tcg_mem ra_mem_of_home(const struct tcg *t, unsigned home);
struct tcg_mem ra_home_mem(const struct tcg *t, ir_ref v);
bool ra_in_slot(const struct tcg *t, ir_ref v);
unsigned ra_slot_count(unsigned type);
void ra_take_slot(struct tcg *t, ir_ref v);
void ra_drop_home(struct tcg *t, ir_ref v);
/* Makes sure that v, which is in a register, survives its loss. */
void ra_save_value(struct tcg *t, ir_ref v);
/* The same for all that is in a register, which is empty then. */
void ra_spill(struct tcg *t, int reg);

/* Choice */
tcg_regset ra_free_regs(const struct tcg *t, tcg_regset set);
/* One of a set that is not empty: the first, or any if registers are chosen at random. */
int ra_pick(struct tcg *t, tcg_regset set);
/* A scratch register with nothing in it, not one of avoid; spills if need be. */
int ra_alloc(struct tcg *t, enum tcg_reg_class rc, tcg_regset avoid);
/* A scratch register without content until the end of the instruction. */
int ra_tmp(struct tcg *t, enum tcg_reg_class rc);
void ra_lock_tmp(struct tcg *t, int reg);
/* Gives a temporary (or a locked operand that is no longer needed) back early. */
void ra_unlock(struct tcg *t, int reg);

#endif
