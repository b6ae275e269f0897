/* SPDX-License-Identifier: Apache-2.0 */
/* An entry: a head, the region's blocks and those outside, then what lopt_save writes.
 *
 * I1  A block is known by address, mode and a hash of its bytes. Guest code at another address is other code, since
 *     regions hold guest addresses.
 * I2  The hash is of the bytes that were lifted, not of what was in memory later.
 * I3  Reading trusts no number; the caller knows by the entry's hash that the bytes are those that were written.
 */
#define _GNU_SOURCE
#include "runtime/engine/warm_entry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "llvm-opt/lopt.h"
#include "src/base/cpu.h"

enum { MAX_BLOCKS = 1 << 12, MAX_BLOCK_BYTES = 4096 };

struct entry_head {
    uint32_t blocks, outside, guest_insns;
    uint32_t flags; /* WARM_* */
};

struct entry_block {
    uint64_t pc;
    uint32_t mode, bytes;
    uint64_t entry;
    struct hash128 hash;
};

static const struct ir_block *block_of(const struct region_plan *plan, unsigned i)
{
    return i < plan->region.count ? plan->region.blocks[i].block : plan->region.outside[i - plan->region.count];
}

static unsigned block_count(const struct region_plan *plan) { return plan->region.count + plan->region.outside_count; }

uint8_t *warm_entry_write(const struct region_plan *plan, const struct lopt_result *result, size_t *size)
{
    const struct ir_region *r = &plan->region;
    const struct entry_head head = {r->count, r->outside_count, plan->guest_insns,
                                    (r->precise ? WARM_PRECISE : 0) | (r->ordered ? WARM_ORDERED : 0)};
    size_t at = sizeof head, code = lopt_save(result, NULL, 0);
    *size = at + block_count(plan) * sizeof(struct entry_block) + code;
    uint8_t *data = malloc(*size);
    if (!data)
        return NULL;
    memcpy(data, &head, sizeof head);
    for (unsigned i = 0; i < block_count(plan); i++, at += sizeof(struct entry_block)) {
        const struct ir_block *block = block_of(plan, i);
        const struct entry_block b = {.pc = block->pc,
                                      .mode = block->mode,
                                      .bytes = block->guest_bytes,
                                      .entry = i < r->count ? r->blocks[i].entry : 0,
                                      .hash = plan->identities[i].bytes};
        memcpy(data + at, &b, sizeof b);
    }
    lopt_save(result, data + at, code);
    return data;
}

/* Room for a plan of so many blocks. */
static void make_plan(const struct entry_head *head, struct arena *arena, struct region_plan *plan)
{
    unsigned all = head->blocks + head->outside;
    *plan = (struct region_plan){.guest_insns = head->guest_insns, .stored = true};
    plan->identities = arena_alloc(arena, all * sizeof *plan->identities);
    plan->region = (struct ir_region){.blocks = arena_alloc(arena, head->blocks * sizeof *plan->region.blocks),
                                      .count = head->blocks,
                                      .outside = arena_alloc(arena, (all + 1) * sizeof *plan->region.outside),
                                      .outside_count = head->outside,
                                      .precise = head->flags & WARM_PRECISE,
                                      .ordered = head->flags & WARM_ORDERED};
}

static bool read_block(const uint8_t *at, struct arena *arena, struct ir_block **block, struct tb_identity *identity,
                       uint8_t *entry)
{
    struct entry_block b;
    memcpy(&b, at, sizeof b);
    if (b.bytes > MAX_BLOCK_BYTES || b.pc + b.bytes < b.pc || b.entry > CPU_MAX_ENTRIES)
        return false;
    *block = arena_alloc(arena, sizeof **block);
    **block = (struct ir_block){.pc = b.pc, .mode = b.mode, .guest_bytes = b.bytes};
    *identity = (struct tb_identity){.pc = b.pc, .mode = b.mode, .bytes = b.hash};
    *entry = (uint8_t)b.entry;
    return true;
}

static bool read_blocks(const uint8_t *data, const struct entry_head *head, struct arena *arena,
                        struct region_plan *plan)
{
    struct ir_region_block *inside = arena_alloc(arena, head->blocks * sizeof *inside);
    const struct ir_block **outside = arena_alloc(arena, (head->outside + 1) * sizeof *outside);
    make_plan(head, arena, plan);
    for (unsigned i = 0; i < head->blocks + head->outside; i++) {
        struct ir_block *block;
        uint8_t entry;
        if (!read_block(data + i * sizeof(struct entry_block), arena, &block, &plan->identities[i], &entry))
            return false;
        if (i < head->blocks)
            inside[i] = (struct ir_region_block){.block = block, .entry = entry};
        else
            outside[i - head->blocks] = block;
    }
    plan->region.blocks = inside;
    plan->region.outside = outside;
    return true;
}

enum status warm_entry_read(const uint8_t *data, size_t size, struct arena *arena, struct region_plan *plan,
                            struct lopt_result *result)
{
    struct entry_head head;
    *result = (struct lopt_result){0};
    if (size < sizeof head)
        return STATUS_BAD_FORMAT;
    memcpy(&head, data, sizeof head);
    if (!head.blocks || head.blocks > MAX_BLOCKS || head.outside > MAX_BLOCKS)
        return STATUS_BAD_FORMAT;
    size_t code = sizeof head + (head.blocks + head.outside) * sizeof(struct entry_block);
    if (code > size || !read_blocks(data + sizeof head, &head, arena, plan))
        return STATUS_BAD_FORMAT;
    return lopt_load(data + code, size - code, result);
}

bool warm_may_change_itself(struct engine *e, const struct region_plan *plan)
{
    for (unsigned i = 0; i < block_count(plan); i++) {
        const struct ir_block *b = block_of(plan, i);
        gaddr_t last = b->pc + (b->guest_bytes ? b->guest_bytes - 1 : 0);
        if (e->mem->writes_itself(e->memory, b->pc) || e->mem->is_volatile(e->memory, b->pc) ||
            e->mem->is_volatile(e->memory, last))
            return true;
        if (e->guest->coherent_code && (e->mem->is_writable(e->memory, b->pc) || e->mem->is_writable(e->memory, last)))
            return true;
    }
    return false;
}

/* Protects the pages of all blocks, and says where their bytes are. */
static bool find_bytes(struct engine *e, struct region_plan *plan, struct iovec *where, size_t *total)
{
    *total = 0;
    for (unsigned i = 0; i < block_count(plan); i++) {
        const struct ir_block *b = block_of(plan, i);
        const uint8_t *code;
        size_t avail;
        if (!e->mem->fetch(e->memory, b->pc, &code, &avail) || avail < b->guest_bytes)
            return false;
        plan->identities[i].serial = e->mem->protect(e->memory, b->pc, b->pc + (b->guest_bytes ? b->guest_bytes : 1));
        where[i] = (struct iovec){(void *)(uintptr_t)code, b->guest_bytes};
        *total += b->guest_bytes;
    }
    return !warm_may_change_itself(e, plan);
}

/* Copies the guest's code without risk: the guest may unmap it at any moment. */
static bool copy_bytes(const struct iovec *where, unsigned count, uint8_t *to, size_t size)
{
    enum { AT_ONCE = 512 };
    for (unsigned i = 0; i < count; i += AT_ONCE) {
        unsigned n = count - i < AT_ONCE ? count - i : AT_ONCE;
        size_t want = 0;
        for (unsigned k = 0; k < n; k++)
            want += where[i + k].iov_len;
        const struct iovec local = {to, want};
        if (want > size || process_vm_readv(getpid(), &local, 1, where + i, n, 0) != (ssize_t)want)
            return false;
        to += want, size -= want;
    }
    return true;
}

bool warm_entry_fits(struct engine *e, struct region_plan *plan)
{
    unsigned count = block_count(plan);
    size_t total;
    struct iovec *where = calloc(count, sizeof *where);
    bool fits = where && find_bytes(e, plan, where, &total);
    uint8_t *bytes = fits ? malloc(total + 1) : NULL, *at = bytes;
    fits = bytes && copy_bytes(where, count, bytes, total);
    for (unsigned i = 0; i < count && fits; i++) {
        size_t size = where[i].iov_len;
        fits = hash128_same(hash128_of((struct hash128){{0, 0}}, at, size), plan->identities[i].bytes);
        at += size;
    }
    free(bytes);
    free(where);
    return fits;
}
