/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations, from ops.def.
 *
 * I1  ops.def has exactly one row for each operation: the number of rows is asserted, and a second row for one
 *     operation is a warning (overridden initializer), which is an error.
 */
#include "tcg/x86_64/op_table.h"

#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emitters.h"

enum {
    ROW_COUNT = 0
#define EMIT(op, fn, param, fusion) +1
#include "tcg/x86_64/ops.def"
#undef EMIT
};
static_assert((int)ROW_COUNT == (int)IR_OP_COUNT, "an operation has no row in ops.def");

const struct tcg_op tcg_ops[IR_OP_COUNT] = {
#define EMIT(op, fn, param, fusion) [IR_##op] = {tcg_emit_##fn, param, TCG_FUSE_##fusion},
#include "tcg/x86_64/ops.def"
#undef EMIT
};
