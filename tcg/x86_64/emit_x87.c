/* SPDX-License-Identifier: Apache-2.0 */
/* x87: operands are loaded from where they are in memory (state rows, spill slots), the host's instruction runs, and the result is
 * stored, straight into the state row that it is about to be PUT to.
 *
 * I1  The host's x87 stack is empty between operations (cpu.h I3), but for an access that faults in the middle of one: the signal
 *     handler gets a fresh unit.
 * I2  Operands are loaded before the result gets its place, which may be an operand's. */
#include "tcg/x86_64/internal.h"

/* Memory forms as opcode and /digit */
struct form {
    uint8_t opcode, digit;
};
static const struct form load_forms[IR_TYPE_COUNT] = {[IR_F32] = {0xd9, 0}, [IR_F64] = {0xdd, 0}, [IR_F80] = {0xdb, 5},
                                                      [IR_I16] = {0xdf, 0}, [IR_I32] = {0xdb, 0}, [IR_I64] = {0xdf, 5}};
static const struct form store_forms[IR_TYPE_COUNT] = {[IR_F32] = {0xd9, 3}, [IR_F64] = {0xdd, 3}, [IR_F80] = {0xdb, 7},
                                                       [IR_I16] = {0xdf, 3}, [IR_I32] = {0xdb, 3}, [IR_I64] = {0xdf, 7}};
static const struct form trunc_forms[IR_TYPE_COUNT] = {[IR_I16] = {0xdf, 1}, [IR_I32] = {0xdb, 1}, [IR_I64] = {0xdd, 1}};
static const uint8_t arith_opcodes[IR_TYPE_COUNT] = {[IR_F32] = 0xd8, [IR_F64] = 0xdc, [IR_I16] = 0xde, [IR_I32] = 0xda};

static const struct {
    uint8_t operands, byte0, byte1;
    bool pops, sw;
} functions[IR_X87F_COUNT] = {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) [IR_X87F_##name] = {operands, byte0, byte1, pops, sw},
#include "src/ir/x87_ops.def"
};

static void bytes(struct tcg *t, unsigned b0, unsigned b1) { x_u8(&t->a, b0), x_u8(&t->a, b1); }
static void memory(struct tcg *t, struct form f, struct x_mem m) { x_rm(&t->a, f.opcode, 0, f.digit, m); }
static void load(struct tcg *t, ir_ref v) { memory(t, load_forms[IR_F80], ra_wide(t, v)); }

/* ST(0) is the current instruction's result. */
static void result(struct tcg *t)
{
    if (t->val[t->cur].uses)
        memory(t, store_forms[IR_F80], ra_def_row_mem(t));
    else
        bytes(t, 0xdd, 0xd8); /* fstp st(0) */
}

/* ---- functions ---- */

void tcg_emit_x87_fn(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    unsigned fn = in->aux, n = functions[fn].operands;
    while (n-- > 0)
        load(t, in->arg[n]);
    bytes(t, functions[fn].byte0, functions[fn].byte1);
    if (functions[fn].sw) /* fnstsw m16 */
        memory(t, (struct form){0xdd, 7}, CPU_MEM(x87_sw));
    if (functions[fn].operands == 2 && !functions[fn].pops)
        bytes(t, 0xdd, 0xd9); /* fstp st(1) */
    result(t);
}

void tcg_x87_sign(struct tcg *t, const struct ir_insn *in, bool abs)
{
    load(t, in->arg[0]);
    bytes(t, 0xd9, abs ? 0xe1 : 0xe0);
    result(t);
}

/* ---- memory ---- */

void tcg_emit_x87_ld(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    memory(t, load_forms[ir_mem_type(in->aux)], tcg_address(t, in->arg[0], (int64_t)in->imm));
    result(t);
}

void tcg_emit_x87_st(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    bool trunc = in->op == IR_X87_ST && in->aux & IR_X87_TRUNC;
    struct x_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    load(t, in->arg[1]);
    memory(t, (trunc ? trunc_forms : store_forms)[ir_mem_type(in->aux)], m);
}

void tcg_emit_x87_mem(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const uint8_t digits[] = {[IR_X87M_ADD] = 0, [IR_X87M_MUL] = 1,  [IR_X87M_SUB] = 4,
                                     [IR_X87M_SUBR] = 5, [IR_X87M_DIV] = 6, [IR_X87M_DIVR] = 7};
    struct x_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    load(t, in->arg[1]);
    memory(t, (struct form){arith_opcodes[ir_mem_type(in->aux)], digits[in->aux >> IR_X87_MEM_SHIFT]}, m);
    result(t);
}

/* ---- compares and status ---- */

static void status(struct tcg *t, unsigned mask)
{
    x_alu_ri(&t->a, ALU_AND, SZ32, RAX, (int32_t)mask);
    t->val[t->cur].flags |= VF_ZX;
    ra_def_in(t, RAX);
}

void tcg_emit_x87_com(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_take(t, RAX);
    if (in->aux != IR_X87C_XAM)
        load(t, in->arg[1]);
    load(t, in->arg[0]);
    if (in->aux == IR_X87C_XAM)
        bytes(t, 0xd9, 0xe5);
    else
        bytes(t, in->aux == IR_X87C_UCOM ? 0xda : 0xde, in->aux == IR_X87C_UCOM ? 0xe9 : 0xd9);
    bytes(t, 0xdf, 0xe0); /* fnstsw ax */
    if (in->aux == IR_X87C_XAM)
        bytes(t, 0xdd, 0xd8);
    status(t, X87_SW_CC);
}

/* A relation that is false for unordered operands is one condition if they are loaded the other way round. */
void tcg_emit_x87_cmp(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const struct tcg_cond conds[] = {
        [IR_FEQ] = {CC_E, PAR_AND_NP}, [IR_FLT] = {CC_A, PAR_NONE}, [IR_FLE] = {CC_AE, PAR_NONE}, [IR_FUNO] = {CC_P, PAR_NONE}};
    load(t, in->arg[0]);
    load(t, in->arg[1]);
    bytes(t, 0xdf, in->aux & IR_FCOND_SIGNALING ? 0xf1 : 0xe9); /* fcomip, fucomip st(1) */
    bytes(t, 0xdd, 0xd8);
    int reg = ra_tmp(t, RC_GPR);
    tcg_emit_setcond(t, conds[in->aux & IR_FCOND_MASK], reg);
    ra_def_in(t, reg);
}

void tcg_emit_x87_sw(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_take(t, RAX);
    if (in->aux)
        x_load(&t->a, SZ16, false, 0, RAX, CPU_MEM(x87_sw));
    else
        bytes(t, 0xdf, 0xe0);
    status(t, in->aux ? X87_SW_CC : X87_SW_FLAGS);
}

void tcg_emit_x87_cw(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ra_take_copy(t, RAX, in->arg[0], false);
    x_alu_ri(&t->a, ALU_OR, SZ32, RAX, X87_CW_MASKED);
    x_store(&t->a, SZ16, CPU_MEM(x87_cw), RAX);
    memory(t, (struct form){0xd9, 5}, CPU_MEM(x87_cw)); /* fldcw */
}
