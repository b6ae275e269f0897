/* SPDX-License-Identifier: Apache-2.0 */
/* A line is what changes from the one before it, which for the first is all zero:
 *
 *   host     one byte, what the host offset rises by; or FAR_HOST and the offset in two bytes
 *   guest    one byte: GUEST_BITS that the guest offset rises by, or FAR_GUEST of them, and REPLAYS, and NEW_X87
 *   offset   two bytes, after FAR_GUEST: the guest offset
 *   x87      four bytes, after NEW_X87
 */
#include "runtime/engine/pc_map.h"

#include <string.h>

enum { FAR_HOST = 255, GUEST_BITS = 0x3f, FAR_GUEST = GUEST_BITS, REPLAYS = 0x40, NEW_X87 = 0x80 };

/* Where bytes go, if anywhere. */
struct writer {
    uint8_t *to;
    size_t size;
};

static void put(struct writer *w, const void *bytes, size_t size)
{
    if (w->to)
        memcpy(w->to + w->size, bytes, size);
    w->size += size;
}

static void put_byte(struct writer *w, unsigned byte) { put(w, &(uint8_t){(uint8_t)byte}, 1); }

static unsigned guest_of(const struct tcg_pc_map *line) { return line->guest_off & TCG_MAP_OFFSET; }

size_t pc_map_pack(const struct tcg_pc_map *map, unsigned count, uint8_t *to)
{
    struct writer w = {to, 0};
    struct tcg_pc_map last = {0};
    for (unsigned i = 0; i < count; i++) {
        const struct tcg_pc_map *line = &map[i];
        const unsigned host = (unsigned)line->host_off - last.host_off, guest = guest_of(line) - guest_of(&last);
        const bool far_host = host >= FAR_HOST, far_guest = guest >= FAR_GUEST, new_x87 = line->x87 != last.x87;
        put_byte(&w, far_host ? FAR_HOST : host);
        if (far_host)
            put(&w, &line->host_off, sizeof line->host_off);
        put_byte(&w, (far_guest ? FAR_GUEST : guest) | (line->guest_off & TCG_MAP_REPLAYS ? REPLAYS : 0) |
                         (new_x87 ? NEW_X87 : 0));
        if (far_guest)
            put(&w, &(uint16_t){(uint16_t)guest_of(line)}, 2);
        if (new_x87)
            put(&w, &line->x87, sizeof line->x87);
        last = *line;
    }
    return w.size;
}

/* What is left to read. */
struct reader {
    const uint8_t *at, *end;
};

static bool get(struct reader *r, void *to, size_t size)
{
    if ((size_t)(r->end - r->at) < size)
        return false;
    memcpy(to, r->at, size);
    r->at += size;
    return true;
}

/* The line behind *line. */
static bool next_line(struct reader *r, struct tcg_pc_map *line)
{
    uint8_t host, guest;
    uint16_t offset = (uint16_t)guest_of(line);
    if (!get(r, &host, 1) || (host == FAR_HOST && !get(r, &line->host_off, sizeof line->host_off)) ||
        !get(r, &guest, 1))
        return false;
    if (host != FAR_HOST)
        line->host_off = (uint16_t)(line->host_off + host);
    if ((guest & GUEST_BITS) != FAR_GUEST)
        offset = (uint16_t)((offset + (guest & GUEST_BITS)) & TCG_MAP_OFFSET);
    else if (!get(r, &offset, sizeof offset))
        return false;
    line->guest_off = (uint16_t)(offset | (guest & REPLAYS ? TCG_MAP_REPLAYS : 0));
    return !(guest & NEW_X87) || get(r, &line->x87, sizeof line->x87);
}

bool pc_map_find(const uint8_t *packed, size_t size, uint32_t off, struct tcg_pc_map *line)
{
    struct reader r = {packed, packed + size};
    struct tcg_pc_map next = {0};
    bool found = false;
    while (next_line(&r, &next) && next.host_off <= off) {
        *line = next;
        found = true;
    }
    return found;
}
