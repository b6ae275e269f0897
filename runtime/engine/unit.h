/* SPDX-License-Identifier: Apache-2.0 */
/* A unit: tier-1 blocks of one piece of a file of the guest's, as the bytes of an entry of the cache on disk.
 *
 * Reading copies nothing: what a struct unit points at are the entry's bytes, or a block's own data. */
#ifndef TANDEM_RUNTIME_ENGINE_UNIT_H
#define TANDEM_RUNTIME_ENGINE_UNIT_H

#include "runtime/engine/code_reloc.h"
#include "runtime/engine/engine.h"
#include "src/base/hash.h"

struct arena;
struct tb;

enum {
    UNIT_SHIFT = 14, /* a piece has so many bits of addresses */
    UNIT_MODE = -1,  /* store_record.mode, as uint32_t: no block's */
    UNIT_CODE_ALIGN = 16,
    UNIT_MAX_BLOCKS = 8192,                   /* of one unit */
    UNIT_MAX_SPAN = (1 << UNIT_SHIFT) + 4096, /* bytes of guest code from the first to the last that belongs to it */
};

/* One block. Its arrays lie behind those of the blocks before it. */
struct unit_block {
    gaddr_t pc;
    uint32_t mode, counter_off;
    uint16_t guest_bytes, guest_insns;
    uint16_t code;               /* bytes; the next one's begins 16-aligned */
    uint16_t exits, map, relocs; /* map: bytes */
    uint8_t has_profile;
    uint8_t phase; /* what its address has to leave when divided by UNIT_CODE_ALIGN: there are aligned constants */
};

/* A struct tcg_exit. */
struct unit_exit {
    gaddr_t pc;
    uint32_t mode;
    uint16_t jmp_off, stub_off;
    uint8_t kind, trap, poll, free_flags;
    uint32_t zero;
};

struct unit_item {
    const struct tb *tb; /* NULL: the block is from an entry */
    struct unit_block block;
    const struct unit_exit *exits;
    const uint8_t *map; /* tb_code.map */
    const struct code_reloc *relocs;
    const uint8_t *code;
};

struct unit {
    gaddr_t start, end;  /* where the guest code of its blocks is */
    struct hash128 hash; /* of all bytes there */
    unsigned count;
    struct unit_item *items;
};

/* The block tb as an item: its code as it was made, neither chained nor counting. In the arena, but for tb's own data.
 * False: it is of a kind that does not go into a unit. Inside a section. */
bool unit_take(const struct tb *tb, struct arena *arena, struct unit_item *item);
/* The entry's bytes (malloc), and their number. NULL: no memory. */
uint8_t *unit_write(const struct unit *u, size_t *size);
/* The unit in an entry's bytes, which stay where they are; the items are in the arena. STATUS_BAD_FORMAT: they are not
 * what was written. */
enum status unit_read(const struct engine *e, const uint8_t *data, size_t size, struct arena *arena, struct unit *u);

#endif
