/* SPDX-License-Identifier: Apache-2.0 */
/* --stats: the account of a run, as text or as one JSON object with the same content. */
#define _GNU_SOURCE
#include "runtime/observe/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/engine/tb.h"
#include "src/ir/text/print.h"

enum unit { COUNT, NS, BYTES };

static const struct row {
    const char *name, *text;
    uint8_t unit;
} rows[] = {
#define STAT(field, unit, text) {#field, text, unit},
#include "runtime/engine/stats.def"
#undef STAT
};

static const struct {
    const char *name, *text;
} time_rows[TIME_COUNT] = {
#define TIME(name, json, text) {#json, text},
#include "runtime/engine/times.def"
#undef TIME
};

static void values_of(const struct stats *s, uint64_t *values)
{
    unsigned i = 0;
#define STAT(field, unit, text) values[i++] = s->field;
#include "runtime/engine/stats.def"
#undef STAT
}

/* What belongs to the process rather than to a thread's counters. */
struct run {
    double wall_ms, cpu_ms;
    uint64_t other_ns; /* CPU time that is in no thread's account: ends of threads, this report */
    long rss_kb;
    size_t code_used;
    unsigned opt_threads;
};

static void measure(struct engine *e, const struct stats *s, struct run *r)
{
    struct rusage u;
    uint64_t all = stats_clock(CLOCK_PROCESS_CPUTIME_ID), known = 0;
    for (unsigned i = 0; i < TIME_COUNT; i++)
        known += s->times[i];
    r->other_ns = all > known ? all - known : 0;
    getrusage(RUSAGE_SELF, &u);
    r->wall_ms = (double)(stats_clock(CLOCK_MONOTONIC) - e->start_ns) / 1e6;
    r->cpu_ms =
        (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
    r->rss_kb = u.ru_maxrss;
    r->code_used = 0;
    for (unsigned i = 0; i < e->cc.chunk_count; i++)
        r->code_used += e->cc.chunks[i].used;
}

static int by_calls(const void *a, const void *b)
{
    const struct ir_eval_count *x = a, *y = b;
    return (x->calls < y->calls) - (x->calls > y->calls);
}

/* The calls of ir_eval, most frequent first, each with the format of its line: text, count. */
static void print_evals(FILE *out, struct ir_eval_counts *c, const char *first, const char *more)
{
    qsort(c->kinds, IR_EVAL_KINDS, sizeof c->kinds[0], by_calls);
    for (unsigned i = 0; i < IR_EVAL_KINDS && c->kinds[i].calls; i++) {
        char text[96] = "";
        FILE *f = fmemopen(text, sizeof text, "w");
        if (!f)
            return;
        struct ir_insn in = ir_eval_counted(&c->kinds[i]);
        ir_print_kind(f, &in);
        if (c->kinds[i].from != in.type && c->kinds[i].from != IR_VOID)
            fprintf(f, " of %s", ir_type_name((enum ir_type)c->kinds[i].from));
        fclose(f);
        fprintf(out, i ? more : first, text, c->kinds[i].calls);
    }
}

static void print_text(FILE *out, const struct engine *e, const struct run *r, struct stats *s, const uint64_t *v)
{
    fprintf(out, "tandem statistics\n");
    fprintf(out, "  %-52s %14.1f ms\n", "wall time", r->wall_ms);
    fprintf(out, "  %-52s %14.1f ms\n", "CPU time of all threads", r->cpu_ms);
    fprintf(out, "  %-52s %14ld KiB\n", "largest resident memory", r->rss_kb);
    fprintf(out, "  %-52s %14zu KiB of %zu\n", "code cache in use", r->code_used / 1024, e->cc.size / 1024);
    fprintf(out, "  %-52s %14" PRIu64 "\n", "code cache chunks evicted", e->cc.evictions);
    fprintf(out, "  %-52s %14" PRIu64 "\n", "blocks and regions retired", e->tbs->retired);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].unit == NS)
            fprintf(out, "  %-52s %14.3f ms\n", rows[i].text, (double)v[i] / 1e6);
        else
            fprintf(out, "  %-52s %14" PRIu64 "%s\n", rows[i].text, v[i], rows[i].unit == BYTES ? " bytes" : "");
    }
    for (unsigned i = 0; i < TIME_COUNT; i++)
        fprintf(out, "  CPU: %-47s %14.3f ms\n", time_rows[i].text, (double)s->times[i] / 1e6);
    fprintf(out, "  CPU: %-47s %14.3f ms\n", "everything else", (double)r->other_ns / 1e6);
    const char *line = "  out of line: %-39s %14" PRIu64 "\n";
    print_evals(out, &s->evals, line, line);
    for (unsigned i = 0; i < STATUS_COUNT; i++)
        if (s->aborts[i])
            fprintf(out, "  regions given up: %-34s %14" PRIu64 "\n", status_text((enum status)i), s->aborts[i]);
}

static void print_json(FILE *out, const struct engine *e, const struct run *r, struct stats *s, const uint64_t *v)
{
    fprintf(out,
            "{\"wall_ms\":%.3f,\"cpu_ms\":%.3f,\"max_rss_kb\":%ld,\"code_bytes\":%zu,\"cache_bytes\":%zu,\"evictions\":"
            "%" PRIu64 ",\"retired\":%" PRIu64,
            r->wall_ms, r->cpu_ms, r->rss_kb, r->code_used, e->cc.size, e->cc.evictions, e->tbs->retired);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        fprintf(out, ",\"%s\":%" PRIu64, rows[i].name, v[i]);
    for (unsigned i = 0; i < TIME_COUNT; i++)
        fprintf(out, ",\"%s\":%" PRIu64, time_rows[i].name, s->times[i]);
    fprintf(out, ",\"time_other_ns\":%" PRIu64, r->other_ns);
    fputs(",\"aborts\":{", out);
    bool any = false;
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        if (s->aborts[i])
            fprintf(out, "%s\"%s\":%" PRIu64, any ? "," : "", status_text((enum status)i), s->aborts[i]);
        any = any || s->aborts[i];
    }
    fputs("},\"evals\":{", out);
    print_evals(out, &s->evals, "\"%s\":%" PRIu64, ",\"%s\":%" PRIu64);
    fputs("}}\n", out);
}

void report_print(struct engine *e, FILE *out, bool json)
{
    struct stats sum;
    struct run run;
    uint64_t values[ARRAY_LEN(rows)];
    engine_stats(e, &sum);
    measure(e, &sum, &run);
    values_of(&sum, values);
    (json ? print_json : print_text)(out, e, &run, &sum, values);
}
