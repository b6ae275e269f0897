/* SPDX-License-Identifier: Apache-2.0 */
/* Where indirect jumps go. */
#ifndef TANDEM_RUNTIME_ENGINE_PROFILE_H
#define TANDEM_RUNTIME_ENGINE_PROFILE_H

#include "runtime/engine/engine.h"

struct tb;

enum { PROFILE_TARGETS = 24, PROFILE_BYTES = 16 * (PROFILE_TARGETS + 1) /* at most */ };

/* Gives a new block that ends in an indirect jump room for its targets, and its counter an earlier end. Without room in
 * the reservation the block has no profile. */
void profile_init(const struct engine *e, struct tb *tb, const struct ir_block *block, struct cc_reservation *r);
/* The same for a block of the cache on disk, which had one. */
void profile_restore(struct tb *tb, struct cc_reservation *r);
/* The counter of tb ran out: true if its jump is to be looked at this time. Arms the counter again. */
bool profile_due(const struct engine *e, struct tb *tb);
/* Looks at the block's jump anew, as often as for a new block. Arms its counter. */
void profile_restart(struct tb *tb);
/* The jump went to pc. Any thread. */
void profile_add(struct tb *tb, gaddr_t pc);
/* The targets seen, the most frequent first; the number of them, at most max. percent, if not NULL, gets the share of
 * each. */
unsigned profile_targets(const struct tb *tb, gaddr_t *pc, unsigned *percent, unsigned max);

#endif
