/* SPDX-License-Identifier: Apache-2.0 */
/* What one instruction does to the kinds of the rows.
 *
 * I1  lopt_kinds_step is the only definition of that. The analysis (flow.c) applies it, and so does the emitter, while
 *     it emits: they cannot disagree.
 * I2  Where each access stores the rows, every row is LOPT_K_EXACT: what a fault sees must not need repair.
 * I3  A canonicalization may be put off (LOPT_K_RAW) only if the NaN in the value is quiet: canonicalizing a quiet NaN
 *     raises no flag, wherever it is done.
 */
#include "llvm-opt/plan/kinds.h"

#include "llvm-opt/plan/segments.h"
#include "src/ir/state.h"

static bool is_fp_row(const struct lopt_row *r) { return (r->type == IR_F32 || r->type == IR_F64) && !r->in_memory; }

/* FCANON of the result of an arithmetic operation: its NaNs are quiet. */
bool lopt_is_soft_canon(const struct ir_block *block, ir_ref ref)
{
    const struct ir_insn *in = &block->insns[ref];
    if (in->op != IR_FCANON || ir_fp_elem(in->aux) || (in->type != IR_F32 && in->type != IR_F64))
        return false;
    return ir_insn_is_quiet(&block->insns[in->arg[0]]);
}

/* FUNBOX of a row that holds a raw single: fmv.s. */
static bool is_raw_single(const struct lopt_rows *rows, const struct ir_block *block, const uint8_t *get_kinds,
                          ir_ref ref)
{
    const struct ir_insn *in = &block->insns[ref];
    return in->op == IR_FUNBOX && block->insns[in->arg[0]].op == IR_GET && get_kinds[in->arg[0]] == LOPT_K_RAWBOX &&
           is_fp_row(&rows->row[block->insns[in->arg[0]].imm]);
}

uint8_t lopt_put_kinds(const struct lopt_rows *rows, const struct ir_block *block, const uint8_t *get_kinds,
                       const struct ir_insn *put)
{
    const struct lopt_row *row = &rows->row[put->imm];
    if (!is_fp_row(row) || rows->stores || row->eager)
        return LOPT_K_EXACT;
    const struct ir_insn *def = &block->insns[put->arg[0]];
    if (lopt_is_soft_canon(block, put->arg[0]))
        return LOPT_K_RAW;
    if (def->op == IR_FBOX && row->type == IR_F64)
        return lopt_is_soft_canon(block, def->arg[0]) || is_raw_single(rows, block, get_kinds, def->arg[0])
                   ? LOPT_K_RAWBOX
                   : LOPT_K_BOX;
    if (def->op == IR_GET && is_fp_row(&rows->row[def->imm]))
        return get_kinds[put->arg[0]];
    return LOPT_K_EXACT;
}

static void set_all(const struct lopt_rows *rows, uint8_t *st, uint8_t clear, uint8_t set)
{
    for (unsigned r = 0; r < rows->count; r++)
        st[r] = (uint8_t)((st[r] & ~clear) | set);
}

void lopt_kinds_forget_flags(const struct lopt_rows *rows, const struct ir_state *state, uint32_t dead, uint8_t *st)
{
    for (unsigned i = 0; i < state->flag_count; i++) {
        if (dead >> i & 1 && !rows->row[state->flags[i]].in_memory)
            st[state->flags[i]] = LOPT_K_EXACT | LOPT_K_ABSENT;
    }
}

void lopt_kinds_step(const struct lopt_rows *rows, const struct ir_block *block, unsigned at, uint8_t *st,
                     uint8_t *get_kinds)
{
    const struct ir_insn *in = &block->insns[at];
    unsigned fx = ir_insn_effects(in);
    if (rows->region->precise && fx & IR_FX_FAULT && !lopt_access_is_mapped(rows, in))
        set_all(rows, st, LOPT_K_DIRTY, 0);
    switch (in->op) {
    case IR_GET:
        get_kinds[at] = st[in->imm] & LOPT_K_ABSENT ? LOPT_K_EXACT : st[in->imm] & LOPT_K_KINDS;
        break;
    case IR_PUT:
        if (!rows->row[in->imm].in_memory)
            st[in->imm] = lopt_put_kinds(rows, block, get_kinds, in) | LOPT_K_DIRTY;
        break;
    case IR_DEAD_FLAGS:
        lopt_kinds_forget_flags(rows, block->state, (uint32_t)in->imm, st);
        break;
    case IR_CALL:
        if (fx & (IR_FX_RSTATE | IR_FX_WSTATE))
            set_all(rows, st, LOPT_K_DIRTY, 0);
        if (fx & IR_FX_WSTATE)
            for (unsigned r = 0; r < rows->count; r++)
                st[r] = (uint8_t)((st[r] & ~LOPT_K_KINDS) | LOPT_K_EXACT | (rows->row[r].need_s ? 0 : LOPT_K_ABSENT));
        break;
    default:
        break;
    }
}

bool lopt_kinds_are_mixed(uint8_t st)
{
    uint8_t kinds = st & LOPT_K_KINDS;
    return kinds & (kinds - 1);
}
