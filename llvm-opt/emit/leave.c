/* SPDX-License-Identifier: Apache-2.0 */
/* Ways out of a region.
 *
 * I1  Leaving stores the rows that may have changed and are not pinned, then tail-calls exit_N with the pinned ones.
 *     That is one jump, with every pinned register in its place and the stack pointer as at the entry.
 * I2  Exits with the same record share one exit_N.
 * I3  Rare exits and polls ("cold") leave by a map (exit_sites.c): LLVM makes no code for what they store. Most of a
 *     region's code would be exits else, and LLVM's time goes with the code.
 * I4  Where LLVM does not say where the values are, the region is compiled again, and its cold exits go a shared way
 *     out. It stores all that any of them needs stored, and then picks the exit. This is the fallback only: every
 *     value that any cold exit wants is a PHI there, and the jump to the exit is an indirect one.
 * I5  80-bit rows are stored before the shared way out. Otherwise the host's x87 stack would have to look the same on
 *     all ways there, and on the hot ways beside them.
 * I6  Status flags are stored before the shared way out, too. What is only wanted there would be computed on the hot
 *     way, for the PHIs of the shared one.
 */
#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/exit_sites.h"
#include "llvm-opt/emit/late_flags.h"
#include "llvm-opt/emit/leave.h"
#include "llvm-opt/plan/kinds.h"
#include "llvm-opt/plan/region.h"

static bool same_exit(const struct lopt_exit *a, const struct lopt_exit *b)
{
    return a->kind == b->kind && a->free_flags == b->free_flags && a->trap == b->trap && a->pc == b->pc &&
           a->return_pc == b->return_pc && a->mode == b->mode && a->inner == b->inner;
}

static void grow(struct lopt_exits *x, struct arena *arena)
{
    unsigned n = x->capacity ? x->capacity * 2 : 32;
    struct lopt_exit *list = arena_alloc(arena, n * sizeof *list);
    struct lopt_exit_fn *fns = arena_alloc(arena, n * sizeof *fns);
    if (x->count) {
        memcpy(list, x->list, x->count * sizeof *list);
        memcpy(fns, x->fns, x->count * sizeof *fns);
    }
    x->list = list, x->fns = fns, x->capacity = n;
}

/* Number of the exit; a new one if there is none like it. */
static unsigned exit_number(struct lopt_build *b, struct lopt_exits *x, struct lopt_exit exit)
{
    for (unsigned i = 0; i < x->count; i++) {
        if (same_exit(&x->list[i], &exit))
            return i;
    }
    if (x->count == x->capacity)
        grow(x, b->arena);
    char name[32];
    snprintf(name, sizeof name, "exit_%u", x->count);
    LLVMValueRef fn = b->ll->AddFunction(b->module, name, b->c->region_fn);
    b->ll->SetFunctionCallConv(fn, LOPT_GHC_CALL_CONV);
    b->ll->SetVisibility(fn, LLVMHiddenVisibility);
    x->list[x->count] = exit;
    x->fns[x->count].fn = fn;
    return x->count++;
}

static LLVMValueRef pinned_value(struct lopt_state *s, unsigned row, enum ir_type t)
{
    return row < s->plan->rows.count ? lopt_row_value(s, row) : s->b->ll->GetUndef(lopt_type(s->b, t));
}

enum { ARGS = 1 + CPU_PINNED_GPRS + CPU_PINNED_FPRS };

static void pinned_args(struct lopt_state *s, LLVMValueRef *args)
{
    const struct lopt_rows *rows = &s->plan->rows;
    args[0] = s->b->cpu;
    for (unsigned i = 0; i < CPU_PINNED_GPRS; i++)
        args[1 + i] = pinned_value(s, rows->pin_gpr[i], IR_I64);
    for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
        args[1 + CPU_PINNED_GPRS + i] = pinned_value(s, rows->pin_fpr[i], IR_F64);
}

static void tail_call(struct lopt_build *b, LLVMValueRef fn, LLVMValueRef *args)
{
    LLVMValueRef call = b->ll->BuildCall2(b->ir, b->c->region_fn, fn, args, ARGS, "");
    b->ll->SetInstructionCallConv(call, LOPT_GHC_CALL_CONV);
    b->ll->SetTailCallKind(call, LLVMTailCallKindMustTail);
    b->ll->AddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, b->c->strictfp);
    b->ll->BuildRetVoid(b->ir);
}

static void leave_cold(struct lopt_block *blk, unsigned number)
{
    struct lopt_build *b = blk->b;
    blk->exits->fns[number].cold = true;
    lopt_flush_wide(blk->s, false);
    lopt_prepare_cold(blk->s);
    b->ll->BuildStore(b->ir, lopt_int(b, lopt_type(b, IR_I32), number), blk->exits->cold_number);
    b->ll->BuildBr(b->ir, blk->exits->cold_bb);
}

static void leave_alone(struct lopt_block *blk, unsigned number)
{
    LLVMValueRef args[ARGS];
    lopt_flush(blk->s, false, false);
    pinned_args(blk->s, args);
    tail_call(blk->b, blk->exits->fns[number].fn, args);
}

static bool returns_free_flags(const struct lopt_block *blk, const struct lopt_exit *call)
{
    uint32_t all = (UINT32_C(1) << blk->block->state->flag_count) - 1;
    return all && (lopt_flags_dead_at(&blk->plan->flags, call->return_pc, call->mode) & all) == all;
}

/* Does the guest go on within the function of this block, which will return? A call comes back to the region if that
 * may be entered there: it returns from the function itself, and a level would stay behind. */
static bool stays_in_function(const struct lopt_block *blk, const struct lopt_exit *exit)
{
    if (exit->kind == IR_EXIT_CALL || exit->kind == IR_EXIT_CALL_IND) {
        int at = ir_region_find(blk->plan->region, exit->return_pc, exit->mode);
        return at < 0 || !blk->plan->region->blocks[at].entry;
    }
    return exit->kind == IR_EXIT_DIRECT || exit->kind == IR_EXIT_POLL || exit->kind == IR_EXIT_IND ||
           exit->kind == IR_EXIT_IND_MODE;
}

/* Number of the exit that pushes levels for the calls that this block is within, and then takes exit number. */
static unsigned push_levels(struct lopt_block *blk, const struct lopt_exit *exit, unsigned number)
{
    for (unsigned i = 0; i < blk->rblock->within_count; i++) {
        struct lopt_exit level = {
            .kind = IR_EXIT_LEVEL, .return_pc = blk->rblock->within[i], .mode = exit->mode, .inner = number};
        level.free_flags = returns_free_flags(blk, &level);
        number = exit_number(blk->b, blk->exits, level);
    }
    return number;
}

void lopt_leave(struct lopt_block *blk, struct lopt_exit exit, uint32_t mode, LLVMValueRef target, bool cold)
{
    if (ir_exit_calls(exit.kind))
        exit.free_flags = returns_free_flags(blk, &exit);
    unsigned number = exit_number(blk->b, blk->exits, exit);
    if (stays_in_function(blk, &exit))
        number = push_levels(blk, &exit, number);
    if (target)
        lopt_cpu_store(blk->b, target, offsetof(struct cpu, pc), 8);
    memcpy(blk->s->st_kept, blk->s->st, blk->plan->rows.count);
    for (unsigned r = 0; r < blk->plan->rows.count; r++) /* what is in it is not stored, nor kept alive */
        blk->s->st[r] = lopt_row_is_empty(blk->plan->region, r, mode) ? LOPT_K_EXACT | LOPT_K_ABSENT : blk->s->st[r];
    lopt_kinds_forget_flags(&blk->plan->rows, blk->block->state, lopt_flags_dead_behind(&blk->plan->flags, &exit),
                            blk->s->st);
    lopt_late_flags_store(blk);
    if (cold && blk->sites)
        lopt_exit_site_emit(blk, number);
    else if (cold && blk->exits->cold_bb)
        leave_cold(blk, number);
    else
        leave_alone(blk, number);
    memcpy(blk->s->st, blk->s->st_kept, blk->plan->rows.count);
}

void lopt_finish_cold(struct lopt_block *blk)
{
    struct lopt_build *b = blk->b;
    LLVMValueRef args[ARGS], choice = NULL;
    if (!blk->exits->cold_bb)
        return;
    b->ll->PositionBuilderAtEnd(b->ir, blk->exits->cold_bb);
    memcpy(blk->s->st, blk->plan->flow.cold, blk->plan->rows.count);
    for (unsigned r = 0; r < blk->plan->rows.count; r++) /* lopt_prepare_cold loaded them */
        blk->s->st[r] &= (uint8_t) ~(blk->s->st[r] & LOPT_K_DIRTY ? LOPT_K_ABSENT : 0);
    lopt_flush(blk->s, false, false);
    pinned_args(blk->s, args);
    LLVMValueRef number = b->ll->BuildLoad2(b->ir, lopt_type(b, IR_I32), blk->exits->cold_number, "");
    for (unsigned i = 0; i < blk->exits->count; i++) {
        if (!blk->exits->fns[i].cold)
            continue;
        LLVMBasicBlockRef bb = lopt_new_bb(b, "leave");
        if (choice)
            b->ll->AddCase(choice, lopt_int(b, lopt_type(b, IR_I32), i), bb);
        else
            choice = b->ll->BuildSwitch(b->ir, number, bb, blk->exits->count);
        b->ll->PositionBuilderAtEnd(b->ir, bb);
        tail_call(b, blk->exits->fns[i].fn, args);
    }
    if (!choice)
        b->ll->BuildUnreachable(b->ir);
}
