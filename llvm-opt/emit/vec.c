/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations. A vector value is kept as a vector of i64; each operation sees it as its own elements.
 *
 * I1  Elements are integers of 8 to 64 bits here, floats their bits; anything else goes to ir_eval.
 */
#include "llvm-opt/emit/emit.h"

/* The element as an integer: these operations see floats as their bits. */
static enum ir_type elem_type(const struct ir_insn *in)
{
    enum ir_type e = (enum ir_type)(in->aux & IR_VEC_ELEM);
    return e == IR_F32 ? IR_I32 : e == IR_F64 ? IR_I64 : e;
}

static LLVMTypeRef vec_type(struct lopt_emit *l, const struct ir_insn *in)
{
    enum ir_type e = elem_type(in);
    if (e < IR_I8 || e > IR_I64)
        return NULL;
    return l->ll->VectorType(lopt_type(l, e), ir_type_bits((enum ir_type)in->type) / ir_type_bits(e));
}

static LLVMValueRef arg(struct lopt_emit *l, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return lopt_bitcast(l, lopt_exact(l, in->arg[i]), t);
}

static LLVMValueRef back(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    return lopt_bitcast(l, v, lopt_type(l, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_vbinary(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = vec_type(l, in);
    if (!t)
        return lopt_op_eval(l, in, 0);
    LLVMValueRef a = arg(l, in, 0, t);
    return back(l, in, lopt_bin(l, (LLVMOpcode)op, a, arg(l, in, 1, t)));
}

LLVMValueRef lopt_op_vintr2(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = vec_type(l, in);
    if (!t)
        return lopt_op_eval(l, in, 0);
    LLVMValueRef args[2] = {arg(l, in, 0, t), NULL};
    args[1] = arg(l, in, 1, t);
    return back(l, in, lopt_call_intrinsic(l, (enum lopt_intrinsic)id, &t, 1, args, 2));
}

/* Elements of twice the width, or NULL. */
static LLVMTypeRef wide_type(struct lopt_emit *l, const struct ir_insn *in)
{
    enum ir_type e = elem_type(in);
    if (e < IR_I8 || e > IR_I32)
        return NULL;
    return l->ll->VectorType(lopt_type(l, (enum ir_type)(e + 1)),
                             ir_type_bits((enum ir_type)in->type) / ir_type_bits(e));
}

/* All elements of a vector of n elements of type e equal to v. */
static LLVMValueRef splat_const(struct lopt_emit *l, LLVMTypeRef elem, unsigned n, uint64_t v)
{
    LLVMValueRef e[32];
    for (unsigned i = 0; i < n; i++)
        e[i] = lopt_int(l, elem, v);
    return l->ll->ConstVector(e, n);
}

LLVMValueRef lopt_op_vmulh(struct lopt_emit *l, const struct ir_insn *in, unsigned ext)
{
    LLVMTypeRef t = vec_type(l, in), w = wide_type(l, in);
    if (!t || !w)
        return lopt_op_eval(l, in, 0);
    enum ir_type e = elem_type(in), bits = ir_type_bits(e);
    LLVMValueRef a = lopt_cast(l, (LLVMOpcode)ext, arg(l, in, 0, t), w);
    LLVMValueRef p = lopt_bin(l, LLVMMul, a, lopt_cast(l, (LLVMOpcode)ext, arg(l, in, 1, t), w));
    unsigned n = ir_type_bits((enum ir_type)in->type) / bits;
    p = lopt_bin(l, LLVMLShr, p, splat_const(l, lopt_type(l, (enum ir_type)(e + 1)), n, bits));
    return back(l, in, lopt_cast(l, LLVMTrunc, p, t));
}

LLVMValueRef lopt_op_vavg(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = vec_type(l, in), w = wide_type(l, in);
    if (!t || !w)
        return lopt_op_eval(l, in, 0);
    enum ir_type e = elem_type(in), n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(e);
    LLVMValueRef one = splat_const(l, lopt_type(l, (enum ir_type)(e + 1)), n, 1);
    LLVMValueRef a = lopt_cast(l, LLVMZExt, arg(l, in, 0, t), w);
    LLVMValueRef s = lopt_bin(l, LLVMAdd, a, lopt_cast(l, LLVMZExt, arg(l, in, 1, t), w));
    s = lopt_bin(l, LLVMLShr, lopt_bin(l, LLVMAdd, s, one), one);
    return back(l, in, lopt_cast(l, LLVMTrunc, s, t));
}

LLVMValueRef lopt_op_vandn(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    unsigned n = ir_type_bits((enum ir_type)in->type) / 64;
    LLVMValueRef a =
        lopt_bin(l, LLVMXor, lopt_exact(l, in->arg[0]), splat_const(l, lopt_type(l, IR_I64), n, ~UINT64_C(0)));
    return lopt_bin(l, LLVMAnd, a, lopt_exact(l, in->arg[1]));
}

LLVMValueRef lopt_op_vcmp(struct lopt_emit *l, const struct ir_insn *in, unsigned predicate)
{
    LLVMTypeRef t = vec_type(l, in);
    if (!t)
        return lopt_op_eval(l, in, 0);
    LLVMValueRef a = arg(l, in, 0, t);
    LLVMValueRef c = lopt_icmp(l, (LLVMIntPredicate)predicate, a, arg(l, in, 1, t));
    return back(l, in, lopt_cast(l, LLVMSExt, c, t));
}

/* Moves of single elements see floats as floats: LLVM keeps an integer that goes into a vector in a general
 * register. */
static enum ir_type lane_elem(const struct ir_insn *in) { return (enum ir_type)(in->aux & IR_VEC_ELEM); }
static bool is_lane(enum ir_type e) { return (e >= IR_I8 && e <= IR_I64) || e == IR_F32 || e == IR_F64; }

static LLVMTypeRef lane_type(struct lopt_emit *l, enum ir_type e, enum ir_type vector)
{
    return l->ll->VectorType(lopt_type(l, e), ir_type_bits(vector) / ir_type_bits(e));
}

/* Operand i as an element, or NULL where it is of another width. */
static LLVMValueRef scalar(struct lopt_emit *l, const struct ir_insn *in, unsigned i)
{
    enum ir_type e = lane_elem(in);
    if (!is_lane(e) || ir_type_bits(lopt_type_of(l, in->arg[i])) != ir_type_bits(e))
        return NULL;
    return lopt_bitcast(l, lopt_exact(l, in->arg[i]), lopt_type(l, e));
}

LLVMValueRef lopt_op_vsplat(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef s = scalar(l, in, 0);
    if (!s)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = lane_type(l, lane_elem(in), (enum ir_type)in->type);
    LLVMValueRef undef = l->ll->GetUndef(t);
    LLVMValueRef one = l->ll->BuildInsertElement(l->b, undef, s, lopt_int(l, lopt_type(l, IR_I32), 0), "");
    unsigned n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(lane_elem(in));
    LLVMValueRef mask = l->ll->ConstNull(l->ll->VectorType(lopt_type(l, IR_I32), n));
    return back(l, in, l->ll->BuildShuffleVector(l->b, one, undef, mask, ""));
}

LLVMValueRef lopt_op_vgete(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type e = lane_elem(in), from = lopt_type_of(l, in->arg[0]);
    unsigned n = is_lane(e) ? ir_type_bits(from) / ir_type_bits(e) : 0;
    if (in->imm >= n || ir_type_bits((enum ir_type)in->type) != ir_type_bits(e))
        return lopt_op_eval(l, in, 0);
    LLVMValueRef low = lopt_pair_low(l, in);
    if (low)
        return lopt_bitcast(l, low, lopt_type(l, (enum ir_type)in->type));
    LLVMValueRef v = lopt_bitcast(l, lopt_exact(l, in->arg[0]), lane_type(l, e, from));
    v = l->ll->BuildExtractElement(l->b, v, lopt_int(l, lopt_type(l, IR_I32), in->imm), "");
    return lopt_bitcast(l, v, lopt_type(l, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_vsete(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    if (lopt_pair_set_low(l, in))
        return NULL;
    LLVMValueRef s = scalar(l, in, 1);
    if (!s || in->imm >= ir_type_bits((enum ir_type)in->type) / ir_type_bits(lane_elem(in)))
        return lopt_op_eval(l, in, 0);
    LLVMValueRef v = arg(l, in, 0, lane_type(l, lane_elem(in), (enum ir_type)in->type));
    return back(l, in, l->ll->BuildInsertElement(l->b, v, s, lopt_int(l, lopt_type(l, IR_I32), in->imm), ""));
}
