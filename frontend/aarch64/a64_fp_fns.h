/* SPDX-License-Identifier: Apache-2.0 */
/* Rare floating-point functions in C: estimates, steps, half precision. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_FP_FNS_H
#define TANDEM_FRONTEND_AARCH64_A64_FP_FNS_H

#include "src/ir/ir.h"

enum a64_fp_fn {
    A64_FN_FMULX,
    A64_FN_FRECPS,
    A64_FN_FRSQRTS,
    A64_FN_FRECPE,
    A64_FN_FRSQRTE,
    A64_FN_FRECPX,
    A64_FN_URECPE,
    A64_FN_URSQRTE,
    A64_FN_TO_HALF,
    A64_FN_FROM_HALF,
    A64_FN_WIDTH_SHIFT = 8 /* the float's width in bits 8 and up */
};

/* a, b: bits of floats (of the operand's width); c: enum a64_fp_fn and width; d: FPCR. Raises flags. */
extern const struct ir_helper a64_fp_helper;

#endif
