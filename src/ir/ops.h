/* SPDX-License-Identifier: Apache-2.0 */
/* The IR's operations and the facts about them, expanded from ops.def. */
#ifndef TANDEM_IR_OPS_H
#define TANDEM_IR_OPS_H

#include "src/base/types.h"

enum ir_op {
#define OP(name, text, sig, aux, imm, traits, effects) IR_##name,
#include "src/ir/ops.def"
    IR_OP_COUNT
};

/* Bits of ir_op_facts.effects: one for each row of effects.def. */
enum ir_effect_bit {
#define EFFECT(name, text) IR_FX_BIT_##name,
#include "src/ir/effects.def"
    IR_FX_BIT_COUNT
};
enum ir_effect {
    IR_FX_PURE = 0,
#define EFFECT(name, text) IR_FX_##name = 1 << IR_FX_BIT_##name,
#include "src/ir/effects.def"
};

/* Bits of ir_op_facts.traits; ops.def says what they mean. */
enum ir_trait { IR_COMMUTES = 1, IR_QUIET = 2, IR_CANONICAL = 4 };

/* What aux says: aux_bits.h has a section for each. */
enum ir_aux_kind {
    IR_AUX_NONE,
    IR_AUX_COND,
    IR_AUX_FCOND,
    IR_AUX_MEM,
    IR_AUX_AMO,
    IR_AUX_FP,
    IR_AUX_BITS,
    IR_AUX_FENCE,
    IR_AUX_TRAP,
    IR_AUX_HINT,
    IR_AUX_VEC,
    IR_AUX_HELPER,
    IR_AUX_X87,
    IR_AUX_X87MEM,
    IR_AUX_INSN,
    IR_AUX_COUNT
};

/* What imm is, and how the text form writes it. */
enum ir_imm_kind {
    IR_IMM_NONE,
    /* 0x1f or high:low, the bits of a constant */
    IR_IMM_VALUE,
    /* $x5, a row of the state table */
    IR_IMM_ROW,
    /* +8, bytes from the address in arg[0] */
    IR_IMM_OFFSET,
    /* 0x1000, a guest address */
    IR_IMM_PC,
    /* #1, the number of an element */
    IR_IMM_ELEM,
    /* #0x3210, the numbers of elements, 4 bits each */
    IR_IMM_SHUFFLE,
    /* 0x5, a set of status flags: bit n is the row ir_state.flags[n] */
    IR_IMM_MASK,
    /* @name, a const struct ir_helper * */
    IR_IMM_HELPER,
    /* @name, a const struct ir_vec_fn * */
    IR_IMM_VEC_FN
};

/* What a row says, small and without pointers: the translator's speed hangs on it. */
struct ir_op_facts {
    uint16_t effects; /* enum ir_effect; CALL: see ir_facts */
    uint8_t args;     /* operands; CALL: see ir_facts */
    uint8_t result;   /* IR_VOID: it defines no value; IR_I1; IR_TYPE_COUNT: one of the instruction's type */
    uint8_t aux;      /* enum ir_aux_kind */
    uint8_t imm;      /* enum ir_imm_kind */
    uint8_t traits;   /* enum ir_trait */
};

/* The rest, for the text form and for whoever checks or makes operands. */
struct ir_op_info {
    const char *text;
    const char *sig;
};

TANDEM_BEGIN_DECLS
extern const struct ir_op_facts ir_op_facts[IR_OP_COUNT];
extern const struct ir_op_info ir_op_infos[IR_OP_COUNT];
TANDEM_END_DECLS

#endif
