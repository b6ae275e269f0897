/* SPDX-License-Identifier: Apache-2.0 */
/* Begins a block and seals it: the frame around what builder.h appends. */
#ifndef TANDEM_IR_SIMPLIFY_SEAL_H
#define TANDEM_IR_SIMPLIFY_SEAL_H

#include "src/ir/build/builder.h"

TANDEM_BEGIN_DECLS
/* An empty block of the guest code at pc, to be lifted for the translation mode. It will live in the arena. */
void ir_builder_init(struct ir_builder *b, struct arena *arena, const struct ir_state *state, gaddr_t pc,
                     uint32_t mode);
/* Removes dead code, merges loads where the builder may, moves FCANONs together in pairs, verifies in debug builds, and
 * gives the block. NULL if it grew too large. */
const struct ir_block *ir_builder_seal(struct ir_builder *b);
TANDEM_END_DECLS

#endif
