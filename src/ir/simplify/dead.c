/* SPDX-License-Identifier: Apache-2.0 */
/* Removes what no one can see: PUTs that are overwritten before anything can look, and values that nothing uses. One
 * pass backward that marks, one forward that moves what is left together.
 *
 * I1  A PUT stays if a fault, an exit or a call that reads state can come between it and the next PUT of the same row.
 * I2  Faults, FP flags, exits and marks stay, used or not.
 * I3  The whole-state barriers are counted; overwritten[row] holds the count at which the row was last seen
 *     overwritten, so a barrier costs nothing per row.
 */
#include "src/ir/simplify/dead.h"

enum { UNUSED = 0, USED = 1 };
enum { READS_ALL_ROWS = IR_FX_FAULT | IR_FX_EXIT | IR_FX_END };
enum { MUST_STAY = IR_FX_WSTATE | IR_FX_WMEM | IR_FX_FAULT | IR_FX_FPFLAG | IR_FX_EXIT | IR_FX_END }; /* I2 */

struct dead {
    struct ir_insn *insns;
    ir_ref *map;           /* while marking: USED; then the new index */
    uint32_t *overwritten; /* I3 */
    uint32_t barriers;
};

/* Is this PUT dead? If not, earlier ones of its row now are, up to the next barrier. */
static bool put_is_dead(struct dead *d, const struct ir_insn *in)
{
    uint32_t *mark = &d->overwritten[in->imm];
    if (*mark == d->barriers)
        return true;
    *mark = d->barriers;
    return false;
}

static bool stays(struct dead *d, uint32_t i, struct ir_op_facts facts)
{
    const struct ir_insn *in = &d->insns[i];
    if (in->op == IR_PUT)
        return !put_is_dead(d, in);
    return (facts.effects & MUST_STAY) || d->map[i] == USED || !facts.result;
}

/* What an instruction that stays sees of the state before it. */
static void note_reads(struct dead *d, const struct ir_insn *in, struct ir_op_facts facts)
{
    if (in->op == IR_GET)
        d->overwritten[in->imm] = 0;
    else if (facts.effects & (READS_ALL_ROWS | IR_FX_RSTATE))
        d->barriers++;
}

static void mark(struct dead *d, uint32_t count)
{
    for (uint32_t i = count; i-- > 0;) {
        const struct ir_insn *in = &d->insns[i];
        const struct ir_op_facts facts = ir_facts(in);
        if (!stays(d, i, facts)) {
            d->insns[i].op = IR_OP_COUNT;
            continue;
        }
        note_reads(d, in, facts);
        for (unsigned a = 0; a < facts.args; a++)
            d->map[in->arg[a]] = USED;
    }
}

static uint32_t compact(struct dead *d, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (d->insns[i].op == IR_OP_COUNT)
            continue;
        struct ir_insn *in = &d->insns[kept];
        *in = d->insns[i];
        for (unsigned n = ir_facts(in).args, a = 0; a < n; a++)
            in->arg[a] = d->map[in->arg[a]];
        d->map[i] = (ir_ref)kept++;
    }
    return kept;
}

uint32_t ir_remove_dead(struct ir_insn *insns, uint32_t count, const struct ir_state *state, struct arena *scratch)
{
    struct dead d = {
        .insns = insns,
        .map = arena_alloc(scratch, count * sizeof(ir_ref)),
        .overwritten = arena_alloc(scratch, state->count * sizeof(uint32_t)),
        .barriers = 1,
    };
    mark(&d, count);
    return compact(&d, count);
}
