/* SPDX-License-Identifier: Apache-2.0 */
/* The backward pass: overwritten PUTs and dead code go. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_DEAD_H
#define TANDEM_IR_SIMPLIFY_DEAD_H

#include "src/base/arena.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"

TANDEM_BEGIN_DECLS
/* In place; references are renumbered. Returns the new count. */
uint32_t ir_remove_dead(struct ir_insn *insns, uint32_t count, const struct ir_state *state, struct arena *scratch);
TANDEM_END_DECLS

#endif
