/* SPDX-License-Identifier: Apache-2.0 */
/* Promotion: hot blocks wait in a queue; optimizer threads take the hottest, compile its region and install it.
 *
 * I1  The queue holds guest addresses, not blocks: a block may be retired while it waits, and is then skipped.
 * I2  tiers.lock is held for queue operations only, never during selection, compilation or installation.
 * I3  Optimizer threads block all signals and are started by the first promotion.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/reclaim.h"
#include "runtime/observe/observe.h"
#include "src/base/log.h"

enum {
    QUEUE_MAX = 4096,
    ARM_QUEUED = 1 << 30, /* a queued block's counter: counts on, to tell which one is hottest */
    MAX_REBUILDS = 2,
    PATIENCE = 8,          /* thresholds that a block waits that is no natural head */
    COVERED_PATIENCE = 64, /* ... that a region has inside */
    LOOPLESS_PATIENCE = 8, /* ... around which there is no loop */
};

struct promotion {
    gaddr_t pc;
    uint32_t mode;
};

struct optimizer {
    struct engine *e;
    pthread_t thread;
    struct lopt *lopt;
    struct arena arena;
    struct cc_chunk *chunk;
    uint64_t section;
    struct stats stats;
    unsigned id;
};

struct tiers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct promotion queue[QUEUE_MAX];
    unsigned queued;
    unsigned wanted, started; /* optimizer threads */
    unsigned busy;            /* atomic: threads that are compiling */
    bool no_llvm;             /* atomic: loading failed: no more promotions */
    struct optimizer *optimizers;
};

enum status tiers_init(struct engine *e)
{
    struct tiers *t = calloc(1, sizeof *t);
    if (!t)
        return STATUS_NO_MEMORY;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->work, NULL);
    int64_t wanted = e->proc->options->opt_threads;
    if (wanted < 0) {
        wanted = sysconf(_SC_NPROCESSORS_ONLN) - 1;
        wanted = wanted < 1 ? 1 : wanted;
    }
    if (e->tier == TIER_2)
        wanted = 0; /* compile before going on, so that tier 2 runs all that it can */
    t->wanted = wanted > ENGINE_MAX_OPT_THREADS ? ENGINE_MAX_OPT_THREADS : (unsigned)wanted;
    t->optimizers = calloc(t->wanted + 1, sizeof *t->optimizers);
    e->tiers = t;
    return t->optimizers ? STATUS_OK : STATUS_NO_MEMORY;
}

void tiers_lopt_options(const struct engine *e, struct lopt_options *o)
{
    const struct options *opt = e->proc->options;
    *o = (struct lopt_options){.level = (int)opt->llvm_level,
                               .passes = opt->llvm_passes,
                               .verify = opt->verify_llvm,
                               .polls = true,
                               .unroll = (unsigned)opt->unroll,
                               .no_fma = !opt->host_fma,
                               .fail_one_in = (unsigned)opt->fail_one_in};
}

/* Counts n thresholds before the block is promoted again. */
static void arm_thresholds(struct engine *e, struct tb *tb, int n)
{
    int64_t count = e->proc->options->hot_threshold * n;
    tb_arm(tb, (int32_t)(count < ARM_QUEUED ? count : ARM_QUEUED));
}

/* The optimizer's compiler, made on first use. NULL: there is no LLVM. */
static struct lopt *compiler(struct optimizer *o)
{
    if (o->lopt || __atomic_load_n(&o->e->tiers->no_llvm, __ATOMIC_RELAXED))
        return o->lopt;
    struct lopt_options options;
    char why[256];
    tiers_lopt_options(o->e, &options);
    uint64_t t0 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    if (lopt_open(&options, &o->lopt, why, sizeof why) != STATUS_OK) {
        o->lopt = NULL;
        if (!__atomic_exchange_n(&o->e->tiers->no_llvm, true, __ATOMIC_RELAXED))
            message("running without tier 2: %s", why);
    }
    o->stats.llvm_load_ns += stats_clock(CLOCK_THREAD_CPUTIME_ID) - t0;
    return o->lopt;
}

static void account(struct optimizer *o, const struct region_plan *plan, const struct lopt_result *r,
                    const struct tb *tb)
{
    struct stats *s = &o->stats;
    s->regions++;
    s->region_rebuilds += tb->region && tb->region->rebuilds != 0;
    s->region_blocks += plan->region.count;
    s->region_guest_insns += plan->guest_insns;
    s->region_host_bytes += tb->size;
    s->llvm_emit_ns += r->times.emit;
    s->llvm_optimize_ns += r->times.optimize;
    s->llvm_codegen_ns += r->times.codegen;
}

/* Compiles and installs the region of the block at pc. Outside of any section. */
static enum status compile_region(struct optimizer *o, gaddr_t pc, uint32_t mode)
{
    struct engine *e = o->e;
    struct region_plan plan;
    uint64_t t0 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    arena_reset(&o->arena);
    section_enter(e, &o->section);
    struct tb *head = tb_find(e, pc, mode);
    enum status s = !head               ? STATUS_STALE
                    : tb_is_entry(head) ? STATUS_NO_GROWTH
                                        : region_select(e, head, &o->arena, &plan);
    if (head)
        __atomic_store_n(&head->rebuild_queued, false, __ATOMIC_RELEASE);
    if (s == STATUS_OK && head->region && plan.region.count <= head->region->region_blocks)
        s = STATUS_NO_GROWTH;
    section_leave(&o->section);
    uint64_t t1 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    o->stats.region_select_ns += t1 - t0;
    if (s != STATUS_OK)
        return s;
    struct lopt_result result;
    s = lopt_compile(o->lopt, &plan.region, &result);
    if (s != STATUS_OK)
        return s;
    uint64_t t2 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    struct tb *region;
    s = region_install(e, &plan, &result, &o->chunk, &o->section, &region);
    o->stats.link_ns += stats_clock(CLOCK_THREAD_CPUTIME_ID) - t2;
    if (s == STATUS_OK) {
        account(o, &plan, &result, region);
        observe_region(e, region, &plan.region);
    }
    section_leave(&o->section);
    lopt_result_fini(&result);
    return s;
}

/* After a region was given up: the block may try again later, a few times, or it stays in tier 1 and counts no more. */
static void give_up(struct optimizer *o, gaddr_t pc, uint32_t mode, enum status why)
{
    struct engine *e = o->e;
    o->stats.aborts[why]++;
    if (log_on(LOG_TIER))
        log_printf("region at %#llx given up: %s\n", (unsigned long long)pc, status_text(why));
    section_enter(e, &o->section);
    struct tb *tb = tb_find(e, pc, mode);
    if (tb && why == STATUS_STALE && tb->rebuilds < MAX_REBUILDS) {
        tb->rebuilds++;
        __atomic_store_n(&tb->queued, false, __ATOMIC_RELEASE);
        arm_thresholds(e, tb, 1);
    } else if (tb && why == STATUS_NO_LOOP) {
        __atomic_store_n(&tb->loopless, true, __ATOMIC_RELAXED);
        __atomic_store_n(&tb->queued, false, __ATOMIC_RELEASE);
        arm_thresholds(e, tb, LOOPLESS_PATIENCE);
    } else if (tb && e->tier == TIER_MIXED) {
        tb_stop_counting(e, tb);
    }
    section_leave(&o->section);
}

/* A region that was installed while this block waited has it inside. If it stays hot in tier 1 all the same, because it
 * is entered from elsewhere, it will come back. */
static bool covered_meanwhile(struct optimizer *o, struct promotion p)
{
    struct engine *e = o->e;
    bool covered = false;
    section_enter(e, &o->section);
    struct tb *tb = tb_find(e, p.pc, p.mode);
    if (tb && !tb->region && __atomic_exchange_n(&tb->covered, false, __ATOMIC_RELAXED)) {
        covered = true;
        arm_thresholds(e, tb, COVERED_PATIENCE);
        __atomic_store_n(&tb->queued, false, __ATOMIC_RELEASE);
    }
    section_leave(&o->section);
    return covered;
}

static void optimize_one(struct optimizer *o, struct promotion p)
{
    if (covered_meanwhile(o, p))
        return;
    uint64_t begin = observe_now(o->e);
    if (!compiler(o))
        return;
    enum status s = compile_region(o, p.pc, p.mode);
    if (s != STATUS_OK)
        give_up(o, p.pc, p.mode, s);
    observe_compile(o->e, o->id, p.pc, begin, s);
}

/* Takes the hottest block that waits. tiers.lock held, queue not empty; inside a section. */
static struct promotion take_hottest_locked(struct engine *e, struct tiers *t)
{
    unsigned best = 0;
    uint64_t most = 0;
    for (unsigned i = 0; i < t->queued; i++) {
        const struct tb *tb = tb_find(e, t->queue[i].pc, t->queue[i].mode);
        uint64_t heat = tb ? tb_executions(tb) << (tb->head_like ? 2 : 0) : 0;
        if (heat > most) {
            most = heat;
            best = i;
        }
    }
    struct promotion p = t->queue[best];
    t->queue[best] = t->queue[--t->queued];
    return p;
}

static void *optimizer_main(void *arg)
{
    struct optimizer *o = arg;
    struct engine *e = o->e;
    struct tiers *t = e->tiers;
    pthread_setname_np(pthread_self(), "tandem-opt");
    reclaim_register(e, &o->section);
    for (;;) {
        pthread_mutex_lock(&t->lock);
        while (!t->queued)
            pthread_cond_wait(&t->work, &t->lock);
        section_enter(e, &o->section);
        struct promotion p = take_hottest_locked(e, t);
        section_leave(&o->section);
        t->busy++;
        pthread_mutex_unlock(&t->lock);
        optimize_one(o, p);
        pthread_mutex_lock(&t->lock);
        t->busy--;
        pthread_mutex_unlock(&t->lock);
    }
    return NULL;
}

static void start_thread_locked(struct engine *e)
{
    struct tiers *t = e->tiers;
    struct optimizer *o = &t->optimizers[t->started];
    *o = (struct optimizer){.e = e, .id = t->started};
    arena_init(&o->arena);
    uint64_t all = ~(uint64_t)0,
             old; /* by the raw call: the C library's leaves out 32 and 33, which are the guest's, too */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof all);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 16 << 20); /* LLVM recurses */
    if (pthread_create(&o->thread, &attr, optimizer_main, o) == 0)
        t->started++;
    pthread_attr_destroy(&attr);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, sizeof old);
}

static void enqueue(struct engine *e, gaddr_t pc, uint32_t mode)
{
    struct tiers *t = e->tiers;
    pthread_mutex_lock(&t->lock);
    if (t->queued < QUEUE_MAX) {
        t->queue[t->queued++] = (struct promotion){pc, mode};
        if (t->started < t->wanted && (t->started == 0 || t->queued > 1))
            start_thread_locked(e);
        pthread_cond_signal(&t->work);
    }
    pthread_mutex_unlock(&t->lock);
}

/* Compiles on the guest's own thread. Leaves and re-enters its section. */
static void promote_now(struct thread *t, struct tb *tb)
{
    struct engine *e = t->proc->engine;
    struct core_thread *c = t->core;
    struct promotion p = {tb->pc, tb->mode};
    if (!c->optimizer) {
        c->optimizer = calloc(1, sizeof *c->optimizer);
        if (!c->optimizer)
            abort();
        c->optimizer->e = e;
        arena_init(&c->optimizer->arena);
    }
    section_leave(&c->section);
    reclaim_register(e, &c->optimizer->section);
    optimize_one(c->optimizer, p);
    reclaim_unregister(e, &c->optimizer->section);
    stats_add(&c->stats, &c->optimizer->stats);
    memset(&c->optimizer->stats, 0, sizeof c->optimizer->stats);
    section_enter(e, &c->section);
}

/* If tb was reached over a side exit of a region that may still grow, that region's head; else NULL. */
static struct tb *growing_head(struct engine *e, const struct tb *tb)
{
    struct tb *head = NULL;
    pthread_mutex_lock(&e->tbs.lock);
    for (const struct tcg_exit *x = tb->incoming; x && !head; x = x->next) {
        const struct tb *owner = x->owner;
        if (owner->kind == TB_REGION && !owner->retired && owner->region->rebuilds < MAX_REBUILDS &&
            owner->region_blocks < e->proc->options->region_blocks &&
            owner->guest_insns < e->proc->options->region_insns)
            head = owner->region;
    }
    pthread_mutex_unlock(&e->tbs.lock);
    return head;
}

bool tiers_promote(struct thread *t, struct tb *tb)
{
    struct engine *e = t->proc->engine;
    if (e->tier != TIER_2 && !tb->strikes++ && !__atomic_load_n(&tb->head_like, __ATOMIC_RELAXED)) {
        arm_thresholds(e, tb, PATIENCE); /* its loop or function is about to be compiled */
        return true;
    }
    tb_arm(tb, ARM_QUEUED);
    if (e->forked || __atomic_load_n(&e->tiers->no_llvm, __ATOMIC_RELAXED) || tb->retired)
        return true;
    if (__atomic_exchange_n(&tb->queued, true, __ATOMIC_ACQ_REL))
        return true;
    if (e->tiers->wanted == 0) {
        promote_now(t, tb);
        return false;
    }
    struct tb *head = growing_head(e, tb);
    if (head) { /* give the larger region a chance; if tb stays hot all the same, it becomes a head itself */
        __atomic_store_n(&tb->queued, false, __ATOMIC_RELEASE);
        arm_thresholds(e, tb, PATIENCE);
        if (!__atomic_exchange_n(&head->rebuild_queued, true, __ATOMIC_ACQ_REL))
            enqueue(e, head->pc, head->mode);
    } else {
        enqueue(e, tb->pc, tb->mode);
    }
    return true;
}

void tiers_fork_prepare(struct engine *e)
{
    pthread_mutex_lock(&e->tiers->lock);
    e->forked_busy = e->tiers->busy != 0;
}

void tiers_fork_parent(struct engine *e) { pthread_mutex_unlock(&e->tiers->lock); }

/* The child has no optimizer threads. If one was inside LLVM, LLVM's own locks may be held for ever: no tier 2 here. */
void tiers_fork_child(struct engine *e)
{
    struct tiers *t = e->tiers;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->work, NULL);
    t->started = t->queued = t->busy = 0;
    memset(e->other_sections, 0, sizeof e->other_sections);
    if (e->forked_busy)
        e->forked = true;
}

void tiers_stats(struct engine *e, struct stats *sum)
{
    for (unsigned i = 0; i < e->tiers->started; i++)
        stats_add(sum, &e->tiers->optimizers[i].stats);
}
