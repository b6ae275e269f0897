/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the cache on disk for regions, and installing them. Storing: warm_save.c.
 *
 * I1  A stored region is installed like a compiled one (install.c), if the guest has the same code in memory, and if
 *     regions are made now as it was made (precise, ordered).
 * I2  Guest threads and optimizers only post jobs; files are read and written on the cache's thread. With no optimizer
 *     threads a guest thread waits for its job, so that runs can be repeated.
 * I3  What is counted here is counted on the cache's thread.
 */
#include "runtime/engine/warm.h"

#include <stdlib.h>
#include <string.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/install.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/review.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/units.h"
#include "runtime/engine/warm_entry.h"
#include "runtime/engine/warm_thread.h"
#include "runtime/store/store.h"
#include "src/base/log.h"
#include "src/host/host.h"

enum {
    WAIT_MS = 1000,     /* I2: for a job of a guest thread */
    FINISH_MS = 50,     /* for what is not stored yet */
    MAX_CANDIDATES = 4, /* entries that are tried for one block */
};

/* What is known of a block for which the cache is asked. */
struct ask {
    struct store_job job;
    struct warm *w;
    struct hash128 file;
    gaddr_t pc;
    uint32_t mode;
};

/* ---- what entries depend on besides the guest's code and the build ---- */

static void add(struct hash128 *h, const void *data, size_t size) { *h = hash128_of(*h, data, size); }

static void add_text(struct hash128 *h, const char *text)
{
    text = text ? text : "";
    add(h, text, strlen(text));
}

static struct hash128 key_of(void *arg)
{
    const struct engine *e = ((struct warm *)arg)->on.e;
    const struct options *o = e->options;
    const int64_t numbers[] = {o->llvm_level,    o->unroll,       o->host_fma,      o->inline_calls,
                               o->region_blocks, o->region_insns, o->block_insns,   e->tier == TIER_2,
                               e->fp_fast,       o->exit_maps,    o->block_branches};
    uint32_t cpu[HOST_CPU_WORDS];
    struct hash128 h = {{0, 0}};
    host_cpu_words(cpu);
    add(&h, cpu, sizeof cpu);
    add(&h, numbers, sizeof numbers);
    add_text(&h, o->llvm_passes);
    add_text(&h, e->guest->name);
    add_text(&h, e->config->model);
    add(&h, &e->config->features, sizeof e->config->features);
    return h;
}

struct warm *warm_create(struct engine *e, const char *root)
{
    struct warm *w = calloc(1, sizeof *w);
    const struct options *o = e->options;
    const struct store_setup setup = {
        .root = root,
        .limit = o->cache_limit > 0 ? (uint64_t)o->cache_limit : 0,
        /* What these write is written where a region is installed, on the cache's thread, too. */
        .shares = log_mask || o->timeline || o->perf_map || o->jitdump,
        .key = key_of,
        .arg = w,
    };
    if (!w || !(w->on.store = store_create(&setup))) {
        free(w);
        return NULL;
    }
    w->on.e = e;
    w->waits = e->tier == TIER_2 || o->opt_threads == 0;
    arena_init(&w->on.arena);
    e->units = units_create(&w->on, !w->waits);
    return w;
}

void warm_destroy(struct warm *w)
{
    if (!w)
        return;
    units_destroy(w->on.e->units);
    store_destroy(w->on.store);
    arena_fini(&w->on.arena);
    free(w);
}

/* ---- asking ---- */

void warm_prepare(struct engine *e, struct tb *tb)
{
    struct hash128 file;
    if (e->warm && warm_file_at(e, tb->pc, &file))
        warm_prepare_of(e, tb, file);
}

void warm_prepare_of(struct engine *e, struct tb *tb, struct hash128 file)
{
    enum store_answer answer = store_look(e->warm->on.store, file, tb->pc, tb->mode);
    if (answer != STORE_ABSENT)
        tb_arm_to_ask(tb, tb->heat.armed, answer == STORE_PRESENT ? TB_ASK_KNOWN : TB_ASK);
}

/* Reads and installs an entry, on the cache's thread. */
static enum status install(struct warm *w, const uint8_t *data, size_t size)
{
    struct engine *e = w->on.e;
    struct region_plan plan;
    struct lopt_result result;
    arena_reset(&w->on.arena);
    enum status s = warm_entry_read(data, size, &w->on.arena, &plan, &result);
    if (s == STATUS_OK && !warm_entry_fits(e, &plan))
        s = STATUS_STALE;
    if (s == STATUS_OK) {
        struct tb *region;
        s = region_install(e, &plan, &result, &w->on.chunk, &w->on.section, &region);
        if (s == STATUS_OK) {
            w->on.stats.regions++;
            w->on.stats.region_blocks += plan.region.count;
            w->on.stats.region_guest_insns += plan.guest_insns;
            w->on.stats.region_host_bytes += region->code.size;
            EVENT(e, region, region, &plan.region);
            w->on.stats.regions_taken_out += review_fails(e, region);
        }
        section_leave(&w->on.section);
    }
    lopt_result_fini(&result);
    return s;
}

/* May a region that was made so be installed now? I1 */
static bool suits(struct engine *e, uint32_t flags)
{
    bool ordered = __atomic_load_n(&e->ordered, __ATOMIC_ACQUIRE),
         precise = __atomic_load_n(&e->precise, __ATOMIC_ACQUIRE);
    return !(flags & WARM_ORDERED) == !ordered && (flags & WARM_PRECISE || !precise);
}

/* Does the block still wait for a region? */
static bool is_wanted(struct warm *w, const struct ask *a)
{
    section_enter(w->on.e, &w->on.section);
    const struct tb *tb = tb_find(w->on.e, a->pc, a->mode);
    bool wanted = tb && !__atomic_load_n(&tb->region, __ATOMIC_ACQUIRE) && !tb->volatile_code && !tb->changes_itself;
    section_leave(&w->on.section);
    return wanted;
}

/* The region was taken out by an earlier run: the block stays in tier 1. */
static void refuse(struct warm *w, const struct ask *a)
{
    section_enter(w->on.e, &w->on.section);
    struct tb *tb = tb_find(w->on.e, a->pc, a->mode);
    if (tb)
        tb_stop_counting(w->on.e, tb);
    section_leave(&w->on.section);
    if (log_on(LOG_CACHE))
        log_printf("cache: %#llx: %s\n", (unsigned long long)a->pc, status_text(STATUS_NO_GAIN));
}

static void try_entries(struct warm *w, const struct ask *a)
{
    uint32_t at = STORE_NEWEST;
    struct store_record r;
    enum status s = STATUS_NOT_FOUND;
    for (unsigned n = 0;
         n < MAX_CANDIDATES && s != STATUS_OK && store_find(w->on.store, a->file, a->pc, a->mode, &at, &r); n++) {
        if (!suits(w->on.e, r.flags))
            continue;
        if (r.flags & WARM_REFUSED) {
            refuse(w, a);
            return;
        }
        uint8_t *data = store_get(w->on.store, a->file, at, &r);
        s = data ? install(w, data, r.size) : STATUS_BAD_FORMAT;
        free(data);
        w->on.stats.cache_read += r.size;
        w->on.stats.cache_hits += s == STATUS_OK;
        w->on.stats.cache_rejected += s != STATUS_OK;
        if (log_on(LOG_CACHE))
            log_printf("cache: %#llx: %s\n", (unsigned long long)a->pc, s == STATUS_OK ? "installed" : status_text(s));
    }
    w->on.stats.cache_misses += s == STATUS_NOT_FOUND;
}

static bool run_ask(struct store_job *job)
{
    const struct ask *a = (struct ask *)job;
    warm_thread_begin(&a->w->on);
    if (is_wanted(a->w, a))
        try_entries(a->w, a);
    return true;
}

static void drop_ask(struct store_job *job) { free(job); }

static void post_ask(struct warm *w, struct hash128 file, const struct tb *tb)
{
    struct ask *a = malloc(sizeof *a);
    if (!a)
        return;
    *a = (struct ask){.job = {.run = run_ask, .drop = drop_ask}, .w = w, .file = file, .pc = tb->pc, .mode = tb->mode};
    store_post(store_queue(w->on.store), &a->job);
}

enum warm_next warm_ask(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    struct warm *w = e->warm;
    struct hash128 file;
    if (!w || !__atomic_exchange_n(&tb->heat.asks, false, __ATOMIC_RELAXED))
        return WARM_GO_ON;
    int32_t rest = __atomic_load_n(&tb->heat.rest, __ATOMIC_RELAXED);
    enum warm_next next = rest > 0 ? WARM_COUNT : WARM_GO_ON;
    if (next == WARM_COUNT)
        tb_arm(tb, rest);
    if (tb->region || !warm_file_at(e, tb->pc, &file))
        return next;
    if (store_look(w->on.store, file, tb->pc, tb->mode) == STORE_ABSENT) {
        t->stats.cache_misses++;
        return next;
    }
    post_ask(w, file, tb);
    if (!w->waits)
        return next;
    section_leave(&t->section);
    store_drain(store_queue(w->on.store), WAIT_MS);
    section_enter(e, &t->section);
    return WARM_LEFT;
}

/* ---- the rest ---- */

void warm_finish(struct warm *w)
{
    if (!w)
        return;
    units_save(w->on.e);
    store_drain(store_queue(w->on.store), FINISH_MS);
}

void warm_stats(const struct warm *w, struct stats *sum)
{
    if (!w)
        return;
    stats_add(sum, &w->on.stats);
    account_add(&w->on.account, sum->times);
}

void warm_end_thread(struct warm *w)
{
    if (!w)
        return;
    store_end_thread(w->on.store);
    warm_thread_end(&w->on);
}

void warm_fork_prepare(struct warm *w)
{
    if (w)
        store_fork_prepare(w->on.store);
}

void warm_fork_parent(struct warm *w)
{
    if (w)
        store_fork_parent(w->on.store);
}

void warm_fork_child(struct warm *w)
{
    if (!w)
        return;
    store_fork_child(w->on.store);
    warm_thread_fork_child(&w->on);
    units_fork_child(w->on.e);
}
