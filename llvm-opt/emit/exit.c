/* SPDX-License-Identifier: Apache-2.0 */
/* Control transfer: branches between the region's blocks, polls on backward ones, and the ways out.
 *
 * I1  Leaving stores the rows that may have changed and are not pinned, then tail-calls exit_N with the pinned ones:
 *     one jmp with every pinned register in its place and rsp as at the entry.
 * I2  Every cycle of the region has a backward branch (target pc <= pc of the branching block), and each polls
 *     cpu->pending with an acquire load, which also keeps LLVM from hoisting guest loads out of the cycle.
 * I3  Exits with the same record share one exit_N.
 * I4  Rare exits and polls go a shared way out, which stores all that any of them needs stored and then picks the exit:
 *     most of a region's code would be exits else, and LLVM's time goes with the code. 80-bit rows are stored before:
 *     the host's x87 stack would have to look the same on all ways there, and on the hot ways beside them. So are
 *     status flags: what is only wanted there would be computed on the hot way, for the PHIs of the shared one.
 */
#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/emit.h"

static bool same_exit(const struct lopt_exit *a, const struct lopt_exit *b)
{
    return a->kind == b->kind && a->free_flags == b->free_flags && a->trap == b->trap && a->pc == b->pc &&
           a->return_pc == b->return_pc && a->mode == b->mode;
}

/* Number of the exit; a new one if there is none like it. */
static unsigned exit_number(struct lopt_emit *l, struct lopt_exit exit)
{
    for (unsigned i = 0; i < l->exit_count; i++) {
        if (same_exit(&l->exits[i], &exit))
            return i;
    }
    if (l->exit_count == l->exit_capacity) {
        unsigned n = l->exit_capacity ? l->exit_capacity * 2 : 32;
        struct lopt_exit *exits = arena_alloc(&l->arena, n * sizeof *exits);
        struct lopt_exit_fn *fns = arena_alloc(&l->arena, n * sizeof *fns);
        if (l->exit_count) {
            memcpy(exits, l->exits, l->exit_count * sizeof *exits);
            memcpy(fns, l->exit_fns, l->exit_count * sizeof *fns);
        }
        l->exits = exits, l->exit_fns = fns, l->exit_capacity = n;
    }
    char name[32];
    snprintf(name, sizeof name, "exit_%u", l->exit_count);
    LLVMValueRef fn = l->ll->AddFunction(l->module, name, l->c->region_fn);
    l->ll->SetFunctionCallConv(fn, LOPT_GHC_CALL_CONV);
    l->ll->SetVisibility(fn, LLVMHiddenVisibility);
    l->exits[l->exit_count] = exit;
    l->exit_fns[l->exit_count].fn = fn;
    return l->exit_count++;
}

static LLVMValueRef pinned_value(struct lopt_emit *l, unsigned row, enum ir_type t)
{
    return row < l->row_count ? lopt_row_value(l, row) : l->ll->GetUndef(lopt_type(l, t));
}

enum { ARGS = 1 + CPU_PINNED_GPRS + CPU_PINNED_FPRS };

static void pinned_args(struct lopt_emit *l, LLVMValueRef *args)
{
    args[0] = l->cpu;
    for (unsigned i = 0; i < CPU_PINNED_GPRS; i++)
        args[1 + i] = pinned_value(l, l->pin_gpr_row[i], IR_I64);
    for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
        args[1 + CPU_PINNED_GPRS + i] = pinned_value(l, l->pin_fpr_row[i], IR_F64);
}

static void tail_call(struct lopt_emit *l, LLVMValueRef fn, LLVMValueRef *args)
{
    LLVMValueRef call = l->ll->BuildCall2(l->b, l->c->region_fn, fn, args, ARGS, "");
    l->ll->SetInstructionCallConv(call, LOPT_GHC_CALL_CONV);
    l->ll->SetTailCallKind(call, LLVMTailCallKindMustTail);
    l->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, l->c->strictfp);
    l->ll->BuildRetVoid(l->b);
}

static void leave_cold(struct lopt_emit *l, unsigned number)
{
    l->exit_fns[number].cold = true;
    lopt_flush_wide(l);
    lopt_prepare_cold(l);
    l->ll->BuildStore(l->b, lopt_int(l, lopt_type(l, IR_I32), number), l->cold_number);
    l->ll->BuildBr(l->b, l->cold_bb);
}

static void leave_alone(struct lopt_emit *l, unsigned number)
{
    LLVMValueRef args[ARGS];
    lopt_flush(l, false, false);
    pinned_args(l, args);
    tail_call(l, l->exit_fns[number].fn, args);
}

static bool returns_free_flags(const struct lopt_emit *l, const struct lopt_exit *call)
{
    uint32_t all = (UINT32_C(1) << l->block->state->flag_count) - 1;
    return all && (lopt_flags_dead_at(l, call->return_pc, call->mode) & all) == all;
}

void lopt_leave(struct lopt_emit *l, struct lopt_exit exit, uint32_t mode, LLVMValueRef target, bool cold)
{
    if (exit.kind == LOPT_EXIT_CALL || exit.kind == LOPT_EXIT_CALL_IND)
        exit.free_flags = returns_free_flags(l, &exit);
    unsigned number = exit_number(l, exit);
    if (target)
        lopt_cpu_store(l, target, offsetof(struct cpu, pc), 8);
    memcpy(l->st_kept, l->st, l->row_count);
    for (unsigned r = 0; r < l->row_count; r++) /* what is in it is not stored, nor kept alive */
        l->st[r] = lopt_is_empty(l, r, mode) ? LOPT_K_EXACT | LOPT_K_ABSENT : l->st[r];
    lopt_flags_forget(l, lopt_flags_dead_behind(l, &exit), l->st);
    lopt_flags_store(l);
    if (cold && l->cold_bb)
        leave_cold(l, number);
    else
        leave_alone(l, number);
    memcpy(l->st, l->st_kept, l->row_count);
}

void lopt_finish_cold(struct lopt_emit *l)
{
    LLVMValueRef args[ARGS], choice = NULL;
    if (!l->cold_bb)
        return;
    l->ll->PositionBuilderAtEnd(l->b, l->cold_bb);
    memcpy(l->st, l->flow_cold, l->row_count);
    for (unsigned r = 0; r < l->row_count; r++) /* lopt_prepare_cold loaded them */
        l->st[r] &= (uint8_t) ~(l->st[r] & LOPT_K_DIRTY ? LOPT_K_ABSENT : 0);
    lopt_flush(l, false, false);
    pinned_args(l, args);
    LLVMValueRef number = l->ll->BuildLoad2(l->b, lopt_type(l, IR_I32), l->cold_number, "");
    for (unsigned i = 0; i < l->exit_count; i++) {
        if (!l->exit_fns[i].cold)
            continue;
        LLVMBasicBlockRef bb = lopt_new_bb(l, "leave");
        if (choice)
            l->ll->AddCase(choice, lopt_int(l, lopt_type(l, IR_I32), i), bb);
        else
            choice = l->ll->BuildSwitch(l->b, number, bb, l->exit_count);
        l->ll->PositionBuilderAtEnd(l->b, bb);
        tail_call(l, l->exit_fns[i].fn, args);
    }
    if (!choice)
        l->ll->BuildUnreachable(l->b);
}

static uint32_t mode_at(const struct lopt_emit *l, const struct ir_insn *in)
{
    return ir_exit_mode(l->block, (uint32_t)(in - l->block->insns));
}

void lopt_branch(struct lopt_emit *l, unsigned index, LLVMBasicBlockRef bb)
{
    const struct ir_block *to = l->region->blocks[index].block;
    gaddr_t pc = to->pc;
    lopt_prepare_edge(l, index);
    if (!lopt_polls(l, l->rblock, index)) {
        l->ll->BuildBr(l->b, bb);
        return;
    }
    LLVMBasicBlockRef leave = lopt_new_bb(l, "poll");
    LLVMValueRef pending = lopt_cpu_load(l, lopt_type(l, IR_I32), offsetof(struct cpu, pending), 4);
    l->ll->SetOrdering(pending, LLVMAtomicOrderingAcquire);
    LLVMValueRef some = lopt_icmp(l, LLVMIntNE, pending, lopt_int(l, lopt_type(l, IR_I32), 0));
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, some, leave, bb), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, leave);
    lopt_leave(l, (struct lopt_exit){.kind = LOPT_EXIT_POLL, .pc = pc, .mode = to->mode}, to->mode, lopt_i64(l, pc),
               true);
}

static void branch_to(struct lopt_emit *l, int index)
{
    bool own = l->rblock == &l->region->blocks[index];
    lopt_branch(l, (unsigned)index, own ? l->again[index] : l->bb[index]);
}

/* Goes to guest address in->imm, which may be in the region or not. */
static void go(struct lopt_emit *l, const struct ir_insn *in, bool cold)
{
    enum ir_hint hint = (enum ir_hint)in->aux;
    gaddr_t pc = in->imm;
    bool leaves = hint == IR_HINT_MODE || (hint == IR_HINT_CALL && l->rblock->call_out);
    int to = leaves ? -1 : lopt_find_target(l, l->rblock, in, pc);
    if (to >= 0) {
        branch_to(l, to);
        return;
    }
    struct lopt_exit exit = {.kind = LOPT_EXIT_DIRECT, .pc = pc, .mode = mode_at(l, in)};
    if (hint == IR_HINT_MODE)
        exit.kind = LOPT_EXIT_LOOKUP;
    else if (hint == IR_HINT_CALL)
        exit.kind = LOPT_EXIT_CALL, exit.return_pc = l->return_pc;
    lopt_leave(l, exit, lopt_leave_mode(l->block, in), NULL, cold);
}

/* Branch weights of a side exit to pc: by the targets' counts, each at most as often as this block ran. */
static void weigh_exit(struct lopt_emit *l, LLVMValueRef br, const struct ir_insn *in)
{
    bool in_region = lopt_find_block(l->region, in->imm, mode_at(l, in)) >= 0;
    uint64_t own = l->rblock->weight, yes = lopt_weight_of(l->region, in->imm, mode_at(l, in)),
             no = lopt_final_weight(l->region, l->rblock);
    if (own && yes > own)
        yes = own;
    if (own && no > own)
        no = own;
    if (!in_region)
        lopt_set_weights(l, br, 1, own && !no ? 1 : 1000);
    else if (yes || no)
        lopt_set_weights(l, br, yes + 1, no + 1);
}

LLVMValueRef lopt_op_exit_if(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef cond = lopt_exact(l, in->arg[0]);
    int to = in->aux == IR_HINT_MODE ? -1 : lopt_find_target(l, l->rblock, in, in->imm);
    LLVMBasicBlockRef next = lopt_new_bb(l, ""), side = lopt_new_bb(l, "");
    weigh_exit(l, l->ll->BuildCondBr(l->b, cond, side, next), in);
    l->ll->PositionBuilderAtEnd(l->b, side);
    if (to >= 0)
        branch_to(l, to);
    else
        go(l, in, lopt_exit_is_cold(l->region, l->rblock, in));
    l->ll->PositionBuilderAtEnd(l->b, next);
    return NULL;
}

static struct lopt_exit trap_exit(const struct ir_insn *in)
{
    return (struct lopt_exit){.kind = LOPT_EXIT_TRAP, .trap = (uint8_t)in->aux, .pc = in->imm};
}

LLVMValueRef lopt_op_trap_if(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef cond = lopt_exact(l, in->arg[0]);
    LLVMBasicBlockRef next = lopt_new_bb(l, ""), side = lopt_new_bb(l, "trap");
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, cond, side, next), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, side);
    lopt_leave(l, trap_exit(in), lopt_leave_mode(l->block, in), NULL, true);
    l->ll->PositionBuilderAtEnd(l->b, next);
    return NULL;
}

LLVMValueRef lopt_op_trap(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    lopt_leave(l, trap_exit(in), lopt_leave_mode(l->block, in), NULL, false);
    return NULL;
}

LLVMValueRef lopt_op_jump(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    go(l, in, false);
    return NULL;
}

/* Goes to block index if the target is its address, else to miss. */
static void try_target(struct lopt_emit *l, LLVMValueRef target, int index, LLVMBasicBlockRef miss,
                       uint64_t miss_weight)
{
    if (index < 0) { /* outside of the region */
        l->ll->BuildBr(l->b, miss);
        return;
    }
    LLVMBasicBlockRef hit = lopt_new_bb(l, "hit");
    LLVMValueRef pc = lopt_i64(l, l->region->blocks[index].block->pc);
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, lopt_icmp(l, LLVMIntEQ, target, pc), hit, miss), 100, miss_weight);
    l->ll->PositionBuilderAtEnd(l->b, hit);
    branch_to(l, index);
}

enum { CHAIN_MAX = 3, HASH_BITS = 6, HASH_SHIFTS = 12 }; /* targets compared one by one; of the table */

static unsigned hash(gaddr_t pc, unsigned shift, unsigned bits) { return (unsigned)(pc >> shift) & ((1u << bits) - 1); }

static bool all_differ(const struct ir_region_block *rb, unsigned shift, unsigned bits)
{
    uint64_t seen = 0;
    for (unsigned i = 0; i < rb->target_count; i++) {
        uint64_t bit = UINT64_C(1) << hash(rb->targets[i], shift, bits);
        if (seen & bit)
            return false;
        seen |= bit;
    }
    return true;
}

/* Bits of the address that tell the targets apart; false: there are none. */
static bool find_hash(const struct ir_region_block *rb, unsigned *shift, unsigned *bits)
{
    for (*bits = 2; *bits <= HASH_BITS; ++*bits)
        for (*shift = 1; *shift <= HASH_SHIFTS; ++*shift)
            if (all_differ(rb, *shift, *bits))
                return true;
    return false;
}

/* Many targets: a jump through a table, indexed by some bits of the address, then one compare. */
static void jump_by_table(struct lopt_emit *l, LLVMValueRef target, uint32_t mode, unsigned shift, unsigned bits,
                          LLVMBasicBlockRef miss)
{
    LLVMTypeRef i32 = lopt_type(l, IR_I32);
    LLVMValueRef index = lopt_cast(l, LLVMTrunc, lopt_bin(l, LLVMLShr, target, lopt_i64(l, shift)), i32);
    LLVMBasicBlockRef never = lopt_new_bb(l, "never");
    index = lopt_bin(l, LLVMAnd, index, lopt_int(l, i32, (1u << bits) - 1));
    LLVMValueRef table = l->ll->BuildSwitch(l->b, index, never, 1u << bits);
    l->ll->PositionBuilderAtEnd(l->b, never);
    l->ll->BuildUnreachable(l->b);
    for (unsigned at = 0; at < 1u << bits; at++) {
        LLVMBasicBlockRef slot = miss;
        for (unsigned i = 0; i < l->rblock->target_count; i++) {
            if (hash(l->rblock->targets[i], shift, bits) != at)
                continue;
            slot = lopt_new_bb(l, "slot");
            l->ll->PositionBuilderAtEnd(l->b, slot);
            try_target(l, target, lopt_find_block(l->region, l->rblock->targets[i], mode), miss, 1);
        }
        l->ll->AddCase(table, lopt_int(l, i32, at), slot);
    }
}

static void jump_by_chain(struct lopt_emit *l, LLVMValueRef target, uint32_t mode, LLVMBasicBlockRef last)
{
    unsigned n = l->rblock->target_count;
    for (unsigned i = 0; i < n; i++) {
        LLVMBasicBlockRef miss = i + 1 < n ? lopt_new_bb(l, "miss") : last;
        try_target(l, target, lopt_find_block(l->region, l->rblock->targets[i], mode), miss, i + 1 < n ? 50 : 1);
        l->ll->PositionBuilderAtEnd(l->b, miss);
    }
}

/* A return to where the innermost host call came from, which is most of them: a host ret. For the others the builder is
 * left behind it. */
static void return_if_matched(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef target)
{
    LLVMTypeRef ptr = l->c->ptr, i64 = lopt_type(l, IR_I64);
    LLVMValueRef slot = lopt_call_intrinsic(l, LOPT_INTR_ADDRESSOFRETURN, &ptr, 1, NULL, 0), level = lopt_i64(l, 8);
    LLVMBasicBlockRef hit = lopt_new_bb(l, "return"), miss = lopt_new_bb(l, "miss");
    level = l->ll->BuildLoad2(l->b, i64, l->ll->BuildGEP2(l->b, lopt_type(l, IR_I8), slot, &level, 1, ""), "");
    lopt_set_md(l, level, l->c->kind_tbaa, l->c->md_tbaa_state);
    if (l->block->state->flag_count) /* marked (cpu.h I4) */
        level = lopt_bin(l, LLVMXor, level, lopt_i64(l, UINT64_MAX));
    lopt_set_weights(l, l->ll->BuildCondBr(l->b, lopt_icmp(l, LLVMIntEQ, target, level), hit, miss), 1000, 1);
    l->ll->PositionBuilderAtEnd(l->b, hit);
    lopt_leave(l, (struct lopt_exit){.kind = LOPT_EXIT_RET_MATCHED, .mode = mode_at(l, in)},
               lopt_leave_mode(l->block, in), NULL, false);
    l->ll->PositionBuilderAtEnd(l->b, miss);
}

LLVMValueRef lopt_op_jump_reg(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    static const uint8_t kinds[] = {[IR_HINT_NONE] = LOPT_EXIT_IND,
                                    [IR_HINT_CALL] = LOPT_EXIT_CALL_IND,
                                    [IR_HINT_RET] = LOPT_EXIT_RET,
                                    [IR_HINT_MODE] = LOPT_EXIT_IND};
    LLVMValueRef target = lopt_exact(l, in->arg[0]);
    unsigned shift, bits;
    if (l->rblock->target_count) {
        uint32_t mode = mode_at(l, in);
        LLVMBasicBlockRef miss = lopt_new_bb(l, "miss");
        if (l->rblock->target_count > CHAIN_MAX && find_hash(l->rblock, &shift, &bits))
            jump_by_table(l, target, mode, shift, bits, miss);
        else
            jump_by_chain(l, target, mode, miss);
        l->ll->PositionBuilderAtEnd(l->b, miss);
    }
    if (in->aux == IR_HINT_RET)
        return_if_matched(l, in, target);
    struct lopt_exit exit = {.kind = kinds[in->aux & 3], .mode = mode_at(l, in)};
    if (in->aux == IR_HINT_CALL)
        exit.return_pc = l->return_pc;
    lopt_leave(l, exit, lopt_leave_mode(l->block, in), target, lopt_exit_is_cold(l->region, l->rblock, in));
    return NULL;
}

LLVMValueRef lopt_op_call_hint(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    l->return_pc = in->imm;
    return NULL;
}

LLVMValueRef lopt_op_insn(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    l->insn_pc = in->imm;
    return NULL;
}
