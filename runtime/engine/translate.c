/* SPDX-License-Identifier: Apache-2.0 */
/* From guest pc to a published tier-1 block: fetch, lift, generate, publish.
 *
 * I1  The bytes that were lifted are those in memory after the page was protected: the copy is compared again once
 *     engine_mem.protect has made sure that a later write will be noticed. A write between that and publication has
 *     changed the page's generation, and then the block is not published (tb_insert).
 * I2  The reservation's chunk cannot be evicted between generation and publication, because the thread is inside a read
 *     section from the moment it holds the reservation.
 * I3  Metadata stays within the reservation's data: what is asked for is counted before it is written, the exits that
 *     tcg_translate writes straight into the chunk too. What does not fit fails like code that does not fit.
 */
#include "runtime/engine/translate.h"

#include <string.h>

#include "runtime/engine/code_reloc.h"
#include "runtime/engine/evict.h"
#include "runtime/engine/lift.h"
#include "runtime/engine/new_tb.h"
#include "runtime/engine/pc_map.h"
#include "runtime/engine/profile.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/units.h"
#include "runtime/engine/warm.h"
#include "src/base/log.h"
#include "src/ir/simplify/seal.h"

enum {
    CODE_ROOM = 24 << 10, /* host code that a block may need at most before it is cut */
};

/* Guest code as it was when it was read. */
struct fetched {
    uint8_t room[LIFT_ROOM];
    struct lift_code code; /* in room */
    const uint8_t *live;
    uint64_t generation; /* of the pages when they were protected */
};

static void fetch(struct engine_thread *t, gaddr_t pc, struct fetched *f)
{
    const struct engine *e = t->engine;
    size_t avail = 0, before = lift_before(pc);
    if (!e->mem->fetch(e->memory, pc, &f->live, &avail) || !avail) {
        f->code = lift_code(f->room, 0, 0);
        return;
    }
    if (avail > LIFT_FETCH_MAX + LIFT_AFTER_MAX)
        avail = LIFT_FETCH_MAX + LIFT_AFTER_MAX;
    f->code = lift_code(f->room + before, avail, before);
    t->fetching = true;
    (void)*(const volatile uint8_t *)f->live; /* a fault is at pc, wherever memcpy begins */
    memcpy(f->room, f->live - before, before + avail);
    t->fetching = false;
}

static bool unchanged(struct engine_thread *t, const struct fetched *f, size_t bytes)
{
    t->fetching = true;
    bool same = memcmp(f->code.bytes, f->live, bytes) == 0;
    t->fetching = false;
    return same;
}

/* Lifts what is at pc now, with the pages protected against unnoticed writes. */
static const struct ir_block *lift_stable(struct engine_thread *t, gaddr_t pc, uint32_t mode, unsigned max_insns,
                                          struct fetched *f, bool *is_volatile)
{
    const struct engine *e = t->engine;
    const struct ir_block *block = NULL;
    do {
        fetch(t, pc, f);
        arena_reset(&t->arena);
        enum status s = lift_block(e, pc, mode, f->code, max_insns, &t->arena, &block);
        if (s != STATUS_OK)
            return NULL;
        if (f->code.avail)
            f->generation = e->mem->protect(e->memory, pc, pc + (block->guest_bytes ? block->guest_bytes : 1));
        *is_volatile = f->code.avail && e->mem->is_volatile(e->memory, pc);
    } while (!unchanged(t, f, block->guest_bytes < f->code.avail ? block->guest_bytes : f->code.avail));
    return block;
}

/* What will be written soon, into memory that has not been used yet: it comes while the block is lifted. */
static void prefetch(const struct cc_reservation *r)
{
    enum { LINE = 64, CODE_LINES = 3, DATA_LINES = 8 };
    for (unsigned i = 0; i < DATA_LINES; i++)
        __builtin_prefetch(r->data + (size_t)i * LINE, 1);
    for (unsigned i = 0; i < CODE_LINES; i++)
        __builtin_prefetch(r->rw + (size_t)i * LINE, 1);
}

/* Has the reservation room for the block's record, its pages, and the copy of its bytes? */
static bool has_room(const struct ir_block *block, const struct cc_reservation *r)
{
    size_t pages = 2 + block->guest_bytes / 4096;
    size_t alignment = (size_t)3 * 16; /* of each piece */
    return r->data_capacity >= TB_BLOCK_BYTES + pages * sizeof(struct tb_page) + block->guest_bytes + alignment;
}

/* As many exits as the data has room for. */
static unsigned exit_room(const struct cc_reservation *r)
{
    size_t room = r->data_capacity / sizeof(struct tcg_exit);
    return room < TCG_MAX_EXITS ? (unsigned)room : TCG_MAX_EXITS;
}

/* Notes what the cache on disk needs, in the reservation. */
static void keep(struct engine *e, struct tb *tb, const struct tcg_reloc *relocs, unsigned count, uint64_t generation,
                 struct cc_reservation *r)
{
    struct cc_reservation before = *r;
    struct tb_keep *to =
        count <= ENGINE_RELOC_ROOM ? cc_data_filled(r, sizeof *to + count * sizeof to->relocs[0]) : NULL;
    if (!to || !code_relocs_make(e, tb, relocs, count, to->relocs)) {
        *r = before;
        return;
    }
    to->generation = generation;
    to->reloc_count = count;
    to->saved = false;
    tb->keep = to;
}

/* Generates code for block into the reservation. NULL: does not fit (the caller cuts the block). */
static struct tb *generate(struct engine_thread *t, const struct ir_block *block, bool is_volatile,
                           const struct fetched *f, struct cc_reservation *r)
{
    struct engine *e = t->engine;
    if (!has_room(block, r))
        return NULL;
    struct tb *tb = new_tb(e, block, r);
    struct tcg_request req = {
        .block = block, .rw = r->rw, .rx = r->rx, .glue = &e->glue, .map = t->map_buf, .max_map = ENGINE_MAP_ROOM};
    req.capacity = r->capacity < CODE_ROOM ? r->capacity : CODE_ROOM;
    if (is_volatile) {
        void *copy = cc_data(r, block->guest_bytes);
        memcpy(copy, f->code.bytes, block->guest_bytes);
        req.check_code = tb->code.check = copy;
        tb->volatile_code = true;
    } else if (e->tier != TIER_1 && !e->forked && !tb->changes_itself) {
        req.counter = &tb->heat.counter;
        profile_init(e, tb, block, r);
        warm_prepare(e, tb);
        req.relocs = e->units ? t->reloc_buf : NULL;
        req.max_relocs = ENGINE_RELOC_ROOM;
    }
    if (e->options->random_regs)
        req.random_seed = (unsigned)e->options->random_regs ^ (unsigned)block->pc;
    req.exits = (struct tcg_exit *)r->data;
    req.max_exits = exit_room(r);
    struct tcg_result res;
    enum status s = tcg_translate(&req, &res);
    if (s == STATUS_NO_MEMORY) /* a shorter block would not help */
        out_of_memory("the translator");
    if (s != STATUS_OK)
        return NULL;
    tb->code.size = (uint32_t)res.size;
    tb->code.counter_off = res.counter_off;
    tb->heat.counting |= tb->heat.asks;
    tb->code.entry = tb_own_entry(tb);
    tb->code.exit_count = res.exit_count;
    tb->code.exits = cc_data_filled(r, res.exit_count * sizeof *tb->code.exits);
    tb->code.map_size = (uint32_t)pc_map_pack(t->map_buf, res.map_count, NULL);
    uint8_t *map = cc_data_filled(r, tb->code.map_size);
    if (!tb->code.exits || !map)
        return NULL;
    pc_map_pack(t->map_buf, res.map_count, map);
    tb->code.map = map;
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        tb->code.exits[i].owner = tb;
        tb->code.exits[i].target = NULL;
        tb->code.exits[i].next = NULL;
        __builtin_prefetch(tbs_bucket(e->tbs, tb->code.exits[i].pc, tb->code.exits[i].mode));
    }
    if (req.relocs)
        keep(e, tb, req.relocs, res.reloc_count, f->generation, r);
    return tb;
}

static void account(struct engine_thread *t, const struct tb *tb, uint64_t t0, uint64_t t1, uint64_t t2)
{
    t->stats.blocks++;
    t->stats.block_guest_insns += tb->guest_insns;
    t->stats.block_guest_bytes += tb->guest_bytes;
    t->stats.block_host_bytes += tb->code.size;
    t->stats.lift_ns += t1 - t0;
    t->stats.tcg_ns += t2 - t1;
}

/* Reserves, lifts, generates and publishes. Enters with no section, returns inside one. NULL: it did not fit; with each
 * attempt the room is doubled, then the block halved. */
static struct tb *translate(struct engine_thread *t, gaddr_t pc, uint32_t mode, unsigned attempt)
{
    struct engine *e = t->engine;
    struct fetched f;
    bool is_volatile = false;
    struct cc_reservation r;
    unsigned share = attempt < 3 ? 16 >> attempt : 2; /* of a chunk */
    unsigned max_insns = (unsigned)e->options->block_insns >> (attempt < 3 ? 0 : attempt - 3);
    if (cc_reserve(e, &t->chunk, e->cc.chunk_size / share, e->cc.data_size / share, &r) != STATUS_OK)
        __builtin_trap(); /* half a chunk is always there to be had */
    section_enter(e, &t->section);
    uint64_t t0 = stats_clock(CLOCK_MONOTONIC);
    t->reservation = &r;
    prefetch(&r);
    const struct ir_block *block = lift_stable(t, pc, mode, max_insns ? max_insns : 1, &f, &is_volatile);
    uint64_t t1 = stats_clock(CLOCK_MONOTONIC);
    struct cc_reservation start = r;
    struct tb *tb = block ? generate(t, block, is_volatile, &f, &r) : NULL;
    t->reservation = NULL;
    if (!tb) { /* too large for what is left of the chunk, or for a block at all: a shorter one */
        r = start;
        cc_abort(&e->cc, &r);
        return NULL;
    }
    tb_commit(e, &r, tb->code.size, tb);
    struct tb *use = tb_insert(e, tb, f.generation);
    if (use == tb) {
        uint64_t t2 = stats_clock(CLOCK_MONOTONIC);
        account(t, tb, t0, t1, t2);
        units_note(e, tb);
        EVENT(e, block, t, tb, block, f.code.bytes, t2 - t0);
    }
    return use;
}

static struct tb *translate_interp(struct engine_thread *t, gaddr_t pc, uint32_t mode)
{
    struct engine *e = t->engine;
    struct fetched f;
    bool is_volatile;
    section_enter(e, &t->section);
    unsigned max_insns = (unsigned)e->options->block_insns;
    const struct ir_block *scratch = lift_stable(t, pc, mode, max_insns, &f, &is_volatile);
    pthread_mutex_lock(&e->interp_lock);
    struct tb *tb = arena_alloc(&e->interp_arena, sizeof *tb + 2 * sizeof(struct tb_page));
    *tb = (struct tb){.kind = TB_INTERP,
                      .pc = pc,
                      .mode = mode,
                      .guest_bytes = scratch->guest_bytes,
                      .guest_insns = scratch->guest_insns,
                      .volatile_code = is_volatile};
    lift_block(e, pc, mode, f.code, max_insns, &e->interp_arena, &tb->ir);
    pthread_mutex_unlock(&e->interp_lock);
    struct cc_reservation pages = {.data = (uint8_t *)(tb + 1), .data_capacity = 2 * sizeof(struct tb_page)};
    new_tb_pages(tb, &pages);
    EVENT(e, block, t, tb, tb->ir, f.code.bytes, 0);
    return is_volatile ? tb : tb_insert(e, tb, f.generation);
}

const struct ir_block *translate_single(struct engine_thread *t, gaddr_t pc, uint32_t mode)
{
    const struct engine *e = t->engine;
    struct fetched f;
    const struct ir_block *block = NULL;
    fetch(t, pc, &f);
    arena_reset(&t->arena);
    if (f.code.avail)
        lift_block(e, pc, mode, f.code, 1, &t->arena, &block);
    return block;
}

struct tb *translate_find(struct engine_thread *t, gaddr_t pc, uint32_t mode)
{
    struct engine *e = t->engine;
    struct tb *tb = tb_find(e, pc, mode);
    for (unsigned attempt = 0; !tb; attempt++) {
        const uint8_t *code;
        size_t avail = 0;
        if (!e->mem->fetch(e->memory, pc, &code, &avail) || !avail)
            return NULL;
        section_leave(&t->section);
        account_mark(&t->account, TIME_TRANSLATE);
        if (attempt == 0 && units_load(e, pc)) {
            section_enter(e, &t->section);
            tb = tb_find(e, pc, mode);
            if (tb)
                break;
            section_leave(&t->section);
        }
        tb = e->tier == TIER_INTERP ? translate_interp(t, pc, mode) : translate(t, pc, mode, attempt);
        account_mark(&t->account, TIME_LOOKUP);
    }
    return tb;
}
