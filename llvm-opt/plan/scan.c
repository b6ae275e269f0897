/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the blocks of a region: which rows they touch, how, and how often. */
#include "llvm-opt/plan/scan.h"

#include "llvm-opt/plan/kinds.h"
#include "llvm-opt/plan/region.h"
#include "llvm-opt/plan/split.h"
#include "src/ir/region.h"

/* Operations that take a floating-point row in whatever kind it is. */
static bool takes_any_kind(const struct ir_block *block, ir_ref user)
{
    enum ir_op op = block->insns[user].op;
    return op == IR_PUT || op == IR_FUNBOX || op == IR_FCMP ||
           (ir_insn_is_quiet(&block->insns[user]) && op != IR_FMIN && op != IR_FMAX);
}

static void count_exact_reads(struct lopt_rows *rows, const struct ir_region_block *rb, ir_ref user)
{
    const struct ir_insn *in = &rb->block->insns[user];
    for (unsigned a = 0; a < ir_insn_arg_count(in) && !takes_any_kind(rb->block, user); a++) {
        const struct ir_insn *def = &rb->block->insns[in->arg[a]];
        if (def->op == IR_GET)
            rows->row[def->imm].exact_reads += rb->weight + 1;
    }
}

static void count_soft_put(struct lopt_rows *rows, const struct ir_region_block *rb, const struct ir_insn *put)
{
    const struct ir_insn *def = &rb->block->insns[put->arg[0]];
    if (def->op == IR_FBOX || lopt_is_soft_canon(rb->block, put->arg[0]))
        rows->row[put->imm].soft_puts += rb->weight + 1;
}

static bool full_at_entry(const struct ir_region *region, unsigned row)
{
    bool full = false;
    for (unsigned i = 0; i < region->count; i++) {
        const struct ir_region_block *rb = &region->blocks[i];
        full = full || ((i == 0 || rb->entry) && !lopt_row_is_empty(region, row, rb->block->mode));
    }
    return full;
}

static void scan_insn(struct lopt_rows *rows, const struct ir_region *region, const struct ir_region_block *rb,
                      const struct ir_insn *in)
{
    switch (in->op) {
    case IR_PUT:
        count_soft_put(rows, rb, in);
        rows->row[in->imm].used = true;
        break;
    case IR_GET:
        rows->row[in->imm].used = true;
        rows->row[in->imm].at_entry |= rows->row[in->imm].type == IR_F80 && full_at_entry(region, (unsigned)in->imm);
        break;
    case IR_CALL:
        rows->has_calls = true;
        break;
    case IR_FUNBOX:
        if (rb->block->insns[in->arg[0]].op == IR_GET && !rows->stores)
            rows->row[rb->block->insns[in->arg[0]].imm].need_s = true;
        break;
    default:
        break;
    }
}

static void scan_block(struct lopt_rows *rows, const struct ir_region *region, const struct ir_region_block *rb)
{
    for (unsigned i = 0; i < rb->block->count; i++) {
        count_exact_reads(rows, rb, (ir_ref)i);
        lopt_split_count(rows, rb, (ir_ref)i);
        scan_insn(rows, region, rb, &rb->block->insns[i]);
    }
}

void lopt_scan(struct lopt_rows *rows, const struct ir_region *region)
{
    for (unsigned i = 0; i < region->count; i++)
        scan_block(rows, region, &region->blocks[i]);
}
