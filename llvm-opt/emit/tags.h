/* SPDX-License-Identifier: Apache-2.0 */
/* Tag bits of rows whose kind depends on the way taken. tags: an alloca of i64 that holds them all. */
#ifndef TANDEM_LLVM_OPT_TAGS_H
#define TANDEM_LLVM_OPT_TAGS_H

#include "llvm-opt/emit/val.h"
#include "llvm-opt/plan/rows.h"

/* tags = (tags & ~clear) | set */
void lopt_tags_change(struct lopt_build *b, LLVMValueRef tags, uint64_t clear, uint64_t set);
/* The bits of a row that holds one kind. */
uint64_t lopt_tags_of_kind(const struct lopt_row *r, uint8_t kind);
/* After a PUT of that kind. */
void lopt_tags_set_kind(struct lopt_build *b, LLVMValueRef tags, const struct lopt_row *r, uint8_t kind);
/* After a PUT of what a GET gave (LOPT_FORM_ROW). */
void lopt_tags_copy(struct lopt_build *b, LLVMValueRef tags, const struct lopt_row *r, const struct lopt_val *v);
/* The bit as i1. */
LLVMValueRef lopt_tags_load(struct lopt_build *b, LLVMValueRef tags, uint64_t bit);

#endif
