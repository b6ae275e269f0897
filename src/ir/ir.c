/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from an instruction's place in its block. */
#include "src/ir/ir.h"

#include "src/ir/state.h"

uint32_t ir_exit_mode(const struct ir_block *block, uint32_t at)
{
    unsigned row = block->state->mode_row;
    while (row && at-- > 0) {
        const struct ir_insn *in = &block->insns[at];
        if (in->op == IR_PUT && in->imm == row)
            return (uint32_t)block->insns[in->arg[0]].imm;
    }
    return block->mode;
}
