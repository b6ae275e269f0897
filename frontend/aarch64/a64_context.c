/* SPDX-License-Identifier: Apache-2.0 */
/* The stack pointer, and what an instruction does that is none.
 *
 * I1  An access by sp faults unless sp is a multiple of 16. Whether it is one is part of the translation mode, so an
 *     access needs no check while it is. What may change it leaves the block if it does: hardly anything, since most
 *     instructions add a multiple of 16. */
#include "frontend/aarch64/a64_context.h"

enum { SP = 31, SP_MASK = 15 };

/* Loads and stores that write the address back: pairs, and those of 9-bit offsets. The bytes that they add, or what
 * is no multiple of 16. */
static bool writes_back(const struct a64_insn *i, int64_t *bytes)
{
    if (i->row->kind != A64_KIND_LOAD && i->row->kind != A64_KIND_STORE)
        return false;
    if ((i->raw & 0x3a800000) == 0x28800000) { /* pairs, post- and pre-indexed */
        unsigned size = a64_bits(i, 26, 1) ? 2 + a64_bits(i, 30, 2) : 2 + a64_bits(i, 31, 1);
        *bytes = a64_sbits(i, 15, 7) * (1 << size);
        return true;
    }
    if ((i->raw & 0xbe800000) == 0x0c800000) { /* structures of vectors, post-indexed: by what they have, or Rm */
        *bytes = 1;
        return true;
    }
    *bytes = a64_sbits(i, 12, 9);
    return (i->raw & 0x3b200400) == 0x38000400;
}

static bool is_add_imm(const struct a64_insn *i) { return (i->raw & 0x3f800000) == 0x11000000; }

bool a64_may_leave(const struct a64_insn *i)
{
    int64_t bytes;
    if (writes_back(i, &bytes))
        return a64_rn(i) == SP && bytes & SP_MASK;
    if (i->row->kind != A64_KIND_INT || a64_rd(i) != SP)
        return false;
    if (is_add_imm(i))
        return a64_rn(i) != SP || (a64_bits(i, 10, 12) & SP_MASK && !a64_bits(i, 22, 1)) || !a64_sf(i);
    return (i->raw & 0x3fe00000) == 0x0b200000 ||                            /* add, sub of an extended register */
           ((i->raw & 0x1f800000) == 0x12000000 && a64_bits(i, 29, 2) != 3); /* and, orr, eor of an immediate */
}

void a64_put_sp(struct a64_lift *l, unsigned n, ir_ref v)
{
    ir_put(l->b, a64_row_x(n), ir_conv(l->b, IR_ZEXT, IR_I64, v));
    if (n != SP || !a64_may_leave(l->i))
        return;
    ir_ref low = ir_bini(l->b, IR_AND, ir_conv(l->b, IR_TRUNC, IR_I32, v), SP_MASK);
    ir_ref odd = ir_icmp(l->b, IR_NE, low, ir_const(l->b, IR_I32, 0));
    ir_ref mode = ir_bini(l->b, IR_OR, ir_conv(l->b, IR_ZEXT, IR_I32, odd), l->req->mode & ~(uint32_t)A64_MODE_SP_ODD);
    ir_ref same = ir_const(l->b, IR_I32, l->req->mode);
    uint64_t known;
    if (ir_is_const(l->b, mode, &known) && known == l->req->mode)
        return;
    ir_put(l->b, A64_ROW_MODE, mode);
    ir_exit_if_mode(l->b, ir_icmp(l->b, IR_NE, mode, same), l->next);
}

ir_ref a64_base(struct a64_lift *l, unsigned n)
{
    ir_ref base = a64_get_xsp(l, n);
    if (n == SP && l->req->mode & A64_MODE_SP_ODD) {
        ir_ref odd = ir_icmp(l->b, IR_NE, ir_bini(l->b, IR_AND, base, SP_MASK), ir_const(l->b, IR_I64, 0));
        ir_trap_if(l->b, odd, IR_TRAP_MISALIGNED, l->pc);
    }
    return base;
}

void a64_lift_unallocated(struct a64_lift *l) { ir_trap(l->b, IR_TRAP_ILLEGAL, l->pc); }
