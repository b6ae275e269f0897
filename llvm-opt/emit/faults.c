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

struct maker {
    const struct lopt_points *points;
    struct lopt_map_walk walk;
    struct lopt_map_record *records; /* of the points */
    size_t record_count;
    struct lopt_track *track;
    struct lopt_place *places;
    size_t place_count, place_capacity;
    struct lopt_access *accesses;
    size_t access_count, access_capacity;
};

/* ---- records ---- */

static bool read_records(struct maker *m, const struct lopt_object_maps *maps)
{
    struct lopt_map_record r;
    lopt_map_begin(&m->walk, maps);
    m->records = calloc(m->walk.left + 1, sizeof *m->records);
    if (!m->records)
        return false;
    while (lopt_map_next(&m->walk, &r)) {
        if (r.number & (LOPT_POINT_BEGIN | LOPT_EXIT_SITE))
            continue;
        if (r.number >= m->points->count || r.count != m->points->list[r.number].place_count)
            return false;
        m->records[m->record_count++] = r;
    }
    return !m->walk.broken;
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
static bool add_places(struct maker *m, const struct lopt_map_record *r)
{
    const struct lopt_point *point = &m->points->list[r->number];
    if (!reserve_places(m, r->count))
        return false;
    for (unsigned i = 0; i < r->count; i++) {
        struct lopt_place place = m->points->places[point->first_place + i];
        struct lopt_location l;
        if (!lopt_map_value(&m->walk, r, i, bytes_of(&place), &l) || !lopt_track_back(m->track, &l))
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
    const struct lopt_map_record *r = &m->records[number];
    const struct lopt_point *point = &m->points->list[r->number];
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
    for (size_t i = 0; m->track && i < m->record_count; i++)
        lopt_track_end_at(m->track, m->records[i].host, (uint32_t)i);
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
    if (!points->count || !maps->records)
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
