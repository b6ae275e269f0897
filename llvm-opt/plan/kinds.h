/* SPDX-License-Identifier: Apache-2.0 */
/* What one instruction does to the kinds (LOPT_K_*) in which the rows are held. */
#ifndef TANDEM_LLVM_OPT_PLAN_KINDS_H
#define TANDEM_LLVM_OPT_PLAN_KINDS_H

#include "llvm-opt/plan/rows.h"
#include "src/ir/state.h"

TANDEM_BEGIN_DECLS
/* True for the FCANON of an arithmetic operation's result, whose NaN is quiet: it may be put off. */
bool lopt_is_soft_canon(const struct ir_block *block, ir_ref ref);
/* Kinds that the row of this PUT has after it. get_kinds: per value, kinds of the row at its GET. */
uint8_t lopt_put_kinds(const struct lopt_rows *rows, const struct ir_block *block, const uint8_t *get_kinds,
                       const struct ir_insn *put);
/* Applies instruction at to the state st (LOPT_K_* of each row) and to get_kinds. */
void lopt_kinds_step(const struct lopt_rows *rows, const struct ir_block *block, unsigned at, uint8_t *st,
                     uint8_t *get_kinds);
/* Takes the status flags whose bits are in dead out of the state: they are neither stored nor kept alive. */
void lopt_kinds_forget_flags(const struct lopt_rows *rows, const struct ir_state *state, uint32_t dead, uint8_t *st);
/* True if the kinds depend on the way taken. */
bool lopt_kinds_are_mixed(uint8_t st);
TANDEM_END_DECLS

#endif
