/* SPDX-License-Identifier: Apache-2.0 */
/* Which code is hot.
 *
 * A ticker asks each thread that runs generated code every HEAT_TICK, later less often, to leave at its next poll, a
 * backward or an indirect jump: the CPU time since its last sample is that of the block there. When a block has enough
 * of it, a window opens: the blocks around it count their executions for a while, so that a region can be chosen
 * (region.c). It is compiled when what it is expected to save has paid for what compiling it is expected to cost, by
 * the time sampled in all of its blocks, as in ski rental: never much more than twice the best in hindsight (heat.c).
 *
 * Why not count all the time: counting is a fifth of tier 1's time in interpreters and compilers, wherever the counters
 * lie, by the branch alone (tcg/x86_64/head.c). Why not a timer's signals: they disturb the guest's system calls.
 *
 * I1  A run without the ticker has its blocks count from their translation on; the first that runs out starts it. A
 *     short run starts no thread. With --hot-threshold (not e->sampling) there is no ticker, and blocks always count.
 * I2  At most one window is open. Its list names blocks by address and serial: they may be retired meanwhile.
 * I3  sampler.lock is taken before tbs.lock.
 * I4  Of blocks that are reached by indirect jumps, only the executions by the threads that open and prolong the window
 *     are counted: the IBTCs of others lead past the counters.
 */
#define _GNU_SOURCE
#include "runtime/engine/sample.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/engine/account.h"
#include "runtime/engine/edges.h"
#include "runtime/engine/heat.h"
#include "runtime/engine/ibtc.h"
#include "runtime/engine/profile.h"
#include "runtime/engine/region.h"
#include "runtime/engine/review.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/tiers.h"
#include "src/base/background.h"

enum {
    MAX_TICK = 16 * HEAT_TICK, /* while nothing runs */
    END_CHECK_NS = 1000000,    /* from one look to the next whether the ticker has ended */
    SLOW_AFTER = 500000000,    /* ns of CPU time after which a tick is twice as long; */
    SLOW_STEPS = 2,            /* and after twice that once more */
    MAX_SAMPLE = 4,            /* ticks; what is more was not all spent there */
    WINDOW_BLOCKS = 256,       /* that count at once */
    WINDOW_COUNT = 512,        /* executions of its block in a round */
    MEMBER_COUNT = 1 << 16,    /* executions at which another one counts no more */
    WINDOW_ROUNDS = 2,         /* the second has the targets that the first one saw */
    WELL_COUNTED = 32,         /* executions in a window that say how hot the blocks around it are, seen from there */
    RARE = 4,                  /* executions in a window of a block that is not where the time is spent */
    RARE_PATIENCE = 4,         /* looks that the block then waits */
    WINDOW_NS = HEAT_TICK / 2, /* after which it is closed anyway */
    TICKER_STACK = 64 << 10,
};

struct window {
    struct tb_identity head;
    struct tb_identity list[WINDOW_BLOCKS];
    uint8_t watched[WINDOW_BLOCKS]; /* exits of each that are counted */
    bool watches;                   /* exits are counted */
    unsigned count, rounds;
    uint64_t opened; /* atomic: CLOCK_PROCESS_CPUTIME_ID */
    uint64_t serial; /* atomic: the head's */
    bool open;       /* atomic */
};

struct sampler {
    pthread_mutex_t lock;
    uint64_t tick;          /* atomic: ns from one to the next */
    struct account account; /* the ticker's */
    struct window window;
    struct edges edges;
    struct review review;
    bool ending; /* atomic: the ticker is to end */
};

enum status sample_init(struct engine *e)
{
    e->sampler = calloc(1, sizeof *e->sampler);
    if (!e->sampler)
        return STATUS_NO_MEMORY;
    pthread_mutex_init(&e->sampler->lock, NULL);
    e->sampler->tick = HEAT_TICK;
    return STATUS_OK;
}

void sample_fini(struct engine *e)
{
    free(e->sampler);
    e->sampler = NULL;
}

/* ---- the ticker ---- */

static void visit_tick(struct engine_thread *t, void *arg)
{
    if (!__atomic_load_n(&t->section, __ATOMIC_RELAXED))
        return;
    __atomic_store_n(&t->sample_due, true, __ATOMIC_RELAXED);
    engine_kick(t);
    (*(uint32_t *)arg)++;
}

static void tick(struct engine *e)
{
    uint32_t running = 0;
    e->os->foreach_thread(e->process, visit_tick, &running);
    __atomic_store_n(&e->running, running, __ATOMIC_RELAXED);
}

/* A tick costs the ticker and the guest some 40 us each. The longer the guest has run, the longer it may take to see
 * that something is hot; but a window is to be closed in time. now: CPU time of the process. */
static uint64_t tick_at(const struct engine *e, uint64_t now)
{
    unsigned steps = 0;
    if (__atomic_load_n(&e->sampler->window.open, __ATOMIC_RELAXED) ||
        __atomic_load_n(&e->sampler->review.trial.running, __ATOMIC_RELAXED))
        return WINDOW_NS;
    while (steps < SLOW_STEPS && now >> steps >= SLOW_AFTER)
        steps++;
    return (uint64_t)HEAT_TICK << steps;
}

static void *ticker_main(void *arg)
{
    struct engine *e = arg;
    uint64_t wait = HEAT_TICK, last = 0;
    pthread_setname_np(pthread_self(), "tandem-tick");
    if (e->options->stats)
        account_begin(&e->sampler->account, TIME_TICKER, false);
    while (!__atomic_load_n(&e->sampler->ending, __ATOMIC_ACQUIRE)) { /* partner: sample_end_thread */
        struct timespec ts = {.tv_nsec = (long)wait};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
        uint64_t now = stats_clock(CLOCK_PROCESS_CPUTIME_ID);
        bool runs = now - last > wait / 8;
        last = now;
        wait = runs ? tick_at(e, now) : wait < MAX_TICK ? wait * 2 : MAX_TICK;
        if (!runs)
            continue;
        __atomic_store_n(&e->sampler->tick, wait, __ATOMIC_RELAXED);
        tick(e);
    }
    account_end(&e->sampler->account);
    __atomic_store_n(&e->ticking, false, __ATOMIC_RELEASE); /* partner: sample_end_thread */
    return NULL;
}

static void start_ticker(struct engine *e)
{
    pthread_t thread;
    if (!__atomic_exchange_n(&e->ticking, true, __ATOMIC_ACQ_REL) &&
        background_start(&thread, ticker_main, e, TICKER_STACK)) {
        pthread_detach(thread);
        tb_stop_counting_all(e);
        __atomic_add_fetch(&e->flush_seq, 1, __ATOMIC_SEQ_CST); /* IBTCs lead to the counters still */
    }
}

bool sample_end_thread(struct engine *e)
{
    struct sampler *s = e->sampler;
    if (!__atomic_load_n(&e->ticking, __ATOMIC_RELAXED))
        return false;
    __atomic_store_n(&s->ending, true, __ATOMIC_RELEASE);
    while (__atomic_load_n(&e->ticking, __ATOMIC_ACQUIRE))
        clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = END_CHECK_NS}, NULL);
    __atomic_store_n(&s->ending, false, __ATOMIC_RELAXED);
    pthread_mutex_lock(&e->stats_lock);
    sample_stats(e, &e->total);
    pthread_mutex_unlock(&e->stats_lock);
    memset(&s->account, 0, sizeof s->account);
    return true;
}

void sample_begin_thread(struct engine *e) { start_ticker(e); }

/* ---- windows ---- */

static struct tb *find_same(struct engine *e, const struct tb_identity *id)
{
    struct tb *tb = tb_find(e, id->pc, id->mode);
    return tb && tb->serial == id->serial ? tb : NULL;
}

static struct tb_identity identity_of(const struct tb *tb)
{
    return (struct tb_identity){.pc = tb->pc, .mode = tb->mode, .serial = tb->serial};
}

static bool in_window(const struct window *w, const struct tb *tb)
{
    for (unsigned i = 0; i < w->count; i++)
        if (w->list[i].serial == tb->serial)
            return true;
    return false;
}

/* Blocks that have a region are not executed: what they counted before it was made stands. */
static void add_locked(struct engine_thread *t, struct window *w, struct tb *tb)
{
    if (!tb || w->count == WINDOW_BLOCKS || !tb->code.counter_off ||
        __atomic_load_n(&tb->heat.stopped, __ATOMIC_RELAXED) || in_window(w, tb))
        return;
    w->watched[w->count] = 0;
    w->list[w->count++] = identity_of(tb);
    if (tb->region)
        return;
    __atomic_store_n(&tb->heat.executed, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.armed, MEMBER_COUNT, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.counter, MEMBER_COUNT, __ATOMIC_RELAXED);
    profile_restart(tb);
    __atomic_store_n(&tb->heat.counted, true, __ATOMIC_RELAXED);
    tb_count_locked(tb, true);
    ibtc_correct(t, tb);
}

static void add_successors_locked(struct engine_thread *t, struct window *w, const struct tb *tb)
{
    struct engine *e = t->engine;
    gaddr_t pc[PROFILE_TARGETS];
    unsigned n = profile_targets(tb, pc, NULL, PROFILE_TARGETS);
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        const struct tcg_exit *x = &tb->code.exits[i];
        if (x->target)
            add_locked(t, w, x->target);
        else if (x->pc && x->kind != IR_EXIT_TRAP)
            add_locked(t, w, tb_find(e, x->pc, x->mode));
    }
    for (unsigned i = 0; i < n; i++)
        add_locked(t, w, tb_find(e, pc[i], tb->mode));
}

/* Has the exits of the window's blocks counted. Behind whatever makes blocks count: that redirects exits. */
static void watch_exits_locked(struct engine *e, struct window *w)
{
    for (unsigned i = 0; w->watches && i < w->count; i++) {
        struct tb *tb = find_same(e, &w->list[i]);
        if (tb && !tb->region)
            w->watched[i] = (uint8_t)edges_watch_locked(e, &e->sampler->edges, tb);
    }
}

/* Has the blocks around the window's count that do not yet. */
static void spread(struct engine_thread *t, struct window *w)
{
    struct engine *e = t->engine;
    pthread_mutex_lock(&e->tbs->lock);
    for (unsigned i = 0; i < w->count; i++) {
        struct tb *tb = find_same(e, &w->list[i]);
        if (tb)
            add_successors_locked(t, w, tb);
    }
    struct tb *head = find_same(e, &w->head);
    if (head && !head->heat.profile)
        tb_arm(head, WINDOW_COUNT);
    watch_exits_locked(e, w);
    pthread_mutex_unlock(&e->tbs->lock);
}

static void open_window(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    struct window *w = &e->sampler->window;
    pthread_mutex_lock(&e->sampler->lock);
    if (!w->open && !e->sampler->review.trial.running) {
        w->head = identity_of(tb);
        w->count = w->rounds = 0;
        w->watches = edges_begin(e, &e->sampler->edges);
        __atomic_store_n(&w->serial, tb->serial, __ATOMIC_RELAXED);
        __atomic_store_n(&w->opened, stats_clock(CLOCK_PROCESS_CPUTIME_ID), __ATOMIC_RELAXED);
        pthread_mutex_lock(&e->tbs->lock);
        add_locked(t, w, tb);
        pthread_mutex_unlock(&e->tbs->lock);
        spread(t, w);
        __atomic_store_n(&w->open, true, __ATOMIC_RELEASE);
        t->stats.heat_windows++;
    }
    pthread_mutex_unlock(&e->sampler->lock);
}

/* Its head; NULL if it is hardly executed: the time is spent in a loop that it leads to. sampler.lock held. */
static struct tb *close_window_locked(struct engine_thread *t, struct window *w)
{
    struct engine *e = t->engine;
    struct tb *head = find_same(e, &w->head);
    pthread_mutex_lock(&e->tbs->lock);
    for (unsigned i = 0; i < w->count; i++) { /* all exits first: a block that ends to count redirects those to it */
        struct tb *tb = find_same(e, &w->list[i]);
        if (tb)
            edges_settle_locked(e, tb, w->watched[i]);
    }
    edges_end(e, &e->sampler->edges);
    for (unsigned i = 0; i < w->count; i++) {
        struct tb *tb = find_same(e, &w->list[i]);
        if (tb && tb_executions(tb) < WELL_COUNTED && tb != head)
            __atomic_store_n(&tb->heat.counted, false, __ATOMIC_RELAXED);
        if (tb) {
            tb_count_locked(tb, false);
            ibtc_correct(t, tb);
        }
    }
    pthread_mutex_unlock(&e->tbs->lock);
    __atomic_store_n(&w->open, false, __ATOMIC_RELEASE);
    if (head && tb_executions(head) < RARE) {
        __atomic_store_n(&head->heat.counted, false, __ATOMIC_RELAXED);
        heat_wait(e, head, RARE_PATIENCE);
        head = NULL;
    }
    return head;
}

/* Another round, or the end of the window: then its head; else NULL. force: it was open for long enough. */
static struct tb *next_round(struct engine_thread *t, bool force)
{
    struct engine *e = t->engine;
    struct window *w = &e->sampler->window;
    struct tb *head = NULL;
    pthread_mutex_lock(&e->sampler->lock);
    if (w->open) {
        if (!force && ++w->rounds < WINDOW_ROUNDS) {
            spread(t, w);
        } else {
            head = close_window_locked(t, w);
        }
    }
    pthread_mutex_unlock(&e->sampler->lock);
    return head;
}

bool sample_counted_out(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    if (!e->sampling)
        return tiers_promote(t, tb);
    if (background_is_forbidden()) { /* another thread will start the ticker */
        tb_arm(tb, e->hot_count);
        return true;
    }
    struct window *w = &e->sampler->window;
    if (!__atomic_load_n(&w->open, __ATOMIC_ACQUIRE)) {
        start_ticker(e);
    } else if (__atomic_load_n(&w->serial, __ATOMIC_RELAXED) == tb->serial) {
        struct tb *head = next_round(t, false);
        return head ? tiers_promote(t, head) : true;
    }
    tb_arm(tb, TB_NO_END); /* the counter of another one: it is hot, and this is all that the count has to say */
    pthread_mutex_lock(&e->sampler->lock);
    bool counts_on = w->open && in_window(w, tb); /* to stop would have the exits that lead to it miscounted */
    pthread_mutex_lock(&e->tbs->lock);
    tb_count_locked(tb, counts_on);
    pthread_mutex_unlock(&e->tbs->lock);
    pthread_mutex_unlock(&e->sampler->lock);
    return true;
}

void sample_asked(struct engine *e, struct tb *tb)
{
    if (heat_counts(e))
        return;
    pthread_mutex_lock(&e->tbs->lock);
    tb_count_locked(tb, false);
    pthread_mutex_unlock(&e->tbs->lock);
}

/* ---- samples ---- */

/* tb has run for as long as it was to. */
static void look_at(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    if (__atomic_load_n(&tb->heat.stopped, __ATOMIC_RELAXED) || tb->volatile_code || tb->changes_itself ||
        !tb->code.counter_off || __atomic_load_n(&tb->heat.queued, __ATOMIC_RELAXED) ||
        __atomic_load_n(&tb->heat.rebuild_queued, __ATOMIC_RELAXED) ||
        __atomic_load_n(&e->sampler->window.open, __ATOMIC_ACQUIRE))
        return;
    if (!__atomic_load_n(&tb->heat.counted, __ATOMIC_RELAXED))
        open_window(t, tb);
    else
        tiers_promote(t, tb);
}

static bool is_overdue(const struct window *w)
{
    return __atomic_load_n(&w->open, __ATOMIC_ACQUIRE) &&
           stats_clock(CLOCK_PROCESS_CPUTIME_ID) - __atomic_load_n(&w->opened, __ATOMIC_RELAXED) > WINDOW_NS;
}

/* Where a block goes that has polled and left to pc: a conditional jump polls before it jumps, and leaves to itself. */
static gaddr_t where_to(const struct tb *from, gaddr_t pc)
{
    if (pc - from->pc >= from->guest_bytes)
        return pc;
    for (uint32_t i = 0; i < from->code.exit_count; i++)
        if (from->code.exits[i].poll)
            return from->code.exits[i].pc;
    return from->pc;
}

/* The tier-1 block that a sample is for; NULL: none. Where the code that polled goes is a better head of a region than
 * where it comes from, which may be the end of the loop or of a function; but if there is a region, the time was spent
 * before it. */
static struct tb *whose_time(struct tb *from, struct tb *to)
{
    if (!from || from->kind == TB_REGION)
        return NULL;
    return to && !tb_region(to) ? to : tb_region(from) ? NULL : from;
}

/* The thread had time in tb, in tier 1. */
static void add_time(struct engine_thread *t, struct tb *tb, uint64_t time)
{
    struct engine *e = t->engine;
    __atomic_add_fetch(&e->sampled, time, __ATOMIC_RELAXED);
    time = __atomic_add_fetch(&tb->heat.time, time, __ATOMIC_RELAXED);
    uint64_t due = __atomic_load_n(&tb->heat.due, __ATOMIC_RELAXED);
    if (time >= (due ? due : HEAT_LOOK) && heat_is_worth_llvm(e))
        look_at(t, tb);
}

static void review(struct engine_thread *t, struct tb *region, const struct tb *tb, uint64_t time)
{
    struct sampler *s = t->engine->sampler;
    if (pthread_mutex_trylock(&s->lock) != 0)
        return;
    review_sample(&s->review, t, region, tb, time, !s->window.open);
    pthread_mutex_unlock(&s->lock);
}

void sample_take(struct engine_thread *t)
{
    struct engine *e = t->engine;
    struct cpu *cpu = t->cpu;
    __atomic_store_n(&t->sample_due, false, __ATOMIC_RELAXED);
    uint64_t now = stats_clock(CLOCK_THREAD_CPUTIME_ID), time = now - t->sampled;
    t->sampled = now;
    t->stats.heat_samples++;
    struct tb *overdue = is_overdue(&e->sampler->window) ? next_round(t, true) : NULL;
    if (overdue) {
        tiers_promote(t, overdue);
        return;
    }
    uint64_t most = MAX_SAMPLE * __atomic_load_n(&e->sampler->tick, __ATOMIC_RELAXED);
    time = time < most ? time : most;
    struct tb *from = cpu->polled_from ? tb_find_host(e, cpu->polled_from - 1) : NULL;
    struct tb *to = from ? tb_find(e, where_to(from, cpu->pc), cpu->mode) : NULL, *tb = whose_time(from, to);
    review(t, from && from->kind == TB_REGION ? from : to ? tb_region(to) : NULL, tb, time);
    if (tb && !__atomic_load_n(&e->no_llvm, __ATOMIC_RELAXED) && !e->forked)
        add_time(t, tb, time);
}

void sample_stats(const struct engine *e, struct stats *sum) { account_add(&e->sampler->account, sum->times); }

/* ---- fork ---- */

void sample_fork_prepare(struct engine *e)
{
    pthread_mutex_lock(&e->sampler->lock);
    trial_cancel(&e->sampler->review.trial, e); /* the child could not end it */
}

void sample_fork_parent(struct engine *e) { pthread_mutex_unlock(&e->sampler->lock); }

/* The child has no ticker. */
void sample_fork_child(struct engine *e)
{
    pthread_mutex_unlock(&e->sampler->lock);
    pthread_mutex_init(&e->sampler->lock, NULL);
    e->ticking = false;
    memset(&e->sampler->account, 0, sizeof e->sampler->account);
}
