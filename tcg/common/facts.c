/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about operations, from src/ir/ir_ops.def. */
#include "tcg/common/facts.h"

/* The names that ir_ops.def uses for effects */
enum {
    PURE = IR_FX_PURE,
    RSTATE = IR_FX_RSTATE,
    WSTATE = IR_FX_WSTATE,
    RMEM = IR_FX_RMEM,
    WMEM = IR_FX_WMEM,
    FAULT = IR_FX_FAULT,
    FPOBS = IR_FX_FPOBS,
    FPFLAG = IR_FX_FPFLAG,
    EXIT = IR_FX_EXIT,
    END = IR_FX_END
};
#define RESULT_OF(sig) ((sig)[0] == '-' ? IR_VOID : (sig)[0] == 'B' ? IR_I1 : IR_TYPE_COUNT)

const struct tcg_fact tcg_facts[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, fx) [IR_##name] = {sizeof(sig) - 3, RESULT_OF(sig), fx},
#include "src/ir/ir_ops.def"
#undef OP
};

unsigned tcg_effects(const struct ir_insn *in)
{
    if (in->op == IR_CALL)
        return ((const struct ir_helper *)(uintptr_t)in->imm)->effects;
    return tcg_facts[in->op].effects;
}

bool tcg_is_quiet(const struct tcg *t, ir_ref v)
{
    return tcg_facts[t->insns[v].op].effects & IR_FX_FPFLAG && t->insns[v].op != IR_FCMP;
}

bool tcg_is_raw(const struct tcg *t, ir_ref v) { return tcg_is_quiet(t, v) && !(t->insns[v].aux & IR_FP_NAN); }

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
