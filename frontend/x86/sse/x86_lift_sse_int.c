/* SPDX-License-Identifier: Apache-2.0 */
/* SSE and AVX: packed integers and bits. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_sse_args.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/ir/build/builder.h"

/* pxor x, x and the like: a constant whatever x is. */
static ir_ref idiom(struct x86_lift *l, enum ir_op op)
{
    unsigned src = x86_src(l);
    if (!x86_same_reg(l, src, src + 1))
        return IR_NO_REF;
    if (op == IR_VXOR || op == IR_VSUB || op == IR_VCMP_GTS || op == IR_VANDN)
        return x86_vzero(l);
    return op == IR_VCMP_EQ ? x86_vones(l) : IR_NO_REF;
}

/* Two packed operands. arg: VX */
void x86_lift_vbin(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    enum ir_op op = x86_arg_op(arg);
    ir_ref known = idiom(l, op);
    struct x86_v r = {{known, known}};
    if (known == IR_NO_REF) {
        struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
        for (unsigned h = 0; h < x86_halves(l); h++)
            r.h[h] = x86_v2(l, op, x86_arg_elem(arg), a.h[h], b.h[h]);
    }
    x86_vwrite(l, 0, r);
}

/* ---- shifts ---- */

/* A count of 64 bits as one of 8: all that is too large stays too large. */
static ir_ref shift_count(struct x86_lift *l, unsigned n)
{
    if (l->op[n].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return ir_const(l->b, IR_I8, l->op[n].imm.value.u & 0xff);
    ir_ref count = x86_vget(l, IR_I64, x86_vread_half(l, n, 0), 0);
    return x86_zext(l, IR_I8, ir_bin(l->b, IR_MIN_U, count, ir_const(l->b, IR_I64, 255)));
}

/* psllw ... psrad: all elements by one count. arg: VX */
void x86_lift_vshift(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    ir_ref count = shift_count(l, src + 1);
    struct x86_v a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_v2(l, x86_arg_op(arg), x86_arg_elem(arg), a.h[h], count);
    x86_vwrite(l, 0, a);
}

/* v moved by bytes: right (to lower elements) if n is positive, zeros come in. */
static ir_ref byte_shift(struct x86_lift *l, ir_ref v, int n)
{
    uint8_t index[16];
    uint64_t half[2];
    for (int i = 0; i < 16; i++)
        index[i] = (uint8_t)(i + n < 0 || i + n > 15 ? 0x80 : i + n);
    for (unsigned i = 0; i < 2; i++) {
        half[i] = 0;
        for (unsigned k = 0; k < 8; k++)
            half[i] |= (uint64_t)index[8 * i + k] << 8 * k;
    }
    return x86_v2(l, IR_VTBL, IR_I8, v, ir_const128(l->b, IR_V128, half[0], half[1]));
}

/* psrldq; pslldq (arg 1) */
void x86_lift_vshiftbytes(struct x86_lift *l, unsigned arg)
{
    struct x86_v a = x86_vread(l, x86_src(l));
    int n = x86_imm8(l) > 16 ? 16 : (int)x86_imm8(l);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = byte_shift(l, a.h[h], arg ? -n : n);
    x86_vwrite(l, 0, a);
}

/* palignr: bytes of a:b from imm on */
void x86_lift_palignr(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned src = x86_src(l);
    int n = x86_imm8(l) > 32 ? 32 : (int)x86_imm8(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref high = byte_shift(l, a.h[h], n - 16);
        a.h[h] = n >= 16 ? high : x86_v2(l, IR_VOR, IR_I8, byte_shift(l, b.h[h], n), high);
    }
    x86_vwrite(l, 0, a);
}

/* ---- signs ---- */

static ir_ref negated(struct x86_lift *l, enum ir_type elem, ir_ref v)
{
    return x86_v2(l, IR_VSUB, elem, x86_vzero(l), v);
}

/* pabsb, ... arg: the element */
void x86_lift_pabs(struct x86_lift *l, unsigned arg)
{
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_v2(l, IR_VMAX_S, (enum ir_type)arg, a.h[h], negated(l, (enum ir_type)arg, a.h[h]));
    x86_vwrite(l, 0, a);
}

/* psignb, ...: negated, zero or as it is by the sign of the second operand. arg: the element */
void x86_lift_psign(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    enum ir_type elem = (enum ir_type)arg;
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref minus = x86_v2(l, IR_VCMP_GTS, elem, x86_vzero(l), b.h[h]);
        ir_ref zero = x86_v2(l, IR_VCMP_EQ, elem, x86_vzero(l), b.h[h]);
        ir_ref v = x86_vselect(l, minus, a.h[h], negated(l, elem, a.h[h]));
        a.h[h] = x86_v2(l, IR_VANDN, elem, zero, v);
    }
    x86_vwrite(l, 0, a);
}

/* ---- neighbors ---- */

/* phaddw, haddps and so on: op of the even and the odd elements of both operands. arg: VX */
void x86_lift_horizontal(struct x86_lift *l, unsigned arg)
{
    static const uint64_t evens[] = {[IR_I16] = 0xeca86420, [IR_I32] = 0x6420, [IR_I64] = 0x20};
    static const uint64_t odds[] = {[IR_I16] = 0xfdb97531, [IR_I32] = 0x7531, [IR_I64] = 0x31};
    unsigned src = x86_src(l);
    enum ir_type elem = x86_arg_elem(arg), e = elem == IR_F32 ? IR_I32 : elem == IR_F64 ? IR_I64 : elem;
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref even = x86_vshuf(l, e, a.h[h], b.h[h], evens[e]), odd = x86_vshuf(l, e, a.h[h], b.h[h], odds[e]);
        uint16_t aux = e == elem ? (uint16_t)elem : x86_fp_aux(l, elem);
        a.h[h] = ir_emit(l->b, x86_arg_op(arg), IR_V128, aux, even, odd, IR_NO_REF, 0);
    }
    x86_vwrite(l, 0, a);
}

/* addsubps, addsubpd: even elements subtracted, odd ones added. arg: the element */
void x86_lift_addsub(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    enum ir_type elem = (enum ir_type)arg;
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref r = a.h[h];
        for (unsigned n = 0; n < 128 / ir_type_bits(elem); n++) {
            ir_ref x = x86_vget(l, elem, a.h[h], n), y = x86_vget(l, elem, b.h[h], n);
            ir_ref v = ir_fp(l->b, n & 1 ? IR_FADD : IR_FSUB, elem, x86_fp_aux(l, IR_VOID), x, y, IR_NO_REF);
            r = x86_vset(l, r, v, n);
        }
        a.h[h] = r;
    }
    x86_vwrite(l, 0, a);
}

/* pmulhrsw: bits 15.. of the product, rounded: high * 2 + (((low >> 14) + 1) >> 1) */
void x86_lift_pmulhrsw(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref high = x86_v2(l, IR_VMULH_S, IR_I16, a.h[h], b.h[h]), low = x86_v2(l, IR_VMUL, IR_I16, a.h[h], b.h[h]);
        low = x86_v2(l, IR_VADD, IR_I16, x86_vshift(l, IR_VSHR, IR_I16, low, 14), x86_vsplat_const(l, IR_I16, 1));
        low = x86_vshift(l, IR_VSHR, IR_I16, low, 1);
        a.h[h] = x86_v2(l, IR_VADD, IR_I16, x86_vshift(l, IR_VSHL, IR_I16, high, 1), low);
    }
    x86_vwrite(l, 0, a);
}

/* ---- widening ---- */

/* The lowest bytes of operand n that are extended, in the low part of a vector. */
static ir_ref narrow_source(struct x86_lift *l, unsigned n)
{
    if (x86_is_reg(l, n) || l->op[n].size >= 128)
        return x86_vread_half(l, n, 0);
    return x86_vset(l, x86_vzero(l), x86_read(l, n), 0);
}

/* pmovzxbw, ..., pmovsxdq. arg: from | to << 8 | signed << 16 */
void x86_lift_pmovx(struct x86_lift *l, unsigned arg)
{
    enum ir_type from = (enum ir_type)(arg & 0xff), to = (enum ir_type)(arg >> 8 & 0xff);
    ir_ref src = narrow_source(l, 1);
    struct x86_v r;
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref v = src;
        if (h) { /* the source's next part, of as many bytes as that element has */
            enum ir_type part = (enum ir_type)(IR_I64 - (to - from) + 1);
            v = x86_vshuf(l, part, src, src, 0x1111111111111111);
        }
        for (enum ir_type e = from; e < to; e = (enum ir_type)(e + 1)) {
            ir_ref high = arg >> 16 ? x86_v2(l, IR_VCMP_GTS, e, x86_vzero(l), v) : x86_vzero(l);
            v = x86_v2(l, IR_VZIPLO, e, v, high);
        }
        r.h[h] = v;
    }
    x86_vwrite(l, 0, r);
}

/* ---- tests ---- */

static ir_ref any_bit(struct x86_lift *l, struct x86_v v)
{
    ir_ref all = x86_halves(l) == 2 ? x86_v2(l, IR_VOR, IR_I64, v.h[0], v.h[1]) : v.h[0];
    return ir_bin(l->b, IR_OR, x86_vget(l, IR_I64, all, 0), x86_vget(l, IR_I64, all, 1));
}

/* ptest, vtestps, vtestpd: ZF = no bit of a & b, CF = no bit of ~a & b. arg: the element whose sign bits count, or 0 */
void x86_lift_ptest(struct x86_lift *l, unsigned arg)
{
    struct x86_v b = x86_vread(l, 1), a = x86_vread(l, 0), both, rest;
    for (unsigned h = 0; h < x86_halves(l); h++) {
        if (arg) {
            ir_ref signs = x86_vsplat_const(l, (enum ir_type)arg, UINT64_C(1) << (ir_type_bits((enum ir_type)arg) - 1));
            b.h[h] = x86_v2(l, IR_VAND, IR_I64, b.h[h], signs);
        }
        both.h[h] = x86_v2(l, IR_VAND, IR_I64, a.h[h], b.h[h]);
        rest.h[h] = x86_v2(l, IR_VANDN, IR_I64, a.h[h], b.h[h]);
    }
    ir_ref z = any_bit(l, both), c = any_bit(l, rest), zero = ir_const(l->b, IR_I64, 0);
    x86_flag_put(l, X86_FLAG_Z, z);
    x86_flag_put(l, X86_FLAG_C, ir_icmp(l->b, IR_EQ, c, zero));
    x86_flag_put(l, X86_FLAG_O, ir_const(l->b, IR_I1, 0));
    x86_flag_put(l, X86_FLAG_A, ir_const(l->b, IR_I8, 0));
    x86_flag_put(l, X86_FLAG_S, ir_const(l->b, IR_I64, 1)); /* neither S nor P */
}
