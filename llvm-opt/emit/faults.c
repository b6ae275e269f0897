/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the table for fault handlers: reads LLVM's records of where values are behind each segment of accesses, and
 * follows the values back to each access.
 *
 * I1  The accesses are those that the code marks (host.h), and each belongs to the first record that the code behind it
 *     leads to. A point may have several records, since LLVM may duplicate code.
 * I2  Accesses whose places are the same share them.
 * I3  What the table says is true at the access, before it is made.
 */
#include "llvm-opt/emit/faults.h"

#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/track.h"
#include "llvm-opt/plan/rows.h"

/* LLVM's stack map format, version 3 (LLVM: Stack maps and patch points). */
enum { VERSION = 3, HEADER = 16, FUNCTION = 24, CONSTANT = 8, RECORD = 16, LOCATION = 12, FACTS = 3 };
enum { IN_REGISTER = 1, INDIRECT = 3, CONSTANT_HERE = 4, CONSTANT_INDEX = 5 };

struct record {
    uint32_t point, host;     /* behind the statepoint */
    const uint8_t *locations; /* of its values */
    unsigned count;
};

struct maker {
    const struct lopt_points *points;
    const uint8_t *constants;
    struct record *records;
    size_t record_count;
    struct lopt_track *track;
    struct lopt_place *places;
    size_t place_count, place_capacity;
    struct lopt_access *accesses;
    size_t access_count, access_capacity;
};

static uint16_t get16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* ---- records ---- */

/* Bytes of the record at p, or 0: it reaches beyond end. */
static size_t record_size(const uint8_t *p, const uint8_t *end)
{
    size_t left = (size_t)(end - p);
    if (left < RECORD)
        return 0;
    size_t size = ALIGN_UP(RECORD + (size_t)get16(p + 14) * LOCATION, 8);
    if (left < size + 4)
        return 0;
    size = ALIGN_UP(size + 4 + (size_t)get16(p + size + 2) * 4, 8);
    return size <= left ? size : 0;
}

static bool read_record(struct maker *m, const uint8_t *p, uint32_t entry)
{
    struct record *r = &m->records[m->record_count++];
    unsigned locations = get16(p + 14);
    *r = (struct record){.point = (uint32_t)get64(p), .host = entry + get32(p + 8)};
    if (r->point & LOPT_POINT_BEGIN)
        return true;
    if (r->point >= m->points->count || locations < FACTS)
        return false;
    r->locations = p + RECORD + FACTS * LOCATION; /* calling convention, flags, number of values */
    r->count = get32(r->locations - LOCATION + 8);
    return r->count == m->points->list[r->point].place_count && r->count + FACTS <= locations;
}

static bool read_records(struct maker *m, const struct lopt_object_maps *maps)
{
    const uint8_t *p = maps->records, *end = p + maps->bytes;
    if (maps->bytes < HEADER || p[0] != VERSION)
        return false;
    size_t functions = get32(p + 4), constants = get32(p + 8), count = get32(p + 12);
    size_t before = HEADER + functions * FUNCTION + constants * CONSTANT;
    m->records = calloc(count + 1, sizeof *m->records);
    if (before > maps->bytes || !m->records)
        return false;
    m->constants = p + HEADER + functions * FUNCTION;
    p += before;
    for (size_t i = 0; i < count; i++) {
        size_t size = record_size(p, end);
        if (!size || !read_record(m, p, maps->entry))
            return false;
        p += size;
    }
    return true;
}

/* ---- places ---- */

static unsigned bytes_of(const struct lopt_place *p)
{
    unsigned bytes = ir_type_bits((enum ir_type)p->type) / 8;
    switch ((enum lopt_part)p->part) {
    case LOPT_PART_SINGLE:
        return 4;
    case LOPT_PART_WIDE:
        return bytes < 4 ? 4 : bytes;
    default:
        return 8;
    }
}

/* Where the record says that the value is. */
static bool read_location(const struct maker *m, const uint8_t *p, unsigned bytes, struct lopt_location *l)
{
    int32_t small = (int32_t)get32(p + 8);
    *l = (struct lopt_location){.where = LOPT_IS_CONST, .bytes = (uint8_t)bytes, .at = small};
    switch (p[0]) {
    case IN_REGISTER:
        return lopt_track_register(get16(p + 4), l);
    case INDIRECT:
        l->where = LOPT_ON_STACK;
        return lopt_track_is_stack_pointer(get16(p + 4));
    case CONSTANT_INDEX:
        l->at = (int64_t)get64(m->constants + (size_t)small * CONSTANT);
        return true;
    default:
        return p[0] == CONSTANT_HERE;
    }
}

static bool reserve_places(struct maker *m, size_t more)
{
    if (m->place_count + more <= m->place_capacity)
        return true;
    size_t n = (m->place_count + more) * 2;
    struct lopt_place *p = realloc(m->places, n * sizeof *p);
    if (!p)
        return false;
    m->places = p;
    m->place_capacity = n;
    return true;
}

static void set_location(struct lopt_place *place, const struct lopt_location *l)
{
    place->where = l->where & 3;
    if (l->where == LOPT_IS_CONST) {
        int64_t value = lopt_track_constant(l);
        place->at = (int32_t)value;
        place->add = (int32_t)(value >> 32);
        return;
    }
    place->extend = l->extend & 3;
    place->shift = l->shift & 15;
    place->at = (int32_t)l->at;
    place->add = (int32_t)l->add;
}

static bool reserve_access(struct maker *m)
{
    if (m->access_count < m->access_capacity)
        return true;
    size_t n = m->access_capacity ? m->access_capacity * 2 : 64;
    struct lopt_access *a = realloc(m->accesses, n * sizeof *a);
    if (!a)
        return false;
    m->accesses = a;
    m->access_capacity = n;
    return true;
}

/* Appends the places of an access whose way has been found. */
static bool add_places(struct maker *m, const struct record *r)
{
    const struct lopt_point *point = &m->points->list[r->point];
    if (!reserve_places(m, r->count))
        return false;
    for (unsigned i = 0; i < r->count; i++) {
        struct lopt_place place = m->points->places[point->first_place + i];
        struct lopt_location l;
        if (!read_location(m, r->locations + (size_t)i * LOCATION, bytes_of(&place), &l) ||
            !lopt_track_back(m->track, &l))
            return false;
        set_location(&place, &l);
        m->places[m->place_count++] = place;
    }
    return true;
}

/* I2 */
static void share_places(struct maker *m, struct lopt_access *a)
{
    const struct lopt_access *last = a - 1;
    if (a == m->accesses || last->place_count != a->place_count)
        return;
    const struct lopt_place *mine = m->places + a->first_place, *its = m->places + last->first_place;
    if (memcmp(mine, its, a->place_count * sizeof *mine) != 0)
        return;
    m->place_count = a->first_place;
    a->first_place = last->first_place;
}

/* ---- accesses ---- */

static bool add_access(struct maker *m, uint32_t host)
{
    int64_t number = lopt_track_way(m->track, host);
    if (number < 0 || !reserve_access(m))
        return false;
    const struct record *r = &m->records[number];
    const struct lopt_point *point = &m->points->list[r->point];
    struct lopt_access *a = &m->accesses[m->access_count];
    *a = (struct lopt_access){.pc = point->pc,
                              .host = host,
                              .first_place = (uint32_t)m->place_count,
                              .place_count = point->place_count,
                              .replay_insns = point->replay_insns};
    if (!add_places(m, r))
        return false;
    share_places(m, a);
    m->access_count++;
    return true;
}

static bool add_accesses(struct maker *m)
{
    for (size_t i = 0; m->track && i < m->record_count; i++) {
        if (m->records[i].locations)
            lopt_track_end_at(m->track, m->records[i].host, (uint32_t)i);
    }
    size_t at = m->track ? lopt_track_next_access(m->track, SIZE_MAX) : SIZE_MAX;
    for (; at != SIZE_MAX; at = lopt_track_next_access(m->track, at)) {
        if (!add_access(m, (uint32_t)at))
            return false;
    }
    return m->track;
}

static struct lopt_faults *pack(const struct maker *m)
{
    size_t accesses = m->access_count * sizeof *m->accesses, places = m->place_count * sizeof *m->places;
    size_t size = sizeof(struct lopt_faults) + accesses + places;
    struct lopt_faults *f = malloc(size);
    if (!f)
        return NULL;
    *f = (struct lopt_faults){
        .size = (uint32_t)size, .access_count = (uint32_t)m->access_count, .place_count = (uint32_t)m->place_count};
    memcpy(f->accesses, m->accesses, accesses);
    if (places)
        memcpy(f->accesses + m->access_count, m->places, places);
    return f;
}

enum status lopt_faults_make(const struct lopt_object_maps *maps, const uint8_t *code, size_t code_size,
                             const struct lopt_points *points, struct lopt_faults **faults)
{
    struct maker m = {.points = points};
    *faults = NULL;
    if (!maps->records)
        return STATUS_OK;
    m.track = lopt_track_open(code, code_size);
    bool ok = read_records(&m, maps) && add_accesses(&m);
    if (ok)
        *faults = pack(&m);
    lopt_track_close(m.track);
    free(m.records);
    free(m.places);
    free(m.accesses);
    return !ok ? STATUS_MAP_LOST : *faults ? STATUS_OK : STATUS_NO_MEMORY;
}
