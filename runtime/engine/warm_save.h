/* SPDX-License-Identifier: Apache-2.0 */
/* Storing regions in the cache on disk. Nothing happens without one. */
#ifndef TANDEM_RUNTIME_ENGINE_WARM_SAVE_H
#define TANDEM_RUNTIME_ENGINE_WARM_SAVE_H

#include "runtime/engine/engine.h"

struct lopt_result;
struct region_plan;
struct tb;

/* Stores a region that was just installed. Any thread; what is given may be freed afterwards. */
void warm_save(struct engine *e, const struct region_plan *plan, const struct lopt_result *result);
/* The region, which is from the cache, is slower than tier 1: later runs are not to use it. Any thread; tbs.lock may be
 * held. */
void warm_refuse(struct engine *e, const struct tb *region);

#endif
