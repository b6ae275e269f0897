/* SPDX-License-Identifier: Apache-2.0 */
/* Constants that generated code refers to: see consts.c. */
#ifndef TANDEM_TCG_X86_64_CONSTS_H
#define TANDEM_TCG_X86_64_CONSTS_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

/* Where in TCG_K_CLASSES negative numbers begin. */
enum { TCG_K_CLASSES_NEGATIVE = 8 };

/* At glue->consts; 16 bytes each so that they serve as packed operands. */
enum tcg_const {
    TCG_K_SIGN64,
    TCG_K_ABS64,
    TCG_K_SIGN32,
    TCG_K_ABS32,
    TCG_K_NAN64,
    TCG_K_NAN32,
    TCG_K_TWO63_F64,
    TCG_K_TWO63_F32,
    TCG_K_TWO32_F64,
    TCG_K_TWO32_F32,
    TCG_K_MINUS1_F64,
    TCG_K_MINUS1_F32,
    TCG_K_NORMAL64, /* the smallest normal number without its sign, doubled, in each element */
    TCG_K_NORMAL32,
    TCG_K_CLASSES, /* RISC-V's class bits, 16 bits each: of positive numbers by tcg_emit_fclass's count, of negative */
    TCG_K_CLASSES_2,
    TCG_K_SMALLEST32, /* the smallest integer in each element */
    TCG_K_COUNT
};

/* Writes them, aligned to 16 bytes, and returns where they will be. */
const uint8_t *tcg_emit_constants(struct tcg_buf *a);
static inline struct tcg_mem tcg_k(const struct tcg *t, enum tcg_const k) { return HX_ADDR(t->glue->consts + 16 * k); }

#endif
