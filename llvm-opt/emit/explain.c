/* SPDX-License-Identifier: Apache-2.0 */
/* Shows what becomes of a region: LLVM IR as built, after the passes, and host code, for --explain. */
#include <inttypes.h>
#include <string.h>

#include "llvm-opt/emit/compile.h"
#include "llvm-opt/emit/object.h"
#include "llvm-opt/emit/region.h"

#include "src/ir/region.h"

static void print_module(struct lopt *opt, LLVMModuleRef module, const char *title, FILE *out)
{
    char *text = opt->ll->PrintModuleToString(module);
    fprintf(out, "--- %s\n%s", title, text);
    opt->ll->DisposeMessage(text);
}

static const char *trap_name(const struct lopt_exit *exit)
{
    return exit->kind == IR_EXIT_TRAP ? ir_trap_names[exit->trap] : "-";
}

static void print_exits(const struct lopt_result *r, FILE *out)
{
    for (unsigned i = 0; i < r->exit_count; i++)
        fprintf(out, "exit_%u: %s pc %" PRIx64 " return %" PRIx64 " trap %s inner %u\n", i,
                ir_exit_facts[r->exits[i].kind].text, r->exits[i].pc, r->exits[i].return_pc, trap_name(&r->exits[i]),
                r->exits[i].inner);
}

/* The three stages are printed from a module of their own; the host code comes from lopt_compile. */
enum status lopt_explain(struct lopt *opt, const struct ir_region *region, FILE *out)
{
    struct lopt_result result = {0};
    struct lopt_emitted emitted;
    struct arena arena;
    enum lopt_cold cold = opt->options.no_exit_maps ? LOPT_COLD_SHARED : LOPT_COLD_MAPS;
    arena_init(&arena);
    enum status s = lopt_emit_region(opt, region, LOPT_MAPS, cold, &arena, &emitted, &result);
    arena_fini(&arena);
    if (s != STATUS_OK)
        return s;
    LLVMModuleRef module = emitted.module;
    print_module(opt, module, "LLVM IR as built", out);
    s = lopt_optimize(opt, module);
    if (s == STATUS_OK)
        print_module(opt, module, "LLVM IR after the passes", out);
    opt->ll->DisposeModule(module);
    lopt_result_fini(&result);
    if (s == STATUS_OK)
        s = lopt_compile(opt, region, &result);
    if (s != STATUS_OK)
        return s;
    size_t size;
    const uint8_t *code = lopt_object_image(&result, &size);
    fprintf(out, "--- host code (exits not linked)\n");
    s = lopt_disas_host(code, size, 0, out);
    print_exits(&result, out);
    lopt_result_fini(&result);
    return s;
}
