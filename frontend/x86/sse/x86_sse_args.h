/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of x86_insns_sse.def say to the lifters of this room (arg). */
#ifndef TANDEM_FRONTEND_X86_SSE_X86_SSE_ARGS_H
#define TANDEM_FRONTEND_X86_SSE_X86_SSE_ARGS_H

#include "frontend/x86/sse/x86_helpers.h"

/* arg of the rows of vector instructions: an IR operation and its element type */
#define X86_VX(op, elem) (IR_##op | IR_##elem << 8)
/* and of FMA: besides an element type and the form (x86_lift_fma.c) */
enum { X86_FMA_NP = 1 << 10, X86_FMA_NA = 1 << 11, X86_FMA_SUB_EVEN = 1 << 12, X86_FMA_SUB_ODD = 1 << 13 };

static inline enum ir_op x86_arg_op(unsigned arg) { return (enum ir_op)(arg & 0xff); }
static inline enum ir_type x86_arg_elem(unsigned arg) { return (enum ir_type)(arg >> 8 & 0xf); }

#endif
