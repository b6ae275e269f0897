/* SPDX-License-Identifier: Apache-2.0 */
/* x87 instructions: loads, stores, arithmetic, compares (SDM volume 1, chapter 8; volume 2). Control:
 * x86_lift_x87_control.c.
 *
 * Each computes with one host instruction (the X87_* operations of the IR), on rows that x86_x87_stack.c names. With an
 * empty source, a full destination of a push, or C1 wanted, it is executed by the host whole (x86_x87_execute).
 *
 * Manuals and CPUs do not agree on what fcmov, fcomi, ffree and fnclex do to C1: it is what the host does.
 *
 * I1  Loads and stores come first: what faults has changed nothing. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/x87/x86_x87_stack.h"
#include "src/ir/build/builder.h"

/* The slow way if a fault or someone who looks at C1 is near. */
static bool executed(struct x86_lift *l, unsigned arg, bool fault, bool rounds)
{
    x86_x87_enter(l);
    if (!fault && !x86_x87_traps(l) && !(rounds && x86_x87_wants_c1(l))) {
        x86_x87_note(l);
        return false;
    }
    x86_x87_execute(l, x86_x87_effect(arg), fault);
    return true;
}

static void finish(struct x86_lift *l, unsigned arg)
{
    if (x86_x87_effect(arg) == X86_X87_POP || x86_x87_effect(arg) == X86_X87_POP2)
        x86_x87_pop(l, x86_x87_effect(arg) == X86_X87_POP2 ? 2 : 1);
}

static ir_ref emit(struct x86_lift *l, enum ir_op op, unsigned aux, ir_ref a, ir_ref b)
{
    return ir_emit(l->b, op, op == IR_X87_COM ? IR_I16 : IR_F80, (uint16_t)aux, a, b, IR_NO_REF, 0);
}

static ir_ref constant(struct x86_lift *l, uint64_t exponent, uint64_t significand)
{
    return ir_const128(l->b, IR_F80, significand, exponent);
}

void x86_lift_x87_exec(struct x86_lift *l, unsigned arg)
{
    x86_x87_enter(l);
    unsigned sources = x86_x87_fn(arg);
    bool fault = (sources > 0 && !x86_x87_full(l, 0)) || (sources > 1 && !x86_x87_full(l, 1));
    if (x86_x87_effect(arg) == X86_X87_PUSH || x86_x87_effect(arg) == X86_X87_PUSH_IF)
        fault |= x86_x87_full(l, 7);
    x86_x87_execute(l, x86_x87_effect(arg), fault);
}

/* ---- loads and stores ---- */

/* Types of memory operands: by opcode and whether it is an integer */
static enum ir_type memory_type(const struct x86_lift *l, bool integer)
{
    unsigned bits = 0;
    for (unsigned n = 0; n < l->i->operand_count_visible; n++)
        bits = x86_is_mem(l, n) ? l->op[n].size : bits;
    if (integer)
        return x86_int_type(bits);
    return bits == 32 ? IR_F32 : bits == 64 ? IR_F64 : IR_F80;
}

static ir_ref load(struct x86_lift *l, bool integer)
{
    enum ir_type type = memory_type(l, integer);
    if (type == IR_F80)
        return ir_ld(l->b, IR_F80, ir_mem(IR_F80), x86_x87_addr(l), 0);
    return emit(l, IR_X87_LD, ir_mem(type), x86_x87_addr(l), IR_NO_REF);
}

void x86_lift_x87_fld(struct x86_lift *l, unsigned integer)
{
    x86_x87_enter(l);
    if (executed(l, X86_X87(0, PUSH), x86_x87_full(l, 7) || (x86_x87_is_reg(l) && !x86_x87_full(l, x86_x87_i(l))),
                 false))
        return;
    ir_ref v = x86_x87_is_reg(l) ? x86_x87_get(l, x86_x87_i(l)) : load(l, integer);
    x86_x87_push(l, v);
    x86_x87_clear_c1(l);
}

/* fld1, fldz; the others are rounded: fn is enum ir_x87 */
void x86_lift_x87_const(struct x86_lift *l, unsigned fn)
{
    x86_x87_enter(l);
    if (executed(l, X86_X87(0, PUSH), x86_x87_full(l, 7), false))
        return;
    ir_ref one = constant(l, 0x3fff, UINT64_C(1) << 63);
    x86_x87_push(l, emit(l, IR_X87_UN, fn, one, IR_NO_REF));
    x86_x87_clear_c1(l);
}

void x86_lift_x87_one(struct x86_lift *l, unsigned one)
{
    x86_x87_enter(l);
    if (executed(l, X86_X87(0, PUSH), x86_x87_full(l, 7), false))
        return;
    x86_x87_push(l, one ? constant(l, 0x3fff, UINT64_C(1) << 63) : constant(l, 0, 0));
    x86_x87_clear_c1(l);
}

/* fst, fstp, fist, fistp, fisttp: fn is X86_X87_ST | integer << 1 | trunc */
void x86_lift_x87_fst(struct x86_lift *l, unsigned arg)
{
    bool integer = x86_x87_fn(arg) >> 1 & 1;
    x86_x87_enter(l);
    enum ir_type type = x86_x87_is_reg(l) ? IR_F80 : memory_type(l, integer);
    if (executed(l, arg, !x86_x87_full(l, 0), type != IR_F80))
        return;
    ir_ref v = x86_x87_get(l, 0);
    if (x86_x87_is_reg(l))
        x86_x87_put(l, x86_x87_i(l), v);
    else if (type == IR_F80)
        ir_st(l->b, ir_mem(IR_F80), x86_x87_addr(l), 0, v);
    else
        emit(l, IR_X87_ST, ir_mem(type) | (x86_x87_fn(arg) & 1 ? (unsigned)IR_X87_TRUNC : 0u), x86_x87_addr(l), v);
    finish(l, arg);
    x86_x87_clear_c1(l);
}

void x86_lift_x87_fxch(struct x86_lift *l, unsigned arg)
{
    unsigned i = x86_x87_i(l);
    x86_x87_enter(l);
    if (executed(l, arg, !x86_x87_full(l, 0) || !x86_x87_full(l, i), false))
        return;
    ir_ref a = x86_x87_get(l, 0), b = x86_x87_get(l, i);
    x86_x87_put(l, 0, b);
    x86_x87_put(l, i, a);
    x86_x87_clear_c1(l);
}

/* The low bits are those of the condition: b e be u, nb ne nbe nu */
void x86_lift_x87_fcmov(struct x86_lift *l, unsigned cc)
{
    x86_x87_enter(l);
    if (executed(l, X86_X87(0, KEEP), !x86_x87_full(l, 0) || !x86_x87_full(l, x86_x87_i(l)), true))
        return;
    ir_ref v = ir_select(l->b, x86_condition(l, cc), x86_x87_get(l, x86_x87_i(l)), x86_x87_get(l, 0));
    x86_x87_put(l, 0, v);
}

/* ---- arithmetic ---- */

static ir_ref binary(struct x86_lift *l, unsigned fn, ir_ref dst, ir_ref src)
{
    static const uint8_t ops[] = {
        [X86_X87_ADD] = IR_X87F_ADD,  [X86_X87_MUL] = IR_X87F_MUL, [X86_X87_SUB] = IR_X87F_SUB,
        [X86_X87_SUBR] = IR_X87F_SUB, [X86_X87_DIV] = IR_X87F_DIV, [X86_X87_DIVR] = IR_X87F_DIV};
    bool swap = fn == X86_X87_SUBR || fn == X86_X87_DIVR;
    return emit(l, IR_X87_BIN, ops[fn], swap ? src : dst, swap ? dst : src);
}

static void arith_memory(struct x86_lift *l, unsigned arg, bool integer)
{
    unsigned aux = ir_mem(memory_type(l, integer)) | x86_x87_fn(arg) << IR_X87_MEM_SHIFT;
    x86_x87_put(l, 0, emit(l, IR_X87_MEM, aux, x86_x87_addr(l), x86_x87_get(l, 0)));
}

/* fadd, faddp, fiadd and so on: d8 st0 op st(i), dc and de the reverse; d8, dc floats and da, de integers in memory */
void x86_lift_x87_arith(struct x86_lift *l, unsigned arg)
{
    bool reg = x86_x87_is_reg(l), to_sti = l->i->opcode & 4;
    unsigned i = x86_x87_i(l), dst = to_sti ? i : 0, src = to_sti ? 0 : i;
    x86_x87_enter(l);
    if (executed(l, arg, !x86_x87_full(l, 0) || (reg && !x86_x87_full(l, i)), true))
        return;
    if (reg)
        x86_x87_put(l, dst, binary(l, x86_x87_fn(arg), x86_x87_get(l, dst), x86_x87_get(l, src)));
    else
        arith_memory(l, arg, l->i->opcode & 2);
    finish(l, arg);
    x86_x87_clear_c1(l);
}

void x86_lift_x87_sign(struct x86_lift *l, unsigned abs)
{
    x86_x87_enter(l);
    if (executed(l, X86_X87(0, KEEP), !x86_x87_full(l, 0), false))
        return;
    x86_x87_put(l, 0, ir_emit(l->b, abs ? IR_FABS : IR_FNEG, IR_F80, 0, x86_x87_get(l, 0), IR_NO_REF, IR_NO_REF, 0));
    x86_x87_clear_c1(l);
}

/* C0, C2, C3 (and C1) of fsin, fprem and so on; where the result is a NaN, all but C2 stay as they are. */
static void take_codes(struct x86_lift *l, unsigned codes, ir_ref result)
{
    ir_ref old = ir_get(l->b, X86_ROW_fp_sw);
    ir_ref sw = ir_emit(l->b, IR_X87_SW, IR_I16, 1, IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
    ir_ref class = ir_bini(l->b, IR_AND, emit(l, IR_X87_COM, IR_X87C_XAM, result, result),
                           X86_X87_SW_C0 | X86_X87_SW_C2 | X86_X87_SW_C3);
    ir_ref nan = ir_icmp(l->b, IR_EQ, class, ir_const(l->b, IR_I16, X86_X87_SW_C0));
    ir_ref c2 = ir_bini(l->b, IR_AND, sw, X86_X87_SW_C2),
           rest = ir_bini(l->b, IR_AND, old, 0xffff & ~(codes | X86_X87_SW_C2));
    sw = ir_bin(l->b, IR_OR, rest, ir_bini(l->b, IR_AND, sw, codes & ~(unsigned)X86_X87_SW_C2));
    old = ir_bini(l->b, IR_AND, old, 0xffff & ~X86_X87_SW_C2);
    ir_put(l->b, X86_ROW_fp_sw, ir_bin(l->b, IR_OR, ir_select(l->b, nan, old, sw), c2));
    l->c1_set |= codes & X86_X87_SW_C1;
}

static unsigned codes_of(unsigned fn)
{
    switch (fn) {
    case IR_X87F_SIN:
    case IR_X87F_COS:
        return X86_X87_SW_C2;
    case IR_X87F_PREM:
    case IR_X87F_PREM1:
        return X87_SW_CC;
    default:
        return 0;
    }
}

/* fn: enum ir_x87, of one or two operands; with POP the result replaces ST(1) */
void x86_lift_x87_fn(struct x86_lift *l, unsigned arg)
{
    unsigned fn = x86_x87_fn(arg);
    bool two = fn >= IR_X87F_ADD, codes = codes_of(fn);
    x86_x87_enter(l);
    x86_x87_clear_c1(l);
    if (executed(l, arg, !x86_x87_full(l, 0) || (two && !x86_x87_full(l, 1)), codes_of(fn) != X87_SW_CC))
        return;
    ir_ref r = two ? emit(l, IR_X87_BIN, fn, x86_x87_get(l, 0), x86_x87_get(l, 1))
                   : emit(l, IR_X87_UN, fn, x86_x87_get(l, 0), IR_NO_REF);
    x86_x87_put(l, x86_x87_effect(arg) == X86_X87_POP, r);
    if (codes)
        take_codes(l, codes_of(fn), r);
    finish(l, arg);
}

/* ---- compares ---- */

/* fcom, fucom, ftst, fxam; fn: enum ir_x87_com, 4 for ftst */
void x86_lift_x87_com(struct x86_lift *l, unsigned arg)
{
    enum { TST = 4 };
    unsigned fn = x86_x87_fn(arg), i = x86_x87_i(l);
    bool other = fn == IR_X87C_COM || fn == IR_X87C_UCOM;
    x86_x87_enter(l);
    bool slow = other && !x86_x87_is_reg(l);
    if (slow)
        x86_x87_execute(l, x86_x87_effect(arg), !x86_x87_full(l, 0));
    if (slow || executed(l, arg, !x86_x87_full(l, 0) || (other && !x86_x87_full(l, i)), false))
        return;
    ir_ref a = x86_x87_get(l, 0), b = fn == TST ? constant(l, 0, 0) : other ? x86_x87_get(l, i) : a;
    ir_ref v = emit(l, IR_X87_COM, fn == TST ? IR_X87C_COM : fn, a, b);
    ir_ref rest = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fp_sw), 0xffff & ~X87_SW_CC);
    ir_put(l->b, X86_ROW_fp_sw, ir_bin(l->b, IR_OR, rest, v));
    l->c1_set = fn == IR_X87C_XAM;
    finish(l, arg);
}

/* fcomi, fucomi: fn is IR_FCOND_SIGNALING or 0 */
void x86_lift_x87_comi(struct x86_lift *l, unsigned arg)
{
    unsigned i = x86_x87_i(l);
    x86_x87_enter(l);
    bool fault = !x86_x87_full(l, 0) || !x86_x87_full(l, i);
    if (fault || x86_x87_traps(l) || x86_x87_wants_c1(l)) {
        x86_put_eflags(l, X86_STATUS, x86_x87_execute(l, x86_x87_effect(arg), fault));
        return;
    }
    x86_x87_note(l);
    if (l->d->x87_read) /* the compares for flags may come too late */
        ir_emit(l->b, IR_X87_CMP, IR_F80, (uint16_t)(x86_x87_fn(arg) | IR_FUNO), x86_x87_get(l, 0), x86_x87_get(l, i),
                IR_NO_REF, 0);
    x86_flags_compare_fp(l, x86_x87_fn(arg), x86_x87_get(l, 0), x86_x87_get(l, i));
    finish(l, arg);
}
