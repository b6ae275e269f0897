/* SPDX-License-Identifier: Apache-2.0 */
/* All passes over a finished list of instructions: what the builder does while lifting, for lists that come from
 * elsewhere (the parser, tests), then dead code and the pairing of FCANONs.
 *
 * I1  Simplification rebuilds the list through a builder; operands are always earlier, so one forward pass renames
 * them. I2  The result goes back into the caller's array. Should rebuilding have made it longer (rules may split an
 * instruction in two), only dead code is removed.
 */
#include <string.h>

#include "src/ir/internal.h"
#include "src/ir/passes.h"

static void rebuild(struct ir_builder *b, const struct ir_insn *insns, uint32_t count)
{
    ir_ref *map = arena_alloc(b->arena, count * sizeof *map);
    for (uint32_t i = 0; i < count && !b->ended; i++) {
        struct ir_insn in = insns[i];
        for (unsigned n = ir_insn_arg_count(&in), a = 0; a < n; a++)
            in.arg[a] = map[in.arg[a]];
        map[i] = ir_emit_insn(b, &in);
    }
}

uint32_t ir_optimize(struct ir_insn *insns, uint32_t count, const struct ir_state *state, struct arena *scratch)
{
    struct ir_builder b;
    ir_builder_init(&b, scratch, state, 0, 0);
    rebuild(&b, insns, count);
    if (b.count < IR_MAX_INSNS) {
        uint32_t kept = ir_remove_dead(b.insns, b.count, state, scratch);
        if (kept <= count) {
            ir_pair_canons(b.insns, kept, scratch);
            memcpy(insns, b.insns, kept * sizeof *insns);
            return kept;
        }
    }
    return ir_remove_dead(insns, count, state, scratch); /* I2 */
}
