/* SPDX-License-Identifier: Apache-2.0 */
/* Builds LLVM IR: shorthands for types, constants and instructions of the function that is being made. The lowest layer
 * of emit: nothing here knows of guest registers or of the IR's blocks. */
#ifndef TANDEM_LLVM_OPT_BUILD_H
#define TANDEM_LLVM_OPT_BUILD_H

#include "llvm-opt/emit/compiler.h"
#include "src/base/arena.h"

/* The function of one region. */
struct lopt_build {
    const struct llvm_api *ll;
    const struct lopt_ctx *c;
    const struct lopt_host_facts *host;
    const unsigned *intrinsic; /* LLVM's numbers */
    struct arena *arena;       /* freed when the function is made */
    LLVMModuleRef module;
    LLVMBuilderRef ir;
    LLVMValueRef fn, cpu; /* the function; struct cpu */
    bool fp_fast;         /* ir_block.fp_fast of the region's blocks: no flags, no NaN rules */
};

/* ---- the function ---- */
LLVMBasicBlockRef lopt_new_bb(struct lopt_build *b, const char *name);
void lopt_set_md(struct lopt_build *b, LLVMValueRef insn, unsigned kind, LLVMValueRef node);
void lopt_set_weights(struct lopt_build *b, LLVMValueRef br, uint64_t yes, uint64_t no);
/* A conditional branch with weights. */
void lopt_branch_weighted(struct lopt_build *b, LLVMValueRef cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no,
                          uint64_t w_yes, uint64_t w_no);

/* A side path taken if cond, which is unlikely. begin leaves the builder on the side path; else takes the value made
 * there and moves to the other; end joins them and gives the result. Operands must have been asked for before begin. */
struct lopt_diamond {
    LLVMBasicBlockRef side_end, other, join;
    LLVMValueRef side;
};
struct lopt_diamond lopt_side_begin(struct lopt_build *b, LLVMValueRef cond);
void lopt_side_else(struct lopt_build *b, struct lopt_diamond *d, LLVMValueRef side);
LLVMValueRef lopt_side_end(struct lopt_build *b, struct lopt_diamond *d, LLVMValueRef v);

/* ---- calls ---- */
LLVMValueRef lopt_call_intrinsic(struct lopt_build *b, enum lopt_intrinsic id, LLVMTypeRef *types, unsigned ntypes,
                                 LLVMValueRef *args, unsigned nargs);
/* One assembly statement (AT&T syntax) with these operands, which stays where it is among FP operations; memory: the
 * attribute that says what it touches. */
LLVMValueRef lopt_assembly(struct lopt_build *b, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
                           const char *constraints, LLVMAttributeRef memory);

/* ---- struct cpu ---- */
LLVMValueRef lopt_cpu_ptr(struct lopt_build *b, size_t offset);
LLVMValueRef lopt_cpu_load(struct lopt_build *b, LLVMTypeRef t, size_t offset, unsigned align);
/* Returns the store. */
LLVMValueRef lopt_cpu_store(struct lopt_build *b, LLVMValueRef v, size_t offset, unsigned align);

/* ---- constants ---- */
/* A constant of type t by its bits; hi: those of 128-bit and 80-bit types above 64. */
LLVMValueRef lopt_const_bits(struct lopt_build *b, enum ir_type t, uint64_t lo, uint64_t hi);

/* ---- shorthands ---- */
static inline LLVMTypeRef lopt_type(struct lopt_build *b, enum ir_type t) { return b->c->type[t]; }
static inline LLVMValueRef lopt_bin(struct lopt_build *b, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y)
{
    return b->ll->BuildBinOp(b->ir, op, x, y, "");
}
static inline LLVMValueRef lopt_cast(struct lopt_build *b, LLVMOpcode op, LLVMValueRef x, LLVMTypeRef t)
{
    return b->ll->BuildCast(b->ir, op, x, t, "");
}
static inline LLVMValueRef lopt_bitcast(struct lopt_build *b, LLVMValueRef x, LLVMTypeRef t)
{
    return b->ll->BuildCast(b->ir, LLVMBitCast, x, t, "");
}
static inline LLVMValueRef lopt_icmp(struct lopt_build *b, LLVMIntPredicate p, LLVMValueRef x, LLVMValueRef y)
{
    return b->ll->BuildICmp(b->ir, p, x, y, "");
}
static inline LLVMValueRef lopt_sel(struct lopt_build *b, LLVMValueRef c, LLVMValueRef x, LLVMValueRef y)
{
    return b->ll->BuildSelect(b->ir, c, x, y, "");
}
static inline LLVMValueRef lopt_int(struct lopt_build *b, LLVMTypeRef t, uint64_t v)
{
    return b->ll->ConstInt(t, v, 0);
}
static inline LLVMValueRef lopt_i64(struct lopt_build *b, uint64_t v)
{
    return b->ll->ConstInt(b->c->type[IR_I64], v, 0);
}

#endif
