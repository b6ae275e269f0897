/* SPDX-License-Identifier: Apache-2.0 */
/* The pc map of a block (tcg.h) as a row of bytes: two for most lines. It is read only when something faults. */
#ifndef TANDEM_RUNTIME_ENGINE_PC_MAP_H
#define TANDEM_RUNTIME_ENGINE_PC_MAP_H

#include "tcg/tcg.h"

TANDEM_BEGIN_DECLS
/* Writes count lines, of ascending host offsets, and returns how many bytes they take. to may be NULL: nothing is
 * written. Any thread. */
size_t pc_map_pack(const struct tcg_pc_map *map, unsigned count, uint8_t *to);
/* The last line whose host offset is off or less. False: there is none. Async-signal-safe; reads none but size bytes,
 * whatever they are. */
bool pc_map_find(const uint8_t *packed, size_t size, uint32_t off, struct tcg_pc_map *line);
TANDEM_END_DECLS

#endif
