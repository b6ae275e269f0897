/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of bitfields, reversals, counts and CRCs.
 *
 * I1  A CRC is a remainder of polynomials. Bit 0 stands for the highest power here, so what is to be cancelled are the
 *     low bits: q = x * P^-1 modulo the width of the data is what P has to be multiplied by, and the rest of x + q * P
 *     is the new CRC. Products are carry-less; P has its highest power in front, so it has 33 bits. */
#include "frontend/aarch64/a64_lifters.h"

static ir_ref field_op(struct a64_lift *l, enum ir_op op, ir_ref a, ir_ref c, unsigned pos, unsigned len)
{
    return ir_emit(l->b, op, ir_type_of(l->b, a), ir_bits(pos, len), a, c, IR_NO_REF, 0);
}

/* The low len bits of v, extended: a conversion where there is a type of that width. */
static ir_ref low_bits(struct a64_lift *l, ir_ref v, unsigned len, bool is_signed)
{
    const enum ir_type type = ir_type_of(l->b, v);
    const enum ir_type narrow = len == 8 ? IR_I8 : len == 16 ? IR_I16 : len == 32 ? IR_I32 : IR_VOID;
    if (len == ir_type_bits(type))
        return v;
    if (narrow != IR_VOID)
        return ir_conv(l->b, is_signed ? IR_SEXT : IR_ZEXT, type, ir_conv(l->b, IR_TRUNC, narrow, v));
    if (is_signed)
        return field_op(l, IR_SEXTRACT, v, IR_NO_REF, 0, len);
    return ir_bini(l->b, IR_AND, v, (UINT64_C(1) << len) - 1);
}

/* sbfm, ubfm: a field of Rn moved down to bit 0, or low bits moved up. */
static void bitfield(struct a64_lift *l, const struct a64_insn *i, bool is_signed)
{
    const unsigned width = a64_sf(i) ? 64 : 32, r = a64_bits(i, 16, 6), s = a64_bits(i, 10, 6);
    ir_ref v = a64_get(l, a64_sf(i), a64_rn(i));
    if (s + 1 == width)
        v = ir_bini(l->b, is_signed ? IR_SAR : IR_SHR, v, r);
    else if (s + 1 == r && !is_signed)
        v = ir_bini(l->b, IR_SHL, v, width - r);
    else if (s < r)
        v = ir_bini(l->b, IR_SHL, low_bits(l, v, s + 1, is_signed), width - r);
    else if (r == 0)
        v = low_bits(l, v, s + 1, is_signed);
    else
        v = field_op(l, is_signed ? IR_SEXTRACT : IR_EXTRACT, v, IR_NO_REF, r, s - r + 1);
    a64_put(l, a64_rd(i), v);
}
void a64_lift_sbfm(struct a64_lift *l, const struct a64_insn *i) { bitfield(l, i, true); }
void a64_lift_ubfm(struct a64_lift *l, const struct a64_insn *i) { bitfield(l, i, false); }

void a64_lift_bfm(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned width = a64_sf(i) ? 64 : 32, r = a64_bits(i, 16, 6), s = a64_bits(i, 10, 6);
    ir_ref into = a64_get(l, a64_sf(i), a64_rd(i)), v = a64_get(l, a64_sf(i), a64_rn(i));
    if (s < r)
        v = field_op(l, IR_DEPOSIT, into, v, width - r, s + 1);
    else if (s - r + 1 < width)
        v = field_op(l, IR_DEPOSIT, into, r ? ir_bini(l->b, IR_SHR, v, r) : v, 0, s - r + 1);
    a64_put(l, a64_rd(i), v);
}

void a64_lift_extr(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned width = a64_sf(i) ? 64 : 32, at = a64_bits(i, 10, 6);
    ir_ref low = a64_get(l, a64_sf(i), a64_rm(i)), v = low;
    if (at && a64_rn(i) == a64_rm(i))
        v = ir_bini(l->b, IR_ROTR, low, at);
    else if (at)
        v = ir_bin(l->b, IR_OR, ir_bini(l->b, IR_SHR, low, at),
                   ir_bini(l->b, IR_SHL, a64_get(l, a64_sf(i), a64_rn(i)), width - at));
    a64_put(l, a64_rd(i), v);
}

/* ---- reversals and counts ---- */

/* arg: the IR operation */
void a64_lift_unary(struct a64_lift *l, const struct a64_insn *i)
{
    a64_put(l, a64_rd(i), ir_un(l->b, (enum ir_op)i->row->arg, a64_get(l, a64_sf(i), a64_rn(i))));
}

/* Behind rbit it counts at the other end. */
void a64_lift_clz(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = a64_get(l, a64_sf(i), a64_rn(i));
    const struct ir_insn def = l->b->insns[v];
    if (def.op == IR_BITREV)
        a64_put(l, a64_rd(i), ir_un(l->b, IR_CTZ, def.arg[0]));
    else
        a64_put(l, a64_rd(i), ir_un(l->b, IR_CLZ, v));
}

/* Bits behind the sign that are like it. */
void a64_lift_cls(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = a64_get(l, a64_sf(i), a64_rn(i));
    ir_ref changes = ir_bin(l->b, IR_XOR, v, ir_bini(l->b, IR_SAR, v, 1));
    a64_put(l, a64_rd(i), ir_bini(l->b, IR_ADD, ir_un(l->b, IR_CLZ, changes), ~UINT64_C(0)));
}

/* arg: bits of the parts whose bytes are reversed; parts themselves stay in their places */
void a64_lift_rev_parts(struct a64_lift *l, const struct a64_insn *i)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
    ir_ref v = a64_get(l, a64_sf(i), a64_rn(i));
    if (i->row->arg == 32) {
        a64_put(l, a64_rd(i), ir_bini(l->b, IR_ROTR, ir_un(l->b, IR_BSWAP, v), 32));
        return;
    }
    ir_ref mask = ir_const(l->b, ir_type_of(l->b, v), a64_sf(i) ? even : (uint32_t)even);
    ir_ref up = ir_bini(l->b, IR_SHL, ir_bin(l->b, IR_AND, v, mask), 8);
    ir_ref down = ir_bin(l->b, IR_AND, ir_bini(l->b, IR_SHR, v, 8), mask);
    a64_put(l, a64_rd(i), ir_bin(l->b, IR_OR, up, down));
}

/* ---- CRCs (I1) ---- */

static const struct {
    uint64_t poly, inverse; /* modulo 2^64, and so for each smaller width */
} crcs[2] = {{UINT64_C(0x1db710641), UINT64_C(0xb4e5b025f7011641)},
             {UINT64_C(0x105ec76f1), UINT64_C(0x4869ec38dea713f1)}};

/* arg: type of the data */
void a64_lift_crc32(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type type = (enum ir_type)i->row->arg;
    const unsigned width = ir_type_bits(type), which = a64_bits(i, 12, 1);
    ir_ref crc = ir_conv(l->b, IR_ZEXT, IR_I64, a64_get(l, false, a64_rn(i)));
    ir_ref data = ir_conv(l->b, IR_ZEXT, IR_I64, ir_conv(l->b, IR_TRUNC, type, a64_get_x(l, a64_rm(i))));
    ir_ref x = low_bits(l, ir_bin(l->b, IR_XOR, crc, data), width, false);
    ir_ref q = ir_bin(l->b, IR_CLMUL, x, ir_const(l->b, IR_I64, crcs[which].inverse));
    q = low_bits(l, q, width, false);
    ir_ref poly = ir_const(l->b, IR_I64, crcs[which].poly);
    ir_ref rest =
        width == 64 ? ir_bin(l->b, IR_CLMULH, q, poly) : ir_bini(l->b, IR_SHR, ir_bin(l->b, IR_CLMUL, q, poly), width);
    if (width < 32)
        rest = ir_bin(l->b, IR_XOR, rest, ir_bini(l->b, IR_SHR, crc, width));
    a64_put(l, a64_rd(i), ir_conv(l->b, IR_TRUNC, IR_I32, rest));
}
