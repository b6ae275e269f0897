/* SPDX-License-Identifier: Apache-2.0 */
/* Opens and closes the compiler of one optimizer thread, with its LLVM context and target machine.
 *
 * I1  A struct lopt and its LLVM context are used by one thread. Nothing is shared but the loaded library.
 * I2  LLVM contexts keep every constant and metadata node for ever: a new one is made every REGIONS_PER_CONTEXT
 *     regions. The target machine does not depend on the context and is kept.
 * I3  Nothing is written to stderr: diagnostics go to lopt->error.
 */
#include "llvm-opt/emit/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/library.h"

enum { REGIONS_PER_CONTEXT = 128 };

static const char *const intrinsic_names[LOPT_INTR_COUNT] = {
#define I(name, text) text,
#include "llvm-opt/emit/intrinsics.def"
#undef I
};

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
    c->type[IR_F80] = lopt_host_f80(ll, c->ctx);
    c->type[IR_V128] = ll->VectorType(c->type[IR_I64], 2);
    c->type[IR_V256] = ll->VectorType(c->type[IR_I64], 4);
    c->ptr = ll->PointerTypeInContext(c->ctx, 0);
    c->guest_ptr = ll->PointerTypeInContext(c->ctx, LOPT_HOST_MARKED_SPACE);
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
    c->nonlazybind = enum_attribute(opt, "nonlazybind", 0);
    c->nobuiltin = enum_attribute(opt, "nobuiltin", 0);
    c->mem_args = enum_attribute(opt, "memory", 15);
    c->mem_hidden = enum_attribute(opt, "memory", 12);
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

/* The CPU to compile for: this machine's, or the options' level. */
static void choose_cpu(struct lopt *opt)
{
    const struct llvm_api *ll = opt->ll;
    const char *level = NULL;
    if (opt->options.cpu_level)
        opt->host = lopt_host_level_facts(opt->options.cpu_level, &level);
    else
        opt->host = lopt_host_facts();
    opt->host.fma = opt->host.fma && !opt->options.no_fma;
    opt->cpu = level ? ll->CreateMessage(level) : ll->GetHostCPUName();
    opt->features = level ? ll->CreateMessage("") : ll->GetHostCPUFeatures();
}

static enum status open_target(struct lopt *opt)
{
    static const LLVMCodeGenOptLevel levels[4] = {LLVMCodeGenLevelLess, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                                  LLVMCodeGenLevelAggressive};
    const struct llvm_api *ll = opt->ll;
    LLVMTargetRef target;
    char *error = NULL;
    if (ll->GetTargetFromTriple(LOPT_HOST_TRIPLE, &target, &error)) {
        ll->DisposeMessage(error);
        return STATUS_LLVM_MISSING;
    }
    choose_cpu(opt);
    if (!opt->cpu || !opt->features)
        return STATUS_NO_MEMORY;
    opt->tm = ll->CreateTargetMachine(target, LOPT_HOST_TRIPLE, opt->cpu, opt->features, levels[opt->options.level],
                                      LLVMRelocPIC, LLVMCodeModelSmall);
    if (!opt->tm)
        return STATUS_LLVM_MISSING;
    LLVMTargetDataRef data = ll->CreateTargetDataLayout(opt->tm);
    opt->layout = ll->CopyStringRepOfTargetData(data);
    ll->DisposeTargetData(data);
    return opt->layout ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Says why there is no compiler. */
static enum status refuse(enum status why, char *message, size_t size)
{
    if (why == STATUS_LLVM_MISSING)
        snprintf(message, size, "libLLVM has no %s back end", LOPT_HOST_BACK_END);
    else
        snprintf(message, size, "%s", status_text(why));
    return why;
}

enum status lopt_open(const struct lopt_options *options, struct lopt **out, char *message, size_t size)
{
    *out = NULL;
    const struct llvm_api *ll = lopt_llvm_api(message, size);
    if (!ll)
        return STATUS_LLVM_MISSING;
    struct lopt *opt = calloc(1, sizeof *opt);
    if (!opt)
        return refuse(STATUS_NO_MEMORY, message, size);
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
    lopt_close(opt);
    return refuse(s, message, size);
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

void lopt_compiler_next_region(struct lopt *opt)
{
    if (++opt->c.regions > REGIONS_PER_CONTEXT) {
        close_context(opt);
        open_context(opt);
    }
}
