/* SPDX-License-Identifier: Apache-2.0 */
/* What a user can look at: logs of each stage (-d), timeline, perf map and jitdump, --explain, statistics.
 * All calls are cheap when nothing was asked for. Any thread. */
#ifndef TANDEM_RUNTIME_OBSERVE_OBSERVE_H
#define TANDEM_RUNTIME_OBSERVE_OBSERVE_H

#include <stdio.h>

#include "runtime/engine/engine.h"
#include "src/ir/region.h"

enum status observe_init(struct engine *e, char *why, size_t size);
/* A tier-1 block was published; code: the guest bytes it was made from. */
void observe_block(struct engine *e, const struct tb *tb, const struct ir_block *block, const uint8_t *code);
void observe_ir(struct engine *e, const struct ir_block *block);
/* A region was installed. */
void observe_region(struct engine *e, const struct tb *region, const struct ir_region *ir);
/* Registers of t, for -d cpu. */
void observe_registers(struct thread *t);
void observe_thread_start(struct engine *e, struct thread *t);
void observe_thread_end(struct engine *e, struct thread *t);
/* Time for the timeline, in ns; 0 if there is none. */
uint64_t observe_now(const struct engine *e);
/* A block was translated by t, taking ns nanoseconds until now. */
void observe_translation(struct engine *e, struct thread *t, gaddr_t pc, uint64_t ns);
/* Optimizer thread id was at work on the region at pc since begin. */
void observe_compile(struct engine *e, unsigned id, gaddr_t pc, uint64_t begin, enum status result);
void observe_fork_child(struct engine *e);
/* The end of the run: explain, statistics, close files. */
void observe_finish(struct engine *e);

/* ---- timeline.c: Chrome trace-event format ---- */
struct timeline;
enum status timeline_open(const char *path, struct timeline **t);
/* One complete slice on track tid; times from observe_now. */
void timeline_slice(struct timeline *t, unsigned tid, const char *category, const char *name, uint64_t begin,
                    uint64_t end, const char *args_json);
void timeline_track(struct timeline *t, unsigned tid, const char *name);
void timeline_close(struct timeline *t);

/* ---- perf_map.c ---- */
struct perf_output;
enum status perf_open(const struct engine *e, struct perf_output **p);
/* Code of size bytes at rx (readable there) is called name from now on. */
void perf_code(struct perf_output *p, const uint8_t *rx, size_t size, const char *name);
void perf_close(struct perf_output *p);

/* ---- explain.c ---- */
void explain_place(struct engine *e, const char *place, FILE *out);
/* Guest disassembly of a block. */
void explain_guest_code(const struct engine *e, FILE *out, gaddr_t pc, const uint8_t *code, size_t bytes);

#endif
