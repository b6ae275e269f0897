/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher: finds or makes the block at the guest's pc, runs generated code until it leaves, and does what it
 * left for.
 *
 * I1  Generated code and struct tb * are used only inside the thread's read section; system calls, signal delivery and
 *     waiting happen outside of it.
 * I2  Before generated code is entered, IBTC and return stack hold nothing that was retired before the section began
 *     (engine.flush_seq), and nothing of another translation mode, unless they tell modes apart (tcg_glue.modes).
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/engine.h"
#include "runtime/engine/reclaim.h"
#include "runtime/observe/observe.h"
#include "src/base/log.h"
#include "src/ir/interp/interp.h"

enum { SCRATCH_MAP = 512 };

void engine_thread_init(struct thread *t)
{
    struct core_thread *c = calloc(1, sizeof *c);
    if (!c || !(c->map_buf = calloc(SCRATCH_MAP, sizeof *c->map_buf)))
        abort();
    arena_init(&c->arena);
    c->thread = t;
    c->flush_seen = ~(uint64_t)0;
    __atomic_store_n(&t->core, c, __ATOMIC_RELEASE);
}

void engine_thread_fini(struct thread *t)
{
    struct core_thread *c = t->core;
    struct engine *e = t->proc->engine;
    observe_thread_end(e, t);
    pthread_mutex_lock(&t->proc->threads_lock); /* reclaim_wait looks at t->core under it */
    __atomic_store_n(&t->core, NULL, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&t->proc->threads_lock);
    pthread_mutex_lock(&e->stats_lock);
    stats_add(&e->total, &c->stats);
    pthread_mutex_unlock(&e->stats_lock);
    arena_fini(&c->arena);
    free(c->map_buf);
    free(c);
}

void engine_kick_all(struct engine *e)
{
    __atomic_add_fetch(&e->flush_seq, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&e->proc->threads_lock);
    for (struct thread *t = e->proc->threads; t; t = t->next)
        thread_kick(t);
    pthread_mutex_unlock(&e->proc->threads_lock);
}

/* I2 */
static void refresh_hints(struct engine *e, struct cpu *cpu, struct core_thread *c)
{
    uint64_t seq = __atomic_load_n(&e->flush_seq, __ATOMIC_ACQUIRE);
    if (__builtin_expect(c->flush_seen == seq && (c->ibtc_mode == cpu->mode || e->glue.modes), 1))
        return;
    c->flush_seen = seq;
    c->ibtc_mode = cpu->mode;
    for (unsigned i = 0; i < CPU_IBTC_SIZE; i++)
        cpu->ibtc[i].pc = ~(gaddr_t)0;
    cpu->jit_sp = cpu->jit_sp_base;
}

static void log_entry(struct thread *t, const struct tb *tb)
{
    if (!log_in_filter(tb->pc))
        return;
    if (log_on(LOG_EXEC))
        log_printf("exec %d: %#llx mode %x%s\n", (int)t->tid, (unsigned long long)tb->pc, tb->mode,
                   tb->region ? " region" : "");
    if (log_on(LOG_CPU))
        observe_registers(t);
}

/* What a trap asks for. Outside of any section. */
static void handle_trap(struct thread *t)
{
    struct cpu *cpu = t->cpu;
    enum ir_trap trap = (enum ir_trap)cpu->exit_arg;
    if (trap == IR_TRAP_SYSCALL) {
        t->core->stats.syscalls++;
        sys_call(t);
        cpu->mode = t->proc->guest->cpu.mode(cpu);
    } else if (trap == IR_TRAP_ICACHE_SYNC) {
        engine_icache_sync(t);
    } else {
        if (log_on(LOG_INT))
            log_printf("trap %s at %#llx\n", ir_trap_names[trap], (unsigned long long)cpu->pc);
        signal_raise_trap(t, trap);
    }
}

/* Runs one interpreted block, leaving cpu as generated code would. */
static void run_interp(struct thread *t, struct tb *tb)
{
    struct cpu *cpu = t->cpu;
    struct ir_exit exit;
    t->core->interp_tb = tb;
    t->core->stats.interp_blocks++;
    ir_interp(cpu, tb->ir, &exit);
    t->core->interp_tb = NULL;
    cpu->pc = exit.pc;
    cpu->exit_reason = exit.reason == CPU_EXIT_LOOKUP ? CPU_EXIT_POLL : (uint32_t)exit.reason;
    cpu->exit_arg = exit.trap;
}

/* engine_step: one instruction that is in no table. */
static void run_single(struct thread *t)
{
    struct cpu *cpu = t->cpu;
    t->core->step = false;
    const struct ir_block *block = translate_single(t, cpu->pc, cpu->mode);
    struct tb tb = {.kind = TB_INTERP, .pc = cpu->pc, .mode = cpu->mode, .guest_insns = 1, .ir = block};
    if (block) {
        run_interp(t, &tb);
    } else {
        cpu->exit_reason = CPU_EXIT_TRAP;
        cpu->exit_arg = IR_TRAP_FETCH;
    }
}

/* Remembers an indirect target in the IBTC. */
static void remember_indirect(struct engine *e, struct cpu *cpu, struct tb *tb)
{
    __atomic_store_n(&tb->head_like, true, __ATOMIC_RELAXED);
    struct cpu_ibtc_entry *slot = &cpu->ibtc[cpu_ibtc_index(tb->pc)];
    slot->pc = cpu_ibtc_key(tb->pc, tb->mode, e->glue.modes);
    slot->host = tb_entry(tb);
}

/* After generated code has left: where to go on inside this section; NULL: the caller does the rest outside of it. */
static const uint8_t *next_host(struct thread *t, struct engine *e)
{
    struct cpu *cpu = t->cpu;
    struct stats *stats = &t->core->stats;
    if (cpu->exit_reason == CPU_EXIT_LINK) {
        struct tcg_exit *exit = (struct tcg_exit *)(uintptr_t)cpu->exit_arg;
        stats->exit_link++;
        cpu->pc = exit->pc;
        struct tb *tb = tb_find(e, exit->pc, cpu->mode);
        if (!tb || log_on(LOG_NOCHAIN))
            return NULL;
        if (!tb->volatile_code)
            tb_link(e, exit, tb);
        return tb_entry(tb);
    }
    if (cpu->exit_reason == CPU_EXIT_LOOKUP) {
        stats->exit_lookup++;
        bool known = e->glue.modes || cpu->mode == t->core->ibtc_mode;
        struct tb *tb = known ? tb_find(e, cpu->pc, cpu->mode) : NULL;
        if (!tb || log_on(LOG_NOCHAIN))
            return NULL;
        remember_indirect(e, cpu, tb);
        return tb_entry(tb);
    }
    if (cpu->exit_reason == CPU_EXIT_HOT) {
        struct tb *tb = (struct tb *)(uintptr_t)cpu->exit_arg;
        stats->exit_hot++;
        if (profile_due(e, tb)) { /* it will be asked to leave where it jumps */
            t->core->profiled = tb;
            thread_kick(t);
            return tb->rx + tb->body_off;
        }
        if (!tiers_promote(t, tb)) {
            cpu->exit_reason = CPU_EXIT_POLL;
            return NULL;
        }
        return tb->region ? tb_entry(tb) : tb->rx + tb->body_off;
    }
    return NULL;
}

/* Generated code was left. If that was the block that is profiled, which polled at its jump, cpu->pc is where it goes:
 * or that of a later block, if it took a side exit. */
static void take_profile(struct thread *t)
{
    struct core_thread *c = t->core;
    if (c->profiled && t->cpu->exit_reason == CPU_EXIT_POLL)
        profile_add(c->profiled, t->cpu->pc);
    c->profiled = NULL;
}

static void run_block(struct thread *t, struct tb *tb)
{
    struct engine *e = t->proc->engine;
    struct core_thread *c = t->core;
    c->profiled = NULL; /* a fault may have ended it */
    if (__builtin_expect(log_mask != 0, 0))
        log_entry(t, tb);
    if (tb->kind == TB_INTERP) {
        run_interp(t, tb);
        return;
    }
    const uint8_t *host = tb_entry(tb);
    do {
        tcg_enter(&e->glue, t->cpu, host);
        take_profile(t);
        host = next_host(t, e);
    } while (host && (c->profiled || !__atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED)) && !log_mask);
    if (host) /* stopped between two blocks: go on at this pc later */
        t->cpu->exit_reason = CPU_EXIT_POLL;
}

_Noreturn void engine_run(struct thread *t)
{
    struct engine *e = t->proc->engine;
    struct cpu *cpu = t->cpu;
    cpu->mode = t->proc->guest->cpu.mode(cpu);
    observe_thread_start(e, t);
    (void)sigsetjmp(t->restart, 0);
    for (;;) {
        if (__atomic_load_n(&cpu->pending, __ATOMIC_ACQUIRE)) {
            signal_deliver(t);
            cpu->mode = t->proc->guest->cpu.mode(cpu);
        }
        section_enter(e, &t->core->section);
        refresh_hints(e, cpu, t->core);
        struct tb *tb = t->core->step ? NULL : translate_find(t, cpu->pc, cpu->mode);
        refresh_hints(e, cpu, t->core); /* translation may have evicted code */
        if (t->core->step) {
            run_single(t);
        } else if (tb) {
            run_block(t, tb);
        } else {
            cpu->exit_reason = CPU_EXIT_TRAP;
            cpu->exit_arg = IR_TRAP_FETCH;
        }
        section_leave(&t->core->section);
        if (cpu->exit_reason == CPU_EXIT_POLL) {
            t->core->stats.exit_poll++;
        } else if (cpu->exit_reason == CPU_EXIT_TRAP) {
            t->core->stats.exit_trap++;
            handle_trap(t);
        }
    }
}
