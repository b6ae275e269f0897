/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about IR operations, in the form in which tier 1 asks for them. */
#ifndef TANDEM_TCG_COMMON_FACTS_H
#define TANDEM_TCG_COMMON_FACTS_H

#include "tcg/common/context.h"

struct tcg_fact {
    uint8_t nargs;    /* value operands at most */
    uint8_t result;   /* IR_VOID none, IR_I1, or IR_TYPE_COUNT = the type field */
    uint16_t effects; /* enum ir_effect */
};
extern const struct tcg_fact tcg_facts[IR_OP_COUNT];

unsigned tcg_effects(const struct ir_insn *in);
/* Never a signaling NaN: the result of FP arithmetic. */
bool tcg_is_quiet(const struct tcg *t, ir_ref v);
/* And if it is a NaN, any will do. */
bool tcg_is_raw(const struct tcg *t, ir_ref v);
/* CARRY to PARITY of up to 64 bits: a flag that hosts can leave in theirs */
bool tcg_is_flag(const struct ir_insn *in);
/* Width of a vector element as a power of two bytes, floats as their bits; -1: not an element */
int tcg_elem_index(unsigned elem);

static inline unsigned tcg_nargs(const struct ir_insn *in)
{
    unsigned n = tcg_facts[in->op].nargs, k = 0;
    while (k < n && in->arg[k] != IR_NO_REF)
        k++;
    return k;
}

#endif
