/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which vector registers are held as two halves. */
#ifndef TANDEM_LLVM_OPT_PLAN_SPLIT_H
#define TANDEM_LLVM_OPT_PLAN_SPLIT_H

#include "llvm-opt/plan/rows.h"
#include "src/ir/region.h"

TANDEM_BEGIN_DECLS
/* True for VGETE and VSETE of the lower f64. */
bool lopt_split_is_low(const struct ir_insn *in);
/* Notes what instruction at does with V128 rows. */
void lopt_split_count(struct lopt_rows *rows, const struct ir_region_block *rb, ir_ref at);
/* Sets lopt_row.split from what was noted. */
void lopt_split_choose(struct lopt_rows *rows);
TANDEM_END_DECLS

#endif
