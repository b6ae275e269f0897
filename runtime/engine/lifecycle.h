/* SPDX-License-Identifier: Apache-2.0 */
/* The engine and its threads from their creation to the end of the run. */
#ifndef TANDEM_RUNTIME_ENGINE_LIFECYCLE_H
#define TANDEM_RUNTIME_ENGINE_LIFECYCLE_H

#include "runtime/engine/engine.h"

struct cpu;
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
    const char *cache_root; /* folder of the cache on disk; NULL: none. Copied */
};

/* Makes code cache, glue and block table; optimizer threads are started on first use. On failure why says in words what
 * is wrong, and *e stays as it was. */
enum status engine_create(struct engine **e, const struct engine_setup *setup, char *why, size_t size);
/* Frees an engine in which no thread has run, and tells the observer. NULL: nothing to do. */
void engine_destroy(struct engine *e);
/* Says who looks on. Before the first thread runs. */
void engine_observe(struct engine *e, const struct engine_events *events, void *observer);
/* Says which program this is, by an address of guest code in its own file. Before the first thread runs. */
void engine_name_program(struct engine *e, gaddr_t pc);
/* Makes the engine's part of a guest thread. It may be visited (engine_os.foreach_thread) from then on. */
struct engine_thread *engine_thread_create(struct engine *e, struct cpu *cpu, void *owner);
/* It runs no more guest code: its statistics are kept. On the thread itself. */
void engine_thread_end(struct engine_thread *t);
/* After engine_thread_end. On the thread itself; nobody can visit it any more. */
void engine_thread_destroy(struct engine_thread *t);
/* With --stats: begins to count t's CPU time, on its thread. What the process has used before its first thread begins
 * is counted as first. */
void lifecycle_count_time(struct engine_thread *t, enum account_time first);
/* Ends the threads that work in the background, and waits until they have: for what the kernel allows only to a process
 * of one thread. The caller is the only guest thread. All but the ticker begin again when they are needed; that one
 * begins with engine_begin_threads, which is given what engine_end_threads returned. */
bool engine_end_threads(struct engine *e);
void engine_begin_threads(struct engine *e, bool ticked);
/* fork: before, in the parent after, in the child after, where self is the only thread and process its process. */
void engine_fork_prepare(struct engine *e);
void engine_fork_parent(struct engine *e);
void engine_fork_child(struct engine *e, struct engine_thread *self, void *process);
/* The process is about to become another program: what is to be kept of this one is stored. */
void engine_leave(struct engine *e);
/* The process is about to exit (exit_group, fatal signal): tells the observer. Once; any thread. e may be NULL. */
void engine_finish(struct engine *e);
/* What all threads have counted so far. */
void engine_stats(struct engine *e, struct stats *sum);

#endif
