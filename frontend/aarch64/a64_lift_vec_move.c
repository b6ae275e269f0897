/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of Advanced SIMD moves: elements to and from registers, permutations, tables, immediates.
 *
 * I1  imm5 (bits 20 to 16) has the element's size as its lowest one, and above that its index. */
#include "frontend/aarch64/a64_fp.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"

static ir_ref vn(struct a64_lift *l) { return a64_vget(l, a64_rn(l->i)); }
static ir_ref vd(struct a64_lift *l) { return a64_vget(l, a64_rd(l->i)); }

/* ---- elements ---- */

/* I1 */
struct place {
    enum ir_type e;
    unsigned size, index;
};

static struct place place_of(const struct a64_insn *i)
{
    const unsigned imm = a64_bits(i, 16, 5), size = (unsigned)__builtin_ctz(imm | 32);
    return (struct place){a64_elem(size & 3), size, imm >> (size + 1)};
}

void a64_lift_v_dup_elem(struct a64_lift *l, const struct a64_insn *i)
{
    const struct place at = place_of(i);
    a64_vresult(l, at.e, a64_vdup(l, at.e, vn(l), at.index));
}

static ir_ref splat(struct a64_lift *l, enum ir_type e, ir_ref s)
{
    return ir_emit(l->b, IR_VSPLAT, IR_V128, (uint16_t)e, ir_conv(l->b, IR_TRUNC, e, s), IR_NO_REF, IR_NO_REF, 0);
}

void a64_lift_v_dup_general(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = place_of(i).e;
    a64_vresult(l, e, splat(l, e, a64_get_x(l, a64_rn(i))));
}

void a64_lift_v_ins_general(struct a64_lift *l, const struct a64_insn *i)
{
    const struct place at = place_of(i);
    ir_ref s = ir_conv(l->b, IR_TRUNC, at.e, a64_get_x(l, a64_rn(i)));
    a64_vput(l, a64_rd(i), a64_vsete(l, vd(l), s, at.index));
}

void a64_lift_v_ins_elem(struct a64_lift *l, const struct a64_insn *i)
{
    const struct place at = place_of(i);
    const unsigned from = a64_bits(i, 11, 4) >> at.size;
    const enum ir_type t = at.e == IR_I64 ? IR_F64 : at.e == IR_I32 ? IR_F32 : at.e;
    a64_vput(l, a64_rd(i), a64_vsete(l, vd(l), a64_vgete(l, t, vn(l), from), at.index));
}

/* arg: 1 smov, to the register that Q says; 0 umov */
void a64_lift_v_mov_to_general(struct a64_lift *l, const struct a64_insn *i)
{
    const struct place at = place_of(i);
    ir_ref v = a64_vgete(l, at.e, vn(l), at.index);
    a64_put(l, a64_rd(i), i->row->arg ? ir_conv(l->b, IR_SEXT, a64_type(a64_q(i)), v) : v);
}

/* ---- permutations; arg: 0 the first of the two, 1 the second ---- */

void a64_lift_v_uzp(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i));
    if (!a64_q(i))
        n = m = a64_vlows(l, n, m);
    a64_vresult(l, a64_size(i), a64_vunzip(l, a64_size(i), n, m, i->row->arg));
}

void a64_lift_v_zip(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i));
    ir_ref v = a64_v2(l, a64_q(i) && i->row->arg ? IR_VZIPHI : IR_VZIPLO, a64_size(i), n, m);
    if (!a64_q(i) && i->row->arg)
        v = a64_vhighs(l, v, v);
    a64_vresult(l, a64_size(i), v);
}

/* In units of two elements: the lower one of n below that of m; or the upper ones. */
void a64_lift_v_trn(struct a64_lift *l, const struct a64_insn *i)
{
    const enum ir_type e = a64_size(i), wide = a64_wider(e);
    const unsigned w = ir_type_bits(e);
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i));
    if (e == IR_I64) {
        a64_vput(l, a64_rd(i), i->row->arg ? a64_vhighs(l, n, m) : a64_vlows(l, n, m));
        return;
    }
    if (i->row->arg)
        n = a64_vshift(l, IR_VSHR, wide, n, w);
    else
        m = a64_vshift(l, IR_VSHL, wide, m, w);
    ir_ref low = a64_vsplat(l, wide, (UINT64_C(1) << w) - 1);
    a64_vresult(l, e, a64_vselect(l, low, n, m));
}

void a64_lift_v_ext(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned from = a64_bits(i, 11, 4);
    ir_ref n = vn(l), m = a64_vget(l, a64_rm(i));
    if (!a64_q(i))
        n = m = a64_vlows(l, n, m);
    a64_vresult(l, IR_I8, a64_vext(l, n, m, from));
}

/* arg: 0 tbl: what is beyond the table is 0; 1 tbx: it is Rd's */
void a64_lift_v_tbl(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned count = a64_bits(i, 13, 2) + 1;
    ir_ref table[4], index = a64_vget(l, a64_rm(i));
    for (unsigned n = 0; n < count; n++)
        table[n] = a64_vget(l, (a64_rn(i) + n) & 31);
    ir_ref v = a64_vtable(l, table, count, index);
    if (i->row->arg) {
        ir_ref beyond = a64_v2(l, IR_VCMP_GTU, IR_I8, index, a64_vsplat(l, IR_I8, 16 * count - 1));
        v = a64_v2(l, IR_VOR, IR_I8, v, a64_v2(l, IR_VAND, IR_I8, beyond, vd(l)));
    }
    a64_vresult(l, IR_I8, v);
}

/* ---- immediates (DDI 0487, AdvSIMDExpandImm) ---- */

/* Each bit becomes a byte. */
static uint64_t bytes_of_bits(unsigned imm)
{
    uint64_t v = 0;
    for (unsigned n = 0; n < 8; n++)
        v |= imm >> n & 1 ? UINT64_C(0xff) << 8 * n : 0;
    return v;
}

static ir_ref expanded(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned cmode = a64_bits(i, 12, 4), op = a64_u(i);
    const uint64_t imm = a64_bits(i, 16, 3) << 5 | a64_bits(i, 5, 5);
    if (cmode < 8)
        return a64_vsplat(l, IR_I32, imm << 8 * (cmode >> 1));
    if (cmode < 12)
        return a64_vsplat(l, IR_I16, imm << 8 * (cmode >> 1 & 1));
    if (cmode < 14)
        return a64_vsplat(l, IR_I32, cmode & 1 ? imm << 16 | 0xffff : imm << 8 | 0xff);
    if (cmode == 14)
        return op ? a64_vsplat(l, IR_I64, bytes_of_bits((unsigned)imm)) : a64_vsplat(l, IR_I8, imm);
    if (a64_bits(i, 11, 1))
        return a64_vsplat(l, IR_I16, a64_fp_imm(16, (unsigned)imm));
    return op ? a64_vsplat(l, IR_I64, a64_fp_imm(64, (unsigned)imm))
              : a64_vsplat(l, IR_I32, a64_fp_imm(32, (unsigned)imm));
}

/* arg: 1 mvni */
void a64_lift_v_movi(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = expanded(l, i);
    uint64_t bits = l->b->insns[v].imm;
    bits = i->row->arg ? ~bits : bits;
    a64_vput(l, a64_rd(i), a64_vconst(l, bits, a64_q(i) ? bits : 0));
}

/* arg: 0 orr, 1 bic */
void a64_lift_v_logic_imm(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref v = expanded(l, i);
    a64_vresult(l, IR_I64, i->row->arg ? a64_v2(l, IR_VANDN, IR_I64, v, vd(l)) : a64_v2(l, IR_VOR, IR_I64, vd(l), v));
}
