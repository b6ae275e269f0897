/* SPDX-License-Identifier: Apache-2.0 */
/* Room in the code cache for new code, by eviction of the oldest if need be. */
#ifndef TANDEM_RUNTIME_ENGINE_EVICT_H
#define TANDEM_RUNTIME_ENGINE_EVICT_H

#include "runtime/engine/engine.h"

/* Checks out a chunk with at least code and data bytes free, *affinity first; evicts if need be (then it waits for a
 * grace period: the caller must be outside of any read section and hold no lock). STATUS_TOO_LARGE: more than a chunk
 * holds. */
enum status cc_reserve(struct engine *e, struct cc_chunk **affinity, size_t code, size_t data,
                       struct cc_reservation *r);

#endif
