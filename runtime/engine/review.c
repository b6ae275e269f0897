/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews of installed regions. See review.h.
 *
 * I1  A region is reviewed once: what passed, alone or with others, stays.
 * I2  Regions are named by address and serial between samples: they may be retired meanwhile.
 */
#include "runtime/engine/review.h"

#include <stdlib.h>

#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/warm_save.h"
#include "src/base/log.h"

enum {
    FIRST = 24000000,  /* ns around new regions before they are tried */
    MOST = 3200000000, /* the same after trials that said nothing, at most */
    WINDOW = 1500000,  /* ns of the guest's time, at least */
    ONE_BY_ONE = 6,    /* regions at most that are tried by themselves */
    LEAST_METER = 2,   /* blocks */
    MAX_REGIONS = 1024,
};

#define MOST_DOUBT 0.1

/* ---- what is tried, and by what ---- */

static void remember(struct review *r, const struct tb *tb)
{
    for (unsigned i = 0; i < REVIEW_RECENT && i < r->recent_count; i++)
        if (r->recent[i].serial == tb->serial)
            return;
    r->recent[r->recent_count++ % REVIEW_RECENT] = trial_item_of(tb);
}

/* All that are installed. */
struct regions {
    const struct tb *list[MAX_REGIONS];
    unsigned count;
};

static void add_region(struct tb *tb, void *arg)
{
    struct regions *all = arg;
    const struct tb *region = tb_region(tb);
    if (region && region->part.head == tb && all->count < MAX_REGIONS)
        all->list[all->count++] = region;
}

/* Is code of tb in the region? Then it is executed in tier 1 more often without it. */
static bool has_code_of(const struct tb *region, const struct tb *tb)
{
    for (unsigned i = 0; i < region->part.blocks; i++) {
        const struct tb_member *m = &region->part.members[i];
        if (tb->pc < m->pc + m->guest_bytes && m->pc < tb->pc + tb->guest_bytes)
            return true;
    }
    return false;
}

static void add_to_meter(struct trial *t, const struct regions *all, const struct tb *tb)
{
    if (!tb || t->seen.blocks == TRIAL_METER || tb->region || !tb->code.counter_off || tb->heat.counting)
        return;
    for (unsigned i = 0; i < all->count; i++)
        if (has_code_of(all->list[i], tb))
            return;
    for (unsigned i = 0; i < t->seen.blocks; i++)
        if (t->meter[i].serial == tb->serial)
            return;
    t->meter[t->seen.blocks++] = trial_item_of(tb);
}

/* The blocks where the guest was last, and those behind them. */
static void fill_meter(struct review *r, struct engine *e, const struct regions *all)
{
    struct trial *t = &r->trial;
    t->seen.blocks = 0;
    pthread_mutex_lock(&e->tbs->lock);
    for (unsigned i = 0; i < REVIEW_RECENT && i < r->recent_count; i++) {
        const struct tb *tb = tb_find(e, r->recent[i].pc, r->recent[i].mode);
        if (tb && tb->serial == r->recent[i].serial)
            add_to_meter(t, all, tb);
    }
    for (unsigned i = 0, n = t->seen.blocks; i < n; i++) {
        const struct tb *tb = tb_find(e, t->meter[i].pc, t->meter[i].mode);
        for (uint32_t x = 0; x < tb->code.exit_count; x++)
            add_to_meter(t, all, tb->code.exits[x].target);
    }
    pthread_mutex_unlock(&e->tbs->lock);
}

static void wait_longer(struct review *r, unsigned times)
{
    r->heat = 0;
    uint64_t due = (r->due ? r->due : FIRST) * times;
    r->due = due < MOST ? due : MOST;
}

static void begin(struct review *r, struct engine_thread *t)
{
    r->suspects = r->at = 0;
    r->elapsed = 0;
    struct regions all = {.count = 0};
    struct trial *trial = &r->trial;
    trial->regions = 0;
    tb_visit_all(t->engine, add_region, &all);
    for (unsigned i = 0; i < all.count && trial->regions < TRIAL_REGIONS; i++)
        if (!all.list[i]->part.reviewed)
            trial->region[trial->regions++] = trial_item_of(all.list[i]);
    fill_meter(r, t->engine, &all);
    if (!trial->regions || trial->seen.blocks < LEAST_METER || all.count == MAX_REGIONS) {
        wait_longer(r, 4);
        return;
    }
    t->stats.region_trials++;
    trial_begin(trial, t);
}

/* ---- what comes of it ---- */

static void keep(struct engine *e, const struct trial_item *item)
{
    struct tb *region = trial_find_region(e, item);
    if (region)
        region->part.reviewed = true;
}

/* tbs.lock held. */
static void take_out_locked(struct engine *e, struct tb *region)
{
    struct tb *head = region->part.head;
    __atomic_store_n(&head->heat.stopped, true, __ATOMIC_RELAXED);
    head->heat.given_up = STATUS_NO_GAIN;
    if (region->part.stored)
        warm_refuse(e, region);
    tb_retire_locked(e, region);
    if (log_on(LOG_TIER))
        log_printf("tier: %#llx: %s\n", (unsigned long long)region->pc, status_text(STATUS_NO_GAIN));
}

static bool take_out(struct engine *e, const struct trial_item *item)
{
    pthread_mutex_lock(&e->tbs->lock);
    struct tb *region = trial_find_region(e, item);
    if (region)
        take_out_locked(e, region);
    pthread_mutex_unlock(&e->tbs->lock);
    return region;
}

bool review_fails(struct engine *e, struct tb *region)
{
    const uint64_t n = (uint64_t)e->options->take_out_one_in, spread = 0x9e3779b97f4a7c15;
    struct trial_item item = trial_item_of(region);
    if (!n || (region->pc * spread >> 32) % n != 0 || !take_out(e, &item))
        return false;
    engine_kick_all(e);
    return true;
}

/* Where the most time is, first. */
static int hotter(const void *a, const void *b)
{
    uint64_t x = (*(const struct tb *const *)a)->heat.time, y = (*(const struct tb *const *)b)->heat.time;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* They are slower together. Those with little time go at once. */
static void suspect_all(struct review *r, struct engine_thread *t)
{
    struct tb *list[TRIAL_REGIONS];
    unsigned n = 0;
    for (unsigned i = 0; i < r->trial.regions; i++) {
        list[n] = trial_find_region(t->engine, &r->trial.region[i]);
        n += list[n] != NULL;
    }
    qsort(list, n, sizeof *list, hotter);
    r->suspects = n > ONE_BY_ONE ? ONE_BY_ONE : n > 1 ? n : 0;
    for (unsigned i = 0; i < n; i++)
        r->suspect[i] = trial_item_of(list[i]);
    for (unsigned i = r->suspects; i < n; i++)
        t->stats.regions_taken_out += take_out(t->engine, &r->suspect[i]);
    engine_kick_all(t->engine); /* IBTCs lead into them still */
}

static void next_suspect(struct review *r, struct engine_thread *t)
{
    while (r->at < r->suspects && !trial_find_region(t->engine, &r->suspect[r->at]))
        r->at++;
    if (r->at == r->suspects) {
        r->heat = r->suspects = 0;
        r->due = FIRST;
        return;
    }
    r->trial.regions = 1;
    r->trial.region[0] = r->suspect[r->at];
    t->stats.region_trials++;
    trial_begin(&r->trial, t);
}

static void log_outcome(const struct review *r, struct trial_outcome o)
{
    static const char *const text[] = {"nothing to tell it by", "no difference", "faster", "slower"};
    if (log_on(LOG_TIER))
        log_printf("tier: trial of %u regions (%#llx), %u blocks: %+.1f %%: %s\n", r->trial.regions,
                   (unsigned long long)r->trial.region[0].pc, r->trial.seen.blocks, o.gain * 100, text[o.verdict]);
}

static void judge_one(struct review *r, struct engine_thread *t, struct trial_outcome o)
{
    if (o.gain < 0) {
        t->stats.regions_taken_out += take_out(t->engine, &r->suspect[r->at]);
        engine_kick_all(t->engine);
    } else {
        keep(t->engine, &r->suspect[r->at]);
    }
    r->at++;
    next_suspect(r, t);
}

/* That may also be seen of several trials none of which says so. */
static bool is_slower(struct review *r, struct trial_outcome o)
{
    r->doubt = o.verdict == TRIAL_OPEN && r->doubt + o.gain < 0 ? r->doubt + o.gain : 0;
    bool slower = o.verdict == TRIAL_SLOWER || r->doubt < -MOST_DOUBT;
    r->doubt = slower ? 0 : r->doubt;
    return slower;
}

static void judge(struct review *r, struct engine_thread *t)
{
    struct trial_outcome o = trial_judge(&r->trial.seen);
    log_outcome(r, o);
    if (r->suspects) {
        judge_one(r, t, o);
    } else if (is_slower(r, o)) {
        suspect_all(r, t);
        next_suspect(r, t);
    } else if (o.verdict == TRIAL_FASTER) {
        for (unsigned i = 0; i < r->trial.regions; i++)
            keep(t->engine, &r->trial.region[i]);
        r->heat = 0;
        r->due = FIRST;
    } else {
        wait_longer(r, o.verdict == TRIAL_UNKNOWN ? 4 : 2);
    }
}

void review_sample(struct review *r, struct engine_thread *t, struct tb *region, const struct tb *tb, uint64_t time,
                   bool may_begin)
{
    r->elapsed += time;
    if (tb && !tb_region(tb))
        remember(r, tb);
    if (region)
        region->heat.time += time;
    if (r->trial.running) {
        if (r->elapsed < WINDOW)
            return;
        bool over = trial_advance(&r->trial, t, r->elapsed);
        r->elapsed = 0;
        if (over)
            judge(r, t);
        return;
    }
    r->heat += region && !region->part.reviewed ? time : 0;
    if (may_begin && r->heat >= (r->due ? r->due : FIRST))
        begin(r, t);
}
