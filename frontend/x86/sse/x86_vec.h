/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operands and what the lifters of SSE and AVX instructions share.
 *
 * A vector value of an instruction is one or two 128-bit halves (struct x86_v). Legacy and VEX forms share lifters:
 * legacy instructions have the destination as their first source and keep the upper half of the ymm register, VEX ones
 * have it apart and clear what they do not write (SDM volume 1, 14.1.2 and volume 2, 2.3). */
#ifndef TANDEM_FRONTEND_X86_SSE_X86_VEC_H
#define TANDEM_FRONTEND_X86_SSE_X86_VEC_H

#include "frontend/x86/common/x86_context.h"
#include "frontend/x86/sse/x86_helpers.h"

struct x86_v {
    ir_ref h[2]; /* low half, high half; of 128-bit instructions only the first */
};

static inline bool x86_is_vex(const struct x86_lift *l) { return l->i->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX; }
/* Operand that is the first source of an instruction of two sources; the second follows it. */
static inline unsigned x86_src(const struct x86_lift *l) { return x86_is_vex(l) ? 1 : 0; }
static inline bool x86_is_reg(const struct x86_lift *l, unsigned n)
{
    return l->op[n].type == ZYDIS_OPERAND_TYPE_REGISTER;
}
/* The immediate operand, which is the last one. */
static inline unsigned x86_imm8(const struct x86_lift *l)
{
    return (unsigned)l->op[l->i->operand_count_visible - 1].imm.value.u & 0xff;
}
/* Are operands n and m the same register? */
bool x86_same_reg(const struct x86_lift *l, unsigned n, unsigned m);

/* Halves of the instruction's vectors: 2 if any operand is 256 bits wide. */
unsigned x86_halves(const struct x86_lift *l);
/* One half of vector operand n, a register or memory (with the alignment that the instruction asks for). */
ir_ref x86_vread_half(struct x86_lift *l, unsigned n, unsigned half);
/* Operand n, all halves. */
struct x86_v x86_vread(struct x86_lift *l, unsigned n);
/* Operand n := v; registers: the rest kept or cleared. */
void x86_vwrite(struct x86_lift *l, unsigned n, struct x86_v v);
/* The same for results of 128 bits whatever the instruction's length. */
void x86_vwrite128(struct x86_lift *l, unsigned n, ir_ref v);
/* The scalar operand n of the given type: element 0 of a register, or memory of that size. */
ir_ref x86_sread(struct x86_lift *l, unsigned n, enum ir_type type);
/* Destination register := v in element 0, the rest from the first source. */
void x86_swrite(struct x86_lift *l, ir_ref v);
/* Operand n := scalar v, the rest of a register zero; memory: v alone. */
void x86_swrite_zero(struct x86_lift *l, unsigned n, ir_ref v);

/* Emitters of single operations on V128. */
ir_ref x86_v1(struct x86_lift *l, enum ir_op op, enum ir_type elem, ir_ref a);
ir_ref x86_v2(struct x86_lift *l, enum ir_op op, enum ir_type elem, ir_ref a, ir_ref b);
/* imm: 4 bits for each element of the result */
ir_ref x86_vshuf(struct x86_lift *l, enum ir_type elem, ir_ref a, ir_ref b, uint64_t imm);
ir_ref x86_vget(struct x86_lift *l, enum ir_type elem, ir_ref v, unsigned index);
ir_ref x86_vset(struct x86_lift *l, ir_ref v, ir_ref scalar, unsigned index);
ir_ref x86_vshift(struct x86_lift *l, enum ir_op op, enum ir_type elem, ir_ref v, unsigned count);
ir_ref x86_vzero(struct x86_lift *l);
ir_ref x86_vones(struct x86_lift *l);
/* A constant of equal elements. */
ir_ref x86_vsplat_const(struct x86_lift *l, enum ir_type elem, uint64_t v);
/* mask ? b : a, bit by bit */
ir_ref x86_vselect(struct x86_lift *l, ir_ref mask, ir_ref a, ir_ref b);
/* A C function of values (ir.h); unused operands are a. */
ir_ref x86_vcall(struct x86_lift *l, enum x86_fn fn, ir_ref a, ir_ref b, ir_ref c, unsigned imm);
ir_ref x86_vcall_fn(struct x86_lift *l, const struct ir_vec_fn *fn, ir_ref a, ir_ref b, ir_ref c, unsigned imm);

/* aux of FP operations: dynamic rounding, the x86 NaN rule, DAZ and FTZ of the mode. elem: IR_VOID for scalars */
uint16_t x86_fp_aux(const struct x86_lift *l, enum ir_type elem);
/* The same of a conversion to integers, which truncates or rounds as MXCSR says. */
uint16_t x86_fp_to_int_aux(const struct x86_lift *l, bool truncate, enum ir_type elem);
/* While MXCSR has an exception unmasked, before an instruction of SSE or AVX: all registers are in their places, so
 * that it can fault like an access to memory. */
void x86_fp_may_trap(struct x86_lift *l);
/* aux of compares */
uint16_t x86_fcond(const struct x86_lift *l, unsigned cond, enum ir_type elem);

#endif
