/* SPDX-License-Identifier: Apache-2.0 */
/* The engine as a whole: creation, its threads, fork, the end of the run. */
#include "runtime/engine/lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/engine/optimizer.h"
#include "runtime/engine/sample.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/tiers.h"
#include "runtime/engine/units.h"
#include "runtime/engine/warm.h"
#include "src/base/background.h"
#include "src/base/log.h"
#include "src/ir/interp/interp_mem.h"

enum { START_COUNT = 50000 }; /* executions of a block that start the ticker (sample.c I1) */

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
    enum status s = tcg_emit_glue(cc->rw, cc->rx, cc->chunk_size / 2, e->guest->state, &e->glue);
    if (!e->options->host_fma)
        e->glue.features &= ~(uint32_t)TCG_HAS_FMA;
    cc->glue_size = ALIGN_UP(e->glue.size, 64);
    cc->chunks[0].used = cc->glue_size;
    return s;
}

static enum status make_parts(struct engine *e)
{
    /* Without generated code there is no code cache: an emulated host may not have its two mappings of one file. */
    enum status s = tcg_available ? cc_init(&e->cc, (size_t)e->options->cache_size) : STATUS_OK;
    if (s == STATUS_OK && tcg_available)
        s = make_glue(e);
    if (s == STATUS_OK)
        s = tbs_create(&e->tbs);
    if (s == STATUS_OK)
        s = tiers_init(e);
    if (s == STATUS_OK)
        s = sample_init(e);
    return s;
}

/* The cache on disk. It is for regions; without tier 2 there are none. */
static void make_warm(struct engine *e, const char *root)
{
    if (root && (e->tier == TIER_MIXED || e->tier == TIER_2))
        e->warm = warm_create(e, root);
}

static enum status read_options(struct engine *e, char *why, size_t size)
{
    if (!parse_tier(e->options->tier, &e->tier)) {
        snprintf(why, size, "--tier=%s: interp, 1, 2 or mixed expected", e->options->tier);
        return STATUS_SYNTAX;
    }
    if (e->tier != TIER_INTERP && !tcg_available) {
        snprintf(why, size, "--tier=%s: this build has the interpreter alone, --tier=interp", e->options->tier);
        return STATUS_UNSUPPORTED;
    }
    e->sampling = e->tier == TIER_MIXED && !e->options->hot_threshold;
    e->hot_count = e->options->hot_threshold ? (int32_t)e->options->hot_threshold : START_COUNT;
    e->precise = e->options->precise;
    e->fp_fast = strcmp(e->options->fp, "fast") == 0;
    return STATUS_OK;
}

enum status engine_create(struct engine **result, const struct engine_setup *setup, char *why, size_t size)
{
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        return STATUS_NO_MEMORY;
    e->guest = setup->guest;
    e->config = setup->config;
    e->options = setup->options;
    e->os = setup->os;
    e->process = setup->process;
    e->mem = setup->mem;
    e->memory = setup->memory;
    e->start_ns = stats_clock(CLOCK_MONOTONIC);
    e->section_seq = 1;
    pthread_mutex_init(&e->interp_lock, NULL);
    pthread_mutex_init(&e->stats_lock, NULL);
    arena_init(&e->interp_arena);
    enum status s = read_options(e, why, size);
    if (s == STATUS_OK) {
        s = make_parts(e);
        if (s != STATUS_OK)
            snprintf(why, size, "code cache: %s", status_text(s));
        make_warm(e, setup->cache_root);
    }
    if (s == STATUS_OK)
        *result = e;
    else
        engine_destroy(e);
    return s;
}

void engine_destroy(struct engine *e)
{
    if (!e)
        return;
    if (e->events)
        e->events->destroy(e->observer);
    sample_fini(e);
    warm_destroy(e->warm);
    tiers_fini(e);
    tbs_destroy(e->tbs);
    cc_fini(&e->cc);
    arena_fini(&e->interp_arena);
    free(e);
}

void engine_name_program(struct engine *e, gaddr_t pc) { e->program = pc; }

void engine_observe(struct engine *e, const struct engine_events *events, void *observer)
{
    e->events = events;
    e->observer = observer;
}

struct engine_thread *engine_thread_create(struct engine *e, struct cpu *cpu, void *owner)
{
    struct engine_thread *t = calloc(1, sizeof *t);
    if (!t || !(t->map_buf = calloc(ENGINE_MAP_ROOM, sizeof *t->map_buf)) ||
        !(t->reloc_buf = calloc(ENGINE_RELOC_ROOM, sizeof *t->reloc_buf)))
        out_of_memory("a thread");
    arena_init(&t->arena);
    t->engine = e;
    t->cpu = cpu;
    t->owner = owner;
    t->flush_seen = ~(uint64_t)0;
    cpu_ibtc_begin(cpu, CPU_IBTC_SIZE);
    return t;
}

void lifecycle_count_time(struct engine_thread *t, enum account_time first)
{
    struct engine *e = t->engine;
    if (!e->options->stats || background_is_forbidden()) /* its clock ends with its process */
        return;
    bool is_first = !__atomic_exchange_n(&e->accounted, true, __ATOMIC_RELAXED);
    t->cpu->eval_counts = &t->stats.evals;
    account_begin(&t->account, is_first ? first : TIME_SYSTEM, is_first);
    e->os->ticks_begin(t);
}

/* All that t has counted until now. */
static void add_thread(struct engine_thread *t, struct stats *sum)
{
    stats_add(sum, &t->stats);
    account_add(&t->account, sum->times);
}

void engine_thread_end(struct engine_thread *t)
{
    struct engine *e = t->engine;
    if (e->options->stats)
        e->os->ticks_end(t);
    t->cpu->eval_counts = NULL;
    pthread_mutex_lock(&e->stats_lock);
    account_end(&t->account);
    add_thread(t, &e->total);
    memset(&t->stats, 0, sizeof t->stats);
    memset(&t->account, 0, sizeof t->account);
    pthread_mutex_unlock(&e->stats_lock);
}

void engine_thread_destroy(struct engine_thread *t)
{
    EVENT(t->engine, thread_end, t);
    optimizer_destroy(t->optimizer);
    arena_fini(&t->arena);
    free(t->map_buf);
    free(t->reloc_buf);
    free(t);
}

void engine_fork_prepare(struct engine *e)
{
    sample_fork_prepare(e);
    pthread_mutex_lock(&e->tbs->lock);
    pthread_mutex_lock(&e->cc.lock);
    tiers_fork_prepare(e);
    pthread_mutex_lock(&e->interp_lock);
    pthread_mutex_lock(&e->stats_lock);
    warm_fork_prepare(e->warm);
}

static void unlock_all(struct engine *e)
{
    pthread_mutex_unlock(&e->stats_lock);
    pthread_mutex_unlock(&e->interp_lock);
    pthread_mutex_unlock(&e->cc.lock);
    pthread_mutex_unlock(&e->tbs->lock);
}

void engine_fork_parent(struct engine *e)
{
    warm_fork_parent(e->warm);
    tiers_fork_parent(e);
    unlock_all(e);
    sample_fork_parent(e);
}

void engine_fork_child(struct engine *e, struct engine_thread *self, void *process)
{
    e->process = process;
    tiers_fork_child(e);
    warm_fork_child(e->warm);
    unlock_all(e);
    sample_fork_child(e);
    pthread_cond_init(&e->cc.returned, NULL);
    if (cc_fork_child(&e->cc) != STATUS_OK)
        out_of_memory("a child's code cache");
    ir_forget_reservations();
    memset(&e->total, 0, sizeof e->total);
    memset(&self->stats, 0, sizeof self->stats);
    e->accounted = false;
    lifecycle_count_time(self, TIME_SYSTEM);
    self->flush_seen = ~(uint64_t)0;
    e->start_ns = stats_clock(CLOCK_MONOTONIC);
    if (e->events)
        e->events->fork_child(e->observer);
}

bool engine_end_threads(struct engine *e)
{
    const bool ticked = sample_end_thread(e);
    tiers_end_threads(e);
    warm_end_thread(e->warm);
    return ticked;
}

void engine_begin_threads(struct engine *e, bool ticked)
{
    if (ticked)
        sample_begin_thread(e);
}

void engine_leave(struct engine *e) { units_save(e); }

void engine_finish(struct engine *e)
{
    if (!e || __atomic_exchange_n(&e->finished, true, __ATOMIC_ACQ_REL))
        return;
    warm_finish(e->warm);
    if (e->events)
        e->events->finish(e->observer);
}

static void visit_stats(struct engine_thread *t, void *sum) { add_thread(t, sum); }

void engine_stats(struct engine *e, struct stats *sum)
{
    pthread_mutex_lock(&e->stats_lock);
    *sum = e->total;
    e->os->foreach_thread(e->process, visit_stats, sum);
    pthread_mutex_unlock(&e->stats_lock); /* none of them has ended in between */
    tiers_stats(e, sum);
    sample_stats(e, sum);
    warm_stats(e->warm, sum);
}
