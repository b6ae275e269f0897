/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of 128 bits: the names of what is stored, and the check of what is read. Chance does not make two inputs
 * alike, but somebody who wants to can: nothing here is a secret or a signature. Any thread. */
#ifndef TANDEM_BASE_HASH_H
#define TANDEM_BASE_HASH_H

#include "src/base/types.h"

struct hash128 {
    uint64_t lane[2];
};

enum { HASH128_TEXT = 33 }; /* hexadecimal digits and the end */

TANDEM_BEGIN_DECLS
/* Hash of size bytes at data, going on from seed: hashing pieces one after the other hashes their sizes, too. */
struct hash128 hash128_of(struct hash128 seed, const void *data, size_t size);
void hash128_text(struct hash128 h, char text[HASH128_TEXT]);
TANDEM_END_DECLS

static inline bool hash128_same(struct hash128 a, struct hash128 b)
{
    return a.lane[0] == b.lane[0] && a.lane[1] == b.lane[1];
}

#endif
