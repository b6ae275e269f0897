/* SPDX-License-Identifier: Apache-2.0 */
/* When units are loaded and stored.
 *
 * I1  A piece is tried once. The table of pieces is atomic: of two threads that miss there at once, one loads, and the
 *     other translates.
 * I2  A new entry has the blocks that no entry had. When a piece has several entries, they become one, and those before
 *     it are not looked at any more (UNIT_WHOLE).
 * I3  A block is stored if its pages have the generation that they had when it was translated, after their bytes were
 *     hashed: so the hash is of the bytes that were lifted.
 * I4  Files are read and written on the cache's thread (warm.c I2).
 * I5  The cache's thread reads ahead (ahead.h) unless guest threads are to wait for all that it does.
 */
#include "runtime/engine/units.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/engine/ahead.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/unit_install.h"
#include "runtime/engine/warm_thread.h"
#include "src/base/log.h"

enum {
    TRIED_BITS = 14, /* pieces that are remembered */
    TRIED_PROBES = 16,
    LOAD_MS = 500,     /* a thread waits so long for a piece */
    SAVE_MS = 2000,    /* ... at its process's end */
    MIN_NEW = 24,      /* new blocks that are worth storing ... */
    NEW_SHARE = 256,   /* ... and one more for each so many that were loaded: in the end nothing is written any more */
    MAX_ENTRIES = 8,   /* of a piece: older ones are not looked at */
    MERGE_ENTRIES = 4, /* from so many on they become one */
    ENTRY_ROOM = 256 << 10, /* bytes: the buffer grows by so many */
    MAX_PUTS = 200,         /* while others write */
    LOOK_EVERY = 64,        /* new blocks, after which the time is looked at */
};

/* Of a process that goes on and on, new blocks are stored so often. */
#define SAVE_NS UINT64_C(30000000000)

/* store_record.flags: with what it has, older entries are not needed. */
enum { UNIT_WHOLE = 1 };

struct units {
    struct engine *e;
    struct warm_thread *on;
    uint32_t fresh;      /* atomic: blocks translated and not stored */
    uint32_t loaded;     /* atomic: blocks that came from the cache */
    uint64_t since;      /* serial of the last block that is not ours to store */
    uint64_t saved_ns;   /* atomic: CLOCK_MONOTONIC when blocks were stored last, or the begin */
    struct ahead *ahead; /* of the cache's thread; NULL: nothing is read ahead */
    gaddr_t coming;      /* atomic: number + 1 of the piece that is being read ahead; 0: none */
    bool ending;         /* atomic: what is not read ahead yet need not be */
    uint8_t *entry;      /* of the cache's thread: bytes that are being loaded (malloc) */
    size_t entry_room;
    gaddr_t tried[1 << TRIED_BITS]; /* atomic: number of the piece + 1; 0: free */
};

/* What each job is about. */
struct load {
    struct store_job job;
    struct units *u;
    struct ahead_piece what;
    unsigned window; /* it is read ahead in this one; 0: the guest waits for it */
};

/* A block that is to be stored. */
struct candidate {
    gaddr_t pc;
    uint32_t mode;
    struct tb *tb;
};

struct save {
    struct store_job job;
    struct units *u;
    struct candidate *list; /* malloc; by address */
    size_t count, capacity;
    unsigned tries;
};

static gaddr_t piece_of(gaddr_t pc) { return ALIGN_DOWN(pc, (gaddr_t)1 << UNIT_SHIFT); }

/* Options with which every block is to be seen, or is another one, keep none. */
static bool are_kept(const struct options *o)
{
    enum { SHOWS_BLOCKS = 1 << LOG_IN_ASM | 1 << LOG_OP | 1 << LOG_OP_OPT | 1 << LOG_OUT_ASM };
    return !(log_mask & SHOWS_BLOCKS) && !o->random_regs && !o->timeline && !o->perf_map && !o->jitdump && !o->explain;
}

struct units *units_create(struct warm_thread *on, bool reads_ahead)
{
    struct units *u = are_kept(on->e->options) ? calloc(1, sizeof *u) : NULL;
    if (u)
        *u = (struct units){
            .e = on->e, .on = on, .saved_ns = on->e->start_ns, .ahead = reads_ahead ? ahead_create(on) : NULL};
    return u;
}

void units_destroy(struct units *u)
{
    if (!u)
        return;
    ahead_destroy(u->ahead);
    free(u->entry);
    free(u);
}

/* ---- loading ---- */

/* Where the piece is in the table, or could be. NULL: there is no room. */
static gaddr_t *find_tried(struct units *u, gaddr_t number)
{
    size_t slot = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> (64 - TRIED_BITS));
    for (unsigned i = 0; i < TRIED_PROBES; i++) {
        gaddr_t *at = &u->tried[(slot + i) & ((1 << TRIED_BITS) - 1)], is = __atomic_load_n(at, __ATOMIC_ACQUIRE);
        if (is == number || !is)
            return at;
    }
    return NULL;
}

static gaddr_t tried_number(gaddr_t pc) { return (pc >> UNIT_SHIFT) + 1; }

static bool is_tried(struct units *u, gaddr_t pc)
{
    const gaddr_t *at = find_tried(u, tried_number(pc));
    return !at || __atomic_load_n(at, __ATOMIC_RELAXED);
}

/* I1: true for the first that asks. */
static bool try_piece(struct units *u, gaddr_t pc)
{
    const gaddr_t number = tried_number(pc);
    for (gaddr_t *at; (at = find_tried(u, number)) && __atomic_load_n(at, __ATOMIC_ACQUIRE) != number;) {
        gaddr_t none = 0;
        if (__atomic_compare_exchange_n(at, &none, number, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return true;
    }
    return false;
}

static enum status load_entry(struct warm_thread *on, struct hash128 file, bool is_first, const uint8_t *data,
                              size_t size)
{
    struct unit unit;
    unsigned blocks = 0;
    arena_reset(&on->arena);
    enum status s = unit_read(on->e, data, size, &on->arena, &unit);
    if (s == STATUS_OK)
        s = unit_install(on->e, &unit, file, is_first, &on->chunk, &on->section, &blocks);
    on->stats.unit_hit_blocks += blocks;
    on->stats.unit_hits += s == STATUS_OK;
    __atomic_fetch_add(&on->e->units->loaded, blocks, __ATOMIC_RELAXED);
    return s;
}

/* One buffer serves all loads: fresh memory for each would cost more than reading. */
static bool make_room(struct units *u, size_t size)
{
    if (size <= u->entry_room)
        return true;
    size_t room = ALIGN_UP(size, (size_t)ENTRY_ROOM);
    uint8_t *entry = realloc(u->entry, room);
    if (!entry)
        return false;
    u->entry = entry;
    u->entry_room = room;
    return true;
}

static void load_piece(struct units *u, const struct ahead_piece *what)
{
    struct warm_thread *on = u->on;
    uint32_t at = STORE_NEWEST;
    struct store_record r = {0};
    const gaddr_t piece = piece_of(what->pc);
    for (unsigned n = 0; n < MAX_ENTRIES && !(r.flags & UNIT_WHOLE) &&
                         store_find(on->store, what->file, piece, (uint32_t)UNIT_MODE, &at, &r);
         n++) {
        enum status s = STATUS_BAD_FORMAT;
        if (make_room(u, r.size) && store_get_into(on->store, what->file, at, &r, u->entry))
            s = load_entry(on, what->file, n == 0, u->entry, r.size);
        on->stats.cache_read += r.size;
        on->stats.cache_rejected += s != STATUS_OK;
        if (log_on(LOG_CACHE))
            log_printf("cache: unit %#llx: %s\n", (unsigned long long)piece,
                       s == STATUS_OK ? "loaded" : status_text(s));
    }
}

static void drop_load(struct store_job *job) { free(job); }

static struct load *new_load(struct units *u, bool (*run)(struct store_job *job), struct ahead_piece what)
{
    struct load *l = malloc(sizeof *l);
    if (l)
        *l = (struct load){.job = {.run = run, .drop = drop_load}, .u = u, .what = what};
    return l;
}

/* Reads the piece ahead, if the guest has not asked for it meanwhile and its file is there. */
static bool run_ahead(struct store_job *job)
{
    const struct load *l = (struct load *)job;
    struct units *u = l->u;
    struct hash128 file;
    if (__atomic_load_n(&u->ending, __ATOMIC_RELAXED) || !warm_file_at(u->e, l->what.pc, &file) ||
        !hash128_same(file, l->what.file))
        return true;
    /* before it is tried: who finds it so sees that it comes */
    __atomic_store_n(&u->coming, tried_number(l->what.pc), __ATOMIC_RELAXED);
    if (try_piece(u, l->what.pc)) {
        load_piece(u, &l->what);
        ahead_loaded(u->ahead, &l->what, l->window);
        u->on->stats.unit_ahead++;
    }
    __atomic_store_n(&u->coming, 0, __ATOMIC_RELAXED);
    return true;
}

/* The guest asks for the piece: those that it is likely to ask for next are read behind it. */
static void read_ahead(struct units *u, const struct ahead_piece *what)
{
    const struct ahead_piece *next;
    unsigned wanted = ahead_asked(u->ahead, what), posted = 0;
    while (wanted && (next = ahead_next(u->ahead))) {
        if (is_tried(u, next->pc))
            continue;
        struct load *l = posted < wanted ? new_load(u, run_ahead, *next) : NULL;
        if (!l) {
            ahead_put_back(u->ahead);
            return;
        }
        l->window = ahead_window(u->ahead);
        store_post(store_queue(u->on->store), &l->job);
        posted++;
    }
}

static bool run_load(struct store_job *job)
{
    const struct load *l = (struct load *)job;
    warm_thread_begin(l->u->on);
    load_piece(l->u, &l->what);
    read_ahead(l->u, &l->what);
    return true;
}

/* Behind a piece that is being read ahead. */
static bool run_nothing(struct store_job *job)
{
    (void)job;
    return true;
}

bool units_load(struct engine *e, gaddr_t pc)
{
    struct units *u = e->units;
    struct ahead_piece what = {.pc = pc};
    bool (*run)(struct store_job *) = run_load;
    if (!u || e->forked)
        return false;
    if (!try_piece(u, pc)) {
        if (__atomic_load_n(&u->coming, __ATOMIC_RELAXED) != tried_number(pc))
            return false;
        run = run_nothing;
    } else if (!warm_file_at(e, pc, &what.file) ||
               store_look(u->on->store, what.file, piece_of(pc), (uint32_t)UNIT_MODE) == STORE_ABSENT) {
        return false;
    }
    struct load *l = new_load(u, run, what);
    return l && store_run(store_queue(u->on->store), &l->job, LOAD_MS);
}

/* ---- which blocks are stored ---- */

static void add_candidate(struct tb *tb, void *arg)
{
    struct save *s = arg;
    if (tb->kind != TB_TIER1 || !tb->keep || tb->keep->saved || tb->serial <= s->u->since)
        return;
    if (s->count == s->capacity) {
        size_t n = s->capacity ? 2 * s->capacity : 1024;
        struct candidate *list = realloc(s->list, n * sizeof *list);
        if (!list)
            return;
        s->list = list;
        s->capacity = n;
    }
    s->list[s->count++] = (struct candidate){tb->pc, tb->mode, tb};
}

static int by_place(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    return a->pc != b->pc ? (a->pc > b->pc ? 1 : -1) : a->mode > b->mode ? 1 : a->mode < b->mode ? -1 : 0;
}

/* Those of the piece that the first one is in. */
static size_t group_size(const struct candidate *list, size_t count)
{
    size_t n = 1;
    while (n < count && n < UNIT_MAX_BLOCKS && piece_of(list[n].pc) == piece_of(list[0].pc))
        n++;
    return n;
}

/* ---- making an entry ---- */

/* An entry that is there, as it is merged. */
struct old {
    uint8_t *data;
    struct unit unit;
};

struct making {
    struct warm_thread *on;
    struct hash128 file;
    gaddr_t piece;
    struct old old[MAX_ENTRIES];
    unsigned old_count;
    bool merges;
    struct unit unit;
};

/* The guest's bytes are those of the entry. */
static bool is_true(struct engine *e, const struct unit *u)
{
    struct hash128 hash;
    uint64_t generation;
    return unit_guest_hash(e, u->start, u->end, &hash, &generation) && hash128_same(hash, u->hash);
}

/* Reads the entries of the piece if they are to become one with the new blocks (I2). */
static void read_old(struct making *m)
{
    struct store_record r[MAX_ENTRIES];
    uint32_t at[MAX_ENTRIES + 1] = {STORE_NEWEST};
    unsigned n = 0;
    while (n < MAX_ENTRIES && (n == 0 || !(r[n - 1].flags & UNIT_WHOLE))) {
        at[n] = n ? at[n - 1] : STORE_NEWEST;
        if (!store_find(m->on->store, m->file, m->piece, (uint32_t)UNIT_MODE, &at[n], &r[n]))
            break;
        n++;
    }
    m->merges = n == 0 || n >= MERGE_ENTRIES;
    for (unsigned i = 0; i < n && m->merges; i++) {
        struct old *o = &m->old[m->old_count];
        o->data = store_get(m->on->store, m->file, at[i], &r[i]);
        bool good = o->data && unit_read(m->on->e, o->data, r[i].size, &m->on->arena, &o->unit) == STATUS_OK &&
                    is_true(m->on->e, &o->unit);
        if (good)
            m->old_count++;
        else
            free(o->data);
    }
}

static void free_old(struct making *m)
{
    for (unsigned i = 0; i < m->old_count; i++)
        free(m->old[i].data);
}

static int by_block(const void *left, const void *right)
{
    const struct unit_block *a = &((const struct unit_item *)left)->block,
                            *b = &((const struct unit_item *)right)->block;
    return a->pc != b->pc ? (a->pc > b->pc ? 1 : -1) : a->mode > b->mode ? 1 : a->mode < b->mode ? -1 : 0;
}

/* The new blocks, those of old entries behind them. */
static void gather(struct making *m, const struct candidate *list, size_t count)
{
    size_t most = count;
    for (unsigned i = 0; i < m->old_count; i++)
        most += m->old[i].unit.count;
    struct unit *u = &m->unit;
    u->items = arena_alloc(&m->on->arena, most * sizeof *u->items);
    for (size_t i = 0; i < count; i++)
        if (unit_take(list[i].tb, &m->on->arena, &u->items[u->count]))
            u->count++;
    for (unsigned i = 0; i < m->old_count && u->count; i++)
        for (unsigned k = 0; k < m->old[i].unit.count; k++)
            u->items[u->count++] = m->old[i].unit.items[k];
}

/* Orders the items; of several for one place one stays. */
static void order(struct unit *u)
{
    unsigned kept = 0;
    qsort(u->items, u->count, sizeof *u->items, by_block);
    for (unsigned i = 0; i < u->count; i++)
        if (!kept || by_block(&u->items[kept - 1], &u->items[i]) != 0)
            u->items[kept++] = u->items[i];
    u->count = kept < UNIT_MAX_BLOCKS ? kept : UNIT_MAX_BLOCKS;
}

static void span(struct unit *u)
{
    u->start = u->items[0].block.pc;
    u->end = 0;
    for (unsigned i = 0; i < u->count; i++) {
        gaddr_t end = u->items[i].block.pc + u->items[i].block.guest_bytes;
        u->end = end > u->end ? end : u->end;
    }
}

/* I3: takes out new blocks whose code may have changed since. */
static void drop_changed(struct making *m)
{
    const struct engine *e = m->on->e;
    unsigned kept = 0;
    for (unsigned i = 0; i < m->unit.count; i++) {
        const struct unit_item *item = &m->unit.items[i];
        gaddr_t pc = item->block.pc;
        if (!item->tb || e->mem->generation(e->memory, pc, pc + item->block.guest_bytes) == item->tb->keep->generation)
            m->unit.items[kept++] = *item;
    }
    m->unit.count = kept;
}

/* The entry's bytes. NULL: there is nothing to store. */
static uint8_t *make_entry(struct making *m, const struct candidate *list, size_t count, size_t *size)
{
    uint64_t generation;
    gather(m, list, count);
    if (!m->unit.count)
        return NULL;
    order(&m->unit);
    span(&m->unit);
    if (!unit_guest_hash(m->on->e, m->unit.start, m->unit.end, &m->unit.hash, &generation))
        return NULL;
    drop_changed(m);
    return m->unit.count ? unit_write(&m->unit, size) : NULL;
}

/* ---- storing ---- */

static enum store_put put(struct making *m, const uint8_t *data, size_t size)
{
    struct store_record r = {
        .pc = m->piece, .mode = (uint32_t)UNIT_MODE, .flags = m->merges ? UNIT_WHOLE : 0, .size = (uint32_t)size};
    if (size > STORE_MAX_ENTRY)
        return STORE_PUT_NEEDLESS;
    enum store_put put = store_put(m->on->store, m->file, &r, data);
    m->on->stats.cache_written += put == STORE_PUT_OK ? size : 0;
    return put;
}

static enum store_put save_group(struct warm_thread *on, const struct candidate *list, size_t count)
{
    struct making m = {.on = on, .piece = piece_of(list[0].pc)};
    size_t size = 0;
    if (!warm_file_at(on->e, list[0].pc, &m.file))
        return STORE_PUT_NEEDLESS;
    arena_reset(&on->arena);
    read_old(&m);
    uint8_t *data = make_entry(&m, list, count, &size);
    enum store_put result = data ? put(&m, data, size) : STORE_PUT_NEEDLESS;
    on->stats.unit_stored += result == STORE_PUT_OK;
    on->stats.unit_stored_blocks += result == STORE_PUT_OK ? count : 0;
    free(data);
    free_old(&m);
    return result;
}

/* Stores the blocks of the list. Inside the section. */
static enum store_put save_all(struct save *s)
{
    for (size_t at = 0, group; at < s->count; at += group) {
        group = group_size(s->list + at, s->count - at);
        enum store_put put = save_group(s->u->on, s->list + at, group);
        if (put == STORE_PUT_BUSY || put == STORE_PUT_FAILED)
            return put;
        for (size_t i = at; i < at + group; i++)
            s->list[i].tb->keep->saved = true;
    }
    return STORE_PUT_OK;
}

/* The pieces in which blocks were translated, in the order of the first ones. */
struct made {
    struct ahead_piece what;
    uint64_t serial;
};

static int by_serial(const void *left, const void *right)
{
    const struct made *a = left, *b = right;
    return a->serial > b->serial ? 1 : a->serial < b->serial ? -1 : 0;
}

static void note_made(struct save *s)
{
    struct units *u = s->u;
    struct made *list = u->ahead && s->count ? malloc(s->count * sizeof *list) : NULL;
    unsigned count = 0;
    for (size_t at = 0, group; list && at < s->count; at += group) {
        struct made m = {.what.pc = s->list[at].pc, .serial = UINT64_MAX};
        group = group_size(s->list + at, s->count - at);
        for (size_t i = at; i < at + group; i++)
            m.serial = s->list[i].tb->serial < m.serial ? s->list[i].tb->serial : m.serial;
        if (warm_file_at(u->e, m.what.pc, &m.what.file))
            list[count++] = m;
    }
    if (count)
        qsort(list, count, sizeof *list, by_serial);
    for (unsigned i = 0; i < count; i++)
        ahead_made(u->ahead, &list[i].what);
    free(list);
}

static bool run_save(struct store_job *job)
{
    struct save *s = (struct save *)job;
    struct warm_thread *on = s->u->on;
    warm_thread_begin(on);
    section_enter(on->e, &on->section);
    s->count = 0;
    tb_visit_all(on->e, add_candidate, s);
    if (s->count)
        qsort(s->list, s->count, sizeof *s->list, by_place);
    enum store_put put = save_all(s);
    if (put == STORE_PUT_OK)
        note_made(s);
    section_leave(&on->section);
    if (put == STORE_PUT_OK)
        ahead_save(s->u->ahead);
    return put != STORE_PUT_BUSY || ++s->tries == MAX_PUTS;
}

static void drop_save(struct store_job *job)
{
    free(((struct save *)job)->list);
    free(job);
}

static bool is_worth_it(const struct units *u)
{
    uint32_t loaded = __atomic_load_n(&u->loaded, __ATOMIC_RELAXED);
    return __atomic_load_n(&u->fresh, __ATOMIC_RELAXED) >= MIN_NEW + loaded / NEW_SHARE;
}

/* A job that stores what is not stored yet. NULL: no memory. */
static struct save *new_save(struct units *u)
{
    struct save *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    __atomic_store_n(&u->fresh, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&u->saved_ns, stats_clock(CLOCK_MONOTONIC), __ATOMIC_RELAXED);
    s->job = (struct store_job){.run = run_save, .drop = drop_save};
    s->u = u;
    return s;
}

void units_save(struct engine *e)
{
    struct units *u = e->units;
    if (u)
        __atomic_store_n(&u->ending, true, __ATOMIC_RELAXED);
    if (!u || e->forked || (!is_worth_it(u) && !ahead_is_new(u->ahead)))
        return;
    struct save *s = new_save(u);
    if (s)
        store_run(store_queue(u->on->store), &s->job, SAVE_MS);
}

void units_note(struct engine *e, const struct tb *tb)
{
    struct units *u = e->units;
    if (!u || !tb->keep)
        return;
    uint32_t fresh = __atomic_add_fetch(&u->fresh, 1, __ATOMIC_RELAXED);
    if (fresh % LOOK_EVERY || e->forked || !is_worth_it(u))
        return;
    if (stats_clock(CLOCK_MONOTONIC) - __atomic_load_n(&u->saved_ns, __ATOMIC_RELAXED) < SAVE_NS)
        return;
    struct save *s = new_save(u);
    if (s)
        store_post(store_queue(u->on->store), &s->job);
}

void units_fork_child(struct engine *e)
{
    if (!e->units)
        return;
    e->units->since = __atomic_load_n(&e->serial, __ATOMIC_RELAXED);
    __atomic_store_n(&e->units->fresh, 0, __ATOMIC_RELAXED);
    e->units->entry = NULL; /* it may be being made larger */
    e->units->entry_room = 0;
    e->units->ahead = NULL; /* the same; its thread is the parent's */
    e->units->coming = 0;
}
