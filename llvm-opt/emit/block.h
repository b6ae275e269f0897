/* SPDX-License-Identifier: Apache-2.0 */
/* The block being emitted: its values, and what changes from instruction to instruction. */
#ifndef TANDEM_LLVM_OPT_BLOCK_H
#define TANDEM_LLVM_OPT_BLOCK_H

#include "llvm-opt/emit/state.h"
#include "src/ir/region.h"

struct lopt_exits;      /* leave.h */
struct lopt_exit_sites; /* exit_sites.h */
struct lopt_points;     /* points.h */
struct lopt_block;

/* Builds the value of the instruction from what its operands are now. */
typedef LLVMValueRef (*lopt_value_fn)(struct lopt_block *blk, ir_ref ref);

/* The result of an FMA whose check for infinity * 0 + NaN is still to come. */
struct lopt_fma {
    const struct ir_insn *in;
    LLVMValueRef values[3], result;
};

/* Results of FP operations that wait to be looked at, and what comes behind that (fp_chain.c I5). */
enum { LOPT_FP_WAITING = 8 };
struct lopt_fp_group {
    const struct ir_insn *waiting[LOPT_FP_WAITING];
    ir_ref late[32];
    unsigned count, late_count;
};

struct lopt_block {
    struct lopt_build *b;
    struct lopt_state *s;
    const struct lopt_plan *plan;
    struct lopt_exits *exits;
    struct lopt_exit_sites *sites; /* NULL: rare exits leave together */
    struct lopt_points *points;
    lopt_value_fn emit_value;                            /* insn.c's, for layers below it */
    void (*emit_now)(struct lopt_block *blk, ir_ref at); /* the same */
    LLVMBasicBlockRef *heads;                            /* per block of the region: where it begins */
    LLVMBasicBlockRef *again; /* per block: where its branch to itself goes, past its vector loop */

    const struct ir_region_block *rblock;
    const struct ir_block *block;
    struct lopt_val *vals; /* per value */
    uint8_t *get_kinds;    /* per value: kinds of the row at its GET */
    uint8_t *put_off;      /* per value: operations up to it that are not looked at for a NaN (fp_chain.c) */
    struct lopt_fp_group fp_group;
    gaddr_t insn_pc, return_pc; /* of the last INSN and CALL_HINT */
    ir_ref flag_puts[32];       /* per status flag: what the block put last; IR_NO_REF: nothing yet */
    struct lopt_fma fma[2];
    unsigned fma_count;
};

void lopt_block_init(struct lopt_block *blk, struct lopt_build *b, struct lopt_state *s, const struct lopt_plan *plan);
enum ir_type lopt_type_of(const struct lopt_block *blk, ir_ref ref);
/* Where the value of this instruction is kept. */
struct lopt_val *lopt_val_of(struct lopt_block *blk, const struct ir_insn *in);
/* The value, exact. */
LLVMValueRef lopt_exact(struct lopt_block *blk, ir_ref ref);
/* For operations that do not care which quiet NaN they are given. */
LLVMValueRef lopt_arith(struct lopt_block *blk, ir_ref ref);

#endif
