/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the engine that what it translated is no longer true. */
#ifndef TANDEM_RUNTIME_ENGINE_INVALIDATE_H
#define TANDEM_RUNTIME_ENGINE_INVALIDATE_H

#include "runtime/engine/engine.h"

struct engine_thread;

/* The guest code in [start, end) changed, was unmapped or lost its execute permission: no thread will enter
 * translations of it after its next block boundary. Any thread, also from the SIGSEGV handler of a guest write (no
 * locks of libc are taken). e NULL: nothing was translated yet. */
void engine_invalidate(struct engine *e, gaddr_t start, gaddr_t end);
/* Guest-visible precision changed (first SIGSEGV/... handler installed): retires imprecise regions, waits until none
 * runs. */
void engine_set_precise(struct engine *e);
/* Somebody else is about to see the guest's memory: a second thread, or whoever shares a mapping. Retires regions that
 * were made as if nobody did, in which accesses change places and atomic operations are plain ones; waits until none
 * runs. */
void engine_set_ordered(struct engine *e);
/* fence.i and its like: code changes become visible to this thread. Outside of any section. */
void engine_icache_sync(struct engine_thread *t);

#endif
