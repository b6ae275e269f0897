/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a region through the compiler: build LLVM IR, optimize, make code, read the object.
 *
 * I1  Whether a region is made to fail (fail_one_in) depends only on its number and its pc: runs can be repeated.
 * I2  Nothing is written to stderr: errors go to lopt->error.
 */
#include "llvm-opt/emit/compile.h"

#include <stdio.h>
#include <string.h>

#include "llvm-opt/emit/object.h"
#include "llvm-opt/emit/region.h"
#include "src/ir/region.h"

/* Measured on guest code (tests/unit/llvm-opt, --explain): beyond this, passes cost more than their code saves. */
static const char *const default_passes[4] = {
    "function(sroa,early-cse,simplifycfg)",
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,simplifycfg)",
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,gvn,dse,instcombine<no-verify-"
    "fixpoint>,"
    "simplifycfg,adce)",
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,jump-threading,correlated-propagation,"
    "loop-mssa(licm),gvn,dse,instcombine<no-verify-fixpoint>,simplifycfg,adce)",
};

static void begin_step(const struct lopt *opt, enum lopt_step step)
{
    if (opt->options.on_step)
        opt->options.on_step(opt->options.step_arg, step);
}

enum status lopt_optimize(struct lopt *opt, LLVMModuleRef module)
{
    const char *passes = opt->options.passes ? opt->options.passes : default_passes[opt->options.level];
    LLVMErrorRef e = opt->ll->RunPasses(module, passes, opt->tm, opt->pbo);
    if (!e)
        return STATUS_OK;
    char *text = opt->ll->GetErrorMessage(e);
    snprintf(opt->error, sizeof opt->error, "%s", text);
    opt->ll->DisposeErrorMessage(text);
    return STATUS_LLVM_FAILED;
}

static enum status verify(struct lopt *opt, LLVMModuleRef module)
{
    char *text = NULL;
    bool bad = opt->ll->VerifyModule(module, LLVMReturnStatusAction, &text);
    if (bad)
        snprintf(opt->error, sizeof opt->error, "%s", text);
    opt->ll->DisposeMessage(text);
    return bad ? STATUS_LLVM_FAILED : STATUS_OK;
}

static unsigned count_insns(const struct llvm_api *ll, LLVMValueRef fn)
{
    unsigned n = 0;
    for (LLVMBasicBlockRef b = ll->GetFirstBasicBlock(fn); b; b = ll->GetNextBasicBlock(b)) {
        for (LLVMValueRef i = ll->GetFirstInstruction(b); i; i = ll->GetNextInstruction(i))
            n++;
    }
    return n;
}

static void dump_bytes(struct lopt *opt, gaddr_t pc, const char *kind, const void *bytes, size_t size)
{
    char name[512];
    snprintf(name, sizeof name, "%s/region-%llu-%llx%s", opt->options.dump_dir, (unsigned long long)opt->compiled,
             (unsigned long long)pc, kind);
    FILE *f = fopen(name, "wb");
    if (!f)
        return;
    fwrite(bytes, 1, size, f);
    fclose(f);
}

static void dump_module(struct lopt *opt, gaddr_t pc, const char *kind, LLVMModuleRef module)
{
    if (!opt->options.dump_dir)
        return;
    char *text = opt->ll->PrintModuleToString(module);
    dump_bytes(opt, pc, kind, text, strlen(text));
    opt->ll->DisposeMessage(text);
}

static enum status emit(struct lopt *opt, gaddr_t pc, const struct lopt_emitted *emitted, struct lopt_result *result)
{
    LLVMMemoryBufferRef buffer = NULL;
    char *error = NULL;
    if (opt->ll->TargetMachineEmitToMemoryBuffer(opt->tm, emitted->module, LLVMObjectFile, &error, &buffer)) {
        snprintf(opt->error, sizeof opt->error, "%s", error ? error : "code generation failed");
        opt->ll->DisposeMessage(error);
        return STATUS_LLVM_FAILED;
    }
    const char *bytes = opt->ll->GetBufferStart(buffer);
    size_t size = opt->ll->GetBufferSize(buffer);
    if (opt->options.dump_dir)
        dump_bytes(opt, pc, ".o", bytes, size);
    begin_step(opt, LOPT_STEP_READ);
    bool lost = opt->options.no_exit_maps && emitted->sites.table.count;
    enum status s =
        lost ? STATUS_EXIT_LOST : lopt_object_read(bytes, size, &emitted->points, &emitted->sites.table, result);
    opt->ll->DisposeMemoryBuffer(buffer);
    return s;
}

/* For the code generator the attribute means one thing more: a wait behind x87 instructions, so that unmasked
 * exceptions are taken in time. Regions run with all of them masked. */
static void allow_no_waits(struct lopt *opt, LLVMValueRef fn)
{
    unsigned kind = opt->ll->GetEnumAttributeKindForName("strictfp", 8);
    opt->ll->RemoveEnumAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, kind);
}

static enum status compile_module(struct lopt *opt, gaddr_t pc, const struct lopt_emitted *emitted,
                                  struct lopt_result *result)
{
    LLVMModuleRef module = emitted->module;
    enum status s = STATUS_OK;
    dump_module(opt, pc, ".0.ll", module);
#ifdef NDEBUG
    if (opt->options.verify)
#endif
        s = verify(opt, module);
    begin_step(opt, LOPT_STEP_OPTIMIZE);
    if (s == STATUS_OK)
        s = lopt_optimize(opt, module);
    if (s != STATUS_OK)
        return s;
    begin_step(opt, LOPT_STEP_CODEGEN);
    if (opt->options.verify)
        s = verify(opt, module);
    dump_module(opt, pc, ".1.ll", module);
    LLVMValueRef fn = opt->ll->GetNamedFunction(module, "region");
    result->llvm_insns = count_insns(opt->ll, fn);
    allow_no_waits(opt, fn);
    if (s == STATUS_OK)
        s = emit(opt, pc, emitted, result);
    return s;
}

static bool injected(const struct lopt *opt, gaddr_t pc)
{
    uint64_t n = opt->options.fail_one_in;
    uint64_t h = (opt->compiled ^ pc >> 1) * UINT64_C(0x9e3779b97f4a7c15);
    return n && (h >> 32) % n == 0;
}

static enum status compile(struct lopt *opt, const struct ir_region *region, enum lopt_maps maps, enum lopt_cold cold,
                           struct lopt_result *result)
{
    struct lopt_emitted emitted;
    struct arena arena;
    *result = (struct lopt_result){0};
    lopt_compiler_next_region(opt);
    arena_init(&arena);
    begin_step(opt, LOPT_STEP_EMIT);
    enum status s = lopt_emit_region(opt, region, maps, cold, &arena, &emitted, result);
    if (s == STATUS_OK) {
        s = compile_module(opt, region->blocks[0].block->pc, &emitted, result);
        opt->ll->DisposeModule(emitted.module);
    }
    arena_fini(&arena);
    if (s != STATUS_OK)
        lopt_result_fini(result);
    return s;
}

enum status lopt_compile(struct lopt *opt, const struct ir_region *region, struct lopt_result *result)
{
    gaddr_t pc = region->blocks[0].block->pc;
    *result = (struct lopt_result){0};
    opt->error[0] = 0;
    opt->compiled++;
    if (injected(opt, pc))
        return STATUS_INJECTED;
    unsigned maps = LOPT_MAPS, cold = LOPT_COLD_MAPS;
    for (;;) {
        enum status s = compile(opt, region, (enum lopt_maps)maps, (enum lopt_cold)cold, result);
        if (s == STATUS_MAP_LOST && maps < LOPT_STORES)
            maps++;
        else if (s == STATUS_EXIT_LOST && cold < LOPT_COLD_SHARED)
            cold++;
        else
            return s;
    }
}
