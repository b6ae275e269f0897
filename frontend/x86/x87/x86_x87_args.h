/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of x86_insns.def say to the x87 lifters (arg). */
#ifndef TANDEM_FRONTEND_X86_X87_X86_X87_ARGS_H
#define TANDEM_FRONTEND_X86_X87_X86_X87_ARGS_H

/* What an instruction does to the register stack: in arg of the rows, from bit 8. PUSH_IF: fptan, fsincos, unless C2
 * says that the operand was too large; STATE: it may load anything. */
enum x87_effect { X87_KEEP, X87_POP, X87_POP2, X87_PUSH, X87_PUSH_IF, X87_STATE };
enum { X87_EFFECT_SHIFT = 8, X87_FN = 0xff };
#define X87(fn, effect) ((unsigned)(fn) | (unsigned)X87_##effect << X87_EFFECT_SHIFT)
/* fn of x87_arith, in the order of enum ir_x87_mem */
enum { X87_ADD, X87_MUL, X87_SUB, X87_SUBR, X87_DIV, X87_DIVR };
/* fn of x87_fst (with the memory types) */
enum { X87_ST, X87_ST_TRUNC };

static inline unsigned x87_fn(unsigned arg) { return arg & X87_FN; }
static inline enum x87_effect x87_effect(unsigned arg) { return (enum x87_effect)(arg >> X87_EFFECT_SHIFT & 15); }

#endif
