/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory: loads, stores, atomics, load-linked and store-conditional, fences.
 *
 * I1  An address is `getelementptr i8, inttoptr(operand), displacement`: LLVM then knows that accesses off one base at
 *     different displacements do not overlap, and x86's address modes take the rest.
 * I2  Plain accesses have alignment 1 and may be reordered; ordered and atomic ones are LLVM atomics with natural
 *     alignment (the host does misaligned ones, too).
 * I3  In a precise region every access is volatile and state is stored before it.
 * I4  The reservation is a set of rows of its own (emit.h): a loop of LL and SC keeps it in registers.
 * I5  Loads that acquire and stores that release are volatile where their order can be seen (struct ir_region), else
 *     plain: LLVM keeps volatile accesses in order among themselves and atomics, whatever their width and alignment,
 *     and the host keeps that of all but a store and a later load.
 * I6  Where nobody else has the memory, neither other threads nor processes, atomic operations are plain ones: the
 *     guest's own signal handlers run between blocks.
 */
#include "llvm-opt/emit/emit.h"

LLVMValueRef lopt_address(struct lopt_emit *l, const struct ir_insn *in)
{
    LLVMValueRef p = lopt_cast(l, LLVMIntToPtr, lopt_exact(l, in->arg[0]), l->c->ptr);
    if (!in->imm)
        return p;
    LLVMValueRef disp = lopt_i64(l, in->imm);
    return l->ll->BuildGEP2(l->b, lopt_type(l, IR_I8), p, &disp, 1, "");
}

/* A load that acquires or a store that releases, where somebody may see it (I5). */
static bool keeps_order(const struct lopt_emit *l, const struct ir_insn *in)
{
    return ir_mem_order(in->aux) == 1 && l->region->ordered;
}

/* A load or store that is an LLVM atomic (I6) */
static bool is_atomic(const struct lopt_emit *l, const struct ir_insn *in)
{
    return ir_mem_order(in->aux) > 1 && l->region->ordered;
}

static LLVMAtomicOrdering load_order(uint16_t aux)
{
    static const LLVMAtomicOrdering map[4] = {LLVMAtomicOrderingMonotonic, LLVMAtomicOrderingAcquire,
                                              LLVMAtomicOrderingSequentiallyConsistent,
                                              LLVMAtomicOrderingSequentiallyConsistent};
    return map[ir_mem_order(aux)];
}

static LLVMAtomicOrdering store_order(uint16_t aux)
{
    LLVMAtomicOrdering o = load_order(aux);
    return o == LLVMAtomicOrderingAcquire ? LLVMAtomicOrderingRelease : o;
}

static LLVMAtomicOrdering rmw_order(uint16_t aux)
{
    LLVMAtomicOrdering o = load_order(aux);
    return o == LLVMAtomicOrderingAcquire ? LLVMAtomicOrderingAcquireRelease : o;
}

static void finish(struct lopt_emit *l, LLVMValueRef access, unsigned align, bool is_volatile)
{
    if (align)
        l->ll->SetAlignment(access, align);
    lopt_set_md(l, access, l->c->kind_tbaa, l->c->md_tbaa_guest);
    if (l->region->precise || is_volatile)
        l->ll->SetVolatile(access, 1);
}

static bool is_int(enum ir_type t) { return t >= IR_I1 && t <= IR_I128; }

/* Accesses that no code below makes: other address spaces, 128-bit atomics but for CAS. */
static bool out_of_line(const struct lopt_emit *l, const struct ir_insn *in)
{
    enum ir_type t = ir_mem_type(in->aux);
    bool atomic = in->op == IR_AMO || ((in->op == IR_LD || in->op == IR_ST) && is_atomic(l, in));
    if (in->op != IR_AMO && in->aux & IR_MEM_SPACE)
        return true;
    if (t == IR_I1)
        return true;
    return atomic && ir_type_bits(t) > 64;
}

/* The guest's misaligned access is its fault: leaves with a trap. */
static void check_alignment(struct lopt_emit *l, const struct ir_insn *in)
{
    unsigned bytes = ir_type_bits(ir_mem_type(in->aux)) / 8;
    if (!(in->aux & IR_MEM_ALIGNED) || bytes < 2)
        return;
    LLVMValueRef a = lopt_bin(l, LLVMAdd, lopt_exact(l, in->arg[0]), lopt_i64(l, in->imm));
    a = lopt_bin(l, LLVMAnd, a, lopt_i64(l, bytes - 1));
    for (unsigned i = 1; i < ir_insn_arg_count(in); i++)
        lopt_exact(l, in->arg[i]);
    LLVMBasicBlockRef bad = lopt_new_bb(l, "misaligned"), good = lopt_new_bb(l, "");
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, lopt_icmp(l, LLVMIntNE, a, lopt_i64(l, 0)), bad, good), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, bad);
    lopt_leave(l, (struct lopt_exit){.kind = LOPT_EXIT_TRAP, .trap = ir_misaligned_trap(in->aux), .pc = l->insn_pc},
               lopt_leave_mode(l->block, in), NULL, true);
    l->ll->PositionBuilderAtEnd(l->b, good);
}

static LLVMValueRef byte_swap(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    LLVMTypeRef t = l->ll->TypeOf(v);
    if (in->op == IR_AMO || !(in->aux & IR_MEM_BIG) || t == lopt_type(l, IR_I8))
        return v;
    return lopt_call_intrinsic(l, LOPT_INTR_BSWAP, &t, 1, &v, 1);
}

static bool needs_int(const struct lopt_emit *l, const struct ir_insn *in)
{
    return is_atomic(l, in) || in->aux & IR_MEM_BIG;
}

static LLVMTypeRef int_type(struct lopt_emit *l, enum ir_type t)
{
    return l->ll->IntTypeInContext(l->c->ctx, ir_type_bits(t));
}

/* From the memory's type to the instruction's. */
static LLVMValueRef widen(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    enum ir_type m = ir_mem_type(in->aux), t = (enum ir_type)in->type;
    if (m == t)
        return lopt_bitcast(l, v, lopt_type(l, t));
    if (is_int(m) && is_int(t))
        return lopt_cast(l, in->aux & IR_MEM_SIGNED ? LLVMSExt : LLVMZExt, v, lopt_type(l, t));
    return lopt_bitcast(l, v, lopt_type(l, t));
}

static LLVMValueRef narrow(struct lopt_emit *l, LLVMValueRef v, LLVMTypeRef t)
{
    if (l->ll->TypeOf(v) == t)
        return v;
    return lopt_cast(l, LLVMTrunc, v, t);
}

static LLVMValueRef load(struct lopt_emit *l, const struct ir_insn *in)
{
    enum ir_type m = ir_mem_type(in->aux);
    LLVMTypeRef t = needs_int(l, in) ? int_type(l, m) : lopt_type(l, m);
    bool atomic = is_atomic(l, in);
    LLVMValueRef v = l->ll->BuildLoad2(l->b, t, lopt_address(l, in), "");
    if (atomic)
        l->ll->SetOrdering(v, load_order(in->aux));
    finish(l, v, atomic ? ir_type_bits(m) / 8 : 1, keeps_order(l, in));
    return byte_swap(l, in, v);
}

LLVMValueRef lopt_load_lanes(struct lopt_emit *l, const struct ir_insn *in, LLVMTypeRef t)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, t, lopt_address(l, in), "");
    finish(l, v, 1, false);
    return v;
}

void lopt_store_lanes(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    finish(l, l->ll->BuildStore(l->b, v, lopt_address(l, in)), 1, false);
}

LLVMValueRef lopt_op_ld(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    check_alignment(l, in);
    lopt_before_fault(l);
    if (out_of_line(l, in))
        return lopt_op_eval(l, in, 0);
    return widen(l, in, load(l, in));
}

LLVMValueRef lopt_op_st(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    enum ir_type m = ir_mem_type(in->aux);
    lopt_canon_stores(l, in);
    LLVMValueRef v = lopt_exact(l, in->arg[1]);
    check_alignment(l, in);
    lopt_before_fault(l);
    if (out_of_line(l, in))
        return lopt_op_eval(l, in, 0);
    if (is_int(m) && lopt_type_of(l, in->arg[1]) != m && is_int(lopt_type_of(l, in->arg[1])))
        v = narrow(l, v, lopt_type(l, m));
    if (needs_int(l, in))
        v = lopt_bitcast(l, v, int_type(l, m));
    LLVMValueRef st = l->ll->BuildStore(l->b, byte_swap(l, in, v), lopt_address(l, in));
    if (is_atomic(l, in))
        l->ll->SetOrdering(st, store_order(in->aux));
    finish(l, st, is_atomic(l, in) ? ir_type_bits(m) / 8 : 1, keeps_order(l, in));
    return NULL;
}

static LLVMValueRef plain_load(struct lopt_emit *l, const struct ir_insn *in)
{
    LLVMValueRef old = l->ll->BuildLoad2(l->b, lopt_type(l, ir_mem_type(in->aux)), lopt_address(l, in), "");
    finish(l, old, 1, false);
    return old;
}

static void plain_store(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    finish(l, l->ll->BuildStore(l->b, v, lopt_address(l, in)), 1, false);
}

static LLVMValueRef plain_amo(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v)
{
    static const uint8_t ops[IR_AMO_COUNT] = {
        [IR_AMO_ADD] = LLVMAdd, [IR_AMO_AND] = LLVMAnd, [IR_AMO_OR] = LLVMOr, [IR_AMO_XOR] = LLVMXor};
    static const uint8_t keeps[IR_AMO_COUNT] = {/* the old value, if it is so to v */
                                                [IR_AMO_MIN_S] = LLVMIntSLT,
                                                [IR_AMO_MAX_S] = LLVMIntSGT,
                                                [IR_AMO_MIN_U] = LLVMIntULT,
                                                [IR_AMO_MAX_U] = LLVMIntUGT};
    enum ir_amo op = ir_amo_op(in->aux);
    LLVMValueRef old = plain_load(l, in);
    if (ops[op])
        v = lopt_bin(l, (LLVMOpcode)ops[op], old, v);
    else if (keeps[op])
        v = lopt_sel(l, lopt_icmp(l, (LLVMIntPredicate)keeps[op], old, v), old, v);
    plain_store(l, in, v);
    return old;
}

LLVMValueRef lopt_op_amo(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    static const LLVMAtomicRMWBinOp ops[IR_AMO_COUNT] = {
        [IR_AMO_XCHG] = LLVMAtomicRMWBinOpXchg, [IR_AMO_ADD] = LLVMAtomicRMWBinOpAdd,
        [IR_AMO_AND] = LLVMAtomicRMWBinOpAnd,   [IR_AMO_OR] = LLVMAtomicRMWBinOpOr,
        [IR_AMO_XOR] = LLVMAtomicRMWBinOpXor,   [IR_AMO_MIN_S] = LLVMAtomicRMWBinOpMin,
        [IR_AMO_MAX_S] = LLVMAtomicRMWBinOpMax, [IR_AMO_MIN_U] = LLVMAtomicRMWBinOpUMin,
        [IR_AMO_MAX_U] = LLVMAtomicRMWBinOpUMax};
    check_alignment(l, in);
    lopt_before_fault(l);
    if (out_of_line(l, in) || in->aux & (IR_MEM_BIG | IR_MEM_SPACE))
        return lopt_op_eval(l, in, 0);
    LLVMValueRef v = narrow(l, lopt_exact(l, in->arg[1]), lopt_type(l, ir_mem_type(in->aux)));
    if (!l->region->ordered)
        return widen(l, in, plain_amo(l, in, v));
    LLVMValueRef old =
        l->ll->BuildAtomicRMW(l->b, ops[ir_amo_op(in->aux)], lopt_address(l, in), v, rmw_order(in->aux), 0);
    finish(l, old, 0, false);
    return widen(l, in, old);
}

static LLVMValueRef compare_exchange(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef expected,
                                     LLVMValueRef v)
{
    LLVMAtomicOrdering ok = rmw_order(in->aux), failed = load_order(in->aux);
    LLVMValueRef pair = l->ll->BuildAtomicCmpXchg(l->b, lopt_address(l, in), expected, v, ok, failed, 0);
    finish(l, pair, 0, false);
    return pair;
}

LLVMValueRef lopt_op_cas(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef t = lopt_type(l, ir_mem_type(in->aux));
    check_alignment(l, in);
    lopt_before_fault(l);
    if (in->aux & (IR_MEM_BIG | IR_MEM_SPACE))
        return lopt_op_eval(l, in, 0);
    LLVMValueRef e = narrow(l, lopt_exact(l, in->arg[1]), t), v = narrow(l, lopt_exact(l, in->arg[2]), t);
    if (l->region->ordered)
        return widen(l, in, l->ll->BuildExtractValue(l->b, compare_exchange(l, in, e, v), 0, ""));
    LLVMValueRef old = plain_load(l, in);
    plain_store(l, in,
                lopt_sel(l, lopt_icmp(l, LLVMIntEQ, old, e), v, old)); /* writes either way: read-only memory faults */
    return widen(l, in, old);
}

/* Load reserved, store conditional: out of line, where the versions of reserved places are kept
 * (src/ir/interp/interp_mem.c I3). Loops that are one atomic operation never get here: the frontends recognise them. */
LLVMValueRef lopt_op_reserved(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    check_alignment(l, in);
    lopt_before_fault(l);
    return lopt_op_eval(l, in, param);
}

/* A locked operation on the stack orders all that x86 does not order by itself, and costs less than the mfence that
 * LLVM would choose. */
static void full_fence(struct lopt_emit *l)
{
    static const char insn[] = "lock; orl $$0, (%rsp)", clobbers[] = "~{memory},~{flags}";
    LLVMTypeRef fn = l->ll->FunctionType(lopt_type(l, IR_VOID), NULL, 0, 0);
    LLVMValueRef code =
        l->ll->GetInlineAsm(fn, insn, sizeof insn - 1, clobbers, sizeof clobbers - 1, 1, 0, LLVMInlineAsmDialectATT, 0);
    l->ll->BuildCall2(l->b, fn, code, NULL, 0, "");
}

LLVMValueRef lopt_op_fence(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    if (!l->region->ordered)
        return NULL;
    if (in->aux & IR_FENCE_WR)
        full_fence(l);
    else if (in->aux & IR_FENCE_FULL)
        l->ll->BuildFence(l->b, LLVMAtomicOrderingAcquireRelease, 0, "");
    return NULL;
}

LLVMValueRef lopt_op_prefetch(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    LLVMValueRef args[4] = {lopt_address(l, in), lopt_int(l, i32, 0), lopt_int(l, i32, 3), lopt_int(l, i32, 1)};
    lopt_call_intrinsic(l, LOPT_INTR_PREFETCH, &l->c->ptr, 1, args, 4);
    return NULL;
}
