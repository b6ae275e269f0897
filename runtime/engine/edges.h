/* SPDX-License-Identifier: Apache-2.0 */
/* How often each exit of a block is taken: counted while a window is open (sample.c), for the edges of a region's
 * graph.
 *
 * An exit that is counted jumps through a counter's code to its target (tcg_edge). Nothing is translated anew, and at
 * other times counting costs nothing. What stays is each exit's share of its block's executions (tcg_exit.share). */
#ifndef TANDEM_RUNTIME_ENGINE_EDGES_H
#define TANDEM_RUNTIME_ENGINE_EDGES_H

#include "runtime/engine/engine.h"

struct tb;

enum { EDGES_MAX = CC_NEAR / 2 / TCG_EDGE_BYTES };

/* The counters. Under sampler.lock. */
struct edges {
    unsigned used;
    uint64_t grace; /* reclaim_begin: when it is over nobody runs a counter's code any more; 0: nobody ever did */
    bool ready;     /* their code is there */
};

/* All counters are free. False: a thread may be at one still, or there is no memory: nothing is to be counted now. */
bool edges_begin(struct engine *e, struct edges *s);
/* The exits of tb that are chained are counted from now on, those that were being counted on; returns how many of its
 * exits are, 0 if there are not enough counters left. tbs.lock held. */
unsigned edges_watch_locked(struct engine *e, struct edges *s, struct tb *tb);
/* The exits of tb are not counted any more, watched of them were: their shares are noted, unless what they lead to was
 * changed meanwhile, or the block ran too seldom to tell. tbs.lock held. */
void edges_settle_locked(struct engine *e, struct tb *tb, unsigned watched);
/* No exit is counted any more. */
void edges_end(struct engine *e, struct edges *s);

#endif
