/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of exclusive and ordered accesses, and of LSE: one instruction that loads and stores.
 *
 * LSE's are one IR operation each. Exclusive loads and stores are LL and SC, unless the code between them is a few
 * integer instructions and branches out of it. Then the load is an atomic load and the store a compare-and-swap against
 * what was loaded, in one block. That covers what compilers emit for compare-exchange and fetch-and-op without LSE.
 *
 * I1  In a recognized sequence nothing between load and store touches memory, so swapping if the value is what was
 *     loaded is the same as swapping if no one wrote: an ABA change cannot be observed, as the whole sequence then
 *     takes effect at the swap.
 * I2  Branches leave a recognized sequence; none goes to its inside, so its store is reached through its load only.
 * I3  A recognized load drops an older reservation, as any would: an unrelated store after a branch out must fail.
 * I4  Pairs are LL and SC always: their load must be one.
 * I5  Misaligned, they are SIGBUS: LSE2 is not there. */
#include "frontend/aarch64/a64_lift_atomic.h"

#include <string.h>

#include "frontend/aarch64/a64_lifters.h"

enum { MAX_SEQUENCE_INSNS = 20, INSN_BYTES = 4 };
enum { RELAXED, ACQUIRE, BOTH, SEQUENTIAL }; /* IR_MEM_ORDER */

static uint16_t mem_of(enum ir_type type, unsigned order)
{
    return (uint16_t)(type | order << IR_MEM_ORDER_SHIFT | IR_MEM_ALIGNED);
}

/* By bits 31 and 30. */
static enum ir_type sized(const struct a64_insn *i) { return (enum ir_type)(IR_I8 + a64_bits(i, 30, 2)); }

static ir_ref get_as(struct a64_lift *l, enum ir_type type, unsigned reg)
{
    return ir_conv(l->b, IR_TRUNC, type, a64_get_x(l, reg));
}

/* ---- ordered ---- */

/* Nothing on the way between two ordered accesses to others' eyes: the store is sequentially consistent, so a load need
 * not be. */
void a64_lift_ldar(struct a64_lift *l, const struct a64_insn *i)
{
    a64_put(l, a64_rd(i), ir_ld(l->b, IR_I64, mem_of(sized(i), ACQUIRE), a64_base(l, a64_rn(i)), 0));
}

void a64_lift_stlr(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref address = a64_base(l, a64_rn(i));
    ir_st(l->b, mem_of(sized(i), SEQUENTIAL), address, 0, get_as(l, sized(i), a64_rd(i)));
}

/* ---- LSE ---- */

static unsigned amo_order(const struct a64_insn *i) { return a64_bits(i, 22, 2) ? SEQUENTIAL : RELAXED; }

static void amo(struct a64_lift *l, const struct a64_insn *i, ir_ref operand)
{
    const uint16_t mem = mem_of(sized(i), amo_order(i));
    a64_put(l, a64_rd(i), ir_amo(l->b, (enum ir_amo)i->row->arg, mem, a64_base(l, a64_rn(i)), operand));
}

/* arg: enum ir_amo */
void a64_lift_amo(struct a64_lift *l, const struct a64_insn *i) { amo(l, i, get_as(l, sized(i), a64_rm(i))); }
void a64_lift_ldclr(struct a64_lift *l, const struct a64_insn *i)
{
    amo(l, i, ir_un(l->b, IR_NOT, get_as(l, sized(i), a64_rm(i))));
}

void a64_lift_cas(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type type = sized(i);
    ir_ref address = a64_base(l, a64_rn(i)), expected = get_as(l, type, a64_rm(i));
    a64_put(l, a64_rm(i), ir_cas(l->b, mem_of(type, SEQUENTIAL), address, expected, get_as(l, type, a64_rd(i))));
}

/* Two registers as one value: the first has the lower address. */
static ir_ref get_pair(struct a64_lift *l, enum ir_type half, unsigned first, unsigned second)
{
    return ir_emit(l->b, IR_CONCAT, (enum ir_type)(half + 1), 0, get_as(l, half, first), get_as(l, half, second),
                   IR_NO_REF, 0);
}

static void put_pair(struct a64_lift *l, enum ir_type half, unsigned first, unsigned second, ir_ref v)
{
    ir_ref high = ir_conv(l->b, IR_HIGH, half, v);
    a64_put(l, first, ir_conv(l->b, IR_TRUNC, half, v));
    a64_put(l, second, high);
}

static enum ir_type half_type(const struct a64_insn *i) { return a64_type(a64_bits(i, 30, 1)); }

/* Register 31 as the second of a pair is xzr: 30 is the last even one. */
void a64_lift_casp(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type half = half_type(i);
    const unsigned s = a64_rm(i), t = a64_rd(i);
    ir_ref address = a64_base(l, a64_rn(i)), expected = get_pair(l, half, s, s + 1);
    const uint16_t mem = mem_of((enum ir_type)(half + 1), SEQUENTIAL);
    put_pair(l, half, s, s + 1, ir_cas(l->b, mem, address, expected, get_pair(l, half, t, t + 1)));
}

/* ---- exclusive ---- */

static ir_ref reserve(struct a64_lift *l, const struct a64_insn *i, enum ir_type type)
{
    return ir_emit(l->b, IR_LL, type, mem_of(type, a64_bits(i, 15, 1) ? ACQUIRE : RELAXED), a64_base(l, a64_rn(i)),
                   IR_NO_REF, IR_NO_REF, 0);
}

static void store_if_reserved(struct a64_lift *l, const struct a64_insn *i, ir_ref value)
{
    const enum ir_type type = ir_type_of(l->b, value);
    const uint16_t mem = mem_of(type, a64_bits(i, 15, 1) ? SEQUENTIAL : RELAXED);
    ir_ref stored = ir_emit(l->b, IR_SC, type, mem, a64_base(l, a64_rn(i)), value, IR_NO_REF, 0);
    a64_put(l, a64_rm(i), ir_un(l->b, IR_NOT, stored));
}

void a64_lift_ldxr(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type type = sized(i);
    if (i->sequence) {
        l->llsc.store_pc = l->pc + i->sequence - INSN_BYTES;
        l->llsc.address = a64_base(l, a64_rn(i));
        l->llsc.loaded = ir_ld(l->b, type, mem_of(type, ACQUIRE), l->llsc.address, 0);
        ir_put(l->b, A64_ROW_RESERVATION, ir_const(l->b, IR_I64, ~UINT64_C(0)));
        a64_put(l, a64_rd(i), l->llsc.loaded);
    } else {
        a64_put(l, a64_rd(i), reserve(l, i, type));
    }
}

void a64_lift_stxr(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref value = get_as(l, sized(i), a64_rd(i));
    if (l->llsc.store_pc != l->pc) {
        store_if_reserved(l, i, value);
        return;
    }
    ir_ref old = ir_cas(l->b, mem_of(sized(i), SEQUENTIAL), l->llsc.address, l->llsc.loaded, value);
    a64_put(l, a64_rm(i), ir_icmp(l->b, IR_NE, old, l->llsc.loaded));
    l->llsc.store_pc = 0;
}

void a64_lift_ldxp(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type half = half_type(i);
    put_pair(l, half, a64_rd(i), a64_ra(i), reserve(l, i, (enum ir_type)(half + 1)));
}

void a64_lift_stxp(struct a64_lift *l, const struct a64_insn *i)
{
    store_if_reserved(l, i, get_pair(l, half_type(i), a64_rd(i), a64_ra(i)));
}

void a64_lift_clrex(struct a64_lift *l, const struct a64_insn *i)
{
    ir_put(l->b, A64_ROW_RESERVATION, ir_const(l->b, IR_I64, ~UINT64_C(0)));
}

/* ---- recognizing sequences ---- */

/* Branch targets as byte offsets from the load, to be judged when the sequence's end is known. */
struct targets {
    int64_t offset[MAX_SEQUENCE_INSNS];
    unsigned count;
};

static bool targets_leave(const struct targets *t, unsigned store_offset)
{
    for (unsigned n = 0; n < t->count; n++) {
        if (t->offset[n] > 0 && t->offset[n] <= (int64_t)store_offset)
            return false;
    }
    return true;
}

/* Does it leave the register alone, as far as that can be seen without knowing what the instruction does with bits 4
 * to 0 and 14 to 10? */
static bool keeps(const struct a64_insn *i, unsigned reg)
{
    return i->row->kind == A64_KIND_INT && a64_rd(i) != reg && !a64_may_leave(i);
}

unsigned a64_llsc_scan(const struct a64_insn *load, const uint8_t *code, size_t avail, uint64_t features,
                       unsigned *insns)
{
    struct targets targets = {.count = 0};
    const bool is_loaded_from = a64_rd(load) == a64_rn(load);
    for (unsigned n = 1; n < MAX_SEQUENCE_INSNS && !is_loaded_from; n++) {
        const unsigned offset = n * INSN_BYTES;
        struct a64_insn i;
        uint32_t word;
        if (avail < offset + INSN_BYTES)
            return 0;
        memcpy(&word, code + offset, sizeof word);
        if (!a64_decode(word, features, &i))
            return 0;
        if (a64_is(&i, A64_OP_stxr) || a64_is(&i, A64_OP_stlxr)) {
            *insns = n + 1;
            bool fits = a64_rn(&i) == a64_rn(load) && sized(&i) == sized(load) && targets_leave(&targets, offset);
            return fits ? offset + INSN_BYTES : 0;
        }
        if (i.row->kind == A64_KIND_BRANCH)
            targets.offset[targets.count++] = (int64_t)a64_direct_target(&i, offset);
        else if (!keeps(&i, a64_rn(load)))
            return 0;
    }
    return 0;
}
