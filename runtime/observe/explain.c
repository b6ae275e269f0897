/* SPDX-License-Identifier: Apache-2.0 */
/* --explain=PC|SYMBOL: one place of the guest through all stages, at the end of the run: guest code, IR, tier-1 code,
 * and, if a region begins there, its LLVM IR before and after optimization and its code. If none does, it says why: the
 * place is inside the regions of other blocks, or the region was not finished, or was given up.
 *
 * A place is that of the blocks which begin there, one for each mode in which they were translated (x86's differ by the
 * top of the x87 stack), or else of those in the middle of which it is. */
#include "runtime/observe/explain.h"

#include <inttypes.h>
#include <stdlib.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/lift.h"
#include "runtime/engine/optimizer.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/region.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/tiers.h"
#include "runtime/loader/symbols.h"
#include "runtime/observe/disas.h"
#include "src/base/log.h"
#include "src/ir/text/print.h"

enum { MAX_FOUND = 256 };

/* Blocks at one place, by address and mode. */
struct found {
    struct tb *tb[MAX_FOUND];
    unsigned count;
};

struct explain {
    struct engine *e;
    struct arena arena;
    FILE *out;
};

static bool parse_place(struct symbols *symbols, const char *place, gaddr_t *pc)
{
    char *end;
    *pc = strtoull(place, &end, 0);
    if (end != place && !*end)
        return true;
    return symbols && symbols_address(symbols, place, pc);
}

static bool is_at(const struct tb *tb, gaddr_t pc, bool inside)
{
    return inside ? pc > tb->pc && pc - tb->pc < tb->guest_bytes : pc == tb->pc;
}

static int by_place(const void *left, const void *right)
{
    const struct tb *a = *(struct tb *const *)left, *b = *(struct tb *const *)right;
    if (a->pc != b->pc)
        return a->pc < b->pc ? -1 : 1;
    return (a->mode > b->mode) - (a->mode < b->mode);
}

/* Blocks that begin at pc, or that have it inside. Inside a section. */
static void find_blocks(struct engine *e, gaddr_t pc, bool inside, struct found *f)
{
    f->count = 0;
    for (struct tbs_bucket *b = NULL; (b = tbs_next(e->tbs, b));) {
        struct tb *tb = __atomic_load_n(&b->first, __ATOMIC_ACQUIRE);
        for (; tb; tb = __atomic_load_n(&tb->links.hash_next, __ATOMIC_ACQUIRE))
            if (is_at(tb, pc, inside) && f->count < MAX_FOUND)
                f->tb[f->count++] = tb;
    }
    qsort(f->tb, f->count, sizeof f->tb[0], by_place);
}

static void explain_tier1(struct explain *x, const struct tb *tb)
{
    const struct engine *e = x->e;
    const uint8_t *code;
    size_t avail;
    const struct ir_block *block;
    fprintf(x->out, "guest code at %#" PRIx64 "\n", tb->pc);
    if (!e->mem->fetch(e->memory, tb->pc, &code, &avail))
        return;
    disas_guest(e->guest, x->out, tb->pc, code, tb->guest_bytes, tb->guest_insns);
    struct lift_code all = lift_code(code, avail, lift_before(tb->pc));
    if (lift_block(e, tb->pc, tb->mode, all, (unsigned)e->options->block_insns, &x->arena, &block) == STATUS_OK) {
        fprintf(x->out, "\nIR\n");
        ir_print(x->out, block);
    }
    if (tb->kind == TB_INTERP)
        return;
    fprintf(x->out, "\ntier 1: %u bytes, entered %" PRIu64 " times\n", tb->code.size, tb_executions(tb));
    lopt_disas_host(tb->code.rx, tb->code.size, (uintptr_t)tb->code.rx, x->out);
}

/* The region that begins with the block. */
static void explain_own_region(struct explain *x, struct tb *tb, const struct tb *region)
{
    struct region_plan plan;
    struct lopt_options options;
    struct lopt *lopt;
    char why[256];
    fprintf(x->out, "\ntier 2: region of %u blocks, %u guest instructions, %u bytes\n", region->part.blocks,
            region->guest_insns, region->code.size);
    optimizer_lopt_options(x->e, &options);
    options.fail_one_in = 0;
    if (region_select(x->e, tb, &x->arena, &plan) == STATUS_OK &&
        lopt_open(&options, &lopt, why, sizeof why) == STATUS_OK) {
        lopt_explain(lopt, &plan.region, x->out);
        lopt_close(lopt);
    }
    fprintf(x->out, "\ninstalled code\n");
    lopt_disas_host(region->code.rx, region->code.size, (uintptr_t)region->code.rx, x->out);
}

static bool has_member(const struct tb *region, const struct tb *tb)
{
    for (unsigned i = 0; i < region->part.blocks; i++)
        if (region->part.members[i].pc == tb->pc && region->part.members[i].mode == tb->mode)
            return true;
    return false;
}

static void print_entries(const struct tb *region, FILE *out)
{
    const char *before = "";
    for (unsigned i = 0; i < region->part.blocks; i++) {
        if (!region->part.members[i].entered)
            continue;
        fprintf(out, "%s%#" PRIx64, before, region->part.members[i].pc);
        before = ", ";
    }
}

/* Names the regions of other blocks that have this one inside: how many. */
static unsigned explain_outer_regions(struct explain *x, const struct tb *tb)
{
    struct engine *e = x->e;
    unsigned count = 0;
    for (struct tbs_bucket *b = NULL; (b = tbs_next(e->tbs, b));) {
        struct tb *head = __atomic_load_n(&b->first, __ATOMIC_ACQUIRE);
        for (; head; head = __atomic_load_n(&head->links.hash_next, __ATOMIC_ACQUIRE)) {
            const struct tb *region = __atomic_load_n(&head->region, __ATOMIC_ACQUIRE);
            if (!region || region->part.head != head || head == tb || !has_member(region, tb))
                continue;
            fprintf(x->out, "\ntier 2: inside the region at %#" PRIx64 " (%u blocks), which is entered at ", head->pc,
                    region->part.blocks);
            print_entries(region, x->out);
            fprintf(x->out, "\n");
            count++;
        }
    }
    return count;
}

/* What is to be said of a region that is not there, or not in its final form. own: one begins here; outer: other ones
 * have the block inside. */
static void explain_pending(struct explain *x, const struct tb *tb, bool own, bool outer)
{
    enum tiers_stage stage = tiers_stage_of(x->e, tb->pc, tb->mode);
    const char *what = own ? "a larger region from here" : "the region from here";
    if (stage == TIERS_COMPILING)
        fprintf(x->out, "\ntier 2: %s was being compiled when the program ended\n", what);
    else if (stage == TIERS_QUEUED)
        fprintf(x->out, "\ntier 2: %s was waiting to be compiled when the program ended\n", what);
    else if (!own && tb->heat.given_up && !(outer && tb->heat.given_up == STATUS_NO_GROWTH)) /* else it is an entry */
        fprintf(x->out, "\ntier 2: no region begins here, it was given up: %s\n",
                status_text((enum status)tb->heat.given_up));
    else if (!own && !outer)
        fprintf(x->out, "\ntier 2: no region begins here, and none has it inside\n");
}

static void explain_tier2(struct explain *x, struct tb *tb)
{
    const struct tb *region = __atomic_load_n(&tb->region, __ATOMIC_ACQUIRE);
    bool own = region && region->part.head == tb;
    if (own)
        explain_own_region(x, tb, region);
    unsigned outer = explain_outer_regions(x, tb);
    explain_pending(x, tb, own, outer);
}

static void explain_blocks(struct explain *x, gaddr_t pc)
{
    struct found f;
    find_blocks(x->e, pc, false, &f);
    if (!f.count) {
        find_blocks(x->e, pc, true, &f);
        if (f.count)
            fprintf(x->out, "no block begins at %#" PRIx64 "; it is inside:\n", pc);
    }
    if (!f.count)
        fprintf(x->out, "nothing was translated at %#" PRIx64 "\n", pc);
    for (unsigned i = 0; i < f.count; i++) {
        fprintf(x->out, "%smode %#x\n", i ? "\n" : "", f.tb[i]->mode);
        explain_tier1(x, f.tb[i]);
        explain_tier2(x, f.tb[i]);
    }
}

void explain_place(struct engine *e, struct symbols *symbols, const char *place, FILE *out)
{
    gaddr_t pc;
    struct explain x = {.e = e, .out = out};
    uint64_t section = 0;
    if (!parse_place(symbols, place, &pc)) {
        message("--explain: no such symbol: %s", place);
        return;
    }
    arena_init(&x.arena);
    reclaim_register(e, &section);
    section_enter(e, &section);
    explain_blocks(&x, pc);
    section_leave(&section);
    reclaim_unregister(e, &section);
    arena_fini(&x.arena);
}
