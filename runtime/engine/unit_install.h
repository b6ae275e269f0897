/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a unit as blocks of this process. */
#ifndef TANDEM_RUNTIME_ENGINE_UNIT_INSTALL_H
#define TANDEM_RUNTIME_ENGINE_UNIT_INSTALL_H

#include "runtime/engine/unit.h"

struct cc_chunk;

/* Hash of the guest's bytes in [start, end), whose pages are protected before they are read, and their generation then.
 * False: not all of it is code that can be kept on disk: it is writable, or is checked by content. Outside of locks. */
bool unit_guest_hash(struct engine *e, gaddr_t start, gaddr_t end, struct hash128 *hash, uint64_t *generation);
/* Publishes the unit's blocks, but for those that are there; *blocks: how many. file: the guest's, which they are of.
 * is_first: the piece had no blocks until now, unless by chance. STATUS_STALE: the guest has other code there. Enters
 * and leaves the section. */
enum status unit_install(struct engine *e, const struct unit *u, struct hash128 file, bool is_first,
                         struct cc_chunk **affinity, uint64_t *section, unsigned *blocks);

#endif
