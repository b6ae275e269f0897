/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about operations and types, expanded from ir_ops.def.
 *
 * I1  A signature is "result:operands", one letter each, so its length gives the number of operands.
 */
#include "src/ir/internal.h"

#define PURE   IR_FX_PURE
#define RSTATE IR_FX_RSTATE
#define WSTATE IR_FX_WSTATE
#define RMEM   IR_FX_RMEM
#define WMEM   IR_FX_WMEM
#define FAULT  IR_FX_FAULT
#define FPOBS  IR_FX_FPOBS
#define FPFLAG IR_FX_FPFLAG
#define EXIT   IR_FX_EXIT
#define END    IR_FX_END

const struct ir_op_info ir_op_infos[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, effects) [IR_##name] = {text, sig, IR_AUX_##aux, effects},
#include "src/ir/ir_ops.def"
#undef OP
};

/* I1: without the result, the colon and the terminating zero */
const struct ir_op_facts ir_op_facts[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, effects) [IR_##name] = {effects, sizeof(sig) - 3, (sig)[0] != '-'},
#include "src/ir/ir_ops.def"
#undef OP
};

unsigned ir_insn_effects(const struct ir_insn *insn) { return ir_facts(insn).effects; }

unsigned ir_insn_arg_count(const struct ir_insn *insn) { return ir_facts(insn).args; }

uint32_t ir_exit_mode(const struct ir_block *block, uint32_t at)
{
    unsigned row = block->state->mode_row;
    while (row && at-- > 0) {
        const struct ir_insn *in = &block->insns[at];
        if (in->op == IR_PUT && in->imm == row)
            return (uint32_t)block->insns[in->arg[0]].imm;
    }
    return block->mode;
}

enum ir_type ir_insn_result_type(const struct ir_insn *insn)
{
    switch (ir_op_infos[insn->op].sig[0]) {
    case 'B':
        return IR_I1;
    case '-':
        return IR_VOID;
    default:
        return (enum ir_type)insn->type;
    }
}

static const struct {
    const char *name;
    uint16_t bits;
} types[IR_TYPE_COUNT] = {
    [IR_VOID] = {"void", 0}, [IR_I1] = {"i1", 1},    [IR_I8] = {"i8", 8},       [IR_I16] = {"i16", 16},
    [IR_I32] = {"i32", 32},  [IR_I64] = {"i64", 64}, [IR_I128] = {"i128", 128}, [IR_F32] = {"f32", 32},
    [IR_F64] = {"f64", 64},  [IR_F80] = {"f80", 80}, [IR_V128] = {"v128", 128}, [IR_V256] = {"v256", 256},
};

unsigned ir_type_bits(enum ir_type t) { return t < IR_TYPE_COUNT ? types[t].bits : 0; }

const char *ir_type_name(enum ir_type t) { return t < IR_TYPE_COUNT ? types[t].name : "?"; }
