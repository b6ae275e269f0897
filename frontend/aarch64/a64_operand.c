/* SPDX-License-Identifier: Apache-2.0 */
/* Operands that are more than a register: see a64_operand.h. */
#include "frontend/aarch64/a64_operand.h"

ir_ref a64_shifted(struct a64_lift *l, const struct a64_insn *i)
{
    static const uint8_t ops[4] = {IR_SHL, IR_SHR, IR_SAR, IR_ROTR};
    const unsigned amount = a64_bits(i, 10, 6);
    ir_ref v = a64_get(l, a64_sf(i), a64_rm(i));
    return amount ? ir_bini(l->b, (enum ir_op)ops[a64_bits(i, 22, 2)], v, amount) : v;
}

ir_ref a64_extended(struct a64_lift *l, const struct a64_insn *i, unsigned amount)
{
    const unsigned option = a64_bits(i, 13, 3);
    const enum ir_type type = (enum ir_type)(IR_I8 + (option & 3));
    ir_ref v = ir_conv(l->b, IR_TRUNC, type, a64_get_x(l, a64_rm(i)));
    v = ir_conv(l->b, option & 4 ? IR_SEXT : IR_ZEXT, IR_I64, v);
    return amount ? ir_bini(l->b, IR_SHL, v, amount) : v;
}
