/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning and the end of a block. At its beginning the builder gets the rules of simplify.c; at its end the
 * passes that need the whole list run over it.
 *
 * I1  row_value[r] is the value that state row r holds at the end of the list, if known. Rows do not overlap.
 * I2  A list of IR_MAX_INSNS has lost instructions (builder.c I1) and is not sealed.
 */
#include "src/ir/simplify/seal.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/ir/build/verify.h"
#include "src/ir/simplify/dead.h"
#include "src/ir/simplify/merge_loads.h"
#include "src/ir/simplify/pair_canons.h"
#include "src/ir/simplify/simplify.h"
#include "src/ir/text/print.h"

enum { FIRST_CAPACITY = 64 };

void ir_builder_init(struct ir_builder *b, struct arena *arena, const struct ir_state *state, gaddr_t pc, uint32_t mode)
{
    *b = (struct ir_builder){
        .arena = arena, .state = state, .simplify = ir_simplify, .capacity = FIRST_CAPACITY, .pc = pc, .mode = mode};
    b->insns = arena_alloc_raw(arena, FIRST_CAPACITY * sizeof *b->insns);
    b->row_value = arena_alloc_raw(arena, (state->count + 1) * sizeof *b->row_value);
    memset(b->row_value, 0xff, state->count * sizeof *b->row_value);
}

/* A back end trusts what it is given: in debug builds, a block that breaks the rules ends the process. */
static void check(const struct ir_block *block)
{
#ifdef TANDEM_VERIFY_IR
    char text[256];
    if (ir_verify(block, text, sizeof text))
        return;
    message("broken IR: %s", text);
    ir_print(stderr, block);
    abort();
#endif
}

const struct ir_block *ir_builder_seal(struct ir_builder *b)
{
    if (b->count >= IR_MAX_INSNS) /* I2 */
        return NULL;
    struct ir_block *block = arena_alloc(b->arena, sizeof *block);
    *block = (struct ir_block){
        .pc = b->pc,
        .mode = b->mode,
        .guest_bytes = b->guest_bytes,
        .guest_insns = b->guest_insns,
        .count = b->count,
        .fp_fast = b->fp_fast,
        .insns = b->insns,
        .state = b->state,
    };
    check(block);
    block->count = ir_remove_dead(b->insns, b->count, b->state, b->arena);
    struct ir_insn *insns = b->merges_loads ? ir_merge_loads(b->insns, &block->count, b->arena) : b->insns;
    if (insns != b->insns)
        block->count = ir_remove_dead(insns, block->count, b->state, b->arena);
    ir_pair_canons(insns, block->count, b->arena);
    block->insns = insns;
    check(block);
    return block;
}
