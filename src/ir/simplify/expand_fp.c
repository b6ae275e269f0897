/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between vectors of floats and of integers, of which hosts have few: element by element, for all
 * executors, where the scalar ones are inline.
 *
 * I1  Left alone are those that hosts have: of f32 cut off to i32, of i32 in the dynamic mode; x86's, whose front end
 *     asks for what x86 has; and what softfp computes anyway.
 */
#include "src/ir/simplify/expand_fp.h"

/* I1 */
static bool is_left(const struct ir_insn *in)
{
    const enum ir_type e = ir_fp_elem(in->aux);
    const enum ir_rm rm = ir_fp_rm(in->aux);
    if (in->type != IR_V128 || (e != IR_F32 && e != IR_F64) || ir_fp_nan_rule(in->aux) == IR_NAN_X86 ||
        in->aux & (IR_FP_DAZ | IR_FP_FTZ | IR_FP_TRAPS))
        return true;
    return e == IR_F32 && ((in->op == IR_FCVT_FS && rm == IR_RTZ) || (in->op == IR_FCVT_SF && rm == IR_RDYN));
}

ir_ref ir_expand_fp(struct ir_builder *b, struct ir_insn *in)
{
    if ((in->op != IR_FCVT_FS && in->op != IR_FCVT_FU && in->op != IR_FCVT_SF && in->op != IR_FCVT_UF) || is_left(in))
        return IR_NO_REF;
    const bool to_float = in->op == IR_FCVT_SF || in->op == IR_FCVT_UF;
    const enum ir_type f = ir_fp_elem(in->aux), i = f == IR_F64 ? IR_I64 : IR_I32;
    const enum ir_type from = to_float ? i : f, to = to_float ? f : i;
    const enum ir_op op = (enum ir_op)in->op;
    const uint16_t aux = in->aux & (uint16_t)~IR_FP_ELEM;
    const ir_ref v = in->arg[0];
    ir_ref r = ir_const128(b, IR_V128, 0, 0);
    for (unsigned lane = 0; lane < ir_type_bits(IR_V128) / ir_type_bits(f); lane++) {
        ir_ref x = ir_emit(b, IR_VGETE, from, from, v, IR_NO_REF, IR_NO_REF, lane);
        x = ir_fp(b, op, to, aux, x, IR_NO_REF, IR_NO_REF);
        r = ir_emit(b, IR_VSETE, IR_V128, to, r, x, IR_NO_REF, lane);
    }
    return r;
}
