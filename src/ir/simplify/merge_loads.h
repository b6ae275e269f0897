/* SPDX-License-Identifier: Apache-2.0 */
/* The pass that makes one load of several. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_MERGE_LOADS_H
#define TANDEM_IR_SIMPLIFY_MERGE_LOADS_H

#include "src/base/arena.h"
#include "src/ir/ir.h"

TANDEM_BEGIN_DECLS
/* Makes one load of those whose bytes are put together by shifts and ORs, in either byte order. The new list, in the
 * arena, with its length in *count; the old one if there is nothing to merge. May leave dead code. */
struct ir_insn *ir_merge_loads(struct ir_insn *insns, uint32_t *count, struct arena *arena);
TANDEM_END_DECLS

#endif
