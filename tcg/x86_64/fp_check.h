/* SPDX-License-Identifier: Apache-2.0 */
/* Arm's rules on a host that has x86's: see fp_check.c. */
#ifndef TANDEM_TCG_X86_64_FP_CHECK_H
#define TANDEM_TCG_X86_64_FP_CHECK_H

#include "tcg/x86_64/fp_form.h"

/* Behind the host's instruction for the current operation, whose NaN rule is Arm's: operands in these registers, result
 * in another one, d. */
void tcg_check_result(struct tcg *t, const struct ir_insn *in, struct tcg_fp_form f, const int *operands, int d);

#endif
