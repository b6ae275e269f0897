/* SPDX-License-Identifier: Apache-2.0 */
/* Making and checking the fixed-size parts of the files. */
#include "runtime/store/format.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct store_record) == STORE_SLOT && sizeof(struct store_header) == STORE_SLOT,
              "both fill a slot");

static const uint64_t magic = UINT64_C(0x31306568636e6174); /* "tanche01": rises when the format changes */

/* Of what follows the first 8 bytes of a slot. */
static uint64_t check_of(const void *slot)
{
    struct hash128 h = hash128_of((struct hash128){{magic, 0}}, (const uint8_t *)slot + 8, STORE_SLOT - 8);
    return h.lane[0] ^ h.lane[1];
}

struct hash128 store_entry_hash(const struct store_record *r, const uint8_t *data)
{
    return hash128_of((struct hash128){{r->pc, (uint64_t)r->flags << 32 | r->mode}}, data, r->size);
}

void store_seal_record(struct store_record *r) { r->check = check_of(r); }

bool store_record_is_good(const struct store_record *r)
{
    return r->check == check_of(r) && r->size && r->size <= STORE_MAX_ENTRY &&
           r->offset <= (uint64_t)INT64_MAX - r->size;
}

struct store_header store_make_header(struct hash128 folder, struct hash128 file)
{
    struct store_header h = {.magic = magic, .folder = folder, .file = file};
    h.check = check_of(&h);
    return h;
}

bool store_header_is_good(const struct store_header *h, struct hash128 folder, struct hash128 file)
{
    const struct store_header want = store_make_header(folder, file);
    return memcmp(h, &want, sizeof want) == 0;
}
