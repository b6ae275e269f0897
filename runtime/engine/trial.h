/* SPDX-License-Identifier: Apache-2.0 */
/* A trial: does the guest get on faster with some regions, or with what tier 1 has in their place?
 *
 * They are suspended and taken up again in turn, for a tick or so each. Meanwhile blocks outside of them count their
 * executions: they do the same work either way, and so they say how fast the guest gets on (the meter). What regions
 * cost beyond their own code, jumps that the host predicts badly or code that does not fit its caches, is seen, too.
 *
 * All functions: sampler.lock held (sample.c). */
#ifndef TANDEM_RUNTIME_ENGINE_TRIAL_H
#define TANDEM_RUNTIME_ENGINE_TRIAL_H

#include "src/base/types.h"

struct engine;
struct engine_thread;
struct tb;

enum {
    TRIAL_WINDOWS = 48, /* at most; with, without, without, with, ... */
    TRIAL_REGIONS = 64,
    TRIAL_METER = 64,
};

enum trial_verdict {
    TRIAL_UNKNOWN, /* the meter's blocks were hardly executed */
    TRIAL_OPEN,    /* no difference that could not be chance */
    TRIAL_FASTER,
    TRIAL_SLOWER,
};

struct trial_outcome {
    enum trial_verdict verdict;
    double gain; /* how much faster the guest was with the regions: 0.1: by a tenth */
};

/* A block, or the region that hangs on it; by serial, since it may be retired meanwhile. */
struct trial_item {
    gaddr_t pc;
    uint32_t mode;
    uint64_t serial;
};

/* What was seen. */
struct trial_counts {
    unsigned windows;                           /* that are over */
    unsigned blocks;                            /* of the meter */
    uint32_t count[TRIAL_METER][TRIAL_WINDOWS]; /* executions */
    uint64_t time[TRIAL_WINDOWS];               /* ns of the guest's CPU time */
};

struct trial {
    struct trial_item region[TRIAL_REGIONS], meter[TRIAL_METER];
    uint64_t last[TRIAL_METER]; /* executions when the window began */
    struct trial_counts seen;
    unsigned regions;
    bool running; /* atomic */
};

TANDEM_BEGIN_DECLS
/* A name of the block or region. */
struct trial_item trial_item_of(const struct tb *tb);
/* The region of that name, if it is still installed. Inside a section, or tbs.lock held. */
struct tb *trial_find_region(struct engine *e, const struct trial_item *item);
/* How fast the guest was with and without, from what was seen. */
struct trial_outcome trial_judge(const struct trial_counts *seen);
/* Begins: region and meter are filled in. The caller's thread: its IBTC is corrected. */
void trial_begin(struct trial *t, struct engine_thread *thread);
/* The guest has had time since trial_begin or the last call. True: that was the last window, all is as before. It may
 * be the last one early, when it is plain what to think of the regions, or that there is nothing to tell it by. */
bool trial_advance(struct trial *t, struct engine_thread *thread, uint64_t time);
/* Ends it before it is over. thread: NULL: not a guest's. */
void trial_cancel(struct trial *t, struct engine *e);
TANDEM_END_DECLS

#endif
