/* SPDX-License-Identifier: Apache-2.0 */
/* What an optimizer does with one promoted block: chooses its region, has LLVM compile it, installs it, or gives it up.
 * See optimizer.h.
 *
 * I1  A block that was retired since it was promoted is skipped: it is looked up again by its address.
 * I2  The read section is left while LLVM is at work: what the region was made from is compared at installation.
 */
#include "runtime/engine/optimizer.h"

#include <stdlib.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/heat.h"
#include "runtime/engine/install.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/region.h"
#include "runtime/engine/review.h"
#include "runtime/engine/stay.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/warm_save.h"
#include "src/base/log.h"

enum {
    COVERED_PATIENCE = 64, /* thresholds that a block waits that a region has inside */
    LOOPLESS_PATIENCE = 8, /* ... around which there is no loop */
    STAY_PATIENCE = 16,    /* ... whose region would be left too soon */
};

void optimizer_lopt_options(const struct engine *e, struct lopt_options *o)
{
    const struct options *opt = e->options;
    *o = (struct lopt_options){.level = (int)opt->llvm_level,
                               .passes = opt->llvm_passes,
                               .verify = opt->verify_llvm,
                               .polls = true,
                               .unroll = (unsigned)opt->unroll,
                               .no_exit_maps = !opt->exit_maps,
                               .no_fma = !opt->host_fma,
                               .fail_one_in = (unsigned)opt->fail_one_in};
}

static void on_step(void *account, enum lopt_step step)
{
    static const uint8_t times[] = {[LOPT_STEP_EMIT] = TIME_LLVM_EMIT,
                                    [LOPT_STEP_OPTIMIZE] = TIME_LLVM_OPTIMIZE,
                                    [LOPT_STEP_CODEGEN] = TIME_LLVM_CODEGEN,
                                    [LOPT_STEP_READ] = TIME_LINK};
    account_switch(account, (enum account_time)times[step]);
}

bool optimizer_writes(const struct options *o) { return log_mask || o->timeline || o->perf_map || o->jitdump; }

/* The optimizer's compiler, made on first use. NULL: there is no LLVM. */
static struct lopt *compiler(struct optimizer *o)
{
    if (o->lopt || __atomic_load_n(&o->e->no_llvm, __ATOMIC_RELAXED))
        return o->lopt;
    struct lopt_options options;
    char why[256];
    optimizer_lopt_options(o->e, &options);
    options.on_step = on_step;
    options.step_arg = o->account;
    account_switch(o->account, TIME_LLVM_LOAD);
    if (lopt_open(&options, &o->lopt, why, sizeof why) != STATUS_OK) {
        o->lopt = NULL;
        if (!__atomic_exchange_n(&o->e->no_llvm, true, __ATOMIC_RELAXED))
            message("running without tier 2: %s", why);
    }
    return o->lopt;
}

static void count_region(struct optimizer *o, const struct region_plan *plan, const struct tb *tb)
{
    struct stats *s = &o->stats;
    s->regions++;
    s->region_rebuilds += tb->part.head && tb->part.head->heat.rebuilds != 0;
    s->region_blocks += plan->region.count;
    s->region_guest_insns += plan->guest_insns;
    s->region_host_bytes += tb->code.size;
}

/* Compiles and installs the region of the block at pc. Outside of any section. */
static enum status compile_region(struct optimizer *o, gaddr_t pc, uint32_t mode)
{
    struct engine *e = o->e;
    struct region_plan plan;
    account_switch(o->account, TIME_SELECT);
    arena_reset(&o->arena);
    section_enter(e, &o->section);
    struct tb *head = tb_find(e, pc, mode);
    enum status s = !head               ? STATUS_STALE
                    : tb_is_entry(head) ? STATUS_NO_GROWTH
                                        : region_select(e, head, &o->arena, &plan);
    if (head)
        __atomic_store_n(&head->heat.rebuild_queued, false, __ATOMIC_RELEASE);
    if (s == STATUS_OK && head->region && plan.region.count <= head->region->part.blocks)
        s = STATUS_NO_GROWTH;
    if (s == STATUS_OK && !heat_pays(e, &plan, head))
        s = STATUS_TOO_SOON;
    if (s == STATUS_OK && e->sampling && stay_expected(e, &plan.region) < STAY_LEAST)
        s = STATUS_SHORT_STAY;
    section_leave(&o->section);
    if (s != STATUS_OK)
        return s;
    if (!compiler(o)) /* loaded for the first region that has to be compiled */
        return STATUS_LLVM_MISSING;
    struct lopt_result result;
    uint64_t t0 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    s = lopt_compile(o->lopt, &plan.region, &result);
    if (s != STATUS_OK)
        return s;
    heat_learn(e, plan.guest_insns, stats_clock(CLOCK_THREAD_CPUTIME_ID) - t0);
    account_switch(o->account, TIME_LINK);
    struct tb *region;
    s = region_install(e, &plan, &result, &o->chunk, &o->section, &region);
    if (s == STATUS_OK) {
        count_region(o, &plan, region);
        warm_save(e, &plan, &result);
        EVENT(e, region, region, &plan.region);
        o->stats.regions_taken_out += review_fails(e, region);
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
    section_enter(e, &o->section);
    struct tb *tb = tb_find(e, pc, mode);
    if (tb)
        tb->heat.given_up = (uint8_t)why;
    if (tb && why == STATUS_STALE && tb->heat.rebuilds < OPTIMIZER_MAX_REBUILDS) {
        tb->heat.rebuilds++;
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
        heat_wait(e, tb, 1);
    } else if (tb && why == STATUS_NO_LOOP) {
        __atomic_store_n(&tb->heat.loopless, true, __ATOMIC_RELAXED);
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
        heat_wait(e, tb, LOOPLESS_PATIENCE);
    } else if (tb && why == STATUS_SHORT_STAY) {
        __atomic_store_n(&tb->heat.counted, false,
                         __ATOMIC_RELAXED); /* another window may see more of what is around */
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
        heat_wait(e, tb, STAY_PATIENCE);
    } else if (tb && why == STATUS_TOO_SOON) {
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
    } else if (tb && e->sampling && why == STATUS_NO_GROWTH) {
        tb->heat.rebuilds++;
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
        heat_wait(e, tb, COVERED_PATIENCE);
    } else if (tb && e->tier == TIER_MIXED) {
        tb_stop_counting(e, tb);
    }
    section_leave(&o->section);
}

/* A region that was installed while this block waited has it inside. If it stays hot in tier 1 all the same, because it
 * is entered from elsewhere, it will come back. */
static bool covered_meanwhile(struct optimizer *o, gaddr_t pc, uint32_t mode)
{
    struct engine *e = o->e;
    bool covered = false;
    section_enter(e, &o->section);
    struct tb *tb = tb_find(e, pc, mode);
    if (tb && !tb->region && __atomic_exchange_n(&tb->heat.covered, false, __ATOMIC_RELAXED) &&
        !(e->sampling && heat_rank(e, tb))) {
        covered = true;
        heat_wait(e, tb, COVERED_PATIENCE);
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
    }
    section_leave(&o->section);
    return covered;
}

static void run(struct optimizer *o, gaddr_t pc, uint32_t mode)
{
    if (covered_meanwhile(o, pc, mode))
        return;
    uint64_t begin = stats_clock(CLOCK_MONOTONIC);
    enum status s = compile_region(o, pc, mode);
    if (s != STATUS_OK)
        give_up(o, pc, mode, s);
    EVENT(o->e, compiled, o->id, pc, begin, s);
}

void optimizer_run(struct optimizer *o, gaddr_t pc, uint32_t mode)
{
    enum account_time before = account_switch(o->account, TIME_SELECT);
    run(o, pc, mode);
    account_switch(o->account, before);
}

void optimizer_stats(const struct optimizer *o, struct stats *sum)
{
    stats_add(sum, &o->stats);
    account_add(&o->own_account, sum->times);
}

void optimizer_fini(struct optimizer *o)
{
    if (o->lopt)
        lopt_close(o->lopt);
    arena_fini(&o->arena);
    *o = (struct optimizer){0};
}

void optimizer_destroy(struct optimizer *o)
{
    if (!o)
        return;
    optimizer_fini(o);
    free(o);
}
