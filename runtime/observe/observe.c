/* SPDX-License-Identifier: Apache-2.0 */
/* Hands each event of the engine to those who asked for it: logs, timeline, perf output, statistics, --explain. */
#define _GNU_SOURCE
#include "runtime/observe/observe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/lopt.h"
#include "runtime/loader/symbols.h"
#include "runtime/observe/report.h"
#include "runtime/observe/sampler.h"
#include "src/base/log.h"
#include "src/ir/region.h"
#include "src/ir/state.h"
#include "src/ir/text/print.h"

enum {
    TRACK_OPTIMIZER = 1 << 20
}; /* timeline track numbers of optimizer threads begin here; guest threads use their tid */

enum status observe_init(struct engine *e, char *why, size_t size)
{
    const struct options *o = e->proc->options;
    if (o->timeline && timeline_open(o->timeline, &e->timeline) != STATUS_OK) {
        snprintf(why, size, "%s: cannot be written", o->timeline);
        return STATUS_SYSTEM;
    }
    if ((o->perf_map || o->jitdump) && perf_open(e, &e->perf) != STATUS_OK) {
        snprintf(why, size, "perf map or jitdump cannot be written");
        return STATUS_SYSTEM;
    }
    if (e->perf || o->explain || log_on(LOG_IN_ASM))
        e->symbols = symbols_create(e->proc->mem);
    if (e->perf)
        perf_code(e->perf, e->cc.rx, e->glue.size, "tandem glue");
    return STATUS_OK;
}

static void place_name(struct engine *e, gaddr_t pc, char *text, size_t size)
{
    if (!e->symbols || !symbols_name(e->symbols, pc, text, size))
        snprintf(text, size, "%#" PRIx64, pc);
}

void explain_guest_code(const struct engine *e, FILE *out, gaddr_t pc, const uint8_t *code, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        char text[128];
        unsigned n = e->proc->guest->disas(pc + at, code + at, bytes - at, text, sizeof text);
        if (!n)
            break;
        fprintf(out, "%#14" PRIx64 ":  %s\n", pc + at, text);
        at += n;
    }
}

static void log_block(struct engine *e, const struct tb *tb, const struct ir_block *block, const uint8_t *code)
{
    if (!log_in_filter(tb->pc))
        return;
    char name[128];
    place_name(e, tb->pc, name, sizeof name);
    FILE *f = log_begin();
    if (log_on(LOG_IN_ASM)) {
        fprintf(f, "----------------\nIN: %s\n", name);
        explain_guest_code(e, f, tb->pc, code, tb->guest_bytes);
    }
    if (log_on(LOG_OP) || log_on(LOG_OP_OPT)) {
        fprintf(f, "OP:\n");
        ir_print(f, block);
    }
    if (log_on(LOG_OUT_ASM)) {
        fprintf(f, "OUT: %u bytes\n", tb->size);
        lopt_disas_host(tb->rx, tb->size, (uintptr_t)tb->rx, f);
    }
    log_end(f);
}

void observe_block(struct engine *e, const struct tb *tb, const struct ir_block *block, const uint8_t *code)
{
    if (log_on(LOG_IN_ASM) || log_on(LOG_OP) || log_on(LOG_OP_OPT) || log_on(LOG_OUT_ASM))
        log_block(e, tb, block, code);
    if (e->perf) {
        char name[160];
        place_name(e, tb->pc, name, sizeof name - 8);
        strcat(name, " [t1]");
        perf_code(e->perf, tb->rx, tb->size, name);
    }
}

void observe_ir(struct engine *e, const struct ir_block *block)
{
    if (!log_in_filter(block->pc))
        return;
    FILE *f = log_begin();
    fprintf(f, "OP:\n");
    ir_print(f, block);
    log_end(f);
}

static void log_region(struct engine *e, const struct tb *region, const struct ir_region *ir)
{
    if (!log_in_filter(region->pc))
        return;
    char name[128];
    place_name(e, region->pc, name, sizeof name);
    FILE *f = log_begin();
    if (log_on(LOG_REGION)) {
        fprintf(f, "region %s: %u blocks, %u guest instructions, %u bytes%s\n", name, ir->count, region->guest_insns,
                region->size, ir->precise ? ", precise" : "");
        for (unsigned i = 0; i < ir->count; i++)
            fprintf(f, "  %#" PRIx64 " weight %" PRIu64 "\n", ir->blocks[i].block->pc, ir->blocks[i].weight);
    }
    if (log_on(LOG_OUT_ASM)) {
        fprintf(f, "OUT (region %s): %u bytes\n", name, region->size);
        lopt_disas_host(region->rx, region->size, (uintptr_t)region->rx, f);
    }
    log_end(f);
}

void observe_region(struct engine *e, const struct tb *region, const struct ir_region *ir)
{
    if (log_on(LOG_REGION) || log_on(LOG_OUT_ASM))
        log_region(e, region, ir);
    if (e->perf) {
        char name[160];
        place_name(e, region->pc, name, sizeof name - 8);
        strcat(name, " [t2]");
        perf_code(e->perf, region->rx, region->size, name);
    }
}

void observe_registers(struct thread *t)
{
    const struct guest *guest = t->proc->guest;
    FILE *f = log_begin();
    fprintf(f, " pc       %016" PRIx64 "\n", t->cpu->pc);
    for (unsigned i = 0; i < guest->state->count; i++)
        fprintf(f, " %-8s %016" PRIx64 "%s", guest->state->rows[i].name, guest_get(t->cpu, guest, i),
                i % 4 == 3 ? "\n" : "");
    fputc('\n', f);
    log_end(f);
}

uint64_t observe_now(const struct engine *e) { return e->timeline ? stats_clock(CLOCK_MONOTONIC) - e->start_ns : 0; }

void observe_thread_start(struct engine *e, struct thread *t)
{
    t->core->begin = observe_now(e);
    if (e->proc->options->stats)
        sampler_start(t);
    if (e->timeline) {
        char name[32];
        snprintf(name, sizeof name, "guest thread %d", (int)t->tid);
        timeline_track(e->timeline, (unsigned)t->tid, name);
    }
}

static void end_slice(struct engine *e, struct thread *t)
{
    timeline_slice(e->timeline, (unsigned)t->tid, "guest", "run", t->core->begin, observe_now(e), NULL);
}

void observe_thread_end(struct engine *e, struct thread *t)
{
    sampler_stop(t);
    if (e->timeline)
        end_slice(e, t);
}

void observe_translation(struct engine *e, struct thread *t, gaddr_t pc, uint64_t ns)
{
    if (!e->timeline)
        return;
    uint64_t end = observe_now(e);
    char name[160];
    snprintf(name, sizeof name, "%#" PRIx64, pc);
    timeline_slice(e->timeline, (unsigned)t->tid, "tier1", name, end - ns, end, NULL);
}

void observe_compile(struct engine *e, unsigned id, gaddr_t pc, uint64_t begin, enum status result)
{
    if (!e->timeline)
        return;
    char name[160], args[128];
    snprintf(name, sizeof name, "%#" PRIx64, pc);
    snprintf(args, sizeof args, "\"result\":\"%s\"", status_text(result));
    if (!__atomic_exchange_n(&e->track_named[id % ENGINE_MAX_OPT_THREADS], true, __ATOMIC_RELAXED)) {
        char track[32];
        snprintf(track, sizeof track, "optimizer %u", id);
        timeline_track(e->timeline, TRACK_OPTIMIZER + id, track);
    }
    timeline_slice(e->timeline, TRACK_OPTIMIZER + id, "tier2", name, begin, observe_now(e), args);
}

void observe_fork_child(struct engine *e)
{
    /* The files belong to the parent: the child writes neither timeline nor perf output; statistics are its own. */
    e->timeline = NULL;
    e->perf = NULL;
}

static void write_stats(struct engine *e)
{
    const struct options *o = e->proc->options;
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

void observe_finish(struct engine *e)
{
    const struct options *o = e->proc->options;
    if (o->explain)
        explain_place(e, o->explain, stderr);
    if (e->timeline) {
        pthread_mutex_lock(&e->proc->threads_lock);
        for (struct thread *t = e->proc->threads; t; t = t->next)
            if (t->core)
                end_slice(e, t);
        pthread_mutex_unlock(&e->proc->threads_lock);
        timeline_close(e->timeline);
    }
    if (e->perf)
        perf_close(e->perf);
    if (o->stats)
        write_stats(e);
}
