/* SPDX-License-Identifier: Apache-2.0 */
/* Operands that are more than a register. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_OPERAND_H
#define TANDEM_FRONTEND_AARCH64_A64_OPERAND_H

#include "frontend/aarch64/a64_context.h"

TANDEM_BEGIN_DECLS
/* Rm, shifted by bits 15 to 10 in the way of bits 23 and 22, in the width of sf. */
ir_ref a64_shifted(struct a64_lift *l, const struct a64_insn *i);
/* Rm, extended as bits 15 to 13 say, shifted left by amount: i64, of which 32-bit instructions take the low half. */
ir_ref a64_extended(struct a64_lift *l, const struct a64_insn *i, unsigned amount);
TANDEM_END_DECLS

#endif
