/* SPDX-License-Identifier: Apache-2.0 */
/* What the arguments of rows of floating point say. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_FP_ARGS_H
#define TANDEM_FRONTEND_AARCH64_A64_FP_ARGS_H

/* The IR operation, or the relation of a compare, in bits 0 to 7. */
#define A64_FP_OP(arg) ((arg)&0xffu)
enum {
    A64_FP_NEG = 1 << 8,
    A64_FP_NEG_ADDEND = 1 << 9,
    A64_FP_ABS = 1 << 10,
    A64_FP_MAX = 1 << 11,
    A64_FP_NUM = 1 << 12,  /* a number wins against a quiet NaN */
    A64_FP_ZERO = 1 << 13, /* the other operand is zero */
    A64_FP_SIGNALING = 1 << 14,
    A64_FP_SWAP = 1 << 15,
};

#endif
