/* SPDX-License-Identifier: Apache-2.0 */
/* Tier-1 blocks of the cache on disk: an earlier run, or another process, has translated them.
 *
 * Guest code is cut into pieces (UNIT_SHIFT). When a block is missing in a piece for the first time, all blocks are
 * loaded that the cache has for the piece, while the guest's thread waits. At the end of a process the blocks that it
 * has translated itself are stored, those of one piece as one entry. */
#ifndef TANDEM_RUNTIME_ENGINE_UNITS_H
#define TANDEM_RUNTIME_ENGINE_UNITS_H

#include "runtime/engine/engine.h"

struct tb;
struct units;
struct warm_thread;

/* NULL: blocks are not kept with these options, or no memory. reads_ahead: pieces come before the guest asks for them,
 * in the order that an earlier run has found. */
struct units *units_create(struct warm_thread *on, bool reads_ahead);
/* NULL: nothing to do, here and below. */
void units_destroy(struct units *u);
/* No block was found at pc: have some been loaded now? Outside of any section; may wait for the cache's thread. */
bool units_load(struct engine *e, gaddr_t pc);
/* A block was translated and published. Of a long run, what is new is stored now and then. */
void units_note(struct engine *e, const struct tb *tb);
/* Stores what was translated since the last time, if it is worth it, and waits for that, but not for ever. Outside of
 * any section. */
void units_save(struct engine *e);
/* The blocks until now are the parent's to store. */
void units_fork_child(struct engine *e);

#endif
