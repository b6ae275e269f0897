/* SPDX-License-Identifier: Apache-2.0 */
/* Installing a compiled region: place the code, emit its exits and entries, index its pages, redirect the head and the
 * other blocks where it is entered. What is chained to a block is redirected by one atomic store each, after which
 * running threads pick the region up at their next pass; what reaches it by an indirect jump, when the IBTC is emptied.
 * An entry besides the head is a stub that adds its number to the register of struct cpu * (cpu.h I5). */
#include "runtime/engine/install.h"

#include <assert.h>
#include <string.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/evict.h"
#include "runtime/engine/heat.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/region.h"
#include "runtime/engine/tb.h"

enum { TEXT_SLACK = 64, CODE_ALIGN = 8 };
static_assert(TCG_EXIT_BYTES % CODE_ALIGN == 0, "aligned, they take no more");

struct placement {
    struct engine *e;
    const struct lopt_result *result;
    struct cc_reservation r;
    struct tb *tb;
    const uint8_t **exit_addr;
    size_t used; /* bytes of code */
};

static size_t exit_records(const struct lopt_result *result)
{
    size_t n = 0;
    for (unsigned i = 0; i < result->exit_count; i++)
        n += 1 + ir_exit_calls(result->exits[i].kind);
    return n;
}

/* Block i of those whose bytes the region depends on: its own, then those that it leaves to. */
static const struct ir_block *block_of(const struct region_plan *plan, unsigned i)
{
    return i < plan->region.count ? plan->region.blocks[i].block : plan->region.outside[i - plan->region.count];
}

static size_t page_records(const struct region_plan *plan)
{
    size_t n = 0;
    for (unsigned i = 0; i < plan->region.count + plan->region.outside_count; i++)
        n += 2 + block_of(plan, i)->guest_bytes / 4096;
    return n;
}

static void fill_pages(struct tb *tb, const struct region_plan *plan)
{
    for (unsigned i = 0; i < plan->region.count + plan->region.outside_count; i++) {
        const struct ir_block *b = block_of(plan, i);
        gaddr_t end = b->pc + b->guest_bytes;
        for (gaddr_t at = b->pc; at < end;) {
            gaddr_t stop = ALIGN_DOWN(at, 4096) + 4096;
            if (stop > end)
                stop = end;
            tb->links.pages[tb->links.page_count++] = (struct tb_page){.tb = tb, .start = at, .end = stop};
            at = stop;
        }
    }
}

static enum status emit_exits(struct placement *p)
{
    struct tcg_exit *x = p->tb->code.exits;
    for (unsigned i = 0; i < p->result->exit_count; i++) {
        const struct lopt_exit *lx = &p->result->exits[i];
        struct tcg_exit *self = x++, *ret = NULL;
        *self = (struct tcg_exit){.kind = lx->kind, .pc = lx->pc, .trap = lx->trap, .owner = p->tb};
        if (ir_exit_calls(lx->kind)) {
            ret = x++;
            *ret = (struct tcg_exit){.kind = IR_EXIT_LANDING,
                                     .pc = lx->return_pc,
                                     .mode = lx->mode,
                                     .owner = p->tb,
                                     .free_flags = lx->free_flags};
        }
        p->exit_addr[i] = p->r.rx + p->used;
        size_t n = tcg_emit_exit(p->r.rw + p->used, p->r.rx + p->used, p->r.capacity - p->used, p->tb->code.rx,
                                 &p->e->glue, self, ret, lx->kind == IR_EXIT_LEVEL ? p->exit_addr[lx->inner] : NULL);
        if (!n)
            return STATUS_TOO_LARGE;
        p->used += ALIGN_UP(n, CODE_ALIGN);
    }
    p->tb->code.exit_count = (uint32_t)(x - p->tb->code.exits);
    return STATUS_OK;
}

static size_t entry_records(const struct region_plan *plan)
{
    size_t n = 0;
    for (unsigned i = 1; i < plan->region.count; i++)
        n += plan->region.blocks[i].entry != 0;
    return n;
}

/* Where it is entered at blocks besides the head. */
static enum status find_entries(struct placement *p, const struct region_plan *plan)
{
    for (unsigned i = 1; i < plan->region.count; i++) {
        if (!plan->region.blocks[i].entry)
            continue;
        const uint8_t *host = lopt_entry(p->result, p->tb->code.rx, plan->region.blocks[i].entry);
        if (!host)
            return STATUS_LINK_FAILED;
        p->tb->part.entries[p->tb->part.entry_count++].host = host;
    }
    return STATUS_OK;
}

static void fill_members(struct tb *tb, const struct region_plan *plan)
{
    for (unsigned i = 0; i < plan->region.count; i++) {
        const struct ir_region_block *b = &plan->region.blocks[i];
        tb->part.members[i] =
            (struct tb_member){b->block->pc, b->block->mode, b->block->guest_bytes, i == 0 || b->entry};
    }
}

static struct tb *new_region(struct placement *p, const struct region_plan *plan)
{
    struct tb *tb = cc_data(&p->r, sizeof *tb);
    const struct ir_block *head = plan->region.blocks[0].block;
    tb->kind = TB_REGION;
    tb->serial = __atomic_add_fetch(&p->e->serial, 1, __ATOMIC_RELAXED);
    tb->pc = head->pc;
    tb->mode = head->mode;
    tb->part.precise = plan->region.precise;
    tb->part.stored = plan->stored;
    tb->guest_bytes = head->guest_bytes;
    tb->guest_insns = plan->guest_insns;
    tb->part.blocks = (uint16_t)plan->region.count;
    size_t skew = (uintptr_t)p->r.rx % p->result->text_align;
    size_t pad = skew ? p->result->text_align - skew : 0;
    tb->code.rw = p->r.rw + pad;
    tb->code.rx = p->r.rx + pad;
    tb->code.exits = cc_data(&p->r, exit_records(p->result) * sizeof *tb->code.exits);
    tb->part.entries = cc_data(&p->r, entry_records(plan) * sizeof *tb->part.entries);
    tb->links.pages = cc_data(&p->r, page_records(plan) * sizeof *tb->links.pages);
    tb->part.members = cc_data(&p->r, plan->region.count * sizeof *tb->part.members);
    if (plan->stored)
        tb->part.unmet = cc_data(&p->r, plan->region.count * sizeof *tb->part.unmet);
    fill_pages(tb, plan);
    fill_members(tb, plan);
    if (p->result->faults) {
        struct lopt_faults *faults = cc_data(&p->r, p->result->faults->size);
        memcpy(faults, p->result->faults, p->result->faults->size);
        tb->part.faults = faults;
    }
    p->tb = tb;
    p->used = pad + ALIGN_UP(p->result->text_size, 16);
    return tb;
}

static enum status place(struct placement *p, const struct region_plan *plan)
{
    struct tb *tb = new_region(p, plan);
    enum status s = emit_exits(p);
    if (s != STATUS_OK)
        return s;
    s = lopt_link(p->result, tb->code.rw, tb->code.rx, p->exit_addr);
    if (s != STATUS_OK)
        return s;
    tb->code.entry = lopt_entry(p->result, tb->code.rx, 0);
    s = find_entries(p, plan);
    tb->code.size = (uint32_t)(p->r.rx + p->used - tb->code.rx);
    return s;
}

/* The region's blocks need no regions of their own unless they stay hot in tier 1. tbs.lock held. */
static void cover(struct engine *e, const struct region_plan *plan)
{
    for (unsigned i = 1; i < plan->region.count; i++) {
        struct tb *tb = tb_find(e, plan->identities[i].pc, plan->identities[i].mode);
        if (!tb)
            continue;
        __atomic_store_n(&tb->heat.covered, true, __ATOMIC_RELAXED);
        heat_paid(e, tb);
    }
}

/* Is what block i was made from still there? Of a stored region the bytes were compared, and had this generation.
 * Whoever changes code raises the generation first and then takes tbs.lock: the change is seen here, or the region
 * there. */
static bool block_is_true(struct engine *e, const struct region_plan *plan, unsigned i)
{
    const struct tb_identity *id = &plan->identities[i];
    if (plan->stored)
        return e->mem->generation(e->memory, id->pc, id->pc + block_of(plan, i)->guest_bytes) == id->serial;
    const struct tb *tb = tb_find(e, id->pc, id->mode);
    return tb && tb->serial == id->serial;
}

/* Is every block that the region was made from still the published one? tbs.lock held. */
static bool still_true(struct engine *e, const struct region_plan *plan)
{
    for (unsigned i = 0; i < plan->region.count + plan->region.outside_count; i++) {
        if (!block_is_true(e, plan, i))
            return false;
    }
    if (plan->region.ordered != __atomic_load_n(&e->ordered, __ATOMIC_ACQUIRE))
        return false;
    return plan->region.precise || !__atomic_load_n(&e->precise, __ATOMIC_ACQUIRE);
}

/* Blocks that have another region keep it. tbs.lock held. */
static void open_entries(struct engine *e, struct tb *region, const struct region_plan *plan, const struct tb *old)
{
    struct tb_entry *entry = region->part.entries;
    for (unsigned i = 1; i < plan->region.count; i++) {
        if (!plan->region.blocks[i].entry)
            continue;
        entry->tb = tb_find(e, plan->identities[i].pc, plan->identities[i].mode);
        if (entry->tb && (!entry->tb->region || entry->tb->region == old))
            tb_set_region_locked(e, entry->tb, region, entry->host);
        entry++;
    }
}

/* Notes the blocks of a stored region that were not translated yet. tbs.lock held. */
static void await_others(struct engine *e, struct tb *region, const struct region_plan *plan)
{
    struct tb_entry *entry = region->part.entries;
    for (unsigned i = 1; i < plan->region.count && plan->stored; i++) {
        const struct tb_identity *id = &plan->identities[i];
        struct tb_entry *at = plan->region.blocks[i].entry ? entry++ : NULL;
        if (!tb_find(e, id->pc, id->mode))
            region->part.unmet[region->part.unmet_count++] =
                (struct tb_unmet){.pc = id->pc, .mode = id->mode, .region = region, .entry = at};
    }
    tb_await_unmet_locked(e, region);
}

/* May the region be installed at head, its block in tier 1? One that is stored does not take the place of another.
 * tbs.lock held. */
static bool may_head(const struct tb *head, const struct region_plan *plan)
{
    if (!head || tb_is_entry(head))
        return false;
    return !plan->stored || (!head->region && !head->volatile_code && !head->changes_itself);
}

/* May an IBTC lead past the region? tbs.lock held. */
static bool reached_indirectly(const struct tb *region)
{
    if (__atomic_load_n(&region->part.head->heat.indirect, __ATOMIC_SEQ_CST))
        return true;
    for (uint32_t i = 0; i < region->part.entry_count; i++) {
        const struct tb *tb = region->part.entries[i].tb;
        if (tb && tb->region == region && __atomic_load_n(&tb->heat.indirect, __ATOMIC_SEQ_CST))
            return true;
    }
    return false;
}

static enum status publish(struct engine *e, struct tb *region, const struct region_plan *plan)
{
    enum status s = STATUS_STALE;
    struct tb *old = NULL;
    bool kick = false;
    pthread_mutex_lock(&e->tbs->lock);
    struct tb *head = tb_find(e, region->pc, region->mode);
    if (!region->links.retired && still_true(e, plan) && may_head(head, plan)) {
        old = head->region;
        region->part.head = head;
        tb_index_pages_locked(e, region);
        tb_set_region_locked(e, head, region, region->code.entry);
        heat_paid(e, head);
        if (e->sampling)
            __atomic_store_n(&head->heat.queued, false, __ATOMIC_RELEASE);
        open_entries(e, region, plan, old);
        await_others(e, region, plan);
        cover(e, plan);
        if (old) {
            tb_retire_locked(e, old);
            head->heat.rebuilds++;
        }
        kick = old || reached_indirectly(region);
        s = STATUS_OK;
    } else {
        region->links.retired = true;
    }
    pthread_mutex_unlock(&e->tbs->lock);
    if (kick)
        engine_kick_all(e); /* IBTCs still lead into the old region, or past the new one */
    return s;
}

enum status region_install(struct engine *e, const struct region_plan *plan, const struct lopt_result *result,
                           struct cc_chunk **affinity, uint64_t *section, struct tb **region)
{
    struct placement p = {.e = e, .result = result};
    size_t records = exit_records(result);
    size_t code = result->text_size + result->text_align + TEXT_SLACK + result->exit_count * TCG_EXIT_BYTES;
    size_t data = sizeof(struct tb) + records * sizeof(struct tcg_exit) + page_records(plan) * sizeof(struct tb_page) +
                  entry_records(plan) * sizeof(struct tb_entry) + plan->region.count * sizeof(struct tb_member) +
                  (result->faults ? result->faults->size : 0) + 96;
    if (plan->stored)
        data += plan->region.count * sizeof(struct tb_unmet) + 16;
    enum status s = cc_reserve(e, affinity, code, data, &p.r);
    if (s != STATUS_OK)
        return s;
    const uint8_t *addr[result->exit_count + 1];
    p.exit_addr = addr;
    section_enter(e, section);
    s = place(&p, plan);
    if (s != STATUS_OK) {
        cc_abort(&e->cc, &p.r);
        section_leave(section);
        return s;
    }
    tb_commit(e, &p.r, p.used, p.tb);
    s = publish(e, p.tb, plan);
    *region = p.tb;
    return s;
}
