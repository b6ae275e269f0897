/* SPDX-License-Identifier: Apache-2.0 */
/* Integer operations.
 *
 * I1  No LLVM operation here is fed what makes it undefined: shift counts are masked, divisors tested.
 * I2  128-bit division and high products go to ir_eval: LLVM would call a run-time library that is not there.
 */
#include "llvm-opt/emit/build.h"
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/op_fns.h"

static unsigned bits_of(const struct ir_insn *in) { return ir_type_bits((enum ir_type)in->type); }

LLVMValueRef lopt_op_binary(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef a = lopt_exact(blk, in->arg[0]);
    return lopt_bin(blk->b, (LLVMOpcode)op, a, lopt_exact(blk, in->arg[1]));
}

/* The 32-bit value that v is the sign extension of, or NULL. */
static LLVMValueRef narrow_of(struct lopt_build *b, LLVMValueRef v)
{
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    if (b->ll->IsASExtInst(v)) {
        LLVMValueRef narrow = b->ll->GetOperand(v, 0);
        return b->ll->TypeOf(narrow) == i32 ? narrow : NULL;
    }
    if (!b->ll->IsAConstantInt(v) || b->ll->TypeOf(v) != lopt_type(b, IR_I64))
        return NULL;
    int64_t c = b->ll->ConstIntGetSExtValue(v);
    return c == (int32_t)c ? lopt_int(b, i32, (uint32_t)c) : NULL;
}

/* Of two sign extensions the operation is done before them: RISC-V's rotations are two 32-bit shifts and a 64-bit or,
 * in which LLVM sees no rotation once the shift to the right has become a zero extension. */
LLVMValueRef lopt_op_bitwise(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef a = lopt_exact(blk, in->arg[0]), b = lopt_exact(blk, in->arg[1]);
    LLVMValueRef x = in->type == IR_I64 ? narrow_of(blk->b, a) : NULL, y = x ? narrow_of(blk->b, b) : NULL;
    if (!y)
        return lopt_bin(blk->b, (LLVMOpcode)op, a, b);
    return lopt_cast(blk->b, LLVMSExt, lopt_bin(blk->b, (LLVMOpcode)op, x, y), lopt_type(blk->b, IR_I64));
}

/* param: bit 0 first operand signed, bit 1 second */
LLVMValueRef lopt_op_mulh(struct lopt_block *blk, const struct ir_insn *in, unsigned is_signed)
{
    unsigned bits = bits_of(in);
    if (bits > 64)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef wide = blk->b->ll->IntTypeInContext(blk->b->c->ctx, bits * 2);
    LLVMValueRef a = lopt_cast(blk->b, is_signed & 1 ? LLVMSExt : LLVMZExt, lopt_exact(blk, in->arg[0]), wide);
    LLVMValueRef b = lopt_cast(blk->b, is_signed & 2 ? LLVMSExt : LLVMZExt, lopt_exact(blk, in->arg[1]), wide);
    LLVMValueRef p = lopt_bin(blk->b, LLVMLShr, lopt_bin(blk->b, LLVMMul, a, b), lopt_int(blk->b, wide, bits));
    return lopt_cast(blk->b, LLVMTrunc, p, lopt_type(blk->b, (enum ir_type)in->type));
}

static bool safe_divisor(const struct lopt_block *blk, const struct ir_insn *in)
{
    const struct ir_insn *d = &blk->block->insns[in->arg[1]];
    unsigned bits = bits_of(in);
    uint64_t mask = bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
    return d->op == IR_CONST && (d->imm & mask) != 0 && (d->imm & mask) != mask;
}

LLVMValueRef lopt_op_div_unsigned(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    if (bits_of(in) > 64)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]), d = lopt_exact(blk, in->arg[1]);
    if (safe_divisor(blk, in))
        return lopt_bin(b, (LLVMOpcode)op, a, d);
    struct lopt_diamond side = lopt_side_begin(b, lopt_icmp(b, LLVMIntEQ, d, lopt_int(b, t, 0)));
    lopt_side_else(b, &side, op == LLVMUDiv ? b->ll->ConstInt(t, ~0ull, 1) : a);
    return lopt_side_end(b, &side, lopt_bin(b, (LLVMOpcode)op, a, d));
}

LLVMValueRef lopt_op_div_signed(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    if (bits_of(in) > 64)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]), d = lopt_exact(blk, in->arg[1]);
    if (safe_divisor(blk, in))
        return lopt_bin(b, (LLVMOpcode)op, a, d);
    LLVMValueRef odd = lopt_icmp(b, LLVMIntULE, lopt_bin(b, LLVMAdd, d, lopt_int(b, t, 1)), lopt_int(b, t, 1));
    struct lopt_diamond side = lopt_side_begin(b, odd); /* 0 and -1 */
    LLVMValueRef zero = lopt_icmp(b, LLVMIntEQ, d, lopt_int(b, t, 0)), v;
    if (op == LLVMSDiv)
        v = lopt_sel(b, zero, b->ll->ConstInt(t, ~0ull, 1), lopt_bin(b, LLVMSub, lopt_int(b, t, 0), a));
    else
        v = lopt_sel(b, zero, a, lopt_int(b, t, 0));
    lopt_side_else(b, &side, v);
    return lopt_side_end(b, &side, lopt_bin(b, (LLVMOpcode)op, a, d));
}

LLVMValueRef lopt_op_not(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]), narrow = in->type == IR_I64 ? narrow_of(b, a) : NULL;
    if (narrow)
        return lopt_cast(b, LLVMSExt, lopt_bin(b, LLVMXor, narrow, lopt_int(b, lopt_type(b, IR_I32), UINT32_MAX)), t);
    LLVMValueRef ones = b->ll->BuildBinOp(b->ir, LLVMSub, b->ll->ConstNull(t), lopt_int(b, t, 1), "");
    return lopt_bin(b, LLVMXor, a, ones);
}

LLVMValueRef lopt_op_neg(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    return lopt_bin(b, LLVMSub, b->ll->ConstNull(t), lopt_exact(blk, in->arg[0]));
}

LLVMValueRef lopt_op_shift(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]);
    LLVMValueRef n = lopt_bin(b, LLVMAnd, lopt_exact(blk, in->arg[1]), lopt_int(b, t, bits_of(in) - 1));
    return lopt_bin(b, (LLVMOpcode)op, a, n);
}

LLVMValueRef lopt_op_rotate(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]);
    LLVMValueRef args[3] = {a, a, lopt_exact(blk, in->arg[1])};
    return lopt_call_intrinsic(b, (enum lopt_intrinsic)id, &t, 1, args, 3);
}

LLVMValueRef lopt_op_intr1(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]);
    return lopt_call_intrinsic(b, (enum lopt_intrinsic)id, &t, 1, &a, 1);
}

LLVMValueRef lopt_op_intr2(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef args[2] = {lopt_exact(blk, in->arg[0]), NULL};
    args[1] = lopt_exact(blk, in->arg[1]);
    return lopt_call_intrinsic(b, (enum lopt_intrinsic)id, &t, 1, args, 2);
}

LLVMValueRef lopt_op_count_zeros(struct lopt_block *blk, const struct ir_insn *in, unsigned id)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef args[2] = {lopt_exact(blk, in->arg[0]), lopt_int(b, lopt_type(b, IR_I1), 0)};
    return lopt_call_intrinsic(b, (enum lopt_intrinsic)id, &t, 1, args, 2);
}

/* Bit 7 of each byte of ((x & 0x7f) + 0x7f) | x says that the byte is not zero; times 255 spreads it. */
LLVMValueRef lopt_op_orc_b(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    if (bits_of(in) > 64)
        return lopt_op_eval(blk, in, 0);
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef x = lopt_exact(blk, in->arg[0]);
    LLVMValueRef low = lopt_int(b, t, 0x7f7f7f7f7f7f7f7f);
    LLVMValueRef m = lopt_bin(b, LLVMAdd, lopt_bin(b, LLVMAnd, x, low), low);
    m = lopt_bin(b, LLVMLShr, lopt_bin(b, LLVMOr, m, x), lopt_int(b, t, 7));
    return lopt_bin(b, LLVMMul, lopt_bin(b, LLVMAnd, m, lopt_int(b, t, 0x0101010101010101)), lopt_int(b, t, 255));
}

struct carry_sum {
    LLVMValueRef a, b, c, first, sum;
};

static struct carry_sum carry_sum(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    struct carry_sum s = {.a = lopt_exact(blk, in->arg[0]), .b = lopt_exact(blk, in->arg[1])};
    s.c = lopt_cast(b, LLVMZExt, lopt_exact(blk, in->arg[2]), lopt_type(b, (enum ir_type)in->type));
    s.first = lopt_bin(b, (LLVMOpcode)op, s.a, s.b);
    s.sum = lopt_bin(b, (LLVMOpcode)op, s.first, s.c);
    return s;
}

LLVMValueRef lopt_op_add_carry(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    return carry_sum(blk, in, op).sum;
}

LLVMValueRef lopt_op_carry(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    struct carry_sum s = carry_sum(blk, in, op);
    LLVMIntPredicate p = op == LLVMAdd ? LLVMIntULT : LLVMIntUGT;
    return lopt_bin(b, LLVMOr, lopt_icmp(b, p, s.first, s.a), lopt_icmp(b, p, s.sum, s.first));
}

LLVMValueRef lopt_op_overflow(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    struct carry_sum s = carry_sum(blk, in, op);
    LLVMValueRef x = lopt_bin(b, LLVMXor, s.a, s.sum);
    LLVMValueRef y = op == LLVMAdd ? lopt_bin(b, LLVMXor, s.b, s.sum) : lopt_bin(b, LLVMXor, s.a, s.b);
    return lopt_icmp(b, LLVMIntSLT, lopt_bin(b, LLVMAnd, x, y), b->ll->ConstNull(b->ll->TypeOf(x)));
}

LLVMValueRef lopt_op_parity(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef i8 = lopt_type(b, IR_I8);
    LLVMValueRef v = lopt_exact(blk, in->arg[0]);
    if (in->type != IR_I8)
        v = lopt_cast(b, LLVMTrunc, v, i8);
    v = lopt_call_intrinsic(b, LOPT_INTR_CTPOP, &i8, 1, &v, 1);
    return lopt_icmp(b, LLVMIntEQ, lopt_bin(b, LLVMAnd, v, lopt_int(b, i8, 1)), lopt_int(b, i8, 0));
}

LLVMValueRef lopt_op_cast(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef v = lopt_exact(blk, in->arg[0]);
    if (lopt_type_of(blk, in->arg[0]) == (enum ir_type)in->type)
        return v;
    return lopt_cast(b, (LLVMOpcode)op, v, lopt_type(b, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_concat(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    LLVMValueRef lo = lopt_cast(b, LLVMZExt, lopt_exact(blk, in->arg[0]), t);
    LLVMValueRef hi = lopt_cast(b, LLVMZExt, lopt_exact(blk, in->arg[1]), t);
    return lopt_bin(b, LLVMOr, lo, lopt_bin(b, LLVMShl, hi, lopt_int(b, t, bits_of(in) / 2)));
}

LLVMValueRef lopt_op_high(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef v = lopt_exact(blk, in->arg[0]);
    v = lopt_bin(b, LLVMLShr, v, lopt_int(b, b->ll->TypeOf(v), bits_of(in)));
    return lopt_cast(b, LLVMTrunc, v, lopt_type(b, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_bitcast(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    return lopt_bitcast(b, lopt_exact(blk, in->arg[0]), lopt_type(b, (enum ir_type)in->type));
}

/* The field is moved to the top, then down again. */
LLVMValueRef lopt_op_extract(struct lopt_block *blk, const struct ir_insn *in, unsigned op)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    unsigned pos = ir_bits_pos(in->aux), len = ir_bits_len(in->aux), bits = bits_of(in);
    LLVMValueRef v = lopt_exact(blk, in->arg[0]);
    if (len == 0)
        return b->ll->ConstNull(t);
    v = lopt_bin(b, LLVMShl, v, lopt_int(b, t, bits - pos - len));
    return lopt_bin(b, (LLVMOpcode)op, v, lopt_int(b, t, bits - len));
}

LLVMValueRef lopt_op_deposit(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, (enum ir_type)in->type);
    unsigned pos = ir_bits_pos(in->aux), len = ir_bits_len(in->aux), bits = bits_of(in);
    LLVMValueRef a = lopt_exact(blk, in->arg[0]), f = lopt_exact(blk, in->arg[1]);
    if (len == 0)
        return a;
    LLVMValueRef ones = b->ll->ConstInt(t, ~0ull, 1);
    LLVMValueRef mask = lopt_bin(b, LLVMLShr, ones, lopt_int(b, t, bits - len));
    LLVMValueRef hole = lopt_bin(b, LLVMXor, lopt_bin(b, LLVMShl, mask, lopt_int(b, t, pos)), ones);
    f = lopt_bin(b, LLVMShl, lopt_bin(b, LLVMAnd, f, mask), lopt_int(b, t, pos));
    return lopt_bin(b, LLVMOr, lopt_bin(b, LLVMAnd, a, hole), f);
}

LLVMValueRef lopt_op_icmp(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    static const LLVMIntPredicate predicates[IR_COND_COUNT] = {
        [IR_EQ] = LLVMIntEQ,   [IR_NE] = LLVMIntNE,   [IR_SLT] = LLVMIntSLT, [IR_SLE] = LLVMIntSLE,
        [IR_SGT] = LLVMIntSGT, [IR_SGE] = LLVMIntSGE, [IR_ULT] = LLVMIntULT, [IR_ULE] = LLVMIntULE,
        [IR_UGT] = LLVMIntUGT, [IR_UGE] = LLVMIntUGE};
    LLVMValueRef a = lopt_exact(blk, in->arg[0]);
    return lopt_icmp(blk->b, predicates[in->aux], a, lopt_exact(blk, in->arg[1]));
}

LLVMValueRef lopt_op_select(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef c = lopt_exact(blk, in->arg[0]), a = lopt_exact(blk, in->arg[1]);
    return lopt_sel(blk->b, c, a, lopt_exact(blk, in->arg[2]));
}
