/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions on XMM registers, VEX or SSE: see simd.c. */
#ifndef TANDEM_TCG_X86_64_SIMD_H
#define TANDEM_TCG_X86_64_SIMD_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

bool tcg_has(const struct tcg *t, uint32_t features); /* all of them */
/* d := op(a, b). Without AVX, d is not b, unless it is a, too. */
void tcg_fp3(struct tcg *t, unsigned op, int d, int a, int b);
void tcg_fp3_m(struct tcg *t, unsigned op, int d, int a, struct tcg_mem m);
/* Two-operand forms: moves, compares, to and from general registers */
void tcg_fp2(struct tcg *t, unsigned op, unsigned w, int reg, int rm);
void tcg_fp2_m(struct tcg *t, unsigned op, int reg, struct tcg_mem m);

/* tcg_use_rm where packed instructions take unaligned memory operands, else ra_use */
int tcg_vec_rm(struct tcg *t, ir_ref v, struct tcg_mem *m);
/* d := op(a, b), or op(a, [m]) if b is TCG_NO_REG */
void tcg_vec3(struct tcg *t, unsigned op, int d, int a, int b, struct tcg_mem m);
/* For ra_def: without AVX, the result must not be in b, which is still needed when a has been moved there. */
tcg_regset tcg_vec_avoid(const struct tcg *t, int a, int b);
/* The current instruction is op(a, b). */
void tcg_vec_binary(struct tcg *t, unsigned op, ir_ref a, ir_ref b);
/* d := a shifted by count; op one of HX_PSHIFT*_I, digit one of HX_PS_* */
void tcg_vec_shift_imm(struct tcg *t, unsigned op, unsigned digit, int d, int a, unsigned count);

#endif
