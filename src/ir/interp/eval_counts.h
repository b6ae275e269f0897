/* SPDX-License-Identifier: Apache-2.0 */
/* How often generated code has called ir_eval, by operation: for --stats. Each thread counts by itself; readers accept
 * that the last calls may be missing. */
#ifndef TANDEM_IR_INTERP_EVAL_COUNTS_H
#define TANDEM_IR_INTERP_EVAL_COUNTS_H

#include "src/ir/ir.h"

enum { IR_EVAL_KINDS = 128 };

/* Operations that differ in nothing that a printed instruction shows but its operands. */
struct ir_eval_count {
    uint8_t op, type, from; /* from: the first operand's type */
    uint16_t aux;
    uint64_t imm;   /* VFN: its function; else 0 */
    uint64_t calls; /* 0: the slot is free */
};

struct ir_eval_counts {
    struct ir_eval_count kinds[IR_EVAL_KINDS]; /* hashed */
    uint64_t others;                           /* calls that found no slot */
};

TANDEM_BEGIN_DECLS
/* Counts a call of in, whose first operand is of type from. */
void ir_eval_count(struct ir_eval_counts *c, const struct ir_insn *in, enum ir_type from);
void ir_eval_counts_add(struct ir_eval_counts *sum, const struct ir_eval_counts *c);
/* The instruction that a count is of, without operands. */
struct ir_insn ir_eval_counted(const struct ir_eval_count *c);
TANDEM_END_DECLS

#endif
