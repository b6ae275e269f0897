/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler object of one optimizer thread, and the way of a region through it: build, optimize, code, read the
 * object.
 *
 * I1  A struct lopt and its LLVM context are used by one thread. Nothing is shared but the loaded library.
 * I2  LLVM contexts keep every constant and metadata node for ever: a new one is made every REGIONS_PER_CONTEXT
 *     regions. The target machine does not depend on the context and is kept.
 * I3  Nothing is written to stderr: diagnostics go to lopt->error.
 * I4  Whether a region is made to fail (fail_one_in) depends only on its number and its pc: runs can be repeated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "llvm-opt/emit/compiler.h"

const char LOPT_TRIPLE[] = "x86_64-unknown-linux-gnu";

enum { REGIONS_PER_CONTEXT = 128 };

/* Measured on guest code (tests/unit/lopt, --explain): beyond this, passes cost more than their code saves. */
static const char *const default_passes[4] = {
    "function(sroa,early-cse,simplifycfg)",
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,simplifycfg)",
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,gvn,dse,instcombine<no-verify-"
    "fixpoint>,"
    "simplifycfg,adce)",
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,jump-threading,correlated-propagation,"
    "loop-mssa(licm),gvn,dse,instcombine<no-verify-fixpoint>,simplifycfg,adce)",
};

static const char *const intrinsic_names[LOPT_INTR_COUNT] = {
#define I(name, text) text,
#include "llvm-opt/emit/intrinsics.def"
#undef I
};

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *opaque)
{
    struct lopt *opt = opaque;
    snprintf(opt->error, sizeof opt->error, "LLVM reported a problem");
}

static LLVMMetadataRef tbaa_tag(struct lopt *opt, LLVMMetadataRef root, const char *name)
{
    const struct llvm_api *ll = opt->ll;
    LLVMMetadataRef zero = ll->ValueAsMetadata(ll->ConstInt(opt->c.type[IR_I64], 0, 0));
    LLVMMetadataRef type[3] = {ll->MDStringInContext2(opt->c.ctx, name, strlen(name)), root, zero};
    LLVMMetadataRef node = ll->MDNodeInContext2(opt->c.ctx, type, 3);
    LLVMMetadataRef tag[3] = {node, node, zero};
    return ll->MDNodeInContext2(opt->c.ctx, tag, 3);
}

static LLVMValueRef md_string(struct lopt *opt, const char *text)
{
    return opt->ll->MetadataAsValue(opt->c.ctx, opt->ll->MDStringInContext2(opt->c.ctx, text, strlen(text)));
}

static LLVMAttributeRef enum_attribute(struct lopt *opt, const char *name, uint64_t value)
{
    return opt->ll->CreateEnumAttribute(opt->c.ctx, opt->ll->GetEnumAttributeKindForName(name, strlen(name)), value);
}

static void make_types(struct lopt *opt)
{
    const struct llvm_api *ll = opt->ll;
    struct lopt_ctx *c = &opt->c;
    static const uint8_t widths[][2] = {{IR_I1, 1},   {IR_I8, 8},   {IR_I16, 16},
                                        {IR_I32, 32}, {IR_I64, 64}, {IR_I128, 128}};
    for (size_t i = 0; i < ARRAY_LEN(widths); i++)
        c->type[widths[i][0]] = ll->IntTypeInContext(c->ctx, widths[i][1]);
    c->void_ = c->type[IR_VOID] = ll->VoidTypeInContext(c->ctx);
    c->type[IR_F32] = ll->FloatTypeInContext(c->ctx);
    c->type[IR_F64] = ll->DoubleTypeInContext(c->ctx);
    c->type[IR_F80] = ll->X86FP80TypeInContext(c->ctx);
    c->type[IR_V128] = ll->VectorType(c->type[IR_I64], 2);
    c->type[IR_V256] = ll->VectorType(c->type[IR_I64], 4);
    c->ptr = ll->PointerTypeInContext(c->ctx, 0);
    LLVMTypeRef p[1 + CPU_PINNED_GPRS + CPU_PINNED_FPRS] = {c->ptr};
    for (unsigned i = 1; i < ARRAY_LEN(p); i++)
        p[i] = c->type[i <= CPU_PINNED_GPRS ? IR_I64 : IR_F64];
    c->region_fn = ll->FunctionType(c->void_, p, ARRAY_LEN(p), 0);
    LLVMTypeRef ptrs[5] = {c->ptr, c->ptr, c->ptr, c->ptr, c->ptr};
    c->eval_fn = ll->FunctionType(c->void_, ptrs, 5, 0);
    LLVMTypeRef h[5] = {c->ptr, c->type[IR_I64], c->type[IR_I64], c->type[IR_I64], c->type[IR_I64]};
    c->helper_fn = ll->FunctionType(c->type[IR_I64], h, 5, 0);
}

static void open_context(struct lopt *opt)
{
    const struct llvm_api *ll = opt->ll;
    struct lopt_ctx *c = &opt->c;
    *c = (struct lopt_ctx){.ctx = ll->ContextCreate()};
    ll->ContextSetDiagnosticHandler(c->ctx, on_diagnostic, opt);
    ll->ContextSetDiscardValueNames(c->ctx, opt->options.dump_dir == NULL);
    make_types(opt);
    c->strictfp = enum_attribute(opt, "strictfp", 0);
    c->nounwind = enum_attribute(opt, "nounwind", 0);
    c->mem_args =
        enum_attribute(opt, "memory", 15); /* reads and writes what its arguments point to, and what we cannot see */
    c->mem_hidden = enum_attribute(opt, "memory", 12); /* only what we cannot see */
    LLVMMetadataRef name = ll->MDStringInContext2(c->ctx, "tandem", 6);
    LLVMMetadataRef root = ll->MDNodeInContext2(c->ctx, &name, 1);
    c->md_tbaa_guest = ll->MetadataAsValue(c->ctx, tbaa_tag(opt, root, "guest"));
    c->md_tbaa_state = ll->MetadataAsValue(c->ctx, tbaa_tag(opt, root, "state"));
    c->md_round = md_string(opt, "round.dynamic");
    c->md_strict = md_string(opt, "fpexcept.strict");
    c->kind_tbaa = ll->GetMDKindIDInContext(c->ctx, "tbaa", 4);
    c->kind_prof = ll->GetMDKindIDInContext(c->ctx, "prof", 4);
}

static void close_context(struct lopt *opt)
{
    if (opt->c.ctx)
        opt->ll->ContextDispose(opt->c.ctx);
    opt->c.ctx = NULL;
}

static enum status open_target(struct lopt *opt)
{
    static const LLVMCodeGenOptLevel levels[4] = {LLVMCodeGenLevelLess, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                                  LLVMCodeGenLevelAggressive};
    const struct llvm_api *ll = opt->ll;
    LLVMTargetRef target;
    char *error = NULL;
    if (ll->GetTargetFromTriple(LOPT_TRIPLE, &target, &error)) {
        ll->DisposeMessage(error);
        return STATUS_LLVM_MISSING;
    }
    opt->cpu = ll->GetHostCPUName();
    opt->features = ll->GetHostCPUFeatures();
    opt->tm = ll->CreateTargetMachine(target, LOPT_TRIPLE, opt->cpu, opt->features, levels[opt->options.level],
                                      LLVMRelocPIC, LLVMCodeModelSmall);
    if (!opt->tm)
        return STATUS_LLVM_MISSING;
    LLVMTargetDataRef data = ll->CreateTargetDataLayout(opt->tm);
    opt->layout = ll->CopyStringRepOfTargetData(data);
    ll->DisposeTargetData(data);
    __builtin_cpu_init();
    opt->has_fma = __builtin_cpu_supports("fma") && !opt->options.no_fma;
    opt->has_ssse3 = __builtin_cpu_supports("ssse3");
    opt->has_avx = __builtin_cpu_supports("avx");
    opt->has_sse41 = __builtin_cpu_supports("sse4.1");
    opt->has_avx512 = __builtin_cpu_supports("avx512f");
    return STATUS_OK;
}

enum status lopt_open(const struct lopt_options *options, struct lopt **out, char *message, size_t size)
{
    *out = NULL;
    const struct llvm_api *ll = lopt_llvm_api(message, size);
    if (!ll)
        return STATUS_LLVM_MISSING;
    struct lopt *opt = calloc(1, sizeof *opt);
    if (!opt)
        return STATUS_NO_MEMORY;
    opt->ll = ll;
    opt->options = *options;
    if (opt->options.level < 0 || opt->options.level > 3)
        opt->options.level = 2;
    enum status s = open_target(opt);
    for (unsigned i = 0; i < LOPT_INTR_COUNT; i++)
        opt->intrinsic[i] = ll->LookupIntrinsicID(intrinsic_names[i], strlen(intrinsic_names[i]));
    opt->pbo = ll->CreatePassBuilderOptions();
    if (s == STATUS_OK) {
        open_context(opt);
        *out = opt;
        return s;
    }
    snprintf(message, size, "libLLVM has no x86-64 back end");
    lopt_close(opt);
    return s;
}

void lopt_close(struct lopt *opt)
{
    if (!opt)
        return;
    close_context(opt);
    if (opt->pbo)
        opt->ll->DisposePassBuilderOptions(opt->pbo);
    if (opt->tm)
        opt->ll->DisposeTargetMachine(opt->tm);
    char *strings[] = {opt->cpu, opt->features, opt->layout};
    for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
        if (strings[i])
            opt->ll->DisposeMessage(strings[i]);
    }
    free(opt);
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

static enum status emit(struct lopt *opt, gaddr_t pc, LLVMModuleRef module, struct lopt_result *result)
{
    LLVMMemoryBufferRef buffer = NULL;
    char *error = NULL;
    if (opt->ll->TargetMachineEmitToMemoryBuffer(opt->tm, module, LLVMObjectFile, &error, &buffer)) {
        snprintf(opt->error, sizeof opt->error, "%s", error ? error : "code generation failed");
        opt->ll->DisposeMessage(error);
        return STATUS_LLVM_FAILED;
    }
    const char *bytes = opt->ll->GetBufferStart(buffer);
    size_t size = opt->ll->GetBufferSize(buffer);
    if (opt->options.dump_dir)
        dump_bytes(opt, pc, ".o", bytes, size);
    uint64_t t = cpu_ns();
    enum status s = lopt_object_read(bytes, size, result->exit_count, result);
    result->times.link += cpu_ns() - t;
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

static enum status compile_module(struct lopt *opt, gaddr_t pc, LLVMModuleRef module, struct lopt_result *result)
{
    enum status s = STATUS_OK;
    dump_module(opt, pc, ".0.ll", module);
#ifdef NDEBUG
    if (opt->options.verify)
#endif
        s = verify(opt, module);
    uint64_t t0 = cpu_ns();
    if (s == STATUS_OK)
        s = lopt_optimize(opt, module);
    uint64_t t1 = cpu_ns();
    result->times.optimize = t1 - t0;
    if (s != STATUS_OK)
        return s;
    if (opt->options.verify)
        s = verify(opt, module);
    dump_module(opt, pc, ".1.ll", module);
    LLVMValueRef fn = opt->ll->GetNamedFunction(module, "region");
    result->llvm_insns = count_insns(opt->ll, fn);
    allow_no_waits(opt, fn);
    if (s == STATUS_OK)
        s = emit(opt, pc, module, result);
    result->times.codegen = cpu_ns() - t1 - result->times.link;
    return s;
}

static bool injected(const struct lopt *opt, gaddr_t pc)
{
    uint64_t n = opt->options.fail_one_in;
    uint64_t h = (opt->compiled ^ pc >> 1) * UINT64_C(0x9e3779b97f4a7c15);
    return n && (h >> 32) % n == 0;
}

enum status lopt_compile(struct lopt *opt, const struct ir_region *region, struct lopt_result *result)
{
    LLVMModuleRef module = NULL;
    gaddr_t pc = region->blocks[0].block->pc;
    *result = (struct lopt_result){0};
    opt->error[0] = 0;
    opt->compiled++;
    if (injected(opt, pc))
        return STATUS_INJECTED;
    if (++opt->c.regions > REGIONS_PER_CONTEXT) {
        close_context(opt);
        open_context(opt);
    }
    uint64_t t = cpu_ns();
    enum status s = lopt_emit_region(opt, region, &module, result);
    result->times.emit = cpu_ns() - t;
    if (s == STATUS_OK) {
        s = compile_module(opt, pc, module, result);
        opt->ll->DisposeModule(module);
    }
    if (s != STATUS_OK)
        lopt_result_fini(result);
    return s;
}
