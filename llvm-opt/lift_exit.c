/* SPDX-License-Identifier: Apache-2.0 */
/* Control transfer: branches between the region's blocks, polls on backward ones, and the ways out.
 *
 * I1  Leaving stores the rows that may have changed and are not pinned, then tail-calls exit_N with the pinned ones: one
 *     jmp with every pinned register in its place and rsp as at the entry.
 * I2  Every cycle of the region has a backward branch (target pc <= pc of the branching block), and each polls
 *     cpu->pending with an acquire load, which also keeps LLVM from hoisting guest loads out of the cycle.
 * I3  Exits with the same record share one exit_N.
 * I4  Rare exits and polls go a shared way out, which stores all that any of them needs stored and then picks the exit:
 *     most of a region's code would be exits else, and LLVM's time goes with the code.
 */
#include <stdio.h>
#include <string.h>

#include "llvm-opt/lift.h"

static bool same_exit(const struct lopt_exit *a, const struct lopt_exit *b)
{
    return a->kind == b->kind && a->trap == b->trap && a->pc == b->pc && a->return_pc == b->return_pc &&
           a->mode == b->mode;
}

/* Number of the exit; a new one if there is none like it. */
static unsigned exit_number(struct lift *l, struct lopt_exit exit)
{
    for (unsigned i = 0; i < l->exit_count; i++) {
        if (same_exit(&l->exits[i], &exit))
            return i;
    }
    if (l->exit_count == l->exit_capacity) {
        unsigned n = l->exit_capacity ? l->exit_capacity * 2 : 32;
        struct lopt_exit *exits = arena_alloc(&l->arena, n * sizeof *exits);
        struct lift_exit_fn *fns = arena_alloc(&l->arena, n * sizeof *fns);
        if (l->exit_count) {
            memcpy(exits, l->exits, l->exit_count * sizeof *exits);
            memcpy(fns, l->exit_fns, l->exit_count * sizeof *fns);
        }
        l->exits = exits, l->exit_fns = fns, l->exit_capacity = n;
    }
    char name[32];
    snprintf(name, sizeof name, "exit_%u", l->exit_count);
    LLVMValueRef fn = l->ll->AddFunction(l->module, name, l->c->region_fn);
    l->ll->SetFunctionCallConv(fn, GHC_CALL_CONV);
    l->ll->SetVisibility(fn, LLVMHiddenVisibility);
    l->exits[l->exit_count] = exit;
    l->exit_fns[l->exit_count].fn = fn;
    return l->exit_count++;
}

static LLVMValueRef pinned_value(struct lift *l, unsigned row, enum ir_type t)
{
    return row < l->row_count ? lift_row_value(l, row) : l->ll->GetUndef(lt(l, t));
}

enum { ARGS = 1 + CPU_PINNED_GPRS + CPU_PINNED_FPRS };

static void pinned_args(struct lift *l, LLVMValueRef *args)
{
    args[0] = l->cpu;
    for (unsigned i = 0; i < CPU_PINNED_GPRS; i++)
        args[1 + i] = pinned_value(l, l->pin_gpr_row[i], IR_I64);
    for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
        args[1 + CPU_PINNED_GPRS + i] = pinned_value(l, l->pin_fpr_row[i], IR_F64);
}

static void tail_call(struct lift *l, LLVMValueRef fn, LLVMValueRef *args)
{
    LLVMValueRef call = l->ll->BuildCall2(l->b, l->c->region_fn, fn, args, ARGS, "");
    l->ll->SetInstructionCallConv(call, GHC_CALL_CONV);
    l->ll->SetTailCallKind(call, LLVMTailCallKindMustTail);
    l->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, l->c->strictfp);
    l->ll->BuildRetVoid(l->b);
}

void lift_leave(struct lift *l, struct lopt_exit exit, LLVMValueRef target, bool cold)
{
    LLVMValueRef args[ARGS];
    unsigned number = exit_number(l, exit);
    if (target)
        lift_cpu_store(l, target, offsetof(struct cpu, pc), 8);
    if (cold && l->cold_bb) {
        l->exit_fns[number].cold = true;
        lift_prepare_cold(l);
        l->ll->BuildStore(l->b, l_int(l, lt(l, IR_I32), number), l->cold_number);
        l->ll->BuildBr(l->b, l->cold_bb);
        return;
    }
    lift_flush(l, false, false);
    pinned_args(l, args);
    tail_call(l, l->exit_fns[number].fn, args);
}

void lift_finish_cold(struct lift *l)
{
    LLVMValueRef args[ARGS], choice = NULL;
    if (!l->cold_bb)
        return;
    l->ll->PositionBuilderAtEnd(l->b, l->cold_bb);
    memcpy(l->st, l->flow_cold, l->row_count);
    for (unsigned r = 0; r < l->row_count; r++) /* lift_prepare_cold loaded them */
        l->st[r] &= (uint8_t) ~(l->st[r] & K_DIRTY ? K_ABSENT : 0);
    lift_flush(l, false, false);
    pinned_args(l, args);
    LLVMValueRef number = l->ll->BuildLoad2(l->b, lt(l, IR_I32), l->cold_number, "");
    for (unsigned i = 0; i < l->exit_count; i++) {
        if (!l->exit_fns[i].cold)
            continue;
        LLVMBasicBlockRef bb = lift_new_bb(l, "leave");
        if (choice)
            l->ll->AddCase(choice, l_int(l, lt(l, IR_I32), i), bb);
        else
            choice = l->ll->BuildSwitch(l->b, number, bb, l->exit_count);
        l->ll->PositionBuilderAtEnd(l->b, bb);
        tail_call(l, l->exit_fns[i].fn, args);
    }
    if (!choice)
        l->ll->BuildUnreachable(l->b);
}

static uint32_t mode_at(const struct lift *l, const struct ir_insn *in)
{
    return ir_exit_mode(l->block, (uint32_t)(in - l->block->insns));
}

/* Goes to block index from the current place, polling first if that is backward. */
static void branch_to(struct lift *l, int index)
{
    gaddr_t pc = l->region->blocks[index].block->pc;
    lift_prepare_edge(l, (unsigned)index);
    if (!lift_polls(l, l->block, pc)) {
        l->ll->BuildBr(l->b, l->bb[index]);
        return;
    }
    LLVMBasicBlockRef leave = lift_new_bb(l, "poll");
    LLVMValueRef pending = lift_cpu_load(l, lt(l, IR_I32), offsetof(struct cpu, pending), 4);
    l->ll->SetOrdering(pending, LLVMAtomicOrderingAcquire);
    LLVMValueRef some = l_icmp(l, LLVMIntNE, pending, l_int(l, lt(l, IR_I32), 0));
    lift_set_weights(l, l->ll->BuildCondBr(l->b, some, leave, l->bb[index]), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, leave);
    lift_leave(l, (struct lopt_exit){.kind = LOPT_EXIT_POLL, .pc = pc, .mode = l->region->blocks[index].block->mode}, l_i64(l, pc), true);
}

/* Goes to guest address in->imm, which may be in the region or not. */
static void go(struct lift *l, const struct ir_insn *in, bool cold)
{
    enum ir_hint hint = (enum ir_hint)in->aux;
    gaddr_t pc = in->imm;
    bool leaves = hint == IR_HINT_MODE || (hint == IR_HINT_CALL && l->rblock->call_out);
    int to = leaves ? -1 : lift_find_block(l->region, pc, mode_at(l, in));
    if (to >= 0) {
        branch_to(l, to);
        return;
    }
    struct lopt_exit exit = {.kind = LOPT_EXIT_DIRECT, .pc = pc, .mode = mode_at(l, in)};
    if (hint == IR_HINT_MODE)
        exit.kind = LOPT_EXIT_LOOKUP;
    else if (hint == IR_HINT_CALL)
        exit.kind = LOPT_EXIT_CALL, exit.return_pc = l->return_pc;
    lift_leave(l, exit, NULL, cold);
}

/* Branch weights of a side exit to pc: by the targets' counts, each at most as often as this block ran. */
static void weigh_exit(struct lift *l, LLVMValueRef br, const struct ir_insn *in)
{
    bool in_region = lift_find_block(l->region, in->imm, mode_at(l, in)) >= 0;
    uint64_t own = l->rblock->weight, yes = lift_weight_of(l->region, in->imm, mode_at(l, in)), no = lift_final_weight(l->region, l->rblock);
    if (own && yes > own)
        yes = own;
    if (own && no > own)
        no = own;
    if (!in_region)
        lift_set_weights(l, br, 1, own && !no ? 1 : 1000);
    else if (yes || no)
        lift_set_weights(l, br, yes + 1, no + 1);
}

LLVMValueRef lift_exit_if(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef cond = lift_exact(l, in->arg[0]);
    int to = in->aux == IR_HINT_MODE ? -1 : lift_find_block(l->region, in->imm, mode_at(l, in));
    LLVMBasicBlockRef next = lift_new_bb(l, ""), side = lift_new_bb(l, "");
    weigh_exit(l, l->ll->BuildCondBr(l->b, cond, side, next), in);
    l->ll->PositionBuilderAtEnd(l->b, side);
    if (to >= 0)
        branch_to(l, to);
    else
        go(l, in, lift_exit_is_cold(l->region, l->rblock, in));
    l->ll->PositionBuilderAtEnd(l->b, next);
    return NULL;
}

static struct lopt_exit trap_exit(const struct ir_insn *in)
{
    return (struct lopt_exit){.kind = LOPT_EXIT_TRAP, .trap = (uint8_t)in->aux, .pc = in->imm};
}

LLVMValueRef lift_trap_if(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef cond = lift_exact(l, in->arg[0]);
    LLVMBasicBlockRef next = lift_new_bb(l, ""), side = lift_new_bb(l, "trap");
    lift_set_weights(l, l->ll->BuildCondBr(l->b, cond, side, next), 0, 1000000);
    l->ll->PositionBuilderAtEnd(l->b, side);
    lift_leave(l, trap_exit(in), NULL, true);
    l->ll->PositionBuilderAtEnd(l->b, next);
    return NULL;
}

LLVMValueRef lift_trap(struct lift *l, const struct ir_insn *in, unsigned param)
{
    lift_leave(l, trap_exit(in), NULL, false);
    return NULL;
}

LLVMValueRef lift_jump(struct lift *l, const struct ir_insn *in, unsigned param)
{
    go(l, in, false);
    return NULL;
}

LLVMValueRef lift_jump_reg(struct lift *l, const struct ir_insn *in, unsigned param)
{
    static const uint8_t kinds[] = {[IR_HINT_NONE] = LOPT_EXIT_IND, [IR_HINT_CALL] = LOPT_EXIT_CALL_IND,
                                    [IR_HINT_RET] = LOPT_EXIT_RET, [IR_HINT_MODE] = LOPT_EXIT_IND};
    LLVMValueRef target = lift_exact(l, in->arg[0]);
    for (unsigned i = 0; i < l->rblock->target_count; i++) {
        gaddr_t pc = l->rblock->targets[i];
        int to = lift_find_block(l->region, pc, mode_at(l, in));
        if (to < 0)
            continue;
        LLVMBasicBlockRef hit = lift_new_bb(l, "hit"), miss = lift_new_bb(l, "miss");
        LLVMValueRef br = l->ll->BuildCondBr(l->b, l_icmp(l, LLVMIntEQ, target, l_i64(l, pc)), hit, miss);
        lift_set_weights(l, br, 100, i + 1 < l->rblock->target_count ? 50 : 1);
        l->ll->PositionBuilderAtEnd(l->b, hit);
        branch_to(l, to);
        l->ll->PositionBuilderAtEnd(l->b, miss);
    }
    struct lopt_exit exit = {.kind = kinds[in->aux & 3], .mode = mode_at(l, in)};
    if (in->aux == IR_HINT_CALL)
        exit.return_pc = l->return_pc;
    lift_leave(l, exit, target, lift_exit_is_cold(l->region, l->rblock, in));
    return NULL;
}

LLVMValueRef lift_call_hint(struct lift *l, const struct ir_insn *in, unsigned param)
{
    l->return_pc = in->imm;
    return NULL;
}

LLVMValueRef lift_insn(struct lift *l, const struct ir_insn *in, unsigned param)
{
    l->insn_pc = in->imm;
    return NULL;
}
