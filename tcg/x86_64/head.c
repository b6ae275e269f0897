/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before a block's first instruction: the counter of its executions, the check of the guest's code.
 *
 * I1  Nothing of the counter is on the way of a block that does not count: who counts enters at counter_off instead. A
 *     branch that is never taken cost perl 20 % of its time, and a nop to be replaced by a jump 13 %.
 */
#include "tcg/x86_64/head.h"

#include "tcg/common/cold.h"
#include "tcg/common/host.h"
#include "tcg/x86_64/exit_parts.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/x87_stack.h"

static void cold_count(struct tcg *t, const struct tcg_cold *c)
{
    t->counter_off = (uint32_t)tcg_buf_off(&t->a);
    hx_lea(&t->a, 1, HX_RAX, HX_ADDR(t->req->counter));
    hx_alu_mi(&t->a, HX_ALU_SUB, TCG_SZ32, TCG_MEM(HX_RAX, 0), 1);
    hx_jcc_off(&t->a, HX_CC_NS, 0);
    hx_jmp_to(&t->a, t->glue->exit_hot);
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

void tcg_head(struct tcg *t)
{
    xs_init(t);
    if (t->req->counter)
        tcg_cold_add(t, cold_count, 0);
    if (t->req->check_code)
        emit_code_check(t);
}
