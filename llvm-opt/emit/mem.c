/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory: loads, stores, atomics, load-linked and store-conditional, fences.
 *
 * I1  An address is `getelementptr i8, inttoptr(operand), displacement`. LLVM then knows that accesses off one base at
 *     different displacements do not overlap, and the host's address modes take the rest.
 * I2  Plain accesses have alignment 1 and may be reordered. Ordered and atomic ones are LLVM atomics with natural
 *     alignment (the host does misaligned ones, too).
 * I3  In a precise region every access is volatile. The registers are found by a map (points.c), or stored before it.
 *     Those with a map are marked by the address space of their pointer.
 * I4  LL and SC run out of line. The reservation stays in struct cpu, where they have it (plan/rows.c I1).
 * I5  Loads that acquire and stores that release are volatile where their order can be seen (ir_region.ordered), else
 *     plain. LLVM keeps volatile accesses in order among themselves and atomics, whatever their width and alignment.
 *     The host keeps that order of all but a store and a later load.
 * I6  Where nobody else has the memory, neither other threads nor processes, atomic operations are plain ones: the
 *     guest's own signal handlers run between blocks.
 */
#include "llvm-opt/emit/mem.h"
#include "llvm-opt/emit/canon.h"
#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/leave.h"

#include <string.h>

#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/plan/region.h"
#include "llvm-opt/plan/segments.h"

LLVMValueRef lopt_address(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_access_is_mapped(&blk->plan->rows, in) ? b->c->guest_ptr : b->c->ptr;
    LLVMValueRef p = lopt_cast(b, LLVMIntToPtr, lopt_exact(blk, in->arg[0]), t);
    if (!in->imm)
        return p;
    LLVMValueRef disp = lopt_i64(b, in->imm);
    return b->ll->BuildGEP2(b->ir, lopt_type(b, IR_I8), p, &disp, 1, "");
}

/* A load that acquires or a store that releases, where somebody may see it (I5). */
static bool keeps_order(const struct lopt_block *blk, const struct ir_insn *in)
{
    return ir_mem_order(in->aux) == 1 && blk->plan->region->ordered;
}

/* A load or store that is an LLVM atomic (I6) */
static bool is_atomic(const struct lopt_block *blk, const struct ir_insn *in)
{
    return ir_mem_order(in->aux) > 1 && blk->plan->region->ordered;
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

static void finish(struct lopt_block *blk, LLVMValueRef access, unsigned align, bool is_volatile)
{
    struct lopt_build *b = blk->b;
    if (align)
        b->ll->SetAlignment(access, align);
    lopt_set_md(b, access, b->c->kind_tbaa, b->c->md_tbaa_guest);
    if (blk->plan->region->precise || is_volatile)
        b->ll->SetVolatile(access, 1);
}

static bool is_int(enum ir_type t) { return t >= IR_I1 && t <= IR_I128; }

/* The guest's misaligned access is its fault: leaves with a trap. */
static void check_alignment(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    unsigned bytes = ir_type_bits(ir_mem_type(in->aux)) / 8;
    if (!(in->aux & IR_MEM_ALIGNED) || bytes < 2)
        return;
    LLVMValueRef a = lopt_bin(b, LLVMAdd, lopt_exact(blk, in->arg[0]), lopt_i64(b, in->imm));
    a = lopt_bin(b, LLVMAnd, a, lopt_i64(b, bytes - 1));
    for (unsigned i = 1; i < ir_insn_arg_count(in); i++)
        lopt_exact(blk, in->arg[i]);
    LLVMBasicBlockRef bad = lopt_new_bb(b, "misaligned"), good = lopt_new_bb(b, "");
    lopt_branch_weighted(b, lopt_icmp(b, LLVMIntNE, a, lopt_i64(b, 0)), bad, good, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, bad);
    lopt_leave(blk, (struct lopt_exit){.kind = IR_EXIT_TRAP, .trap = ir_misaligned_trap(in->aux), .pc = blk->insn_pc},
               lopt_leave_mode(blk->block, in), NULL, true);
    b->ll->PositionBuilderAtEnd(b->ir, good);
}

static LLVMValueRef byte_swap(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    LLVMTypeRef t = b->ll->TypeOf(v);
    if (in->op == IR_AMO || !(in->aux & IR_MEM_BIG) || t == lopt_type(b, IR_I8))
        return v;
    return lopt_call_intrinsic(b, LOPT_INTR_BSWAP, &t, 1, &v, 1);
}

static bool needs_int(const struct lopt_block *blk, const struct ir_insn *in)
{
    return is_atomic(blk, in) || in->aux & IR_MEM_BIG;
}

static LLVMTypeRef int_type(struct lopt_build *b, enum ir_type t)
{
    return b->ll->IntTypeInContext(b->c->ctx, ir_type_bits(t));
}

/* From the memory's type to the instruction's. */
static LLVMValueRef widen(struct lopt_build *b, const struct ir_insn *in, LLVMValueRef v)
{
    enum ir_type m = ir_mem_type(in->aux), t = (enum ir_type)in->type;
    if (m == t)
        return lopt_bitcast(b, v, lopt_type(b, t));
    if (is_int(m) && is_int(t))
        return lopt_cast(b, in->aux & IR_MEM_SIGNED ? LLVMSExt : LLVMZExt, v, lopt_type(b, t));
    return lopt_bitcast(b, v, lopt_type(b, t));
}

static LLVMValueRef narrow(struct lopt_build *b, LLVMValueRef v, LLVMTypeRef t)
{
    if (b->ll->TypeOf(v) == t)
        return v;
    return lopt_cast(b, LLVMTrunc, v, t);
}

static LLVMValueRef load(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    enum ir_type m = ir_mem_type(in->aux);
    LLVMTypeRef t = needs_int(blk, in) ? int_type(b, m) : lopt_type(b, m);
    bool atomic = is_atomic(blk, in);
    LLVMValueRef v = b->ll->BuildLoad2(b->ir, t, lopt_address(blk, in), "");
    if (atomic)
        b->ll->SetOrdering(v, load_order(in->aux));
    finish(blk, v, atomic ? ir_type_bits(m) / 8 : 1, keeps_order(blk, in));
    return byte_swap(b, in, v);
}

LLVMValueRef lopt_load_lanes(struct lopt_block *blk, const struct ir_insn *in, LLVMTypeRef t)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef v = b->ll->BuildLoad2(b->ir, t, lopt_address(blk, in), "");
    finish(blk, v, 1, false);
    return v;
}

void lopt_store_lanes(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef v)
{
    struct lopt_build *b = blk->b;
    finish(blk, b->ll->BuildStore(b->ir, v, lopt_address(blk, in)), 1, false);
}

void lopt_probe_store(struct lopt_block *blk, const struct ir_insn *in, unsigned offset)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef i8 = lopt_type(b, IR_I8);
    LLVMValueRef disp = lopt_i64(b, offset), at = b->ll->BuildGEP2(b->ir, i8, lopt_address(blk, in), &disp, 1, "");
    LLVMValueRef v = b->ll->BuildLoad2(b->ir, i8, at, "");
    finish(blk, v, 1, true);
    finish(blk, b->ll->BuildStore(b->ir, v, at), 1, true);
}

LLVMValueRef lopt_op_ld(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    check_alignment(blk, in);
    lopt_before_fault(blk->s, in, blk->insn_pc);
    if (lopt_access_is_out_of_line(blk->plan->region, in))
        return lopt_op_eval(blk, in, 0);
    return widen(blk->b, in, load(blk, in));
}

LLVMValueRef lopt_op_st(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    enum ir_type m = ir_mem_type(in->aux);
    lopt_canon_stores(blk, in);
    LLVMValueRef v = lopt_exact(blk, in->arg[1]);
    check_alignment(blk, in);
    lopt_before_fault(blk->s, in, blk->insn_pc);
    if (lopt_access_is_out_of_line(blk->plan->region, in))
        return lopt_op_eval(blk, in, 0);
    if (is_int(m) && lopt_type_of(blk, in->arg[1]) != m && is_int(lopt_type_of(blk, in->arg[1])))
        v = narrow(b, v, lopt_type(b, m));
    if (needs_int(blk, in))
        v = lopt_bitcast(b, v, int_type(b, m));
    LLVMValueRef st = b->ll->BuildStore(b->ir, byte_swap(b, in, v), lopt_address(blk, in));
    if (is_atomic(blk, in))
        b->ll->SetOrdering(st, store_order(in->aux));
    finish(blk, st, is_atomic(blk, in) ? ir_type_bits(m) / 8 : 1, keeps_order(blk, in));
    return NULL;
}

static LLVMValueRef plain_load(struct lopt_block *blk, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef old = b->ll->BuildLoad2(b->ir, lopt_type(b, ir_mem_type(in->aux)), lopt_address(blk, in), "");
    finish(blk, old, 1, false);
    return old;
}

static void plain_store(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef v)
{
    struct lopt_build *b = blk->b;
    finish(blk, b->ll->BuildStore(b->ir, v, lopt_address(blk, in)), 1, false);
}

static LLVMValueRef plain_amo(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef v)
{
    struct lopt_build *b = blk->b;
    static const uint8_t ops[IR_AMO_COUNT] = {
        [IR_AMO_ADD] = LLVMAdd, [IR_AMO_AND] = LLVMAnd, [IR_AMO_OR] = LLVMOr, [IR_AMO_XOR] = LLVMXor};
    static const uint8_t keeps[IR_AMO_COUNT] = {/* the old value, if it is so to v */
                                                [IR_AMO_MIN_S] = LLVMIntSLT,
                                                [IR_AMO_MAX_S] = LLVMIntSGT,
                                                [IR_AMO_MIN_U] = LLVMIntULT,
                                                [IR_AMO_MAX_U] = LLVMIntUGT};
    enum ir_amo op = ir_amo_op(in->aux);
    LLVMValueRef old = plain_load(blk, in);
    if (ops[op])
        v = lopt_bin(b, (LLVMOpcode)ops[op], old, v);
    else if (keeps[op])
        v = lopt_sel(b, lopt_icmp(b, (LLVMIntPredicate)keeps[op], old, v), old, v);
    plain_store(blk, in, v);
    return old;
}

LLVMValueRef lopt_op_amo(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    static const LLVMAtomicRMWBinOp ops[IR_AMO_COUNT] = {
        [IR_AMO_XCHG] = LLVMAtomicRMWBinOpXchg, [IR_AMO_ADD] = LLVMAtomicRMWBinOpAdd,
        [IR_AMO_AND] = LLVMAtomicRMWBinOpAnd,   [IR_AMO_OR] = LLVMAtomicRMWBinOpOr,
        [IR_AMO_XOR] = LLVMAtomicRMWBinOpXor,   [IR_AMO_MIN_S] = LLVMAtomicRMWBinOpMin,
        [IR_AMO_MAX_S] = LLVMAtomicRMWBinOpMax, [IR_AMO_MIN_U] = LLVMAtomicRMWBinOpUMin,
        [IR_AMO_MAX_U] = LLVMAtomicRMWBinOpUMax};
    check_alignment(blk, in);
    lopt_before_fault(blk->s, in, blk->insn_pc);
    if (lopt_access_is_out_of_line(blk->plan->region, in))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef v = narrow(b, lopt_exact(blk, in->arg[1]), lopt_type(b, ir_mem_type(in->aux)));
    if (!blk->plan->region->ordered)
        return widen(b, in, plain_amo(blk, in, v));
    LLVMValueRef old =
        b->ll->BuildAtomicRMW(b->ir, ops[ir_amo_op(in->aux)], lopt_address(blk, in), v, rmw_order(in->aux), 0);
    finish(blk, old, 0, false);
    return widen(b, in, old);
}

static LLVMValueRef compare_exchange(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef expected,
                                     LLVMValueRef v)
{
    struct lopt_build *b = blk->b;
    LLVMAtomicOrdering ok = rmw_order(in->aux), failed = load_order(in->aux);
    LLVMValueRef pair = b->ll->BuildAtomicCmpXchg(b->ir, lopt_address(blk, in), expected, v, ok, failed, 0);
    finish(blk, pair, 0, false);
    return pair;
}

LLVMValueRef lopt_op_cas(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef t = lopt_type(b, ir_mem_type(in->aux));
    check_alignment(blk, in);
    lopt_before_fault(blk->s, in, blk->insn_pc);
    if (lopt_access_is_out_of_line(blk->plan->region, in))
        return lopt_op_eval(blk, in, 0);
    LLVMValueRef e = narrow(b, lopt_exact(blk, in->arg[1]), t), v = narrow(b, lopt_exact(blk, in->arg[2]), t);
    if (blk->plan->region->ordered)
        return widen(b, in, b->ll->BuildExtractValue(b->ir, compare_exchange(blk, in, e, v), 0, ""));
    LLVMValueRef old = plain_load(blk, in);
    plain_store(blk, in,
                lopt_sel(b, lopt_icmp(b, LLVMIntEQ, old, e), v, old)); /* writes either way: read-only memory faults */
    return widen(b, in, old);
}

/* Load reserved, store conditional: out of line, where the versions of reserved places are kept
 * (src/ir/interp/interp_mem.c I3). Loops that are one atomic operation never get here: the frontends recognise them. */
LLVMValueRef lopt_op_reserved(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    check_alignment(blk, in);
    lopt_before_fault(blk->s, in, blk->insn_pc);
    return lopt_op_eval(blk, in, param);
}

static void full_fence(struct lopt_build *b)
{
    const struct lopt_host_asm *fence = &LOPT_HOST_FULL_FENCE;
    LLVMTypeRef fn = b->ll->FunctionType(lopt_type(b, IR_VOID), NULL, 0, 0);
    LLVMValueRef code = b->ll->GetInlineAsm(fn, fence->text, strlen(fence->text), fence->constraints,
                                            strlen(fence->constraints), 1, 0, LLVMInlineAsmDialectATT, 0);
    b->ll->BuildCall2(b->ir, fn, code, NULL, 0, "");
}

LLVMValueRef lopt_op_fence(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    if (!blk->plan->region->ordered)
        return NULL;
    if (in->aux & IR_FENCE_WR)
        full_fence(b);
    else if (in->aux & IR_FENCE_FULL)
        b->ll->BuildFence(b->ir, LLVMAtomicOrderingAcquireRelease, 0, "");
    return NULL;
}

LLVMValueRef lopt_op_prefetch(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef ptr = b->c->ptr, i32 = lopt_type(b, IR_I32);
    LLVMValueRef args[4] = {lopt_address(blk, in), lopt_int(b, i32, 0), lopt_int(b, i32, 3), lopt_int(b, i32, 1)};
    lopt_call_intrinsic(b, LOPT_INTR_PREFETCH, &ptr, 1, args, 4);
    return NULL;
}
