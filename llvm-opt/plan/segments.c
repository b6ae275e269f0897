/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts the accesses of a block into segments.
 *
 * Take `ld a; ld b; st c; ld d; st e`. If `st c` faults, going back to `ld a` is right: what was loaded is loaded
 * again, and nothing was stored. If `ld d` faults, going back there is right only if neither `ld a` nor `ld b` then
 * loads what `st c` has stored. If one may, the segment ends behind `st c`, and `ld d; st e` is the next one.
 *
 * I1  In a segment no load comes before a store that may overlap it, but for the segment's last access.
 * I2  Between the accesses of a segment, nothing happens that must not happen twice: no helper is called, no exit
 *     taken, no register put that lies in struct cpu, and the guest's FP flags are not read.
 * I3  A register of 80 bits lives on the host's x87 stack, where no map finds it. It is stored where a segment begins.
 * I4  Where others see the memory, a store is the last access: they may have stored there since.
 */
#include "llvm-opt/plan/segments.h"

enum { MAX_LOADS = 16 };

/* What was loaded in the segment so far. */
struct loads {
    struct {
        ir_ref base;
        int64_t start, end; /* from the base */
    } of[MAX_LOADS];
    unsigned count;
    bool unknown; /* there were more */
};

static bool is_atomic(const struct ir_region *region, const struct ir_insn *in)
{
    return region->ordered && (in->op == IR_AMO || ir_mem_order(in->aux) > 1);
}

bool lopt_access_is_out_of_line(const struct ir_region *region, const struct ir_insn *in)
{
    enum ir_type t = ir_mem_type(in->aux);
    switch (in->op) {
    case IR_LD:
    case IR_ST:
        return in->aux & IR_MEM_SPACE || t == IR_I1 || (is_atomic(region, in) && ir_type_bits(t) > 64);
    case IR_AMO:
        return t == IR_I1 || ir_type_bits(t) > 64 || in->aux & (IR_MEM_BIG | IR_MEM_SPACE);
    case IR_CAS:
        return in->aux & (IR_MEM_BIG | IR_MEM_SPACE);
    default:
        return true;
    }
}

bool lopt_access_is_mapped(const struct lopt_rows *rows, const struct ir_insn *in)
{
    if (!rows->maps || lopt_access_is_out_of_line(rows->region, in))
        return false;
    enum ir_type t = ir_mem_type(in->aux);
    return t != IR_F80 && t != IR_I128 && ir_type_bits(t) <= rows->access_bits;
}

static void note_load(struct loads *loads, const struct ir_insn *in)
{
    if (loads->count == MAX_LOADS) {
        loads->unknown = true;
        return;
    }
    unsigned i = loads->count++;
    loads->of[i].base = in->arg[0];
    loads->of[i].start = (int64_t)in->imm;
    loads->of[i].end = (int64_t)in->imm + ir_type_bits(ir_mem_type(in->aux)) / 8;
}

static bool may_overlap(const struct loads *loads, const struct ir_insn *st)
{
    int64_t start = (int64_t)st->imm, end = start + ir_type_bits(ir_mem_type(st->aux)) / 8;
    bool overlaps = loads->unknown;
    for (unsigned i = 0; i < loads->count; i++)
        overlaps |= loads->of[i].base != st->arg[0] || (start < loads->of[i].end && loads->of[i].start < end);
    return overlaps;
}

/* I2, I3 */
static bool ends_segment(const struct lopt_rows *rows, const struct ir_insn *in)
{
    unsigned fx = ir_insn_effects(in);
    if (in->op == IR_PUT)
        return rows->row[in->imm].in_memory || rows->row[in->imm].type == IR_F80;
    return fx & (IR_FX_EXIT | IR_FX_END | IR_FX_FAULT) || in->op == IR_CALL || in->op == IR_FFLAGS ||
           in->op == IR_X87_SW || in->op == IR_X87_CW;
}

unsigned lopt_segments_find(const struct lopt_rows *rows, const struct ir_block *block, struct lopt_segment *segments)
{
    struct loads loads = {0};
    gaddr_t pc = block->pc;
    unsigned count = 0, insn = 0, first_insn = 0, replayed = 0;
    bool open = false, replays = false;
    for (unsigned i = 0; i < block->count; i++) {
        const struct ir_insn *in = &block->insns[i];
        if (in->op == IR_INSN)
            pc = in->imm, insn++, replays = in->aux & IR_INSN_REPLAYS;
        if (!lopt_access_is_mapped(rows, in)) {
            open = open && !ends_segment(rows, in);
            continue;
        }
        if (!open) {
            segments[count++] = (struct lopt_segment){.first = (ir_ref)i, .pc = pc};
            first_insn = insn, replayed = 0;
            loads = (struct loads){0};
        }
        segments[count - 1].last = (ir_ref)i;
        if (replays)
            replayed = insn + IR_REPLAY_INSNS - 1;
        segments[count - 1].guest_insns = (replayed > insn ? replayed : insn) - first_insn + 1;
        open = in->op == IR_LD || (in->op == IR_ST && !rows->region->ordered && !may_overlap(&loads, in)); /* I4 */
        if (in->op == IR_LD)
            note_load(&loads, in);
    }
    return count;
}
