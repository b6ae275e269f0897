/* SPDX-License-Identifier: Apache-2.0 */
/* Simplification of guest state, memory addresses and exits. See simplify.c.
 *
 * I1  row_value[r] is forgotten when anything but a PUT of r may change it: a helper that writes state, or a tier that
 *     leaves out a PUT of what is dead then (DEAD_FLAGS).
 */
#include "src/ir/simplify/simplify_state.h"

#include <string.h>

#include "src/ir/simplify/look.h"

ir_ref ir_rule_get(struct ir_builder *b, struct ir_insn *in)
{
    ir_ref *value = &b->row_value[in->imm];
    if (*value != IR_NO_REF)
        return *value;
    if (b->count < IR_MAX_INSNS - 1)
        *value = (ir_ref)b->count; /* where it will be appended */
    return IR_NO_REF;
}

ir_ref ir_rule_put(struct ir_builder *b, struct ir_insn *in)
{
    ir_ref *value = &b->row_value[in->imm];
    if (*value == in->arg[0])
        return IR_DROPPED;
    *value = in->arg[0];
    return IR_NO_REF;
}

ir_ref ir_rule_forget(struct ir_builder *b, struct ir_insn *in)
{
    if (ir_insn_effects(in) & IR_FX_WSTATE)
        memset(b->row_value, 0xff, b->state->count * sizeof *b->row_value);
    return IR_NO_REF;
}

ir_ref ir_rule_dead_flags(struct ir_builder *b, struct ir_insn *in)
{
    for (unsigned n = 0; n < b->state->flag_count; n++)
        if (in->imm >> n & 1)
            b->row_value[b->state->flags[n]] = IR_NO_REF;
    return IR_NO_REF;
}

ir_ref ir_rule_memory(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *addr = ir_def(b, in->arg[0]);
    int_u128 offset;
    if (in->op == IR_PREFETCH)
        return IR_NO_REF;
    if (addr->op == IR_ADD && ir_const_of(b, addr->arg[1], &offset)) {
        in->arg[0] = addr->arg[0];
        in->imm += (uint64_t)offset;
    }
    return IR_NO_REF;
}

ir_ref ir_rule_store(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *value = ir_def(b, in->arg[1]);
    if (value->op == IR_SEXT || value->op == IR_ZEXT) {
        enum ir_type from = ir_type_of(b, value->arg[0]);
        if (from != IR_I1 && ir_type_bits(from) >= ir_type_bits(ir_mem_type(in->aux))) {
            in->arg[1] = value->arg[0];
            in->type = from;
        }
    }
    return ir_rule_memory(b, in);
}

ir_ref ir_rule_side_exit(struct ir_builder *b, struct ir_insn *in)
{
    return ir_is_const_value(b, in->arg[0], 0) ? IR_DROPPED : IR_NO_REF;
}

ir_ref ir_rule_jump_reg(struct ir_builder *b, struct ir_insn *in)
{
    const struct ir_insn *target = ir_def(b, in->arg[0]);
    if (target->op != IR_CONST)
        return IR_NO_REF;
    in->imm = target->imm;
    in->op = IR_JUMP;
    in->arg[0] = IR_NO_REF;
    if (in->aux == IR_HINT_RET)
        in->aux = IR_HINT_NONE;
    return IR_NO_REF;
}
