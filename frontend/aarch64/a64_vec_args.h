/* SPDX-License-Identifier: Apache-2.0 */
/* What the arguments of rows in a64_simd.def say. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_VEC_ARGS_H
#define TANDEM_FRONTEND_AARCH64_A64_VEC_ARGS_H

/* The IR operation is in bits 0 to 7. */
#define A64_VEC_OP(arg) ((enum ir_op)((arg)&0xff))
enum {
    A64_VEC_ADD = 1 << 8,     /* to Rd */
    A64_VEC_SUB = 1 << 9,     /* from Rd, or: a difference */
    A64_VEC_SWAP = 1 << 10,   /* the operands */
    A64_VEC_SIGNED = 1 << 11, /* elements are signed */
    A64_VEC_BYTES = 1 << 12,  /* elements are bytes */
    A64_VEC_ROUND = 1 << 13,
    A64_VEC_TO_UNSIGNED = 1 << 14, /* signed elements, unsigned results */
};

#endif
