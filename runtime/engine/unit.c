/* SPDX-License-Identifier: Apache-2.0 */
/* An entry: a head, then the arrays of all blocks one after the other: blocks, exits, addresses, pc maps, code.
 *
 * I1  Reading trusts no number, though the caller knows by the entry's hash that the bytes are those that were written.
 * I2  Code is stored as tcg made it: exits lead to their stubs, the head does nothing. What other threads patch while
 *     it is copied is overwritten in the copy.
 */
#include "runtime/engine/unit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/tb.h"
#include "src/base/arena.h"

struct unit_head {
    gaddr_t start;
    uint32_t span, blocks, exits, relocs, maps, code;
    struct hash128 hash;
};

static_assert(sizeof(struct unit_head) % 8 == 0 && sizeof(struct unit_block) % 8 == 0 &&
                  sizeof(struct unit_exit) % 8 == 0 && sizeof(struct code_reloc) % 8 == 0,
              "each array ends where the next one may begin");

/* ---- writing ---- */

static void take_code(const struct tb *tb, uint8_t *code)
{
    memcpy(code, tb->code.rx, tb->code.size);
    for (uint32_t i = 0; i < tb->code.exit_count; i++)
        if (tb->code.exits[i].jmp_off)
            tcg_patch_exit(code, tb->code.rx, &tb->code.exits[i], NULL);
}

static struct unit_exit *take_exits(const struct tb *tb, struct arena *arena)
{
    struct unit_exit *to = arena_alloc(arena, (tb->code.exit_count + 1) * sizeof *to);
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        const struct tcg_exit *x = &tb->code.exits[i];
        to[i] = (struct unit_exit){.pc = x->pc,
                                   .mode = x->mode,
                                   .jmp_off = (uint16_t)x->jmp_off,
                                   .stub_off = (uint16_t)x->stub_off,
                                   .kind = x->kind,
                                   .trap = x->trap,
                                   .poll = x->poll,
                                   .free_flags = x->free_flags};
    }
    return to;
}

bool unit_take(const struct tb *tb, struct arena *arena, struct unit_item *item)
{
    if (!tb->keep || !tb->guest_bytes || tb->guest_bytes > UINT16_MAX || tb->code.size > UINT16_MAX ||
        tb->code.map_size > UINT16_MAX)
        return false;
    uint8_t *code = arena_alloc_raw(arena, tb->code.size);
    take_code(tb, code);
    item->tb = tb;
    item->block = (struct unit_block){.pc = tb->pc,
                                      .mode = tb->mode,
                                      .counter_off = tb->code.counter_off,
                                      .guest_bytes = (uint16_t)tb->guest_bytes,
                                      .guest_insns = (uint16_t)tb->guest_insns,
                                      .code = (uint16_t)tb->code.size,
                                      .exits = (uint16_t)tb->code.exit_count,
                                      .map = (uint16_t)tb->code.map_size,
                                      .relocs = (uint16_t)tb->keep->reloc_count,
                                      .has_profile = tb->heat.profile != NULL,
                                      .phase = (uint8_t)((uintptr_t)tb->code.rx % UNIT_CODE_ALIGN)};
    item->exits = take_exits(tb, arena);
    item->map = tb->code.map;
    item->relocs = tb->keep->relocs;
    item->code = code;
    return true;
}

static struct unit_head head_of(const struct unit *u)
{
    struct unit_head h = {
        .start = u->start, .span = (uint32_t)(u->end - u->start), .blocks = u->count, .hash = u->hash};
    for (unsigned i = 0; i < u->count; i++) {
        const struct unit_block *b = &u->items[i].block;
        h.exits += b->exits;
        h.maps += b->map;
        h.relocs += b->relocs;
        h.code += (uint32_t)ALIGN_UP((size_t)b->code, UNIT_CODE_ALIGN);
    }
    return h;
}

static size_t size_of(const struct unit_head *h)
{
    return sizeof *h + h->blocks * sizeof(struct unit_block) + h->exits * sizeof(struct unit_exit) +
           h->relocs * sizeof(struct code_reloc) + h->maps + h->code;
}

static uint8_t *put(uint8_t *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

uint8_t *unit_write(const struct unit *u, size_t *size)
{
    const struct unit_head h = head_of(u);
    *size = size_of(&h);
    uint8_t *data = calloc(1, *size), *at = data;
    if (!data)
        return NULL;
    at = put(at, &h, sizeof h);
    for (unsigned i = 0; i < u->count; i++)
        at = put(at, &u->items[i].block, sizeof u->items[i].block);
    for (unsigned i = 0; i < u->count; i++)
        at = put(at, u->items[i].exits, u->items[i].block.exits * sizeof *u->items[i].exits);
    for (unsigned i = 0; i < u->count; i++)
        at = put(at, u->items[i].relocs, u->items[i].block.relocs * sizeof *u->items[i].relocs);
    for (unsigned i = 0; i < u->count; i++)
        at = put(at, u->items[i].map, u->items[i].block.map);
    for (unsigned i = 0; i < u->count; i++) {
        put(at, u->items[i].code, u->items[i].block.code);
        at += ALIGN_UP((size_t)u->items[i].block.code, UNIT_CODE_ALIGN);
    }
    return data;
}

/* ---- reading ---- */

static bool exits_are_good(const struct unit_item *item)
{
    for (unsigned i = 0; i < item->block.exits; i++) {
        const struct unit_exit *x = &item->exits[i];
        bool patchable = x->jmp_off;
        if (x->kind >= IR_EXIT_COUNT || x->jmp_off % 4 || (patchable && x->jmp_off + 4u > item->block.code) ||
            x->stub_off >= item->block.code)
            return false;
    }
    return true;
}

static bool item_is_good(const struct engine *e, const struct unit *u, const struct unit_item *item)
{
    const struct unit_block *b = &item->block;
    if (b->pc < u->start || !b->guest_bytes || b->pc + b->guest_bytes > u->end || b->pc + b->guest_bytes < b->pc)
        return false;
    if (b->phase >= UNIT_CODE_ALIGN || b->phase % CC_CODE_ALIGN || b->counter_off >= b->code || !b->counter_off)
        return false;
    for (unsigned i = 0; i < b->relocs; i++)
        if (!code_reloc_is_good(e, &item->relocs[i], b->code, b->exits))
            return false;
    return exits_are_good(item);
}

/* Where the arrays are. */
struct places {
    const struct unit_exit *exits, *exits_end;
    const struct code_reloc *relocs, *relocs_end;
    const uint8_t *maps, *maps_end, *code, *code_end;
};

static struct places find_arrays(const struct unit_head *h, const uint8_t *at)
{
    struct places p;
    at += sizeof *h + h->blocks * sizeof(struct unit_block);
    p.exits = (const struct unit_exit *)(const void *)at;
    p.exits_end = p.exits + h->exits;
    p.relocs = (const struct code_reloc *)(const void *)p.exits_end;
    p.relocs_end = p.relocs + h->relocs;
    p.maps = (const uint8_t *)p.relocs_end;
    p.maps_end = p.maps + h->maps;
    p.code = p.maps_end;
    p.code_end = p.code + h->code;
    return p;
}

/* Takes a block's part of each array. False: there is less. */
static bool take_part(struct places *p, struct unit_item *item)
{
    const struct unit_block *b = &item->block;
    size_t code = ALIGN_UP((size_t)b->code, UNIT_CODE_ALIGN);
    if (p->exits_end - p->exits < b->exits || p->maps_end - p->maps < b->map || p->relocs_end - p->relocs < b->relocs ||
        (size_t)(p->code_end - p->code) < code)
        return false;
    item->exits = p->exits, p->exits += b->exits;
    item->relocs = p->relocs, p->relocs += b->relocs;
    item->map = p->maps, p->maps += b->map;
    item->code = p->code, p->code += code;
    return true;
}

enum status unit_read(const struct engine *e, const uint8_t *data, size_t size, struct arena *arena, struct unit *u)
{
    struct unit_head h;
    if (size < sizeof h)
        return STATUS_BAD_FORMAT;
    memcpy(&h, data, sizeof h);
    if (!h.blocks || h.blocks > UNIT_MAX_BLOCKS || h.exits > size || h.maps > size || h.relocs > size ||
        h.code > size || size_of(&h) != size || !h.span || h.span > UNIT_MAX_SPAN || h.start + h.span < h.start)
        return STATUS_BAD_FORMAT;
    *u = (struct unit){.start = h.start, .end = h.start + h.span, .hash = h.hash, .count = h.blocks};
    u->items = arena_alloc_raw(arena, h.blocks * sizeof *u->items);
    struct places p = find_arrays(&h, data);
    for (unsigned i = 0; i < h.blocks; i++) {
        struct unit_item *item = &u->items[i];
        item->tb = NULL;
        memcpy(&item->block, data + sizeof h + i * sizeof item->block, sizeof item->block);
        if (!take_part(&p, item) || !item_is_good(e, u, item))
            return STATUS_BAD_FORMAT;
    }
    return STATUS_OK;
}
