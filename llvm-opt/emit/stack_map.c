/* SPDX-License-Identifier: Apache-2.0 */
/* Reads LLVM's stack map section (version 3; LLVM: Stack maps and patch points).
 *
 * I1  The module has one function, and so the section has one.
 * I2  Nothing is read beyond the section's end.
 */
#include "llvm-opt/emit/stack_map.h"

#include <string.h>

enum { VERSION = 3, HEADER = 16, FUNCTION = 24, CONSTANT = 8, RECORD = 16, LOCATION = 12, FACTS = 3 };
enum { IN_REGISTER = 1, INDIRECT = 3, CONSTANT_HERE = 4, CONSTANT_INDEX = 5 };

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

void lopt_map_begin(struct lopt_map_walk *walk, const struct lopt_object_maps *maps)
{
    const uint8_t *p = maps->records;
    *walk = (struct lopt_map_walk){.maps = maps, .broken = true};
    if (!p || maps->bytes < HEADER || p[0] != VERSION)
        return;
    size_t functions = get32(p + 4), constants = get32(p + 8);
    size_t before = HEADER + functions * FUNCTION + constants * CONSTANT;
    if (functions != 1 || before > maps->bytes) /* I1 */
        return;
    walk->frame = get64(p + HEADER + 8);
    walk->constants = p + HEADER + FUNCTION;
    walk->at = p + before;
    walk->left = get32(p + 12);
    walk->broken = false;
}

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

bool lopt_map_next(struct lopt_map_walk *walk, struct lopt_map_record *record)
{
    const uint8_t *p = walk->at;
    if (walk->broken || !walk->left)
        return false;
    size_t size = record_size(p, walk->maps->records + walk->maps->bytes);
    unsigned locations = size ? get16(p + 14) : 0;
    walk->broken = locations < FACTS;
    if (walk->broken)
        return false;
    *record = (struct lopt_map_record){.number = (uint32_t)get64(p), .host = walk->maps->entry + get32(p + 8)};
    record->values = p + RECORD + FACTS * LOCATION; /* calling convention, flags, number of values */
    record->count = get32(record->values - LOCATION + 8);
    walk->broken = record->count > locations - FACTS;
    walk->at += size;
    walk->left--;
    return !walk->broken;
}

bool lopt_map_value(const struct lopt_map_walk *walk, const struct lopt_map_record *record, unsigned i, unsigned bytes,
                    struct lopt_location *l)
{
    const uint8_t *p = record->values + (size_t)i * LOCATION;
    int32_t small = (int32_t)get32(p + 8);
    *l = (struct lopt_location){.where = LOPT_IS_CONST, .bytes = (uint8_t)bytes, .at = small};
    switch (p[0]) {
    case IN_REGISTER:
        return lopt_track_register(get16(p + 4), l);
    case INDIRECT:
        l->where = LOPT_ON_STACK;
        return lopt_track_is_stack_pointer(get16(p + 4));
    case CONSTANT_INDEX:
        l->at = (int64_t)get64(walk->constants + (size_t)small * CONSTANT);
        return true;
    default:
        return p[0] == CONSTANT_HERE;
    }
}
