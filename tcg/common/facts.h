/* SPDX-License-Identifier: Apache-2.0 */
/* What follows for tier 1 from the facts about IR operations (src/ir/ops.h). */
#ifndef TANDEM_TCG_COMMON_FACTS_H
#define TANDEM_TCG_COMMON_FACTS_H

#include "tcg/common/context.h"

/* Never a signaling NaN: the result of FP arithmetic (IR_QUIET). */
bool tcg_is_quiet(const struct tcg *t, ir_ref v);
/* And if it is a NaN, any will do. */
bool tcg_is_raw(const struct tcg *t, ir_ref v);
/* CARRY to PARITY of up to 64 bits: a flag that hosts can leave in theirs */
bool tcg_is_flag(const struct ir_insn *in);
/* Width of a vector element as a power of two bytes, floats as their bits; -1: not an element */
int tcg_elem_index(unsigned elem);

#endif
