/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the few x86-64 instructions that stubs have. Vectors: xmm0 .. xmm31. */
#ifndef TANDEM_LLVM_OPT_HOST_X86_64_CODE_H
#define TANDEM_LLVM_OPT_HOST_X86_64_CODE_H

#include "src/base/types.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

struct lopt_code {
    uint8_t *at;
    bool vex; /* the host has AVX: mixing in older forms would cost where upper halves are in use */
};

/* ---- general registers; bytes: 1, 2, 4, 8 ---- */
void lopt_code_move(struct lopt_code *c, unsigned to, unsigned from);
void lopt_code_exchange(struct lopt_code *c, unsigned a, unsigned b);
void lopt_code_exchange_slot(struct lopt_code *c, unsigned reg, int32_t slot); /* with [rsp + slot] */
void lopt_code_constant(struct lopt_code *c, unsigned to, uint64_t v);
void lopt_code_load(struct lopt_code *c, unsigned to, unsigned base, int32_t at, unsigned bytes); /* extends with 0 */
void lopt_code_store(struct lopt_code *c, unsigned from, unsigned base, int32_t at, unsigned bytes);
/* Extended with the sign, for 8 bytes. */
void lopt_code_store_constant(struct lopt_code *c, unsigned base, int32_t at, uint32_t v, unsigned bytes);

/* ---- vectors; bytes: 4, 8, 16, 32 ---- */
void lopt_code_move_vector(struct lopt_code *c, unsigned to, unsigned from); /* 16 bytes */
void lopt_code_load_vector(struct lopt_code *c, unsigned to, unsigned base, int32_t at, unsigned bytes);
void lopt_code_store_vector(struct lopt_code *c, unsigned from, unsigned base, int32_t at, unsigned bytes);
void lopt_code_to_vector(struct lopt_code *c, unsigned to, unsigned from); /* 8 bytes */
/* A short jump that is taken if the float of 4 or 8 bytes is no NaN; to where lopt_code_here is called with it. */
uint8_t *lopt_code_jump_if_number(struct lopt_code *c, unsigned reg, unsigned bytes);
void lopt_code_here(struct lopt_code *c, uint8_t *jump);
/* The upper halves of vectors are not in use any more. */
void lopt_code_forget_upper(struct lopt_code *c);

/* ---- the end ---- */
void lopt_code_drop(struct lopt_code *c, uint32_t bytes); /* of the stack */
void lopt_code_jump(struct lopt_code *c);                 /* to a place that is not known yet */

#endif
