/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the files of the cache. For each file of the guest's (a program, a library) there are two of ours:
 *
 *   NAME.idx  a header, then a record for each entry; all have STORE_SLOT bytes
 *   NAME.dat  the entries' bytes, one after the other
 *
 * Both only grow. An entry's bytes are written first, then its record: what has a record is whole.
 * Numbers have the host's byte order: another kind of host has another folder. */
#ifndef TANDEM_RUNTIME_STORE_FORMAT_H
#define TANDEM_RUNTIME_STORE_FORMAT_H

#include "src/base/hash.h"

enum {
    STORE_SLOT = 64,
    STORE_MAX_ENTRY = 16 << 20, /* bytes of an entry */
    STORE_NEWEST = 0,           /* where a search of records begins */
};

/* Where an entry is, and what it is for. */
struct store_record {
    uint64_t check; /* of the rest of the record */
    gaddr_t pc;
    uint32_t mode, flags; /* flags are the caller's */
    uint64_t offset;      /* in NAME.dat */
    uint32_t size, zero;
    struct hash128 hash; /* of its bytes */
    uint64_t spare;
};

struct store_header {
    uint64_t check;
    uint64_t magic;
    struct hash128 folder, file; /* for which build, options and host; for which file of the guest's */
    uint64_t spare[2];
};

TANDEM_BEGIN_DECLS
/* Of an entry's bytes and its place. */
struct hash128 store_entry_hash(const struct store_record *r, const uint8_t *data);
/* Fills in check. */
void store_seal_record(struct store_record *r);
bool store_record_is_good(const struct store_record *r);
struct store_header store_make_header(struct hash128 folder, struct hash128 file);
bool store_header_is_good(const struct store_header *h, struct hash128 folder, struct hash128 file);
TANDEM_END_DECLS

#endif
