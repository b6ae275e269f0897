/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations that are not element by element alike: shifts, compares of floats, permutations, packing, sign
 * masks, neighbors.
 *
 * I1  Permutations and packing are for v128; v256 goes to ir_eval.
 */
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/nan.h"
#include "llvm-opt/emit/op_fns.h"

static LLVMTypeRef vec_type(struct lopt_build *b, enum ir_type type, enum ir_type elem)
{
    enum ir_type e = elem == IR_F32 ? IR_I32 : elem == IR_F64 ? IR_I64 : elem;
    return e < IR_I8 || e > IR_I64 ? NULL : b->ll->VectorType(lopt_type(b, e), ir_type_bits(type) / ir_type_bits(e));
}

static LLVMTypeRef type_of(struct lopt_build *b, const struct ir_insn *in)
{
    return vec_type(b, (enum ir_type)in->type, ir_vec_elem(in->aux));
}

static unsigned elem_bits(const struct ir_insn *in) { return ir_type_bits(ir_vec_elem(in->aux)); }

static LLVMValueRef arg(struct lopt_block *blk, const struct ir_insn *in, unsigned i, LLVMTypeRef t)
{
    return lopt_bitcast(blk->b, lopt_exact(blk, in->arg[i]), t);
}

static LLVMValueRef back(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    return lopt_bitcast(b, v, lopt_type(b, (enum ir_type)in->type));
}

static LLVMValueRef splat(struct lopt_build *b, LLVMTypeRef t, LLVMValueRef s, unsigned n)
{
    LLVMValueRef undef = b->ll->GetUndef(t);
    LLVMValueRef one = b->ll->BuildInsertElement(b->ir, undef, s, lopt_int(b, lopt_type(b, IR_I32), 0), "");
    return b->ll->BuildShuffleVector(b->ir, one, undef, b->ll->ConstNull(b->ll->VectorType(lopt_type(b, IR_I32), n)),
                                     "");
}

/* ---- shifts ---- */

/* Counts as elements: those above most, which is the width - 1, give 0, or the sign. */
static LLVMValueRef shift(struct lopt_build *b, LLVMOpcode op, LLVMValueRef v, LLVMValueRef count, LLVMValueRef most)
{
    LLVMValueRef fits = lopt_icmp(b, LLVMIntULE, count, most);
    if (op != LLVMAShr)
        return lopt_sel(b, fits, lopt_bin(b, op, v, count), b->ll->ConstNull(b->ll->TypeOf(v)));
    LLVMTypeRef t = b->ll->TypeOf(v);
    LLVMValueRef args[2] = {count, most};
    return lopt_bin(b, op, v, lopt_call_intrinsic(b, LOPT_INTR_UMIN, &t, 1, args, 2));
}

LLVMValueRef lopt_op_vshift(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = type_of(b, in);
    if (!t)
        return lopt_op_eval(blk, in, 0);
    unsigned w = elem_bits(in), n = ir_type_bits((enum ir_type)in->type) / w;
    LLVMTypeRef e = b->ll->IntTypeInContext(b->c->ctx, w);
    LLVMValueRef c = lopt_exact(blk, in->arg[1]);
    c = w == 8 ? c : lopt_cast(b, LLVMZExt, c, e);
    LLVMValueRef count = splat(b, t, c, n), most = splat(b, t, lopt_int(b, e, w - 1), n);
    return back(b, in, shift(b, (LLVMOpcode)op, arg(blk, in, 0, t), count, most));
}

LLVMValueRef lopt_op_vshiftv(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = type_of(b, in);
    if (!t)
        return lopt_op_eval(blk, in, 0);
    unsigned w = elem_bits(in), n = ir_type_bits((enum ir_type)in->type) / w;
    LLVMValueRef v = arg(blk, in, 0, t), count = arg(blk, in, 1, t);
    LLVMValueRef most = splat(b, t, lopt_int(b, b->ll->IntTypeInContext(b->c->ctx, w), w - 1), n);
    return back(b, in, shift(b, (LLVMOpcode)op, v, count, most));
}

/* ---- compares of floats ---- */

LLVMValueRef lopt_op_vfcmp(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    static const char *const names[] = {[IR_FEQ] = "oeq", [IR_FLT] = "olt", [IR_FLE] = "ole", [IR_FUNO] = "uno"};
    enum ir_type elem = ir_fp_elem(in->aux);
    if (in->aux & IR_FCOND_NOEXC || (elem != IR_F32 && elem != IR_F64))
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t =
        blk->b->ll->VectorType(lopt_type(blk->b, elem), ir_type_bits((enum ir_type)in->type) / ir_type_bits(elem));
    LLVMValueRef a = arg(blk, in, 0, t), b = arg(blk, in, 1, t);
    LLVMValueRef c = lopt_fcmp(blk->b, names[in->aux & 3], in->aux & IR_FCOND_SIGNALING, a, b);
    return back(blk->b, in, lopt_cast(blk->b, LLVMSExt, c, vec_type(blk->b, (enum ir_type)in->type, elem)));
}

/* ---- permutations (I1) ---- */

static LLVMValueRef permute(struct lopt_block *blk, const struct ir_insn *in, LLVMTypeRef t, const unsigned *from,
                            unsigned n)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef mask[16];
    for (unsigned i = 0; i < n; i++)
        mask[i] = lopt_int(b, lopt_type(b, IR_I32), from[i]);
    LLVMValueRef a = arg(blk, in, 0, t);
    return back(b, in, b->ll->BuildShuffleVector(b->ir, a, arg(blk, in, 1, t), b->ll->ConstVector(mask, n), ""));
}

LLVMValueRef lopt_op_vshuf(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = in->type == IR_V128 ? type_of(blk->b, in) : NULL;
    if (!t)
        return lopt_op_eval(blk, in, 0);
    unsigned n = 128 / elem_bits(in), from[16];
    for (unsigned i = 0; i < n; i++)
        from[i] = (unsigned)(in->imm >> 4 * i) & 15 & (2 * n - 1);
    return permute(blk, in, t, from, n);
}

LLVMValueRef lopt_op_vext(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = in->type == IR_V128 ? type_of(blk->b, in) : NULL;
    if (!t)
        return lopt_op_eval(blk, in, 0);
    unsigned n = 128 / elem_bits(in), from[16];
    for (unsigned i = 0; i < n; i++)
        from[i] = i + (unsigned)in->imm;
    return permute(blk, in, t, from, n);
}

/* high: 1 the upper halves */
LLVMValueRef lopt_op_vzip(struct lopt_block *blk, const struct ir_insn *in, unsigned high)
{
    LLVMTypeRef t = in->type == IR_V128 ? type_of(blk->b, in) : NULL;
    if (!t)
        return lopt_op_eval(blk, in, 0);
    unsigned n = 128 / elem_bits(in), from[16];
    for (unsigned i = 0; i < n; i++)
        from[i] = high * n / 2 + i / 2 + (i & 1 ? n : 0);
    return permute(blk, in, t, from, n);
}

LLVMValueRef lopt_op_vtbl(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    if (in->type != IR_V128 || !b->host->shuffles_bytes)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = vec_type(b, IR_V128, IR_I8);
    LLVMValueRef args[2] = {arg(blk, in, 0, t), NULL};
    args[1] = arg(blk, in, 1, t);
    return back(b, in, lopt_call_intrinsic(b, LOPT_INTR_SHUFFLE_BYTES, NULL, 0, args, 2));
}

LLVMValueRef lopt_op_vpack(struct lopt_block *blk, const struct ir_insn *in, unsigned to_unsigned)
{
    struct lopt_build *b = blk->b;
    static const enum lopt_intrinsic ids[2][2] = {{LOPT_INTR_PACK_SS_I16, LOPT_INTR_PACK_SS_I32},
                                                  {LOPT_INTR_PACK_SU_I16, LOPT_INTR_PACK_SU_I32}};
    enum ir_type e = ir_vec_elem(in->aux);
    if (in->type != IR_V128 || (e != IR_I16 && e != IR_I32) || (to_unsigned && e == IR_I32 && !b->host->rounds))
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = vec_type(b, IR_V128, e);
    LLVMValueRef args[2] = {arg(blk, in, 0, t), NULL};
    args[1] = arg(blk, in, 1, t);
    return back(b, in, lopt_call_intrinsic(b, ids[to_unsigned][e == IR_I32], NULL, 0, args, 2));
}

/* ---- products and sums of neighbors ---- */

/* Even elements, extended in place; ext: the shift that brings them down */
LLVMValueRef lopt_op_vmule(struct lopt_block *blk, const struct ir_insn *in, unsigned ext)
{
    struct lopt_build *b = blk->b;
    enum ir_type e = ir_vec_elem(in->aux);
    if (e < IR_I8 || e > IR_I32)
        return lopt_op_eval(blk, in, 0);
    enum ir_type wide = (enum ir_type)(e + 1);
    LLVMTypeRef t = vec_type(b, (enum ir_type)in->type, wide);
    unsigned n = ir_type_bits((enum ir_type)in->type) / ir_type_bits(wide);
    LLVMValueRef by = splat(b, t, lopt_int(b, lopt_type(b, wide), elem_bits(in)), n), v[2];
    for (unsigned i = 0; i < 2; i++)
        v[i] = lopt_bin(b, (LLVMOpcode)ext, lopt_bin(b, LLVMShl, arg(blk, in, i, t), by), by);
    return back(b, in, lopt_bin(b, LLVMMul, v[0], v[1]));
}

LLVMValueRef lopt_op_vneighbors(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    enum ir_type e = id == LOPT_INTR_SUM_DIFFERENCES ? IR_I8 : IR_I16;
    if (in->type != IR_V128 || ir_vec_elem(in->aux) != e)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = vec_type(b, IR_V128, e);
    LLVMValueRef args[2] = {arg(blk, in, 0, t), NULL};
    args[1] = arg(blk, in, 1, t);
    return back(b, in, lopt_call_intrinsic(b, (enum lopt_intrinsic)id, NULL, 0, args, 2));
}

LLVMValueRef lopt_op_vmovmsk(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type type = lopt_type_of(blk, in->arg[0]);
    LLVMTypeRef t = vec_type(b, type, ir_vec_elem(in->aux)), result = lopt_type(b, (enum ir_type)in->type);
    if (!t)
        return lopt_op_eval(blk, in, 0);
    unsigned n = ir_type_bits(type) / elem_bits(in), want = ir_type_bits((enum ir_type)in->type);
    LLVMValueRef negative = lopt_icmp(b, LLVMIntSLT, arg(blk, in, 0, t), b->ll->ConstNull(t));
    LLVMValueRef bits = lopt_bitcast(b, negative, b->ll->IntTypeInContext(b->c->ctx, n));
    return n == want ? bits : lopt_cast(b, n < want ? LLVMZExt : LLVMTrunc, bits, result);
}
