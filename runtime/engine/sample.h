/* SPDX-License-Identifier: Apache-2.0 */
/* Finding hot code: samples of where threads are, windows in which blocks count. */
#ifndef TANDEM_RUNTIME_ENGINE_SAMPLE_H
#define TANDEM_RUNTIME_ENGINE_SAMPLE_H

#include "runtime/engine/engine.h"

struct engine_thread;
struct tb;

enum status sample_init(struct engine *e);
/* Only while no guest thread has run. */
void sample_fini(struct engine *e);
/* tb has counted until it asked the cache on disk: does it go on counting? */
void sample_asked(struct engine *e, struct tb *tb);
/* The counter of tb ran out. Inside a section; false: it was left and another one entered, tb may be gone. */
bool sample_counted_out(struct engine_thread *t, struct tb *tb);
/* A sample was due (engine_thread.sample_due): the thread is at cpu->pc. Inside a section, which may be left and
 * another one entered. */
void sample_take(struct engine_thread *t);
/* Adds what the ticker has used. */
void sample_stats(const struct engine *e, struct stats *sum);
/* Ends the ticker: was there one? No other guest thread runs. */
bool sample_end_thread(struct engine *e);
void sample_begin_thread(struct engine *e);
/* Before fork, and after it in the parent or the child. */
void sample_fork_prepare(struct engine *e);
void sample_fork_parent(struct engine *e);
void sample_fork_child(struct engine *e);

#endif
