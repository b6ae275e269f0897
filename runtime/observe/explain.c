/* SPDX-License-Identifier: Apache-2.0 */
/* --explain=PC|SYMBOL: one place of the guest through all stages, at the end of the run: guest code, IR, tier-1 code,
 * and, if a region begins there, its LLVM IR before and after optimization and its code. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/reclaim.h"
#include "runtime/loader/symbols.h"
#include "runtime/observe/observe.h"
#include "src/base/log.h"
#include "src/ir/text/print.h"

static bool parse_place(struct engine *e, const char *place, gaddr_t *pc)
{
    char *end;
    *pc = strtoull(place, &end, 0);
    if (end != place && !*end)
        return true;
    return e->symbols && symbols_address(e->symbols, place, pc);
}

static void explain_tier1(struct engine *e, const struct tb *tb, struct arena *arena, FILE *out)
{
    const uint8_t *code;
    size_t avail;
    const struct ir_block *block;
    fprintf(out, "guest code at %#" PRIx64 "\n", tb->pc);
    if (!mem_fetch(e->proc->mem, tb->pc, &code, &avail))
        return;
    explain_guest_code(e, out, tb->pc, code, tb->guest_bytes);
    if (translate_lift(e->proc, tb->pc, tb->mode, code, avail, (unsigned)e->proc->options->block_insns, arena,
                       &block) == STATUS_OK) {
        fprintf(out, "\nIR\n");
        ir_print(out, block);
    }
    if (tb->kind == TB_INTERP)
        return;
    fprintf(out, "\ntier 1: %u bytes, entered %" PRIu64 " times\n", tb->size, tb_executions(tb));
    lopt_disas_host(tb->rx, tb->size, (uintptr_t)tb->rx, out);
}

static void explain_tier2(struct engine *e, struct tb *tb, struct arena *arena, FILE *out)
{
    struct region_plan plan;
    struct lopt_options options;
    struct lopt *lopt;
    char why[256];
    if (!tb->region) {
        fprintf(out, "\nno region begins here\n");
        return;
    }
    fprintf(out, "\ntier 2: region of %u blocks, %u guest instructions, %u bytes\n", tb->region->region_blocks,
            tb->region->guest_insns, tb->region->size);
    tiers_lopt_options(e, &options);
    options.fail_one_in = 0;
    if (region_select(e, tb, arena, &plan) == STATUS_OK && lopt_open(&options, &lopt, why, sizeof why) == STATUS_OK) {
        lopt_explain(lopt, &plan.region, out);
        lopt_close(lopt);
    }
    fprintf(out, "\ninstalled code\n");
    lopt_disas_host(tb->region->rx, tb->region->size, (uintptr_t)tb->region->rx, out);
}

/* The block in each mode in which it was translated: x86's differ by the top of the x87 stack. */
static bool explain_modes(struct engine *e, gaddr_t pc, struct arena *arena, FILE *out)
{
    bool found = false;
    for (uint32_t mode = 0; mode < 1u << CPU_MODE_BITS; mode++) {
        struct tb *tb = tb_find(e, pc, mode);
        if (!tb)
            continue;
        fprintf(out, "%smode %#x\n", found ? "\n" : "", mode);
        explain_tier1(e, tb, arena, out);
        explain_tier2(e, tb, arena, out);
        found = true;
    }
    return found;
}

void explain_place(struct engine *e, const char *place, FILE *out)
{
    gaddr_t pc;
    struct arena arena;
    uint64_t section = 0;
    if (!parse_place(e, place, &pc)) {
        message("--explain: no such symbol: %s", place);
        return;
    }
    arena_init(&arena);
    reclaim_register(e, &section);
    section_enter(e, &section);
    if (!explain_modes(e, pc, &arena, out))
        fprintf(out, "nothing was translated at %#" PRIx64 "\n", pc);
    section_leave(&section);
    reclaim_unregister(e, &section);
    arena_fini(&arena);
}
