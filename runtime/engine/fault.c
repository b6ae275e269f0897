/* SPDX-License-Identifier: Apache-2.0 */
/* From a fault in host code back to the guest: which guest instruction was it, and with which registers?
 *
 * Tier-1 code keeps every guest register in its place (memory or pinned host register) at each access that can fault,
 * but for x87 registers, whose places on the host's x87 stack are in the pc map. So that and the pinned registers are
 * all there is to recover. Precise regions have a table (lopt_recover). It gives the registers at an earlier
 * instruction, and the instructions from there to the one that faulted are done again, one by one. Before accesses that
 * are not in the table they store all registers and the pc. Other regions only know their head's pc, which is enough
 * while no guest handler can look. Instructions whose load has become one with later ones (IR_INSN_REPLAYS) are done
 * again, too, with those behind them.
 * Everything here is async-signal-safe.
 */
#include "runtime/engine/fault.h"

#include "llvm-opt/lopt.h"
#include "runtime/engine/pc_map.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "src/host/context.h"

bool engine_owns_pc(const struct engine *e, uintptr_t host_pc) { return e && cc_owns(&e->cc, host_pc); }

/* A C function that generated code called faulted: the return address into the code is the first such value up the
 * stack. It may be an old one that the function has not overwritten: what block it is in says no more than what kind of
 * code runs. */
static uintptr_t caller_in_code(const struct engine *e, const struct cpu *cpu, uintptr_t sp)
{
    uintptr_t low = (uintptr_t)cpu->jit_sp_limit - CPU_JIT_STACK_HEADROOM, top = (uintptr_t)cpu->jit_sp_base;
    if (sp < low || sp >= top)
        return 0;
    for (uintptr_t at = ALIGN_UP(sp, 8); at < top; at += 8) {
        uintptr_t value = *(const uintptr_t *)at;
        if (cc_owns(&e->cc, value))
            return value - 1;
    }
    return 0;
}

static void sync_tier1(struct engine_thread *t, const struct tb *tb, uintptr_t host_pc, const ucontext_t *uc)
{
    struct tcg_pc_map line = {0};
    bool found = pc_map_find(tb->code.map, tb->code.map_size, (uint32_t)(host_pc - (uintptr_t)tb->code.rx), &line);
    t->cpu->pc = tb->pc + (line.guest_off & TCG_MAP_OFFSET);
    t->replay = line.guest_off & TCG_MAP_REPLAYS ? IR_REPLAY_INSNS : 0;
    tcg_save_pinned(t->cpu, t->engine->guest->state, uc);
    if (found)
        tcg_save_x87(t->cpu, t->engine->guest->state, line.x87, uc);
}

static unsigned interp_replays(const struct engine_thread *t)
{
    const struct ir_block *b = t->interp_tb->ir;
    for (uint32_t i = 0; b && i < b->count; i++)
        if (b->insns[i].op == IR_INSN && b->insns[i].imm == t->cpu->pc && b->insns[i].aux & IR_INSN_REPLAYS)
            return IR_REPLAY_INSNS;
    return 0;
}

/* Completes cpu from a fault at host_pc in generated code. */
static bool sync_from_code(struct engine_thread *t, struct engine *e, uintptr_t host_pc, const ucontext_t *uc,
                           bool in_helper)
{
    const struct tb *tb = tb_find_host(e, host_pc);
    if (!tb)
        return false;
    struct cpu *cpu = t->cpu;
    host_context_fpenv(uc, &cpu->fp_env);
    if (e->guest->fp.has_x87)
        host_context_keep_fpx(uc);
    if (tb->kind == TB_TIER1) {
        if (!in_helper) /* helpers that may fault are called with all registers in memory, and the pc in cpu->pc */
            sync_tier1(t, tb, host_pc, uc);
    } else if (!tb->part.precise) {
        cpu->pc = tb->pc;
    } else if (!in_helper) {
        t->replay = lopt_recover(tb->part.faults, (uint32_t)(host_pc - (uintptr_t)tb->code.rx), cpu, uc);
    }
    return true;
}

bool engine_sync_state(struct engine_thread *t, const siginfo_t *info, const void *ucontext)
{
    const ucontext_t *uc = ucontext;
    if (!t || !t->section)
        return false;
    struct engine *e = t->engine;
    t->replay = 0;
    if (t->fetching || t->interp_tb) { /* cpu->pc is the fetched address, or the interpreted instruction's */
        t->replay = t->fetching ? 0 : interp_replays(t);
        if (e->guest->fp.has_x87)
            host_context_keep_fpx(uc);
        return true;
    }
    uintptr_t host_pc = host_context_pc(uc);
    if (cc_owns(&e->cc, host_pc))
        return sync_from_code(t, e, host_pc, uc, false);
    uintptr_t call = caller_in_code(e, t->cpu, host_context_sp(uc));
    return call && sync_from_code(t, e, call, uc, true);
}

/* The code that the context is in, or that called the function that it is in; NULL: none. */
static const struct tb *code_at(struct engine_thread *t, const ucontext_t *uc)
{
    if (!t || !t->section)
        return NULL;
    if (t->interp_tb)
        return t->interp_tb;
    struct engine *e = t->engine;
    uintptr_t host_pc = host_context_pc(uc);
    if (!cc_owns(&e->cc, host_pc))
        host_pc = caller_in_code(e, t->cpu, host_context_sp(uc));
    return host_pc ? tb_find_host(e, host_pc) : NULL;
}

static bool is_precise_in(const struct tb *tb) { return tb && (tb->kind != TB_REGION || tb->part.precise); }

/* Is addr on a page of the block or region? */
static bool is_own_page(const struct tb *tb, gaddr_t addr)
{
    for (uint32_t i = 0; i < tb->links.page_count; i++)
        if (ALIGN_DOWN(tb->links.pages[i].start, 4096) == ALIGN_DOWN(addr, 4096))
            return true;
    return false;
}

enum engine_write engine_write_fault(const struct engine *e, struct engine_thread *t, const siginfo_t *info,
                                     const void *ucontext)
{
    const struct tb *tb = code_at(t, ucontext);
    gaddr_t addr = (uintptr_t)info->si_addr;
    bool step = e->guest->coherent_code && is_precise_in(tb) && engine_sync_state(t, info, ucontext);
    bool own = step && is_own_page(tb, addr);
    if (!e->mem->write_fault(e->memory, addr))
        return ENGINE_WRITE_NONE;
    if (own)
        e->mem->note_self_write(e->memory, addr);
    return step ? ENGINE_WRITE_STEP : ENGINE_WRITE_AGAIN;
}

/* Leaves the handler, and goes on in engine_run's loop: with so many instructions one by one. */
static _Noreturn void restart(struct engine_thread *t, unsigned steps)
{
    t->step = steps;
    if (t->reservation) { /* a fetch fault in the middle of a translation */
        struct cc_reservation *r = t->reservation;
        t->reservation = NULL;
        t->fetching = false;
        cc_abort(&t->engine->cc, r);
    }
    t->fetching = false;
    t->interp_tb = NULL;
    t->cpu->jit_sp = t->cpu->jit_sp_base;
    section_leave(&t->section);
    engine_kick(t);
    siglongjmp(t->restart, 1);
}

_Noreturn void engine_step(struct engine_thread *t) { restart(t, t->replay ? t->replay : 1); }

bool engine_was_fetching(const struct engine_thread *t) { return t->fetching; }

bool engine_must_replay(const struct engine_thread *t) { return t->replay; }

_Noreturn void engine_restart(struct engine_thread *t) { restart(t, 0); }
