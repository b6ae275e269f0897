/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for conversions and canonical NaNs. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_SIMPLIFY_CONV_H
#define TANDEM_IR_SIMPLIFY_SIMPLIFY_CONV_H

#include "src/ir/build/builder.h"

TANDEM_BEGIN_DECLS
ir_rule ir_rule_sext, ir_rule_zext, ir_rule_trunc, ir_rule_high, ir_rule_bitcast, ir_rule_funbox, ir_rule_fcanon;
/* What ir_builder.fp_fast leaves out. */
ir_rule ir_simplify_fp_fast;
/* Replaces operands that are FCANONs which the floating-point operation *in cannot tell from their operand. */
void ir_bypass_fcanon(const struct ir_builder *b, struct ir_insn *in);
TANDEM_END_DECLS

#endif
