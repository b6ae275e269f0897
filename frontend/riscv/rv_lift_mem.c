/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of loads, stores, hints about memory, and fences.
 *
 * I1  Scalar accesses may be misaligned (the manual allows the platform to do them in hardware; hwprobe says "fast").
 * I2  flw and fsw move bits: flw boxes what it loads, fsw stores the low half of the register whatever the upper half
 *     is. */
#include "frontend/riscv/rv_lifters.h"

/* arg: RV_MEM */
void rv_lift_load(struct rv_lift *l, const struct rv_insn *i)
{
    rv_put_x(l, i->rd, ir_ld(l->b, IR_I64, i->row->arg, rv_get_x(l, i->rs1), i->imm));
}

void rv_lift_store(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref address = rv_get_x(l, i->rs1);
    ir_ref value = ir_conv(l->b, IR_TRUNC, (enum ir_type)i->row->arg, rv_get_x(l, i->rs2));

    ir_st(l->b, i->row->arg, address, i->imm, value);
}

void rv_lift_fload_d(struct rv_lift *l, const struct rv_insn *i)
{
    ir_put(l->b, rv_row_f(i->rd), ir_ld(l->b, IR_F64, IR_F64, rv_get_x(l, i->rs1), i->imm));
}

void rv_lift_fload_s(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref value = ir_ld(l->b, IR_F32, IR_F32, rv_get_x(l, i->rs1), i->imm);

    ir_put(l->b, rv_row_f(i->rd), ir_conv(l->b, IR_FBOX, IR_F64, value));
}

void rv_lift_fstore_d(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref address = rv_get_x(l, i->rs1);

    ir_st(l->b, IR_F64, address, i->imm, ir_get(l->b, rv_row_f(i->rs2)));
}

void rv_lift_fstore_s(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref address = rv_get_x(l, i->rs1);
    ir_ref bits = ir_conv(l->b, IR_BITCAST, IR_I64, ir_get(l->b, rv_row_f(i->rs2)));

    ir_st(l->b, IR_I32, address, i->imm, ir_conv(l->b, IR_TRUNC, IR_I32, bits));
}

/* prefetch.r, prefetch.w */
void rv_lift_prefetch(struct rv_lift *l, const struct rv_insn *i)
{
    ir_ref address = ir_bini(l->b, IR_ADD, rv_get_x(l, i->rs1), (uint64_t)i->imm);

    ir_emit(l->b, IR_PREFETCH, IR_VOID, 0, address, IR_NO_REF, IR_NO_REF, 0);
}

static void emit_fence(struct rv_lift *l, unsigned order)
{
    ir_emit(l->b, IR_FENCE, IR_VOID, (uint16_t)order, IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
}

/* Sets of accesses in fence's pred and succ fields; input and output count as reads and writes. */
enum {
    FENCE_W = 1,
    FENCE_R = 2,
    FENCE_O = 4,
    FENCE_I = 8,
    FENCE_READS = FENCE_R | FENCE_I,
    FENCE_WRITES = FENCE_W | FENCE_O
};

/* Reserved values of fm, rs1 and rd are to be taken as a normal fence; an empty set orders nothing. */
void rv_lift_fence(struct rv_lift *l, const struct rv_insn *i)
{
    unsigned pred = i->raw >> 24 & 15, succ = i->raw >> 20 & 15, order = 0;

    if (pred & FENCE_READS)
        order |= (succ & FENCE_READS ? IR_FENCE_RR : 0) | (succ & FENCE_WRITES ? IR_FENCE_RW : 0);
    if (pred & FENCE_WRITES)
        order |= (succ & FENCE_READS ? IR_FENCE_WR : 0) | (succ & FENCE_WRITES ? IR_FENCE_WW : 0);
    if (order)
        emit_fence(l, order);
}

/* All but write before read. */
void rv_lift_fence_tso(struct rv_lift *l, const struct rv_insn *i)
{
    emit_fence(l, IR_FENCE_RR | IR_FENCE_RW | IR_FENCE_WW);
}

void rv_lift_fence_i(struct rv_lift *l, const struct rv_insn *i) { ir_trap(l->b, IR_TRAP_ICACHE_SYNC, l->next); }
