/* SPDX-License-Identifier: Apache-2.0 */
/* Facts that follow from the blocks of a region alone: which block lies where, how often a way is taken. */
#ifndef TANDEM_LLVM_OPT_PLAN_REGION_H
#define TANDEM_LLVM_OPT_PLAN_REGION_H

#include "src/ir/ir.h"
#include "src/ir/region.h"
#include "src/ir/state.h"

TANDEM_BEGIN_DECLS
/* The guest's table of rows; every block has the same. */
const struct ir_state *lopt_region_state(const struct ir_region *region);
/* Executions of the block at pc, or 0 if it is not in the region. */
uint64_t lopt_weight_of(const struct ir_region *region, gaddr_t pc, uint32_t mode);
/* Executions of the blocks of the region to which the last instruction of rb goes. */
uint64_t lopt_final_weight(const struct ir_region *region, const struct ir_region_block *rb);
/* Of IR_SHARE_ONE executions of rb, how many take the side exit in (EXIT_IF), and how many come to it and go on behind
 * it. False: they were not counted. */
bool lopt_exit_share(const struct ir_region_block *rb, const struct ir_insn *in, unsigned *taken, unsigned *on);
/* True if the exit (EXIT_IF, TRAP_IF, what is left of JUMP_REG) is taken rarely. */
bool lopt_exit_is_cold(const struct ir_region *region, const struct ir_region_block *rb, const struct ir_insn *in);
/* The mode in which the instruction leaves the region; all bits set: not known. */
uint32_t lopt_leave_mode(const struct ir_block *block, const struct ir_insn *in);
/* True if what the row holds is not defined in that mode (an empty register of the x87 stack). */
bool lopt_row_is_empty(const struct ir_region *region, unsigned row, uint32_t mode);
TANDEM_END_DECLS

#endif
