/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of the A extension.
 *
 * AMOs are one IR operation. LR and SC are LL and SC, unless the code between them is a constrained sequence in the
 * manual's sense ("Eventual Success of Store-Conditional Instructions"): a few integer instructions and branches out of
 * it. Then LR is an atomic load and SC a compare-and-swap against what LR read, in one block. That covers what
 * compilers emit for compare-exchange, for fetch-and-op without an AMO, and for sub-word atomics by masks.
 *
 * I1  In a recognised sequence nothing between LR and SC touches memory, so swapping if the value is what LR read is
 *     the same as swapping if no one wrote: an ABA change cannot be observed, as the whole sequence then takes effect
 *     at the swap.
 * I2  Branches leave a recognised sequence; none goes to its inside, so its SC is reached through its LR only.
 * I3  A recognised LR drops an older reservation, as LR would: an unrelated SC after a branch out must fail.
 * I4  Orders: aq or rl alone are taken as both; both are sequentially consistent.
 * I5  Misaligned atomics are SIGBUS. */
#include "frontend/riscv/rv_lift_atomic.h"

#include "frontend/riscv/rv_lifters.h"

enum { MAX_SEQUENCE_INSNS = 20 };

static uint16_t mem_order(const struct rv_insn *i, unsigned type)
{
    unsigned order = rv_aq(i) && rv_rl(i) ? 3 : rv_aq(i) || rv_rl(i) ? 2 : 0;

    return (uint16_t)(type | order << IR_MEM_ORDER_SHIFT | IR_MEM_ALIGNED);
}

static ir_ref get_sized(struct rv_lift *l, enum ir_type type, unsigned reg)
{
    return ir_conv(l->b, IR_TRUNC, type, rv_get_x(l, reg));
}

/* arg: RV_AMO */
void rv_lift_amo(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = (enum ir_type)(i->row->arg & 0xff);
    ir_ref address = rv_get_x(l, i->rs1);
    ir_ref value = get_sized(l, type, i->rs2);

    rv_put_w(l, i->rd, ir_amo(l->b, (enum ir_amo)(i->row->arg >> 8), mem_order(i, type), address, value));
}

/* arg: type of the access */
void rv_lift_lr(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = (enum ir_type)i->row->arg;
    ir_ref address = rv_get_x(l, i->rs1);
    ir_ref value;

    if (l->llsc.sc_pc) {
        value = ir_ld(l->b, type, mem_order(i, type), address, 0);
        l->llsc.address = address;
        l->llsc.loaded = value;
        ir_put(l->b, RV_ROW_RESERVATION, ir_const(l->b, IR_I64, ~UINT64_C(0)));
    } else {
        value = ir_emit(l->b, IR_LL, type, mem_order(i, type), address, IR_NO_REF, IR_NO_REF, 0);
    }
    rv_put_w(l, i->rd, value);
}

void rv_lift_sc(struct rv_lift *l, const struct rv_insn *i)
{
    enum ir_type type = (enum ir_type)i->row->arg;
    uint16_t mem = mem_order(i, type);
    ir_ref value = get_sized(l, type, i->rs2);
    ir_ref failed;

    if (l->llsc.sc_pc == l->pc) {
        ir_ref old = ir_cas(l->b, mem, l->llsc.address, l->llsc.loaded, value);

        failed = ir_icmp(l->b, IR_NE, old, l->llsc.loaded);
        l->llsc.sc_pc = 0;
    } else {
        ir_ref stored = ir_emit(l->b, IR_SC, type, mem, rv_get_x(l, i->rs1), value, IR_NO_REF, 0);

        failed = ir_un(l->b, IR_NOT, stored);
    }
    rv_put_x(l, i->rd, ir_conv(l->b, IR_ZEXT, IR_I64, failed));
}

/* Branch targets as byte offsets from the LR, to be judged when the sequence's end is known. */
struct targets {
    int64_t offset[MAX_SEQUENCE_INSNS];
    unsigned count;
};

static bool targets_leave(const struct targets *t, unsigned sc_offset)
{
    for (unsigned n = 0; n < t->count; n++) {
        if (t->offset[n] > 0 && t->offset[n] <= (int64_t)sc_offset)
            return false;
    }
    return true;
}

unsigned rv_llsc_scan(const struct rv_insn *lr, const uint8_t *code, size_t avail, uint64_t features, unsigned *insns)
{
    const struct rv_row *sc = lr->row == &rv_rows[RV_OP_lr_w] ? &rv_rows[RV_OP_sc_w] : &rv_rows[RV_OP_sc_d];
    struct targets targets = {.count = 0};
    unsigned offset = lr->len;
    bool address_lost = lr->rd == lr->rs1;

    for (unsigned n = 1; n < MAX_SEQUENCE_INSNS && !address_lost; n++) {
        struct rv_insn i;

        if (!rv_fetch(code + offset, avail - offset, features, &i))
            return 0;
        if (i.row == sc) {
            *insns = n + 1;
            return i.rs1 == lr->rs1 && targets_leave(&targets, offset) ? offset + i.len : 0;
        }
        if (i.row->kind == RV_KIND_BRANCH)
            targets.offset[targets.count++] = (int64_t)offset + i.imm;
        else if (i.row->kind != RV_KIND_INT)
            return 0;
        else
            address_lost = i.rd == lr->rs1;
        offset += i.len;
    }
    return 0;
}
