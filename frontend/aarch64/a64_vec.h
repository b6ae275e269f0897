/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors: guest registers, fields of Advanced SIMD instructions, and the IR of what lifters have in common.
 *
 * An element type is one of IR_I8 to IR_I64; "e" is that of an instruction's size field. Vectors are v128; what an
 * instruction does not keep of a result is cut off when it is written (a64_vresult), so operations may compute more. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_VEC_H
#define TANDEM_FRONTEND_AARCH64_A64_VEC_H

#include "frontend/aarch64/a64_context.h"

/* ---- fields ---- */
static inline bool a64_q(const struct a64_insn *i) { return a64_bits(i, 30, 1); }
static inline bool a64_u(const struct a64_insn *i) { return a64_bits(i, 29, 1); }
static inline bool a64_is_scalar(const struct a64_insn *i) { return a64_bits(i, 28, 1); }
static inline enum ir_type a64_elem(unsigned size) { return (enum ir_type)(IR_I8 + size); }
/* of the size field in bits 23 and 22 */
static inline enum ir_type a64_size(const struct a64_insn *i) { return a64_elem(a64_bits(i, 22, 2)); }
static inline enum ir_type a64_wider(enum ir_type e) { return (enum ir_type)(e + 1); }

TANDEM_BEGIN_DECLS
/* ---- registers ---- */
ir_ref a64_vget(struct a64_lift *l, unsigned n);
void a64_vput(struct a64_lift *l, unsigned n, ir_ref v);
/* What the instruction at hand keeps of v: a scalar one element 0, one of 64 bits the lower half; the rest is zero. */
ir_ref a64_keep(struct a64_lift *l, enum ir_type e, ir_ref v);
/* Rd := what is kept of v. */
void a64_vresult(struct a64_lift *l, enum ir_type e, ir_ref v);
/* Rd := v in the lower half, or in the upper one if Q (instructions named ...2); its upper half is zero or Rd's lower
 * one. v is in its lower half. */
void a64_vresult_half(struct a64_lift *l, ir_ref v);
/* Saturation happened where mask is not zero: of what the instruction keeps. FPSR.QC. */
void a64_saturated(struct a64_lift *l, enum ir_type e, ir_ref mask);

/* ---- single operations ---- */
ir_ref a64_v1(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref a);
ir_ref a64_v2(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref a, ir_ref b);
ir_ref a64_vshift(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref v, unsigned count);
/* imm: 4 bits for each element of the result, of a++b */
ir_ref a64_vshuf(struct a64_lift *l, enum ir_type e, ir_ref a, ir_ref b, uint64_t imm);
/* 16 bytes of a++b from byte `bytes` (0 to 15) on */
ir_ref a64_vext(struct a64_lift *l, ir_ref a, ir_ref b, unsigned bytes);
ir_ref a64_vzero(struct a64_lift *l);
ir_ref a64_vconst(struct a64_lift *l, uint64_t lo, uint64_t hi);
/* A constant of equal elements. */
ir_ref a64_vsplat(struct a64_lift *l, enum ir_type e, uint64_t v);
ir_ref a64_vnot(struct a64_lift *l, ir_ref v);
/* mask ? yes : no, bit by bit */
ir_ref a64_vselect(struct a64_lift *l, ir_ref mask, ir_ref yes, ir_ref no);
/* Element `index` as a scalar of type t; v with it set to s. */
ir_ref a64_vgete(struct a64_lift *l, enum ir_type t, ir_ref v, unsigned index);
ir_ref a64_vsete(struct a64_lift *l, ir_ref v, ir_ref s, unsigned index);
/* s in element 0, zero elsewhere; the lower half, zero above */
ir_ref a64_vscalar(struct a64_lift *l, ir_ref s);
ir_ref a64_vlow(struct a64_lift *l, ir_ref v);
/* The lower halves of a and b; the upper ones. */
ir_ref a64_vlows(struct a64_lift *l, ir_ref a, ir_ref b);
ir_ref a64_vhighs(struct a64_lift *l, ir_ref a, ir_ref b);
/* A C function of values (ir.h); operands that it does not use are a. */
ir_ref a64_vcall(struct a64_lift *l, const struct ir_vec_fn *fn, ir_ref a, ir_ref b, ir_ref c);

/* ---- several operations ---- */
/* Elements e of the lower (upper) half of v, extended to twice their width. */
ir_ref a64_vwiden(struct a64_lift *l, enum ir_type e, bool is_signed, bool high, ir_ref v);
/* Even (odd) elements of a++b. */
ir_ref a64_vunzip(struct a64_lift *l, enum ir_type e, ir_ref a, ir_ref b, bool odd);
/* All elements are element `index` of v. */
ir_ref a64_vdup(struct a64_lift *l, enum ir_type e, ir_ref v, unsigned index);
/* The products of elements e of the lower (upper) halves, twice as wide. */
ir_ref a64_vmull(struct a64_lift *l, enum ir_type e, bool is_signed, bool high, ir_ref a, ir_ref b);
/* Bytes of a table of count registers; an index beyond it gives 0. */
ir_ref a64_vtable(struct a64_lift *l, const ir_ref *table, unsigned count, ir_ref index);
/* Operand m of the instruction at hand: a register, or one element of it in all places (by element, bit 24). */
ir_ref a64_operand_m(struct a64_lift *l);
/* Rd := the elements of v, which are twice as wide as e, saturated to e; half of Rd, as a64_vresult_half. arg:
 * A64_VEC_SIGNED and A64_VEC_TO_UNSIGNED say of which kind both are. */
void a64_vresult_saturated(struct a64_lift *l, enum ir_type e, unsigned arg, ir_ref v);
TANDEM_END_DECLS

#endif
