/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations. A vector value is kept as a vector of i64; each operation sees it as its own elements.
 *
 * I1  Elements are integers of 8 to 64 bits here, floats their bits; anything else goes to ir_eval.
 */
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/plan/split.h"

/* The element as an integer: these operations see floats as their bits. */
static enum ir_type elem_type(const struct ir_insn *in)
{
    enum ir_type e = ir_vec_elem(in->aux);
    return e == IR_F32 ? IR_I32 : e == IR_F64 ? IR_I64 : e;
}

static LLVMTypeRef vec_type(struct lopt_build *b, const struct ir_insn *in)
{
    enum ir_type e = elem_type(in);
    if (e < IR_I8 || e > IR_I64)
        return NULL;
    return b->ll->VectorType(lopt_type(b, e), ir_type_bits((enum ir_type)in->type) / ir_type_bits(e));
}

static LLVMValueRef arg(struct lopt_block *blk, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return lopt_bitcast(blk->b, lopt_exact(blk, in->arg[i]), t);
}

static LLVMValueRef back(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    return lopt_bitcast(b, v, lopt_type(b, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_vbinary(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = vec_type(b, in);
    if (!t)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef a = arg(blk, in, 0, t);
    return back(b, in, lopt_bin(b, (LLVMOpcode)op, a, arg(blk, in, 1, t)));
}

LLVMValueRef lopt_op_vintr2(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = vec_type(b, in);
    if (!t)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef args[2] = {arg(blk, in, 0, t), NULL};
    args[1] = arg(blk, in, 1, t);
    return back(b, in, lopt_call_intrinsic(b, (enum lopt_intrinsic)id, &t, 1, args, 2));
}

/* Elements of twice the width, or NULL. */
static LLVMTypeRef wide_type(struct lopt_build *b, const struct ir_insn *in)
{
    enum ir_type e = elem_type(in);
    if (e < IR_I8 || e > IR_I32)
        return NULL;
    return b->ll->VectorType(lopt_type(b, (enum ir_type)(e + 1)),
                             ir_type_bits((enum ir_type)in->type) / ir_type_bits(e));
}

/* All elements of a vector of n elements of type e equal to v. */
static LLVMValueRef splat_const(struct lopt_build *b, LLVMTypeRef elem, unsigned n, uint64_t v)
{
    LLVMValueRef e[32];
    for (unsigned i = 0; i < n; i++)
        e[i] = lopt_int(b, elem, v);
    return b->ll->ConstVector(e, n);
}

LLVMValueRef lopt_op_vmulh(struct lopt_block *blk, const struct ir_insn *in, unsigned ext)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = vec_type(b, in), w = wide_type(b, in);
    if (!t || !w)
        return lopt_op_eval(blk, in, 0);
    enum ir_type e = elem_type(in), bits = ir_type_bits(e);
    LLVMValueRef a = lopt_cast(b, (LLVMOpcode)ext, arg(blk, in, 0, t), w);
    LLVMValueRef p = lopt_bin(b, LLVMMul, a, lopt_cast(b, (LLVMOpcode)ext, arg(blk, in, 1, t), w));
    unsigned n = ir_type_bits((enum ir_type)in->type) / bits;
    p = lopt_bin(b, LLVMLShr, p, splat_const(b, lopt_type(b, (enum ir_type)(e + 1)), n, bits));
    return back(b, in, lopt_cast(b, LLVMTrunc, p, t));
}

LLVMValueRef lopt_op_vavg(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = vec_type(b, in), w = wide_type(b, in);
    if (!t || !w)
        return lopt_op_eval(blk, in, 0);
    enum ir_type e = elem_type(in), n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(e);
    LLVMValueRef one = splat_const(b, lopt_type(b, (enum ir_type)(e + 1)), n, 1);
    LLVMValueRef a = lopt_cast(b, LLVMZExt, arg(blk, in, 0, t), w);
    LLVMValueRef s = lopt_bin(b, LLVMAdd, a, lopt_cast(b, LLVMZExt, arg(blk, in, 1, t), w));
    s = lopt_bin(b, LLVMLShr, lopt_bin(b, LLVMAdd, s, one), one);
    return back(b, in, lopt_cast(b, LLVMTrunc, s, t));
}

LLVMValueRef lopt_op_vandn(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    unsigned n = ir_type_bits((enum ir_type)in->type) / 64;
    LLVMValueRef a =
        lopt_bin(b, LLVMXor, lopt_exact(blk, in->arg[0]), splat_const(b, lopt_type(b, IR_I64), n, ~UINT64_C(0)));
    return lopt_bin(b, LLVMAnd, a, lopt_exact(blk, in->arg[1]));
}

LLVMValueRef lopt_op_vcmp(struct lopt_block *blk, const struct ir_insn *in, unsigned predicate)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = vec_type(b, in);
    if (!t)
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef a = arg(blk, in, 0, t);
    LLVMValueRef c = lopt_icmp(b, (LLVMIntPredicate)predicate, a, arg(blk, in, 1, t));
    return back(b, in, lopt_cast(b, LLVMSExt, c, t));
}

/* Moves of single elements see floats as floats: LLVM keeps an integer that goes into a vector in a general
 * register. */
static enum ir_type lane_elem(const struct ir_insn *in) { return ir_vec_elem(in->aux); }

static bool is_lane(enum ir_type e) { return (e >= IR_I8 && e <= IR_I64) || e == IR_F32 || e == IR_F64; }

static LLVMTypeRef lane_type(struct lopt_build *b, enum ir_type e, enum ir_type vector)
{
    return b->ll->VectorType(lopt_type(b, e), ir_type_bits(vector) / ir_type_bits(e));
}

/* Operand i as an element, or NULL where it is of another width. */
static LLVMValueRef scalar(struct lopt_block *blk, const struct ir_insn *in, unsigned i)
{
    struct lopt_build *b = blk->b;
    enum ir_type e = lane_elem(in);
    if (!is_lane(e) || ir_type_bits(lopt_type_of(blk, in->arg[i])) != ir_type_bits(e))
        return NULL;
    return lopt_bitcast(b, lopt_exact(blk, in->arg[i]), lopt_type(b, e));
}

LLVMValueRef lopt_op_vsplat(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef s = scalar(blk, in, 0);
    if (!s)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = lane_type(b, lane_elem(in), (enum ir_type)in->type);
    LLVMValueRef undef = b->ll->GetUndef(t);
    LLVMValueRef one = b->ll->BuildInsertElement(b->ir, undef, s, lopt_int(b, lopt_type(b, IR_I32), 0), "");
    unsigned n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(lane_elem(in));
    LLVMValueRef mask = b->ll->ConstNull(b->ll->VectorType(lopt_type(b, IR_I32), n));
    return back(b, in, b->ll->BuildShuffleVector(b->ir, one, undef, mask, ""));
}

/* The lower f64 of a LOPT_FORM_PAIR, if that is what the VGETE wants; else NULL. */
static LLVMValueRef pair_low(struct lopt_block *blk, const struct ir_insn *in)
{
    const struct lopt_val *v = &blk->vals[in->arg[0]];
    return lopt_split_is_low(in) && v->form == LOPT_FORM_PAIR ? v->low : NULL;
}

/* VSETE of the lower f64 of a LOPT_FORM_PAIR or constant: makes a pair. False: it is not one. */
static bool pair_set_low(struct lopt_block *blk, const struct ir_insn *in)
{
    const struct lopt_val *v = &blk->vals[in->arg[0]];
    bool is_const = blk->block->insns[in->arg[0]].op == IR_CONST;
    if (!lopt_split_is_low(in) || in->type != IR_V128 || (v->form != LOPT_FORM_PAIR && !is_const) ||
        lopt_type_of(blk, in->arg[1]) != IR_F64)
        return false;
    LLVMValueRef high = is_const ? lopt_pair_high(blk->b, lopt_exact(blk, in->arg[0])) : v->high;
    *lopt_val_of(blk, in) = lopt_pair(lopt_exact(blk, in->arg[1]), high);
    return true;
}

LLVMValueRef lopt_op_vgete(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type e = lane_elem(in), from = lopt_type_of(blk, in->arg[0]);
    unsigned n = is_lane(e) ? ir_type_bits(from) / ir_type_bits(e) : 0;
    if (in->imm >= n || ir_type_bits((enum ir_type)in->type) != ir_type_bits(e))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef low = pair_low(blk, in);
    if (low)
        return lopt_bitcast(b, low, lopt_type(b, (enum ir_type)in->type));
    LLVMValueRef v = lopt_bitcast(b, lopt_exact(blk, in->arg[0]), lane_type(b, e, from));
    v = b->ll->BuildExtractElement(b->ir, v, lopt_int(b, lopt_type(b, IR_I32), in->imm), "");
    return lopt_bitcast(b, v, lopt_type(b, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_vsete(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    if (pair_set_low(blk, in))
        return NULL;
    LLVMValueRef s = scalar(blk, in, 1);
    if (!s || in->imm >= ir_type_bits((enum ir_type)in->type) / ir_type_bits(lane_elem(in)))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef v = arg(blk, in, 0, lane_type(b, lane_elem(in), (enum ir_type)in->type));
    return back(b, in, b->ll->BuildInsertElement(b->ir, v, s, lopt_int(b, lopt_type(b, IR_I32), in->imm), ""));
}
