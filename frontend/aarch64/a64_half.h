/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on half precision (FEAT_FP16), by softfp. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_HALF_H
#define TANDEM_FRONTEND_AARCH64_A64_HALF_H

#include "src/ir/softfp/softfp.h"

/* Functions, in bits 0 to 7 of what lifters tell the helper; behind those of enum a64_fp_fn. */
enum a64_half_fn {
    A64_HALF_ADD = 64,
    A64_HALF_SUB,
    A64_HALF_MUL,
    A64_HALF_DIV,
    A64_HALF_FMA, /* addend in bits 16 to 31 of a */
    A64_HALF_SQRT,
    A64_HALF_ROUND,
    A64_HALF_MAX,
    A64_HALF_MIN,
    A64_HALF_MAXNUM,
    A64_HALF_MINNUM,
    A64_HALF_EQ, /* compares give a mask */
    A64_HALF_GE,
    A64_HALF_GT,
    A64_HALF_NZCV, /* in bits 31 to 28 */
    A64_HALF_TO_S,
    A64_HALF_TO_U,
    A64_HALF_FROM_S,
    A64_HALF_FROM_U,
};

/* Further bits: */
enum {
    A64_HALF_RM_SHIFT = 16, /* enum ir_rm, if it is not FPCR's: IR_RDYN */
    A64_HALF_EXACT = 1 << 19,
    A64_HALF_SIGNALING = 1 << 20,
    A64_HALF_INT_SHIFT = 21,      /* log2 of the integer's bits */
    A64_HALF_FRACTION_SHIFT = 24, /* fraction bits of the integer */
};

TANDEM_BEGIN_DECLS
/* Function `which`; s has the mode of FPCR and collects flags. */
uint64_t a64_half_run(struct softfp *s, unsigned which, uint64_t a, uint64_t b);
TANDEM_END_DECLS

#endif
