/* SPDX-License-Identifier: Apache-2.0 */
/* Immediates, memory operands, addresses: see operand.c. */
#ifndef TANDEM_TCG_X86_64_OPERAND_H
#define TANDEM_TCG_X86_64_OPERAND_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

/* These bits are an imm32 of an operation on the given type. */
bool tcg_is_imm(unsigned type, uint64_t bits);
/* v is a constant that is one. */
bool tcg_imm32(const struct tcg *t, ir_ref v, unsigned type, int32_t *imm);
/* The memory operand for address v + disp, folding fused address arithmetic. */
struct tcg_mem tcg_address(struct tcg *t, ir_ref v, int64_t disp);
/* Like ra_use, but if the value is only in memory and dies here, or is a fused load: TCG_NO_REG, and *m is its
 * place. */
int tcg_use_rm(struct tcg *t, ir_ref v, struct tcg_mem *m);
/* IR_MEM_ALIGNED: a misaligned address traps before anything of the operation happens. */
void tcg_check_aligned(struct tcg *t, const struct ir_insn *in);

#endif
