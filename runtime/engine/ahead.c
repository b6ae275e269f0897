/* SPDX-License-Identifier: Apache-2.0 */
/* Reading ahead, as a kernel does in files: a window behind the piece that was asked for, twice as large when the guest
 * then asks for the piece behind that window, and small again when it goes elsewhere.
 *
 * I1  What was read ahead stays in the order only if the guest went on behind its window. So a piece that is not needed
 *     any more is not in the next order that is stored. What nobody asked for stays, behind this run's: of a program
 *     that does one thing and another in turn, both orders are in it, and then nothing is written any more.
 * I2  The stored order is a hint. Whether a piece is that file's, and whether it fits, is asked when it is loaded.
 */
#include "runtime/engine/ahead.h"

#include <stdlib.h>

#include "runtime/engine/unit.h"

enum {
    ORDER_MODE = -2, /* store_record.mode, as uint32_t: no block's, nor UNIT_MODE */
    MAX_PIECES = 8192,
    FIRST_WINDOW = 4,
    LAST_WINDOW = 32,
    SLACK = 2,     /* pieces behind a window that may be left out */
    MIN_NEW = 4,   /* pieces that were not in the order, with which it is worth storing ... */
    NEW_SHARE = 8, /* ... and one more for each so many that were */
    NO_PLACE = -1,
};

/* A piece of this run. */
struct step {
    struct ahead_piece piece;
    unsigned window; /* number of the one that it was read ahead in; 0: the guest has asked for it */
};

/* Pieces, and where each of them is. */
struct order {
    struct ahead_piece *list; /* malloc */
    uint16_t *place;          /* malloc: table of slots entries, by slot_of(); place + 1, 0: none */
    unsigned count, slots;    /* slots: a power of two */
};

struct ahead {
    struct warm_thread *on;
    bool is_read;        /* the stored order was looked for */
    struct order before; /* as it was stored */
    struct step *steps;  /* malloc: this run's */
    unsigned step_count, step_room;
    unsigned from, next; /* in before: the last window's begin; what ahead_next answers next */
    unsigned window, windows;
    unsigned strays; /* steps that before does not have */
    bool is_new;     /* atomic: ahead_is_new */
};

struct ahead *ahead_create(struct warm_thread *on)
{
    struct ahead *a = calloc(1, sizeof *a);
    if (a)
        a->on = on;
    return a;
}

void ahead_destroy(struct ahead *a)
{
    if (!a)
        return;
    free(a->before.list);
    free(a->before.place);
    free(a->steps);
    free(a);
}

/* ---- the stored order ---- */

static gaddr_t number_of(const struct ahead_piece *p) { return p->pc >> UNIT_SHIFT; }

static unsigned slot_of(const struct order *o, const struct ahead_piece *p)
{
    return (unsigned)((number_of(p) + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (o->slots - 1);
}

static bool is_same(const struct ahead_piece *a, const struct ahead_piece *b)
{
    return number_of(a) == number_of(b) && hash128_same(a->file, b->file);
}

static int find_place(const struct order *o, const struct ahead_piece *p)
{
    if (!o->count)
        return NO_PLACE;
    for (unsigned at = slot_of(o, p); o->place[at]; at = (at + 1) & (o->slots - 1))
        if (is_same(&o->list[o->place[at] - 1], p))
            return o->place[at] - 1;
    return NO_PLACE;
}

static void note_place(struct order *o, unsigned n)
{
    unsigned at = slot_of(o, &o->list[n]);
    while (o->place[at])
        at = (at + 1) & (o->slots - 1);
    o->place[at] = (uint16_t)(n + 1);
}

static bool program_file(const struct ahead *a, struct hash128 *file)
{
    return a->on->e->program && warm_file_at(a->on->e, a->on->e->program, file);
}

static void take_stored(struct order *o, uint8_t *data, size_t size)
{
    size_t count = size / sizeof *o->list;
    o->slots = 1;
    while (o->slots < 2 * count && o->slots < 2 * MAX_PIECES)
        o->slots *= 2;
    o->place = count && count <= MAX_PIECES ? calloc(o->slots, sizeof *o->place) : NULL;
    if (!o->place) {
        free(data);
        return;
    }
    o->list = (struct ahead_piece *)(void *)data;
    for (o->count = 0; o->count < count; o->count++)
        note_place(o, o->count);
}

static void read_stored(struct ahead *a)
{
    struct hash128 file;
    struct store_record r;
    uint32_t at = STORE_NEWEST;
    if (a->is_read || !program_file(a, &file))
        return;
    a->is_read = true;
    if (!store_find(a->on->store, file, 0, (uint32_t)ORDER_MODE, &at, &r))
        return;
    uint8_t *data = store_get(a->on->store, file, at, &r);
    if (data)
        take_stored(&a->before, data, r.size);
    a->on->stats.cache_read += r.size;
}

/* ---- this run ---- */

static void add_step(struct ahead *a, const struct ahead_piece *piece, unsigned window)
{
    if (a->step_count == a->step_room) {
        unsigned room = a->step_room ? 2 * a->step_room : 64;
        struct step *steps = room <= MAX_PIECES ? realloc(a->steps, room * sizeof *steps) : NULL;
        if (!steps)
            return;
        a->steps = steps;
        a->step_room = room;
    }
    a->steps[a->step_count++] = (struct step){*piece, window};
    if (find_place(&a->before, piece) == NO_PLACE && ++a->strays >= MIN_NEW + a->before.count / NEW_SHARE)
        __atomic_store_n(&a->is_new, true, __ATOMIC_RELAXED);
}

/* I1: the last window was right. */
static void confirm(struct ahead *a)
{
    for (unsigned i = a->step_count; i-- > 0 && i + 2 * LAST_WINDOW >= a->step_count;)
        if (a->steps[i].window == a->windows)
            a->steps[i].window = 0;
}

unsigned ahead_asked(struct ahead *a, const struct ahead_piece *piece)
{
    if (!a)
        return 0;
    read_stored(a);
    add_step(a, piece, 0);
    int place = find_place(&a->before, piece);
    if (place == NO_PLACE)
        return 0;
    unsigned at = (unsigned)place;
    if (at >= a->from && at < a->next) /* the guest was quicker: it will be behind the window soon */
        return 0;
    bool expected = at >= a->next && at - a->next <= SLACK;
    if (expected)
        confirm(a);
    a->window = !expected ? FIRST_WINDOW : a->window < LAST_WINDOW / 2 ? 2 * a->window : LAST_WINDOW;
    a->window = a->window < FIRST_WINDOW ? FIRST_WINDOW : a->window;
    a->windows++;
    a->from = a->next = at + 1;
    return a->window;
}

const struct ahead_piece *ahead_next(struct ahead *a)
{
    return a->next < a->before.count ? &a->before.list[a->next++] : NULL;
}

void ahead_put_back(struct ahead *a) { a->next--; }

unsigned ahead_window(const struct ahead *a) { return a->windows; }

void ahead_loaded(struct ahead *a, const struct ahead_piece *piece, unsigned window) { add_step(a, piece, window); }

void ahead_made(struct ahead *a, const struct ahead_piece *piece)
{
    if (!a)
        return;
    for (unsigned i = 0; i < a->step_count; i++)
        if (is_same(&a->steps[i].piece, piece))
            return;
    add_step(a, piece, 0);
}

bool ahead_is_new(const struct ahead *a) { return a && __atomic_load_n(&a->is_new, __ATOMIC_RELAXED); }

/* I1: the next order, which has room for all; the number of its pieces. */
static unsigned make_order(const struct ahead *a, struct ahead_piece *list)
{
    bool is_step[MAX_PIECES] = {false}; /* of before's */
    unsigned count = 0;
    for (unsigned i = 0; i < a->step_count; i++) {
        int place = find_place(&a->before, &a->steps[i].piece);
        if (place != NO_PLACE)
            is_step[place] = true;
        if (!a->steps[i].window)
            list[count++] = a->steps[i].piece;
    }
    for (unsigned i = 0; i < a->before.count && count < MAX_PIECES; i++)
        if (!is_step[i])
            list[count++] = a->before.list[i];
    return count;
}

void ahead_save(struct ahead *a)
{
    struct hash128 file;
    if (!ahead_is_new(a) || !program_file(a, &file))
        return;
    struct ahead_piece *list = malloc((a->step_count + a->before.count) * sizeof *list);
    unsigned count = list ? make_order(a, list) : 0;
    const struct store_record r = {.mode = (uint32_t)ORDER_MODE, .size = (uint32_t)(count * sizeof *list)};
    if (count && store_put(a->on->store, file, &r, (uint8_t *)list) == STORE_PUT_OK) {
        a->on->stats.cache_written += r.size;
        a->strays = 0;
        __atomic_store_n(&a->is_new, false, __ATOMIC_RELAXED);
    }
    free(list);
}
