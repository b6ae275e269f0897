/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about operations, expanded from ops.def.
 *
 * I1  A signature is "result:operands", one letter each, so its length gives the number of operands.
 */
#include "src/ir/ops.h"

#include "src/ir/type.h"

/* The names that the rows use. */
enum {
    PURE = IR_FX_PURE,
#define EFFECT(name, text) name = IR_FX_##name,
#include "src/ir/effects.def"
    COMMUTES = IR_COMMUTES,
    QUIET = IR_QUIET,
    CANONICAL = IR_CANONICAL
};

/* I1: without the result, the colon and the terminating zero */
#define ARGS_OF(sig)   (sizeof(sig) - 3)
#define RESULT_OF(sig) ((sig)[0] == '-' ? IR_VOID : (sig)[0] == 'B' ? IR_I1 : IR_TYPE_COUNT)

const struct ir_op_facts ir_op_facts[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, imm, traits, fx)                                                                      \
    [IR_##name] = {fx, ARGS_OF(sig), RESULT_OF(sig), IR_AUX_##aux, IR_IMM_##imm, traits},
#include "src/ir/ops.def"
};

const struct ir_op_info ir_op_infos[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, imm, traits, fx) [IR_##name] = {text, sig},
#include "src/ir/ops.def"
};
