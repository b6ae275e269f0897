/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction a floating-point operation is: see fp_form.c. */
#ifndef TANDEM_TCG_X86_64_FP_FORM_H
#define TANDEM_TCG_X86_64_FP_FORM_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

/* A scalar operation's FP attributes are ones that host instructions have. */
bool tcg_fp_native(const struct ir_insn *in);
/* The same for scalars and 128-bit vectors of f32 and f64, which *form tells apart. */
struct tcg_fp_form {
    bool f64, packed;
};
bool tcg_fp_form(const struct ir_insn *in, struct tcg_fp_form *form);
/* The same, and Arm's rules, of whose results tcg_check_result makes what they ask for. */
bool tcg_fp_form_checked(const struct ir_insn *in, struct tcg_fp_form *form);
/* The form of an arithmetic instruction, given as its scalar f32 one (HX_ADDSS) */
unsigned tcg_fp_op(unsigned scalar_f32, bool f64, bool packed);
/* Around an instruction that rounds in mode rm: nothing for IR_RDYN */
void tcg_rm_begin(struct tcg *t, unsigned rm);
void tcg_rm_end(struct tcg *t, unsigned rm);
/* MXCSR to and from memory; two places for it that nothing else uses */
void tcg_stmxcsr(struct tcg *t, struct tcg_mem m);
void tcg_ldmxcsr(struct tcg *t, struct tcg_mem m);
struct tcg_mem tcg_rm_old(void);
struct tcg_mem tcg_rm_new(void);

#endif
