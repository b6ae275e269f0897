/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which vector registers are held as two halves.
 *
 * x86's scalar instructions change the lower element and keep the rest. Take `addsd xmm0, xmm1`: as a vector, its sum
 * is followed by a blend with the old xmm0, which lies in the chain of dependent operations. So a row whose lower f64
 * is mostly changed alone is held as a lower f64 and an upper i64 (emit/pair.c).
 */
#include "llvm-opt/plan/split.h"

#include "src/ir/region.h"

static bool is_vector_row(const struct lopt_rows *rows, uint64_t row) { return rows->row[row].type == IR_V128; }

bool lopt_split_is_low(const struct ir_insn *in)
{
    return (in->op == IR_VGETE || in->op == IR_VSETE) && ir_vec_elem(in->aux) == IR_F64 && in->imm == 0;
}

static bool takes_pair(const struct ir_insn *user, unsigned arg)
{
    return user->op == IR_PUT || (lopt_split_is_low(user) && arg == 0);
}

void lopt_split_count(struct lopt_rows *rows, const struct ir_region_block *rb, ir_ref at)
{
    const struct ir_insn *in = &rb->block->insns[at];
    for (unsigned a = 0; a < ir_insn_arg_count(in); a++) {
        const struct ir_insn *def = &rb->block->insns[in->arg[a]];
        if (def->op == IR_GET && is_vector_row(rows, def->imm) && !takes_pair(in, a))
            rows->row[def->imm].vector_uses += rb->weight + 1;
    }
    if (in->op != IR_PUT || !is_vector_row(rows, in->imm))
        return;
    const struct ir_insn *def = &rb->block->insns[in->arg[0]];
    if (lopt_split_is_low(def) && def->op == IR_VSETE)
        rows->row[in->imm].scalar_puts += rb->weight + 1;
    else if (def->op != IR_GET && def->op != IR_CONST)
        rows->row[in->imm].vector_uses += rb->weight + 1;
}

void lopt_split_choose(struct lopt_rows *rows)
{
    for (unsigned i = 0; i < rows->count; i++) {
        struct lopt_row *r = &rows->row[i];
        r->split = r->type == IR_V128 && !r->in_memory && r->scalar_puts > r->vector_uses;
    }
}
