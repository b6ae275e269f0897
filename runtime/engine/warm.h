/* SPDX-License-Identifier: Apache-2.0 */
/* Regions of the cache on disk: an earlier run, or another process, has compiled them.
 *
 * A block that is executed for the first time is given a short count (tb.h: TB_ASK). When that runs out, the cache is
 * asked for the region that begins with the block. The cache's thread reads it, compares the guest's code with that of
 * which the region was made, and installs it; meanwhile the block counts on as it would without a cache. Every region
 * that an optimizer installs is stored. */
#ifndef TANDEM_RUNTIME_ENGINE_WARM_H
#define TANDEM_RUNTIME_ENGINE_WARM_H

#include "runtime/engine/engine.h"
#include "src/base/hash.h"

struct engine_thread;
struct tb;
struct warm;

/* NULL: no memory. root: its folder. */
struct warm *warm_create(struct engine *e, const char *root);
/* Before any thread has run. NULL: nothing to do, here and below. */
void warm_destroy(struct warm *w);
/* Makes the new block tb ask, unless it is known that the cache has nothing for it. Before tb is published. */
void warm_prepare(struct engine *e, struct tb *tb);
/* The same for a block whose code is known to be of this file. */
void warm_prepare_of(struct engine *e, struct tb *tb, struct hash128 file);
/* The block's count has run out: it may ask. Inside a section. COUNT: it counts on; GO_ON: it has counted all that it
 * is to count; LEFT: the section was left and another one entered, tb may be gone. */
enum warm_next { WARM_COUNT, WARM_GO_ON, WARM_LEFT };
enum warm_next warm_ask(struct engine_thread *t, struct tb *tb);
/* The run is over: gives what is not stored yet a moment. */
void warm_finish(struct warm *w);
void warm_stats(const struct warm *w, struct stats *sum);
/* Ends the cache's thread; the next job starts it again. */
void warm_end_thread(struct warm *w);
void warm_fork_prepare(struct warm *w);
void warm_fork_parent(struct warm *w);
void warm_fork_child(struct warm *w);
#endif
