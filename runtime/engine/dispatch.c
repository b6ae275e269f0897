/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher: finds or makes the block at the guest's pc, runs generated code until it leaves, and does what it
 * left for.
 *
 * I1  Generated code and struct tb * are used only inside the thread's read section; system calls, signal delivery and
 *     waiting happen outside of it.
 * I2  Before generated code is entered, IBTC and return stack hold nothing that was retired before the section began
 *     (engine.flush_seq), and nothing of another translation mode, unless they tell modes apart (tcg_glue.modes).
 */
#include "runtime/engine/dispatch.h"

#include "runtime/engine/chain.h"
#include "runtime/engine/code_order.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/ibtc.h"
#include "runtime/engine/invalidate.h"
#include "runtime/engine/lifecycle.h"
#include "runtime/engine/profile.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/sample.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/translate.h"
#include "runtime/engine/warm.h"
#include "src/base/log.h"
#include "src/ir/interp/interp.h"

/* I2 */
static void refresh_hints(struct engine_thread *t)
{
    struct engine *e = t->engine;
    struct cpu *cpu = t->cpu;
    uint64_t seq = __atomic_load_n(&e->flush_seq, __ATOMIC_ACQUIRE);
    if (__builtin_expect(t->flush_seen == seq && (t->ibtc_mode == cpu->mode || e->glue.modes), 1))
        return;
    t->flush_seen = seq;
    t->ibtc_mode = cpu->mode;
    ibtc_empty(t);
    cpu->jit_sp = cpu->jit_sp_base;
}

/* What a trap asks for. Outside of any section. */
static void handle_trap(struct engine_thread *t)
{
    const struct engine *e = t->engine;
    account_mark(&t->account, TIME_SYSTEM);
    enum ir_trap trap = (enum ir_trap)t->cpu->exit_arg;
    if (trap == IR_TRAP_SYSCALL) {
        t->stats.syscalls++;
        e->os->syscall(t);
        t->cpu->mode = e->guest->cpu.mode(t->cpu);
    } else if (trap == IR_TRAP_ICACHE_SYNC) {
        engine_icache_sync(t);
    } else if (trap == IR_TRAP_SETTLE) {
        t->stats.settled++;
        e->guest->cpu.settle(t->cpu);
    } else {
        e->os->trap(t, trap);
        engine_kick(t);
    }
}

/* Runs one interpreted block, leaving cpu as generated code would. */
static void run_interp(struct engine_thread *t, struct tb *tb)
{
    struct cpu *cpu = t->cpu;
    struct ir_exit exit;
    t->interp_tb = tb;
    t->stats.interp_blocks++;
    account_mark(&t->account, TIME_INTERP);
    ir_interp(cpu, tb->ir, &exit);
    account_mark(&t->account, TIME_LOOKUP);
    t->interp_tb = NULL;
    cpu->pc = exit.pc;
    cpu->exit_reason = exit.reason == CPU_EXIT_LOOKUP ? CPU_EXIT_POLL : (uint32_t)exit.reason;
    cpu->exit_arg = exit.trap;
}

/* engine_step: one instruction that is in no table. */
static void run_single(struct engine_thread *t)
{
    struct cpu *cpu = t->cpu;
    t->step--;
    if (t->engine->guest->cpu.settle) /* a step is an instruction */
        t->engine->guest->cpu.settle(cpu);
    const struct ir_block *block = translate_single(t, cpu->pc, cpu->mode);
    struct tb tb = {.kind = TB_INTERP, .pc = cpu->pc, .mode = cpu->mode, .guest_insns = 1, .ir = block};
    if (block) {
        run_interp(t, &tb);
    } else {
        cpu->exit_reason = CPU_EXIT_TRAP;
        cpu->exit_arg = IR_TRAP_FETCH;
    }
}

/* The counter of tb has run out: where to go on inside this section; NULL: outside of it. */
static const uint8_t *counted_out(struct engine_thread *t, struct engine *e, struct tb *tb)
{
    const uint8_t *uncounted = tb->code.rx;
    enum warm_next next = warm_ask(t, tb);
    if (next == WARM_COUNT) {
        sample_asked(e, tb);
        return uncounted;
    }
    if (next == WARM_LEFT)
        return NULL;
    if (profile_due(e, tb)) { /* it will be asked to leave where it jumps */
        t->profiled = tb;
        engine_kick(t);
        return uncounted;
    }
    if (!sample_counted_out(t, tb))
        return NULL;
    return tb_region(tb) ? tb_entry(tb) : uncounted;
}

/* After generated code has left: where to go on inside this section; NULL: the caller does the rest outside of it. */
static const uint8_t *next_host(struct engine_thread *t, struct engine *e)
{
    struct cpu *cpu = t->cpu;
    struct stats *stats = &t->stats;
    if (cpu->exit_reason == CPU_EXIT_LINK) {
        struct tcg_exit *exit = (struct tcg_exit *)(uintptr_t)cpu->exit_arg;
        stats->exit_link++;
        cpu->pc = exit->pc;
        struct tb *tb = tb_find(e, exit->pc, cpu->mode);
        if (!tb || log_on(LOG_NOCHAIN))
            return NULL;
        if (!tb->volatile_code)
            chain_taken(e, exit, tb);
        return tb_entry(tb);
    }
    if (cpu->exit_reason == CPU_EXIT_LOOKUP) {
        stats->exit_lookup++;
        bool known = e->glue.modes || cpu->mode == t->ibtc_mode;
        struct tb *tb = known ? tb_find(e, cpu->pc, cpu->mode) : NULL;
        if (!tb || log_on(LOG_NOCHAIN))
            return NULL;
        ibtc_remember(t, tb);
        return tb_entry(tb);
    }
    if (cpu->exit_reason == CPU_EXIT_HOT) {
        struct tb *tb = (struct tb *)(uintptr_t)(cpu->exit_arg - offsetof(struct tb, heat.counter));
        stats->exit_hot++;
        cpu->pc = tb->pc;
        const uint8_t *host = counted_out(t, e, tb);
        ibtc_correct(t, tb);
        if (!host)
            cpu->exit_reason = CPU_EXIT_POLL;
        return host;
    }
    return NULL;
}

/* Generated code was left. If that was the block that is profiled, which polled at its jump, cpu->pc is where it goes:
 * or that of a later block, if it took a side exit. */
static void take_profile(struct engine_thread *t)
{
    if (t->profiled && t->cpu->exit_reason == CPU_EXIT_POLL)
        profile_add(t->profiled, t->cpu->pc);
    t->profiled = NULL;
}

static void run_block(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    t->profiled = NULL; /* a fault may have ended it */
    if (__builtin_expect(log_mask != 0, 0))
        EVENT(e, enter, t, tb);
    if (tb->kind == TB_INTERP) {
        run_interp(t, tb);
        return;
    }
    const uint8_t *host = tb_entry(tb);
    do {
        t->cpu->polled_from = 0;
        account_mark(&t->account, TIME_CODE);
        tcg_enter(&e->glue, t->cpu, host);
        code_order_reach(e->tbs);
        account_mark(&t->account, TIME_LOOKUP);
        take_profile(t);
        host = next_host(t, e);
    } while (host && (t->profiled || !__atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED)) && !log_mask);
    if (host) /* stopped between two blocks: go on at this pc later */
        t->cpu->exit_reason = CPU_EXIT_POLL;
}

/* Whose code is at host_pc, if t runs generated code: a piece of it, its glue, or a function that it has called? */
static enum account_time code_at(const struct engine_thread *t, uintptr_t host_pc)
{
    struct engine *e = t->engine;
    const struct tb *tb = tb_find_host(e, host_pc);
    if (tb)
        return tb->kind == TB_REGION ? TIME_TIER2 : TIME_TIER1;
    return cc_owns(&e->cc, host_pc) ? TIME_LOOKUP : TIME_HELPER;
}

void engine_tick(struct engine_thread *t, uintptr_t host_pc)
{
    account_tick(&t->account, t->account.doing == TIME_CODE ? code_at(t, host_pc) : TIME_CODE);
}

_Noreturn void engine_run(struct engine_thread *t)
{
    struct engine *e = t->engine;
    struct cpu *cpu = t->cpu;
    cpu->mode = e->guest->cpu.mode(cpu);
    lifecycle_count_time(t, TIME_START);
    EVENT(e, thread_start, t);
    (void)sigsetjmp(t->restart, 0);
    for (;;) {
        if (__atomic_load_n(&cpu->pending, __ATOMIC_ACQUIRE)) {
            account_mark(&t->account, TIME_SYSTEM);
            e->os->deliver(t);
            cpu->mode = e->guest->cpu.mode(cpu);
        }
        account_mark(&t->account, TIME_LOOKUP);
        section_enter(e, &t->section);
        refresh_hints(t);
        struct tb *tb = t->step ? NULL : translate_find(t, cpu->pc, cpu->mode);
        refresh_hints(t); /* translation may have evicted code */
        if (t->step) {
            run_single(t);
        } else if (tb) {
            run_block(t, tb);
        } else {
            cpu->exit_reason = CPU_EXIT_TRAP;
            cpu->exit_arg = IR_TRAP_FETCH;
        }
        if (__atomic_load_n(&t->sample_due, __ATOMIC_RELAXED))
            sample_take(t);
        section_leave(&t->section);
        if (cpu->exit_reason == CPU_EXIT_POLL) {
            t->stats.exit_poll++;
        } else if (cpu->exit_reason == CPU_EXIT_TRAP) {
            t->stats.exit_trap++;
            handle_trap(t);
        }
    }
}
