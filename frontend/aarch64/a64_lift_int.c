/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of data processing: sums, logic, moves, shifts, products. Most rows share a lifter and differ in the IR
 * operation that their argument names.
 *
 * I1  A 32-bit instruction computes on the low halves and clears the upper one: zext(op.i32(trunc a, trunc b)). */
#include "frontend/aarch64/a64_flags.h"
#include "frontend/aarch64/a64_lifters.h"

enum { PAGE_BITS = 12 };

/* arg: bits by which the offset counts pages, or 0 */
void a64_lift_adr(struct a64_lift *l, const struct a64_insn *i)
{
    const uint64_t offset = (uint64_t)a64_sbits(i, 5, 19) << 2 | a64_bits(i, 29, 2);
    const gaddr_t base = i->row->arg ? l->pc >> PAGE_BITS << PAGE_BITS : l->pc;
    a64_put(l, a64_rd(i), ir_const(l->b, IR_I64, base + (offset << i->row->arg)));
}

/* arg: 1: movz, 0: movn */
void a64_lift_move_wide(struct a64_lift *l, const struct a64_insn *i)
{
    const uint64_t v = (uint64_t)a64_bits(i, 5, 16) << a64_bits(i, 21, 2) * 16;
    const uint64_t mask = a64_sf(i) ? ~UINT64_C(0) : UINT32_MAX;
    a64_put(l, a64_rd(i), ir_const(l->b, IR_I64, (i->row->arg ? v : ~v) & mask));
}

void a64_lift_movk(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned at = a64_bits(i, 21, 2) * 16;
    ir_ref kept = ir_bini(l->b, IR_AND, a64_get_x(l, a64_rd(i)), ~(UINT64_C(0xffff) << at));
    ir_ref v = ir_bini(l->b, IR_OR, kept, (uint64_t)a64_bits(i, 5, 16) << at);
    a64_put(l, a64_rd(i), ir_conv(l->b, IR_TRUNC, a64_type(a64_sf(i)), v));
}
