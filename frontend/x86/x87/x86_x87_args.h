/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of x86_insns.def say to the x87 lifters (arg). */
#ifndef TANDEM_FRONTEND_X86_X87_X86_X87_ARGS_H
#define TANDEM_FRONTEND_X86_X87_X86_X87_ARGS_H

/* What an instruction does to the register stack: in arg of the rows, from bit 8. PUSH_IF: fptan, fsincos, unless C2
 * says that the operand was too large; STATE: it may load anything. */
enum x86_x87_effect { X86_X87_KEEP, X86_X87_POP, X86_X87_POP2, X86_X87_PUSH, X86_X87_PUSH_IF, X86_X87_STATE };
enum { X86_X87_EFFECT_SHIFT = 8, X86_X87_FN = 0xff };
#define X86_X87(fn, effect) ((unsigned)(fn) | (unsigned)X86_X87_##effect << X86_X87_EFFECT_SHIFT)
/* fn of the rows of x87_arith, in the order of enum ir_x87_mem */
enum { X86_X87_ADD, X86_X87_MUL, X86_X87_SUB, X86_X87_SUBR, X86_X87_DIV, X86_X87_DIVR };
/* fn of the rows of x87_fst (with the memory types) */
enum { X86_X87_ST, X86_X87_ST_TRUNC };

static inline unsigned x86_x87_fn(unsigned arg) { return arg & X86_X87_FN; }
static inline enum x86_x87_effect x86_x87_effect(unsigned arg)
{
    return (enum x86_x87_effect)(arg >> X86_X87_EFFECT_SHIFT & 15);
}

#endif
