/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point: what lifters of scalars and of vectors have in common, which is nearly all. An instruction's shape
 * says which of the two it is; a value is a scalar then, or a v128 whose elements are such scalars. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_FP_H
#define TANDEM_FRONTEND_AARCH64_A64_FP_H

#include "frontend/aarch64/a64_context.h"

struct a64_shape {
    enum ir_type t; /* IR_F32, IR_F64 */
    bool vec;
};

TANDEM_BEGIN_DECLS
/* An 8-bit immediate as the bits of a float of 16, 32 or 64 bits (DDI 0487, VFPExpandImm). */
uint64_t a64_fp_imm(unsigned bits, unsigned imm8);
/* Of the instruction at hand: bit 22 is the type, bit 28 says scalar. */
struct a64_shape a64_shape_of(const struct a64_lift *l);
/* Register n in that shape: of a vector of 64 bits the upper half is zero. */
ir_ref a64_fget(struct a64_lift *l, struct a64_shape s, unsigned n);
/* Operand m: register Rm, or one element of it in all places (by element). */
ir_ref a64_fget_m(struct a64_lift *l, struct a64_shape s);
/* Rd := v; what v does not fill is zero. */
void a64_fresult(struct a64_lift *l, struct a64_shape s, ir_ref v);
/* aux of operations: FPCR's rounding, NaNs, flushing; rm: IR_RDYN or a mode that the instruction names. Of what may be
 * tiny and inexact, a64_fp_tiny is to be added. */
uint16_t a64_fp_aux(const struct a64_lift *l, struct a64_shape s, unsigned rm);
/* IR_FP_TINY_BEFORE, or 0: nobody will know the difference. */
unsigned a64_fp_tiny(const struct a64_lift *l);
/* aux of FCMP and VFCMP without the relation; signaling: a quiet NaN is invalid, too. Their operands are v, by
 * a64_fcompared. */
uint16_t a64_fcond(const struct a64_lift *l, struct a64_shape s, bool signaling);
ir_ref a64_fcompared(struct a64_lift *l, struct a64_shape s, ir_ref v);
/* An operation, whose NaN is the default one if FPCR.DN says so. b, c: IR_NO_REF where it has fewer operands */
ir_ref a64_fop(struct a64_lift *l, struct a64_shape s, enum ir_op op, ir_ref a, ir_ref b, ir_ref c);
ir_ref a64_fop_rm(struct a64_lift *l, struct a64_shape s, enum ir_op op, unsigned aux, ir_ref a);
ir_ref a64_fneg(struct a64_lift *l, struct a64_shape s, ir_ref v);
ir_ref a64_fabs(struct a64_lift *l, struct a64_shape s, ir_ref v);
ir_ref a64_fconst(struct a64_lift *l, struct a64_shape s, uint64_t bits);
/* i1 or mask: relation (enum ir_fcond with its bits) of a and b */
ir_ref a64_fcompare(struct a64_lift *l, struct a64_shape s, unsigned fcond, ir_ref a, ir_ref b);
/* i1 or mask: v is a NaN; raises nothing */
ir_ref a64_fnan(struct a64_lift *l, struct a64_shape s, ir_ref v);
/* FMAX, FMIN (a NaN wins); FMAXNM, FMINNM (a quiet NaN loses). max: of both kinds; DDI 0487, FPMax, FPMaxNum */
ir_ref a64_fminmax(struct a64_lift *l, struct a64_shape s, bool max, bool num, ir_ref a, ir_ref b);
/* Between f16 bits (i16) and floats. */
ir_ref a64_from_half(struct a64_lift *l, enum ir_type t, ir_ref h);
ir_ref a64_to_half(struct a64_lift *l, ir_ref v);
/* Functions of A64_FN_* of one or two scalars (a64_fp_fns.c). */
ir_ref a64_fcall(struct a64_lift *l, enum ir_type t, unsigned fn, ir_ref a, ir_ref b);
TANDEM_END_DECLS

#endif
