/* SPDX-License-Identifier: Apache-2.0 */
/* Structure of a block: instruction boundaries, side exits, final exits, traps.
 *
 * I1  At every exit all guest registers are where cpu.h I1 wants them, because the register allocator keeps them there
 *     all the time: an exit is only a jump.
 * I2  Every exit to an address at or before the block's start polls cpu->pending. A conditional one that has done
 *     nothing visible since its instruction began polls first. If it has to leave, it leaves to the start of that
 *     instruction. Then the conditional jump itself is the chained exit.
 * I3  A compare and its jump stay adjacent, because they execute as one: padding that aligns the jump's rel32 goes
 *     before both.
 * I4  An exit's PUTs that were sunk (sink.c) are stored on its way: in cold code, or where the taken way has code of
 *     its own here.
 */
#include "tcg/common/cold.h"
#include "tcg/common/record.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/sink.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/cond.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/exit_parts.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/x87_stack.h"

void tcg_emit_insn(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    t->insn_pc = in->imm;
    t->insn_clean = true;
    t->insn_replays = in->aux & IR_INSN_REPLAYS;
    tcg_map_add(t, xs_noted(t));
}

void tcg_emit_call_hint(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    t->return_pc = in->imm;
    t->has_return = true;
}

/* ---- exit records ---- */

static struct tcg_exit *cold_exit_of(struct tcg *t, const struct tcg_cold *c) { return &t->req->exits[c->x]; }

/* The first stub knows where the exits are, the others jump into it: a number is shorter than an address. */
static void cold_stub(struct tcg *t, const struct tcg_cold *c)
{
    struct tcg_exit *e = cold_exit_of(t, c);
    e->stub_off = (uint32_t)tcg_buf_off(&t->a);
    if (t->exit_count == 1) {
        tcg_emit_link_stub(&t->a, t->glue, e);
        return;
    }
    static_assert(TCG_MAX_EXITS <= INT8_MAX, "a number of an exit is one byte");
    hx_u8(&t->a, 0x6a), hx_u8(&t->a, c->x);
    if (t->link_off) {
        hx_jmp_off(&t->a, t->link_off);
        return;
    }
    t->link_off = (uint32_t)tcg_buf_off(&t->a);
    hx_mov_address(&t->a, HX_RAX, (uintptr_t)t->req->exits);
    hx_jmp_to(&t->a, t->glue->exit_link_of);
}

/* The rel32 that ends at after belongs to exit e. */
static void add_stub(struct tcg *t, struct tcg_exit *e, uint32_t after)
{
    e->jmp_off = after - 4;
    tcg_cold_add(t, cold_stub, after)->x = (uint32_t)(e - t->req->exits);
}

static void patchable_branch(struct tcg *t, unsigned opcode, struct tcg_exit *e)
{
    if (e)
        add_stub(t, e, tcg_emit_patchable(&t->a, opcode, t->req->rx, e));
}

/* jcc whose rel32 is aligned; the code from start on, which sets the flags, moves up if need be (I3). */
static void patchable_jcc(struct tcg *t, unsigned cc, uint32_t start, struct tcg_exit *e)
{
    if (!e)
        return;
    unsigned pad = (unsigned)(-(uintptr_t)(tcg_buf_here(&t->a) + 2) & 3);
    uint8_t *from = t->a.start + start, *end = t->a.p;
    memmove(from + pad, from, (size_t)(end - from));
    t->a.p = from;
    hx_nops(&t->a, pad);
    t->a.p = end + pad;
    add_stub(t, e, hx_jcc(&t->a, cc));
}

/* ---- polls ---- */

static void cold_poll(struct tcg *t, const struct tcg_cold *c)
{
    hx_mov_ri(&t->a, HX_RAX, c->imm);
    hx_call_to(&t->a, t->glue->exit_poll);
}

static void poll(struct tcg *t, gaddr_t pc) { tcg_cold_add(t, cold_poll, tcg_emit_poll(&t->a))->imm = pc; }

/* ---- side exits ---- */

/* What only the exit needs is stored here (sink.c). */
static void cold_stores(struct tcg *t, const struct tcg_cold *c)
{
    tcg_emit_stores(t, (struct tcg_stores){c->back, (uint32_t)c->imm});
    patchable_branch(t, 0xe9, cold_exit_of(t, c));
}

/* The exit is taken on cc && !P or cc || P. */
static void exit_on_parity(struct tcg *t, struct tcg_cond c, struct tcg_exit *e, bool poll_taken,
                           struct tcg_stores stores)
{
    uint32_t skip = 0, take = 0;
    if (c.par == TCG_PAR_AND_NP) {
        skip = hx_jcc(&t->a, HX_CC_P);
    } else if (c.par == TCG_PAR_OR_P) {
        take = hx_jcc8(&t->a, HX_CC_P);
    }
    uint32_t skip2 = hx_jcc(&t->a, c.cc ^ 1);
    if (take)
        hx_bind8(&t->a, take);
    tcg_emit_stores(t, stores);
    if (poll_taken)
        poll(t, e->pc);
    patchable_branch(t, 0xe9, e);
    hx_bind(&t->a, skip2);
    if (skip)
        hx_bind(&t->a, skip);
}

static void cold_lookup(struct tcg *t, const struct tcg_cold *c)
{
    hx_mov_ri(&t->a, HX_RAX, c->imm);
    hx_jmp_to(&t->a, t->glue->exit_lookup);
}

/* Never chained: the target is looked up with the new mode. */
static void mode_exit(struct tcg *t, const struct ir_insn *in)
{
    uint32_t start;
    struct tcg_cond c = tcg_emit_cond(t, in->arg[0], &start);
    if (c.par != TCG_PAR_NONE) {
        int reg = ra_tmp(t, TCG_RC_GPR);
        tcg_emit_setcond(t, c, reg);
        hx_alu_ri(&t->a, HX_ALU_CMP, TCG_SZ32, (unsigned)reg, 0);
        c.cc = HX_CC_NE;
    }
    tcg_cold_add(t, cold_lookup, hx_jcc(&t->a, c.cc))->imm = in->imm;
}

void tcg_emit_exit_if(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->aux == IR_HINT_MODE) {
        mode_exit(t, in);
        return;
    }
    bool poll_needed = tcg_is_backward(t, in->imm), poll_first = poll_needed && t->insn_clean;
    uint32_t start;
    if (poll_first)
        poll(t, t->insn_pc);
    struct tcg_cond c = tcg_emit_cond(t, in->arg[0], &start);
    struct tcg_exit *e = tcg_new_exit(t, IR_EXIT_DIRECT, in->imm);
    if (!e)
        return;
    e->poll = poll_needed;
    struct tcg_stores stores;
    bool stored = tcg_take_sunk(t, &stores);
    if (c.par != TCG_PAR_NONE || (poll_needed && !poll_first)) {
        exit_on_parity(t, c, e, poll_needed && !poll_first, stores);
    } else if (stored) {
        struct tcg_cold *cold = tcg_cold_add(t, cold_stores, hx_jcc(&t->a, c.cc));
        cold->x = (uint32_t)(e - t->req->exits), cold->back = stores.first, cold->imm = stores.count;
    } else {
        patchable_jcc(t, c.cc, start, e);
    }
}

/* ---- traps ---- */

static void cold_trap(struct tcg *t, const struct tcg_cold *c) { tcg_emit_trap_exit(&t->a, t->glue, c->x, c->imm); }

void tcg_emit_trap_if(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    uint32_t start, skip = 0;
    struct tcg_cond c = tcg_emit_cond(t, in->arg[0], &start);
    if (c.par == TCG_PAR_AND_NP)
        skip = hx_jcc8(&t->a, HX_CC_P);
    struct tcg_cold *cold = tcg_cold_add(t, cold_trap, hx_jcc(&t->a, c.cc));
    if (c.par == TCG_PAR_OR_P)
        cold->from2 = hx_jcc(&t->a, HX_CC_P);
    cold->x = in->aux, cold->imm = in->imm;
    if (skip)
        hx_bind8(&t->a, skip);
}

void tcg_emit_trap(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    tcg_emit_trap_exit(&t->a, t->glue, in->aux, in->imm);
}

/* ---- final exits ---- */

static void cold_stack_reset(struct tcg *t, const struct tcg_cold *c)
{
    hx_rm(&t->a, HX_MOV_RM, 1, HX_RSP, HX_CPU(jit_sp_base));
    hx_jmp_off(&t->a, c->back);
}

/* Room for a level, and the level's guest half */
static void push_level(struct tcg *t)
{
    struct tcg_cold *c = tcg_cold_add(t, cold_stack_reset, tcg_emit_stack_check(&t->a));
    c->back = (uint32_t)tcg_buf_off(&t->a);
    tcg_emit_push_return(&t->a, t->return_pc);
}

/* Where the callee's host ret comes to */
static void landing(struct tcg *t)
{
    struct tcg_exit *e = tcg_new_exit(t, IR_EXIT_LANDING, t->return_pc);
    if (!e)
        return;
    hx_alu_ri(&t->a, HX_ALU_ADD, TCG_SZ64, HX_RSP, 8);
    tcg_emit_mode_check(&t->a, t->glue, e);
    patchable_branch(t, 0xe9, e);
}

void tcg_emit_jump(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->aux == IR_HINT_MODE) {
        hx_mov_ri(&t->a, HX_RAX, in->imm);
        hx_jmp_to(&t->a, t->glue->modes ? t->glue->jump_ind : t->glue->exit_lookup);
        return;
    }
    bool call = in->aux == IR_HINT_CALL && t->has_return;
    if (tcg_is_backward(t, in->imm))
        poll(t, in->imm);
    struct tcg_exit *e = tcg_new_exit(t, call ? IR_EXIT_CALL : IR_EXIT_DIRECT, in->imm);
    if (!e)
        return;
    e->poll = tcg_is_backward(t, in->imm);
    if (call)
        push_level(t);
    patchable_branch(t, call ? 0xe8 : 0xe9, e);
    if (call)
        landing(t);
}

static void cold_poll_rax(struct tcg *t, const struct tcg_cold *c) { hx_call_to(&t->a, t->glue->exit_poll); }

/* x: the mode */
static void cold_ibtc(struct tcg *t, const struct tcg_cold *c) { tcg_emit_ibtc(&t->a, t->glue, (int)c->x); }

void tcg_emit_jump_reg(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    const uint32_t mode = ir_exit_mode(t->block, t->cur);
    ra_take_copy(t, HX_RAX, in->arg[0], false);
    if (in->aux == IR_HINT_RET) {
        hx_alu_rm(&t->a, HX_ALU_CMP, TCG_SZ64, HX_RAX, TCG_MEM(HX_RSP, 8));
        hx_u8(&t->a, 0x0f), hx_branch_to(&t->a, 0x80 + HX_CC_NE, t->glue->ret_miss);
        hx_u8(&t->a, 0xc3);
        return;
    }
    if (in->aux == IR_HINT_MODE) {
        hx_jmp_to(&t->a, t->glue->exit_lookup);
        return;
    }
    tcg_cold_add(t, cold_poll_rax, tcg_emit_poll(&t->a));
    if (in->aux == IR_HINT_CALL && t->has_return) {
        push_level(t);
        hx_u8(&t->a, 0xe8), hx_u32(&t->a, 0);
        tcg_cold_add(t, cold_ibtc, (uint32_t)tcg_buf_off(&t->a))->x = mode;
        landing(t);
    } else {
        tcg_emit_ibtc(&t->a, t->glue, (int)mode);
    }
}
