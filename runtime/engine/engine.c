/* SPDX-License-Identifier: Apache-2.0 */
/* The engine as a whole: creation, precise mode, instruction-cache synchronisation, fork, the end of the run. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/engine/engine.h"
#include "runtime/engine/reclaim.h"
#include "runtime/observe/observe.h"
#include "src/base/log.h"
#include "src/ir/interp/interp_mem.h"

static const struct {
    const char *name;
    enum tier_mode tier;
} tier_names[] = {
    {"interp", TIER_INTERP},
    {"1", TIER_1},
    {"2", TIER_2},
    {"mixed", TIER_MIXED},
};

static bool parse_tier(const char *text, enum tier_mode *tier)
{
    for (unsigned i = 0; i < ARRAY_LEN(tier_names); i++) {
        if (strcmp(text, tier_names[i].name) == 0) {
            *tier = tier_names[i].tier;
            return true;
        }
    }
    return false;
}

/* Emits the glue at the start of the first chunk. */
static enum status make_glue(struct engine *e)
{
    struct code_cache *cc = &e->cc;
    enum status s = tcg_emit_glue(cc->rw, cc->rx, cc->chunk_size / 2, e->proc->guest->state, &e->glue);
    if (!e->proc->options->host_fma)
        e->glue.features &= ~(uint32_t)TCG_HAS_FMA;
    cc->glue_size = ALIGN_UP(e->glue.size, 64);
    cc->chunks[0].used = cc->glue_size;
    return s;
}

enum status engine_create(struct process *proc, char *why, size_t size)
{
    /* mostly zero pages: the hash table is touched where it is used */
    struct engine *e = mmap(NULL, sizeof *e, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (e == MAP_FAILED)
        return STATUS_NO_MEMORY;
    e->proc = proc;
    e->start_ns = stats_clock(CLOCK_MONOTONIC);
    e->section_seq = 1;
    e->precise = proc->options->precise;
    if (!parse_tier(proc->options->tier, &e->tier)) {
        snprintf(why, size, "--tier=%s: interp, 1, 2 or mixed expected", proc->options->tier);
        return STATUS_SYNTAX;
    }
    e->fp_fast = strcmp(proc->options->fp, "fast") == 0;
    pthread_mutex_init(&e->interp_lock, NULL);
    pthread_mutex_init(&e->stats_lock, NULL);
    arena_init(&e->interp_arena);
    enum status s = cc_init(&e->cc, (size_t)proc->options->cache_size);
    if (s == STATUS_OK)
        s = make_glue(e);
    if (s == STATUS_OK)
        s = tbs_init(&e->tbs);
    if (s == STATUS_OK)
        s = tiers_init(e);
    if (s == STATUS_OK)
        s = observe_init(e, why, size);
    else
        snprintf(why, size, "code cache: %s", status_text(s));
    proc->engine = e;
    return s;
}

/* Regions have to be made differently from now on. */
static void retire_regions(struct engine *e)
{
    pthread_mutex_lock(&e->tbs.lock);
    for (unsigned i = 0; i < ARRAY_LEN(e->tbs.hash); i++)
        for (struct tb *tb = e->tbs.hash[i]; tb; tb = tb->hash_next)
            if (tb->region)
                tb_retire_locked(e, tb->region);
    pthread_mutex_unlock(&e->tbs.lock);
    reclaim_wait(e);
}

void engine_set_precise(struct process *proc)
{
    if (!__atomic_exchange_n(&proc->engine->precise, true, __ATOMIC_SEQ_CST))
        retire_regions(proc->engine);
}

void engine_set_ordered(struct process *proc)
{
    struct engine *e = proc->engine;
    if (!__atomic_exchange_n(&e->ordered, true, __ATOMIC_SEQ_CST))
        retire_regions(e);
}

void engine_icache_sync(struct thread *t)
{
    /* Writes to protected pages were noticed when they happened. What is left is a block of a volatile page that found
     * its bytes changed: it left with this trap and its own pc. */
    struct engine *e = t->proc->engine;
    struct cpu *cpu = t->cpu;
    section_enter(e, &t->core->section);
    const struct tb *tb = tb_find(e, cpu->pc, cpu->mode);
    if (tb && tb->volatile_code)
        engine_invalidate(t->proc, tb->pc, tb->pc + tb->guest_bytes);
    section_leave(&t->core->section);
}

void engine_fork_prepare(struct process *proc)
{
    struct engine *e = proc->engine;
    pthread_mutex_lock(&e->tbs.lock);
    pthread_mutex_lock(&e->cc.lock);
    tiers_fork_prepare(e);
    pthread_mutex_lock(&e->interp_lock);
    pthread_mutex_lock(&e->stats_lock);
}

static void unlock_all(struct engine *e)
{
    pthread_mutex_unlock(&e->stats_lock);
    pthread_mutex_unlock(&e->interp_lock);
    pthread_mutex_unlock(&e->cc.lock);
    pthread_mutex_unlock(&e->tbs.lock);
}

void engine_fork_parent(struct process *proc)
{
    tiers_fork_parent(proc->engine);
    unlock_all(proc->engine);
}

void engine_fork_child(struct process *proc, struct thread *self)
{
    struct engine *e = proc->engine;
    tiers_fork_child(e);
    unlock_all(e);
    pthread_cond_init(&e->cc.returned, NULL);
    if (cc_fork_child(&e->cc) != STATUS_OK) {
        message("fork: no memory for the child's code cache");
        abort();
    }
    ir_forget_reservations();
    memset(&e->total, 0, sizeof e->total);
    memset(&self->core->stats, 0, sizeof self->core->stats);
    self->core->flush_seen = ~(uint64_t)0;
    e->start_ns = stats_clock(CLOCK_MONOTONIC);
    observe_fork_child(e);
}

void engine_finish(struct process *proc)
{
    struct engine *e = proc->engine;
    if (e && !__atomic_exchange_n(&e->finished, true, __ATOMIC_ACQ_REL))
        observe_finish(e);
}
