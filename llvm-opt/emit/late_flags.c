/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags on the way out: stored where the region is left, and computed there.
 *
 * I1  A flag that is only wanted at an exit is computed once more at the exit, from operations that are cheap and can
 *     be done again anywhere in their block. The copy on the hot way then goes if nothing there needs it.
 * I2  Emitting an operation again is the business of insn.c, which lies above: it is called by way of blk->emit_value.
 */
#include "llvm-opt/emit/late_flags.h"
#include "llvm-opt/plan/region.h"
#include "src/ir/state.h"

/* Operations that cost little, do nothing else, and can be done again anywhere in their block. */
static bool is_cheap(const struct lopt_block *blk, ir_ref ref)
{
    const struct ir_insn *in = &blk->block->insns[ref];
    switch (in->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_NOT:
    case IR_NEG:
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_ICMP:
    case IR_ZEXT:
    case IR_SEXT:
    case IR_TRUNC:
    case IR_CARRY:
    case IR_BORROW:
    case IR_OVF_ADD:
    case IR_OVF_SUB:
        return blk->vals[ref].form == LOPT_FORM_PLAIN;
    default:
        return false;
    }
}

/* The value computed once more, here: the copy on the hot way then goes if nothing there needs it. */
static LLVMValueRef again(struct lopt_block *blk, ir_ref ref, unsigned depth)
{
    const struct ir_insn *in = &blk->block->insns[ref];
    struct lopt_val kept[3];
    LLVMValueRef args[3];
    unsigned n = ir_insn_arg_count(in);
    if (!depth || n > ARRAY_LEN(args) || !is_cheap(blk, ref))
        return lopt_exact(blk, ref);
    for (unsigned k = 0; k < n; k++)
        args[k] = again(blk, in->arg[k], depth - 1);
    for (unsigned k = 0; k < n; k++) {
        kept[k] = blk->vals[in->arg[k]];
        blk->vals[in->arg[k]] = (struct lopt_val){.form = LOPT_FORM_PLAIN, .exact = args[k]};
    }
    LLVMValueRef v = blk->emit_value(blk, ref);
    for (unsigned k = n; k-- > 0;)
        blk->vals[in->arg[k]] = kept[k];
    return v;
}

void lopt_late_flags_store(struct lopt_block *blk)
{
    enum { DEPTH = 6 };
    const struct ir_state *s = lopt_region_state(blk->plan->region);
    for (unsigned i = 0; i < s->flag_count; i++) {
        unsigned row = s->flags[i];
        const struct lopt_row *r = &blk->plan->rows.row[row];
        if (!lopt_row_is_held(r) || !(blk->s->st[row] & LOPT_K_DIRTY))
            continue;
        ir_ref put = blk->flag_puts[i];
        lopt_row_store(blk->s, row, put == IR_NO_REF ? lopt_row_value(blk->s, row) : again(blk, put, DEPTH));
        blk->s->st[row] = LOPT_K_EXACT | LOPT_K_ABSENT;
    }
}

void lopt_late_flags_note(struct lopt_block *blk, const struct ir_insn *put)
{
    int flag = blk->plan->rows.row[put->imm].flag;
    if (flag >= 0)
        blk->flag_puts[flag] = put->arg[0];
}
