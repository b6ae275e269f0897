/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors: see a64_vec.h.
 *
 * I1  A write to a part of a register clears the rest of it (DDI 0487, A1.4.3).
 * I2  FPSR.QC is the row qc: it is set if any bit of that is. */
#include "frontend/aarch64/a64_vec.h"

/* ---- registers ---- */

ir_ref a64_vget(struct a64_lift *l, unsigned n) { return ir_get(l->b, a64_row_v(n)); }

void a64_vput(struct a64_lift *l, unsigned n, ir_ref v) { ir_put(l->b, a64_row_v(n), v); }

ir_ref a64_keep(struct a64_lift *l, enum ir_type e, ir_ref v)
{
    if (a64_is_scalar(l->i))
        return e == IR_I64 ? a64_vlow(l, v) : a64_vscalar(l, a64_vgete(l, e, v, 0));
    return a64_q(l->i) ? v : a64_vlow(l, v);
}

void a64_vresult(struct a64_lift *l, enum ir_type e, ir_ref v) { a64_vput(l, a64_rd(l->i), a64_keep(l, e, v)); }

void a64_vresult_half(struct a64_lift *l, ir_ref v)
{
    const unsigned d = a64_rd(l->i);
    a64_vput(l, d, a64_q(l->i) ? a64_vlows(l, a64_vget(l, d), v) : a64_vlow(l, v));
}

void a64_saturated(struct a64_lift *l, enum ir_type e, ir_ref mask)
{
    ir_put(l->b, A64_ROW_qc, a64_v2(l, IR_VOR, IR_I64, ir_get(l->b, A64_ROW_qc), a64_keep(l, e, mask)));
}

/* ---- single operations ---- */

ir_ref a64_v1(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref a)
{
    return ir_emit(l->b, op, IR_V128, (uint16_t)e, a, IR_NO_REF, IR_NO_REF, 0);
}

ir_ref a64_v2(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref a, ir_ref b)
{
    return ir_emit(l->b, op, IR_V128, (uint16_t)e, a, b, IR_NO_REF, 0);
}

ir_ref a64_vshift(struct a64_lift *l, enum ir_op op, enum ir_type e, ir_ref v, unsigned count)
{
    return count ? a64_v2(l, op, e, v, ir_const(l->b, IR_I8, count)) : v;
}

ir_ref a64_vshuf(struct a64_lift *l, enum ir_type e, ir_ref a, ir_ref b, uint64_t imm)
{
    return ir_emit(l->b, IR_VSHUF, IR_V128, (uint16_t)e, a, b, IR_NO_REF, imm);
}

ir_ref a64_vext(struct a64_lift *l, ir_ref a, ir_ref b, unsigned bytes)
{
    return bytes ? ir_emit(l->b, IR_VEXT, IR_V128, IR_I8, a, b, IR_NO_REF, bytes) : a;
}

ir_ref a64_vzero(struct a64_lift *l) { return ir_const128(l->b, IR_V128, 0, 0); }

ir_ref a64_vconst(struct a64_lift *l, uint64_t lo, uint64_t hi) { return ir_const128(l->b, IR_V128, lo, hi); }

ir_ref a64_vsplat(struct a64_lift *l, enum ir_type e, uint64_t v)
{
    for (unsigned bits = ir_type_bits(e); bits < 64; bits *= 2)
        v = (v & ((UINT64_C(1) << bits) - 1)) | v << bits;
    return ir_const128(l->b, IR_V128, v, v);
}

ir_ref a64_vnot(struct a64_lift *l, ir_ref v)
{
    return a64_v2(l, IR_VXOR, IR_I64, v, a64_vsplat(l, IR_I64, ~UINT64_C(0)));
}

ir_ref a64_vselect(struct a64_lift *l, ir_ref mask, ir_ref yes, ir_ref no)
{
    return a64_v2(l, IR_VOR, IR_I64, a64_v2(l, IR_VANDN, IR_I64, mask, no), a64_v2(l, IR_VAND, IR_I64, mask, yes));
}

ir_ref a64_vgete(struct a64_lift *l, enum ir_type t, ir_ref v, unsigned index)
{
    return ir_emit(l->b, IR_VGETE, t, (uint16_t)t, v, IR_NO_REF, IR_NO_REF, index);
}

ir_ref a64_vsete(struct a64_lift *l, ir_ref v, ir_ref s, unsigned index)
{
    return ir_emit(l->b, IR_VSETE, IR_V128, (uint16_t)ir_type_of(l->b, s), v, s, IR_NO_REF, index);
}

ir_ref a64_vscalar(struct a64_lift *l, ir_ref s) { return a64_vsete(l, a64_vzero(l), s, 0); }

ir_ref a64_vlow(struct a64_lift *l, ir_ref v) { return a64_vscalar(l, a64_vgete(l, IR_F64, v, 0)); }

ir_ref a64_vlows(struct a64_lift *l, ir_ref a, ir_ref b) { return a64_v2(l, IR_VZIPLO, IR_I64, a, b); }

ir_ref a64_vhighs(struct a64_lift *l, ir_ref a, ir_ref b) { return a64_v2(l, IR_VZIPHI, IR_I64, a, b); }

ir_ref a64_vcall(struct a64_lift *l, const struct ir_vec_fn *fn, ir_ref a, ir_ref b, ir_ref c)
{
    return ir_emit(l->b, IR_VFN, IR_V128, 0, a, b == IR_NO_REF ? a : b, c == IR_NO_REF ? a : c,
                   (uint64_t)(uintptr_t)fn);
}

/* ---- several operations ---- */

ir_ref a64_vwiden(struct a64_lift *l, enum ir_type e, bool is_signed, bool high, ir_ref v)
{
    ir_ref upper = is_signed ? a64_v2(l, IR_VCMP_GTS, e, a64_vzero(l), v) : a64_vzero(l);
    return a64_v2(l, high ? IR_VZIPHI : IR_VZIPLO, e, v, upper);
}

ir_ref a64_vunzip(struct a64_lift *l, enum ir_type e, ir_ref a, ir_ref b, bool odd)
{
    static const uint64_t picks[2][3] = {{0xeca86420, 0x6420, 0x20}, {0xfdb97531, 0x7531, 0x31}};
    if (e != IR_I8)
        return a64_vshuf(l, e, a, b, picks[odd][e - IR_I16]);
    if (odd) {
        a = a64_vshift(l, IR_VSHR, IR_I16, a, 8);
        b = a64_vshift(l, IR_VSHR, IR_I16, b, 8);
    } else {
        ir_ref mask = a64_vsplat(l, IR_I16, 0xff);
        a = a64_v2(l, IR_VAND, IR_I64, a, mask);
        b = a64_v2(l, IR_VAND, IR_I64, b, mask);
    }
    return a64_v2(l, IR_VPACK_SU, IR_I16, a, b);
}

ir_ref a64_vdup(struct a64_lift *l, enum ir_type e, ir_ref v, unsigned index)
{
    return a64_vshuf(l, e, v, v, index * UINT64_C(0x1111111111111111));
}

ir_ref a64_vmull(struct a64_lift *l, enum ir_type e, bool is_signed, bool high, ir_ref a, ir_ref b)
{
    const enum ir_op zip = high ? IR_VZIPHI : IR_VZIPLO;
    if (e == IR_I8)
        return a64_v2(l, IR_VMUL, IR_I16, a64_vwiden(l, e, is_signed, high, a), a64_vwiden(l, e, is_signed, high, b));
    if (e == IR_I16)
        return a64_v2(l, zip, e, a64_v2(l, IR_VMUL, e, a, b), a64_v2(l, is_signed ? IR_VMULH_S : IR_VMULH_U, e, a, b));
    return a64_v2(l, is_signed ? IR_VMULE_S : IR_VMULE_U, e, a64_v2(l, zip, e, a, a), a64_v2(l, zip, e, b, b));
}

/* An index below 16 stays one with 0x70 added, one above it gets its bit 7 set, for which VTBL gives 0. */
ir_ref a64_vtable(struct a64_lift *l, const ir_ref *table, unsigned count, ir_ref index)
{
    ir_ref v = IR_NO_REF;
    for (unsigned n = 0; n < count; n++) {
        ir_ref at = n ? a64_v2(l, IR_VSUB, IR_I8, index, a64_vsplat(l, IR_I8, 16 * n)) : index;
        at = a64_v2(l, IR_VADDS_U, IR_I8, at, a64_vsplat(l, IR_I8, 0x70));
        ir_ref bytes = a64_v2(l, IR_VTBL, IR_I8, table[n], at);
        v = n ? a64_v2(l, IR_VOR, IR_I64, v, bytes) : bytes;
    }
    return v;
}
