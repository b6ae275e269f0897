/* SPDX-License-Identifier: Apache-2.0 */
/* The helper behind repeated string stores. */
#ifndef TANDEM_FRONTEND_X86_INT_X86_STRING_H
#define TANDEM_FRONTEND_X86_INT_X86_STRING_H

#include "frontend/x86/int/x86_int_args.h"
#include "src/ir/ir.h"

/* The first argument of the helper: X86_STRING_MOVS or X86_STRING_STOS, log2 of the element's bytes, address width in
 * bits. */
static inline uint64_t x86_string_what(unsigned op, unsigned size, unsigned address_width)
{
    return op | size << 8 | address_width << 16;
}

/* Arguments: what, base of the source's segment. Works on rax, rcx, rsi, rdi and fl_d. */
extern const struct ir_helper x86_string_helper;

#endif
