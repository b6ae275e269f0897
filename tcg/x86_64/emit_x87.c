/* SPDX-License-Identifier: Apache-2.0 */
/* x87: each operation is the host's, on values that x87_stack.c keeps on the host's x87 stack.
 *
 * I1  What an operation does to the stack before its access to memory is noted for the fault that this may be
 *     (xs_note). */
#include "tcg/x86_64/emit_x87.h"

#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/cond.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/x87_stack.h"

/* Memory forms as opcode and /digit */
struct form {
    uint8_t opcode, digit;
};
static const struct form load_forms[IR_TYPE_COUNT] = {[IR_F32] = {0xd9, 0}, [IR_F64] = {0xdd, 0}, [IR_F80] = {0xdb, 5},
                                                      [IR_I16] = {0xdf, 0}, [IR_I32] = {0xdb, 0}, [IR_I64] = {0xdf, 5}};
static const struct form store_forms[IR_TYPE_COUNT] = {
    [IR_F32] = {0xd9, 3}, [IR_F64] = {0xdd, 3}, [IR_F80] = {0xdb, 7},
    [IR_I16] = {0xdf, 3}, [IR_I32] = {0xdb, 3}, [IR_I64] = {0xdf, 7}};
static const struct form trunc_forms[IR_TYPE_COUNT] = {
    [IR_I16] = {0xdf, 1}, [IR_I32] = {0xdb, 1}, [IR_I64] = {0xdd, 1}};
static const uint8_t arith_opcodes[IR_TYPE_COUNT] = {
    [IR_F32] = 0xd8, [IR_F64] = 0xdc, [IR_I16] = 0xde, [IR_I32] = 0xda};

static const struct {
    uint8_t operands, byte0, byte1;
    bool pops, sw;
} functions[IR_X87F_COUNT] = {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) [IR_X87F_##name] = {operands, byte0, byte1, pops, sw},
#include "src/ir/x87_ops.def"
};

static void bytes(struct tcg *t, unsigned b0, unsigned b1) { hx_u8(&t->a, b0), hx_u8(&t->a, b1); }
static void memory(struct tcg *t, struct form f, struct tcg_mem m) { hx_rm(&t->a, f.opcode, 0, f.digit, m); }

/* v on top, about to become the result: itself if nothing needs it otherwise, else a copy. True: itself */
static bool to_change(struct tcg *t, ir_ref v)
{
    xs_use(t, v);
    bool ends = xs_ends(t, v);
    if (ends)
        xs_to_top(t, v);
    else
        xs_copy(t, v);
    return ends;
}

/* ---- functions ---- */

enum { ADD = 0xc0, MUL = 0xc8, SUB = 0xe0, DIV = 0xf0, REVERSED = 8, ST0 = 0xd8, STI = 0xdc, STI_POP = 0xde };

/* fadd and so on: op dst, src, one of them ST(0) and the other ST(i). In the forms that change ST(i), the manuals' fsub
 * and fdiv have the code of the reversed ones. reversed: src op dst */
static void arith(struct tcg *t, unsigned form, unsigned op, bool reversed, unsigned i)
{
    bool swapped = (op == SUB || op == DIV) && reversed != (form != ST0);
    bytes(t, form, op + (swapped ? (unsigned)REVERSED : 0u) + i);
}

/* What ends takes the result; the other operand is only read. */
static void into(struct tcg *t, unsigned op, ir_ref taken, ir_ref other, bool reversed)
{
    unsigned i = xs_at(t, taken);
    if (xs_at(t, other) == 0) {
        arith(t, STI, op, reversed, i);
    } else {
        xs_to_top(t, taken);
        i = 0;
        arith(t, ST0, op, reversed, xs_at(t, other));
    }
    xs_take(t, taken);
    xs_def(t, i);
}

/* Both end: one is popped. */
static void into_both(struct tcg *t, unsigned op, ir_ref a, ir_ref b)
{
    if (xs_at(t, b) != 0)
        xs_to_top(t, a);
    bool b_on_top = xs_at(t, b) == 0;
    unsigned i = xs_at(t, b_on_top ? a : b);
    arith(t, STI_POP, op, !b_on_top, i);
    xs_take(t, a);
    xs_take(t, b);
    xs_popped(t);
    xs_def(t, i - 1);
}

static void binary(struct tcg *t, unsigned op, ir_ref a, ir_ref b)
{
    xs_use(t, a);
    xs_use(t, b);
    bool a_ends = xs_ends(t, a), b_ends = xs_ends(t, b);
    if (a_ends && b_ends && a != b) {
        into_both(t, op, a, b);
    } else if (a_ends && a != b) {
        into(t, op, a, b, false);
    } else if (b_ends && a != b) {
        into(t, op, b, a, true);
    } else {
        bool itself = to_change(t, a);
        arith(t, ST0, op, false, xs_at(t, b));
        if (itself)
            xs_take(t, a);
        xs_def(t, 0);
    }
}

/* The operands, if any, are copied. */
static void function(struct tcg *t, const struct ir_insn *in)
{
    unsigned fn = in->aux, n = functions[fn].operands;
    for (unsigned k = 0; k < n; k++)
        xs_use(t, in->arg[k]);
    xs_room(t, n ? n : 1);
    for (unsigned k = n; k-- > 0;)
        xs_copy(t, in->arg[k]);
    bytes(t, functions[fn].byte0, functions[fn].byte1);
    if (n == 0)
        xs_pushed(t);
    if (functions[fn].sw) /* fnstsw m16 */
        memory(t, (struct form){0xdd, 7}, HX_CPU(fpx_sw));
    if (n == 2 && !functions[fn].pops)
        bytes(t, 0xdd, 0xd9); /* fstp st(1) */
    if (n == 2)
        xs_popped(t);
    xs_def(t, 0);
}

static void unary(struct tcg *t, ir_ref v, unsigned b0, unsigned b1)
{
    bool itself = to_change(t, v);
    bytes(t, b0, b1);
    if (itself)
        xs_take(t, v);
    xs_def(t, 0);
}

void tcg_emit_x87_fn(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    switch (in->aux) {
    case IR_X87F_ADD:
        binary(t, ADD, in->arg[0], in->arg[1]);
        break;
    case IR_X87F_SUB:
        binary(t, SUB, in->arg[0], in->arg[1]);
        break;
    case IR_X87F_MUL:
        binary(t, MUL, in->arg[0], in->arg[1]);
        break;
    case IR_X87F_DIV:
        binary(t, DIV, in->arg[0], in->arg[1]);
        break;
    case IR_X87F_SQRT:
    case IR_X87F_RNDINT:
    case IR_X87F_2XM1:
        unary(t, in->arg[0], functions[in->aux].byte0, functions[in->aux].byte1);
        break;
    default:
        function(t, in);
        break;
    }
}

void tcg_x87_sign(struct tcg *t, const struct ir_insn *in, bool abs) { unary(t, in->arg[0], 0xd9, abs ? 0xe1 : 0xe0); }

/* ---- memory ---- */

void tcg_emit_x87_ld(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    xs_room(t, 1);
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    xs_note(t);
    memory(t, load_forms[ir_mem_type(in->aux)], m);
    xs_pushed(t);
    xs_def(t, 0);
}

/* Forms that do not pop are one less. */
static bool can_stay(unsigned type, bool trunc) { return !trunc && type != IR_I64 && type != IR_F80; }

void tcg_emit_x87_st(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    bool trunc = in->op == IR_X87_ST && in->aux & IR_X87_TRUNC;
    unsigned type = ir_mem_type(in->aux);
    struct form f = (trunc ? trunc_forms : store_forms)[type];
    ir_ref v = in->arg[1];
    xs_use(t, v);
    bool ends = xs_ends(t, v), stays = !ends && can_stay(type, trunc);
    if (ends || stays)
        xs_to_top(t, v);
    else
        xs_copy(t, v);
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    xs_note(t);
    f.digit -= stays;
    memory(t, f, m);
    if (ends)
        xs_take(t, v);
    if (!stays)
        xs_popped(t);
}

void tcg_emit_x87_mem(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const uint8_t digits[] = {[IR_X87M_ADD] = 0,  [IR_X87M_MUL] = 1, [IR_X87M_SUB] = 4,
                                     [IR_X87M_SUBR] = 5, [IR_X87M_DIV] = 6, [IR_X87M_DIVR] = 7};
    bool itself = to_change(t, in->arg[1]);
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    xs_note(t);
    memory(t, (struct form){arith_opcodes[ir_mem_type(in->aux)], digits[in->aux >> IR_X87_MEM_SHIFT]}, m);
    if (itself)
        xs_take(t, in->arg[1]);
    xs_def(t, 0);
}

/* ---- compares and status ---- */

static void status(struct tcg *t, unsigned mask)
{
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, HX_RAX, (int32_t)mask);
    t->val[t->cur].flags |= TCG_VF_ZX;
    ra_def_in(t, HX_RAX);
}

/* ST(0), first, with ST(i) */
static void compare(struct tcg *t, unsigned b0, unsigned b1, ir_ref first, ir_ref second)
{
    xs_use(t, second);
    xs_use(t, first);
    xs_to_top(t, first);
    bytes(t, b0, b1 + xs_at(t, second));
}

void tcg_emit_x87_com(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_take(t, HX_RAX);
    if (in->aux == IR_X87C_XAM)
        compare(t, 0xd9, 0xe5, in->arg[0], in->arg[0]);
    else if (in->aux == IR_X87C_UCOM)
        compare(t, 0xdd, 0xe0, in->arg[0], in->arg[1]);
    else
        compare(t, 0xd8, 0xd0, in->arg[0], in->arg[1]);
    bytes(t, 0xdf, 0xe0); /* fnstsw ax */
    status(t, X87_SW_CC);
}

/* A relation that is false for unordered operands is one condition if they are compared the other way round; the others
 * are the same both ways. */
void tcg_emit_x87_cmp(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const struct tcg_cond conds[] = {[IR_FEQ] = {HX_CC_E, TCG_PAR_AND_NP},
                                            [IR_FLT] = {HX_CC_A, TCG_PAR_NONE},
                                            [IR_FLE] = {HX_CC_AE, TCG_PAR_NONE},
                                            [IR_FUNO] = {HX_CC_P, TCG_PAR_NONE}};
    unsigned relation = in->aux & IR_FCOND_MASK;
    xs_use(t, in->arg[0]);
    xs_use(t, in->arg[1]);
    bool either = (relation == IR_FEQ || relation == IR_FUNO) && xs_at(t, in->arg[0]) == 0;
    compare(t, 0xdb, in->aux & IR_FCOND_SIGNALING ? 0xf0 : 0xe8, in->arg[!either], in->arg[either]);
    int reg = ra_tmp(t, TCG_RC_GPR);
    tcg_emit_setcond(t, conds[relation], reg);
    ra_def_in(t, reg);
}

void tcg_emit_x87_sw(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_take(t, HX_RAX);
    if (in->aux)
        hx_load(&t->a, TCG_SZ16, false, 0, HX_RAX, HX_CPU(fpx_sw));
    else
        bytes(t, 0xdf, 0xe0);
    status(t, in->aux ? X87_SW_CC : X87_SW_FLAGS);
}

void tcg_emit_x87_cw(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_take_copy(t, HX_RAX, in->arg[0], false);
    hx_alu_ri(&t->a, HX_ALU_OR, TCG_SZ32, HX_RAX, X87_CW_MASKED);
    hx_store(&t->a, TCG_SZ16, HX_CPU(fpx_cw), HX_RAX);
    memory(t, (struct form){0xd9, 5}, HX_CPU(fpx_cw)); /* fldcw */
}
