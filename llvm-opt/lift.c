/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts a region of IR blocks into one LLVM function.
 *
 * The function has calling convention GHC and the parameters (cpu, 9 pinned GPRs, 6 pinned FPRs), which arrive in the
 * registers of src/base/cpu.h I2. Each IR block becomes LLVM blocks; registers are allocas (lift_state.c) that LLVM
 * promotes; an exit to a block of the region is a branch (lift_exit.c).
 *
 * I1  Each row of lift.def is applied to each instruction once, in order; an operation that returns a value defines it.
 * I2  A block that no path from an entry reaches is not lifted.
 * I3  The module is complete and verifies, or status is not STATUS_OK and it is disposed.
 */
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/lift.h"

static const struct {
    lift_op_fn fn;
    unsigned param;
} ops[] = {
#define L(name, fn, param) [IR_##name] = {fn, param},
#include "llvm-opt/lift.def"
#undef L
};

enum {
    OP_ROWS = 0
#define L(name, fn, param) +1
#include "llvm-opt/lift.def"
#undef L
};
_Static_assert((int)OP_ROWS == (int)IR_OP_COUNT, "lift.def must have a row for each IR operation");

static void add_fn_attribute(struct lift *l, LLVMAttributeRef a)
{
    l->ll->AddAttributeAtIndex(l->fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, a);
}

static void add_enum_attribute(struct lift *l, const char *name)
{
    unsigned kind = l->ll->GetEnumAttributeKindForName(name, strlen(name));
    add_fn_attribute(l, l->ll->CreateEnumAttribute(l->c->ctx, kind, 0));
}

static void add_text_attribute(struct lift *l, const char *name, const char *value)
{
    add_fn_attribute(
        l, l->ll->CreateStringAttribute(l->c->ctx, name, (unsigned)strlen(name), value, (unsigned)strlen(value)));
}

static void make_function(struct lift *l)
{
    l->fn = l->ll->AddFunction(l->module, "region", l->c->region_fn);
    l->ll->SetFunctionCallConv(l->fn, GHC_CALL_CONV);
    add_fn_attribute(l, l->c->nounwind);
    l->fp_fast = l->region->blocks[0].block->fp_fast;
    if (!l->fp_fast)
        add_fn_attribute(l, l->c->strictfp);
    add_enum_attribute(l, "null_pointer_is_valid");
    add_text_attribute(l, "no-realign-stack", "");
    add_text_attribute(l, "frame-pointer", "none");
    l->cpu = l->ll->GetParam(l->fn, 0);
}

/* May the guest's FP flags be looked at in or after this instruction, before the block goes on? */
static bool shows_flags(const struct lift *l, const struct ir_insn *in)
{
    bool may_trap = (ir_op_infos[in->op].aux_kind == IR_AUX_MEM || in->op == IR_AMO) && in->aux & IR_MEM_ALIGNED;
    unsigned fx = ir_op_infos[in->op].effects;
    return fx & IR_FX_EXIT || in->op == IR_CALL || in->op == IR_FFLAGS || may_trap ||
           (l->region->precise && fx & IR_FX_FAULT);
}

void lift_begin_block(struct lift *l, unsigned index)
{
    l->rblock = &l->region->blocks[index];
    l->block = l->rblock->block;
    l->insn_pc = l->block->pc;
    l->return_pc = 0;
    lift_flow_head(l, index, l->st);
    memset(l->vals, 0, l->block->count * sizeof *l->vals);
    for (unsigned i = 0; i < ARRAY_LEN(l->flag_puts); i++)
        l->flag_puts[i] = IR_NO_REF;
}

LLVMValueRef lift_value_of(struct lift *l, ir_ref ref)
{
    const struct ir_insn *in = &l->block->insns[ref];
    return ops[in->op].fn(l, in, ops[in->op].param);
}

void lift_one(struct lift *l, unsigned at)
{
    const struct ir_insn *in = &l->block->insns[at];
    LLVMValueRef v = lift_value_of(l, (ir_ref)at);
    if (v)
        l->vals[at] = (struct lift_val){.form = FORM_PLAIN, .exact = v};
    if (in->op == IR_PUT)
        lift_flags_note_put(l, in);
    lift_flow_step(l, l->block, at, l->st, l->get_kinds);
}

static void lift_block(struct lift *l, unsigned index)
{
    lift_vloop(l, index);
    lift_begin_block(l, index);
    l->ll->PositionBuilderAtEnd(l->b, l->again[index]);
    for (unsigned i = 0; i < l->block->count && l->status == STATUS_OK; i++) {
        if (shows_flags(l, &l->block->insns[i]))
            lift_fp_settle(l);
        lift_one(l, i);
    }
}

static void enter_at(struct lift *l, unsigned index)
{
    lift_prepare_edge(l, index);
    l->ll->BuildBr(l->b, l->bb[index]);
}

/* The number of the entry, and l->cpu without it (cpu.h I5). */
static LLVMValueRef take_entry_number(struct lift *l)
{
    LLVMTypeRef i64 = lt(l, IR_I64);
    LLVMValueRef number = l_bin(l, LLVMAnd, l_cast(l, LLVMPtrToInt, l->cpu, i64), l_i64(l, CPU_ALIGN - 1));
    LLVMValueRef back = l_bin(l, LLVMSub, l_i64(l, 0), number);
    l->cpu = l->ll->BuildGEP2(l->b, lt(l, IR_I8), l->cpu, &back, 1, "");
    return number;
}

/* From the function's entry to the block whose entry was taken. */
static void enter_blocks(struct lift *l, LLVMValueRef number)
{
    LLVMBasicBlockRef first = lift_new_bb(l, "entry");
    LLVMValueRef choice = NULL;
    memcpy(l->st, l->flow_entry, l->row_count);
    if (number) {
        LLVMBasicBlockRef others = lift_new_bb(l, "entries"), never = lift_new_bb(l, "never");
        lift_set_weights(l, l->ll->BuildCondBr(l->b, l_icmp(l, LLVMIntEQ, number, l_i64(l, 0)), first, others), 1, 1);
        l->ll->PositionBuilderAtEnd(l->b, never);
        l->ll->BuildUnreachable(l->b);
        l->ll->PositionBuilderAtEnd(l->b, others);
        choice = l->ll->BuildSwitch(l->b, number, never, l->region->count);
    } else {
        l->ll->BuildBr(l->b, first);
    }
    l->ll->PositionBuilderAtEnd(l->b, first);
    enter_at(l, 0);
    for (unsigned i = 1; i < l->region->count; i++) {
        if (!l->region->blocks[i].entry)
            continue;
        LLVMBasicBlockRef bb = lift_new_bb(l, "entry");
        l->ll->AddCase(choice, l_i64(l, l->region->blocks[i].entry), bb);
        l->ll->PositionBuilderAtEnd(l->b, bb);
        enter_at(l, i);
    }
}

static bool has_entries(const struct lift *l)
{
    for (unsigned i = 1; i < l->region->count; i++) {
        if (l->region->blocks[i].entry)
            return true;
    }
    return false;
}

static void lift_blocks(struct lift *l)
{
    LLVMBasicBlockRef entry = lift_new_bb(l, "entry");
    l->bb = arena_alloc(&l->arena, l->region->count * sizeof *l->bb);
    l->again = arena_alloc(&l->arena, l->region->count * sizeof *l->again);
    for (unsigned i = 0; i < l->region->count; i++)
        l->again[i] = l->bb[i] = lift_new_bb(l, "block");
    if (l->cold_sites >= COLD_SITES)
        l->cold_bb = lift_new_bb(l, "cold");
    l->ll->PositionBuilderAtEnd(l->b, entry);
    LLVMValueRef number = has_entries(l) ? take_entry_number(l) : NULL;
    lift_state_entry(l);
    enter_blocks(l, number);
    for (unsigned i = 0; i < l->region->count && l->status == STATUS_OK; i++) {
        if (l->flow_in[i][0]) {
            lift_block(l, i);
        } else {
            l->ll->PositionBuilderAtEnd(l->b, l->bb[i]);
            l->ll->BuildUnreachable(l->b);
        }
    }
    lift_finish_cold(l);
}

static void give_exits(struct lift *l, struct lopt_result *result)
{
    result->exits = malloc((l->exit_count + 1) * sizeof *result->exits);
    if (!result->exits) {
        l->status = STATUS_NO_MEMORY;
        return;
    }
    if (l->exit_count)
        memcpy(result->exits, l->exits, l->exit_count * sizeof *result->exits);
    result->exit_count = l->exit_count;
}

enum status lift_region(struct lopt *opt, const struct ir_region *region, LLVMModuleRef *module,
                        struct lopt_result *result)
{
    struct lift l = {.ll = opt->ll, .opt = opt, .c = &opt->c, .region = region, .status = STATUS_OK};
    arena_init(&l.arena);
    l.module = opt->ll->ModuleCreateWithNameInContext("region", opt->c.ctx);
    opt->ll->SetTarget(l.module, LOPT_TRIPLE);
    opt->ll->SetDataLayout(l.module, opt->layout);
    l.b = opt->ll->CreateBuilderInContext(opt->c.ctx);
    make_function(&l);
    lift_flow_init(&l);
    if (l.status == STATUS_OK)
        lift_blocks(&l);
    if (l.status == STATUS_OK)
        give_exits(&l, result);
    opt->ll->DisposeBuilder(l.b);
    if (l.status != STATUS_OK)
        opt->ll->DisposeModule(l.module);
    else
        *module = l.module;
    arena_fini(&l.arena);
    return l.status;
}
