/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of C functions from generated code: helpers of the frontends, and ir_eval for what is not translated inline.
 *
 * I1  Before a call, values that live on are in spill slots or callee-saved pinned registers. Pinned registers that C
 *     may change are saved in their rows of cpu->guest and reloaded. Nobody else reads those while generated code runs.
 * I2  If the C function may fault, or see or change guest state, all pinned registers are in cpu->guest and cpu->pc is
 *     the pc of the guest instruction: a fault in C code finds exact state there.
 * I3  rsp % 16 == 8 throughout a block, so that 8 bytes align it for C.
 */
#include "tcg/x86_64/emit_call.h"
#include "src/ir/interp/interp.h"

#include "tcg/common/cold.h"
#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/regalloc_row.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/cond.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/simd.h"
#include "tcg/x86_64/x87_stack.h"

static struct tcg_mem eval_arg(unsigned k) { return TCG_MEM(HX_R13, TCG_CPU_OFF(spill) + TCG_EVAL_ARG_BYTES * (int)k); }
static struct tcg_mem eval_result(void) { return TCG_MEM(HX_R13, TCG_CPU_OFF(spill) + TCG_EVAL_RESULT_OFF); }

/* A register with the value of an operand, computing it if it was to be fused. */
static int use_any(struct tcg *t, ir_ref v)
{
    if (!(t->val[v].flags & TCG_VF_FUSED))
        return ra_use(t, v);
    if (t->val[v].type == IR_I1) {
        uint32_t start;
        struct tcg_cond c = tcg_emit_cond(t, v, &start);
        int reg = ra_tmp(t, TCG_RC_GPR);
        tcg_emit_setcond(t, c, reg);
        return reg;
    }
    struct tcg_mem m;
    if (t->insns[v].op == IR_LD) {
        tcg_use_rm(t, v, &m);
        int loaded = ra_tmp(t, tcg_class(t->val[v].type));
        tcg_load(t, t->val[v].type, loaded, m);
        return loaded;
    }
    if (t->insns[v].op == IR_SHL) {
        m = (struct tcg_mem){.base = TCG_NO_REG,
                             .index = (int8_t)ra_use(t, t->insns[v].arg[0]),
                             .shift = (uint8_t)t->insns[t->insns[v].arg[1]].imm};
    } else {
        m = tcg_address(t, v, 0);
    }
    int reg = ra_tmp(t, TCG_RC_GPR);
    hx_lea(&t->a, 1, reg, m);
    return reg;
}

static void copy_bytes(struct tcg *t, struct tcg_mem to, struct tcg_mem from, unsigned bytes)
{
    int x = ra_tmp(t, TCG_RC_FPR);
    for (unsigned k = 0; k < bytes; k += 16) {
        tcg_fp2_m(t, HX_MOVUPS_RM, x, from);
        tcg_fp2_m(t, HX_MOVUPS_MR, x, to);
        from.disp += 16, to.disp += 16;
    }
    ra_unlock(t, x);
}

/* Operand k goes to its place in cpu->spill; integers zero-extended to 64 bits. */
static void store_operand(struct tcg *t, unsigned k, ir_ref v)
{
    unsigned type = t->val[v].type;
    struct tcg_mem to = eval_arg(k);
    if (tcg_class(type) == TCG_RC_MEM) {
        copy_bytes(t, to, ra_wide(t, v), type == IR_V256 ? 32 : 16);
        return;
    }
    int reg = use_any(t, v);
    if (tcg_class(type) == TCG_RC_GPR && type < IR_I64 && !(t->val[v].flags & TCG_VF_ZX)) {
        int tmp = ra_tmp(t, TCG_RC_GPR);
        static const unsigned ops[3] = {HX_MOVZX8, HX_MOVZX16, HX_MOV_RM};
        hx_rr(&t->a, ops[tcg_size(type)], 0, tmp, reg);
        reg = tmp;
    }
    if (type == IR_F32)
        hx_mov_mi(&t->a, TCG_SZ32, TCG_MEM(HX_R13, to.disp + 4), 0);
    tcg_store(t, tcg_class(type) == TCG_RC_GPR ? IR_I64 : type, to, reg);
    t->locked = t->temps = 0;
}

static void move_pins(struct tcg *t, bool all, bool save)
{
    for (unsigned k = 0; k < t->pin_count; k++) {
        const struct tcg_pin *p = &t->pin[k];
        if (!all && !(HX_CALLER_SAVED_PINS & tcg_bit(p->reg)))
            continue;
        unsigned type = p->reg < HX_XMM0 ? IR_I64 : IR_F64;
        if (save)
            tcg_store(t, type, TCG_MEM(HX_R13, p->disp), p->reg);
        else
            tcg_load(t, type, p->reg, TCG_MEM(HX_R13, p->disp));
    }
}

/* After operands are stored: spill, save, and cpu->pc where the callee can fault or look. */
static void before_call(struct tcg *t, unsigned fx)
{
    bool state = fx & (IR_FX_RSTATE | IR_FX_WSTATE | IR_FX_FAULT);
    ra_flush(t, fx & IR_FX_WSTATE);
    move_pins(t, state, true);
    if (state) {
        hx_mov_ri(&t->a, HX_RAX, t->insn_pc);
        hx_store(&t->a, TCG_SZ64, HX_CPU(pc), HX_RAX);
    }
}

static void call_c(struct tcg *t, uint64_t fn)
{
    hx_alu_ri(&t->a, HX_ALU_SUB, TCG_SZ64, HX_RSP, 8);
    hx_mov_address(&t->a, HX_RAX, fn);
    hx_rr(&t->a, HX_GRP5, 0, 2, HX_RAX);
    hx_alu_ri(&t->a, HX_ALU_ADD, TCG_SZ64, HX_RSP, 8);
}

/* The result of the current instruction is in memory at from. */
static void take_result(struct tcg *t, struct tcg_mem from)
{
    struct tcg_val *x = &t->val[t->cur];
    if (x->type == IR_VOID || x->uses == 0)
        return;
    if (tcg_class(x->type) == TCG_RC_MEM) {
        copy_bytes(t, ra_def_mem(t), from, x->type == IR_V256 ? 32 : 16);
        return;
    }
    x->flags |= TCG_VF_ZX;
    tcg_load(t, x->type, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), from);
}

/* ---- ir_eval ---- */

/* Data that ir_eval reads: a copy of the instruction (the block may be gone when the code runs), then the operand
 * types. x and back: ends of the instructions that load their addresses; imm: which instruction */
static void cold_eval_data(struct tcg *t, const struct tcg_cold *c)
{
    const struct ir_insn *in = &t->insns[c->imm];
    while ((uintptr_t)tcg_buf_here(&t->a) % _Alignof(struct ir_insn))
        hx_u8(&t->a, 0xcc);
    hx_bind(&t->a, c->x);
    memcpy(t->a.p, in, offsetof(struct ir_insn, imm));
    t->a.p += offsetof(struct ir_insn, imm);
    if (in->op == IR_VFN)
        tcg_note_address(&t->a, TCG_RELOC_ABS64, 0, in->imm);
    hx_u64(&t->a, in->imm);
    hx_bind(&t->a, c->back);
    for (unsigned k = 0, n = ir_insn_arg_count(in); k < TCG_MAX_OPERANDS; k++) {
        enum ir_type type = k < n ? (enum ir_type)t->val[in->arg[k]].type : IR_VOID;
        memcpy(t->a.p, &type, sizeof type);
        t->a.p += sizeof type;
    }
}

static uint32_t lea_rip(struct tcg *t, int reg)
{
    hx_lea(&t->a, 1, reg, HX_ADDR(tcg_buf_here(&t->a)));
    return (uint32_t)tcg_buf_off(&t->a);
}

void tcg_fallback(struct tcg *t, const struct ir_insn *in)
{
    unsigned fx = ir_op_facts[in->op].effects;
    xs_flush(t);
    for (unsigned k = 0, n = ir_insn_arg_count(in); k < n; k++)
        store_operand(t, k, in->arg[k]);
    before_call(t, fx & ~(unsigned)(IR_FX_RSTATE | IR_FX_WSTATE));
    hx_mov_rr(&t->a, 1, HX_RDI, HX_R13);
    struct tcg_cold *c = tcg_cold_add(t, cold_eval_data, 0);
    c->x = lea_rip(t, HX_RSI);
    c->back = lea_rip(t, HX_RDX);
    c->imm = t->cur;
    hx_lea(&t->a, 1, HX_RCX, eval_arg(0));
    hx_lea(&t->a, 1, HX_R8, eval_result());
    call_c(t, (uint64_t)(uintptr_t)ir_eval);
    move_pins(t, false, false);
    take_result(t, eval_result());
}

void tcg_emit_eval(struct tcg *t, const struct ir_insn *in, unsigned param) { tcg_fallback(t, in); }

/* r[0] result, r[1..] operands, imm: which instruction */
static void cold_eval(struct tcg *t, const struct tcg_cold *c)
{
    const struct ir_insn *in = &t->insns[c->imm];
    struct tcg_cold data = {.imm = c->imm};
    for (unsigned k = 0, n = ir_insn_arg_count(in); k < n; k++)
        tcg_store(t, t->val[in->arg[k]].type, eval_arg(k), c->r[1 + k]);
    hx_push(&t->a, HX_RSI); /* I3 stays true */
    hx_push(&t->a, HX_RDX);
    data.x = lea_rip(t, HX_RSI);
    data.back = lea_rip(t, HX_RDX);
    hx_branch_to(&t->a, 0xe8, t->glue->eval);
    hx_pop(&t->a, HX_RDX);
    hx_pop(&t->a, HX_RSI);
    tcg_load(t, in->type, c->r[0], eval_result());
    hx_jmp_off(&t->a, c->back);
    cold_eval_data(t, &data);
}

struct tcg_cold *tcg_cold_eval(struct tcg *t, uint32_t from, const int *operands, int result)
{
    struct tcg_cold *c = tcg_cold_add(t, cold_eval, from);
    c->r[0] = (int8_t)result, c->imm = t->cur;
    for (unsigned k = 0, n = ir_insn_arg_count(&t->insns[t->cur]); k < n; k++)
        c->r[1 + k] = (int8_t)operands[k];
    return c;
}

/* ---- helpers ---- */

void tcg_emit_call(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const int8_t arg_regs[TCG_MAX_OPERANDS] = {HX_RSI, HX_RDX, HX_RCX, HX_R8};
    const struct ir_helper *h = (const struct ir_helper *)(uintptr_t)in->imm;
    unsigned n = ir_insn_arg_count(in);
    for (unsigned k = 0; k < n; k++)
        store_operand(t, k, in->arg[k]);
    before_call(t, h->effects);
    hx_mov_rr(&t->a, 1, HX_RDI, HX_R13);
    for (unsigned k = 0; k < n; k++)
        hx_load(&t->a, TCG_SZ64, false, 1, arg_regs[k], eval_arg(k));
    call_c(t, (uint64_t)(uintptr_t)h->fn);
    if (t->val[t->cur].uses)
        hx_store(&t->a, TCG_SZ64, eval_result(), HX_RAX);
    move_pins(t, h->effects & IR_FX_WSTATE, false);
    take_result(t, eval_result());
}
