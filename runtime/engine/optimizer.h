/* SPDX-License-Identifier: Apache-2.0 */
/* One optimizer: an optimizer thread's state, or, with --opt-threads=0, a guest thread's when it compiles by itself. */
#ifndef TANDEM_RUNTIME_ENGINE_OPTIMIZER_H
#define TANDEM_RUNTIME_ENGINE_OPTIMIZER_H

#include "runtime/engine/engine.h"

struct lopt;
struct lopt_options;
struct tb;

enum {
    OPTIMIZER_MAX_REBUILDS = 2,    /* of one region */
    OPTIMIZER_MAX_COUNT = 1 << 30, /* a queued block's counter: counts on, to tell which one is hottest */
};

struct optimizer {
    struct engine *e;
    pthread_t thread;
    struct lopt *lopt; /* made on first use */
    struct arena arena;
    struct cc_chunk *chunk; /* affinity */
    uint64_t section;       /* registered by the caller */
    struct stats stats;
    struct account *account, own_account; /* the thread's: its own, or the guest thread's */
    unsigned id;
};

/* Frees what it has. */
void optimizer_fini(struct optimizer *o);
/* Frees what it has and itself. NULL: nothing to do. */
void optimizer_destroy(struct optimizer *o);
/* Adds what an optimizer thread has counted until now. Any thread. */
void optimizer_stats(const struct optimizer *o, struct stats *sum);
/* Compiles and installs the region of the block at pc, or gives it up. Outside of any section. */
void optimizer_run(struct optimizer *o, gaddr_t pc, uint32_t mode);
/* Is something written where a region is compiled or installed, to files that the process has open? */
bool optimizer_writes(const struct options *o);
/* How LLVM is asked to compile. */
void optimizer_lopt_options(const struct engine *e, struct lopt_options *o);

#endif
