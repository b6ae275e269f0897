/* SPDX-License-Identifier: Apache-2.0 */
/* Makes one LLVM function of a region of IR blocks.
 *
 * The function has calling convention GHC and the parameters (cpu, 9 pinned GPRs, 6 pinned FPRs), which arrive in the
 * registers of src/base/cpu.h I2. Each IR block becomes LLVM blocks. Registers are slots (state.c) that LLVM promotes.
 * An exit to a block of the region is a branch (jump.c).
 *
 * I1  All decisions are the plan's (plan/), which is const here. Once there is a plan, only memory for the result may
 *     be lacking.
 * I2  A block that no path from an entry reaches is not emitted.
 * I3  The module is complete and verifies, or status is not STATUS_OK and it is disposed.
 * I4  A region with several entries begins with an indirect jump, to an address that nobody has set. When the object is
 *     read, each entry becomes code of its own up to there, and a jump to its block (entry.h). A number in a register
 *     and a switch took eight instructions, one of them an indirect jump, at each call that came back.
 */
#include "llvm-opt/emit/region.h"

#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/entry.h"
#include "llvm-opt/emit/fp.h"
#include "llvm-opt/emit/insn.h"
#include "llvm-opt/emit/leave.h"
#include "llvm-opt/emit/vloop.h"
#include "src/ir/region.h"

static void add_fn_attribute(struct lopt_build *b, LLVMAttributeRef a)
{
    b->ll->AddAttributeAtIndex(b->fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, a);
}

static void add_enum_attribute(struct lopt_build *b, const char *name)
{
    unsigned kind = b->ll->GetEnumAttributeKindForName(name, strlen(name));
    add_fn_attribute(b, b->ll->CreateEnumAttribute(b->c->ctx, kind, 0));
}

static void add_text_attribute(struct lopt_build *b, const char *name, const char *value)
{
    add_fn_attribute(
        b, b->ll->CreateStringAttribute(b->c->ctx, name, (unsigned)strlen(name), value, (unsigned)strlen(value)));
}

/* mapped: a precise region with maps */
static void make_function(struct lopt_build *b, bool mapped)
{
    b->fn = b->ll->AddFunction(b->module, "region", b->c->region_fn);
    b->ll->SetFunctionCallConv(b->fn, LOPT_GHC_CALL_CONV);
    add_fn_attribute(b, b->c->nounwind);
    if (!b->fp_fast)
        add_fn_attribute(b, b->c->strictfp);
    add_enum_attribute(b, "null_pointer_is_valid");
    add_text_attribute(b, "no-realign-stack", "");
    add_text_attribute(b, "frame-pointer", "none");
    for (const struct lopt_host_attribute *a = LOPT_HOST_MAPPED_ATTRIBUTES; mapped && a->name; a++)
        add_text_attribute(b, a->name, a->value);
    b->cpu = b->ll->GetParam(b->fn, 0);
}

/* May the guest's FP flags be looked at in or after this instruction, before the block goes on? */
static bool shows_flags(const struct ir_region *region, const struct ir_insn *in)
{
    unsigned fx = ir_op_facts[in->op].effects;
    return fx & IR_FX_EXIT || in->op == IR_CALL || in->op == IR_FFLAGS || ir_insn_checks_alignment(in) ||
           (region->precise && fx & IR_FX_FAULT);
}

static void emit_block(struct lopt_block *blk, unsigned index)
{
    struct lopt_build *b = blk->b;
    lopt_vloop_emit(blk, index);
    lopt_begin_block(blk, index);
    lopt_points_begin_block(blk);
    b->ll->PositionBuilderAtEnd(b->ir, blk->again[index]);
    for (unsigned i = 0; i < blk->block->count; i++) {
        lopt_points_before(blk, i);
        if (shows_flags(blk->plan->region, &blk->block->insns[i]))
            lopt_fp_settle(blk);
        lopt_emit_insn(blk, i);
        lopt_points_after(blk, i);
    }
}

static void enter_at(struct lopt_block *blk, unsigned index)
{
    struct lopt_build *b = blk->b;
    lopt_prepare_edge(blk->s, index);
    b->ll->BuildBr(b->ir, blk->heads[index]);
}

static unsigned last_entry(const struct ir_region *region)
{
    unsigned last = 0;
    for (unsigned i = 1; i < region->count; i++)
        last = region->blocks[i].entry > last ? region->blocks[i].entry : last;
    return last;
}

/* A block that enters at block index. */
static LLVMBasicBlockRef entry_of(struct lopt_block *blk, unsigned index)
{
    LLVMBasicBlockRef bb = lopt_new_bb(blk->b, "entry");
    blk->b->ll->PositionBuilderAtEnd(blk->b->ir, bb);
    enter_at(blk, index);
    return bb;
}

/* The table of the entries' blocks, which the reader of the object looks for (object.c). */
static void make_entry_table(struct lopt_build *b, const LLVMBasicBlockRef *entries, unsigned count)
{
    LLVMValueRef *addresses = arena_alloc(b->arena, count * sizeof *addresses);
    for (unsigned i = 0; i < count; i++)
        addresses[i] = b->ll->BlockAddress(b->fn, entries[i]);
    LLVMValueRef list = b->ll->ConstArray2(b->c->ptr, addresses, count);
    LLVMValueRef table = b->ll->AddGlobal(b->module, b->ll->TypeOf(list), LOPT_ENTRIES);
    b->ll->SetInitializer(table, list);
    b->ll->SetGlobalConstant(table, 1);
    b->ll->SetVisibility(table, LLVMHiddenVisibility);
}

/* From the function's entry to the block of one of several: I4. */
static void enter_one_of(struct lopt_block *blk, unsigned count, LLVMBasicBlockRef from)
{
    struct lopt_build *b = blk->b;
    LLVMBasicBlockRef *entries = arena_alloc(b->arena, count * sizeof(LLVMBasicBlockRef));
    for (unsigned i = 0; i < blk->plan->region->count; i++) {
        if (i == 0 || blk->plan->region->blocks[i].entry)
            entries[blk->plan->region->blocks[i].entry] = entry_of(blk, i);
    }
    for (unsigned i = 0; i < count; i++)
        entries[i] = entries[i] ? entries[i] : entries[0];
    b->ll->PositionBuilderAtEnd(b->ir, from);
    LLVMValueRef never = lopt_assembly(b, b->c->ptr, NULL, 0, "", "=r", b->c->mem_hidden);
    LLVMValueRef jump = b->ll->BuildIndirectBr(b->ir, never, count);
    for (unsigned i = 0; i < count; i++)
        b->ll->AddDestination(jump, entries[i]);
    make_entry_table(b, entries, count);
}

/* The function's entry, up to the branch to a block. */
static void emit_entry(struct lopt_block *blk, LLVMBasicBlockRef entry)
{
    struct lopt_build *b = blk->b;
    unsigned last = last_entry(blk->plan->region);
    b->ll->PositionBuilderAtEnd(b->ir, entry);
    blk->s->tags = b->ll->BuildAlloca(b->ir, lopt_type(b, IR_I64), "");
    blk->exits->cold_number = b->ll->BuildAlloca(b->ir, lopt_type(b, IR_I32), "");
    lopt_state_entry(blk->s);
    memcpy(blk->s->st, blk->plan->flow.entry, blk->plan->rows.count);
    if (last) {
        enter_one_of(blk, last + 1, entry);
        return;
    }
    LLVMBasicBlockRef first = entry_of(blk, 0);
    b->ll->PositionBuilderAtEnd(b->ir, entry);
    b->ll->BuildBr(b->ir, first);
}

static void emit_blocks(struct lopt_block *blk)
{
    struct lopt_build *b = blk->b;
    const struct lopt_plan *plan = blk->plan;
    LLVMBasicBlockRef entry = lopt_new_bb(b, "entry");
    for (unsigned i = 0; i < plan->region->count; i++)
        blk->again[i] = blk->heads[i] = lopt_new_bb(b, "block");
    if (plan->rows.shared_exit && plan->flow.cold_sites >= LOPT_COLD_SITES)
        blk->exits->cold_bb = lopt_new_bb(b, "cold");
    emit_entry(blk, entry);
    for (unsigned i = 0; i < plan->region->count; i++) {
        if (plan->flow.in[i][0]) {
            emit_block(blk, i);
        } else {
            b->ll->PositionBuilderAtEnd(b->ir, blk->heads[i]);
            b->ll->BuildUnreachable(b->ir);
        }
    }
    lopt_finish_cold(blk);
}

static enum status give_exits(const struct lopt_exits *exits, struct lopt_result *result)
{
    result->exits = malloc((exits->count + 1) * sizeof *result->exits);
    if (!result->exits)
        return STATUS_NO_MEMORY;
    if (exits->count)
        memcpy(result->exits, exits->list, exits->count * sizeof *result->exits);
    result->exit_count = exits->count;
    return STATUS_OK;
}

static struct lopt_build begin_module(struct lopt *opt, const struct lopt_plan *plan, struct arena *arena)
{
    struct lopt_build b = {
        .ll = opt->ll, .c = &opt->c, .host = &opt->host, .intrinsic = opt->intrinsic, .arena = arena};
    b.module = opt->ll->ModuleCreateWithNameInContext("region", opt->c.ctx);
    opt->ll->SetTarget(b.module, LOPT_HOST_TRIPLE);
    opt->ll->SetDataLayout(b.module, opt->layout);
    b.ir = opt->ll->CreateBuilderInContext(opt->c.ctx);
    b.fp_fast = plan->region->blocks[0].block->fp_fast;
    make_function(&b, plan->rows.maps);
    return b;
}

/* Makes code of the plan. */
static enum status emit_plan(struct lopt *opt, const struct lopt_plan *plan, enum lopt_maps maps, struct arena *arena,
                             struct lopt_emitted *emitted, struct lopt_result *result)
{
    struct lopt_build b = begin_module(opt, plan, arena);
    struct lopt_state state;
    struct lopt_block blk;
    struct lopt_exits exits = {0};
    lopt_state_init(&state, &b, plan);
    lopt_block_init(&blk, &b, &state, plan);
    lopt_points_init(&emitted->points, &b, plan, maps == LOPT_MAPS_GUARDED);
    lopt_exit_sites_init(&emitted->sites, &b, plan);
    blk.exits = &exits;
    blk.sites = plan->rows.shared_exit ? NULL : &emitted->sites;
    blk.points = &emitted->points;
    blk.emit_value = lopt_emit_value;
    blk.emit_now = lopt_emit_now;
    emit_blocks(&blk);
    opt->ll->DisposeBuilder(b.ir);
    enum status status = give_exits(&exits, result);
    if (status == STATUS_OK)
        emitted->module = b.module;
    else
        opt->ll->DisposeModule(b.module);
    return status;
}

enum status lopt_emit_region(struct lopt *opt, const struct ir_region *region, enum lopt_maps maps, enum lopt_cold cold,
                             struct arena *arena, struct lopt_emitted *emitted, struct lopt_result *result)
{
    const struct lopt_plan_options options = {.unroll = opt->options.unroll,
                                              .polls = opt->options.polls,
                                              .vector_loops = opt->options.level >= 2,
                                              .has_fma = opt->host.fma,
                                              .maps = maps != LOPT_STORES,
                                              .shared_exit = cold == LOPT_COLD_SHARED,
                                              .access_bits = opt->host.three_operands ? 256 : 128};
    struct lopt_plan *plan = arena_alloc(arena, sizeof *plan);
    enum status status = lopt_plan_make(plan, region, &options, arena);
    return status == STATUS_OK ? emit_plan(opt, plan, maps, arena, emitted, result) : status;
}
