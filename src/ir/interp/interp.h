/* SPDX-License-Identifier: Apache-2.0 */
/* The reference interpreter. */
#ifndef TANDEM_IR_INTERP_INTERP_H
#define TANDEM_IR_INTERP_INTERP_H

#include "src/ir/interp/exit.h"
#include "src/ir/ir.h"
#include "src/ir/value.h"

TANDEM_BEGIN_DECLS
/* Executes the block on cpu's state and the memory of this process (guest address = host address). cpu->pc is the pc of
 * the current instruction at every access that can fault. FP is computed by softfp; flags go to cpu->fp_flags; the
 * rounding mode RDYN is the one in cpu->fp_env. The host's FPU is left alone. The thread of that cpu only. */
void ir_interp(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit);

/* Executes one value operation (no state, no control; memory operations allowed) on operand values. It is the fallback
 * of back ends for operations that they do not inline. The guest's FP environment is live (src/base/cpu.h I3): RDYN is
 * the mode in it; flags go to cpu->fp_flags. IR_MEM_ALIGNED is not checked. */
void ir_eval(struct cpu *cpu, const struct ir_insn *insn, const enum ir_type *arg_types, const union ir_value *args,
             union ir_value *result);
TANDEM_END_DECLS

#endif
