/* SPDX-License-Identifier: Apache-2.0 */
/* How rules look at the operands of an instruction. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_LOOK_H
#define TANDEM_IR_SIMPLIFY_LOOK_H

#include "src/ir/build/builder.h"
#include "src/ir/int_ops.h"

static inline const struct ir_insn *ir_def(const struct ir_builder *b, ir_ref v) { return &b->insns[v]; }

static inline bool ir_const_of(const struct ir_builder *b, ir_ref v, int_u128 *bits)
{
    if (v == IR_NO_REF || b->insns[v].op != IR_CONST)
        return false;
    *bits = ir_const_bits(&b->insns[v]);
    return true;
}

static inline bool ir_is_const_value(const struct ir_builder *b, ir_ref v, uint64_t value)
{
    return b->insns[v].op == IR_CONST && ir_const_bits(&b->insns[v]) == value;
}

#endif
