/* SPDX-License-Identifier: Apache-2.0 */
/* What the builder and the passes share. Internal to src/ir. */
#ifndef TANDEM_IR_INTERNAL_H
#define TANDEM_IR_INTERNAL_H

#include "src/ir/build/builder.h"
#include "src/ir/int_ops.h"

/* ir_simplify: the instruction has no effect and no value. Not a reference, since it is above IR_MAX_INSNS. */
enum { IR_DROPPED = 0xfffe };

/* Emits *in as it stands (its fourth operand, too); what ir_emit does after collecting its arguments. */
ir_ref ir_emit_insn(struct ir_builder *b, const struct ir_insn *in);

/* Looks at an instruction about to be appended. Gives a value that it equals, IR_DROPPED, or IR_NO_REF after
 * possibly rewriting *in into something cheaper. May emit instructions of its own. simplify.c, simplify_conv.c */
ir_ref ir_simplify(struct ir_builder *b, struct ir_insn *in);

/* The rules for one operation, called by ir_simplify through its table. Same results. */
typedef ir_ref ir_rule(struct ir_builder *b, struct ir_insn *in);
ir_rule ir_rule_sext, ir_rule_zext, ir_rule_trunc, ir_rule_high, ir_rule_bitcast, ir_rule_funbox, ir_rule_fcanon;
ir_rule ir_rule_get, ir_rule_put, ir_rule_forget, ir_rule_memory, ir_rule_store, ir_rule_side_exit, ir_rule_jump_reg;
ir_rule ir_rule_vself, ir_rule_vgete, ir_rule_vsete;
/* What ir_builder.fp_fast leaves out. Results as for a rule. */
ir_rule ir_simplify_fp_fast;
/* Replaces operands that are FCANONs which the floating-point operation *in cannot tell from their operand. */
void ir_bypass_fcanon(const struct ir_builder *b, struct ir_insn *in);

/* The backward pass alone: overwritten PUTs, dead code; dead.c. Returns the new count. */
uint32_t ir_remove_dead(struct ir_insn *insns, uint32_t count, const struct ir_state *state, struct arena *scratch);

/* Reorders so that FCANONs follow each other in pairs where they can; pair_canons.c */
void ir_pair_canons(struct ir_insn *insns, uint32_t count, struct arena *scratch);

/* What the passes ask of every instruction, small and inline: the translator's speed hangs on it. CALL: see its helper.
 */
struct ir_op_facts {
    uint16_t effects;
    uint8_t args;   /* operands */
    uint8_t result; /* 0 if it defines no value */
};
extern const struct ir_op_facts ir_op_facts[IR_OP_COUNT];

static inline struct ir_op_facts ir_facts(const struct ir_insn *in)
{
    if (__builtin_expect(in->op != IR_CALL, 1))
        return ir_op_facts[in->op];
    const struct ir_helper *h = (const struct ir_helper *)(uintptr_t)in->imm;
    return (struct ir_op_facts){h->effects, h->args, h->result != IR_VOID};
}

static inline const struct ir_insn *ir_def(const struct ir_builder *b, ir_ref v) { return &b->insns[v]; }

/* Bits of a constant instruction. */
static inline int_u128 ir_const_bits(const struct ir_insn *c)
{
    if (c->type != IR_I128 && c->type < IR_F80)
        return c->imm;
    uint64_t high = c->arg[0] | (uint64_t)c->arg[1] << 16 | (uint64_t)c->arg[2] << 32 | (uint64_t)c->arg[3] << 48;
    return (int_u128)high << 64 | c->imm;
}

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
