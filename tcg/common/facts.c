/* SPDX-License-Identifier: Apache-2.0 */
/* What follows for tier 1 from the facts about IR operations. */
#include "tcg/common/facts.h"

bool tcg_is_quiet(const struct tcg *t, ir_ref v) { return ir_insn_is_quiet(&t->insns[v]); }

bool tcg_is_raw(const struct tcg *t, ir_ref v) { return tcg_is_quiet(t, v) && !ir_fp_nan_rule(t->insns[v].aux); }

bool tcg_is_flag(const struct ir_insn *in)
{
    return in->op >= IR_CARRY && in->op <= IR_PARITY && in->type >= IR_I8 && in->type <= IR_I64;
}

int tcg_elem_index(unsigned elem)
{
    if (elem == IR_F32 || elem == IR_F64)
        return elem == IR_F32 ? 2 : 3;
    return elem >= IR_I8 && elem <= IR_I64 ? (int)elem - IR_I8 : -1;
}
