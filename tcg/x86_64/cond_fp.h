/* SPDX-License-Identifier: Apache-2.0 */
/* Compares of floats in the host's flags: see cond_fp.c. */
#ifndef TANDEM_TCG_X86_64_COND_FP_H
#define TANDEM_TCG_X86_64_COND_FP_H

#include "tcg/x86_64/cond_type.h"

/* FCMP part of tcg_emit_cond */
struct tcg_cond tcg_emit_fp_cond(struct tcg *t, const struct ir_insn *in, uint32_t *start);
/* A NaN test in integers, which raises nothing whatever the value: |bits| above infinity. HX_CC_A if a is a
 * NaN. g, inf: scratch */
void tcg_test_nan_bits(struct tcg *t, const struct ir_insn *in, int a, int g, int inf);

#endif
