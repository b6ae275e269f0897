/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a region of IR blocks into one LLVM function.
 *
 * The function has calling convention GHC and the parameters (cpu, 9 pinned GPRs, 6 pinned FPRs), which arrive in the
 * registers of src/base/cpu.h I2. Each IR block becomes LLVM blocks; registers are allocas (state.c) that LLVM
 * promotes; an exit to a block of the region is a branch (exit.c).
 *
 * I1  Each row of ops.def is applied to each instruction once, in order; an operation that returns a value defines it.
 * I2  A block that no path from an entry reaches is not emitted.
 * I3  The module is complete and verifies, or status is not STATUS_OK and it is disposed.
 */
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/emit.h"

static const struct {
    lopt_op_fn fn;
    unsigned param;
} ops[] = {
#define L(name, fn, param) [IR_##name] = {fn, param},
#include "llvm-opt/emit/ops.def"
#undef L
};

enum {
    OP_ROWS = 0
#define L(name, fn, param) +1
#include "llvm-opt/emit/ops.def"
#undef L
};
_Static_assert((int)OP_ROWS == (int)IR_OP_COUNT, "ops.def must have a row for each IR operation");

static void add_fn_attribute(struct lopt_emit *l, LLVMAttributeRef a)
{
    l->ll->AddAttributeAtIndex(l->fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, a);
}

static void add_enum_attribute(struct lopt_emit *l, const char *name)
{
    unsigned kind = l->ll->GetEnumAttributeKindForName(name, strlen(name));
    add_fn_attribute(l, l->ll->CreateEnumAttribute(l->c->ctx, kind, 0));
}

static void add_text_attribute(struct lopt_emit *l, const char *name, const char *value)
{
    add_fn_attribute(
        l, l->ll->CreateStringAttribute(l->c->ctx, name, (unsigned)strlen(name), value, (unsigned)strlen(value)));
}

static void make_function(struct lopt_emit *l)
{
    l->fn = l->ll->AddFunction(l->module, "region", l->c->region_fn);
    l->ll->SetFunctionCallConv(l->fn, LOPT_GHC_CALL_CONV);
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
static bool shows_flags(const struct lopt_emit *l, const struct ir_insn *in)
{
    bool may_trap = (ir_op_infos[in->op].aux_kind == IR_AUX_MEM || in->op == IR_AMO) && in->aux & IR_MEM_ALIGNED;
    unsigned fx = ir_op_infos[in->op].effects;
    return fx & IR_FX_EXIT || in->op == IR_CALL || in->op == IR_FFLAGS || may_trap ||
           (l->region->precise && fx & IR_FX_FAULT);
}

void lopt_begin_block(struct lopt_emit *l, unsigned index)
{
    l->rblock = &l->region->blocks[index];
    l->block = l->rblock->block;
    l->insn_pc = l->block->pc;
    l->return_pc = 0;
    lopt_flow_head(l, index, l->st);
    memset(l->vals, 0, l->block->count * sizeof *l->vals);
    for (unsigned i = 0; i < ARRAY_LEN(l->flag_puts); i++)
        l->flag_puts[i] = IR_NO_REF;
}

LLVMValueRef lopt_value_of(struct lopt_emit *l, ir_ref ref)
{
    const struct ir_insn *in = &l->block->insns[ref];
    return ops[in->op].fn(l, in, ops[in->op].param);
}

void lopt_emit_insn(struct lopt_emit *l, unsigned at)
{
    const struct ir_insn *in = &l->block->insns[at];
    LLVMValueRef v = lopt_value_of(l, (ir_ref)at);
    if (v)
        l->vals[at] = (struct lopt_val){.form = LOPT_FORM_PLAIN, .exact = v};
    if (in->op == IR_PUT)
        lopt_flags_note_put(l, in);
    lopt_flow_step(l, l->block, at, l->st, l->get_kinds);
}

static void emit_block(struct lopt_emit *l, unsigned index)
{
    lopt_vloop_emit(l, index);
    lopt_begin_block(l, index);
    l->ll->PositionBuilderAtEnd(l->b, l->again[index]);
    for (unsigned i = 0; i < l->block->count && l->status == STATUS_OK; i++) {
        if (shows_flags(l, &l->block->insns[i]))
            lopt_fp_settle(l);
        lopt_emit_insn(l, i);
    }
}

static void enter_at(struct lopt_emit *l, unsigned index)
{
    lopt_prepare_edge(l, index);
    l->ll->BuildBr(l->b, l->bb[index]);
}

/* The number of the entry, and l->cpu without it (cpu.h I5). */
static LLVMValueRef take_entry_number(struct lopt_emit *l)
{
    LLVMTypeRef i64 = lopt_type(l, IR_I64);
    LLVMValueRef number = lopt_bin(l, LLVMAnd, lopt_cast(l, LLVMPtrToInt, l->cpu, i64), lopt_i64(l, CPU_ALIGN - 1));
    LLVMValueRef back = lopt_bin(l, LLVMSub, lopt_i64(l, 0), number);
    l->cpu = l->ll->BuildGEP2(l->b, lopt_type(l, IR_I8), l->cpu, &back, 1, "");
    return number;
}

/* From the function's entry to the block whose entry was taken. */
static void enter_blocks(struct lopt_emit *l, LLVMValueRef number)
{
    LLVMBasicBlockRef first = lopt_new_bb(l, "entry");
    LLVMValueRef choice = NULL;
    memcpy(l->st, l->flow_entry, l->row_count);
    if (number) {
        LLVMBasicBlockRef others = lopt_new_bb(l, "entries"), never = lopt_new_bb(l, "never");
        lopt_set_weights(l, l->ll->BuildCondBr(l->b, lopt_icmp(l, LLVMIntEQ, number, lopt_i64(l, 0)), first, others), 1,
                         1);
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
        LLVMBasicBlockRef bb = lopt_new_bb(l, "entry");
        l->ll->AddCase(choice, lopt_i64(l, l->region->blocks[i].entry), bb);
        l->ll->PositionBuilderAtEnd(l->b, bb);
        enter_at(l, i);
    }
}

static bool has_entries(const struct lopt_emit *l)
{
    for (unsigned i = 1; i < l->region->count; i++) {
        if (l->region->blocks[i].entry)
            return true;
    }
    return false;
}

static void emit_blocks(struct lopt_emit *l)
{
    LLVMBasicBlockRef entry = lopt_new_bb(l, "entry");
    l->bb = arena_alloc(&l->arena, l->region->count * sizeof *l->bb);
    l->again = arena_alloc(&l->arena, l->region->count * sizeof *l->again);
    for (unsigned i = 0; i < l->region->count; i++)
        l->again[i] = l->bb[i] = lopt_new_bb(l, "block");
    if (l->cold_sites >= LOPT_COLD_SITES)
        l->cold_bb = lopt_new_bb(l, "cold");
    l->ll->PositionBuilderAtEnd(l->b, entry);
    LLVMValueRef number = has_entries(l) ? take_entry_number(l) : NULL;
    lopt_state_entry(l);
    enter_blocks(l, number);
    for (unsigned i = 0; i < l->region->count && l->status == STATUS_OK; i++) {
        if (l->flow_in[i][0]) {
            emit_block(l, i);
        } else {
            l->ll->PositionBuilderAtEnd(l->b, l->bb[i]);
            l->ll->BuildUnreachable(l->b);
        }
    }
    lopt_finish_cold(l);
}

static void give_exits(struct lopt_emit *l, struct lopt_result *result)
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

enum status lopt_emit_region(struct lopt *opt, const struct ir_region *region, LLVMModuleRef *module,
                             struct lopt_result *result)
{
    struct lopt_emit l = {.ll = opt->ll, .opt = opt, .c = &opt->c, .region = region, .status = STATUS_OK};
    arena_init(&l.arena);
    l.module = opt->ll->ModuleCreateWithNameInContext("region", opt->c.ctx);
    opt->ll->SetTarget(l.module, LOPT_TRIPLE);
    opt->ll->SetDataLayout(l.module, opt->layout);
    l.b = opt->ll->CreateBuilderInContext(opt->c.ctx);
    make_function(&l);
    lopt_flow_init(&l);
    if (l.status == STATUS_OK)
        emit_blocks(&l);
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
