/* SPDX-License-Identifier: Apache-2.0 */
/* Lifting one block. */
#ifndef TANDEM_RUNTIME_ENGINE_LIFT_H
#define TANDEM_RUNTIME_ENGINE_LIFT_H

#include "runtime/engine/engine.h"

enum { LIFT_FETCH_MAX = 512 }; /* guest bytes looked at for one block */

/* Lifts the block at pc into the arena from the avail bytes at code, at most max_insns instructions of it. Any
 * thread. */
enum status lift_block(const struct engine *e, gaddr_t pc, uint32_t mode, const uint8_t *code, size_t avail,
                       unsigned max_insns, struct arena *arena, const struct ir_block **block);

#endif
