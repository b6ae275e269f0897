/* SPDX-License-Identifier: Apache-2.0 */
/* SSE and AVX: floating-point arithmetic, compares, rounding. Rounding mode and exception flags are MXCSR's, NaNs
 * follow x86's rule (SDM volume 1, 4.8.3.5), so that all is the host's own instruction in the end. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_sse_args.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/ir/build/builder.h"

static ir_ref fp2(struct x86_lift *l, unsigned arg, ir_ref a, ir_ref b)
{
    return ir_fp(l->b, x86_arg_op(arg), IR_V128, x86_fp_aux(l, x86_arg_elem(arg)), a, b, IR_NO_REF);
}

/* Two packed operands. arg: VX */
void x86_lift_fp2(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src), r;
    for (unsigned h = 0; h < x86_halves(l); h++)
        r.h[h] = fp2(l, arg, a.h[h], b.h[h]);
    x86_vwrite(l, 0, r);
}

/* One packed operand. */
void x86_lift_fp1(struct x86_lift *l, unsigned arg)
{
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = fp2(l, arg, a.h[h], IR_NO_REF);
    x86_vwrite(l, 0, a);
}

void x86_lift_fps2(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    enum ir_type type = x86_arg_elem(arg);
    ir_ref b = x86_sread(l, src + 1, type), a = x86_sread(l, src, type);
    x86_swrite(l, ir_fp(l->b, x86_arg_op(arg), type, x86_fp_aux(l, IR_VOID), a, b, IR_NO_REF));
}

void x86_lift_fps1(struct x86_lift *l, unsigned arg)
{
    enum ir_type type = x86_arg_elem(arg);
    ir_ref a = x86_sread(l, x86_src(l) + 1, type);
    x86_swrite(l, ir_fp(l->b, x86_arg_op(arg), type, x86_fp_aux(l, IR_VOID), a, IR_NO_REF, IR_NO_REF));
}

/* ---- compares ---- */

/* ucomiss, comiss (signaling) and so on. arg: X86_VX(FCMP, element) | 1 << 16 if quiet NaNs raise invalid */
void x86_lift_comis(struct x86_lift *l, unsigned arg)
{
    enum ir_type type = x86_arg_elem(arg);
    ir_ref b = x86_sread(l, 1, type), a = x86_sread(l, 0, type);
    unsigned signaling = arg >> 16 ? IR_FCOND_SIGNALING : 0;
    if (l->mode & X86_MODE_SSE_TRAPS) /* the compares for flags come later, or never */
        ir_emit(l->b, IR_FCMP, type, (uint16_t)(x86_fcond(l, signaling, IR_VOID) | IR_FUNO), a, b, IR_NO_REF, 0);
    x86_flags_compare_fp(l, x86_fcond(l, signaling, IR_VOID), a, b);
}

/* The predicates of cmpps and so on (SDM volume 2, CMPPD, table 3-1): relation of the operands, exchanged or not;
 * `also` a second relation to be or-ed, the result inverted, and whether quiet NaNs raise invalid. */
enum { NONE = 0xff };
struct predicate {
    uint8_t rel, swap, invert, signaling, also;
};
static const struct predicate predicates[16] = {
    {IR_FEQ, 0, 0, 0, NONE},    {IR_FLT, 0, 0, 1, NONE}, {IR_FLE, 0, 0, 1, NONE}, {IR_FUNO, 0, 0, 0, NONE},
    {IR_FEQ, 0, 1, 0, NONE},    {IR_FLT, 0, 1, 1, NONE}, {IR_FLE, 0, 1, 1, NONE}, {IR_FUNO, 0, 1, 0, NONE},
    {IR_FEQ, 0, 0, 0, IR_FUNO}, {IR_FLE, 1, 1, 1, NONE}, {IR_FLT, 1, 1, 1, NONE}, {NONE, 0, 0, 0, NONE},
    {IR_FEQ, 0, 1, 0, IR_FUNO}, {IR_FLE, 1, 0, 1, NONE}, {IR_FLT, 1, 0, 1, NONE}, {NONE, 0, 1, 0, NONE},
};

static ir_ref compare1(struct x86_lift *l, enum ir_type type, bool packed, unsigned cond, ir_ref a, ir_ref b)
{
    uint16_t aux = x86_fcond(l, cond, packed ? type : IR_VOID);
    return ir_emit(l->b, packed ? IR_VFCMP : IR_FCMP, packed ? IR_V128 : type, aux, a, b, IR_NO_REF, 0);
}

/* A mask of all ones or zero: a vector, or an i1. */
static ir_ref compare(struct x86_lift *l, enum ir_type type, bool packed, unsigned imm, ir_ref a, ir_ref b)
{
    const struct predicate *p = &predicates[imm & 15];
    /* predicates 16..31 are 0..15 with the other behavior for quiet NaNs */
    unsigned signaling = p->signaling ^ (imm >> 4 & 1) ? IR_FCOND_SIGNALING : 0;
    unsigned rel = p->rel == NONE ? IR_FEQ : p->rel;
    ir_ref c = compare1(l, type, packed, rel | signaling, p->swap ? b : a, p->swap ? a : b);
    if (p->also != NONE) {
        ir_ref d = compare1(l, type, packed, p->also | signaling, a, b);
        c = packed ? x86_v2(l, IR_VOR, IR_I64, c, d) : ir_bin(l->b, IR_OR, c, d);
    }
    if (p->rel == NONE) /* always or never; the compare was for the flags */
        c = packed ? x86_vzero(l) : ir_const(l->b, IR_I1, 0);
    if (!p->invert)
        return c;
    return packed ? x86_v2(l, IR_VXOR, IR_I64, c, x86_vones(l)) : ir_un(l->b, IR_NOT, c);
}

static unsigned predicate_of(const struct x86_lift *l) { return x86_imm8(l) & (x86_is_vex(l) ? 31 : 7); }

/* arg: element */
void x86_lift_cmpp(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = compare(l, (enum ir_type)arg, true, predicate_of(l), a.h[h], b.h[h]);
    x86_vwrite(l, 0, a);
}

void x86_lift_cmps(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    enum ir_type type = (enum ir_type)arg;
    ir_ref b = x86_sread(l, src + 1, type), a = x86_sread(l, src, type);
    ir_ref c = compare(l, type, false, predicate_of(l), a, b);
    x86_swrite(l, ir_un(l->b, IR_NEG, x86_zext(l, type == IR_F64 ? IR_I64 : IR_I32, c)));
}

/* ---- rounding ---- */

/* aux for the rounding control of roundps and so on */
static uint16_t round_aux(const struct x86_lift *l, enum ir_type elem)
{
    static const uint8_t modes[4] = {IR_RNE, IR_RDN, IR_RUP, IR_RTZ};
    unsigned imm = x86_imm8(l), aux = x86_fp_aux(l, elem) & ~(unsigned)(IR_FP_RM | IR_FP_FTZ);
    aux |= imm & 4 ? IR_RDYN : modes[imm & 3];
    return (uint16_t)(aux | (imm & 8 ? 0 : IR_FP_EXACT));
}

void x86_lift_roundp(struct x86_lift *l, unsigned arg)
{
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = ir_fp(l->b, IR_FROUND, IR_V128, round_aux(l, (enum ir_type)arg), a.h[h], IR_NO_REF, IR_NO_REF);
    x86_vwrite(l, 0, a);
}

void x86_lift_rounds(struct x86_lift *l, unsigned arg)
{
    ir_ref a = x86_sread(l, x86_src(l) + 1, (enum ir_type)arg);
    x86_swrite(l, ir_fp(l->b, IR_FROUND, (enum ir_type)arg, round_aux(l, IR_VOID), a, IR_NO_REF, IR_NO_REF));
}
