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
#include "runtime/engine/install.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/region.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/warm.h"
#include "src/base/log.h"

enum {
    COVERED_PATIENCE = 64, /* thresholds that a block waits that a region has inside */
    LOOPLESS_PATIENCE = 8, /* ... around which there is no loop */
};

void optimizer_lopt_options(const struct engine *e, struct lopt_options *o)
{
    const struct options *opt = e->options;
    *o = (struct lopt_options){.level = (int)opt->llvm_level,
                               .passes = opt->llvm_passes,
                               .verify = opt->verify_llvm,
                               .polls = true,
                               .unroll = (unsigned)opt->unroll,
                               .no_fma = !opt->host_fma,
                               .fail_one_in = (unsigned)opt->fail_one_in};
}

void optimizer_arm(struct engine *e, struct tb *tb, int n)
{
    int64_t count = e->options->hot_threshold * n;
    tb_arm(tb, (int32_t)(count < OPTIMIZER_MAX_COUNT ? count : OPTIMIZER_MAX_COUNT));
}

/* The optimizer's compiler, made on first use. NULL: there is no LLVM. */
static struct lopt *compiler(struct optimizer *o)
{
    if (o->lopt || __atomic_load_n(&o->e->no_llvm, __ATOMIC_RELAXED))
        return o->lopt;
    struct lopt_options options;
    char why[256];
    optimizer_lopt_options(o->e, &options);
    uint64_t t0 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    if (lopt_open(&options, &o->lopt, why, sizeof why) != STATUS_OK) {
        o->lopt = NULL;
        if (!__atomic_exchange_n(&o->e->no_llvm, true, __ATOMIC_RELAXED))
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
    s->region_rebuilds += tb->part.head && tb->part.head->heat.rebuilds != 0;
    s->region_blocks += plan->region.count;
    s->region_guest_insns += plan->guest_insns;
    s->region_host_bytes += tb->code.size;
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
        __atomic_store_n(&head->heat.rebuild_queued, false, __ATOMIC_RELEASE);
    if (s == STATUS_OK && head->region && plan.region.count <= head->region->part.blocks)
        s = STATUS_NO_GROWTH;
    section_leave(&o->section);
    uint64_t t1 = stats_clock(CLOCK_THREAD_CPUTIME_ID);
    o->stats.region_select_ns += t1 - t0;
    if (s != STATUS_OK)
        return s;
    if (!compiler(o)) /* loaded for the first region that has to be compiled */
        return STATUS_LLVM_MISSING;
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
        warm_save(e, &plan, &result);
        EVENT(e, region, region, &plan.region);
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
        optimizer_arm(e, tb, 1);
    } else if (tb && why == STATUS_NO_LOOP) {
        __atomic_store_n(&tb->heat.loopless, true, __ATOMIC_RELAXED);
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
        optimizer_arm(e, tb, LOOPLESS_PATIENCE);
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
    if (tb && !tb->region && __atomic_exchange_n(&tb->heat.covered, false, __ATOMIC_RELAXED)) {
        covered = true;
        optimizer_arm(e, tb, COVERED_PATIENCE);
        __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELEASE);
    }
    section_leave(&o->section);
    return covered;
}

void optimizer_run(struct optimizer *o, gaddr_t pc, uint32_t mode)
{
    if (covered_meanwhile(o, pc, mode))
        return;
    uint64_t begin = stats_clock(CLOCK_MONOTONIC);
    enum status s = compile_region(o, pc, mode);
    if (s != STATUS_OK)
        give_up(o, pc, mode, s);
    EVENT(o->e, compiled, o->id, pc, begin, s);
}

void optimizer_destroy(struct optimizer *o)
{
    if (!o)
        return;
    if (o->lopt)
        lopt_close(o->lopt);
    arena_fini(&o->arena);
    free(o);
}
