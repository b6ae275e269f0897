/* SPDX-License-Identifier: Apache-2.0 */
/* The engine from its creation to the end of the run. */
#ifndef TANDEM_RUNTIME_ENGINE_LIFECYCLE_H
#define TANDEM_RUNTIME_ENGINE_LIFECYCLE_H

#include "runtime/engine/engine.h"

struct engine_thread;

/* What an engine is made with: the fields of struct engine with the same names. All of it outlives the engine. */
struct engine_setup {
    const struct guest *guest;
    const struct guest_config *config;
    const struct options *options;
    const struct engine_os *os;
    void *process;
    const struct engine_mem *mem;
    void *memory;
};

/* Makes code cache, glue and block table; optimizer threads are started on first use. On failure why says in words what
 * is wrong, and *e stays as it was. */
enum status engine_create(struct engine **e, const struct engine_setup *setup, char *why, size_t size);
/* Frees an engine in which no thread has run, and tells the observer. NULL: nothing to do. */
void engine_destroy(struct engine *e);
/* Says who looks on. Before the first thread runs. */
void engine_observe(struct engine *e, const struct engine_events *events, void *observer);
/* fork: before, in the parent after, in the child after, where self is the only thread. */
void engine_fork_prepare(struct engine *e);
void engine_fork_parent(struct engine *e);
void engine_fork_child(struct engine *e, struct engine_thread *self);
/* The process is about to exit (exit_group, fatal signal): tells the observer. Once; any thread. e may be NULL. */
void engine_finish(struct engine *e);
/* What all threads have counted so far. */
void engine_stats(struct engine *e, struct stats *sum);

#endif
