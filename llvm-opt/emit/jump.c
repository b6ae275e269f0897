/* SPDX-License-Identifier: Apache-2.0 */
/* Control transfer: branches between the region's blocks, polls, indirect jumps, traps.
 *
 * I1  Every cycle of the region has a backward branch (target pc <= pc of the branching block), and one of each cycle
 *     polls cpu->pending (plan/unroll.c I2).
 * I2  The poll is an acquire load, which also keeps LLVM from hoisting guest loads out of the cycle.
 */
#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/jump.h"
#include "llvm-opt/emit/leave.h"
#include "llvm-opt/emit/op_fns.h"
#include "llvm-opt/plan/region.h"
#include "src/ir/region.h"

enum { SHARE_SCALE = 16 }; /* of shares as weights: one that was not seen may be taken a little */

static uint32_t mode_at(const struct lopt_block *blk, const struct ir_insn *in)
{
    return ir_exit_mode(blk->block, (uint32_t)(in - blk->block->insns));
}

void lopt_branch(struct lopt_block *blk, unsigned index, LLVMBasicBlockRef bb)
{
    struct lopt_build *b = blk->b;
    const struct ir_block *to = blk->plan->region->blocks[index].block;
    gaddr_t pc = to->pc;
    lopt_prepare_edge(blk->s, index);
    if (!lopt_polls(&blk->plan->loops, blk->rblock, index)) {
        b->ll->BuildBr(b->ir, bb);
        return;
    }
    LLVMBasicBlockRef leave = lopt_new_bb(b, "poll");
    LLVMValueRef pending = lopt_cpu_load(b, lopt_type(b, IR_I32), offsetof(struct cpu, pending), 4);
    b->ll->SetOrdering(pending, LLVMAtomicOrderingAcquire);
    LLVMValueRef some = lopt_icmp(b, LLVMIntNE, pending, lopt_int(b, lopt_type(b, IR_I32), 0));
    lopt_branch_weighted(b, some, leave, bb, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, leave);
    lopt_leave(blk, (struct lopt_exit){.kind = IR_EXIT_POLL, .pc = pc, .mode = to->mode}, to->mode, lopt_i64(b, pc),
               true);
}

static void branch_to(struct lopt_block *blk, int index)
{
    bool own = blk->rblock == &blk->plan->region->blocks[index];
    lopt_branch(blk, (unsigned)index, own ? blk->again[index] : blk->heads[index]);
}

/* Goes to guest address in->imm, which may be in the region or not. */
static void go(struct lopt_block *blk, const struct ir_insn *in, bool cold)
{
    enum ir_hint hint = (enum ir_hint)in->aux;
    gaddr_t pc = in->imm;
    bool leaves = hint == IR_HINT_MODE || (hint == IR_HINT_CALL && blk->rblock->call_out);
    int to = leaves ? -1 : lopt_find_target(&blk->plan->loops, blk->rblock, in, pc);
    if (to >= 0) {
        branch_to(blk, to);
        return;
    }
    struct lopt_exit exit = {.kind = IR_EXIT_DIRECT, .pc = pc, .mode = mode_at(blk, in)};
    if (hint == IR_HINT_MODE)
        exit.kind = IR_EXIT_LOOKUP;
    else if (hint == IR_HINT_CALL)
        exit.kind = IR_EXIT_CALL, exit.return_pc = blk->return_pc;
    lopt_leave(blk, exit, lopt_leave_mode(blk->block, in), NULL, cold);
}

/* Branch weights of a side exit to pc: what was counted, or by the targets' counts, each at most as often as this block
 * ran. */
static void weigh_exit(struct lopt_block *blk, LLVMValueRef br, const struct ir_insn *in)
{
    struct lopt_build *b = blk->b;
    unsigned taken, on;
    if (lopt_exit_share(blk->rblock, in, &taken, &on)) {
        lopt_set_weights(b, br, taken * SHARE_SCALE + 1, on * SHARE_SCALE + 1);
        return;
    }
    bool in_region = ir_region_find(blk->plan->region, in->imm, mode_at(blk, in)) >= 0;
    uint64_t own = blk->rblock->weight, yes = lopt_weight_of(blk->plan->region, in->imm, mode_at(blk, in)),
             no = lopt_final_weight(blk->plan->region, blk->rblock);
    if (own && yes > own)
        yes = own;
    if (own && no > own)
        no = own;
    if (!in_region)
        lopt_set_weights(b, br, 1, own && !no ? 1 : 1000);
    else if (yes || no)
        lopt_set_weights(b, br, yes + 1, no + 1);
}

LLVMValueRef lopt_op_exit_if(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef cond = lopt_exact(blk, in->arg[0]);
    int to = in->aux == IR_HINT_MODE ? -1 : lopt_find_target(&blk->plan->loops, blk->rblock, in, in->imm);
    LLVMBasicBlockRef next = lopt_new_bb(b, ""), side = lopt_new_bb(b, "");
    weigh_exit(blk, b->ll->BuildCondBr(b->ir, cond, side, next), in);
    b->ll->PositionBuilderAtEnd(b->ir, side);
    if (to >= 0)
        branch_to(blk, to);
    else
        go(blk, in, lopt_exit_is_cold(blk->plan->region, blk->rblock, in));
    b->ll->PositionBuilderAtEnd(b->ir, next);
    return NULL;
}

static struct lopt_exit trap_exit(const struct ir_insn *in)
{
    return (struct lopt_exit){.kind = IR_EXIT_TRAP, .trap = (uint8_t)in->aux, .pc = in->imm};
}

LLVMValueRef lopt_op_trap_if(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef cond = lopt_exact(blk, in->arg[0]);
    LLVMBasicBlockRef next = lopt_new_bb(b, ""), side = lopt_new_bb(b, "trap");
    lopt_branch_weighted(b, cond, side, next, 0, 1000000);
    b->ll->PositionBuilderAtEnd(b->ir, side);
    lopt_leave(blk, trap_exit(in), lopt_leave_mode(blk->block, in), NULL, true);
    b->ll->PositionBuilderAtEnd(b->ir, next);
    return NULL;
}

LLVMValueRef lopt_op_trap(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    lopt_leave(blk, trap_exit(in), lopt_leave_mode(blk->block, in), NULL, false);
    return NULL;
}

LLVMValueRef lopt_op_jump(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    go(blk, in, false);
    return NULL;
}

/* Goes to block index if the target is its address, else to miss. */
static void try_target(struct lopt_block *blk, LLVMValueRef target, int index, LLVMBasicBlockRef miss,
                       uint64_t miss_weight)
{
    struct lopt_build *b = blk->b;
    if (index < 0) { /* outside of the region */
        b->ll->BuildBr(b->ir, miss);
        return;
    }
    LLVMBasicBlockRef hit = lopt_new_bb(b, "hit");
    LLVMValueRef pc = lopt_i64(b, blk->plan->region->blocks[index].block->pc);
    lopt_branch_weighted(b, lopt_icmp(b, LLVMIntEQ, target, pc), hit, miss, 100, miss_weight);
    b->ll->PositionBuilderAtEnd(b->ir, hit);
    branch_to(blk, index);
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
static void jump_by_table(struct lopt_block *blk, LLVMValueRef target, uint32_t mode, unsigned shift, unsigned bits,
                          LLVMBasicBlockRef miss)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    LLVMValueRef index = lopt_cast(b, LLVMTrunc, lopt_bin(b, LLVMLShr, target, lopt_i64(b, shift)), i32);
    LLVMBasicBlockRef never = lopt_new_bb(b, "never");
    index = lopt_bin(b, LLVMAnd, index, lopt_int(b, i32, (1u << bits) - 1));
    LLVMValueRef table = b->ll->BuildSwitch(b->ir, index, never, 1u << bits);
    b->ll->PositionBuilderAtEnd(b->ir, never);
    b->ll->BuildUnreachable(b->ir);
    for (unsigned at = 0; at < 1u << bits; at++) {
        LLVMBasicBlockRef slot = miss;
        for (unsigned i = 0; i < blk->rblock->target_count; i++) {
            if (hash(blk->rblock->targets[i], shift, bits) != at)
                continue;
            slot = lopt_new_bb(b, "slot");
            b->ll->PositionBuilderAtEnd(b->ir, slot);
            try_target(blk, target, ir_region_find(blk->plan->region, blk->rblock->targets[i], mode), miss, 1);
        }
        b->ll->AddCase(table, lopt_int(b, i32, at), slot);
    }
}

static void jump_by_chain(struct lopt_block *blk, LLVMValueRef target, uint32_t mode, LLVMBasicBlockRef last)
{
    struct lopt_build *b = blk->b;
    unsigned n = blk->rblock->target_count;
    for (unsigned i = 0; i < n; i++) {
        LLVMBasicBlockRef miss = i + 1 < n ? lopt_new_bb(b, "miss") : last;
        try_target(blk, target, ir_region_find(blk->plan->region, blk->rblock->targets[i], mode), miss,
                   i + 1 < n ? 50 : 1);
        b->ll->PositionBuilderAtEnd(b->ir, miss);
    }
}

/* A return to where the innermost host call came from, which is most of them: a host ret. For the others the builder is
 * left behind it. */
static void return_if_matched(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef target)
{
    struct lopt_build *b = blk->b;
    LLVMTypeRef ptr = b->c->ptr, i64 = lopt_type(b, IR_I64);
    LLVMValueRef slot = lopt_call_intrinsic(b, LOPT_INTR_ADDRESSOFRETURN, &ptr, 1, NULL, 0), level = lopt_i64(b, 8);
    LLVMBasicBlockRef hit = lopt_new_bb(b, "return"), miss = lopt_new_bb(b, "miss");
    level = b->ll->BuildLoad2(b->ir, i64, b->ll->BuildGEP2(b->ir, lopt_type(b, IR_I8), slot, &level, 1, ""), "");
    lopt_set_md(b, level, b->c->kind_tbaa, b->c->md_tbaa_state);
    if (blk->block->state->flag_count) /* marked (cpu.h I4) */
        level = lopt_bin(b, LLVMXor, level, lopt_i64(b, UINT64_MAX));
    lopt_branch_weighted(b, lopt_icmp(b, LLVMIntEQ, target, level), hit, miss, 1000, 1);
    b->ll->PositionBuilderAtEnd(b->ir, hit);
    lopt_leave(blk, (struct lopt_exit){.kind = IR_EXIT_RET_MATCHED, .mode = mode_at(blk, in)},
               lopt_leave_mode(blk->block, in), NULL, false);
    b->ll->PositionBuilderAtEnd(b->ir, miss);
}

LLVMValueRef lopt_op_jump_reg(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    static const uint8_t kinds[] = {[IR_HINT_NONE] = IR_EXIT_IND,
                                    [IR_HINT_CALL] = IR_EXIT_CALL_IND,
                                    [IR_HINT_RET] = IR_EXIT_RET,
                                    [IR_HINT_MODE] = IR_EXIT_IND_MODE};
    LLVMValueRef target = lopt_exact(blk, in->arg[0]);
    unsigned shift, bits;
    if (blk->rblock->target_count) {
        uint32_t mode = mode_at(blk, in);
        LLVMBasicBlockRef miss = lopt_new_bb(b, "miss");
        if (blk->rblock->target_count > CHAIN_MAX && find_hash(blk->rblock, &shift, &bits))
            jump_by_table(blk, target, mode, shift, bits, miss);
        else
            jump_by_chain(blk, target, mode, miss);
        b->ll->PositionBuilderAtEnd(b->ir, miss);
    }
    if (in->aux == IR_HINT_RET)
        return_if_matched(blk, in, target);
    struct lopt_exit exit = {.kind = kinds[in->aux & 3], .mode = mode_at(blk, in)};
    if (in->aux == IR_HINT_CALL)
        exit.return_pc = blk->return_pc;
    lopt_leave(blk, exit, lopt_leave_mode(blk->block, in), target,
               lopt_exit_is_cold(blk->plan->region, blk->rblock, in));
    return NULL;
}
