/* SPDX-License-Identifier: Apache-2.0 */
/* From guest pc to a published tier-1 block: fetch, lift, generate, publish.
 *
 * I1  The bytes that were lifted are those in memory after the page was protected: the copy is compared again once
 *     mem_protect_code has made sure that a later write will be noticed. A write between that and publication has
 *     changed the page's generation, and then the block is not published (tb_insert).
 * I2  The reservation's chunk cannot be evicted between generation and publication, because the thread is inside a read
 *     section from the moment it holds the reservation.
 */
#define _GNU_SOURCE
#include <string.h>

#include "frontend/block.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/reclaim.h"
#include "runtime/observe/observe.h"
#include "src/base/log.h"
#include "src/ir/simplify/seal.h"

enum {
    FETCH_MAX = 512,      /* guest bytes looked at for one block */
    CODE_ROOM = 24 << 10, /* host code and metadata that a block may need at most before it is cut */
    DATA_ROOM = 24 << 10,
    MAX_EXITS = 128,
    MAX_MAP = 512,
};

/* Guest code as it was when it was read. */
struct fetched {
    uint8_t bytes[FETCH_MAX];
    const uint8_t *live;
    size_t avail;
    uint64_t generation; /* of the pages when they were protected */
};

static void fetch(struct thread *t, gaddr_t pc, struct fetched *f)
{
    f->avail = 0;
    if (!mem_fetch(t->proc->mem, pc, &f->live, &f->avail))
        f->avail = 0;
    if (f->avail > FETCH_MAX)
        f->avail = FETCH_MAX;
    t->core->fetching = true;
    memcpy(f->bytes, f->live, f->avail);
    t->core->fetching = false;
}

static bool unchanged(struct thread *t, const struct fetched *f, size_t bytes)
{
    t->core->fetching = true;
    bool same = memcmp(f->bytes, f->live, bytes) == 0;
    t->core->fetching = false;
    return same;
}

enum status translate_lift(const struct process *proc, gaddr_t pc, uint32_t mode, const uint8_t *code, size_t avail,
                           unsigned max_insns, struct arena *arena, const struct ir_block **block)
{
    struct ir_builder b;
    struct guest_lift req = {
        .pc = pc, .code = code, .avail = avail, .mode = mode, .config = &proc->config, .max_insns = max_insns};
    req.stores_end = proc->guest->coherent_code && mem_code_writes_itself(proc->mem, pc);
    for (;;) {
        ir_builder_init(&b, arena, proc->guest->state, pc, mode);
        b.fp_fast = proc->engine->fp_fast;
        enum status s = guest_lift_block(proc->guest, &req, &b);
        *block = s == STATUS_OK ? ir_builder_seal(&b) : NULL;
        if (*block)
            return STATUS_OK;
        if (s != STATUS_OK && s != STATUS_TOO_LARGE)
            return s;
        if (req.max_insns == 1)
            return STATUS_TOO_LARGE;
        req.max_insns /= 2;
    }
}

/* Lifts what is at pc now, with the pages protected against unnoticed writes. */
static const struct ir_block *lift_stable(struct thread *t, gaddr_t pc, uint32_t mode, unsigned max_insns,
                                          struct fetched *f, bool *is_volatile)
{
    const struct ir_block *block = NULL;
    do {
        fetch(t, pc, f);
        arena_reset(&t->core->arena);
        enum status s = translate_lift(t->proc, pc, mode, f->bytes, f->avail, max_insns, &t->core->arena, &block);
        if (s != STATUS_OK)
            return NULL;
        if (f->avail)
            f->generation = mem_protect_code(t->proc->mem, pc, pc + (block->guest_bytes ? block->guest_bytes : 1));
        *is_volatile = f->avail && mem_code_is_volatile(t->proc->mem, pc);
    } while (!unchanged(t, f, block->guest_bytes < f->avail ? block->guest_bytes : f->avail));
    return block;
}

static void fill_pages(struct tb *tb, struct cc_reservation *r)
{
    gaddr_t end = tb->pc + (tb->guest_bytes ? tb->guest_bytes : 1);
    tb->page_count = (uint32_t)((end - 1) / 4096 - tb->pc / 4096 + 1);
    tb->pages = cc_data(r, tb->page_count * sizeof *tb->pages);
    gaddr_t at = tb->pc;
    for (uint32_t i = 0; i < tb->page_count; i++) {
        gaddr_t stop = ALIGN_DOWN(at, 4096) + 4096;
        tb->pages[i] = (struct tb_page){.tb = tb, .start = at, .end = stop < end ? stop : end};
        at = stop;
    }
}

static struct tb *new_tb(struct engine *e, const struct ir_block *block, struct cc_reservation *r)
{
    struct tb *tb = cc_data(r, sizeof *tb);
    tb->pc = block->pc;
    tb->mode = block->mode;
    tb->guest_bytes = block->guest_bytes;
    tb->guest_insns = block->guest_insns;
    tb->rw = r->rw;
    tb->rx = tb->entry = r->rx;
    tb->serial = __atomic_add_fetch(&e->serial, 1, __ATOMIC_RELAXED);
    tb->counter = tb->armed = e->tier == TIER_2 ? 0 : (int32_t)e->proc->options->hot_threshold;
    tb->changes_itself = e->proc->guest->coherent_code && mem_code_writes_itself(e->proc->mem, tb->pc);
    fill_pages(tb, r);
    return tb;
}

/* Generates code for block into the reservation. NULL: does not fit (the caller cuts the block). */
static struct tb *generate(struct thread *t, const struct ir_block *block, bool is_volatile, const struct fetched *f,
                           struct cc_reservation *r)
{
    struct engine *e = t->proc->engine;
    struct tb *tb = new_tb(e, block, r);
    struct tcg_request req = {.block = block,
                              .rw = r->rw,
                              .rx = r->rx,
                              .glue = &e->glue,
                              .map = t->core->map_buf,
                              .max_map = MAX_MAP,
                              .max_exits = MAX_EXITS,
                              .counter_arg = (uintptr_t)tb};
    req.capacity = r->capacity < CODE_ROOM ? r->capacity : CODE_ROOM;
    if (is_volatile) {
        void *copy = cc_data(r, block->guest_bytes);
        memcpy(copy, f->bytes, block->guest_bytes);
        req.check_code = tb->check_code = copy;
        tb->volatile_code = true;
    } else if (e->tier != TIER_1 && !e->forked && !tb->changes_itself) {
        req.counter = &tb->counter;
        profile_init(e, tb, block, r);
    }
    if (t->proc->options->random_regs)
        req.random_seed = (unsigned)t->proc->options->random_regs ^ (unsigned)block->pc;
    req.exits = (struct tcg_exit *)r->data;
    struct tcg_result res;
    enum status s = tcg_translate(&req, &res);
    if (s != STATUS_OK)
        return NULL;
    tb->size = (uint32_t)res.size;
    tb->body_off = res.body_off;
    tb->exit_count = res.exit_count;
    tb->exits = cc_data_filled(r, res.exit_count * sizeof *tb->exits);
    for (uint32_t i = 0; i < tb->exit_count; i++) {
        tb->exits[i].owner = tb;
        tb->exits[i].target = NULL;
        tb->exits[i].next = NULL;
    }
    tb->map_count = res.map_count;
    struct tcg_pc_map *map = cc_data(r, res.map_count * sizeof *map);
    memcpy(map, t->core->map_buf, res.map_count * sizeof *map);
    tb->map = map;
    return tb;
}

static void account(struct core_thread *c, const struct tb *tb, uint64_t t0, uint64_t t1, uint64_t t2)
{
    c->stats.blocks++;
    c->stats.block_guest_insns += tb->guest_insns;
    c->stats.block_guest_bytes += tb->guest_bytes;
    c->stats.block_host_bytes += tb->size;
    c->stats.lift_ns += t1 - t0;
    c->stats.tcg_ns += t2 - t1;
}

/* Reserves, lifts, generates and publishes. Enters with no section, returns inside one. NULL: it did not fit; with each
 * attempt the room is doubled, then the block halved. */
static struct tb *translate(struct thread *t, gaddr_t pc, uint32_t mode, unsigned attempt)
{
    struct engine *e = t->proc->engine;
    struct core_thread *c = t->core;
    struct fetched f;
    bool is_volatile = false;
    struct cc_reservation r;
    unsigned share = attempt < 3 ? 16 >> attempt : 2; /* of a chunk */
    unsigned max_insns = (unsigned)t->proc->options->block_insns >> (attempt < 3 ? 0 : attempt - 3);
    if (cc_reserve(e, &c->chunk, e->cc.chunk_size / share, e->cc.data_size / share, &r) != STATUS_OK)
        __builtin_trap(); /* half a chunk is always there to be had */
    section_enter(e, &c->section);
    uint64_t t0 = stats_clock(CLOCK_MONOTONIC);
    c->reservation = &r;
    const struct ir_block *block = lift_stable(t, pc, mode, max_insns ? max_insns : 1, &f, &is_volatile);
    uint64_t t1 = stats_clock(CLOCK_MONOTONIC);
    struct cc_reservation start = r;
    struct tb *tb = block ? generate(t, block, is_volatile, &f, &r) : NULL;
    c->reservation = NULL;
    if (!tb) { /* too large for what is left of the chunk, or for a block at all: a shorter one */
        r = start;
        cc_abort(&e->cc, &r);
        return NULL;
    }
    cc_commit(&e->cc, &r, tb->size, tb); /* first: a fault in the code must find it in its chunk */
    struct tb *use = tb_insert(e, tb, f.generation);
    if (use == tb) {
        uint64_t t2 = stats_clock(CLOCK_MONOTONIC);
        account(c, tb, t0, t1, t2);
        observe_translation(e, t, pc, t2 - t0);
        observe_block(e, tb, block, f.bytes);
    }
    return use;
}

static struct tb *translate_interp(struct thread *t, gaddr_t pc, uint32_t mode)
{
    struct engine *e = t->proc->engine;
    struct fetched f;
    bool is_volatile;
    section_enter(e, &t->core->section);
    unsigned max_insns = (unsigned)t->proc->options->block_insns;
    const struct ir_block *scratch = lift_stable(t, pc, mode, max_insns, &f, &is_volatile);
    pthread_mutex_lock(&e->interp_lock);
    struct tb *tb = arena_alloc(&e->interp_arena, sizeof *tb + 2 * sizeof(struct tb_page));
    *tb = (struct tb){.kind = TB_INTERP,
                      .pc = pc,
                      .mode = mode,
                      .guest_bytes = scratch->guest_bytes,
                      .guest_insns = scratch->guest_insns,
                      .volatile_code = is_volatile};
    translate_lift(t->proc, pc, mode, f.bytes, f.avail, max_insns, &e->interp_arena, &tb->ir);
    pthread_mutex_unlock(&e->interp_lock);
    struct cc_reservation pages = {.data = (uint8_t *)(tb + 1), .data_capacity = 2 * sizeof(struct tb_page)};
    fill_pages(tb, &pages);
    if (log_on(LOG_OP))
        observe_ir(e, tb->ir);
    return is_volatile ? tb : tb_insert(e, tb, f.generation);
}

const struct ir_block *translate_single(struct thread *t, gaddr_t pc, uint32_t mode)
{
    struct fetched f;
    const struct ir_block *block = NULL;
    fetch(t, pc, &f);
    arena_reset(&t->core->arena);
    if (f.avail)
        translate_lift(t->proc, pc, mode, f.bytes, f.avail, 1, &t->core->arena, &block);
    return block;
}

struct tb *translate_find(struct thread *t, gaddr_t pc, uint32_t mode)
{
    struct engine *e = t->proc->engine;
    struct tb *tb = tb_find(e, pc, mode);
    for (unsigned attempt = 0; !tb; attempt++) {
        const uint8_t *code;
        size_t avail = 0;
        if (!mem_fetch(t->proc->mem, pc, &code, &avail) || !avail)
            return NULL;
        section_leave(&t->core->section);
        tb = e->tier == TIER_INTERP ? translate_interp(t, pc, mode) : translate(t, pc, mode, attempt);
    }
    return tb;
}
