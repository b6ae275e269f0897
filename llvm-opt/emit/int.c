/* SPDX-License-Identifier: Apache-2.0 */
/* Integer operations.
 *
 * I1  No LLVM operation here is fed what makes it undefined: shift counts are masked, divisors tested.
 * I2  128-bit division and high products go to ir_eval: LLVM would call a run-time library that is not there.
 */
#include "llvm-opt/emit/emit.h"

static unsigned bits_of(const struct ir_insn *in) { return ir_type_bits((enum ir_type)in->type); }

LLVMValueRef lopt_op_binary(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef a = lopt_exact(l, in->arg[0]);
    return lopt_bin(l, (LLVMOpcode)op, a, lopt_exact(l, in->arg[1]));
}

/* The 32-bit value that v is the sign extension of, or NULL. */
static LLVMValueRef narrow_of(struct lopt_emit *l, LLVMValueRef v)
{
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    if (l->ll->IsASExtInst(v)) {
        LLVMValueRef narrow = l->ll->GetOperand(v, 0);
        return l->ll->TypeOf(narrow) == i32 ? narrow : NULL;
    }
    if (!l->ll->IsAConstantInt(v) || l->ll->TypeOf(v) != lopt_type(l, IR_I64))
        return NULL;
    int64_t c = l->ll->ConstIntGetSExtValue(v);
    return c == (int32_t)c ? lopt_int(l, i32, (uint32_t)c) : NULL;
}

/* Of two sign extensions the operation is done before them: RISC-V's rotations are two 32-bit shifts and a 64-bit or,
 * in which LLVM sees no rotation once the shift to the right has become a zero extension. */
LLVMValueRef lopt_op_bitwise(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef a = lopt_exact(l, in->arg[0]), b = lopt_exact(l, in->arg[1]);
    LLVMValueRef x = in->type == IR_I64 ? narrow_of(l, a) : NULL, y = x ? narrow_of(l, b) : NULL;
    if (!y)
        return lopt_bin(l, (LLVMOpcode)op, a, b);
    return lopt_cast(l, LLVMSExt, lopt_bin(l, (LLVMOpcode)op, x, y), lopt_type(l, IR_I64));
}

/* param: bit 0 first operand signed, bit 1 second */
LLVMValueRef lopt_op_mulh(struct lopt_emit *l, const struct ir_insn *in, unsigned is_signed)
{
    unsigned bits = bits_of(in);
    if (bits > 64)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef wide = l->ll->IntTypeInContext(l->c->ctx, bits * 2);
    LLVMValueRef a = lopt_cast(l, is_signed & 1 ? LLVMSExt : LLVMZExt, lopt_exact(l, in->arg[0]), wide);
    LLVMValueRef b = lopt_cast(l, is_signed & 2 ? LLVMSExt : LLVMZExt, lopt_exact(l, in->arg[1]), wide);
    LLVMValueRef p = lopt_bin(l, LLVMLShr, lopt_bin(l, LLVMMul, a, b), lopt_int(l, wide, bits));
    return lopt_cast(l, LLVMTrunc, p, lopt_type(l, (enum ir_type)in->type));
}

static bool safe_divisor(const struct lopt_emit *l, const struct ir_insn *in)
{
    const struct ir_insn *d = &l->block->insns[in->arg[1]];
    unsigned bits = bits_of(in);
    uint64_t mask = bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
    return d->op == IR_CONST && (d->imm & mask) != 0 && (d->imm & mask) != mask;
}

LLVMValueRef lopt_op_div_unsigned(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    if (bits_of(in) > 64)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(l, in->arg[0]), d = lopt_exact(l, in->arg[1]);
    if (safe_divisor(l, in))
        return lopt_bin(l, (LLVMOpcode)op, a, d);
    struct lopt_diamond side = lopt_side_begin(l, lopt_icmp(l, LLVMIntEQ, d, lopt_int(l, t, 0)));
    lopt_side_else(l, &side, op == LLVMUDiv ? l->ll->ConstInt(t, ~0ull, 1) : a);
    return lopt_side_end(l, &side, lopt_bin(l, (LLVMOpcode)op, a, d));
}

LLVMValueRef lopt_op_div_signed(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    if (bits_of(in) > 64)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(l, in->arg[0]), d = lopt_exact(l, in->arg[1]);
    if (safe_divisor(l, in))
        return lopt_bin(l, (LLVMOpcode)op, a, d);
    LLVMValueRef odd = lopt_icmp(l, LLVMIntULE, lopt_bin(l, LLVMAdd, d, lopt_int(l, t, 1)), lopt_int(l, t, 1));
    struct lopt_diamond side = lopt_side_begin(l, odd); /* 0 and -1 */
    LLVMValueRef zero = lopt_icmp(l, LLVMIntEQ, d, lopt_int(l, t, 0)), v;
    if (op == LLVMSDiv)
        v = lopt_sel(l, zero, l->ll->ConstInt(t, ~0ull, 1), lopt_bin(l, LLVMSub, lopt_int(l, t, 0), a));
    else
        v = lopt_sel(l, zero, a, lopt_int(l, t, 0));
    lopt_side_else(l, &side, v);
    return lopt_side_end(l, &side, lopt_bin(l, (LLVMOpcode)op, a, d));
}

LLVMValueRef lopt_op_not(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(l, in->arg[0]), narrow = in->type == IR_I64 ? narrow_of(l, a) : NULL;
    if (narrow)
        return lopt_cast(l, LLVMSExt, lopt_bin(l, LLVMXor, narrow, lopt_int(l, lopt_type(l, IR_I32), UINT32_MAX)), t);
    LLVMValueRef ones = l->ll->BuildBinOp(l->b, LLVMSub, l->ll->ConstNull(t), lopt_int(l, t, 1), "");
    return lopt_bin(l, LLVMXor, a, ones);
}

LLVMValueRef lopt_op_neg(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    return lopt_bin(l, LLVMSub, l->ll->ConstNull(t), lopt_exact(l, in->arg[0]));
}

LLVMValueRef lopt_op_shift(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(l, in->arg[0]);
    LLVMValueRef n = lopt_bin(l, LLVMAnd, lopt_exact(l, in->arg[1]), lopt_int(l, t, bits_of(in) - 1));
    return lopt_bin(l, (LLVMOpcode)op, a, n);
}

LLVMValueRef lopt_op_rotate(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(l, in->arg[0]);
    LLVMValueRef args[3] = {a, a, lopt_exact(l, in->arg[1])};
    return lopt_call_intrinsic(l, (enum lopt_intrinsic)id, &t, 1, args, 3);
}

LLVMValueRef lopt_op_intr1(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef a = lopt_exact(l, in->arg[0]);
    return lopt_call_intrinsic(l, (enum lopt_intrinsic)id, &t, 1, &a, 1);
}

LLVMValueRef lopt_op_intr2(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef args[2] = {lopt_exact(l, in->arg[0]), NULL};
    args[1] = lopt_exact(l, in->arg[1]);
    return lopt_call_intrinsic(l, (enum lopt_intrinsic)id, &t, 1, args, 2);
}

LLVMValueRef lopt_op_count_zeros(struct lopt_emit *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef args[2] = {lopt_exact(l, in->arg[0]), lopt_int(l, lopt_type(l, IR_I1), 0)};
    return lopt_call_intrinsic(l, (enum lopt_intrinsic)id, &t, 1, args, 2);
}

/* Bit 7 of each byte of ((x & 0x7f) + 0x7f) | x says that the byte is not zero; times 255 spreads it. */
LLVMValueRef lopt_op_orc_b(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    if (bits_of(in) > 64)
        return lopt_op_eval(l, in, 0);
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef x = lopt_exact(l, in->arg[0]);
    LLVMValueRef low = lopt_int(l, t, 0x7f7f7f7f7f7f7f7f);
    LLVMValueRef m = lopt_bin(l, LLVMAdd, lopt_bin(l, LLVMAnd, x, low), low);
    m = lopt_bin(l, LLVMLShr, lopt_bin(l, LLVMOr, m, x), lopt_int(l, t, 7));
    return lopt_bin(l, LLVMMul, lopt_bin(l, LLVMAnd, m, lopt_int(l, t, 0x0101010101010101)), lopt_int(l, t, 255));
}

struct carry_sum {
    LLVMValueRef a, b, c, first, sum;
};

static struct carry_sum carry_sum(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    struct carry_sum s = {.a = lopt_exact(l, in->arg[0]), .b = lopt_exact(l, in->arg[1])};
    s.c = lopt_cast(l, LLVMZExt, lopt_exact(l, in->arg[2]), lopt_type(l, (enum ir_type)in->type));
    s.first = lopt_bin(l, (LLVMOpcode)op, s.a, s.b);
    s.sum = lopt_bin(l, (LLVMOpcode)op, s.first, s.c);
    return s;
}

LLVMValueRef lopt_op_add_carry(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    return carry_sum(l, in, op).sum;
}

LLVMValueRef lopt_op_carry(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    struct carry_sum s = carry_sum(l, in, op);
    LLVMIntPredicate p = op == LLVMAdd ? LLVMIntULT : LLVMIntUGT;
    return lopt_bin(l, LLVMOr, lopt_icmp(l, p, s.first, s.a), lopt_icmp(l, p, s.sum, s.first));
}

LLVMValueRef lopt_op_overflow(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    struct carry_sum s = carry_sum(l, in, op);
    LLVMValueRef x = lopt_bin(l, LLVMXor, s.a, s.sum);
    LLVMValueRef y = op == LLVMAdd ? lopt_bin(l, LLVMXor, s.b, s.sum) : lopt_bin(l, LLVMXor, s.a, s.b);
    return lopt_icmp(l, LLVMIntSLT, lopt_bin(l, LLVMAnd, x, y), l->ll->ConstNull(l->ll->TypeOf(x)));
}

LLVMValueRef lopt_op_parity(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef i8 = lopt_type(l, IR_I8);
    LLVMValueRef v = lopt_exact(l, in->arg[0]);
    if (in->type != IR_I8)
        v = lopt_cast(l, LLVMTrunc, v, i8);
    v = lopt_call_intrinsic(l, LOPT_INTR_CTPOP, &i8, 1, &v, 1);
    return lopt_icmp(l, LLVMIntEQ, lopt_bin(l, LLVMAnd, v, lopt_int(l, i8, 1)), lopt_int(l, i8, 0));
}

LLVMValueRef lopt_op_cast(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef v = lopt_exact(l, in->arg[0]);
    if (lopt_type_of(l, in->arg[0]) == (enum ir_type)in->type)
        return v;
    return lopt_cast(l, (LLVMOpcode)op, v, lopt_type(l, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_concat(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    LLVMValueRef lo = lopt_cast(l, LLVMZExt, lopt_exact(l, in->arg[0]), t);
    LLVMValueRef hi = lopt_cast(l, LLVMZExt, lopt_exact(l, in->arg[1]), t);
    return lopt_bin(l, LLVMOr, lo, lopt_bin(l, LLVMShl, hi, lopt_int(l, t, bits_of(in) / 2)));
}

LLVMValueRef lopt_op_high(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef v = lopt_exact(l, in->arg[0]);
    v = lopt_bin(l, LLVMLShr, v, lopt_int(l, l->ll->TypeOf(v), bits_of(in)));
    return lopt_cast(l, LLVMTrunc, v, lopt_type(l, (enum ir_type)in->type));
}

LLVMValueRef lopt_op_bitcast(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    return lopt_bitcast(l, lopt_exact(l, in->arg[0]), lopt_type(l, (enum ir_type)in->type));
}

/* The field is moved to the top, then down again. */
LLVMValueRef lopt_op_extract(struct lopt_emit *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    unsigned pos = in->aux & 0xff, len = in->aux >> 8, bits = bits_of(in);
    LLVMValueRef v = lopt_exact(l, in->arg[0]);
    if (len == 0)
        return l->ll->ConstNull(t);
    v = lopt_bin(l, LLVMShl, v, lopt_int(l, t, bits - pos - len));
    return lopt_bin(l, (LLVMOpcode)op, v, lopt_int(l, t, bits - len));
}

LLVMValueRef lopt_op_deposit(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lopt_type(l, (enum ir_type)in->type);
    unsigned pos = in->aux & 0xff, len = in->aux >> 8, bits = bits_of(in);
    LLVMValueRef a = lopt_exact(l, in->arg[0]), f = lopt_exact(l, in->arg[1]);
    if (len == 0)
        return a;
    LLVMValueRef ones = l->ll->ConstInt(t, ~0ull, 1);
    LLVMValueRef mask = lopt_bin(l, LLVMLShr, ones, lopt_int(l, t, bits - len));
    LLVMValueRef hole = lopt_bin(l, LLVMXor, lopt_bin(l, LLVMShl, mask, lopt_int(l, t, pos)), ones);
    f = lopt_bin(l, LLVMShl, lopt_bin(l, LLVMAnd, f, mask), lopt_int(l, t, pos));
    return lopt_bin(l, LLVMOr, lopt_bin(l, LLVMAnd, a, hole), f);
}

LLVMValueRef lopt_op_icmp(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    static const LLVMIntPredicate predicates[IR_COND_COUNT] = {
        [IR_EQ] = LLVMIntEQ,   [IR_NE] = LLVMIntNE,   [IR_SLT] = LLVMIntSLT, [IR_SLE] = LLVMIntSLE,
        [IR_SGT] = LLVMIntSGT, [IR_SGE] = LLVMIntSGE, [IR_ULT] = LLVMIntULT, [IR_ULE] = LLVMIntULE,
        [IR_UGT] = LLVMIntUGT, [IR_UGE] = LLVMIntUGE};
    LLVMValueRef a = lopt_exact(l, in->arg[0]);
    return lopt_icmp(l, predicates[in->aux], a, lopt_exact(l, in->arg[1]));
}

LLVMValueRef lopt_op_select(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef c = lopt_exact(l, in->arg[0]), a = lopt_exact(l, in->arg[1]);
    return lopt_sel(l, c, a, lopt_exact(l, in->arg[2]));
}
