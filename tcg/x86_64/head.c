/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before a block's first instruction: the entry counter, the check of the guest's code.
 *
 * I1  The counter head is 8 bytes at the block's start (8-aligned), so that one store replaces it (patch.c).
 */
#include "tcg/x86_64/head.h"

#include "tcg/common/cold.h"
#include "tcg/common/host.h"
#include "tcg/x86_64/exit_parts.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/x87_stack.h"

static void cold_hot(struct tcg *t, const struct tcg_cold *c)
{
    hx_mov_ri(&t->a, HX_RAX, t->block->pc);
    hx_store(&t->a, TCG_SZ64, HX_CPU(pc), HX_RAX);
    hx_mov_ri(&t->a, HX_RAX, t->req->counter_arg);
    hx_jmp_to(&t->a, t->glue->exit_hot);
}

/* sub dword [counter], 1 in 8 bytes; js */
static void emit_counter(struct tcg *t)
{
    hx_u8(&t->a, 0x40); /* a REX prefix without effect fills the eighth byte */
    hx_alu_mi(&t->a, HX_ALU_SUB, TCG_SZ32, HX_ADDR(t->req->counter), 1);
    tcg_cold_add(t, cold_hot, hx_jcc(&t->a, HX_CC_S));
}

static void cold_changed(struct tcg *t, const struct tcg_cold *c)
{
    tcg_emit_trap_exit(&t->a, t->glue, IR_TRAP_ICACHE_SYNC, t->block->pc);
}

/* Compares the guest code with the copy, 4 bytes at a time; the copy goes into the instructions. */
static void emit_code_check(struct tcg *t)
{
    uint32_t bytes = t->block->guest_bytes;
    if (tcg_buf_room(&t->a) < t->host->max_insn_bytes + bytes * 14 || bytes / 4 + 4 > t->cold_max / 2) {
        tcg_fail(t, bytes > 4096 ? STATUS_TOO_LARGE : STATUS_CACHE_FULL);
        return;
    }
    hx_mov_ri(&t->a, HX_RAX, t->block->pc);
    struct tcg_cold *last = NULL;
    for (uint32_t at = 0; at < bytes;) {
        unsigned size = bytes - at >= 4 ? TCG_SZ32 : bytes - at >= 2 ? TCG_SZ16 : TCG_SZ8;
        int32_t want = 0;
        memcpy(&want, t->req->check_code + at, 1u << size);
        hx_alu_mi(&t->a, HX_ALU_CMP, size, TCG_MEM(HX_RAX, at), want);
        uint32_t from = hx_jcc(&t->a, HX_CC_NE);
        if (last && !last->from2)
            last->from2 = from;
        else
            last = tcg_cold_add(t, cold_changed, from);
        at += 1u << size;
    }
}

uint32_t tcg_head(struct tcg *t)
{
    xs_init(t);
    if (t->req->counter)
        emit_counter(t);
    uint32_t body_off = (uint32_t)tcg_buf_off(&t->a);
    if (t->req->check_code)
        emit_code_check(t);
    return body_off;
}
