/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's state: one struct engine a guest process. No function belongs to it; each file of runtime/engine says in
 * its own header what it does with it.
 *
 * Ownership: made by engine_create (lifecycle.h). It lives as long as the host process once a guest thread has begun.
 *
 * Lock order (take from left to right, never back):
 *   sampler.lock (window) -> tbs.lock (translation blocks, links) -> cc.lock (code cache chunks) -> tiers.lock
 *   (queue) -> interp_lock -> stats_lock -> the store's -> the guest memory's own lock, below all of them. The lock of
 *   the list of threads (engine_os.foreach_thread) is taken with stats_lock at most, and nothing else is taken while it
 *   is held.
 */
#ifndef TANDEM_RUNTIME_ENGINE_ENGINE_H
#define TANDEM_RUNTIME_ENGINE_ENGINE_H

#include <pthread.h>

#include "frontend/guest.h"
#include "runtime/engine/code_cache.h"
#include "runtime/engine/events.h"
#include "runtime/engine/memory.h"
#include "runtime/engine/os.h"
#include "runtime/engine/stats.h"
#include "src/base/options.h"
#include "tcg/tcg.h"

enum tier_mode { TIER_INTERP, TIER_1, TIER_2, TIER_MIXED };

enum { ENGINE_MAX_OPT_THREADS = 64 };

struct tbs;     /* tb.h: the table of blocks */
struct tiers;   /* tiers.c: promotion queue and optimizer threads */
struct sampler; /* sample.c: which code is hot */
struct units;   /* units.c: blocks of the cache on disk */
struct warm;    /* warm.c: regions of the cache on disk */

struct engine {
    /* What it was made with; const. */
    const struct guest *guest;
    const struct guest_config *config;
    const struct options *options;
    const struct engine_os *os;
    void *process; /* first argument of os->foreach_thread */
    const struct engine_mem *mem;
    void *memory; /* first argument of mem's functions */
    enum tier_mode tier;
    bool fp_fast;      /* --fp=fast */
    bool sampling;     /* hot code is found by time, not by counts (sample.c) */
    int32_t hot_count; /* executions that a block counts before it is looked at */
    /* Who looks on; NULL: nobody. Set before the first thread runs. */
    const struct engine_events *events;
    void *observer;
    gaddr_t program; /* an address in the program's own file: what is kept for it is found by this file; 0: none */
    /* Code. */
    struct code_cache cc;
    struct tcg_glue glue;
    struct tbs *tbs;
    struct tiers *tiers;
    struct sampler *sampler;
    struct warm *warm;   /* NULL: there is no cache on disk */
    struct units *units; /* NULL: blocks are not kept there */
    uint64_t serial;     /* atomic: last tb.serial given */
    pthread_mutex_t interp_lock;
    struct arena interp_arena; /* TB_INTERP blocks */
    /* Reclamation: reclaim.h. */
    uint64_t section_seq; /* atomic */
    uint64_t flush_seq;   /* atomic: rises when code was retired; threads then drop IBTC and return stack */
    uint64_t *other_sections[ENGINE_MAX_OPT_THREADS + 1]; /* atomic: of optimizer threads and the cache's */
    /* How regions must be made: rises once, never falls. */
    bool precise; /* atomic: regions know their registers at each access that can fault */
    bool ordered; /* atomic: others see the guest's memory: regions keep the order of accesses, and atomics atomic */
    uint64_t insn_cost;   /* atomic: ns that compiling a guest instruction takes; 0: not known yet (heat.c) */
    uint64_t sampled;     /* atomic: ns of guest threads' time sampled in tier 1 */
    uint32_t running;     /* atomic: guest threads that ran at the last tick (sample.c) */
    uint32_t cpu_percent; /* atomic: of a CPU that this process may use; 0: not looked up yet */
    bool ticking;         /* atomic: guest threads are sampled (sample.c) */
    bool no_llvm;         /* atomic: loading it failed: no more promotions */
    /* fork */
    bool forked;      /* this process is a fork made while the optimizer was at work: no tier 2 */
    bool forked_busy; /* between fork_prepare and fork_child: a region is being compiled */
    /* Statistics. */
    uint64_t start_ns;  /* CLOCK_MONOTONIC at creation */
    struct stats total; /* of threads that have ended; under stats_lock */
    pthread_mutex_t stats_lock;
    bool accounted; /* atomic: the first thread's account has begun */
    bool finished;  /* atomic: engine_finish ran */
};

#endif
