/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of operations: emitters from ops.def, facts from src/ir/ir_ops.def.
 *
 * I1  ops.def has exactly one row for each operation: the number of rows is asserted, and a second row for one
 * operation is a warning (overridden initializer), which is an error.
 */
#include "tcg/x86_64/internal.h"

enum {
    ROW_COUNT = 0
#define EMIT(op, fn, param) +1
#include "tcg/x86_64/ops.def"
#undef EMIT
};
static_assert((int)ROW_COUNT == (int)IR_OP_COUNT, "an operation has no row in ops.def");

const struct tcg_op tcg_ops[IR_OP_COUNT] = {
#define EMIT(op, fn, param) [IR_##op] = {tcg_emit_##fn, param},
#include "tcg/x86_64/ops.def"
#undef EMIT
};

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
