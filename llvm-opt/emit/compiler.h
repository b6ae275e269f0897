/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of llvm-opt share: the compiler object and the LLVM objects that every region needs. */
#ifndef TANDEM_LLVM_OPT_COMPILER_H
#define TANDEM_LLVM_OPT_COMPILER_H

#include "llvm-opt/emit/llvm_api.h"
#include "llvm-opt/lopt.h"

enum lopt_intrinsic {
#define I(name, text) LOPT_INTR_##name,
#include "llvm-opt/emit/intrinsics.def"
#undef I
    LOPT_INTR_COUNT
};

enum { LOPT_GHC_CALL_CONV = 10 };

/* Objects that belong to the context: made again with each new one (compile.c). */
struct lopt_ctx {
    LLVMContextRef ctx;
    LLVMTypeRef type[IR_TYPE_COUNT]; /* of values; vectors are kept as vectors of i64 */
    LLVMTypeRef ptr, void_, region_fn, eval_fn, helper_fn;
    LLVMAttributeRef strictfp, nounwind, cold, mem_args, mem_hidden;
    LLVMMetadataRef tbaa_guest, tbaa_state;
    LLVMValueRef md_tbaa_guest, md_tbaa_state, md_round, md_strict;
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
    unsigned intrinsic[LOPT_INTR_COUNT];
    bool has_fma, has_sse41, has_ssse3, has_avx, has_avx512; /* host features that decide what is inlined */
    uint64_t compiled;                                       /* regions asked for, for fail_one_in and dump names */
    char error[256];                                         /* last LLVM diagnostic, for dumps */
};

extern const char LOPT_TRIPLE[];

/* region.c: builds the module of a region. exits and their count go to result. */
enum status lopt_emit_region(struct lopt *opt, const struct ir_region *region, LLVMModuleRef *module,
                             struct lopt_result *result);

/* compile.c: runs the pass pipeline on a module. */
enum status lopt_optimize(struct lopt *opt, LLVMModuleRef module);

/* link.c: reads a relocatable ELF object into result->object and the sizes. */
enum status lopt_object_read(const void *elf, size_t size, unsigned exit_count, struct lopt_result *result);
/* The raw text image (before relocation), for printing. */
const uint8_t *lopt_object_image(const struct lopt_result *result, size_t *code_size);

#endif
