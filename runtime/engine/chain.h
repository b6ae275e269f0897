/* SPDX-License-Identifier: Apache-2.0 */
/* Chaining: direct exits that jump straight to their target's code. See chain.c for the invariants. */
#ifndef TANDEM_RUNTIME_ENGINE_CHAIN_H
#define TANDEM_RUNTIME_ENGINE_CHAIN_H

#include "runtime/engine/tb.h"

/* Chains exit, which was taken, to target, unless one of them is retired. Takes tbs.lock. */
void chain_taken(struct engine *e, struct tcg_exit *exit, struct tb *target);
/* The block has just been published: chains the exits that wait for it, and its own, or has them wait. tbs.lock
 * held. */
void chain_published_locked(struct engine *e, struct tb *tb);
/* What is chained to tb goes to entry from now on. tbs.lock held. */
void chain_redirect_locked(struct tb *tb, const uint8_t *entry);
/* tb is retired: nothing is chained to it or waits for it to leave, nor is it chained to anything. tbs.lock held. */
void chain_retired_locked(struct engine *e, struct tb *tb);

#endif
