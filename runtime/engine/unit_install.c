/* SPDX-License-Identifier: Apache-2.0 */
/* Installing a unit: compare the guest's code, copy the blocks' code, write the addresses into it, publish.
 *
 * I1  The guest's bytes are compared after their pages were protected. A write between that and publication has changed
 *     the generation, and then nothing is published (tb_insert_all).
 * I2  What is published is what translate.c would have made: its block record is new_tb's, its code is what
 *     tcg made of the same bytes for the same key.
 * I3  Blocks are placed in batches that any chunk has room for. One that alone needs more stays out.
 */
#define _GNU_SOURCE
#include "runtime/engine/unit_install.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/engine/code_pages.h"
#include "runtime/engine/evict.h"
#include "runtime/engine/new_tb.h"
#include "runtime/engine/profile.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/warm.h"

enum { PAGE = 4096, MAX_BATCH = 512, CHUNK_SHARE = 16 };

/* ---- the guest's code ---- */

static bool can_be_kept(struct engine *e, gaddr_t start, gaddr_t end)
{
    for (gaddr_t at = ALIGN_DOWN(start, PAGE); at < end; at += PAGE) {
        const uint8_t *code;
        size_t avail;
        gaddr_t from = at > start ? at : start, to = at + PAGE < end ? at + PAGE : end;
        if (!e->mem->fetch(e->memory, from, &code, &avail) || avail < to - from)
            return false;
        if (e->mem->is_writable(e->memory, at) || e->mem->is_volatile(e->memory, at) ||
            e->mem->writes_itself(e->memory, at))
            return false;
    }
    return true;
}

/* Without risk: the guest may unmap it at any moment. */
static bool copy_guest(struct engine *e, gaddr_t start, uint8_t *to, size_t size)
{
    const uint8_t *code;
    size_t avail;
    if (!e->mem->fetch(e->memory, start, &code, &avail))
        return false;
    const struct iovec local = {to, size}, remote = {(void *)(uintptr_t)code, size};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

bool unit_guest_hash(struct engine *e, gaddr_t start, gaddr_t end, struct hash128 *hash, uint64_t *generation)
{
    uint8_t bytes[UNIT_MAX_SPAN];
    size_t size = (size_t)(end - start);
    if (size > sizeof bytes)
        return false;
    *generation = e->mem->protect(e->memory, start, end);
    if (!can_be_kept(e, start, end) || !copy_guest(e, start, bytes, size))
        return false;
    *hash = hash128_of((struct hash128){{start, 0}}, bytes, size);
    return true;
}

/* ---- placing ---- */

struct batch {
    struct hash128 file; /* of the guest's, which the unit is of */
    const struct unit_item *items;
    unsigned count;    /* of items */
    size_t code, data; /* bytes that they need at most */
    struct tb *tbs[MAX_BATCH];
    unsigned made;
    bool is_first; /* nothing of the piece was loaded before: its blocks are hardly there */
};

/* Bytes of code that the block needs at most, with what its phase costs. */
static size_t code_of(const struct unit_item *item)
{
    return ALIGN_UP((size_t)item->block.code, CC_CODE_ALIGN) + UNIT_CODE_ALIGN - CC_CODE_ALIGN;
}

static size_t data_of(const struct unit_item *item)
{
    const struct unit_block *b = &item->block;
    size_t pieces = TB_BLOCK_BYTES + (2 + b->guest_bytes / PAGE) * sizeof(struct tb_page) +
                    b->exits * sizeof(struct tcg_exit) + b->map + (b->has_profile ? PROFILE_BYTES : 0);
    return pieces + (size_t)5 * 16; /* each is aligned */
}

static void fill_exits(struct tb *tb, const struct unit_item *item, struct cc_reservation *r)
{
    tb->code.exit_count = item->block.exits;
    tb->code.exits = cc_data_filled(r, tb->code.exit_count * sizeof *tb->code.exits);
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        const struct unit_exit *x = &item->exits[i];
        tb->code.exits[i] = (struct tcg_exit){.pc = x->pc,
                                              .mode = x->mode,
                                              .jmp_off = x->jmp_off,
                                              .stub_off = x->stub_off,
                                              .kind = x->kind,
                                              .trap = x->trap,
                                              .poll = x->poll,
                                              .free_flags = x->free_flags,
                                              .owner = tb};
    }
}

static void fill_map(struct tb *tb, const struct unit_item *item, struct cc_reservation *r)
{
    tb->code.map = memcpy(cc_data_filled(r, item->block.map), item->map, item->block.map);
    tb->code.map_size = item->block.map;
}

static void move_on(struct cc_reservation *r, size_t code)
{
    r->rw += code;
    r->rx += code;
}

/* The block at the reservation's begin, which moves on. NULL: it cannot be placed there. */
static struct tb *place(struct engine *e, const struct unit_item *item, struct hash128 file, struct cc_reservation *r)
{
    const struct unit_block *b = &item->block;
    const struct ir_block block = {
        .pc = b->pc, .mode = b->mode, .guest_bytes = b->guest_bytes, .guest_insns = b->guest_insns};
    move_on(r, (size_t)(b->phase - (uintptr_t)r->rx) % UNIT_CODE_ALIGN);
    struct tb *tb = new_tb(e, &block, r);
    memcpy(r->rw, item->code, b->code);
    tb->code.size = b->code;
    tb->code.counter_off = b->counter_off;
    fill_exits(tb, item, r);
    fill_map(tb, item, r);
    if (b->has_profile)
        profile_restore(tb, r);
    if (!code_relocs_apply(e, item->relocs, b->relocs, tb))
        return NULL;
    warm_prepare_of(e, tb, file);
    tb->heat.counting |= tb->heat.asks;
    tb->code.entry = tb_own_entry(tb);
    move_on(r, ALIGN_UP((size_t)b->code, CC_CODE_ALIGN));
    return tb;
}

static bool place_batch(struct engine *e, struct batch *b, struct cc_reservation *r, size_t *code)
{
    const uint8_t *begin = r->rx;
    b->made = 0;
    for (unsigned i = 0; i < b->count; i++) {
        const struct unit_item *item = &b->items[i];
        if (!b->is_first && tb_find(e, item->block.pc, item->block.mode))
            continue;
        struct tb *tb = place(e, item, b->file, r);
        if (!tb)
            return false;
        b->tbs[b->made++] = tb;
    }
    *code = (size_t)(r->rx - begin);
    return true;
}

static enum status install_batch(struct engine *e, const struct unit *u, struct batch *b, uint64_t generation,
                                 struct cc_chunk **affinity, uint64_t *section, unsigned *blocks)
{
    struct cc_reservation r;
    size_t code;
    enum status s = cc_reserve(e, affinity, b->code, b->data, &r);
    if (s != STATUS_OK)
        return s;
    code_pages_need(&e->cc, r.chunk, b->code, b->data);
    section_enter(e, section);
    if (place_batch(e, b, &r, &code)) {
        tb_commit_all(e, &r, code, b->tbs, b->made);
        unsigned n = tb_insert_all(e, b->tbs, b->made, u->start, u->end, generation);
        s = n || !b->made ? STATUS_OK : STATUS_STALE;
        *blocks += n;
    } else {
        cc_abort(&e->cc, &r);
        s = STATUS_TOO_LARGE;
    }
    section_leave(section);
    return s;
}

/* Takes the next items, as many as a batch may have. */
static void next_batch(const struct engine *e, const struct unit *u, unsigned *at, struct batch *b)
{
    size_t most_code = e->cc.chunk_size / CHUNK_SHARE, most_data = e->cc.data_size / CHUNK_SHARE;
    while (*at < u->count && (code_of(&u->items[*at]) > most_code || data_of(&u->items[*at]) > most_data))
        ++*at;
    b->items = u->items + *at;
    b->count = 0;
    b->code = b->data = 0;
    while (*at < u->count && b->count < MAX_BATCH) {
        size_t code = b->code + code_of(&u->items[*at]), data = b->data + data_of(&u->items[*at]);
        if (code > most_code || data > most_data)
            break;
        b->code = code;
        b->data = data;
        b->count++;
        ++*at;
    }
}

enum status unit_install(struct engine *e, const struct unit *u, struct hash128 file, bool is_first,
                         struct cc_chunk **affinity, uint64_t *section, unsigned *blocks)
{
    struct hash128 hash;
    uint64_t generation;
    struct batch b;
    b.file = file;
    b.is_first = is_first;
    *blocks = 0;
    if (!unit_guest_hash(e, u->start, u->end, &hash, &generation) || !hash128_same(hash, u->hash))
        return STATUS_STALE;
    enum status s = STATUS_OK;
    for (unsigned at = 0; at < u->count && s == STATUS_OK;) {
        next_batch(e, u, &at, &b);
        if (b.count)
            s = install_batch(e, u, &b, generation, affinity, section, blocks);
    }
    return s;
}
