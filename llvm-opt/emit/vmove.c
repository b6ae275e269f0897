/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations that are not element by element alike: shifts, compares of floats, permutations, packing, sign
 * masks, neighbors.
 *
 * I1  Permutations and packing are for v128; v256 goes to ir_eval.
 */
#include "llvm-opt/emit/emit.h"

static LLVMTypeRef vec_type(struct lopt_emit *l, enum ir_type type, enum ir_type elem)
{
    enum ir_type e = elem == IR_F32 ? IR_I32 : elem == IR_F64 ? IR_I64 : elem;
    return e < IR_I8 || e > IR_I64 ? NULL : l->ll->VectorType(lopt_type(l, e), ir_type_bits(type) / ir_type_bits(e));
}

static LLVMTypeRef type_of(struct lopt_emit *l, const struct ir_insn *in)
{
    return vec_type(l, (enum ir_type)in->type, (enum ir_type)(in->aux & IR_VEC_ELEM));
}

static unsigned elem_bits(const struct ir_insn *in) { return ir_type_bits((enum ir_type)(in->aux & IR_VEC_ELEM)); }

static LLVMValueRef arg(struct lopt_emit *l, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return lopt_bitcast(l, lopt_exact(l, in->arg[i]), t);
}

static LLVMValueRef back(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    return lopt_bitcast(l, v, lopt_type(l, (enum ir_type)in->type));
}

static LLVMValueRef splat(struct lopt_emit *l, LLVMTypeRef t, LLVMValueRef s, unsigned n)
{
    LLVMValueRef undef = l->ll->GetUndef(t);
    LLVMValueRef one = l->ll->BuildInsertElement(l->b, undef, s, lopt_int(l, lopt_type(l, IR_I32), 0), "");
    return l->ll->BuildShuffleVector(l->b, one, undef, l->ll->ConstNull(l->ll->VectorType(lopt_type(l, IR_I32), n)),
                                     "");
}

/* ---- shifts ---- */

/* Counts as elements: those above most, which is the width - 1, give 0, or the sign. */
static LLVMValueRef shift(struct lopt_emit *l, LLVMOpcode op, LLVMValueRef v, LLVMValueRef count, LLVMValueRef most)
{
    LLVMValueRef fits = lopt_icmp(l, LLVMIntULE, count, most);
    if (op != LLVMAShr)
        return lopt_sel(l, fits, lopt_bin(l, op, v, count), l->ll->ConstNull(l->ll->TypeOf(v)));
    LLVMTypeRef t = l->ll->TypeOf(v);
    LLVMValueRef args[2] = {count, most};
    return lopt_bin(l, op, v, lopt_call_intrinsic(l, LOPT_INTR_UMIN, &t, 1, args, 2));
}

LLVMValueRef lopt_op_vshift(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = type_of(l, in);
    if (!t)
        return lopt_op_eval(l, in, 0);
    unsigned w = elem_bits(in), n = ir_type_bits((enum ir_type)in->type) / w;
    LLVMTypeRef e = l->ll->IntTypeInContext(l->c->ctx, w);
    LLVMValueRef c = lopt_exact(l, in->arg[1]);
    c = w == 8 ? c : lopt_cast(l, LLVMZExt, c, e);
    LLVMValueRef count = splat(l, t, c, n), most = splat(l, t, lopt_int(l, e, w - 1), n);
    return back(l, in, shift(l, (LLVMOpcode)op, arg(l, in, 0, t), count, most));
}

LLVMValueRef lopt_op_vshiftv(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = type_of(l, in);
    if (!t)
        return lopt_op_eval(l, in, 0);
    unsigned w = elem_bits(in), n = ir_type_bits((enum ir_type)in->type) / w;
    LLVMValueRef v = arg(l, in, 0, t), count = arg(l, in, 1, t);
    LLVMValueRef most = splat(l, t, lopt_int(l, l->ll->IntTypeInContext(l->c->ctx, w), w - 1), n);
    return back(l, in, shift(l, (LLVMOpcode)op, v, count, most));
}

/* ---- compares of floats ---- */

LLVMValueRef lopt_op_vfcmp(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    static const char *const names[] = {[IR_FEQ] = "oeq", [IR_FLT] = "olt", [IR_FLE] = "ole", [IR_FUNO] = "uno"};
    enum ir_type elem = (enum ir_type)(in->aux >> 8 & 15);
    if (in->aux & IR_FCOND_NOEXC || (elem != IR_F32 && elem != IR_F64))
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = l->ll->VectorType(lopt_type(l, elem), ir_type_bits((enum ir_type)in->type) / ir_type_bits(elem));
    LLVMValueRef a = arg(l, in, 0, t), b = arg(l, in, 1, t);
    LLVMValueRef c = lopt_fcmp(l, names[in->aux & 3], in->aux & IR_FCOND_SIGNALING, a, b);
    return back(l, in, lopt_cast(l, LLVMSExt, c, vec_type(l, (enum ir_type)in->type, elem)));
}

/* ---- permutations (I1) ---- */

static LLVMValueRef permute(struct lopt_emit *l, const struct ir_insn *in, LLVMTypeRef t, const unsigned *from,
                            unsigned n)
{
    LLVMValueRef mask[16];
    for (unsigned i = 0; i < n; i++)
        mask[i] = lopt_int(l, lopt_type(l, IR_I32), from[i]);
    LLVMValueRef a = arg(l, in, 0, t);
    return back(l, in, l->ll->BuildShuffleVector(l->b, a, arg(l, in, 1, t), l->ll->ConstVector(mask, n), ""));
}

LLVMValueRef lopt_op_vshuf(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = in->type == IR_V128 ? type_of(l, in) : NULL;
    if (!t)
        return lopt_op_eval(l, in, 0);
    unsigned n = 128 / elem_bits(in), from[16];
    for (unsigned i = 0; i < n; i++)
        from[i] = (unsigned)(in->imm >> 4 * i) & 15 & (2 * n - 1);
    return permute(l, in, t, from, n);
}

/* high: 1 the upper halves */
LLVMValueRef lopt_op_vzip(struct lopt_emit *l, const struct ir_insn *in, unsigned high)
{
    LLVMTypeRef t = in->type == IR_V128 ? type_of(l, in) : NULL;
    if (!t)
        return lopt_op_eval(l, in, 0);
    unsigned n = 128 / elem_bits(in), from[16];
    for (unsigned i = 0; i < n; i++)
        from[i] = high * n / 2 + i / 2 + (i & 1 ? n : 0);
    return permute(l, in, t, from, n);
}

LLVMValueRef lopt_op_vtbl(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    if (in->type != IR_V128 || !l->opt->has_ssse3)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = vec_type(l, IR_V128, IR_I8);
    LLVMValueRef args[2] = {arg(l, in, 0, t), NULL};
    args[1] = arg(l, in, 1, t);
    return back(l, in, lopt_call_intrinsic(l, LOPT_INTR_PSHUFB, NULL, 0, args, 2));
}

LLVMValueRef lopt_op_vpack(struct lopt_emit *l, const struct ir_insn *in, unsigned to_unsigned)
{
    static const enum lopt_intrinsic ids[2][2] = {{LOPT_INTR_PACKSSWB, LOPT_INTR_PACKSSDW},
                                                  {LOPT_INTR_PACKUSWB, LOPT_INTR_PACKUSDW}};
    enum ir_type e = (enum ir_type)(in->aux & IR_VEC_ELEM);
    if (in->type != IR_V128 || (e != IR_I16 && e != IR_I32) || (to_unsigned && e == IR_I32 && !l->opt->has_sse41))
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = vec_type(l, IR_V128, e);
    LLVMValueRef args[2] = {arg(l, in, 0, t), NULL};
    args[1] = arg(l, in, 1, t);
    return back(l, in, lopt_call_intrinsic(l, ids[to_unsigned][e == IR_I32], NULL, 0, args, 2));
}

/* ---- products and sums of neighbors ---- */

/* Even elements, extended in place; ext: the shift that brings them down */
LLVMValueRef lopt_op_vmule(struct lopt_emit *l, const struct ir_insn *in, unsigned ext)
{
    enum ir_type e = (enum ir_type)(in->aux & IR_VEC_ELEM);
    if (e < IR_I8 || e > IR_I32)
        return lopt_op_eval(l, in, 0);
    enum ir_type wide = (enum ir_type)(e + 1);
    LLVMTypeRef t = vec_type(l, (enum ir_type)in->type, wide);
    unsigned n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(wide);
    LLVMValueRef by = splat(l, t, lopt_int(l, lopt_type(l, wide), elem_bits(in)), n), v[2];
    for (unsigned i = 0; i < 2; i++)
        v[i] = lopt_bin(l, (LLVMOpcode)ext, lopt_bin(l, LLVMShl, arg(l, in, i, t), by), by);
    return back(l, in, lopt_bin(l, LLVMMul, v[0], v[1]));
}

LLVMValueRef lopt_op_vneighbors(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    enum ir_type e = id == LOPT_INTR_PSADBW ? IR_I8 : IR_I16;
    if (in->type != IR_V128 || (in->aux & IR_VEC_ELEM) != e)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = vec_type(l, IR_V128, e);
    LLVMValueRef args[2] = {arg(l, in, 0, t), NULL};
    args[1] = arg(l, in, 1, t);
    return back(l, in, lopt_call_intrinsic(l, (enum lopt_intrinsic)id, NULL, 0, args, 2));
}

LLVMValueRef lopt_op_vmovmsk(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type type = lopt_type_of(l, in->arg[0]);
    LLVMTypeRef t = vec_type(l, type, (enum ir_type)(in->aux & IR_VEC_ELEM)),
                result = lopt_type(l, (enum ir_type)in->type);
    if (!t)
        return lopt_op_eval(l, in, 0);
    unsigned n = ir_type_bits(type) / elem_bits(in), want = ir_type_bits((enum ir_type)in->type);
    LLVMValueRef negative = lopt_icmp(l, LLVMIntSLT, arg(l, in, 0, t), l->ll->ConstNull(t));
    LLVMValueRef bits = lopt_bitcast(l, negative, l->ll->IntTypeInContext(l->c->ctx, n));
    return n == want ? bits : lopt_cast(l, n < want ? LLVMZExt : LLVMTrunc, bits, result);
}
