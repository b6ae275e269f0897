/* SPDX-License-Identifier: Apache-2.0 */
/* Promotion: hot blocks wait in a queue; optimizer threads take the hottest, compile its region and install it.
 *
 * I1  The queue holds guest addresses, not blocks: a block may be retired while it waits, and is then skipped.
 * I2  tiers.lock is held for queue operations only, never during selection, compilation or installation.
 * I3  Optimizer threads block all signals and are started by the first promotion.
 * I4  Compiling pays only if the guest runs on for long enough, which nobody knows. With --opt-share optimizer threads
 *     take no more than that share of the CPU time that the guest has had, whatever the program. The hottest block is
 *     compiled first, so what waits is what pays least.
 * I5  Optimizer threads have descriptors of their own: what loading LLVM opens takes no number that the guest expects.
 */
#define _GNU_SOURCE
#include "runtime/engine/tiers.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/engine/heat.h"
#include "runtime/engine/optimizer.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "src/base/background.h"
#include "src/base/cpus.h"
#include "src/base/log.h"

enum {
    FIRST_COST = 20000000, /* ns that the first compilation is taken to cost */
    MIN_WAIT = 2000000,    /* ns between two looks at the guest's CPU time */
    MAX_WAIT = 200000000,
    QUEUE_MAX = 4096,
    OPTIMIZER_STACK = 16 << 20, /* LLVM recurses */
    PATIENCE = 8,               /* thresholds that a block waits that is no natural head */
};

struct promotion {
    gaddr_t pc;
    uint32_t mode;
};

/* A promotion that is being compiled, on the stack of the thread that does it. */
struct compile {
    struct promotion what;
    struct compile *next;
};

struct tiers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct promotion queue[QUEUE_MAX];
    unsigned queued;
    unsigned wanted, started; /* optimizer threads */
    struct compile *compiles; /* that are going on */
    uint64_t spent, finished; /* I4: CPU time in ns of compilations, those that go on as expected; how many ended */
    struct optimizer *optimizers;
    bool ending; /* the threads are to end */
};

static void init_work(struct tiers *t)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&t->work, &attr);
    pthread_condattr_destroy(&attr);
}

enum status tiers_init(struct engine *e)
{
    struct tiers *t = calloc(1, sizeof *t);
    if (!t)
        return STATUS_NO_MEMORY;
    pthread_mutex_init(&t->lock, NULL);
    init_work(t);
    int64_t wanted = e->options->opt_threads;
    if (wanted < 0) {
        wanted = (int64_t)cpus_allowed() - 1;
        wanted = wanted < 1 ? 1 : wanted;
    }
    if (e->tier == TIER_2)
        wanted = 0; /* compile before going on, so that tier 2 runs all that it can */
    t->wanted = wanted > ENGINE_MAX_OPT_THREADS ? ENGINE_MAX_OPT_THREADS : (unsigned)wanted;
    t->optimizers = calloc(t->wanted + 1, sizeof *t->optimizers);
    e->tiers = t;
    return t->optimizers ? STATUS_OK : STATUS_NO_MEMORY;
}

void tiers_fini(struct engine *e)
{
    struct tiers *t = e->tiers;
    if (!t)
        return;
    free(t->optimizers);
    free(t);
    e->tiers = NULL;
}

/* Takes the hottest block that waits. tiers.lock held, queue not empty; inside a section. */
static struct promotion take_hottest_locked(struct engine *e, struct tiers *t)
{
    unsigned best = 0;
    uint64_t most = 0;
    for (unsigned i = 0; i < t->queued; i++) {
        const struct tb *tb = tb_find(e, t->queue[i].pc, t->queue[i].mode);
        uint64_t heat = tb ? heat_rank(e, tb) : 0;
        if (heat > most) {
            most = heat;
            best = i;
        }
    }
    struct promotion p = t->queue[best];
    t->queue[best] = t->queue[--t->queued];
    return p;
}

static void begin_compile_locked(struct tiers *t, struct compile *c, struct promotion what)
{
    *c = (struct compile){what, t->compiles};
    t->compiles = c;
}

static void end_compile(struct tiers *t, struct compile *c)
{
    pthread_mutex_lock(&t->lock);
    struct compile **at = &t->compiles;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    pthread_mutex_unlock(&t->lock);
}

/* What a compilation costs on average, ns of CPU time. */
static uint64_t expected_cost_locked(const struct tiers *t)
{
    return t->finished ? t->spent / t->finished : FIRST_COST;
}

uint64_t tiers_debt(uint64_t all, uint64_t spent, uint64_t share)
{
    if (!share)
        return 0;
    uint64_t guest = all > spent ? all - spent : 0, earned = guest * share / 100;
    return spent > earned ? (spent - earned) * 100 / share : 0;
}

/* Waits until a block is queued and may be compiled; false: the thread is to end. tiers.lock held. */
static bool await_work_locked(struct engine *e, struct tiers *t)
{
    for (;;) {
        if (t->ending)
            return false;
        if (!t->queued) {
            pthread_cond_wait(&t->work, &t->lock);
            continue;
        }
        uint64_t all = stats_clock(CLOCK_PROCESS_CPUTIME_ID);
        uint64_t wait = tiers_debt(all, t->spent, (uint64_t)e->options->opt_share);
        if (!wait)
            return true;
        wait = wait < MIN_WAIT ? MIN_WAIT : wait > MAX_WAIT ? MAX_WAIT : wait;
        wait += stats_clock(CLOCK_MONOTONIC);
        struct timespec until = {(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
        pthread_cond_timedwait(&t->work, &t->lock, &until);
    }
}

static void *optimizer_main(void *arg)
{
    struct optimizer *o = arg;
    struct engine *e = o->e;
    struct tiers *t = e->tiers;
    pthread_setname_np(pthread_self(), "tandem-opt");
    if (!optimizer_writes(e->options))
        background_own_descriptors(); /* I5 */
    reclaim_register(e, &o->section);
    if (e->options->stats)
        account_begin(o->account, TIME_QUEUE, false);
    for (;;) {
        pthread_mutex_lock(&t->lock);
        if (!await_work_locked(e, t))
            break;
        uint64_t cost = expected_cost_locked(t), t0 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
        t->spent += cost;
        section_enter(e, &o->section);
        struct promotion p = take_hottest_locked(e, t);
        section_leave(&o->section);
        struct compile c;
        begin_compile_locked(t, &c, p);
        pthread_mutex_unlock(&t->lock);
        optimizer_run(o, p.pc, p.mode);
        end_compile(t, &c);
        pthread_mutex_lock(&t->lock);
        t->spent += stats_clock(CLOCK_THREAD_CPUTIME_ID) - t0 - cost;
        t->finished++;
        pthread_mutex_unlock(&t->lock);
    }
    pthread_mutex_unlock(&t->lock);
    account_end(o->account);
    reclaim_unregister(e, &o->section);
    return NULL;
}

static void start_thread_locked(struct engine *e)
{
    struct tiers *t = e->tiers;
    struct optimizer *o = &t->optimizers[t->started];
    *o = (struct optimizer){.e = e, .id = t->started, .account = &o->own_account};
    arena_init(&o->arena);
    if (background_start(&o->thread, optimizer_main, o, OPTIMIZER_STACK))
        t->started++;
}

static void enqueue(struct engine *e, gaddr_t pc, uint32_t mode)
{
    struct tiers *t = e->tiers;
    pthread_mutex_lock(&t->lock);
    if (t->queued < QUEUE_MAX) {
        t->queue[t->queued++] = (struct promotion){pc, mode};
        if (t->started < t->wanted && !background_is_forbidden() && (t->started == 0 || t->queued > 1))
            start_thread_locked(e);
        pthread_cond_signal(&t->work);
    }
    pthread_mutex_unlock(&t->lock);
}

/* Compiles on the guest's own thread. Leaves and re-enters its section. */
static void promote_now(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    gaddr_t pc = tb->pc;
    uint32_t mode = tb->mode;
    if (!t->optimizer) {
        t->optimizer = calloc(1, sizeof *t->optimizer);
        if (!t->optimizer)
            out_of_memory("the optimizer");
        t->optimizer->e = e;
        t->optimizer->account = &t->account;
        arena_init(&t->optimizer->arena);
    }
    section_leave(&t->section);
    reclaim_register(e, &t->optimizer->section);
    struct compile c;
    pthread_mutex_lock(&e->tiers->lock);
    begin_compile_locked(e->tiers, &c, (struct promotion){pc, mode});
    pthread_mutex_unlock(&e->tiers->lock);
    optimizer_run(t->optimizer, pc, mode);
    end_compile(e->tiers, &c);
    reclaim_unregister(e, &t->optimizer->section);
    stats_add(&t->stats, &t->optimizer->stats);
    memset(&t->optimizer->stats, 0, sizeof t->optimizer->stats);
    section_enter(e, &t->section);
}

static bool may_grow(const struct engine *e, const struct tb *region)
{
    return !region->links.retired && !region->part.stored &&
           region->part.head->heat.rebuilds < OPTIMIZER_MAX_REBUILDS &&
           region->part.blocks < e->options->region_blocks && region->guest_insns < e->options->region_insns;
}

/* If tb was reached over a side exit of a region that may still grow, that region's head; else NULL. */
static struct tb *growing_head(struct engine *e, const struct tb *tb)
{
    struct tb *head = NULL;
    pthread_mutex_lock(&e->tbs->lock);
    for (const struct tcg_exit *x = tb->links.incoming; x && !head; x = x->next) {
        const struct tb *owner = x->owner;
        if (owner->kind == TB_REGION && may_grow(e, owner))
            head = owner->part.head;
    }
    pthread_mutex_unlock(&e->tbs->lock);
    return head;
}

bool tiers_promote(struct engine_thread *t, struct tb *tb)
{
    struct engine *e = t->engine;
    if (!e->sampling && e->tier != TIER_2 && !__atomic_fetch_add(&tb->heat.strikes, 1, __ATOMIC_RELAXED) &&
        !__atomic_load_n(&tb->heat.head_like, __ATOMIC_RELAXED)) {
        heat_wait(e, tb, PATIENCE); /* its loop or function is about to be compiled */
        return true;
    }
    if (!e->sampling)
        tb_arm(tb, OPTIMIZER_MAX_COUNT);
    if (e->forked || __atomic_load_n(&e->no_llvm, __ATOMIC_RELAXED) || tb->links.retired)
        return true;
    if (__atomic_exchange_n(&tb->heat.queued, true, __ATOMIC_ACQ_REL))
        return true;
    if (e->tiers->wanted == 0) {
        promote_now(t, tb);
        return false;
    }
    struct tb *head = growing_head(e, tb);
    if (head) { /* give the larger region a chance; if tb stays hot all the same, it becomes a head itself */
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
        heat_wait(e, tb, PATIENCE);
        if (!__atomic_exchange_n(&head->heat.rebuild_queued, true, __ATOMIC_ACQ_REL))
            enqueue(e, head->pc, head->mode);
    } else {
        enqueue(e, tb->pc, tb->mode);
    }
    return true;
}

enum tiers_stage tiers_stage_of(struct engine *e, gaddr_t pc, uint32_t mode)
{
    struct tiers *t = e->tiers;
    enum tiers_stage stage = TIERS_NONE;
    pthread_mutex_lock(&t->lock);
    for (unsigned i = 0; i < t->queued; i++)
        if (t->queue[i].pc == pc && t->queue[i].mode == mode)
            stage = TIERS_QUEUED;
    for (const struct compile *c = t->compiles; c; c = c->next)
        if (c->what.pc == pc && c->what.mode == mode)
            stage = TIERS_COMPILING;
    pthread_mutex_unlock(&t->lock);
    return stage;
}

void tiers_end_threads(struct engine *e)
{
    struct tiers *t = e->tiers;
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    pthread_cond_broadcast(&t->work);
    pthread_mutex_unlock(&t->lock);
    for (unsigned i = 0; i < t->started; i++) {
        struct optimizer *o = &t->optimizers[i];
        pthread_join(o->thread, NULL);
        pthread_mutex_lock(&e->stats_lock);
        optimizer_stats(o, &e->total);
        pthread_mutex_unlock(&e->stats_lock);
        optimizer_fini(o);
    }
    pthread_mutex_lock(&t->lock);
    t->started = 0;
    t->ending = false;
    pthread_mutex_unlock(&t->lock);
}

void tiers_fork_prepare(struct engine *e)
{
    pthread_mutex_lock(&e->tiers->lock);
    e->forked_busy = e->tiers->compiles != NULL;
}

void tiers_fork_parent(struct engine *e) { pthread_mutex_unlock(&e->tiers->lock); }

/* The child has only the thread that forked. If another one was inside LLVM, LLVM's own locks may be held for ever: no
 * tier 2 here. */
void tiers_fork_child(struct engine *e)
{
    struct tiers *t = e->tiers;
    pthread_mutex_unlock(&t->lock); /* before it is made anew: ThreadSanitizer would take it for held ever after */
    pthread_mutex_init(&t->lock, NULL);
    init_work(t);
    t->started = t->queued = 0;
    t->spent = t->finished = 0;
    t->compiles = NULL;
    memset(e->other_sections, 0, sizeof e->other_sections);
    if (e->forked_busy)
        e->forked = true;
}

void tiers_stats(struct engine *e, struct stats *sum)
{
    for (unsigned i = 0; i < e->tiers->started; i++)
        optimizer_stats(&e->tiers->optimizers[i], sum);
}
