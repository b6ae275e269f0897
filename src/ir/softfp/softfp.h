/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 754 arithmetic in integers: every rounding mode, exact flags. What its operations (softfp_core.h) are told and
 * give back besides the result. */
#ifndef TANDEM_IR_SOFTFP_H
#define TANDEM_IR_SOFTFP_H

#include "src/ir/ir.h"

struct softfp {
    enum ir_rm rm;     /* never IR_RDYN */
    unsigned flags;    /* enum fp_flag, accumulated */
    bool tiny_before;  /* tininess before rounding */
    uint8_t nan_rule;  /* enum ir_nan_rule; the x86 one also raises FP_DE for subnormal operands */
    bool daz, ftz;     /* subnormal operands, results become zero */
    uint8_t precision; /* bits that are left of a result, of the places of its format's significand; 0: all */
    bool tiny;         /* out: a result was tiny, exact or not */
    bool rounded_up;   /* out: the last inexact result is larger in magnitude than the exact one */
    bool exact_scaled; /* out: the last tiny or overflowing result is exact with an exponent that has no limits */
};

#endif
