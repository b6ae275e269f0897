/* SPDX-License-Identifier: Apache-2.0 */
/* FMA, and the dot products: sums of products. */
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/sse/x86_sse_args.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/ir/build/builder.h"

/* Operands of the forms 132, 213, 231: the factors and the addend. */
struct order {
    uint8_t x, y, z;
};
static struct order order_of(unsigned arg)
{
    static const struct order orders[3] = {{0, 2, 1}, {1, 0, 2}, {1, 2, 0}};
    return orders[arg >> 8 & 3];
}

/* arg of the rows: element | form << 8 | X86_FMA_NP, X86_FMA_NA: product, addend negated; X86_FMA_SUB_EVEN,
 * X86_FMA_SUB_ODD: the addend is subtracted there */
static uint16_t signs(unsigned arg)
{
    return (uint16_t)((arg & X86_FMA_NP ? IR_FP_NEG_PRODUCT : 0) | (arg & X86_FMA_NA ? IR_FP_NEG_ADDEND : 0));
}

void x86_lift_fmap(struct x86_lift *l, unsigned arg)
{
    struct order o = order_of(arg);
    struct x86_v m = x86_vread(l, 2), v[3] = {x86_vread(l, 0), x86_vread(l, 1), m}, r;
    uint16_t aux = (uint16_t)(x86_fp_aux(l, (enum ir_type)(arg & 0xff)) | signs(arg));
    for (unsigned h = 0; h < x86_halves(l); h++)
        r.h[h] = ir_fp(l->b, IR_FMA, IR_V128, aux, v[o.x].h[h], v[o.y].h[h], v[o.z].h[h]);
    x86_vwrite(l, 0, r);
}

void x86_lift_fmas(struct x86_lift *l, unsigned arg)
{
    struct order o = order_of(arg);
    enum ir_type type = (enum ir_type)(arg & 0xff);
    ir_ref m = x86_sread(l, 2, type), v[3] = {x86_sread(l, 0, type), x86_sread(l, 1, type), m};
    uint16_t aux = (uint16_t)(x86_fp_aux(l, IR_VOID) | signs(arg));
    ir_ref r = ir_fp(l->b, IR_FMA, type, aux, v[o.x], v[o.y], v[o.z]);
    x86_vwrite128(l, 0, x86_vset(l, x86_vread_half(l, 0, 0), r, 0));
}

/* fmaddsub, fmsubadd: element by element */
void x86_lift_fmaalt(struct x86_lift *l, unsigned arg)
{
    struct order o = order_of(arg);
    enum ir_type type = (enum ir_type)(arg & 0xff);
    struct x86_v m = x86_vread(l, 2), v[3] = {x86_vread(l, 0), x86_vread(l, 1), m}, r;
    for (unsigned h = 0; h < x86_halves(l); h++) {
        r.h[h] = v[0].h[h];
        for (unsigned n = 0; n < 128 / ir_type_bits(type); n++) {
            ir_ref x = x86_vget(l, type, v[o.x].h[h], n), y = x86_vget(l, type, v[o.y].h[h], n);
            ir_ref z = x86_vget(l, type, v[o.z].h[h], n);
            bool subtract = arg & (n & 1 ? X86_FMA_SUB_ODD : X86_FMA_SUB_EVEN);
            uint16_t aux = (uint16_t)(x86_fp_aux(l, IR_VOID) | (subtract ? IR_FP_NEG_ADDEND : 0));
            r.h[h] = x86_vset(l, r.h[h], ir_fp(l->b, IR_FMA, type, aux, x, y, z), n);
        }
    }
    x86_vwrite(l, 0, r);
}

/* ---- dpps, dppd: bits 4.. of the immediate say which products count, bits 0.. where the sum goes ---- */

static ir_ref dot(struct x86_lift *l, enum ir_type type, ir_ref a, ir_ref b)
{
    unsigned count = 128 / ir_type_bits(type), imm = x86_imm8(l);
    uint16_t aux = x86_fp_aux(l, IR_VOID);
    ir_ref p[4], zero = ir_const(l->b, type, 0);
    for (unsigned n = 0; n < count; n++) {
        p[n] = zero;
        if (imm >> (4 + n) & 1)
            p[n] = ir_fp(l->b, IR_FMUL, type, aux, x86_vget(l, type, a, n), x86_vget(l, type, b, n), IR_NO_REF);
    }
    ir_ref sum = ir_fp(l->b, IR_FADD, type, aux, p[0], p[1], IR_NO_REF);
    if (count == 4) {
        ir_ref high = ir_fp(l->b, IR_FADD, type, aux, p[2], p[3], IR_NO_REF);
        sum = ir_fp(l->b, IR_FADD, type, aux, sum, high, IR_NO_REF);
    }
    ir_ref r = x86_vzero(l);
    for (unsigned n = 0; n < count; n++) {
        if (imm >> n & 1)
            r = x86_vset(l, r, sum, n);
    }
    return r;
}

/* arg: the element */
void x86_lift_dpp(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = dot(l, (enum ir_type)arg, a.h[h], b.h[h]);
    x86_vwrite(l, 0, a);
}
