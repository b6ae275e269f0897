/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the stubs of a region's exit sites: reads where LLVM has the values, and has the host's writer do the rest.
 *
 * I1  LLVM may duplicate a statepoint: a site may have several records, each with a stub of its own.
 * I2  Stubs of the same bytes and the same exit are one.
 */
#include "llvm-opt/emit/stubs.h"

#include <stdlib.h>
#include <string.h>

struct maker {
    const struct lopt_exit_table *sites;
    struct lopt_map_walk walk;
    struct lopt_stubs *stubs;
    size_t capacity;              /* of stubs->bytes */
    struct lopt_stub_move *moves; /* of one site */
};

/* Where the values of the record are goes to m->moves. */
static bool read_values(struct maker *m, const struct lopt_exit_site *site, const struct lopt_map_record *r,
                        struct lopt_stub *stub)
{
    unsigned value = 1;
    bool ok = r->count == site->value_count && lopt_map_value(&m->walk, r, 0, 8, &stub->cpu);
    for (unsigned i = 0; i < site->move_count && ok; i++) {
        struct lopt_stub_move *move = &m->moves[i];
        *move = m->sites->moves[site->first_move + i];
        ok = move->in_cpu || lopt_map_value(&m->walk, r, value++, move->bytes, &move->from);
    }
    stub->moves = m->moves;
    stub->count = site->move_count;
    return ok;
}

static bool reserve(struct maker *m, size_t more)
{
    struct lopt_stubs *s = m->stubs;
    if (s->size + more <= m->capacity)
        return true;
    m->capacity = (s->size + more) * 2;
    uint8_t *bytes = realloc(s->bytes, m->capacity);
    if (bytes)
        s->bytes = bytes;
    return bytes;
}

/* Offset of a stub of the same bytes and the same exit as the last one, which has size bytes; the last one's own. */
static uint32_t find_same(const struct lopt_stubs *s, size_t size, unsigned exit)
{
    size_t begin = 0;
    for (size_t i = 0; i < s->end_count; i++) {
        size_t end = s->ends[i].at + 4;
        if (s->ends[i].exit == exit && end - begin == size && memcmp(s->bytes + begin, s->bytes + s->size, size) == 0)
            return (uint32_t)begin;
        begin = end;
    }
    return (uint32_t)s->size;
}

static enum status add_stub(struct maker *m, const struct lopt_map_record *r)
{
    struct lopt_stubs *s = m->stubs;
    struct lopt_stub stub = {
        .frame = (uint32_t)m->walk.frame, .wide = m->sites->wide, .three_operands = m->sites->three_operands};
    unsigned number = r->number & ~(unsigned)LOPT_EXIT_SITE;
    if (number >= m->sites->count || !read_values(m, &m->sites->list[number], r, &stub))
        return STATUS_EXIT_LOST;
    if (!reserve(m, lopt_stub_bound(stub.count)))
        return STATUS_NO_MEMORY;
    size_t size = lopt_stub_write(&stub, s->bytes + s->size);
    unsigned exit = m->sites->list[number].exit;
    if (!size)
        return STATUS_EXIT_LOST;
    uint32_t at = find_same(s, size, exit);
    s->uses[s->use_count++] = (struct lopt_stub_use){.host = r->host, .stub = at};
    if (at == s->size) {
        s->ends[s->end_count++] = (struct lopt_stub_end){.at = (uint32_t)(at + size - 4), .exit = exit};
        s->size += size;
    }
    return STATUS_OK;
}

enum status lopt_stubs_make(const struct lopt_exit_table *sites, const struct lopt_object_maps *maps,
                            struct lopt_stubs *stubs)
{
    struct maker m = {.sites = sites, .stubs = stubs};
    struct lopt_map_record r;
    enum status s = STATUS_OK;
    *stubs = (struct lopt_stubs){0};
    if (!sites->count || !maps->records)
        return STATUS_OK;
    lopt_map_begin(&m.walk, maps);
    if (m.walk.broken || m.walk.frame > INT32_MAX)
        return STATUS_EXIT_LOST;
    stubs->uses = malloc((m.walk.left + 1) * sizeof *stubs->uses);
    stubs->ends = malloc((m.walk.left + 1) * sizeof *stubs->ends);
    m.moves = malloc((sites->move_count + 1) * sizeof *m.moves);
    if (!stubs->uses || !stubs->ends || !m.moves)
        s = STATUS_NO_MEMORY;
    while (s == STATUS_OK && lopt_map_next(&m.walk, &r)) {
        if (r.number & LOPT_EXIT_SITE)
            s = add_stub(&m, &r);
    }
    free(m.moves);
    return s == STATUS_OK && m.walk.broken ? STATUS_EXIT_LOST : s;
}

void lopt_stubs_fini(struct lopt_stubs *stubs)
{
    free(stubs->bytes);
    free(stubs->uses);
    free(stubs->ends);
    *stubs = (struct lopt_stubs){0};
}
