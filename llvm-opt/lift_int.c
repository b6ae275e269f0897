/* SPDX-License-Identifier: Apache-2.0 */
/* Integer operations.
 *
 * I1  No LLVM operation here is fed what makes it undefined: shift counts are masked, divisors tested.
 * I2  128-bit division and high products go to ir_eval: LLVM would call a run-time library that is not there.
 */
#include "llvm-opt/lift.h"

static unsigned bits_of(const struct ir_insn *in) { return ir_type_bits((enum ir_type)in->type); }

LLVMValueRef lift_binary(struct lift *l, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef a = lift_exact(l, in->arg[0]);
    return l_bin(l, (LLVMOpcode)op, a, lift_exact(l, in->arg[1]));
}

/* The 32-bit value that v is the sign extension of, or NULL. */
static LLVMValueRef narrow_of(struct lift *l, LLVMValueRef v)
{
    LLVMTypeRef i32 = lt(l, IR_I32);
    if (l->ll->IsASExtInst(v)) {
        LLVMValueRef narrow = l->ll->GetOperand(v, 0);
        return l->ll->TypeOf(narrow) == i32 ? narrow : NULL;
    }
    if (!l->ll->IsAConstantInt(v) || l->ll->TypeOf(v) != lt(l, IR_I64))
        return NULL;
    int64_t c = l->ll->ConstIntGetSExtValue(v);
    return c == (int32_t)c ? l_int(l, i32, (uint32_t)c) : NULL;
}

/* Of two sign extensions the operation is done before them: RISC-V's rotations are two 32-bit shifts and a 64-bit or,
 * in which LLVM sees no rotation once the shift to the right has become a zero extension. */
LLVMValueRef lift_bitwise(struct lift *l, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef a = lift_exact(l, in->arg[0]), b = lift_exact(l, in->arg[1]);
    LLVMValueRef x = in->type == IR_I64 ? narrow_of(l, a) : NULL, y = x ? narrow_of(l, b) : NULL;
    if (!y)
        return l_bin(l, (LLVMOpcode)op, a, b);
    return l_cast(l, LLVMSExt, l_bin(l, (LLVMOpcode)op, x, y), lt(l, IR_I64));
}

/* param: bit 0 first operand signed, bit 1 second */
LLVMValueRef lift_mulh(struct lift *l, const struct ir_insn *in, unsigned is_signed)
{
    unsigned bits = bits_of(in);
    if (bits > 64)
        return lift_eval(l, in, 0);
    LLVMTypeRef wide = l->ll->IntTypeInContext(l->c->ctx, bits * 2);
    LLVMValueRef a = l_cast(l, is_signed & 1 ? LLVMSExt : LLVMZExt, lift_exact(l, in->arg[0]), wide);
    LLVMValueRef b = l_cast(l, is_signed & 2 ? LLVMSExt : LLVMZExt, lift_exact(l, in->arg[1]), wide);
    LLVMValueRef p = l_bin(l, LLVMLShr, l_bin(l, LLVMMul, a, b), l_int(l, wide, bits));
    return l_cast(l, LLVMTrunc, p, lt(l, (enum ir_type)in->type));
}

static bool safe_divisor(const struct lift *l, const struct ir_insn *in)
{
    const struct ir_insn *d = &l->block->insns[in->arg[1]];
    unsigned bits = bits_of(in);
    uint64_t mask = bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
    return d->op == IR_CONST && (d->imm & mask) != 0 && (d->imm & mask) != mask;
}

LLVMValueRef lift_div_unsigned(struct lift *l, const struct ir_insn *in, unsigned op)
{
    if (bits_of(in) > 64)
        return lift_eval(l, in, 0);
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef a = lift_exact(l, in->arg[0]), d = lift_exact(l, in->arg[1]);
    if (safe_divisor(l, in))
        return l_bin(l, (LLVMOpcode)op, a, d);
    struct lift_diamond side = lift_side_begin(l, l_icmp(l, LLVMIntEQ, d, l_int(l, t, 0)));
    lift_side_else(l, &side, op == LLVMUDiv ? l->ll->ConstInt(t, ~0ull, 1) : a);
    return lift_side_end(l, &side, l_bin(l, (LLVMOpcode)op, a, d));
}

LLVMValueRef lift_div_signed(struct lift *l, const struct ir_insn *in, unsigned op)
{
    if (bits_of(in) > 64)
        return lift_eval(l, in, 0);
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef a = lift_exact(l, in->arg[0]), d = lift_exact(l, in->arg[1]);
    if (safe_divisor(l, in))
        return l_bin(l, (LLVMOpcode)op, a, d);
    LLVMValueRef odd = l_icmp(l, LLVMIntULE, l_bin(l, LLVMAdd, d, l_int(l, t, 1)), l_int(l, t, 1));
    struct lift_diamond side = lift_side_begin(l, odd); /* 0 and -1 */
    LLVMValueRef zero = l_icmp(l, LLVMIntEQ, d, l_int(l, t, 0)), v;
    if (op == LLVMSDiv)
        v = l_sel(l, zero, l->ll->ConstInt(t, ~0ull, 1), l_bin(l, LLVMSub, l_int(l, t, 0), a));
    else
        v = l_sel(l, zero, a, l_int(l, t, 0));
    lift_side_else(l, &side, v);
    return lift_side_end(l, &side, l_bin(l, (LLVMOpcode)op, a, d));
}

LLVMValueRef lift_not(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef a = lift_exact(l, in->arg[0]), narrow = in->type == IR_I64 ? narrow_of(l, a) : NULL;
    if (narrow)
        return l_cast(l, LLVMSExt, l_bin(l, LLVMXor, narrow, l_int(l, lt(l, IR_I32), UINT32_MAX)), t);
    LLVMValueRef ones = l->ll->BuildBinOp(l->b, LLVMSub, l->ll->ConstNull(t), l_int(l, t, 1), "");
    return l_bin(l, LLVMXor, a, ones);
}

LLVMValueRef lift_neg(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    return l_bin(l, LLVMSub, l->ll->ConstNull(t), lift_exact(l, in->arg[0]));
}

LLVMValueRef lift_shift(struct lift *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef a = lift_exact(l, in->arg[0]);
    LLVMValueRef n = l_bin(l, LLVMAnd, lift_exact(l, in->arg[1]), l_int(l, t, bits_of(in) - 1));
    return l_bin(l, (LLVMOpcode)op, a, n);
}

LLVMValueRef lift_rotate(struct lift *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef a = lift_exact(l, in->arg[0]);
    LLVMValueRef args[3] = {a, a, lift_exact(l, in->arg[1])};
    return lift_call_intrinsic(l, (enum intrinsic)id, &t, 1, args, 3);
}

LLVMValueRef lift_intr1(struct lift *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef a = lift_exact(l, in->arg[0]);
    return lift_call_intrinsic(l, (enum intrinsic)id, &t, 1, &a, 1);
}

LLVMValueRef lift_intr2(struct lift *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef args[2] = {lift_exact(l, in->arg[0]), NULL};
    args[1] = lift_exact(l, in->arg[1]);
    return lift_call_intrinsic(l, (enum intrinsic)id, &t, 1, args, 2);
}

LLVMValueRef lift_count_zeros(struct lift *l, const struct ir_insn *in, unsigned id)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef args[2] = {lift_exact(l, in->arg[0]), l_int(l, lt(l, IR_I1), 0)};
    return lift_call_intrinsic(l, (enum intrinsic)id, &t, 1, args, 2);
}

/* Bit 7 of each byte of ((x & 0x7f) + 0x7f) | x says that the byte is not zero; times 255 spreads it. */
LLVMValueRef lift_orc_b(struct lift *l, const struct ir_insn *in, unsigned param)
{
    if (bits_of(in) > 64)
        return lift_eval(l, in, 0);
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef x = lift_exact(l, in->arg[0]);
    LLVMValueRef low = l_int(l, t, 0x7f7f7f7f7f7f7f7f);
    LLVMValueRef m = l_bin(l, LLVMAdd, l_bin(l, LLVMAnd, x, low), low);
    m = l_bin(l, LLVMLShr, l_bin(l, LLVMOr, m, x), l_int(l, t, 7));
    return l_bin(l, LLVMMul, l_bin(l, LLVMAnd, m, l_int(l, t, 0x0101010101010101)), l_int(l, t, 255));
}

struct carry_sum {
    LLVMValueRef a, b, c, first, sum;
};

static struct carry_sum carry_sum(struct lift *l, const struct ir_insn *in, unsigned op)
{
    struct carry_sum s = {.a = lift_exact(l, in->arg[0]), .b = lift_exact(l, in->arg[1])};
    s.c = l_cast(l, LLVMZExt, lift_exact(l, in->arg[2]), lt(l, (enum ir_type)in->type));
    s.first = l_bin(l, (LLVMOpcode)op, s.a, s.b);
    s.sum = l_bin(l, (LLVMOpcode)op, s.first, s.c);
    return s;
}

LLVMValueRef lift_add_carry(struct lift *l, const struct ir_insn *in, unsigned op) { return carry_sum(l, in, op).sum; }

LLVMValueRef lift_carry(struct lift *l, const struct ir_insn *in, unsigned op)
{
    struct carry_sum s = carry_sum(l, in, op);
    LLVMIntPredicate p = op == LLVMAdd ? LLVMIntULT : LLVMIntUGT;
    return l_bin(l, LLVMOr, l_icmp(l, p, s.first, s.a), l_icmp(l, p, s.sum, s.first));
}

LLVMValueRef lift_overflow(struct lift *l, const struct ir_insn *in, unsigned op)
{
    struct carry_sum s = carry_sum(l, in, op);
    LLVMValueRef x = l_bin(l, LLVMXor, s.a, s.sum);
    LLVMValueRef y = op == LLVMAdd ? l_bin(l, LLVMXor, s.b, s.sum) : l_bin(l, LLVMXor, s.a, s.b);
    return l_icmp(l, LLVMIntSLT, l_bin(l, LLVMAnd, x, y), l->ll->ConstNull(l->ll->TypeOf(x)));
}

LLVMValueRef lift_parity(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef i8 = lt(l, IR_I8);
    LLVMValueRef v = lift_exact(l, in->arg[0]);
    if (in->type != IR_I8)
        v = l_cast(l, LLVMTrunc, v, i8);
    v = lift_call_intrinsic(l, INTR_CTPOP, &i8, 1, &v, 1);
    return l_icmp(l, LLVMIntEQ, l_bin(l, LLVMAnd, v, l_int(l, i8, 1)), l_int(l, i8, 0));
}

LLVMValueRef lift_cast(struct lift *l, const struct ir_insn *in, unsigned op)
{
    LLVMValueRef v = lift_exact(l, in->arg[0]);
    if (lift_type_of(l, in->arg[0]) == (enum ir_type)in->type)
        return v;
    return l_cast(l, (LLVMOpcode)op, v, lt(l, (enum ir_type)in->type));
}

LLVMValueRef lift_concat(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    LLVMValueRef lo = l_cast(l, LLVMZExt, lift_exact(l, in->arg[0]), t);
    LLVMValueRef hi = l_cast(l, LLVMZExt, lift_exact(l, in->arg[1]), t);
    return l_bin(l, LLVMOr, lo, l_bin(l, LLVMShl, hi, l_int(l, t, bits_of(in) / 2)));
}

LLVMValueRef lift_high(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef v = lift_exact(l, in->arg[0]);
    v = l_bin(l, LLVMLShr, v, l_int(l, l->ll->TypeOf(v), bits_of(in)));
    return l_cast(l, LLVMTrunc, v, lt(l, (enum ir_type)in->type));
}

LLVMValueRef lift_bitcast(struct lift *l, const struct ir_insn *in, unsigned param)
{
    return l_bitcast(l, lift_exact(l, in->arg[0]), lt(l, (enum ir_type)in->type));
}

/* The field is moved to the top, then down again. */
LLVMValueRef lift_extract(struct lift *l, const struct ir_insn *in, unsigned op)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    unsigned pos = in->aux & 0xff, len = in->aux >> 8, bits = bits_of(in);
    LLVMValueRef v = lift_exact(l, in->arg[0]);
    if (len == 0)
        return l->ll->ConstNull(t);
    v = l_bin(l, LLVMShl, v, l_int(l, t, bits - pos - len));
    return l_bin(l, (LLVMOpcode)op, v, l_int(l, t, bits - len));
}

LLVMValueRef lift_deposit(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lt(l, (enum ir_type)in->type);
    unsigned pos = in->aux & 0xff, len = in->aux >> 8, bits = bits_of(in);
    LLVMValueRef a = lift_exact(l, in->arg[0]), f = lift_exact(l, in->arg[1]);
    if (len == 0)
        return a;
    LLVMValueRef ones = l->ll->ConstInt(t, ~0ull, 1);
    LLVMValueRef mask = l_bin(l, LLVMLShr, ones, l_int(l, t, bits - len));
    LLVMValueRef hole = l_bin(l, LLVMXor, l_bin(l, LLVMShl, mask, l_int(l, t, pos)), ones);
    f = l_bin(l, LLVMShl, l_bin(l, LLVMAnd, f, mask), l_int(l, t, pos));
    return l_bin(l, LLVMOr, l_bin(l, LLVMAnd, a, hole), f);
}

LLVMValueRef lift_icmp(struct lift *l, const struct ir_insn *in, unsigned param)
{
    static const LLVMIntPredicate predicates[IR_COND_COUNT] = {
        [IR_EQ] = LLVMIntEQ,   [IR_NE] = LLVMIntNE,   [IR_SLT] = LLVMIntSLT, [IR_SLE] = LLVMIntSLE,
        [IR_SGT] = LLVMIntSGT, [IR_SGE] = LLVMIntSGE, [IR_ULT] = LLVMIntULT, [IR_ULE] = LLVMIntULE,
        [IR_UGT] = LLVMIntUGT, [IR_UGE] = LLVMIntUGE};
    LLVMValueRef a = lift_exact(l, in->arg[0]);
    return l_icmp(l, predicates[in->aux], a, lift_exact(l, in->arg[1]));
}

LLVMValueRef lift_select(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef c = lift_exact(l, in->arg[0]), a = lift_exact(l, in->arg[1]);
    return l_sel(l, c, a, lift_exact(l, in->arg[2]));
}
