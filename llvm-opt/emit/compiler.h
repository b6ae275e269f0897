/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler of one optimizer thread: what lives longer than a region. */
#ifndef TANDEM_LLVM_OPT_COMPILER_H
#define TANDEM_LLVM_OPT_COMPILER_H

#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/llvm_api.h"
#include "llvm-opt/lopt.h"

enum lopt_intrinsic {
#define I(name, text) LOPT_INTR_##name,
#include "llvm-opt/emit/intrinsics.def"
#undef I
    LOPT_INTR_COUNT
};

enum { LOPT_GHC_CALL_CONV = 10 };

/* Objects that belong to LLVM's context: made again with each new one. */
struct lopt_ctx {
    LLVMContextRef ctx;
    LLVMTypeRef type[IR_TYPE_COUNT]; /* of values; vectors are kept as vectors of i64 */
    LLVMTypeRef ptr, guest_ptr, void_, region_fn, eval_fn, helper_fn;
    LLVMAttributeRef strictfp, nounwind, nonlazybind;
    LLVMAttributeRef nobuiltin;  /* of a call of an intrinsic: not to be folded */
    LLVMAttributeRef mem_args;   /* reads and writes what its arguments point to, and what LLVM cannot see */
    LLVMAttributeRef mem_hidden; /* reads and writes only what LLVM cannot see */
    LLVMValueRef md_tbaa_guest, md_tbaa_state; /* guest memory and struct cpu: they never alias */
    LLVMValueRef md_round, md_strict;          /* operands of constrained intrinsics */
    unsigned kind_tbaa, kind_prof;
    unsigned regions; /* compiled in this context */
};

struct lopt {
    const struct llvm_api *ll;
    struct lopt_options options;
    struct lopt_ctx c;
    LLVMTargetMachineRef tm;
    LLVMPassBuilderOptionsRef pbo;
    char *cpu, *features, *layout;
    unsigned intrinsic[LOPT_INTR_COUNT]; /* LLVM's numbers */
    struct lopt_host_facts host;         /* what is inlined */
    uint64_t compiled;                   /* regions asked for, for fail_one_in and dump names */
    char error[256];                     /* last LLVM diagnostic, for dumps */
};

/* Counts a region. From time to time the context is made anew (compiler.c I2): no object of it may be kept. */
void lopt_compiler_next_region(struct lopt *opt);

#endif
