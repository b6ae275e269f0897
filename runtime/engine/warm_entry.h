/* SPDX-License-Identifier: Apache-2.0 */
/* A region and what it was made from as the bytes of an entry of the cache on disk. */
#ifndef TANDEM_RUNTIME_ENGINE_WARM_ENTRY_H
#define TANDEM_RUNTIME_ENGINE_WARM_ENTRY_H

#include "runtime/engine/region.h"

struct lopt_result;

/* store_record.flags: how a region was made (ir_region). */
/* REFUSED: the region was slower than tier 1, and the entry has none. */
enum { WARM_PRECISE = 1, WARM_ORDERED = 2, WARM_REFUSED = 4 };

/* The entry's bytes (malloc), and their number. NULL: no memory. */
uint8_t *warm_entry_write(const struct region_plan *plan, const struct lopt_result *result, size_t *size);
/* A plan of stored blocks, in the arena, and the region's code. STATUS_BAD_FORMAT: they are not what was written. */
enum status warm_entry_read(const uint8_t *data, size_t size, struct arena *arena, struct region_plan *plan,
                            struct lopt_result *result);
/* Has the guest the same code in memory? Its pages are protected, and their generations noted in the plan, before it is
 * compared. Outside of locks. */
bool warm_entry_fits(struct engine *e, struct region_plan *plan);
/* Is there a block that may change itself, and so is never in the cache? */
bool warm_may_change_itself(struct engine *e, const struct region_plan *plan);
#endif
