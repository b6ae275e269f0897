/* SPDX-License-Identifier: Apache-2.0 */
/* Hands each event of the engine to those who asked for it: logs, timeline, perf output, statistics, --explain. */
#define _GNU_SOURCE
#include "runtime/observe/observe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/lifecycle.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/loader/symbols.h"
#include "runtime/observe/disas.h"
#include "runtime/observe/explain.h"
#include "runtime/observe/perf_map.h"
#include "runtime/observe/report.h"
#include "runtime/observe/timeline.h"
#include "src/base/log.h"
#include "src/ir/region.h"
#include "src/ir/state.h"
#include "src/ir/text/print.h"

/* Timeline track numbers of optimizer threads begin here; guest threads have their tid. */
enum { TRACK_OPTIMIZER = 1 << 20 };

/* One a process; lives as long as its engine. */
struct observer {
    struct engine *e;
    struct timeline *timeline;                /* NULL unless --timeline */
    struct perf_output *perf;                 /* NULL unless --perf-map or --jitdump */
    struct symbols *symbols;                  /* NULL unless somebody wants names */
    bool track_named[ENGINE_MAX_OPT_THREADS]; /* atomic */
};

/* One a guest thread, freed when that ends. */
struct observed_thread {
    uint64_t begin; /* timeline: start of this thread */
    unsigned tid;
};

static unsigned own_tid(void) { return (unsigned)syscall(SYS_gettid); }

/* A point of CLOCK_MONOTONIC on the timeline. */
static uint64_t since_start(const struct observer *o, uint64_t ns) { return ns - o->e->start_ns; }
static uint64_t now(const struct observer *o) { return since_start(o, stats_clock(CLOCK_MONOTONIC)); }

static void place_name(const struct observer *o, gaddr_t pc, char *text, size_t size)
{
    if (!o->symbols || !symbols_name(o->symbols, pc, text, size))
        snprintf(text, size, "%#" PRIx64, pc);
}

/* Tells perf of code that was made from the guest code at pc. */
static void name_code(const struct observer *o, gaddr_t pc, const struct tb_code *code, const char *tier)
{
    char name[160];
    if (!o->perf)
        return;
    place_name(o, pc, name, sizeof name - 8);
    strcat(name, tier);
    perf_code(o->perf, code->rx, code->size, name);
}

static void log_block(const struct observer *o, const struct tb *tb, const struct ir_block *block, const uint8_t *code)
{
    if (!log_in_filter(tb->pc))
        return;
    char name[128];
    place_name(o, tb->pc, name, sizeof name);
    FILE *f = log_begin();
    if (log_on(LOG_IN_ASM)) {
        fprintf(f, "----------------\nIN: %s\n", name);
        disas_guest(o->e->guest, f, tb->pc, code, tb->guest_bytes, tb->guest_insns);
    }
    if (log_on(LOG_OP) || log_on(LOG_OP_OPT)) {
        fprintf(f, "OP:\n");
        ir_print(f, block);
    }
    if (log_on(LOG_OUT_ASM)) {
        fprintf(f, "OUT: %u bytes\n", tb->code.size);
        lopt_disas_host(tb->code.rx, tb->code.size, (uintptr_t)tb->code.rx, f);
    }
    log_end(f);
}

static void log_region(const struct observer *o, const struct tb *region, const struct ir_region *ir)
{
    if (!log_in_filter(region->pc))
        return;
    char name[128];
    place_name(o, region->pc, name, sizeof name);
    FILE *f = log_begin();
    if (log_on(LOG_REGION)) {
        fprintf(f, "region %s: %u blocks, %u guest instructions, %u bytes%s\n", name, ir->count, region->guest_insns,
                region->code.size, ir->precise ? ", precise" : "");
        for (unsigned i = 0; i < ir->count; i++)
            fprintf(f, "  %#" PRIx64 " weight %" PRIu64 "\n", ir->blocks[i].block->pc, ir->blocks[i].weight);
    }
    if (log_on(LOG_OUT_ASM)) {
        fprintf(f, "OUT (region %s): %u bytes\n", name, region->code.size);
        lopt_disas_host(region->code.rx, region->code.size, (uintptr_t)region->code.rx, f);
    }
    log_end(f);
}

static void log_ir(const struct ir_block *block)
{
    if (!log_in_filter(block->pc))
        return;
    FILE *f = log_begin();
    fprintf(f, "OP:\n");
    ir_print(f, block);
    log_end(f);
}

static void log_registers(const struct engine_thread *t)
{
    const struct guest *guest = t->engine->guest;
    FILE *f = log_begin();
    fprintf(f, " pc       %016" PRIx64 "\n", t->cpu->pc);
    for (unsigned i = 0; i < guest->state->count; i++)
        fprintf(f, " %-8s %016" PRIx64 "%s", guest->state->rows[i].name, guest_get(t->cpu, guest, i),
                i % 4 == 3 ? "\n" : "");
    fputc('\n', f);
    log_end(f);
}

/* ---- the events ---- */

static void on_thread_start(void *observer, struct engine_thread *t)
{
    struct observer *o = observer;
    struct observed_thread *seen = calloc(1, sizeof *seen);
    if (!seen)
        return;
    seen->begin = now(o);
    seen->tid = own_tid();
    t->observer = seen;
    if (o->timeline) {
        char name[32];
        snprintf(name, sizeof name, "guest thread %u", seen->tid);
        timeline_track(o->timeline, seen->tid, name);
    }
}

static void end_slice(const struct observer *o, const struct observed_thread *seen)
{
    timeline_slice(o->timeline, seen->tid, "guest", "run", seen->begin, now(o), NULL);
}

static void on_thread_end(void *observer, struct engine_thread *t)
{
    struct observer *o = observer;
    struct observed_thread *seen = t->observer;
    if (!seen)
        return;
    if (o->timeline)
        end_slice(o, seen);
    t->observer = NULL;
    free(seen);
}

static void trace_translation(const struct observer *o, gaddr_t pc, uint64_t ns)
{
    uint64_t end = now(o);
    char name[160];
    snprintf(name, sizeof name, "%#" PRIx64, pc);
    timeline_slice(o->timeline, own_tid(), "tier1", name, end - ns, end, NULL);
}

static void on_block(void *observer, struct engine_thread *t, const struct tb *tb, const struct ir_block *block,
                     const uint8_t *code, uint64_t ns)
{
    struct observer *o = observer;
    if (tb->kind == TB_INTERP) {
        if (log_on(LOG_OP))
            log_ir(block);
        return;
    }
    if (o->timeline)
        trace_translation(o, tb->pc, ns);
    if (log_on(LOG_IN_ASM) || log_on(LOG_OP) || log_on(LOG_OP_OPT) || log_on(LOG_OUT_ASM))
        log_block(o, tb, block, code);
    name_code(o, tb->pc, &tb->code, " [t1]");
}

static void on_enter(void *observer, struct engine_thread *t, const struct tb *tb)
{
    if (!log_in_filter(tb->pc))
        return;
    if (log_on(LOG_EXEC))
        log_printf("exec %u: %#" PRIx64 " mode %x%s\n", own_tid(), tb->pc, tb->mode, tb->region ? " region" : "");
    if (log_on(LOG_CPU))
        log_registers(t);
}

static void on_region(void *observer, const struct tb *region, const struct ir_region *ir)
{
    struct observer *o = observer;
    if (log_on(LOG_REGION) || log_on(LOG_OUT_ASM))
        log_region(o, region, ir);
    name_code(o, region->pc, &region->code, " [t2]");
}

static void trace_compile(struct observer *o, unsigned id, gaddr_t pc, uint64_t begin, enum status result)
{
    char name[160], args[128];
    snprintf(name, sizeof name, "%#" PRIx64, pc);
    snprintf(args, sizeof args, "\"result\":\"%s\"", status_text(result));
    if (!__atomic_exchange_n(&o->track_named[id % ENGINE_MAX_OPT_THREADS], true, __ATOMIC_RELAXED)) {
        char track[32];
        snprintf(track, sizeof track, "optimizer %u", id);
        timeline_track(o->timeline, TRACK_OPTIMIZER + id, track);
    }
    timeline_slice(o->timeline, TRACK_OPTIMIZER + id, "tier2", name, since_start(o, begin), now(o), args);
}

static void on_compiled(void *observer, unsigned id, gaddr_t pc, uint64_t begin, enum status result)
{
    struct observer *o = observer;
    if (result != STATUS_OK && log_on(LOG_TIER))
        log_printf("region at %#" PRIx64 " given up: %s\n", pc, status_text(result));
    if (o->timeline)
        trace_compile(o, id, pc, begin, result);
}

/* The files belong to the parent: the child writes neither timeline nor perf output; statistics are its own. Where
 * there are none nothing is written: ThreadSanitizer sees a race with the reading of threads that the child has not. */
static void on_fork_child(void *observer)
{
    struct observer *o = observer;
    if (o->timeline)
        o->timeline = NULL;
    if (o->perf)
        o->perf = NULL;
}

static void write_stats(struct engine *e)
{
    const struct options *o = e->options;
    FILE *out = stderr;
    if (o->stats_file) {
        out = fopen(o->stats_file, "we");
        if (!out) {
            message("%s: cannot be written", o->stats_file);
            return;
        }
    }
    report_print(e, out, strcmp(o->stats, "json") == 0);
    if (out != stderr)
        fclose(out);
}

static void visit_slice(struct engine_thread *t, void *observer)
{
    if (t->observer)
        end_slice(observer, t->observer);
}

static void on_finish(void *observer)
{
    struct observer *o = observer;
    const struct options *options = o->e->options;
    if (options->explain)
        explain_place(o->e, o->symbols, options->explain, stderr);
    if (o->timeline) {
        o->e->os->foreach_thread(o->e->process, visit_slice, o);
        timeline_close(o->timeline);
    }
    if (o->perf)
        perf_close(o->perf);
    if (options->stats)
        write_stats(o->e);
}

static void on_destroy(void *observer)
{
    struct observer *o = observer;
    if (o->timeline)
        timeline_destroy(o->timeline);
    if (o->perf)
        perf_destroy(o->perf);
    symbols_destroy(o->symbols);
    free(o);
}

static const struct engine_events events = {
    .thread_start = on_thread_start,
    .thread_end = on_thread_end,
    .block = on_block,
    .enter = on_enter,
    .region = on_region,
    .compiled = on_compiled,
    .fork_child = on_fork_child,
    .finish = on_finish,
    .destroy = on_destroy,
};

enum status observe_create(struct engine *e, struct guest_mem *mem, char *why, size_t size)
{
    const struct options *options = e->options;
    struct observer *o = calloc(1, sizeof *o);
    if (!o)
        return STATUS_NO_MEMORY;
    o->e = e;
    engine_observe(e, &events, o);
    if (options->timeline && timeline_open(options->timeline, &o->timeline) != STATUS_OK) {
        snprintf(why, size, "%s: cannot be written", options->timeline);
        return STATUS_SYSTEM;
    }
    if ((options->perf_map || options->jitdump) && perf_open(options, &o->perf) != STATUS_OK) {
        snprintf(why, size, "perf map or jitdump cannot be written");
        return STATUS_SYSTEM;
    }
    if (o->perf || options->explain || log_on(LOG_IN_ASM))
        o->symbols = symbols_create(mem);
    if (o->perf)
        perf_code(o->perf, e->cc.rx, e->glue.size, "tandem glue");
    return STATUS_OK;
}
