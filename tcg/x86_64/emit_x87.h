/* SPDX-License-Identifier: Apache-2.0 */
/* x87 operations that are rows of other emitters, too. */
#ifndef TANDEM_TCG_X86_64_EMIT_X87_H
#define TANDEM_TCG_X86_64_EMIT_X87_H

#include "tcg/common/context.h"

/* FNEG, FABS of f80 */
void tcg_x87_sign(struct tcg *t, const struct ir_insn *in, bool abs);

#endif
