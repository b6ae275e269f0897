/* SPDX-License-Identifier: Apache-2.0 */
/* Trials. See trial.h.
 *
 * I1  While a trial runs no window is open (sample.c): both count the executions of blocks.
 * I2  With and without alternate as A B B A, so that a program that gets steadily faster or slower says nothing.
 * I3  Each block of the meter has the same weight, however often it is executed. What happens in a phase of the program
 *     weighs no more than that.
 * I4  A suspended region stays its blocks' region: they are not hot in tier 1.
 */
#include "runtime/engine/trial.h"

#include <string.h>

#include "runtime/engine/ibtc.h"

enum { PAIRS = TRIAL_WINDOWS / 2, LEAST_COUNT = 50 /* of a block */, LOOK = 8 /* windows */ };
#define LEAST_LOSS 0.01 /* that makes regions slower */
#define PLAIN_GAIN 0.05 /* that needs no more windows */
#define SIGMAS     1.8  /* standard errors that a difference must have */

static bool is_without(unsigned window) { return (window + 1) & 2; }

/* ---- judging ---- */

/* What each block of the meter weighs: one part of all that it was executed; 0: that was too little. True: any. */
static bool weigh(const struct trial_counts *s, double *weight)
{
    bool any = false;
    for (unsigned b = 0; b < s->blocks; b++) {
        uint64_t all = 0;
        for (unsigned w = 0; w < s->windows; w++)
            all += s->count[b][w];
        weight[b] = all < LEAST_COUNT ? 0 : 1 / (double)all;
        any |= all >= LEAST_COUNT;
    }
    return any;
}

/* Of a window: what the meter's blocks did in it of all they did, for each unit of time. */
static double progress(const struct trial_counts *s, unsigned window, const double *weight)
{
    double sum = 0;
    for (unsigned b = 0; b < s->blocks; b++)
        sum += (double)s->count[b][window] * weight[b];
    return s->time[window] ? sum / (double)s->time[window] : 0;
}

struct trial_outcome trial_judge(const struct trial_counts *seen)
{
    struct trial_outcome o = {TRIAL_OPEN, 0};
    double gain[PAIRS], weight[TRIAL_METER], variance = 0;
    unsigned pairs = seen->windows / 2;
    if (!weigh(seen, weight))
        return (struct trial_outcome){TRIAL_UNKNOWN, 0};
    for (unsigned i = 0; i < pairs; i++) {
        unsigned first = 2 * i;
        double a = progress(seen, first, weight), b = progress(seen, first + 1, weight);
        double with = is_without(first) ? b : a, without = is_without(first) ? a : b;
        if (with + without == 0)
            return (struct trial_outcome){TRIAL_UNKNOWN, 0};
        gain[i] = 2 * (with - without) / (with + without);
        o.gain += gain[i] / pairs;
    }
    for (unsigned i = 0; i < pairs; i++)
        variance += (gain[i] - o.gain) * (gain[i] - o.gain) / (pairs - 1);
    bool chance = o.gain * o.gain * pairs < SIGMAS * SIGMAS * variance;
    o.verdict = chance ? TRIAL_OPEN : o.gain > 0 ? TRIAL_FASTER : o.gain < -LEAST_LOSS ? TRIAL_SLOWER : TRIAL_OPEN;
    return o;
}

/* ---- running ---- */

static struct tb *block_locked(struct engine *e, const struct trial_item *item)
{
    struct tb *tb = tb_find(e, item->pc, item->mode);
    return tb && tb->serial == item->serial ? tb : NULL;
}

struct trial_item trial_item_of(const struct tb *tb)
{
    return (struct trial_item){.pc = tb->pc, .mode = tb->mode, .serial = tb->serial};
}

struct tb *trial_find_region(struct engine *e, const struct trial_item *item)
{
    const struct tb *head = tb_find(e, item->pc, item->mode);
    struct tb *region = head ? tb_region(head) : NULL;
    return region && region->serial == item->serial ? region : NULL;
}

static void correct(struct engine_thread *thread, const struct tb *tb)
{
    if (thread && tb)
        ibtc_correct(thread, tb);
}

/* Other threads' IBTCs lead where it was before. */
static void forget_hints(struct engine *e) { __atomic_add_fetch(&e->flush_seq, 1, __ATOMIC_SEQ_CST); }

static void suspend_locked(struct trial *t, struct engine *e, struct engine_thread *thread, bool on)
{
    for (unsigned i = 0; i < t->regions; i++) {
        struct tb *region = trial_find_region(e, &t->region[i]);
        if (!region)
            continue;
        tb_suspend_region_locked(region, on);
        correct(thread, region->part.head);
        for (uint32_t k = 0; k < region->part.entry_count; k++)
            correct(thread, region->part.entries[k].tb);
    }
    if (__atomic_load_n(&e->running, __ATOMIC_RELAXED) > 1)
        forget_hints(e);
}

static void count_locked(struct trial *t, struct engine *e, struct engine_thread *thread, bool on)
{
    for (unsigned i = 0; i < t->seen.blocks; i++) {
        struct tb *tb = block_locked(e, &t->meter[i]);
        if (!tb)
            continue;
        if (on)
            tb_arm(tb, TB_NO_END);
        __atomic_store_n(&tb->heat.counted, false, __ATOMIC_RELAXED); /* what it counted is not of a window */
        tb_count_locked(tb, on);
        correct(thread, tb);
        t->last[i] = tb_executions(tb);
    }
}

void trial_begin(struct trial *t, struct engine_thread *thread)
{
    struct engine *e = thread->engine;
    memset(t->seen.count, 0, sizeof t->seen.count);
    t->seen.windows = 0;
    pthread_mutex_lock(&e->tbs->lock);
    count_locked(t, e, thread, true);
    pthread_mutex_unlock(&e->tbs->lock);
    __atomic_store_n(&t->running, true, __ATOMIC_RELAXED);
}

static void read_meter_locked(struct trial *t, struct engine *e)
{
    for (unsigned i = 0; i < t->seen.blocks; i++) {
        const struct tb *tb = block_locked(e, &t->meter[i]);
        uint64_t now = tb ? tb_executions(tb) : t->last[i];
        t->seen.count[i][t->seen.windows] = (uint32_t)(now - t->last[i]);
        t->last[i] = now;
    }
}

static void finish_locked(struct trial *t, struct engine *e, struct engine_thread *thread)
{
    suspend_locked(t, e, thread, false);
    count_locked(t, e, thread, false);
    forget_hints(e);
    __atomic_store_n(&t->running, false, __ATOMIC_RELAXED);
}

/* Regions that are worth it are not suspended for longer than it takes to see that. */
static bool is_over(const struct trial_counts *seen)
{
    if (seen->windows == TRIAL_WINDOWS)
        return true;
    if (seen->windows % LOOK)
        return false;
    struct trial_outcome o = trial_judge(seen);
    return o.verdict == TRIAL_UNKNOWN || (o.verdict == TRIAL_FASTER && o.gain > PLAIN_GAIN);
}

bool trial_advance(struct trial *t, struct engine_thread *thread, uint64_t time)
{
    struct engine *e = thread->engine;
    pthread_mutex_lock(&e->tbs->lock);
    read_meter_locked(t, e);
    t->seen.time[t->seen.windows] = time;
    bool was = is_without(t->seen.windows++), last = is_over(&t->seen);
    if (last)
        finish_locked(t, e, thread);
    else if (is_without(t->seen.windows) != was)
        suspend_locked(t, e, thread, !was);
    pthread_mutex_unlock(&e->tbs->lock);
    return last;
}

void trial_cancel(struct trial *t, struct engine *e)
{
    if (!t->running)
        return;
    pthread_mutex_lock(&e->tbs->lock);
    finish_locked(t, e, NULL);
    pthread_mutex_unlock(&e->tbs->lock);
}
