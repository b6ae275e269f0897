/* SPDX-License-Identifier: Apache-2.0 */
/* SSE and AVX: conversions between formats, and with integers. What does not fit an integer becomes the indefinite
 * value, which is the IR's x86 NaN rule. */
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/ir/build/builder.h"

/* cvtsi2ss, cvtsi2sd. arg: the float */
void x86_lift_cvtsi2s(struct x86_lift *l, unsigned arg)
{
    ir_ref v = x86_read(l, x86_src(l) + 1);
    x86_swrite(l, ir_fp(l->b, IR_FCVT_SF, (enum ir_type)arg, x86_fp_aux(l, IR_VOID), v, IR_NO_REF, IR_NO_REF));
}

/* cvtss2si, cvttsd2si, ... arg: the float | truncate << 8 */
void x86_lift_cvts2si(struct x86_lift *l, unsigned arg)
{
    ir_ref v = x86_sread(l, 1, (enum ir_type)(arg & 0xff));
    uint16_t aux = x86_fp_to_int_aux(l, arg >> 8, IR_VOID);
    x86_write(l, 0, ir_fp(l->b, IR_FCVT_FS, x86_int_type(l->op[0].size), aux, v, IR_NO_REF, IR_NO_REF));
}

/* cvtss2sd, cvtsd2ss. arg: the source */
void x86_lift_cvts2s(struct x86_lift *l, unsigned arg)
{
    ir_ref v = x86_sread(l, x86_src(l) + 1, (enum ir_type)arg);
    enum ir_type to = arg == IR_F32 ? IR_F64 : IR_F32;
    x86_swrite(l, ir_fp(l->b, IR_FCVT_FF, to, x86_fp_aux(l, IR_VOID), v, IR_NO_REF, IR_NO_REF));
}

/* cvtdq2ps */
void x86_lift_cvtdq2ps(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = ir_fp(l->b, IR_FCVT_SF, IR_V128, x86_fp_aux(l, IR_F32), a.h[h], IR_NO_REF, IR_NO_REF);
    x86_vwrite(l, 0, a);
}

/* cvtps2dq, cvttps2dq. arg: truncate */
void x86_lift_cvtps2dq(struct x86_lift *l, unsigned arg)
{
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = ir_fp(l->b, IR_FCVT_FS, IR_V128, x86_fp_to_int_aux(l, arg, IR_F32), a.h[h], IR_NO_REF, IR_NO_REF);
    x86_vwrite(l, 0, a);
}

/* cvtps2pd, cvtdq2pd: the source has half of the result's width. arg: its elements */
void x86_lift_cvtwiden(struct x86_lift *l, unsigned arg)
{
    enum ir_type from = (enum ir_type)arg;
    enum ir_op op = from == IR_F32 ? IR_FCVT_FF : IR_FCVT_SF;
    unsigned halves = x86_halves(l);
    ir_ref src = halves == 1 && x86_is_mem(l, 1) ? x86_vset(l, x86_vzero(l), x86_sread(l, 1, IR_I64), 0)
                                                 : x86_vread_half(l, 1, 0);
    struct x86_v r;
    for (unsigned h = 0; h < halves; h++) {
        r.h[h] = x86_vzero(l);
        for (unsigned n = 0; n < 2; n++) {
            ir_ref e = x86_vget(l, from, src, 2 * h + n);
            e = ir_fp(l->b, op, IR_F64, x86_fp_aux(l, IR_VOID), e, IR_NO_REF, IR_NO_REF);
            r.h[h] = x86_vset(l, r.h[h], e, n);
        }
    }
    x86_vwrite(l, 0, r);
}

/* cvtpd2ps, cvtpd2dq, cvttpd2dq: the result has half of the source's width, what is above it is zero. arg: its elements
 * | truncate << 8 */
void x86_lift_cvtnarrow(struct x86_lift *l, unsigned arg)
{
    enum ir_type to = (enum ir_type)(arg & 0xff);
    uint16_t aux = to == IR_F32 ? x86_fp_aux(l, IR_VOID) : x86_fp_to_int_aux(l, arg >> 8, IR_VOID);
    struct x86_v a = x86_vread(l, 1);
    ir_ref r = x86_vzero(l);
    for (unsigned n = 0; n < 2 * x86_halves(l); n++) {
        ir_ref e = x86_vget(l, IR_F64, a.h[n / 2], n & 1);
        e = ir_fp(l->b, to == IR_F32 ? IR_FCVT_FF : IR_FCVT_FS, to, aux, e, IR_NO_REF, IR_NO_REF);
        r = x86_vset(l, r, e, n);
    }
    x86_vwrite128(l, 0, r);
}
