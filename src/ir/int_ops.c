/* SPDX-License-Identifier: Apache-2.0 */
/* Constant folding: evaluates integer operations by the rows of int_ops.def.
 *
 * I1  Only operations without effects are here; floating point is never folded, since it raises flags and depends on
 *     the rounding mode.
 */
#include "src/ir/int_ops.h"

static const uint8_t arg_counts[IR_OP_COUNT] = {
#define INT1(name, expr) [IR_##name] = 1,
#define INT2(name, expr) [IR_##name] = 2,
#define INT3(name, expr) [IR_##name] = 3,
#include "src/ir/int_ops.def"
#undef INT1
#undef INT2
#undef INT3
};

unsigned ir_int_args(unsigned op) { return arg_counts[op]; }

bool ir_int_fold(const struct ir_insn *insn, unsigned operand_bits, const int_u128 args[3], int_u128 *result)
{
    int_u128 a = args[0], b = args[1], c = args[2], r;
    unsigned w = ir_type_bits((enum ir_type)insn->type), aw = operand_bits, aux = insn->aux;
    switch (insn->op) {
#define INT1(name, expr)                                                                                               \
    case IR_##name:                                                                                                    \
        r = expr;                                                                                                      \
        break;
#define INT2(name, expr) INT1(name, expr)
#define INT3(name, expr) INT1(name, expr)
#include "src/ir/int_ops.def"
#undef INT1
#undef INT2
#undef INT3
    default:
        return false;
    }
    *result = r & int_mask(ir_type_bits(ir_insn_result_type(insn)));
    return true;
}
