/* SPDX-License-Identifier: Apache-2.0 */
/* How long the guest stays in a region once it is in. */
#ifndef TANDEM_RUNTIME_ENGINE_STAY_H
#define TANDEM_RUNTIME_ENGINE_STAY_H

#include "runtime/engine/engine.h"
#include "src/ir/region.h"

/* What entering and leaving a region costs (loading registers, storing them) is what tier 2 gains on about so many
 * guest instructions. Regions of interpreters that were left after 4 to 20 made perl slower than tier 1 alone. */
enum { STAY_LEAST = 40 };

/* Guest instructions from where the region is entered to where it is left, on average, by the executions of blocks that
 * were counted: those of its own blocks, and of what they lead to. Inside a section. UINT64_MAX: it is never left. */
uint64_t stay_expected(struct engine *e, const struct ir_region *region);

#endif
