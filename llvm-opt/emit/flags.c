/* SPDX-License-Identifier: Apache-2.0 */
/* Backward dataflow over the region's CFG: the status flags that a block writes before they can be seen. What leaves
 * the region where they are dead need not store them; otherwise LLVM would compute the flags of a loop's end in each
 * iteration, being wanted in two places, at the poll and behind the loop.
 *
 * I1  Starts from all dead, and takes away until nothing changes. Blocks outside that exits lead to count as far as
 *     they are known (ir_region.outside); everything else that the region leaves to sees every flag.
 * I2  Faults see flags in a precise region only.
 */
#include <string.h>

#include "llvm-opt/emit/emit.h"

static const struct ir_state *state_of(const struct lopt_emit *l) { return l->region->blocks[0].block->state; }

static uint32_t flag_bit(const struct lopt_emit *l, uint64_t row)
{
    int flag = l->rows[row].flag;
    return flag < 0 ? 0 : UINT32_C(1) << flag;
}

bool lopt_is_flag(const struct lopt_emit *l, unsigned row, uint32_t mask) { return flag_bit(l, row) & mask; }

uint32_t lopt_flags_dead_at(const struct lopt_emit *l, gaddr_t pc, uint32_t mode)
{
    int to = lopt_find_block(l->region, pc, mode);
    if (to >= 0)
        return l->dead_flags[to];
    for (unsigned i = 0; i < l->region->outside_count; i++) {
        if (l->region->outside[i]->pc == pc && l->region->outside[i]->mode == mode)
            return l->dead_outside[i];
    }
    return 0;
}

static uint32_t live_behind_exit(const struct lopt_emit *l, const struct ir_block *block, const struct ir_insn *in)
{
    if ((in->op == IR_EXIT_IF || in->op == IR_JUMP) && in->aux != IR_HINT_MODE)
        return ~lopt_flags_dead_at(l, in->imm, ir_exit_mode(block, (uint32_t)(in - block->insns)));
    return UINT32_MAX;
}

/* inside: it is a block of the region */
static uint32_t live_in(const struct lopt_emit *l, const struct ir_block *block, bool inside)
{
    uint32_t live = 0;
    for (unsigned i = block->count; i-- > 0;) {
        const struct ir_insn *in = &block->insns[i];
        unsigned fx = ir_insn_effects(in);
        if (fx & (IR_FX_EXIT | IR_FX_END))
            live |= inside ? live_behind_exit(l, block, in) : UINT32_MAX;
        if (in->op == IR_DEAD_FLAGS)
            live &= ~(uint32_t)in->imm;
        else if (in->op == IR_PUT)
            live &= ~flag_bit(l, in->imm);
        else if (in->op == IR_GET)
            live |= flag_bit(l, in->imm);
        else if (fx & IR_FX_RSTATE || (l->region->precise && fx & IR_FX_FAULT))
            live = UINT32_MAX;
    }
    return live;
}

void lopt_flags_init(struct lopt_emit *l)
{
    size_t bytes = l->region->count * sizeof *l->dead_flags;
    l->dead_flags = arena_alloc(&l->arena, bytes);
    memset(l->dead_flags, state_of(l)->flag_count ? 0xff : 0, bytes); /* I1 */
    l->dead_outside = arena_alloc(&l->arena, (l->region->outside_count + 1) * sizeof *l->dead_outside);
    for (unsigned i = 0; i < l->region->outside_count; i++)
        l->dead_outside[i] = ~live_in(l, l->region->outside[i], false);
    for (bool changed = state_of(l)->flag_count; changed;) {
        changed = false;
        for (unsigned i = l->region->count; i-- > 0;) {
            uint32_t dead = l->dead_flags[i] & ~live_in(l, l->region->blocks[i].block, true);
            changed |= dead != l->dead_flags[i];
            l->dead_flags[i] = dead;
        }
    }
}

void lopt_flags_forget(const struct lopt_emit *l, uint32_t dead, uint8_t *st)
{
    const struct ir_state *s = state_of(l);
    for (unsigned i = 0; i < s->flag_count; i++) {
        if (dead >> i & 1 && !l->rows[s->flags[i]].in_memory)
            st[s->flags[i]] = LOPT_K_EXACT | LOPT_K_ABSENT | (st[s->flags[i]] & LOPT_K_REACHED);
    }
}

uint32_t lopt_flags_dead_behind(const struct lopt_emit *l, const struct lopt_exit *exit)
{
    if (exit->kind == LOPT_EXIT_DIRECT || exit->kind == LOPT_EXIT_CALL || exit->kind == LOPT_EXIT_POLL)
        return lopt_flags_dead_at(l, exit->pc, exit->mode);
    return exit->kind == LOPT_EXIT_RET_MATCHED ? UINT32_MAX : 0; /* cpu.h I4 */
}

/* Operations that cost little, do nothing else, and can be done again anywhere in their block. */
static bool is_cheap(const struct lopt_emit *l, ir_ref ref)
{
    const struct ir_insn *in = &l->block->insns[ref];
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
        return l->vals[ref].form == LOPT_FORM_PLAIN;
    default:
        return false;
    }
}

/* The value computed once more, here: the copy on the hot way then goes if nothing there needs it. */
static LLVMValueRef again(struct lopt_emit *l, ir_ref ref, unsigned depth)
{
    const struct ir_insn *in = &l->block->insns[ref];
    struct lopt_val kept[3];
    LLVMValueRef args[3];
    unsigned n = ir_insn_arg_count(in);
    if (!depth || n > ARRAY_LEN(args) || !is_cheap(l, ref))
        return lopt_exact(l, ref);
    for (unsigned k = 0; k < n; k++)
        args[k] = again(l, in->arg[k], depth - 1);
    for (unsigned k = 0; k < n; k++) {
        kept[k] = l->vals[in->arg[k]];
        l->vals[in->arg[k]] = (struct lopt_val){.form = LOPT_FORM_PLAIN, .exact = args[k]};
    }
    LLVMValueRef v = lopt_value_of(l, ref);
    for (unsigned k = n; k-- > 0;)
        l->vals[in->arg[k]] = kept[k];
    return v;
}

void lopt_flags_store(struct lopt_emit *l)
{
    enum { DEPTH = 6 };
    const struct ir_state *s = state_of(l);
    for (unsigned i = 0; i < s->flag_count; i++) {
        unsigned row = s->flags[i];
        const struct lopt_row *r = &l->rows[row];
        if (!r->used || r->in_memory || !(l->st[row] & LOPT_K_DIRTY))
            continue;
        ir_ref put = l->flag_puts[i];
        lopt_row_store(l, row, put == IR_NO_REF ? lopt_row_value(l, row) : again(l, put, DEPTH));
        l->st[row] = LOPT_K_EXACT | LOPT_K_ABSENT | (l->st[row] & LOPT_K_REACHED);
    }
}

void lopt_flags_note_put(struct lopt_emit *l, const struct ir_insn *put)
{
    int flag = l->rows[put->imm].flag;
    if (flag >= 0)
        l->flag_puts[flag] = put->arg[0];
}

LLVMValueRef lopt_op_dead_flags(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    return NULL;
} /* lopt_flow_step */
