/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's part of a guest thread.
 *
 * Ownership: made and freed (lifecycle.h) by whoever makes guest threads (engine_os), on the thread itself or before it
 * runs. Only that thread uses it, but for the fields marked atomic. */
#ifndef TANDEM_RUNTIME_ENGINE_THREAD_H
#define TANDEM_RUNTIME_ENGINE_THREAD_H

#include <setjmp.h>

#include "runtime/engine/stats.h"
#include "src/base/arena.h"
#include "src/base/cpu.h"

struct cc_chunk;
struct cc_reservation;
struct engine;
struct optimizer;
struct tb;
struct tcg_pc_map;
struct tcg_reloc;

/* Of one block, at most: lines of the pc map; addresses in the code, if it is to go into the cache on disk. */
enum { ENGINE_MAP_ROOM = 512, ENGINE_RELOC_ROOM = 512 };

struct engine_thread {
    uint64_t section;    /* atomic: 0 outside, else engine.section_seq when entered */
    uint64_t flush_seen; /* engine.flush_seq at the last reset of IBTC and return stack */
    struct engine *engine;
    struct cpu *cpu;
    void *owner;        /* the operating system's part: struct thread of user mode */
    void *observer;     /* the observer's part */
    sigjmp_buf restart; /* engine_run: where a synchronous fault in guest code continues */
    struct stats stats;
    struct account account; /* --stats */
    /* Dispatch. */
    uint32_t ibtc_mode;         /* the mode the IBTC is filled for */
    uint32_t ibtc_filled;       /* entries that the IBTC got since it was empty */
    uint64_t ibtc_used;         /* a bit for each group of its entries: one of them may not be empty */
    unsigned step;              /* engine_step: so many instructions one by one, as they are in memory then */
    unsigned replay;            /* after a fault in a region: instructions to be done again, one of which faults */
    const struct tb *interp_tb; /* in ir_interp */
    struct tb *profiled;        /* runs with a poll asked for, to see where its indirect jump goes */
    bool sample_due;            /* atomic: set with cpu->pending by the ticker (sample.c) */
    uint64_t sampled;           /* CPU time of the thread at its last sample, ns */
    /* Translation. */
    struct cc_chunk *chunk; /* affinity only */
    struct arena arena;     /* one translation */
    struct tcg_pc_map *map_buf;
    struct tcg_reloc *reloc_buf;
    bool fetching;                      /* reading guest code at cpu->pc: a fault then is the guest's */
    struct cc_reservation *reservation; /* to be aborted after such a fault */
    struct optimizer *optimizer;        /* --opt-threads=0: compiles on this thread */
    char pad[64];
};

/* Makes t leave generated code at its next poll. Async-signal-safe, any thread. */
static inline void engine_kick(struct engine_thread *t) { __atomic_store_n(&t->cpu->pending, 1, __ATOMIC_RELEASE); }

#endif
