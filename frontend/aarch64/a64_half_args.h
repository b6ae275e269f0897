/* SPDX-License-Identifier: Apache-2.0 */
/* What the arguments of rows of half precision say. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_HALF_ARGS_H
#define TANDEM_FRONTEND_AARCH64_A64_HALF_ARGS_H

enum {
    A64_HALF_FN = 0xff, /* enum a64_half_fn or a64_fp_fn */
    /* conversions to integers and rounding: enum ir_rm in bits 8 to 10, and */
    A64_HALF_MODE_SHIFT = 8,
    A64_HALF_INEXACT = 1 << 11, /* rounding raises it */
    A64_HALF_FIXED = 1 << 12,   /* with fraction bits */
    /* the others */
    A64_HALF_NEG = 1 << 8,
    A64_HALF_ABS = 1 << 9,         /* of the result */
    A64_HALF_MAGNITUDES = 1 << 10, /* of the operands */
    A64_HALF_ZERO = 1 << 11,       /* the other operand is zero */
    A64_HALF_SWAP = 1 << 12,       /* the operands */
    A64_HALF_NEG_ADDEND = 1 << 13,
    A64_HALF_ANY_NAN = 1 << 14, /* compares: a quiet NaN is invalid, too */
};
#define A64_HALF_MODE(rm) ((rm) << A64_HALF_MODE_SHIFT)

#endif
