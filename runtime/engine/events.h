/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine tells whoever looks on (runtime/observe). The engine knows no observer: it calls this table, if it
 * was given one, with the observer's own pointer first. Calls are made inside a read section where a struct tb is
 * given. Times are CLOCK_MONOTONIC's, in nanoseconds. */
#ifndef TANDEM_RUNTIME_ENGINE_EVENTS_H
#define TANDEM_RUNTIME_ENGINE_EVENTS_H

#include "src/base/status.h"
#include "src/base/types.h"

struct engine_thread;
struct ir_block;
struct ir_region;
struct tb;

struct engine_events {
    /* Guest thread t begins to run, and has ended; on that thread. */
    void (*thread_start)(void *observer, struct engine_thread *t);
    void (*thread_end)(void *observer, struct engine_thread *t);
    /* t has translated the block tb, in ns until now; ir was made from the guest bytes at code. */
    void (*block)(void *observer, struct engine_thread *t, const struct tb *tb, const struct ir_block *ir,
                  const uint8_t *code, uint64_t ns);
    /* t is about to run tb. Only told while something is logged. */
    void (*enter)(void *observer, struct engine_thread *t, const struct tb *tb);
    /* A region was installed. */
    void (*region)(void *observer, const struct tb *region, const struct ir_region *ir);
    /* An optimizer has been at work on the region at pc since begin: it was installed (STATUS_OK), or given up. */
    void (*compiled)(void *observer, unsigned optimizer, gaddr_t pc, uint64_t begin, enum status result);
    /* This process is the child of a fork: whatever was opened is the parent's. */
    void (*fork_child)(void *observer);
    /* The run is over. Once; any thread, while others may still run. */
    void (*finish)(void *observer);
    /* The engine is destroyed before any guest thread began. */
    void (*destroy)(void *observer);
};

/* Tells an event by its name: EVENT(e, region, tb, ir). */
#define EVENT(e, name, ...)                                                                                            \
    do {                                                                                                               \
        if ((e)->events)                                                                                               \
            (e)->events->name((e)->observer, __VA_ARGS__);                                                             \
    } while (0)

#endif
