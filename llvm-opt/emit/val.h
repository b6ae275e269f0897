/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the block being emitted, in the form in which they come. */
#ifndef TANDEM_LLVM_OPT_VAL_H
#define TANDEM_LLVM_OPT_VAL_H

#include "llvm-opt/emit/build.h"

enum lopt_form {
    LOPT_FORM_NONE,
    LOPT_FORM_PLAIN, /* exact is the value */
    LOPT_FORM_CANON, /* raw, to be canonicalized: FCANON whose users may not care */
    LOPT_FORM_BOX,   /* a boxed single */
    LOPT_FORM_ROW,   /* what a floating-point row held, in the kinds that it may have had */
    LOPT_FORM_PAIR   /* a vector as its lower f64 and its upper i64 */
};

/* exact is made on first use. */
struct lopt_val {
    uint8_t form;                      /* enum lopt_form */
    uint8_t kinds;                     /* LOPT_FORM_ROW */
    bool s_valid;                      /* LOPT_FORM_ROW: s is the register as f32, whatever the kind */
    bool quiet;                        /* LOPT_FORM_CANON: raw is never a signaling NaN */
    ir_ref inner;                      /* LOPT_FORM_BOX: the f32 */
    LLVMValueRef exact;                /* the value; NULL: not made yet */
    LLVMValueRef raw;                  /* LOPT_FORM_CANON: before canonicalization */
    LLVMValueRef cond;                 /* LOPT_FORM_CANON: canonicalize only if true; NULL: always */
    LLVMValueRef d, s, rawtag, single; /* LOPT_FORM_ROW: what the slots held; tags as i1 */
    LLVMValueRef low, high;            /* LOPT_FORM_PAIR */
};

/* The exact register of a LOPT_FORM_ROW. */
LLVMValueRef lopt_compose(struct lopt_build *b, const struct lopt_val *v);

/* ---- pairs ---- */
struct lopt_val lopt_pair(LLVMValueRef low, LLVMValueRef high);
LLVMValueRef lopt_pair_join(struct lopt_build *b, const struct lopt_val *v);
/* The two halves of a vector. */
struct lopt_val lopt_pair_of(struct lopt_build *b, LLVMValueRef vector);
/* Its upper 64 bits. */
LLVMValueRef lopt_pair_high(struct lopt_build *b, LLVMValueRef vector);

#endif
