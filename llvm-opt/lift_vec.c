/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations. A vector value is kept as a vector of i64; each operation sees it as its own elements.
 *
 * I1  Elements are integers of 8 to 64 bits here, floats their bits; anything else goes to ir_eval.
 */
#include "llvm-opt/lift.h"

/* The element as an integer: these operations see floats as their bits. */
static enum ir_type elem_type(const struct ir_insn *in)
{
    enum ir_type e = (enum ir_type)(in->aux & IR_VEC_ELEM);
    return e == IR_F32 ? IR_I32 : e == IR_F64 ? IR_I64 : e;
}

static LLVMTypeRef vec_type(struct lift *l, const struct ir_insn *in)
{
    enum ir_type e = elem_type(in);
    if (e < IR_I8 || e > IR_I64)
        return NULL;
    return l->ll->VectorType(lt(l, e), ir_type_bits((enum ir_type)in->type) / ir_type_bits(e));
}

static LLVMValueRef arg(struct lift *l, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return l_bitcast(l, lift_exact(l, in->arg[i]), t);
}

static LLVMValueRef back(struct lift *l, const struct ir_insn *in, LLVMValueRef v)
{
    return l_bitcast(l, v, lt(l, (enum ir_type)in->type));
}

LLVMValueRef lift_vbinary(struct lift *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = vec_type(l, in);
    if (!t)
        return lift_eval(l, in, 0);
    LLVMValueRef a = arg(l, in, 0, t);
    return back(l, in, l_bin(l, (LLVMOpcode)op, a, arg(l, in, 1, t)));
}

LLVMValueRef lift_vintr2(struct lift *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = vec_type(l, in);
    if (!t)
        return lift_eval(l, in, 0);
    LLVMValueRef args[2] = {arg(l, in, 0, t), NULL};
    args[1] = arg(l, in, 1, t);
    return back(l, in, lift_call_intrinsic(l, (enum intrinsic)id, &t, 1, args, 2));
}

/* Elements of twice the width, or NULL. */
static LLVMTypeRef wide_type(struct lift *l, const struct ir_insn *in)
{
    enum ir_type e = elem_type(in);
    if (e < IR_I8 || e > IR_I32)
        return NULL;
    return l->ll->VectorType(lt(l, (enum ir_type)(e + 1)), ir_type_bits((enum ir_type)in->type) / ir_type_bits(e));
}

/* All elements of a vector of n elements of type e equal to v. */
static LLVMValueRef splat_const(struct lift *l, LLVMTypeRef elem, unsigned n, uint64_t v)
{
    LLVMValueRef e[32];
    for (unsigned i = 0; i < n; i++)
        e[i] = l_int(l, elem, v);
    return l->ll->ConstVector(e, n);
}

LLVMValueRef lift_vmulh(struct lift *l, const struct ir_insn *in, unsigned ext)
{
    LLVMTypeRef t = vec_type(l, in), w = wide_type(l, in);
    if (!t || !w)
        return lift_eval(l, in, 0);
    enum ir_type e = elem_type(in), bits = ir_type_bits(e);
    LLVMValueRef a = l_cast(l, (LLVMOpcode)ext, arg(l, in, 0, t), w);
    LLVMValueRef p = l_bin(l, LLVMMul, a, l_cast(l, (LLVMOpcode)ext, arg(l, in, 1, t), w));
    unsigned n = ir_type_bits((enum ir_type)in->type) / bits;
    p = l_bin(l, LLVMLShr, p, splat_const(l, lt(l, (enum ir_type)(e + 1)), n, bits));
    return back(l, in, l_cast(l, LLVMTrunc, p, t));
}

LLVMValueRef lift_vavg(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = vec_type(l, in), w = wide_type(l, in);
    if (!t || !w)
        return lift_eval(l, in, 0);
    enum ir_type e = elem_type(in), n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(e);
    LLVMValueRef one = splat_const(l, lt(l, (enum ir_type)(e + 1)), n, 1);
    LLVMValueRef a = l_cast(l, LLVMZExt, arg(l, in, 0, t), w);
    LLVMValueRef s = l_bin(l, LLVMAdd, a, l_cast(l, LLVMZExt, arg(l, in, 1, t), w));
    s = l_bin(l, LLVMLShr, l_bin(l, LLVMAdd, s, one), one);
    return back(l, in, l_cast(l, LLVMTrunc, s, t));
}

LLVMValueRef lift_vandn(struct lift *l, const struct ir_insn *in, unsigned param)
{
    unsigned n = ir_type_bits((enum ir_type)in->type) / 64;
    LLVMValueRef a = l_bin(l, LLVMXor, lift_exact(l, in->arg[0]), splat_const(l, lt(l, IR_I64), n, ~UINT64_C(0)));
    return l_bin(l, LLVMAnd, a, lift_exact(l, in->arg[1]));
}

LLVMValueRef lift_vcmp(struct lift *l, const struct ir_insn *in, unsigned predicate)
{
    LLVMTypeRef t = vec_type(l, in);
    if (!t)
        return lift_eval(l, in, 0);
    LLVMValueRef a = arg(l, in, 0, t);
    LLVMValueRef c = l_icmp(l, (LLVMIntPredicate)predicate, a, arg(l, in, 1, t));
    return back(l, in, l_cast(l, LLVMSExt, c, t));
}

/* Moves of single elements see floats as floats: LLVM keeps an integer that goes into a vector in a general
 * register. */
static enum ir_type lane_elem(const struct ir_insn *in) { return (enum ir_type)(in->aux & IR_VEC_ELEM); }
static bool is_lane(enum ir_type e) { return (e >= IR_I8 && e <= IR_I64) || e == IR_F32 || e == IR_F64; }

static LLVMTypeRef lane_type(struct lift *l, enum ir_type e, enum ir_type vector)
{
    return l->ll->VectorType(lt(l, e), ir_type_bits(vector) / ir_type_bits(e));
}

/* Operand i as an element, or NULL where it is of another width. */
static LLVMValueRef scalar(struct lift *l, const struct ir_insn *in, unsigned i)
{
    enum ir_type e = lane_elem(in);
    if (!is_lane(e) || ir_type_bits(lift_type_of(l, in->arg[i])) != ir_type_bits(e))
        return NULL;
    return l_bitcast(l, lift_exact(l, in->arg[i]), lt(l, e));
}

LLVMValueRef lift_vsplat(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef s = scalar(l, in, 0);
    if (!s)
        return lift_eval(l, in, 0);
    LLVMTypeRef t = lane_type(l, lane_elem(in), (enum ir_type)in->type);
    LLVMValueRef undef = l->ll->GetUndef(t);
    LLVMValueRef one = l->ll->BuildInsertElement(l->b, undef, s, l_int(l, lt(l, IR_I32), 0), "");
    unsigned n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(lane_elem(in));
    LLVMValueRef mask = l->ll->ConstNull(l->ll->VectorType(lt(l, IR_I32), n));
    return back(l, in, l->ll->BuildShuffleVector(l->b, one, undef, mask, ""));
}

LLVMValueRef lift_vgete(struct lift *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type e = lane_elem(in), from = lift_type_of(l, in->arg[0]);
    unsigned n = is_lane(e) ? ir_type_bits(from) / ir_type_bits(e) : 0;
    if (in->imm >= n || ir_type_bits((enum ir_type)in->type) != ir_type_bits(e))
        return lift_eval(l, in, 0);
    LLVMValueRef low = lift_pair_low(l, in);
    if (low)
        return l_bitcast(l, low, lt(l, (enum ir_type)in->type));
    LLVMValueRef v = l_bitcast(l, lift_exact(l, in->arg[0]), lane_type(l, e, from));
    v = l->ll->BuildExtractElement(l->b, v, l_int(l, lt(l, IR_I32), in->imm), "");
    return l_bitcast(l, v, lt(l, (enum ir_type)in->type));
}

LLVMValueRef lift_vsete(struct lift *l, const struct ir_insn *in, unsigned param)
{
    if (lift_pair_set_low(l, in))
        return NULL;
    LLVMValueRef s = scalar(l, in, 1);
    if (!s || in->imm >= ir_type_bits((enum ir_type)in->type) / ir_type_bits(lane_elem(in)))
        return lift_eval(l, in, 0);
    LLVMValueRef v = arg(l, in, 0, lane_type(l, lane_elem(in), (enum ir_type)in->type));
    return back(l, in, l->ll->BuildInsertElement(l->b, v, s, l_int(l, lt(l, IR_I32), in->imm), ""));
}
