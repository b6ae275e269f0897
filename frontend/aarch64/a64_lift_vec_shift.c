/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of Advanced SIMD shifts by constants.
 *
 * I1  immh:immb (bits 22 to 16) is the element's width plus a left shift's count, or twice the width less a right
 *     shift's (DDI 0487, C4.1.95, "shift by immediate"). */
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"
#include "frontend/aarch64/a64_vec_args.h"

static ir_ref vn(struct a64_lift *l) { return a64_vget(l, a64_rn(l->i)); }
static ir_ref vd(struct a64_lift *l) { return a64_vget(l, a64_rd(l->i)); }

/* I1 */
struct amount {
    enum ir_type e;
    unsigned width, left, right;
};

static struct amount amount_of(const struct a64_insn *i)
{
    const unsigned imm = a64_bits(i, 16, 7), size = 31u - (unsigned)__builtin_clz(imm >> 3), width = 8u << size;
    return (struct amount){a64_elem(size), width, imm - width, 2 * width - imm};
}

/* v >> count of elements e, and rounded: plus the last bit that is shifted out. */
static ir_ref shift_right(struct a64_lift *l, enum ir_type e, unsigned arg, ir_ref v, unsigned count)
{
    const enum ir_op op = arg & A64_VEC_SIGNED ? IR_VSAR : IR_VSHR;
    ir_ref shifted = a64_vshift(l, op, e, v, count);
    if (!(arg & A64_VEC_ROUND))
        return shifted;
    ir_ref last = a64_v2(l, IR_VAND, e, a64_vshift(l, IR_VSHR, e, v, count - 1), a64_vsplat(l, e, 1));
    return a64_v2(l, IR_VADD, e, shifted, last);
}

/* arg: A64_VEC_SIGNED, A64_VEC_ROUND, A64_VEC_ADD */
void a64_lift_v_shr(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    ir_ref v = shift_right(l, by.e, i->row->arg, vn(l), by.right);
    a64_vresult(l, by.e, i->row->arg & A64_VEC_ADD ? a64_v2(l, IR_VADD, by.e, vd(l), v) : v);
}

void a64_lift_v_shl(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    a64_vresult(l, by.e, a64_vshift(l, IR_VSHL, by.e, vn(l), by.left));
}

/* The bits that the shift leaves free are Rd's. arg: 0 sli, 1 sri */
void a64_lift_v_insert(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    const uint64_t all = ~UINT64_C(0) >> (64 - by.width);
    const uint64_t kept =
        i->row->arg ? (by.right == by.width ? all : all & ~(all >> by.right)) : all & ~(all << by.left);
    ir_ref v =
        i->row->arg ? a64_vshift(l, IR_VSHR, by.e, vn(l), by.right) : a64_vshift(l, IR_VSHL, by.e, vn(l), by.left);
    ir_ref mask = a64_vsplat(l, by.e, kept);
    a64_vresult(l, by.e, a64_v2(l, IR_VOR, by.e, v, a64_v2(l, IR_VAND, by.e, mask, vd(l))));
}

/* arg: A64_VEC_SIGNED */
void a64_lift_v_shll_imm(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    ir_ref v = a64_vwiden(l, by.e, i->row->arg & A64_VEC_SIGNED, a64_q(i), vn(l));
    a64_vput(l, a64_rd(i), a64_vshift(l, IR_VSHL, a64_wider(by.e), v, by.left));
}

/* To half the width. What rounding adds counts below the bits that are dropped. arg: A64_VEC_ROUND */
void a64_lift_v_shrn(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    ir_ref v = shift_right(l, a64_wider(by.e), i->row->arg, vn(l), by.right);
    a64_vresult_half(l, a64_vunzip(l, by.e, v, v, false));
}

/* arg: A64_VEC_SIGNED, A64_VEC_TO_UNSIGNED, A64_VEC_ROUND */
void a64_lift_v_qshrn(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    a64_vresult_saturated(l, by.e, i->row->arg, shift_right(l, a64_wider(by.e), i->row->arg, vn(l), by.right));
}

/* Left, saturating where shifting back does not give what was there. arg: A64_VEC_SIGNED, A64_VEC_TO_UNSIGNED */
void a64_lift_v_qshl_imm(struct a64_lift *l, const struct a64_insn *i)
{
    const struct amount by = amount_of(i);
    const unsigned arg = i->row->arg;
    const bool to_signed = arg & A64_VEC_SIGNED && !(arg & A64_VEC_TO_UNSIGNED);
    ir_ref n = vn(l), v = a64_vshift(l, IR_VSHL, by.e, n, by.left), limit = a64_vsplat(l, by.e, ~UINT64_C(0));
    ir_ref back = a64_vshift(l, to_signed ? IR_VSAR : IR_VSHR, by.e, v, by.left);
    ir_ref lost = a64_vnot(l, a64_v2(l, IR_VCMP_EQ, by.e, back, n));
    ir_ref negative = a64_v2(l, IR_VCMP_GTS, by.e, a64_vzero(l), n);
    if (to_signed)
        limit = a64_v2(l, IR_VXOR, by.e, negative, a64_vsplat(l, by.e, ~UINT64_C(0) >> (65 - by.width)));
    else if (arg & A64_VEC_SIGNED) {
        lost = a64_v2(l, IR_VOR, by.e, lost, negative);
        limit = a64_vnot(l, negative);
    }
    a64_saturated(l, by.e, lost);
    a64_vresult(l, by.e, a64_vselect(l, lost, limit, v));
}
