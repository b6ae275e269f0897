/* SPDX-License-Identifier: Apache-2.0 */
/* Translation blocks: look-up, page index, retirement.
 *
 * I1  The hash chains are read without a lock; only holders of tbs.lock write them. A removed block keeps its
 *     hash_next, so that a reader that stands on it goes on.
 * I2  A retired block is in no hash chain and no page bucket, and nothing is chained to it or from it (chain.c).
 */
#define _GNU_SOURCE
#include "runtime/engine/tb.h"

#include <sys/mman.h>

#include "runtime/engine/chain.h"
#include "runtime/engine/code_order.h"

static struct tb_page **page_bucket(struct tbs *tbs, gaddr_t addr)
{
    uint64_t page = addr >> TBS_PAGE_SHIFT;
    return &tbs->page[(page ^ page >> TBS_PAGE_BITS) & ((1 << TBS_PAGE_BITS) - 1)];
}

enum status tbs_create(struct tbs **result)
{
    void *memory = code_pages_reserve(sizeof(struct tbs));
    if (memory == MAP_FAILED)
        return STATUS_NO_MEMORY;
    struct tbs *tbs = *result = memory;
    return pthread_mutex_init(&tbs->lock, NULL) ? STATUS_SYSTEM : STATUS_OK;
}

void tbs_destroy(struct tbs *tbs)
{
    if (tbs)
        munmap(tbs, sizeof *tbs);
}

struct tbs_bucket *tbs_next(struct tbs *tbs, struct tbs_bucket *bucket)
{
    size_t i = bucket ? (size_t)(bucket - tbs->bucket) + 1 : 0;
    while (i < ARRAY_LEN(tbs->bucket) && !__atomic_load_n(&tbs->used[i >> TBS_GROUP_BITS], __ATOMIC_RELAXED))
        i = ALIGN_UP(i + 1, (size_t)1 << TBS_GROUP_BITS);
    return i < ARRAY_LEN(tbs->bucket) ? &tbs->bucket[i] : NULL;
}

struct tb *tb_find(struct engine *e, gaddr_t pc, uint32_t mode)
{
    struct tb *tb = __atomic_load_n(&tbs_bucket(e->tbs, pc, mode)->first, __ATOMIC_ACQUIRE);
    while (tb && (tb->pc != pc || tb->mode != mode))
        tb = __atomic_load_n(&tb->links.hash_next, __ATOMIC_ACQUIRE);
    return tb;
}

struct tb *tb_find_host(struct engine *e, uintptr_t host_pc)
{
    if (!cc_owns(&e->cc, host_pc))
        return NULL;
    struct tb *tb = __atomic_load_n(&e->cc.newest[(host_pc - (uintptr_t)e->cc.rx) / CC_PAGE], __ATOMIC_ACQUIRE);
    while (tb && (uintptr_t)tb->code.rx > host_pc)
        tb = tb->links.chunk_next;
    return tb && host_pc - (uintptr_t)tb->code.rx < tb->code.size ? tb : NULL;
}

/* A fault in tb's code finds it in its chunk from now on. */
static void enter_chunk(struct engine *e, struct cc_chunk *c, struct tb *tb)
{
    tb->links.chunk_next = c->tbs;
    c->tbs = tb;
    size_t start = (size_t)(tb->code.rx - e->cc.rx), end = start + tb->code.size;
    for (size_t page = start / CC_PAGE; page <= end / CC_PAGE && page < e->cc.size / CC_PAGE; page++)
        __atomic_store_n(&e->cc.newest[page], tb, __ATOMIC_RELEASE); /* partner: tb_find_host */
}

void tb_commit(struct engine *e, struct cc_reservation *r, size_t code, struct tb *tb)
{
    tb_commit_all(e, r, code, &tb, 1);
}

void tb_commit_all(struct engine *e, struct cc_reservation *r, size_t code, struct tb *const *tbs, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        enter_chunk(e, r->chunk, tbs[i]);
    cc_commit(&e->cc, r, code);
    code_order_publish(e->tbs);
}

void tb_index_pages_locked(struct engine *e, struct tb *tb)
{
    for (uint32_t i = 0; i < tb->links.page_count; i++) {
        struct tb_page **bucket = page_bucket(e->tbs, tb->links.pages[i].start);
        tb->links.pages[i].next = *bucket;
        *bucket = &tb->links.pages[i];
    }
}

static struct tb_unmet **unmet_bucket(struct tbs *tbs, gaddr_t pc, uint32_t mode)
{
    return &tbs->unmet[(tbs_bucket(tbs, pc, mode) - tbs->bucket) & ((1 << TBS_UNMET_BITS) - 1)];
}

void tb_await_unmet_locked(struct engine *e, struct tb *region)
{
    for (uint32_t i = 0; i < region->part.unmet_count; i++) {
        struct tb_unmet *u = &region->part.unmet[i], **bucket = unmet_bucket(e->tbs, u->pc, u->mode);
        u->next = *bucket;
        *bucket = u;
    }
}

static void forget_unmet_locked(struct engine *e, const struct tb *region)
{
    for (uint32_t i = 0; i < region->part.unmet_count; i++) {
        const struct tb_unmet *u = &region->part.unmet[i];
        struct tb_unmet **link = unmet_bucket(e->tbs, u->pc, u->mode);
        while (*link && *link != u)
            link = &(*link)->next;
        if (*link)
            *link = u->next;
    }
}

/* Regions may have waited for this block: it is inside of them, and one of them may be entered there. */
static void meet_locked(struct engine *e, struct tb *tb)
{
    for (struct tb_unmet *u = *unmet_bucket(e->tbs, tb->pc, tb->mode); u; u = u->next) {
        if (u->pc != tb->pc || u->mode != tb->mode)
            continue;
        __atomic_store_n(&tb->heat.covered, true, __ATOMIC_RELAXED);
        if (!u->entry)
            continue;
        u->entry->tb = tb;
        if (!tb->region && !tb->volatile_code)
            tb_set_region_locked(e, tb, u->region, u->entry->host);
    }
}

/* Whoever changes code raises the generation first and then takes tbs.lock in engine_invalidate: either the change is
 * seen here, or the block is seen there. */
static bool is_stale_locked(struct engine *e, const struct tb *tb, uint64_t generation)
{
    return !tb->volatile_code && tb->guest_bytes &&
           e->mem->generation(e->memory, tb->pc, tb->pc + tb->guest_bytes) != generation;
}

/* The first groups of a huge page have small ones. */
static void use_group_locked(struct tbs *tbs, size_t group)
{
    enum { GROUPS = (CODE_PAGES_HUGE / sizeof(struct tbs_bucket)) >> TBS_GROUP_BITS, HUGE_FROM = 64 };
    if (tbs->used[group])
        return;
    __atomic_store_n(&tbs->used[group], true, __ATOMIC_RELAXED);
    if (++tbs->groups_used[group / GROUPS] == HUGE_FROM)
        code_pages_collapse(&tbs->bucket[group / GROUPS * GROUPS << TBS_GROUP_BITS]);
}

/* Puts tb into the tables, unchained, and returns it; or what is there for its pc and mode. */
static struct tb *insert_locked(struct engine *e, struct tb *tb)
{
    struct tb *other = tb_find(e, tb->pc, tb->mode);
    if (!other && !tb->links.retired) {
        struct tbs_bucket *bucket = tbs_bucket(e->tbs, tb->pc, tb->mode);
        tb->links.hash_next = bucket->first;
        __atomic_store_n(&bucket->first, tb, __ATOMIC_RELEASE);
        use_group_locked(e->tbs, (size_t)(bucket - e->tbs->bucket) >> TBS_GROUP_BITS);
        tb_index_pages_locked(e, tb);
        meet_locked(e, tb);
    } else {
        tb->links.retired = true;
    }
    return other ? other : tb; /* one that was evicted meanwhile is still good inside this section */
}

struct tb *tb_insert(struct engine *e, struct tb *tb, uint64_t generation)
{
    pthread_mutex_lock(&e->tbs->lock);
    if (is_stale_locked(e, tb, generation)) {
        tb->links.retired = true;
        pthread_mutex_unlock(&e->tbs->lock);
        return NULL;
    }
    struct tb *use = insert_locked(e, tb);
    if (!tb->links.retired)
        chain_published_locked(e, tb);
    pthread_mutex_unlock(&e->tbs->lock);
    return use;
}

unsigned tb_insert_all(struct engine *e, struct tb *const *tbs, unsigned count, gaddr_t start, gaddr_t end,
                       uint64_t generation)
{
    unsigned inserted = 0;
    pthread_mutex_lock(&e->tbs->lock);
    bool stale = e->mem->generation(e->memory, start, end) != generation;
    for (unsigned i = 0; i < count; i++) {
        tbs[i]->links.retired |= stale;
        inserted += !stale && insert_locked(e, tbs[i]) == tbs[i];
    }
    for (unsigned i = 0; i < count; i++) /* now that the others are there */
        if (!tbs[i]->links.retired)
            chain_published_locked(e, tbs[i]);
    pthread_mutex_unlock(&e->tbs->lock);
    return inserted;
}

static void enter_at_locked(struct tb *tb, const uint8_t *entry)
{
    if (tb->code.entry == entry)
        return;
    __atomic_store_n(&tb->code.entry, entry, __ATOMIC_SEQ_CST); /* pairs with ibtc_remember */
    chain_redirect_locked(tb, entry);
}

void tb_count_locked(struct tb *tb, bool on)
{
    if (tb->heat.counting == on || !tb->code.counter_off)
        return;
    tb->heat.counting = on;
    if (!tb->region)
        enter_at_locked(tb, tb_own_entry(tb));
}

void tb_set_region_locked(struct engine *e, struct tb *head, struct tb *region, const uint8_t *host)
{
    __atomic_store_n(&head->region, region, __ATOMIC_RELEASE); /* pairs with tb_is_entry */
    enter_at_locked(head, region ? host : tb_own_entry(head));
}

static void enter_region_locked(struct tb *tb, const struct tb *region, const uint8_t *host)
{
    if (tb && tb->region == region)
        enter_at_locked(tb, host ? host : tb_own_entry(tb));
}

void tb_suspend_region_locked(struct tb *region, bool on)
{
    enter_region_locked(region->part.head, region, on ? NULL : region->code.entry);
    for (uint32_t i = 0; i < region->part.entry_count; i++)
        enter_region_locked(region->part.entries[i].tb, region, on ? NULL : region->part.entries[i].host);
}

void tb_visit_all(struct engine *e, void (*visit)(struct tb *tb, void *arg), void *arg)
{
    for (struct tbs_bucket *b = NULL; (b = tbs_next(e->tbs, b));) {
        struct tb *tb = __atomic_load_n(&b->first, __ATOMIC_ACQUIRE);
        for (; tb; tb = __atomic_load_n(&tb->links.hash_next, __ATOMIC_ACQUIRE))
            visit(tb, arg);
    }
}

void tb_stop_counting_all(struct engine *e)
{
    pthread_mutex_lock(&e->tbs->lock);
    for (struct tbs_bucket *b = NULL; (b = tbs_next(e->tbs, b));)
        for (struct tb *tb = b->first; tb; tb = tb->links.hash_next)
            if (!tb->heat.asks)
                tb_count_locked(tb, false);
    pthread_mutex_unlock(&e->tbs->lock);
}

void tb_stop_counting(struct engine *e, struct tb *tb)
{
    pthread_mutex_lock(&e->tbs->lock);
    if (!tb->links.retired && !tb->region && !tb->heat.stopped) {
        __atomic_store_n(&tb->heat.stopped, true, __ATOMIC_RELAXED);
        tb_count_locked(tb, false);
    }
    pthread_mutex_unlock(&e->tbs->lock);
}

static void unhash_locked(struct engine *e, struct tb *tb)
{
    struct tb **link = &tbs_bucket(e->tbs, tb->pc, tb->mode)->first;
    while (*link && *link != tb)
        link = &(*link)->links.hash_next;
    if (*link)
        __atomic_store_n(link, tb->links.hash_next, __ATOMIC_RELEASE);
}

static void unindex_pages_locked(struct engine *e, struct tb *tb)
{
    for (uint32_t i = 0; i < tb->links.page_count; i++) {
        struct tb_page **link = page_bucket(e->tbs, tb->links.pages[i].start);
        while (*link && *link != &tb->links.pages[i])
            link = &(*link)->next;
        if (*link)
            *link = tb->links.pages[i].next;
    }
}

/* The block goes on in tier 1 if it went to region. */
static void leave_region_locked(struct engine *e, struct tb *tb, const struct tb *region)
{
    if (!tb || tb->region != region)
        return;
    tb_set_region_locked(e, tb, NULL, NULL);
    __atomic_store_n(&tb->heat.counted, false, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.time, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.due, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.queued, false, __ATOMIC_RELAXED);
    if (tb->heat.stopped) {
        tb_count_locked(tb, false);
        return;
    }
    if (!e->sampling)
        tb_arm(tb, e->hot_count);
    if (e->warm) { /* it may be there as it has to be from now on */
        tb_arm_to_ask(tb, e->hot_count, TB_ASK);
        tb_count_locked(tb, true);
    }
}

void tb_retire_locked(struct engine *e, struct tb *tb)
{
    tb->links.retired = true;
    e->tbs->retired++;
    if (tb->kind == TB_REGION) {
        if (tb->part.head)
            leave_region_locked(e, tb->part.head, tb);
        for (uint32_t i = 0; i < tb->part.entry_count; i++)
            leave_region_locked(e, tb->part.entries[i].tb, tb);
        forget_unmet_locked(e, tb);
    } else {
        if (tb->region)
            tb_retire_locked(e, tb->region);
        unhash_locked(e, tb);
    }
    unindex_pages_locked(e, tb);
    chain_retired_locked(e, tb);
}

/* Retires what has bytes of [start, end) and is in the bucket of this page. */
static bool retire_bucket_locked(struct engine *e, gaddr_t page, gaddr_t start, gaddr_t end)
{
    bool any = false;
    struct tb_page *p = *page_bucket(e->tbs, page);
    while (p) {
        if (p->start < end && p->end > start) {
            any = true;
            tb_retire_locked(e, p->tb);
            p = *page_bucket(e->tbs, page); /* the bucket changed: begin again */
        } else {
            p = p->next;
        }
    }
    return any;
}

bool tb_retire_range(struct engine *e, gaddr_t start, gaddr_t end)
{
    bool any = false;
    pthread_mutex_lock(&e->tbs->lock);
    bool all = (end - start) >> TBS_PAGE_SHIFT > (1 << TBS_PAGE_BITS);
    gaddr_t last = all ? ALIGN_DOWN(start, 4096) + ((gaddr_t)1 << (TBS_PAGE_BITS + TBS_PAGE_SHIFT)) : end;
    for (gaddr_t page = ALIGN_DOWN(start, 4096); page < last; page += 4096)
        any |= retire_bucket_locked(e, page, start, end);
    pthread_mutex_unlock(&e->tbs->lock);
    return any;
}

void tb_retire_regions(struct engine *e)
{
    pthread_mutex_lock(&e->tbs->lock);
    for (struct tbs_bucket *b = NULL; (b = tbs_next(e->tbs, b));)
        for (struct tb *tb = b->first; tb; tb = tb->links.hash_next)
            if (tb->region)
                tb_retire_locked(e, tb->region);
    pthread_mutex_unlock(&e->tbs->lock);
}
