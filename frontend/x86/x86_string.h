/* SPDX-License-Identifier: Apache-2.0 */
/* The helper behind repeated string stores. Internal to frontend/x86. */
#ifndef TANDEM_FRONTEND_X86_X86_STRING_H
#define TANDEM_FRONTEND_X86_X86_STRING_H

#include "src/ir/ir.h"

/* arg of the rows of x86_lift_string */
enum x86_string { STRING_MOVS, STRING_STOS, STRING_LODS, STRING_SCAS, STRING_CMPS };

/* The first argument of the helper: STRING_MOVS or STRING_STOS, log2 of the element's bytes, address width in bits. */
static inline uint64_t x86_string_what(unsigned op, unsigned size, unsigned address_width)
{
    return op | size << 8 | address_width << 16;
}

/* Arguments: what, base of the source's segment. Works on rax, rcx, rsi, rdi and fl_d. */
extern const struct ir_helper x86_string_helper;

#endif
